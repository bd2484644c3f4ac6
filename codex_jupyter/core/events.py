"""What happens to a turn, in the past tense. Data only; the one function that applies them is ``reduce.reduce``.

Every event names the thread and the turn it belongs to (``turn_id`` may be ``""`` for events of the thread). Times are
milliseconds since the epoch, given by whoever has a clock. Events about one kind of item alone are defined in the module
of that kind and named here too.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from codex_jupyter.core.checklist import Step
from codex_jupyter.core.deltas import ImageLoaded, OutputAppended, Replaces, TurnEvent
from codex_jupyter.core.item import Item
from codex_jupyter.core.items.agent_message import MessageAppended
from codex_jupyter.core.items.command import InputTyped, OutputKept
from codex_jupyter.core.items.dynamic_tool_call import CellsChanged, CodeRan
from codex_jupyter.core.items.file_change import PatchUpdated
from codex_jupyter.core.items.hook_run import HookReported
from codex_jupyter.core.items.mcp_tool_call import ToolProgressed
from codex_jupyter.core.items.notice import Notice
from codex_jupyter.core.items.plan import PlanAppended
from codex_jupyter.core.items.reasoning import ReasoningAppended
from codex_jupyter.core.items.review import ReviewReported
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
class TurnStarted(TurnEvent):
    """The runtime took the turn up."""

    at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class TurnCompleted(TurnEvent):
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
class ItemStarted(TurnEvent):
    """An item appeared; it may grow and may never complete."""

    item: Item = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class ItemCompleted(TurnEvent):
    """An item's final form, also without any start.

    ``printed`` is what a command printed as its result has it, where it is so long that ``item`` keeps it only in part;
    ``size`` is how many bytes the runtime sent for that, before anything was hidden.
    """

    item: Item = field(kw_only=True)
    printed: str = field(default="", kw_only=True, repr=False)
    size: int = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class PlanUpdated(TurnEvent):
    """The plan checklist, whole."""

    explanation: str = ""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class DiffUpdated(TurnEvent, Replaces):
    """The unified diff of everything the turn changed so far."""

    diff: str = ""


@dataclass(frozen=True, slots=True)
class UsageUpdated(TurnEvent):
    """Tokens used so far."""

    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class LimitsUpdated(TurnEvent):
    """A partial snapshot of the rate limits."""

    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class ErrorReported(TurnEvent):
    """The runtime met an error; with ``will_retry`` it tries again and the open items are abandoned."""

    message: str = ""
    detail: str = ""
    code: str = ""
    will_retry: bool = False


@dataclass(frozen=True, slots=True)
class WaitedFor(TurnEvent):
    """The turn has waited for a while: ``what`` for, as the end of *waiting for ...*; ``""`` when it waits no more. Ours.

    Where it waits for another turn, ``prompt`` is that one's, whole: what is cut is cut after it was cleaned. ``then`` is what
    is said after it.
    """

    what: str = ""
    prompt: str = ""
    then: str = ""


@dataclass(frozen=True, slots=True)
class WaitGivenUp(TurnEvent):
    """Nobody watches the turn, and it waited long enough: why, and the next step. Ours."""

    message: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class NetworkLookedAt(TurnEvent):
    """Why the provider cannot be reached, while the runtime tries again and again. Ours.

    ``cause`` is a name of ``core.causes``; ``detail`` says which host, and why. With ``given_up`` nobody waits any longer,
    for ``waited`` seconds were enough.
    """

    cause: str = ""
    detail: str = ""
    given_up: bool = False
    waited: float = 0.0


@dataclass(frozen=True, slots=True)
class NoticeRaised(TurnEvent):
    """Something worth saying: a warning, a reroute, a server that failed to start."""

    notice: Notice = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class RawCallSeen(TurnEvent):
    """A tool call in the model's raw output. It becomes a ``RefusedCall`` if no item ever appears for it."""

    call_id: str = ""
    tool: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class RawOutputSeen(TurnEvent):
    """The output that the model was given for a raw call."""

    call_id: str = ""
    output: str = ""


@dataclass(frozen=True, slots=True)
class AgentProgressed(TurnEvent):
    """Something happened on the thread of a child agent: a line worth showing under it."""

    agent_thread_id: str = ""
    status: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class RequestOpened(TurnEvent):
    """A request waits for an answer."""

    request: Request = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class RequestAnswered(TurnEvent):
    """A request was answered; this is the record."""

    decision: Decision = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class RequestWithdrawn(TurnEvent):
    """The runtime no longer waits for this request; ``reason`` says why, for the record."""

    request_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StopRequested(TurnEvent):
    """A person, the time limit or the program asked the turn to end. ``by``: you, time limit, program."""

    by: str = "you"


@dataclass(frozen=True, slots=True)
class LeftoversEnded(TurnEvent):
    """After an interrupt: how many commands were ended, how many could not be, and whether more cannot be there."""

    ended: int = 0
    running: int = 0
    sure: bool = True


@dataclass(frozen=True, slots=True)
class DataSent(TurnEvent):
    """Something of the user's data went to the model: ``df (5 rows)``, ``cell 7's output``."""

    what: str = ""


@dataclass(frozen=True, slots=True)
class RuntimeLost(TurnEvent):
    """The runtime's process ended under the turn."""

    message: str = ""


@dataclass(frozen=True, slots=True)
class Ignored(TurnEvent):
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
    | CellsChanged
    | CodeRan
    | RequestOpened
    | RequestAnswered
    | RequestWithdrawn
    | StopRequested
    | LeftoversEnded
    | DataSent
    | RuntimeLost
    | Ignored
    | TurnEvent  # what a kind of item defines for itself and is not named above
)
