"""What ``Runtime`` hands to its owner, in the order in which the runtime sent it. Data only; what it says is ``Raw``."""

from __future__ import annotations

from dataclasses import dataclass, field

from codex_jupyter.core.events import Event
from codex_jupyter.core.raw import Raw
from codex_jupyter.core.requests import Request
from codex_jupyter.core.rights import Echo

#: JSON-RPC ids of server requests are numbers today; strings are allowed by the protocol.
RpcId = int | str


@dataclass(frozen=True, slots=True)
class RequestArrived:
    """The runtime asks; it waits until ``Runtime.reply`` or ``Runtime.refuse`` is called with ``rpc_id``."""

    rpc_id: RpcId
    request: Raw[Request]


@dataclass(frozen=True, slots=True)
class RequestResolved:
    """The runtime no longer waits for a request: our reply came, or the turn was interrupted or ended.

    ``request_id`` is our id of it. Comes before the ``TurnCompleted`` of its turn. An ``item/tool/call`` has none
    (tested); when the runtime ends, ``RuntimeEnded`` alone says it for all.
    """

    request_id: str


@dataclass(frozen=True, slots=True)
class ThreadChanged:
    """Something happened to a thread as a whole.

    ``what``: started, active, waiting_on_approval, waiting_on_user_input, idle, system_error, not_loaded, closed, name,
    archived, unarchived, deleted, reverted, settings, queue, goal or goal_cleared. ``value`` is the new name for
    ``name``, otherwise JSON text of what came along, or ``""``. ``parent_id`` is set for ``started`` when the thread
    names a parent; child agents are told by the items of their parent instead (tested). ``echo`` is set for
    ``settings``: what the turns to come may do, as the runtime has it.
    """

    thread_id: str
    what: str
    value: str = ""
    parent_id: str = ""
    echo: Echo | None = None


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """Signed in, signed out or another way of it. ``auth_mode`` is ``""`` without an account."""

    auth_mode: str = ""
    plan: str = ""


@dataclass(frozen=True, slots=True)
class LoginCompleted:
    """A sign-in attempt ended. ``login_id`` is ``""`` for an API key; ``error`` is the runtime's text or ``""``."""

    login_id: str
    success: bool
    error: str = field(default="", repr=False)  # may quote an address with a code in it


@dataclass(frozen=True, slots=True)
class McpServerChanged:
    """An MCP server of the configuration changed. ``status``: starting, ready, failed, cancelled or signed_in."""

    name: str
    status: str
    thread_id: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class RuntimeEnded:
    """The runtime's process is gone; nothing comes after this. ``expected`` is True after our own ``close``."""

    message: str
    expected: bool = False


Arrival = (
    Raw[Event]
    | RequestArrived
    | RequestResolved
    | ThreadChanged
    | AccountChanged
    | LoginCompleted
    | McpServerChanged
    | RuntimeEnded
)
