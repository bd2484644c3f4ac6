"""The outputs of one execution, in order and bounded: what came first, what came last, and each error. Pure.

Streams are kept as a cell shows them: what a carriage return or a backspace overwrites is gone, as a progress bar means it.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import Any

from codex_jupyter.notebook.workbench.clean_cut import clean, clean_end, clean_start

#: Outputs kept of one execution, characters kept of one stream or text, bytes kept of the images of one.
OUTPUTS, TEXT, IMAGES = 60, 20_000, 8_000_000

_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_TEXTS = ("text/plain", "text/markdown", "text/latex")
_PICTURES = ("image/png", "image/jpeg")


@dataclass
class Output:
    """One output. ``kind``: stdout, stderr, display, result or error. ``data`` is what is kept of a bundle."""

    kind: str
    text: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    display_id: str = ""
    dropped: int = 0


class Record:
    """The outputs of one execution, in order, bounded."""

    def __init__(self, *, silent: bool = False) -> None:
        #: What is printed and shown is recorded and reaches no cell.
        self.silent = silent
        self.outputs: list[Output] = []
        self.left_out = 0
        self._clears = False  # with the next output
        self._lock = threading.Lock()

    def write(self, stream: str, text: str) -> None:
        """Something was written to ``stdout`` or ``stderr``; of long streams the beginning and the end stay."""
        if not text:
            return
        with self._lock:
            last = self.outputs[-1] if self.outputs and not self._clears else None
            if last is None or last.kind != stream:
                last = Output(stream)
                self._append(last)
            last.text = written(last.text, text)
            if len(last.text) > 2 * TEXT:
                last.dropped += len(last.text) - TEXT
                kept = clean(last.text)
                last.text = kept[: TEXT // 2] + kept[-TEXT // 2 :]

    def show(
        self,
        data: dict[str, Any],
        kind: str = "display",
        display_id: str = "",
        metadata: dict[str, Any] | None = None,
    ) -> None:
        """Something was displayed."""
        with self._lock:
            self._append(Output(kind, display_id=display_id, data=_kept(data)))
            self._bound_images()

    def update(
        self, data: dict[str, Any], display_id: str, metadata: dict[str, Any] | None = None
    ) -> bool:
        """A display was replaced; False when it is not one of these."""
        with self._lock:
            for output in self.outputs:
                if display_id and output.display_id == display_id:
                    output.data = _kept(data)
                    self._bound_images()
                    return True
        return False

    def fail(self, text: str, error: tuple[str, str] = ("", "")) -> None:
        """A traceback was shown; ``error``: name and message of what was raised."""
        with self._lock:
            self._append(Output("error", text=clean_end(plain(text), TEXT)))

    def clear(self, *, wait: bool = False) -> None:
        """``clear_output``: at once, or with the next output."""
        with self._lock:
            self._clears = True
            if not wait:
                self._clear()

    def _clear(self) -> None:
        if self._clears:
            self._clears = False
            self.outputs.clear()
            self.left_out = 0

    def _append(self, output: Output) -> None:
        """The newest always has room: of too many, what is left out is the oldest of the second half that is no error."""
        self._clear()
        self.outputs.append(output)
        if len(self.outputs) > OUTPUTS:
            middle = range(OUTPUTS // 2, OUTPUTS)
            out = next((n for n in middle if self.outputs[n].kind != "error"), middle[0])
            del self.outputs[out]
            self.left_out += 1

    def _bound_images(self) -> None:
        """The newest images are kept: of the oldest ones, that they were there."""
        room = IMAGES
        for output in reversed(self.outputs):
            for mime in _PICTURES:
                image = output.data.get(mime)
                if image is not None:
                    room -= len(image)
                    if room < 0:
                        output.data[mime] = None


@dataclass
class Cell(Record):
    """One cell that ran, or runs: its number, source and outputs.

    Attributes:
        number: its execution count; 0 when it got none.
        source: without the lines that are ours.
        ours: it is nothing but ours.
        state: running, ok or failed.
        error: the name of what it raised, or ``""``.
        by_us: what it raised is an error of ours: its code is not to blame.
    """

    number: int
    source: str
    ours: bool = False
    state: str = "running"
    error: str = ""
    by_us: bool = False

    def __post_init__(self) -> None:
        super().__init__()


def _kept(data: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for mime, value in data.items():
        if mime in _PICTURES and type(value) in (str, bytes):
            kept[mime] = value
        elif mime in _TEXTS and type(value) is str:
            kept[mime] = clean_start(plain(value[: 4 * TEXT]), TEXT)
        else:
            kept[mime] = None  # that it was there is worth knowing
    return kept


def written(before: str, text: str) -> str:
    """A stream after more was written to it. Lines that have ended are as they are shown; the last may still be overwritten.

    Example:
        >>> written(written("10 %", "\\r20 %"), "\\rdone\\nnext"), written("ab", "\\bc")
        ('done\\nnext', 'ac')
    """
    if not ("\r" in text or "\b" in text or "\r" in before[-TEXT:]):
        return before + text
    start = before.rfind("\n") + 1
    *ended, last = (before[start:] + text).replace("\r\n", "\n").split("\n")
    return before[:start] + "\n".join([*map(shown_line, ended), _unfinished(last)])


def shown_line(line: str) -> str:
    """A line as it is shown: what was written behind a carriage return stands over what was before it.

    Example:
        >>> shown_line("10 %\\r9"), shown_line("ab\\b\\bc"), shown_line("kept\\r")
        ('90 %', 'c', 'kept')
    """
    shown = ""
    for part in line.split("\r"):
        part = _without_backspaces(part)
        shown = part + shown[len(part) :]
    return shown


def _unfinished(line: str) -> str:
    """A line that is still written to: what is shown, and behind a carriage return what stands over its beginning."""
    before, returned, last = line.rpartition("\r")
    return shown_line(before) + returned + _without_backspaces(last)


def _without_backspaces(text: str) -> str:
    if "\b" not in text:
        return text
    kept: list[str] = []
    for character in text:
        if character != "\b":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)


def plain(text: str) -> str:
    """Text without terminal escapes."""
    return _ANSI.sub("", text)
