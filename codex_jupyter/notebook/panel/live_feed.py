"""What the pages of one panel have: hellos, numbered batches, snapshots, and intents once each. Knows no turn and no comm.

The page half is ``js/src/live_feed.js``.
"""

from __future__ import annotations

import hmac
import itertools
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any, Literal, Protocol

from codex_jupyter import journal
from codex_jupyter.notebook.panel import wire
from codex_jupyter.notebook.panel.schedule import AwakeClock, Schedule, Timer

log = journal.logger("panel")

#: Seconds between two batches, and between two snapshots for whoever may be there.
BATCH, BROADCAST = 1 / 30, 1.0
#: Seconds without a sign of life after which a view is taken for lost: in sight, where a network may be away for a moment,
#: and in a hidden tab, whose timers rest. Seconds in which this machine slept do not count.
LOST, LOST_HIDDEN = 30.0, 150.0
#: Seconds in which a view that goes may be followed by another: one moves from its widget to the saved copy.
HANDOVER = 1.0
#: Intent ids remembered, so that a repeat is acknowledged again and carried out once.
REMEMBERED_INTENTS = 256
#: Views whose keys are remembered: those of a panel that was reloaded very often begin anew with a hello.
REMEMBERED_VIEWS = 256
#: Characters of a key that cannot be guessed.
KEY_LENGTH = 32
NOT_CARRIED_OUT = "This could not be carried out. `%codex /logs` says why."
NOT_OF_A_VIEW = "Ignored: this does not come from the panel that is shown."

State = Literal["unheard", "loaded", "shown", "moving", "gone"]


class Content(Protocol):
    """What a panel shows, as ops and whole; remembers what it gave out last."""

    def advance(self) -> tuple[dict[str, Any], ...]:
        """The ops from what was given out last to what is now; empty when that is the same."""
        ...

    def snapshot(self) -> dict[str, Any]:
        """What was given out last, whole."""
        ...


class LiveFeed:
    """Keeps every view of one panel up to date, and hears its people.

    | state     | means                           | ready    | hello   | last bye | `HANDOVER` passes | beats stay away | beat    |
    |-----------|---------------------------------|----------|---------|----------|-------------------|-----------------|---------|
    | `unheard` | no page has said a word         | `loaded` | `shown` |          |                   |                 |         |
    | `loaded`  | one has the panel's module      |          | `shown` |          |                   |                 |         |
    | `shown`   | a view lives                    |          |         | `moving` |                   | `gone`          |         |
    | `moving`  | none lives, another may follow  |          | `shown` |          | `gone`            |                 | `shown` (*) |
    | `gone`    | none lives any more             |          | `shown` |          |                   |                 | `shown` (*) |

    (*) of a view that has not said bye.

    Until a view says hello, whoever may be there gets a snapshot a second, for nobody can say what they miss; from then
    on every change is a batch with the next number. A view that has a gap asks, and all get a snapshot.

    All methods are called on the schedule's thread.

    Args:
        send: sends a message to every view.
        content: what is shown.
        act: carries out an intent; returns outcome and message for the acknowledgement.
        schedule: clock and timers.
        on_page: called whenever a page said ready or hello.
        on_want: called when a view's notebook lacks the copy that was published last.
        on_reply: called with what a view replied to a question about its notebook.

    Attributes:
        covers_copies: a page can show the panel over a saved copy.
        heard_aside: a message arrived on a thread other than the main one, so clicks arrive while a cell runs.
        views: for each view that lives, when it is taken for lost unless it is heard again.
    """

    def __init__(
        self,
        send: Callable[[dict[str, Any]], None],
        content: Content,
        act: Callable[[wire.Intent], tuple[str, str]],
        schedule: Schedule,
        on_page: Callable[[], None] = lambda: None,
        on_want: Callable[[], None] = lambda: None,
        on_reply: Callable[[str, dict[str, Any]], None] = lambda number, reply: None,
    ) -> None:
        self.covers_copies = self.heard_aside = False
        self.views: dict[str, float] = {}
        self._send, self._content, self._act = send, content, act
        self._schedule, self._on_page, self._on_want = schedule, on_page, on_want
        self._on_reply = on_reply
        self._reaching: set[str] = set()
        self._clock = AwakeClock(schedule, lambda: self.state in ("shown", "moving"))
        self._copied = 0
        self._progress: Literal["unheard", "loaded", "welcomed"] = "unheard"
        self._gone: set[str] = set()
        self._came: dict[str, float] = {}  # when each view that lives said hello
        self._heard: dict[str, float] = {}  # and when it was heard last
        self._keys: OrderedDict[str, bytes] = OrderedDict()
        self._last_bye = -HANDOVER
        self._seq = 0
        self._timer: Timer | None = None
        self._broadcast_at = -BROADCAST
        self._acks: OrderedDict[str, dict[str, Any]] = OrderedDict()

    @property
    def state(self) -> State:
        """Where the panel stands with its pages now; may be read from any thread."""
        if self._progress != "welcomed":
            return self._progress
        if self.living:
            return "shown"
        return "moving" if self._clock.time() - self._last_bye < HANDOVER else "gone"

    @property
    def said_bye(self) -> bool:
        """Whether every view that there was has said that it goes."""
        return self.welcomed and not self.views

    @property
    def welcomed(self) -> bool:
        """A view has said hello at some time."""
        return self._progress == "welcomed"

    @property
    def reaching(self) -> str | None:
        """The view that acts on the notebook: the first of those that live and can reach theirs; None where there is none."""
        return next((view for view in self._living() if view in self._reaching), None)

    @property
    def living(self) -> bool:
        """Whether a view lives."""
        return any(True for _ in self._living())

    def _living(self) -> Iterator[str]:
        now = self._clock.time()
        return (view for view, until in tuple(self.views.items()) if until >= now)

    def ask(self, view: str, question_id: str, question: dict[str, Any]) -> None:
        """Send a question about its notebook to a view."""
        self._send(wire.ask(view, question_id, question))

    def is_first(self, view: str) -> bool:
        """Whether no view that was heard since said hello before this one: one that was only reloaded may not say bye."""
        came = self._came.get(view, 0.0)
        others = (self._heard[other] >= came for other in self._earlier(view))
        return not any(others)

    def _earlier(self, view: str) -> Iterator[str]:
        return itertools.takewhile(lambda other: other != view, self.views)

    def copied(self, number: int) -> None:
        """The copy with this number was published; a page looks whether its notebook got it."""
        self._copied = number
        if self.welcomed:
            self._send(wire.copied(number))

    def changed(self) -> None:
        """There is something new to show; it goes out soon, with what else comes until then."""
        if self._timer is None:
            pause = 0.0 if self.welcomed else self._broadcast_at + BROADCAST - self._schedule.time()
            self._timer = self._schedule.later(max(BATCH, pause), self._flush)

    def receive(self, content: Any, aside: bool) -> None:
        """A page's message, unchecked; ``aside``: it came on a thread other than the main one."""
        message = wire.read(content)
        if message is None:
            return
        if not isinstance(message, wire.Ready) and not self._is_of_its_view(message):
            if isinstance(message, wire.Intent):
                self._send(wire.ack(message.id, "refused", NOT_OF_A_VIEW))
            return
        self.heard_aside = self.heard_aside or aside
        match message:
            case wire.Ready(covers):
                self._met(covers)
            case wire.Hello(view=view, covers=covers, reaches=reaches):
                (self._reaching.add if reaches else self._reaching.discard)(view)
                self._welcome(view)
                self._met(covers)
            case wire.Bye(view=view):
                for kept in (self.views, self._came, self._heard):
                    kept.pop(view, None)
                self._gone.add(view)
                self._last_bye = self._clock.time()
            case wire.Beat(view=view, hidden=hidden):
                if (
                    view not in self._gone
                ):  # a page that unloads is hidden last: a beat after its bye
                    self._alive(view, LOST_HIDDEN if hidden else LOST)
                    self._send(wire.heard(view, self._seq))
            case wire.WantCopy(view=view):
                self._alive(view, LOST)
                self._on_want()
            case wire.Replied(view=view):
                self._alive(view, LOST)
                self._on_reply(message.id, message.reply)
            case wire.Resync(view=view):
                self._alive(view, LOST)
                self._send_snapshot()
            case wire.Intent():
                self._alive(message.view, LOST)
                self._carry_out(message)

    def _is_of_its_view(self, message: wire.OfView) -> bool:
        """Whether it carries the key of the view that it names. The first hello of a view brings that; a view without one
        can be looked at and does nothing."""
        key = message.key.encode("utf-8", "replace")
        known = self._keys.get(message.view)
        if known is None:
            if not isinstance(message, wire.Hello):
                return False
            self._keys[message.view] = known = key
            while len(self._keys) > REMEMBERED_VIEWS:
                self._keys.popitem(last=False)
        same = hmac.compare_digest(known, key)
        return same and (len(key) >= KEY_LENGTH or not isinstance(message, wire.Intent))

    def _met(self, covers: bool) -> None:
        if self._progress == "unheard":
            self._progress = "loaded"
        self.covers_copies = self.covers_copies or covers
        self._on_page()

    def _alive(self, view: str, seconds: float) -> None:
        self._gone.discard(view)
        now = self._heard[view] = self._clock.time()
        self.views[view] = now + seconds
        self._clock.run()

    def _welcome(self, view: str) -> None:
        self._alive(view, LOST)
        self._came.setdefault(view, self._heard[view])
        if self._timer is not None and not self.welcomed:  # it may wait for a broadcast
            self._timer.cancel()
            self._timer = None
        self._progress = "welcomed"
        self._send(wire.welcome(view, self._seq, round(time.time() * 1000)))
        self._send_snapshot()
        if self._copied:
            self._send(wire.copied(self._copied))

    def _flush(self) -> None:
        self._timer = None
        if self.welcomed:
            self._send_batch()
        else:
            self._broadcast_at = self._schedule.time()
            self._send_snapshot()

    def _send_batch(self) -> None:
        ops = self._content.advance()
        if ops:
            self._seq += 1
            self._send(wire.batch(self._seq, list(ops)))

    def _send_snapshot(self) -> None:
        # What changed goes out as a batch first: a view that needs no snapshot has to hear of it, too.
        self._send_batch()
        self._send(wire.snapshot(self._seq, self._content.snapshot()))

    def _carry_out(self, intent: wire.Intent) -> None:
        if intent.id not in self._acks:
            try:
                outcome = self._act(intent)
            except Exception:  # what is not acknowledged is sent again each second, for ever
                log.exception("what a page asked for was not carried out")
                outcome = ("refused", NOT_CARRIED_OUT)
            self._acks[intent.id] = wire.ack(intent.id, *outcome)
            while len(self._acks) > REMEMBERED_INTENTS:
                self._acks.popitem(last=False)
        self._send(self._acks[intent.id])
