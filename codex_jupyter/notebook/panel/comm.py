"""One widget as a line to its pages: sends dicts, and hands what arrives to the loop. Knows no message."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

from codex_jupyter import agent_code
from codex_jupyter.notebook import kernel_internals


class PanelComm:
    """The comm under one panel.

    Args:
        post: run a function on the session's loop (``LoopThread.post``).
    Attributes:
        id: random; the widget's id, and what names the saved copy that its views may cover.
    """

    def __init__(self, post: Callable[..., None]) -> None:
        from codex_jupyter.notebook.panel.widget import PanelWidget

        self.id = uuid.uuid4().hex
        self._post = post
        self._receive: Callable[[Any, bool], None] | None = None
        self._early: list[tuple[Any, bool]] = []
        self._widget = PanelWidget(model_id=self.id, panel_id=self.id)
        self._widget.on_msg(self._arrived)
        kernel_internals.let_clicks_through(self._widget.comm)

    @property
    def view(self) -> dict[str, Any]:
        """The mime entry that makes a page show the widget."""
        return {
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 1,
                "model_id": self._widget.model_id,
            }
        }

    def send(self, message: dict[str, Any]) -> None:
        """Send a message to every view; after ``close``, to nobody."""
        if self._widget.comm is not None:
            self._widget.send(message)

    def listen(self, receive: Callable[[Any, bool], None]) -> None:
        """Hand over what pages have sent and will send; on the session's loop, once.

        Args:
            receive: called on the loop with a message and whether it arrived on a thread other than the main one.
        """
        self._receive = receive
        early, self._early = self._early, []
        for content, aside in early:
            receive(content, aside)

    def close(self) -> None:
        """Forget the widget; its views go blank."""
        layout = self._widget.layout  # a widget of its own, with a comm of its own
        self._widget.close()
        layout.close()

    def _arrived(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """On whatever thread ipykernel chose; what Codex's code makes up in the kernel comes from no page."""
        if agent_code.inside():
            return
        aside = threading.current_thread() is not threading.main_thread()
        self._post(self._deliver, content, aside)

    def _deliver(self, content: Any, aside: bool) -> None:
        if self._receive is None:
            self._early.append((content, aside))
        else:
            self._receive(content, aside)
