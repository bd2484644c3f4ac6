"""The state of one turn: what everybody else reads, immutable and swapped whole. ``reduce.py`` alone makes new ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from codex_jupyter.core.agents import Agent
from codex_jupyter.core.checklist import Step
from codex_jupyter.core.events import Limits, Usage
from codex_jupyter.core.item import Item
from codex_jupyter.core.requests import Asked, Decision, Request
from codex_jupyter.core.rights import Rights

State = Literal["starting", "running", "stopping", "completed", "failed", "interrupted"]


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """What a turn runs with, as its header shows it.

    ``rights`` is the very object that was sent, None before anything was. ``offline`` is the label of the offline model,
    ``""`` with a real one. ``notes`` are short remarks for the header. Empty strings mean: not known yet.
    """

    model: str = ""
    effort: str = ""
    rights: Rights | None = None
    thread_name: str = ""
    offline: str = ""
    #: The user's home folder, shown as ``~``; ``""`` shortens nothing.
    home: str = ""
    notes: tuple[str, ...] = ()
    #: The version and the path of the user's own runtime; ``""`` for the one that came with the SDK.
    codex: str = ""
    codex_path: str = ""

    @property
    def cwd(self) -> str:
        """The turn's folder, absolute; ``""`` while it is not known."""
        return self.rights.folder if self.rights else ""

    @property
    def sandbox(self) -> str:
        """The kind of the turn's sandbox; ``""`` while it is not known."""
        return self.rights.sandbox.kind if self.rights else ""


@dataclass(frozen=True, slots=True)
class TurnError:
    """Why the turn failed.

    ``code`` is the runtime's codexErrorInfo, ours, or ``""``; ``hint`` is the next step; ``status`` is the provider's HTTP
    status, where one came.
    """

    message: str
    detail: str = ""
    code: str = ""
    hint: str = ""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A request that nobody answered because the runtime stopped waiting."""

    request_id: str
    asked: str
    reason: str
    item_id: str = ""
    #: The newest entry when the request was opened; set by the reducer.
    after: str = ""
    #: What was asked, whole.
    exact: Asked | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """Everything known of one turn.

    ``entries`` holds items in the order in which they appeared. ``hidden_calls`` are raw calls that may still turn out
    to be refused (no item yet); at the end of the turn the reducer makes ``RefusedCall`` entries of what remains.
    ``stopped_by`` is ``""`` or who asked for the stop. ``abandoned`` are ids of items that a retry cut off and that go
    as soon as the retry brings something; ``retrying`` is the id of the notice that tells of it; ``refusals`` are the retries of what
    is refused for good, each once. ``unreachable`` is True while the provider cannot be reached; ``finding`` is the cause that was found
    for it, and its detail. ``waits_for`` is what the turn has waited for for a while. ``opened`` remembers after which entry each request came. ``leftovers`` is True
    once the commands that an interrupt left running were looked for, ``nothing_else_left`` whether there can be no others. ``tokens_before`` is what the thread had used
    before this turn. ``agents`` is what is known of child agents by thread.
    """

    thread_id: str = ""
    turn_id: str = ""
    state: State = "starting"
    settings: TurnSettings = field(default_factory=TurnSettings)
    entries: tuple[Item, ...] = ()
    explanation: str = ""
    steps: tuple[Step, ...] = ()
    diff: str = ""
    usage: Usage | None = None
    limits: Limits | None = None
    requests: tuple[Request, ...] = ()
    decisions: tuple[Decision, ...] = ()
    withdrawn: tuple[Withdrawn, ...] = ()
    hidden_calls: tuple[tuple[str, str, str, str], ...] = ()  # call id, tool, arguments, output
    error: TurnError | None = None
    stopped_by: str = ""
    ended_commands: int = 0
    running_commands: int = 0
    leftovers: bool = False
    nothing_else_left: bool = False
    abandoned: tuple[str, ...] = ()
    retrying: str = ""
    refusals: tuple[str, ...] = ()
    waits_for: str = ""
    unreachable: bool = False
    finding: tuple[str, str] = ("", "")
    nested_before: tuple[tuple[str, int], ...] = ()  # raw call id, items of scripts seen before it
    opened: tuple[tuple[str, str], ...] = ()  # request id, id of the newest entry then
    agents: tuple[Agent, ...] = ()
    tokens_before: int | None = None
    sent: tuple[str, ...] = ()
    started_ms: int | None = None
    ended_ms: int | None = None
    duration_ms: int | None = None

    @property
    def ended(self) -> bool:
        """True once nothing but late output of left-over commands can change the turn."""
        return self.state in ("completed", "failed", "interrupted")

    @property
    def hopeless(self) -> bool:
        """Whether the runtime goes on to retry what is refused for good: whoever runs the turn ends it.

        Once may be an account that the runtime is about to renew.
        """
        return len(self.refusals) > 1

    def find(self, item_id: str) -> Item | None:
        """The entry with this id, or None; the newest are looked at first."""
        for entry in reversed(self.entries):
            if entry.id == item_id:
                return entry
        return None
