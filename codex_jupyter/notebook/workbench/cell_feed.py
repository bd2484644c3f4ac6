"""What a cell of the open notebook prints and shows while Codex runs it, on its way into that cell.

Code runs on the kernel's main thread and the page is spoken to on the session's loop: what comes is queued, joined, and sent a
part at a time, each when the page has taken the one before. A page that has not seen the parts before, because it was loaded
anew, is sent all of them.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from codex_jupyter.errors import UserError
from codex_jupyter.notebook.workbench.record import Record

if TYPE_CHECKING:
    from codex_jupyter.session.live import OpenDocument

#: Characters that wait for a page, and that are kept for one that is loaded anew.
WAITING, KEPT = 4_000_000, 8_000_000
#: Seconds between parts: what a program prints line by line goes together.
PAUSE = 0.1

Step = dict[str, Any]
_runs = itertools.count(1)


class CellFeed:
    """The way into one cell. Made on the session's loop.

    Args:
        page: whose notebook it is in.
        cell_id: the cell.
        was: its source, as a person allowed it: another one is not run.
        kept: the cell whose turn runs it, which cannot run itself.
    """

    def __init__(self, page: OpenDocument, cell_id: str, was: str, kept: str = "") -> None:
        self._page, self._cell, self._was, self._own = page, cell_id, was, kept
        self._loop = asyncio.get_running_loop()
        self._run = f"r{next(_runs)}"
        self._lock = threading.Lock()
        self._new: list[Step] = []
        self._waiting = 0
        self._left_out = 0
        self._sent: deque[Step] = deque()
        self._sent_size = 0
        self._came = asyncio.Event()
        self._number = 0
        self._over = False
        self._sender: asyncio.Task[None] | None = None
        #: Why the page has not all of it, or ``""``.
        self.lost = ""

    async def begin(self) -> dict[str, Any]:
        """The cell is emptied and marked as running; ``{}``, or ``refused`` as for a change.

        Raises:
            UserError: the page is out of reach.
        """
        told = await self._page.ask(
            {
                "kind": "run",
                "id": self._cell,
                "was": self._was,
                "kept": self._own,
                **self._part(0, []),
            }
        )
        if told.get("refused"):
            return told
        self._sender = asyncio.ensure_future(self._send())
        return {}

    def put(self, step: Step) -> None:
        """Something for the cell, from whatever thread; the step is the feed's from now on."""
        text = _stream(step)
        size = len(text) if text else _size(step)
        with self._lock:
            if self._waiting + size > WAITING:
                self._left_out += size
                return
            self._waiting += size
            last = self._new[-1] if self._new else None
            if (
                text
                and last is not None
                and _stream(last)
                and last["output"]["name"] == step["output"]["name"]
            ):
                last["pieces"].append(text)
            else:
                self._new.append({**step, "pieces": [text]} if text else step)
        self._wake()

    async def end(self, number: int) -> None:
        """It ran under this number, 0 for none; returns when the page has all of it, or cannot be reached."""
        self._number, self._over = number, True
        self._came.set()
        if self._sender is not None:
            await self._sender

    def _wake(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._came.set)
        except RuntimeError:  # the session is closed
            return

    async def _send(self) -> None:
        at = 0
        while True:
            await self._came.wait()
            if not self._over:
                await asyncio.sleep(PAUSE)
            self._came.clear()
            over, steps = self._over, self._take()
            self._keep(steps)
            try:
                told = await self._page.ask(self._question(at, steps, over))
                if told.get("again"):
                    self._run, steps = f"r{next(_runs)}", list(self._sent)
                    told = await self._page.ask(self._question(0, steps, over))
                    at = 0
            except UserError as error:
                self.lost = error.message
                at = -1  # what comes later is for a page that has none of it
            else:
                self.lost = "the cell is not there any more" if told.get("refused") else ""
                at = at + len(steps) if at >= 0 else -1
            if over:
                return

    def _question(self, at: int, steps: list[Step], over: bool) -> dict[str, Any]:
        ended = {"count": self._number} if over else {}
        return {"kind": "run", "id": self._cell, **self._part(at, steps), **ended}

    def _part(self, at: int, steps: list[Step]) -> dict[str, Any]:
        return {"run": self._run, "from": at, "steps": steps}

    def _take(self) -> list[Step]:
        with self._lock:
            steps, self._new, self._waiting = self._new, [], 0
            left_out, self._left_out = self._left_out, 0
        for step in steps:
            if pieces := step.pop("pieces", None):
                step["output"]["text"] = "".join(pieces)
        if left_out:
            note = f"\n… {left_out:,} characters came faster than the page takes them, and are left out …\n"
            steps.append(stream("stderr", note))
        return steps

    def _keep(self, steps: list[Step]) -> None:
        self._sent.extend(steps)
        self._sent_size += sum(map(_size, steps))
        while self._sent_size > KEPT and len(self._sent) > 1:
            self._sent_size -= _size(self._sent.popleft())


class CellRecord(Record):
    """A record whose outputs go to one cell of the open notebook, and to no other. ``number``: under which that counts."""

    def __init__(self, feed: CellFeed) -> None:
        super().__init__(silent=True)
        self.number = 0
        self._feed = feed

    def write(self, stream_: str, text: str) -> None:
        """Something was written to ``stdout`` or ``stderr``."""
        super().write(stream_, text)
        if text:
            self._feed.put(stream(stream_, text))

    def show(
        self,
        data: dict[str, Any],
        kind: str = "display",
        display_id: str = "",
        metadata: dict[str, Any] | None = None,
    ) -> None:
        """Something was displayed, or is the cell's value."""
        super().show(data, kind, display_id, metadata)
        result = {"output_type": "execute_result", "execution_count": self.number or None}
        output = result if kind == "result" else {"output_type": "display_data"}
        self._feed.put(
            {
                "op": "add",
                "display": display_id,
                "output": {**output, "data": data, "metadata": metadata or {}},
            }
        )

    def update(
        self, data: dict[str, Any], display_id: str, metadata: dict[str, Any] | None = None
    ) -> bool:
        """A display was replaced; False when it is not one of these."""
        known = super().update(data, display_id, metadata)
        if known:
            self._feed.put(
                {"op": "update", "display": display_id, "data": data, "metadata": metadata or {}}
            )
        return known

    def fail(self, text: str, error: tuple[str, str] = ("", "")) -> None:
        """A traceback was shown."""
        super().fail(text, error)
        name, message = error
        output = {
            "output_type": "error",
            "ename": name,
            "evalue": message,
            "traceback": text.split("\n"),
        }
        self._feed.put({"op": "add", "output": output})

    def clear(self, *, wait: bool = False) -> None:
        """``clear_output``."""
        super().clear(wait=wait)
        self._feed.put({"op": "clear", "wait": wait})


def stream(name: str, text: str) -> Step:
    """A piece of a stream."""
    return {"op": "add", "output": {"output_type": "stream", "name": name, "text": text}}


def _stream(step: Step) -> str:
    """The text of a piece of a stream, ``""`` of anything else."""
    output = step.get("output")
    text = output.get("text") if isinstance(output, dict) else None
    return text if type(text) is str else ""


def _size(step: Step) -> int:
    output = step.get("output", step)
    data = output.get("data") or {}
    texts = (output.get("text"), *data.values(), *(output.get("traceback") or ()))
    return 100 + sum(len(value) for value in texts if isinstance(value, (str, bytes)))
