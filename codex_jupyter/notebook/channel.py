"""The page's end of a comm: hellos, numbered batches, snapshots, intents once each. Knows no turn.

Lives on the session's loop; ``receive`` alone is called by the widget's handler, on whatever thread ipykernel chose.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from codex_jupyter.notebook import kernel_internals, wire

#: Seconds without a sign of life after which a view is taken for lost: in sight, and in a hidden tab, whose timers rest.
LOST, LOST_HIDDEN = 8.0, 150.0
#: Seconds in which a view that goes may be followed by another: one moves from its widget to the place of saved html.
HANDOVER = 1.0
#: Intent ids remembered, so that a repeat is acknowledged again and carried out once.
REMEMBERED_INTENTS = 256


class Channel:
    """Sends what changed to every view of one widget, and hears its people.

    Args:
        post: run a function on the session's loop (``LoopThread.post``).
        snapshot: the whole state, for a view that has nothing yet or missed something.
        act: carry out an intent; returns outcome and message for the acknowledgement.

    Attributes:
        heard: a hello arrived: the page shows the panel.
        takes_place: the page can show the panel over saved html of the class ``cj-place-{place}``.
        hears_while_busy: a message arrived on a thread other than the main one, so clicks work in a blocking cell.
        views: for each view that lives, when it is taken for lost unless it is heard again (the loop's seconds).
    """

    def __init__(
        self,
        post: Callable[..., None],
        clock: Callable[[], float],
        snapshot: Callable[[], dict[str, Any]],
        act: Callable[[wire.Intent], tuple[str, str]],
    ) -> None:
        from codex_jupyter.notebook.panel_widget import PanelWidget

        #: Random; the widget's id, too, by which the page finds the widget of a place.
        self.place = uuid.uuid4().hex
        self.widget = PanelWidget(model_id=self.place, place=self.place)
        self.heard = False
        self.takes_place = False
        self.hears_while_busy = False
        self.views: dict[str, float] = {}
        self._gone: set[str] = set()
        self._left = -HANDOVER
        self._post, self._clock, self._snapshot, self._act = post, clock, snapshot, act
        self._seq = 0
        self._acks: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self.on_hello: Callable[[], None] = lambda: None
        self.widget.on_msg(self._receive)
        kernel_internals.let_clicks_through(self.widget.comm)

    @property
    def lost(self) -> bool:
        """A page showed the panel and none does any more: closed, reloaded, or cut off."""
        now = self._clock()
        if not self.heard or now - self._left < HANDOVER:
            return False
        return all(until < now for until in tuple(self.views.values()))

    @property
    def view_data(self) -> dict[str, Any]:
        """The mime entry that makes a page show the widget."""
        return {
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 1,
                "model_id": self.widget.model_id,
            }
        }

    def send_batch(self, ops: tuple[dict[str, Any], ...]) -> None:
        """What changed, as the next numbered batch."""
        if ops:
            self._seq += 1
            self._send(wire.batch(self._seq, list(ops)))

    def send_snapshot(self) -> None:
        """Everything, for whoever may have missed something."""
        shown = (
            self._snapshot()
        )  # may send a batch of its own, so the number is looked at afterwards
        self._send(wire.snapshot(self._seq, shown))

    def _send(self, message: dict[str, Any]) -> None:
        if self.widget.comm is not None:
            self.widget.send(message)

    def _receive(self, _widget: Any, content: Any, _buffers: Any) -> None:
        message = wire.read(content)
        if message is not None:
            main = threading.current_thread() is threading.main_thread()
            self._post(self._handle, message, main)

    def _handle(self, message: Any, on_main_thread: bool) -> None:
        if not on_main_thread:
            self.hears_while_busy = True
        if isinstance(message, wire.Bye):
            self.views.pop(message.view, None)
            self._gone.add(message.view)
            self._left = self._clock()
            return
        if isinstance(message, wire.Beat) and message.view in self._gone:
            return  # a page that unloads is hidden last, and says so after its bye
        self._gone.discard(message.view)
        hidden = isinstance(message, wire.Beat) and message.hidden
        self.views[message.view] = self._clock() + (LOST_HIDDEN if hidden else LOST)
        if isinstance(message, wire.Hello):
            news = not self.heard or (message.place and not self.takes_place)
            self.heard = True
            self.takes_place = self.takes_place or message.place
            self._send(wire.welcome(message.view, self._seq, round(time.time() * 1000)))
            self.send_snapshot()
            if news:
                self.on_hello()
        elif isinstance(message, wire.Resync):
            self.send_snapshot()
        elif isinstance(message, wire.Intent):
            self._carry_out(message)

    def _carry_out(self, intent: wire.Intent) -> None:
        if intent.id not in self._acks:
            self._acks[intent.id] = wire.ack(intent.id, *self._act(intent))
            while len(self._acks) > REMEMBERED_INTENTS:
                self._acks.popitem(last=False)
        self._send(self._acks[intent.id])

    def close(self) -> None:
        """Forget the widget; its views go blank."""
        self.widget.close()
