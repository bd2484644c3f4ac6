"""What happens to a turn, in the past tense. Data only; the one function that applies them is ``reduce.reduce``.

Every event names the thread and the turn it belongs to (``turn_id`` may be ``""`` for events of the thread). Times are
milliseconds since the epoch, given by whoever has a clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from codex_jupyter.core.items import Change, HookRun, Item, Notice, Review, Step
from codex_jupyter.core.requests import Decision, Request


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens: of the last model call and of the whole thread; ``window`` is the model's context, or None."""

    input: int = 0
    cached: int = 0
    output: int = 0
    reasoning: int = 0
    total: int = 0
    thread_total: int = 0
    thread_input: int = 0
    thread_cached: int = 0
    thread_output: int = 0
    thread_reasoning: int = 0
    window: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """One rate-limit window: how much is used (percent), how long it is (minutes), when it resets (epoch seconds)."""

    used_percent: float
    minutes: int | None = None
    resets_at: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Rate limits; absent parts are None (the runtime sends partial snapshots: merge, do not replace)."""

    primary: Window | None = None
    secondary: Window | None = None
    plan: str = ""
    credits: str = ""
    reached: str = ""


@dataclass(frozen=True, slots=True)
class _Event:
    thread_id: str
    turn_id: str


@dataclass(frozen=True, slots=True)
class TurnStarted(_Event):
    """The runtime took the turn up."""

    at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class TurnCompleted(_Event):
    """``status``: completed, interrupted or failed (anything else is kept as failed).

    ``hint`` is the next step where whoever made the event knows it; else the reducer looks it up by ``code``.
    """

    status: str = "completed"
    message: str = ""
    code: str = ""
    detail: str = ""
    hint: str = ""
    duration_ms: int | None = None
    at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ItemStarted(_Event):
    """An item appeared; it may grow and may never complete."""

    item: Item = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class ItemCompleted(_Event):
    """An item's final form, also without any start.

    ``printed`` is what a command printed as its result has it, where it is so long that ``item`` keeps it only in part.
    """

    item: Item = field(kw_only=True)
    printed: str = field(default="", kw_only=True, repr=False)


@dataclass(frozen=True, slots=True)
class MessageAppended(_Event):
    """The model said more."""

    item_id: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class PlanAppended(_Event):
    """A proposed plan grew."""

    item_id: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class ReasoningAppended(_Event):
    """Text for summary section ``index``, or for raw content when ``raw``. Empty text opens the section."""

    item_id: str = ""
    index: int = 0
    text: str = ""
    raw: bool = False


@dataclass(frozen=True, slots=True)
class OutputAppended(_Event):
    """A command (or a patch) printed something. May come after the turn's end."""

    item_id: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class OutputKept(_Event):
    """The full output of a command is kept under ``name``; ``missing`` bytes of it never arrived."""

    item_id: str = ""
    name: str = ""
    missing: int = 0


@dataclass(frozen=True, slots=True)
class InputTyped(_Event):
    """The agent typed into a command's terminal."""

    item_id: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class PatchUpdated(_Event):
    """A patch's changes so far, as the model writes it (each one whole)."""

    item_id: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolProgressed(_Event):
    """A line about how far an MCP call is."""

    item_id: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class PlanUpdated(_Event):
    """The plan checklist, whole."""

    explanation: str = ""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class DiffUpdated(_Event):
    """The unified diff of everything the turn changed so far."""

    diff: str = ""


@dataclass(frozen=True, slots=True)
class UsageUpdated(_Event):
    """Tokens used so far."""

    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class LimitsUpdated(_Event):
    """A partial snapshot of the rate limits."""

    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class ErrorReported(_Event):
    """The runtime met an error; with ``will_retry`` it tries again and the open items are abandoned."""

    message: str = ""
    detail: str = ""
    code: str = ""
    will_retry: bool = False


@dataclass(frozen=True, slots=True)
class NoticeRaised(_Event):
    """Something worth saying: a warning, a reroute, a server that failed to start."""

    notice: Notice = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class HookReported(_Event):
    """A hook started or completed (by the run's status)."""

    run: HookRun = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class ReviewReported(_Event):
    """The automatic reviewer started or gave its verdict."""

    review: Review = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class RawCallSeen(_Event):
    """A tool call in the model's raw output. It becomes a ``RefusedCall`` if no item ever appears for it."""

    call_id: str = ""
    tool: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class RawOutputSeen(_Event):
    """The output that the model was given for a raw call."""

    call_id: str = ""
    output: str = ""


@dataclass(frozen=True, slots=True)
class AgentProgressed(_Event):
    """Something happened on the thread of a child agent: a line worth showing under it."""

    agent_thread_id: str = ""
    status: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class ImageLoaded(_Event):
    """A picture file of an item was read: a ``data:`` URL (PNG, JPEG, GIF or WebP only).

    ``path`` tells the parts of a user's message apart; an item of one picture needs none.
    """

    item_id: str = ""
    data: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class RequestOpened(_Event):
    """A request waits for an answer."""

    request: Request = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class RequestAnswered(_Event):
    """A request was answered; this is the record."""

    decision: Decision = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class RequestWithdrawn(_Event):
    """The runtime no longer waits for this request; ``reason`` says why, for the record."""

    request_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StopRequested(_Event):
    """A person, the time limit or the program asked the turn to end. ``by``: you, time limit, program."""

    by: str = "you"


@dataclass(frozen=True, slots=True)
class LeftoversEnded(_Event):
    """After an interrupt: how many commands were ended, and how many could not be."""

    ended: int = 0
    running: int = 0


@dataclass(frozen=True, slots=True)
class DataSent(_Event):
    """Something of the user's data went to the model: ``df (5 rows)``, ``cell 7's output``."""

    what: str = ""


@dataclass(frozen=True, slots=True)
class RuntimeLost(_Event):
    """The runtime's process ended under the turn."""

    message: str = ""


@dataclass(frozen=True, slots=True)
class Ignored(_Event):
    """A notification that changes nothing a reader sees; ``method`` is kept for tests and diagnosis."""

    method: str = ""


Event = (
    TurnStarted
    | TurnCompleted
    | ItemStarted
    | ItemCompleted
    | MessageAppended
    | PlanAppended
    | ReasoningAppended
    | OutputAppended
    | OutputKept
    | InputTyped
    | PatchUpdated
    | ToolProgressed
    | PlanUpdated
    | DiffUpdated
    | UsageUpdated
    | LimitsUpdated
    | ErrorReported
    | NoticeRaised
    | HookReported
    | ReviewReported
    | RawCallSeen
    | RawOutputSeen
    | AgentProgressed
    | ImageLoaded
    | RequestOpened
    | RequestAnswered
    | RequestWithdrawn
    | StopRequested
    | LeftoversEnded
    | DataSent
    | RuntimeLost
    | Ignored
)
