"""Open requests as cards: what is asked, where, why, and what each answer does and for how long.

What exactly is asked, and which choices there are, is ``asked.py``. Every choice was seen to work on runtime 0.163; one that
a request does not allow is not offered. Who answers is ``policy.py`` and the session's broker; how a card looks is the
renderers' affair. The words around what is asked (title, labels, explanations) are spelled out here.
"""

from __future__ import annotations

import shlex
from dataclasses import replace

from codex_jupyter.core import requests as rq
from codex_jupyter.core.asked import asked, bodies, choices
from codex_jupyter.core.document import Card, Field, Option
from codex_jupyter.core.forms import change_fields, form_fields, question_fields
from codex_jupyter.core.policy import asked_each_time, describe_rule, rule_for
from codex_jupyter.core.requests import Choice, Request
from codex_jupyter.core.spelled import on_one_line, spelled
from codex_jupyter.core.titles import asked as in_one_line
from codex_jupyter.core.titles import count, short_path
from codex_jupyter.core.turn import Turn

NOTHING_RUNS = "Nothing runs until you answer"

__all__ = ["NOTHING_RUNS", "card", "choices", "describe"]


def describe(request: Request, turn: Turn | None = None) -> str:
    """The request in one line, for the record of its answer and for lists.

    Example:
        >>> describe(rq.CommandRequest("r", command="/bin/bash -lc 'pip install pyarrow'"))
        'pip install pyarrow'
    """
    settings = (turn or Turn()).settings
    return in_one_line(request, settings.cwd, settings.home)


def card(request: Request, turn: Turn | None = None) -> Card:
    """The card of an open request.

    Args:
        request: any request; one that this version does not know can only be declined.
        turn: gives the folders that paths are shortened by, and its sandbox.

    Example:
        >>> card(rq.CommandRequest("r", command="ls")).title
        'Codex asks: run OUTSIDE the sandbox'
    """
    turn = turn or Turn()
    title, emphasis = _title(request, turn)
    exact = asked(request, turn.settings)
    offered = choices(request, turn.settings.cwd)
    return Card(
        request_id=request.id,
        title=on_one_line(f"Codex asks: {title}"),
        emphasis=on_one_line(emphasis),
        facts=exact.facts,
        body=bodies(exact),
        fields=_fields(request) if not exact.undrawn else (),
        options=tuple(_option(choice, request, turn, offered) for choice in offered),
        footnote=_footnote(request),
        undrawn=exact.undrawn,
    )


def _title(request: Request, turn: Turn) -> tuple[str, str]:
    """The card's title after ``Codex asks:`` and the words in it that stand out."""
    sandbox = turn.settings.sandbox
    match request:
        case rq.CommandRequest(network_host=host) if host:
            return f"reach {host}", host
        case rq.CommandRequest(permissions=permissions) if permissions:
            return "run with MORE PERMISSIONS", "MORE PERMISSIONS"
        case rq.CommandRequest() if sandbox == "unavailable":
            return "run WITHOUT a sandbox (there is none here)", "WITHOUT a sandbox"
        case rq.CommandRequest():
            return "run OUTSIDE the sandbox", "OUTSIDE the sandbox"
        case rq.FileChangeRequest():
            return "change files", ""
        case rq.PermissionsRequest():
            return "get MORE PERMISSIONS", "MORE PERMISSIONS"
        case rq.QuestionsRequest(questions=questions):
            return ("a question" if len(questions) == 1 else f"{len(questions)} questions"), ""
        case rq.McpToolRequest(server=server):
            return f"use the tool {server}/{request.tool or '?'}", ""
        case rq.FormRequest(server=server):
            return f"{server or 'an MCP server'} asks for information", ""
        case rq.UrlRequest(server=server):
            return f"{server or 'an MCP server'} wants you to open a page", ""
        case rq.KernelRequest(action="edit", changes=changes):
            return f"change {count(len(changes), 'cell')} of YOUR NOTEBOOK", "YOUR NOTEBOOK"
        case rq.KernelRequest(action=action):
            what = {"run": "run", "inspect": "look at an object"}.get(action, action)
            words = "in YOUR KERNEL, with your rights, outside the sandbox"
            return f"{what} {words}", "YOUR KERNEL"
    return "something this version does not recognise", ""


def _fields(request: Request) -> tuple[Field, ...]:
    match request:
        case rq.QuestionsRequest(questions=questions):
            return tuple(map(_spelled, question_fields(questions)))
        case rq.FormRequest(schema=schema):
            return tuple(map(_spelled, form_fields(schema)))
        case rq.KernelRequest(action="edit", changes=changes):
            return change_fields(changes)
    return ()


def _footnote(request: Request) -> str:
    match request:
        case rq.QuestionsRequest(blocking=blocking):
            return "Codex waits for your answer" if blocking else "Codex continues meanwhile"
        case rq.FormRequest() | rq.UrlRequest():
            return "The server waits for your answer"
        case rq.FileChangeRequest():
            return "Nothing is written until you answer"
        case rq.KernelRequest(action="edit"):
            return "Nothing is changed until you answer"
        case rq.PermissionsRequest():
            return "Nothing is granted until you answer"
    return NOTHING_RUNS


#: How long a rule of the session holds.
_UNTIL = "until the kernel ends or you remove it with %codex /permissions"

_KEYS = {"once": "a", "session": "s", "decline": "d", "stop": "x", "always": "w"}


def _option(choice: Choice, request: Request, turn: Turn, offered: tuple[Choice, ...]) -> Option:
    label, explains = _LABELS[choice]
    confirm = ""
    key = _KEYS.get(choice, "")
    cwd, home = turn.settings.cwd, turn.settings.home
    match (choice, request):
        case ("session", rq.FileChangeRequest()):
            rule = rule_for(request, cwd)
            explains = f"Also later edits of the same files, {_UNTIL}."
            if rule is not None and rule.kind == "edit":
                label = "Allow edits in this folder"
                folder = short_path(rule.what, "", home)
                explains = f"Every edit under {folder}, in this notebook, except files that other programs run or trust, {_UNTIL}."
        case ("once", rq.FileChangeRequest()) if asked_each_time(request, cwd):
            apart = asked_each_time(request, cwd)
            path, why = apart[0]
            more = f" ({len(apart) - 1} more files as well)" if len(apart) > 1 else ""
            explains = f"This time only. {short_path(path, cwd, home)} is asked about each time: {why}{more}."
        case ("once", rq.PermissionsRequest()):
            label, explains = "Allow for this turn", "Ends with this turn."
        case ("session", rq.PermissionsRequest()):
            explains = f"Codex gets the same permissions whenever it asks, {_UNTIL}."
        case ("decline", rq.PermissionsRequest()):
            explains = "Grants nothing; Codex continues."
        case ("once", rq.KernelRequest(action="edit")):
            label, explains = (
                "Accept all",
                "All of these changes; the notebook's undo takes them back in one step.",
            )
        case ("submit", rq.KernelRequest()):
            label, explains, key = "Accept the ticked", "Only these; the others are declined.", "t"
        case ("session", rq.CommandRequest()):
            explains = f"This exact command in this folder, without asking, {_UNTIL}."
        case ("session", rq.KernelRequest()):
            label = "Allow in this notebook"
            rule = rule_for(request)
            explains = (
                f"Codex may {describe_rule(rule) if rule else 'do this'}, without asking, {_UNTIL}."
            )
        case ("session", rq.McpToolRequest(server=server, tool=tool)):
            explains = f"The tool {server}/{tool}, with any arguments, without asking, {_UNTIL}."
        case ("always", rq.CommandRequest(rule=rule)):
            prefix = shlex.join(rule)
            explains = f"Writes a rule that the Codex CLI follows too: commands that begin with `{prefix}` run without asking."
            confirm = (
                f"From now on every Codex front end runs commands that begin with `{prefix}` "
                "outside the sandbox, without asking. The rule is written to rules/default.rules in the Codex home folder."
            )
        case ("always", rq.McpToolRequest(server=server)):
            explains = "Every Codex front end will use this tool without asking."
            confirm = f"From now on every Codex front end uses {server}/{request.tool or '?'} without asking."
        case ("submit", rq.QuestionsRequest() | rq.FormRequest()):
            label, explains = "Send", ""
        case ("once", rq.UrlRequest()):
            label, explains = "I have opened it", "Tells the server that you opened it."
            key = ""
        case ("skip", rq.QuestionsRequest()):
            label, explains = "Skip", "Codex is told that you did not answer."
        case ("decline", rq.FormRequest() | rq.UrlRequest()):
            explains = "The server is told no."
        case _:
            pass
    return Option(
        choice,
        label,
        on_one_line(explains),
        key,
        primary=choice == ("submit" if "once" not in offered else "once"),
        confirm=on_one_line(confirm),
    )


def _spelled(field: Field) -> Field:
    """The field with its words spelled out; what would be sent under another name, or unseen, is said."""
    described = [spelled(field.description, "prose")] if field.description else []
    default = field.default
    if field.type in ("text", "secret") and spelled(default) != default:
        described.append(f"The server suggests: {on_one_line(default)}")
        default = ""  # a box would show it without its marks
    options = tuple(
        (
            value,
            spelled(label, "prose"),
            ". ".join(
                filter(
                    None,
                    (
                        spelled(about, "prose"),
                        "" if value == label else f"Sends {on_one_line(value)}",
                    ),
                )
            ),
        )
        for value, label, about in field.options
    )
    return replace(
        field,
        label=spelled(field.label, "prose"),
        description="\n".join(described),
        options=options,
        default=default,
    )


_LABELS: dict[Choice, tuple[str, str]] = {
    "once": ("Allow once", "This time only."),
    "session": ("This session", ""),
    "always": ("Always", ""),
    "decline": ("Decline", "Codex is told no and continues."),
    "stop": ("Decline and stop", "Codex is told no and the turn ends."),
    "submit": ("Send", ""),
    "skip": ("Skip", ""),
}
