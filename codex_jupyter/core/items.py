"""What a turn is made of: one frozen class for each thing the runtime can show.

The nineteen ``ThreadItem`` types of the app-server protocol (captured from runtime 0.163), ``UnknownItem`` for the
twentieth, and three entries that have no item of their own on the wire: ``RefusedCall`` (a call that the sandbox or the
policy stopped, seen only in raw events), ``HookRun`` and ``Notice``. Data only: how items change is ``reduce.py``, how
they read is ``blocks.py``. Everything that arrives as JSON stays JSON text here (``arguments``, ``raw``), so that items
are hashable and comparable.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from codex_jupyter.core.text import Output, Text

#: ``aborted`` is ours: the runtime never completed the item (interrupt, retry, steer, end of the turn).
Status = Literal["in_progress", "completed", "failed", "declined", "aborted"]
Phase = Literal["commentary", "partial_answer", "final_answer"]


@dataclass(frozen=True, slots=True)
class InputPart:
    """One part of a user message. ``kind``: text, image, local_image, audio, local_audio, skill, mention or unknown.

    ``text`` is the text, the name of a mention or skill, or ``""``; ``source`` its path or URL (``data:`` included). A local
    image that was read has its path in ``text`` and its ``data:`` URL in ``source``.
    """

    kind: str
    text: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """One part of a tool's result. ``kind``: text, image, audio or unknown (``value`` is then JSON).

    ``value`` is the text, or for images and audio a ``data:`` URL or another URL as it came.
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Action:
    """What the runtime takes a command to be. ``kind``: read, list, search or unknown."""

    kind: str
    command: str = ""
    name: str = ""
    path: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One file of a patch. ``kind``: add, delete or update; ``moved_to`` is a path or ``""``.

    ``diff`` is a unified diff for updates and the bare content for added and deleted files, as the runtime sends it.
    """

    path: str
    kind: str
    diff: str
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a plan checklist. ``status``: pending, in_progress or completed."""

    text: str
    status: str


@dataclass(frozen=True, slots=True)
class Agent:
    """What is known of one other agent: its thread, status and last message."""

    thread_id: str
    status: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class _Item:
    id: str
    status: Status = "in_progress"
    #: Milliseconds since the epoch as the runtime stamped them, or None.
    started_ms: int | None = None
    ended_ms: int | None = None


@dataclass(frozen=True, slots=True)
class UserMessage(_Item):
    """What was asked, or steered in. ``client_id`` links it to the cell that sent it."""

    parts: tuple[InputPart, ...] = ()
    client_id: str = ""


@dataclass(frozen=True, slots=True)
class AgentMessage(_Item):
    """What the model said. ``phase`` None means a provider that does not tell commentary from answer.

    ``questions`` are asynchronous questions: (title, options) pairs that need no reply to the runtime.
    """

    text: Text = field(default_factory=Text)
    phase: Phase | None = None
    questions: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Reasoning(_Item):
    """What the model thought: summary sections, and raw content where the provider shows it."""

    summary: tuple[Text, ...] = ()
    content: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan(_Item):
    """A proposed plan, in Markdown (plan mode)."""

    text: Text = field(default_factory=Text)


@dataclass(frozen=True, slots=True)
class Command(_Item):
    """A shell command. ``source``: agent, userShell, unifiedExecStartup or unifiedExecInteraction.

    ``stdin`` is what was typed into its terminal, in order. ``late`` is set when output came after the turn's end.
    ``kept`` is the name under which the full output is kept while the kernel lives, or ``""``; ``missing`` counts bytes
    of it that never arrived.
    """

    command: str = ""
    cwd: str = ""
    actions: tuple[Action, ...] = ()
    output: Output = field(default_factory=Output)
    exit_code: int | None = None
    duration_ms: int | None = None
    process_id: str = ""
    source: str = "agent"
    stdin: tuple[str, ...] = ()
    late: bool = False
    kept: str = ""
    missing: int = 0


@dataclass(frozen=True, slots=True)
class FileChange(_Item):
    """A patch: what happens to which files."""

    changes: tuple[Change, ...] = ()
    output: Output = field(default_factory=Output)


@dataclass(frozen=True, slots=True)
class McpToolCall(_Item):
    """A call of an MCP server's tool. ``arguments`` is JSON text."""

    server: str = ""
    tool: str = ""
    arguments: str = ""
    result: tuple[Content, ...] = ()
    error: str = ""
    progress: tuple[str, ...] = ()
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class DynamicToolCall(_Item):
    """A call of a tool that this client offers. ``arguments`` is JSON text."""

    namespace: str = ""
    tool: str = ""
    arguments: str = ""
    result: tuple[Content, ...] = ()
    success: bool | None = None
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class CollabAgentCall(_Item):
    """One agent speaking to others. ``tool``: spawnAgent, sendInput, wait, closeAgent, ..."""

    tool: str = ""
    prompt: str = ""
    model: str = ""
    agents: tuple[Agent, ...] = ()


@dataclass(frozen=True, slots=True)
class SubAgentActivity(_Item):
    """Another agent started, was spoken to, was interrupted or completed (``kind``)."""

    kind: str = ""
    agent_thread_id: str = ""
    agent_path: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class WebSearch(_Item):
    """A search, an opened page or a find in a page (``action``: search, open, find or other)."""

    action: str = "other"
    query: str = ""
    queries: tuple[str, ...] = ()
    url: str = ""
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class ImageView(_Item):
    """An image file that the model looked at. ``data`` is a ``data:`` URL once it was read, else ``""``."""

    path: str = ""
    data: str = ""


@dataclass(frozen=True, slots=True)
class ImageGeneration(_Item):
    """A generated image. ``data`` is a ``data:`` URL or ``""``."""

    prompt: str = ""
    data: str = ""
    saved_path: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Sleep(_Item):
    """The model waits, for so many milliseconds."""

    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class ReviewEntered(_Item):
    """A review began; ``review`` says of what."""

    review: str = ""


@dataclass(frozen=True, slots=True)
class ReviewExited(_Item):
    """A review ended; ``review`` holds its findings as text."""

    review: str = ""


@dataclass(frozen=True, slots=True)
class Compaction(_Item):
    """The conversation so far was summarised to make room."""


@dataclass(frozen=True, slots=True)
class HookPrompt(_Item):
    """Text that a hook put before the model."""

    fragments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionOutput(_Item):
    """A tool result that the client put before the model."""

    namespace: str = ""
    name: str = ""
    output: str = ""


@dataclass(frozen=True, slots=True)
class UnknownItem(_Item):
    """An item type that this version does not know. ``raw`` is its JSON text."""

    type: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class RefusedCall(_Item):
    """A call with no item of its own, known from raw events: the sandbox or the policy stopped it.

    ``arguments`` is JSON or source text; ``output`` is what the model was told. ``ran`` are commands of the same
    script that were not refused.
    """

    tool: str = ""
    arguments: str = ""
    output: str = ""
    ran: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HookRun(_Item):
    """A hook of the user's configuration ran. ``event`` such as preToolUse; ``entries`` are (kind, text)."""

    event: str = ""
    source: str = ""
    message: str = ""
    entries: tuple[tuple[str, str], ...] = ()
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Notice(_Item):
    """Something worth saying. ``level``: info, warning, retry or error; ``hint`` is the next step or ``""``.

    ``code`` names the cause where the runtime does (``usageLimitExceeded``, ``modelRerouted``, ...).
    """

    level: str = "info"
    message: str = ""
    detail: str = ""
    hint: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Review(_Item):
    """An automatic reviewer's verdict on one action. ``verdict``: in_progress, approved, denied, aborted, timed_out.

    ``action`` is a line that says what was judged, ``action_json`` the action as it came; ``retried`` is set when the
    user overruled a denial.
    """

    target_id: str = ""
    verdict: str = "in_progress"
    action: str = ""
    action_json: str = ""
    risk: str = ""
    authorization: str = ""
    rationale: str = ""
    source: str = ""
    retried: bool = False


Item = (
    UserMessage
    | AgentMessage
    | Reasoning
    | Plan
    | Command
    | FileChange
    | McpToolCall
    | DynamicToolCall
    | CollabAgentCall
    | SubAgentActivity
    | WebSearch
    | ImageView
    | ImageGeneration
    | Sleep
    | ReviewEntered
    | ReviewExited
    | Compaction
    | HookPrompt
    | FunctionOutput
    | UnknownItem
    | RefusedCall
    | HookRun
    | Notice
    | Review
)
