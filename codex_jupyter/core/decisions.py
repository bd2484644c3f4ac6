"""Makes the record of an answered request: what, where, outside of what, why, what was answered, by whom and when.

What the request says comes in without secrets (``Gate.clean``), and what was answered is cleaned with the event that carries
the record; a value that the asker called secret, or whose name says that it is one, is not even given to that event.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from codex_jupyter.core import requests as rq
from codex_jupyter.core.answerers import Answerer
from codex_jupyter.core.asked import asked
from codex_jupyter.core.cards import describe
from codex_jupyter.core.forms import chosen_changes, form_fields
from codex_jupyter.core.requests import Answer, Decision, Request
from codex_jupyter.core.secrets.names import secret_name
from codex_jupyter.core.turn import Turn

#: Stands for an answer that is secret.
MASKED = "(not saved)"
#: Most answers that a record keeps, and most characters of one.
MOST_ANSWERS, MOST_CHARACTERS = 50, 2_000


def decided(
    request: Request, turn: Turn, answer: Answer, by: Answerer, at: str, rule: str = ""
) -> Decision:
    """The record.

    Args:
        request: without secrets.
        turn: as it was when it asked.
        answer: as it came.
        by: who answered.
        at: when: local time in ISO 8601, with its offset from UTC.
        rule: what is allowed from now on, in words, where the answer made a rule.

    Example:
        >>> wanted = rq.CommandRequest("r", command="make", cwd="/w", reason="to build")
        >>> made = decided(wanted, Turn(), Answer("once"), Answerer("person"), "2026-05-04T14:02:31+02:00")
        >>> made.where, made.why
        ('/w', 'to build')
    """
    return Decision(
        request_id=request.id,
        choice=answer.choice,
        asked=describe(request, turn),
        by=by,
        at=at,
        item_id=request.item_id,
        note=_advice(request) if by.kind == "policy" and _refused(answer) else "",
        kind=rq.KINDS[type(request)],
        where=getattr(request, "cwd", ""),
        outside=turn.settings.sandbox if _leaves_the_sandbox(request) else "",
        why=request.reason,
        rule=rule,
        answers=answers(request, answer),
        exact=asked(request, turn.settings),
    )


def answers(request: Request, answer: Answer) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What was answered to questions or filled into a form: the question's text and the answers, secret ones masked.

    Example:
        >>> put = rq.QuestionsRequest("r", questions=(rq.Question("q", "Colour", "Which colour?"),))
        >>> answers(put, Answer("submit", (("q", ("red",)),)))
        (('Which colour?', ('red',)),)
    """
    if answer.choice != "submit":
        return ()
    found: list[tuple[str, tuple[str, ...]]] = []
    if isinstance(request, rq.QuestionsRequest):
        given = dict(answer.values)
        for question in request.questions:
            label = question.text or question.header or question.id
            offered = frozenset(name for name, _ in question.options)
            telling = secret_name(question.id) or secret_name(label)
            found.append(
                (label, _kept(given.get(question.id, ()), question.secret, telling, offered))
            )
    elif isinstance(request, rq.KernelRequest):
        chosen = chosen_changes(answer.values, len(request.changes)) or ()
        found.append(("accepted", tuple(request.changes[one].path for one in chosen)))
    elif isinstance(request, rq.FormRequest):
        fields = {field.id: field for field in form_fields(request.schema)}
        for name, value in _content(answer).items():
            field = fields.get(name)
            label = field.label if field else name
            offered = frozenset(one for one, _, _ in field.options) if field else frozenset[str]()
            telling = secret_name(name) or secret_name(label)
            secret = field is not None and field.type == "secret"
            found.append((label, _kept(_texts(value), secret, telling, offered)))
    return tuple(each for each in found if each[1])[:MOST_ANSWERS]


def _kept(
    values: Sequence[str], secret: bool, telling: bool, offered: frozenset[str]
) -> tuple[str, ...]:
    """The answers to one question without what is secret: all of them, or what was typed where its name tells."""
    return tuple(
        MASKED if secret or (telling and value not in offered) else _bounded(value)
        for value in values
        if value
    )


def _content(answer: Answer) -> dict[str, object]:
    try:
        content = json.loads(answer.content) if answer.content else {}
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _texts(value: object) -> tuple[str, ...]:
    many = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(
        one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in many
    )


def _bounded(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]} …"


def _refused(answer: Answer) -> bool:
    return answer.choice in ("decline", "stop", "skip")


def _leaves_the_sandbox(request: Request) -> bool:
    match request:
        case rq.CommandRequest(permissions=permissions, network_host=host):
            return not permissions and not host
        case rq.KernelRequest(action="edit"):
            return False
        case rq.FileChangeRequest() | rq.KernelRequest() | rq.McpToolRequest():
            return True
    return False


def _advice(request: Request) -> str:
    """How to allow such a thing where nobody is asked."""
    match request:
        case rq.CommandRequest() | rq.FileChangeRequest() | rq.PermissionsRequest():
            how = (
                "a sandbox that lets it (`-s workspace-write` or `-s full-access`, with `-a never`)"
            )
        case rq.KernelRequest(always=always) if always:
            return "Open this in JupyterLab and answer there."
        case rq.KernelRequest(action="edit"):
            how = "`-k edit`"
        case rq.KernelRequest():
            how = "`-k run`"
        case rq.McpToolRequest(server=server):
            how = f'`-c mcp_servers.{server}.default_tools_approval_mode="approve"`'
        case rq.QuestionsRequest():
            return "Say in the prompt what you want, or open this in JupyterLab and answer there."
        case rq.FormRequest() | rq.UrlRequest():
            return "Open this in JupyterLab and answer there."
        case _:
            return ""
    return f"To allow it without being asked: {how}. To be asked: open this in JupyterLab, without `-a never`."
