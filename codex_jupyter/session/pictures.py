"""Reads the picture files that a turn names (attached by its user, looked at by the model), so that they can be shown.

The runtime sends only their paths. Raster images alone are read, small ones, off the loop; of anything else the path
is what is shown.
"""

from __future__ import annotations

import asyncio
import base64
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from codex_jupyter.core.events import Event, ImageLoaded, ItemCompleted
from codex_jupyter.core.item import Item
from codex_jupyter.core.items import ImageView, UserMessage

if TYPE_CHECKING:
    from codex_jupyter.session.live import LiveTurn

#: Bytes of a file that is shown: it is saved in the notebook.
MOST = 3 * 1024 * 1024
#: Pictures of one item.
MOST_TOGETHER = 20
#: Seconds that the end of a turn waits for pictures.
PATIENCE = 2.0

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
)


class Pictures:
    """What is being read for the turns of one session. Lives on the session's loop.

    Args:
        apply: changes a turn by events; an engine's.
    """

    def __init__(self, apply: Callable[[LiveTurn, list[Event]], None]) -> None:
        self._apply = apply
        self._reading: dict[LiveTurn, set[asyncio.Task[None]]] = {}

    def look(self, live: LiveTurn, events: Iterable[Event]) -> None:
        """Begin to read what these events name."""
        for event in events:
            if isinstance(event, ItemCompleted):
                for path in list(named(event.item))[:MOST_TOGETHER]:
                    task = asyncio.ensure_future(self._read(live, event.item.id, path))
                    self._reading.setdefault(live, set()).add(task)

    async def settled(self, live: LiveTurn) -> None:
        """Wait, for a bounded time, until what the turn named is read."""
        tasks = self._reading.pop(live, None)
        if tasks:
            await asyncio.wait(tasks, timeout=PATIENCE)

    async def _read(self, live: LiveTurn, item_id: str, path: str) -> None:
        data = await asyncio.to_thread(read, path)
        if data:
            turn = live.turn
            loaded = ImageLoaded(turn.thread_id, turn.turn_id, item_id, data, path)
            self._apply(live, [loaded])


def named(item: Item) -> Iterator[str]:
    """The picture files of an item that nobody has read yet."""
    if isinstance(item, ImageView) and item.path and not item.data:
        yield item.path
    elif isinstance(item, UserMessage):
        for part in item.parts:
            if part.kind == "local_image" and part.source and not part.source.startswith("data:"):
                yield part.source


def read(path: str) -> str:
    """A raster image as a ``data:`` URL; ``""`` when it is none, too large, no plain file, or cannot be read."""
    try:
        file = Path(path)
        facts = file.stat()
        if not stat.S_ISREG(facts.st_mode) or not 0 < facts.st_size <= MOST:
            return ""
        with file.open("rb") as opened:
            content = opened.read(MOST + 1)
    except (OSError, ValueError):
        return ""
    kind = next((kind for sign, kind in _SIGNATURES if content.startswith(sign)), "")
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        kind = "webp"
    if not kind or len(content) > MOST:
        return ""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
