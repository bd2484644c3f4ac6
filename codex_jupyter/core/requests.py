"""What the runtime (or one of our kernel tools) asks of a person, and the possible answers.

Data only. The choices a request offers follow the captures of runtime 0.163; how a reply is spelled on the wire is
``runtime/replies.py``, who answers is ``policy.py`` and the session's broker.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from codex_jupyter.core.answerers import Answerer
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.document import Exact

#: ``once`` runs this; ``session`` also what is like it until the kernel ends; ``always`` writes a rule that every Codex
#: front end follows; ``decline`` refuses and goes on; ``stop`` refuses and ends the turn; ``submit`` carries values
#: (questions, forms); ``skip`` leaves questions unanswered.
Choice = Literal["once", "session", "always", "decline", "stop", "submit", "skip"]


@dataclass(frozen=True, slots=True)
class _Request:
    #: Ours, unique in the session; what a click names.
    id: str
    thread_id: str = ""
    turn_id: str = ""
    item_id: str = ""
    started_ms: int | None = None
    #: The agent's own reason, or ``""``.
    reason: str = ""
    #: Which child agent asks, or ``""``: the turn's own.
    agent: str = ""
    #: Why it cannot be shown whole, for whoever opens it and knows; it can only be declined then. ``""``: nothing is missing.
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class CommandRequest(_Request):
    """Run this command outside the sandbox (or with more rights: ``permissions`` is JSON text or ``""``).

    ``rule`` is the command prefix that ``always`` would write, or ``()`` when the runtime proposes none.
    """

    command: str = ""
    cwd: str = ""
    rule: tuple[str, ...] = ()
    permissions: str = ""
    network_host: str = ""


@dataclass(frozen=True, slots=True)
class FileChangeRequest(_Request):
    """Apply the patch of item ``item_id``; ``grant_root`` is a folder it wants for the session, or ``""``.

    The wire names no files: whoever opens the request fills ``paths`` from the item, absolute and with symbolic links
    resolved (the old and the new name of a move), of those ``elsewhere`` that a link leads to, and ``changes``. Without
    ``paths`` no rule can answer; without ``changes`` nobody can allow it. ``apart`` are files among them that no rule
    covers, each with the reason that only the file system knows; what their names tell is ``core/trusted_files.py``.
    """

    grant_root: str = ""
    paths: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    elsewhere: tuple[str, ...] = ()
    apart: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PermissionsRequest(_Request):
    """Give the turn or the session more rights. ``permissions`` is the asked set as JSON text."""

    cwd: str = ""
    permissions: str = ""
    network: bool = False
    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One question: ``options`` are (label, description); ``free_text`` allows another answer; ``secret`` masks it."""

    id: str
    header: str
    text: str
    options: tuple[tuple[str, str], ...] = ()
    free_text: bool = True
    secret: bool = False


@dataclass(frozen=True, slots=True)
class QuestionsRequest(_Request):
    """The model asks the user."""

    questions: tuple[Question, ...] = ()
    blocking: bool = True


@dataclass(frozen=True, slots=True)
class McpToolRequest(_Request):
    """May this MCP tool run? ``arguments`` is JSON text; ``persist`` lists ``session`` and ``always`` if offered.

    ``tool`` is the tool of the open call that this approves, as the runtime named it; only ``session/tool_calls.py`` sets
    it. Without one nothing tells what would run, and only decline is offered.
    """

    server: str = ""
    tool: str = ""
    message: str = ""
    description: str = ""
    arguments: str = ""
    persist: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormRequest(_Request):
    """An MCP server wants a form filled; ``schema`` is its JSON schema as text."""

    server: str = ""
    message: str = ""
    schema: str = ""


@dataclass(frozen=True, slots=True)
class UrlRequest(_Request):
    """An MCP server wants the user to open an address."""

    server: str = ""
    message: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class KernelRequest(_Request):
    """Run code in the live kernel, with the kernel's own rights, outside any sandbox, or change cells of the open notebook.
    Ours, not the runtime's.

    ``action`` says what: run code, inspect an object whose repr is foreign code, call an offered function, edit cells.
    ``function`` names that very function, so that another one of the same name is another; ``""`` where no rule may cover it.
    ``changes`` are those of the cells of ``notebook``; ``always`` says why a person is asked whatever was allowed before.
    """

    action: str = "run"
    code: str = ""
    tool: str = ""
    function: str = ""
    changes: tuple[Change, ...] = ()
    notebook: str = ""
    always: str = ""


@dataclass(frozen=True, slots=True)
class ToolCall(_Request):
    """A call of a tool this client offers; ``arguments`` is JSON text. Answered by the tool, not by a person."""

    call_id: str = ""
    namespace: str = ""
    tool: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class UnknownRequest(_Request):
    """A request this version does not know; it is refused with an error. ``params`` is JSON text."""

    method: str = ""
    params: str = ""


Request = (
    CommandRequest
    | FileChangeRequest
    | PermissionsRequest
    | QuestionsRequest
    | McpToolRequest
    | FormRequest
    | UrlRequest
    | KernelRequest
    | ToolCall
    | UnknownRequest
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided. ``values`` are (question or field id, answers); secret values never leave this object.

    ``content`` is the JSON text of a submitted form.
    """

    choice: Choice
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    content: str = ""

    def __repr__(self) -> str:  # values may be secret: never in a traceback or a log
        return f"Answer(choice={self.choice!r})"


#: What a request is about: a command, changes of files, more rights, questions, an MCP server's tool, form or page, the
#: kernel, a call of our tools, or what this version does not know.
RequestKind = Literal[
    "command", "files", "rights", "questions", "tool", "form", "page", "kernel", "call", "unknown"
]
KINDS: dict[type, RequestKind] = {
    CommandRequest: "command",
    FileChangeRequest: "files",
    PermissionsRequest: "rights",
    QuestionsRequest: "questions",
    McpToolRequest: "tool",
    FormRequest: "form",
    UrlRequest: "page",
    KernelRequest: "kernel",
    ToolCall: "call",
    UnknownRequest: "unknown",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an answer was taken.

    ``kind`` is ``accepted``; ``late``: somebody was first, ``by`` says who if it is known; or ``refused``: the request
    does not offer that, or a value does not fit, and it still waits. ``why`` says so in words.
    """

    kind: Literal["accepted", "late", "refused"]
    why: str = ""
    by: Answerer | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """The exact words of a request, whole: ``core/asked.py`` makes it, every front end and the record draw it.

    ``facts`` are labelled words: where, for whom, why. ``undrawn`` says why something cannot be shown, ``""``: all of it is
    here.
    """

    words: tuple[Exact, ...] = ()
    changes: tuple[Change, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    undrawn: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The record of an answered request, as it is kept in the saved transcript. ``decisions.py`` makes it.

    Args:
        request_id: of the request.
        choice: the answer; for how long it holds says ``kind``: rights that were given ``once`` hold for the turn.
        asked: what, in one line.
        by: who answered.
        at: when: local time in ISO 8601 with its offset from UTC (``2026-05-04T14:02:31+02:00``), or ``""``.
        item_id: of the item that it was asked for.
        note: what is to be said besides, such as how to allow it next time; or ``""``.
        kind: what the request was about; ``""`` where no request came (a refusal that was overruled).
        where: the folder, absolute, or ``""``.
        outside: the sandbox that it left (``workspace-write``; ``unavailable``: there was none), or ``""``.
        why: the agent's own reason, or ``""``.
        rule: what is allowed from then on, in words, or ``""``.
        answers: for questions and forms, each question with what was answered; secret answers are masked.
        after: the newest entry of the turn when the request was opened; set by the reducer.
        exact: what was asked, whole.
    """

    request_id: str
    choice: Choice
    asked: str
    by: Answerer
    at: str = ""
    item_id: str = ""
    note: str = ""
    kind: RequestKind | Literal[""] = ""
    where: str = ""
    outside: str = ""
    why: str = ""
    rule: str = ""
    answers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    after: str = ""
    exact: Asked | None = None
