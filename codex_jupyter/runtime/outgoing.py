"""What we send, as bytes, from a thread of its own, so that a runtime that does not read can never block the loop."""

from __future__ import annotations

import contextlib
import json
import threading
from queue import SimpleQueue
from typing import IO, Any


def encode(message: dict[str, Any]) -> bytes:
    """One line of JSON in UTF-8. Lone surrogates, which UTF-8 and the runtime's parser refuse, become U+FFFD.

    Example:
        >>> encode({"a": "\\ud83d"})
        b'{"a": "\\xef\\xbf\\xbd"}\\n'
    """
    line = json.dumps(message, ensure_ascii=False)
    try:
        return line.encode() + b"\n"
    except UnicodeEncodeError:
        # Pairs of surrogates that Python kept apart are joined on the way.
        whole = line.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return whole.encode() + b"\n"


class Outgoing:
    """Writes lines to a pipe, in order, until it is closed or breaks."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._lines: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="codex-stdin", daemon=True)
        self._thread.start()

    def send(self, message: dict[str, Any]) -> None:
        """Queue a message, from any thread. Whether it arrives is known by the answer, or by the runtime's end."""
        self._lines.put(encode(message))

    def close(self) -> None:
        """Close the pipe once everything before is written. Returns at once; see ``join``."""
        self._lines.put(None)

    def join(self, timeout: float) -> None:
        """Wait until the pipe is closed, at most ``timeout`` seconds."""
        self._thread.join(timeout)

    def _write(self) -> None:
        try:
            while (line := self._lines.get()) is not None:
                self._pipe.write(line)
                self._pipe.flush()
        except (OSError, ValueError):
            pass  # the runtime is gone; the reader tells everybody
        with contextlib.suppress(OSError, ValueError):
            self._pipe.close()
