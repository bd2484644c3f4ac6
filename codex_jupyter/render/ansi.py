"""What a terminal would show of a command's output, as runs of styled text: a small, bounded model of a screen.

Understood: SGR (bold, dim, italic, underline, strike, inverse, 16 and 256 colours, truecolor), carriage return,
backspace, tab, cursor movement, erasing, OSC 8 links. All other escapes and controls are dropped; an unfinished or
malformed one never swallows what follows. Colours are reduced to the sixteen of the theme, which the style sheet keeps
legible on light and dark. A text costs its length, whatever is in it: a string that a terminal keeps to itself is looked for
once, a line is wide enough for any program's, but no longer where escapes are sent into it again and again, and what a cursor
passes over is bounded as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

#: How far up the cursor can go, in lines, and how far right, in characters. A progress display needs a few dozen lines.
ROWS = 200
COLUMNS = 2_000
#: Blanks that a cursor may leave behind it in all, more than is ever drawn; and what a row costs of them.
BLANKS, ROW = 256 * 1024, 16

_CSI = re.compile(r"(?:\x1b\[|\x9b)([0-?]*)([ -/]*)([@-~])")
#: What begins a string that a terminal keeps to itself, what may be in it, and what ends it. Another beginning is not part of
#: it, so that each character is looked at for one beginning only.
_STRING = re.compile(
    r"(?:(?:\x1b\]|\x9d)([^\x07\x1b\x90\x98\x9c-\x9f\n]{0,4096})|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x07\x1b\x90\x98\x9c-\x9f]{0,65536})"
    r"(?:\x07|\x1b\\|\x9c)"
)
_SHORT = re.compile(r"\x1b(?:[ -/]{1,3}[0-~]|[0-Z\\^_`a-~])")
_PLAIN = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\n]+")
_SPECIAL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[ -/]*|[]PX^_][^\x07\x1b\n]{0,256})?\Z")
_LINK = re.compile(r"https?://[^\s<>\"'`\x00-\x1f\x7f-\x9f]{1,2048}")


class Style(NamedTuple):
    """How a run looks. ``fg`` and ``bg`` are 0 to 15 or None; ``link`` is an http(s) address or ``""``."""

    fg: int | None = None
    bg: int | None = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    inverse: bool = False
    link: str = ""


PLAIN = Style()
#: A stretch of text in one style.
Run = tuple[str, Style]


@dataclass(slots=True)
class _Line:
    characters: list[str] = field(default_factory=list)
    styles: list[Style] = field(default_factory=list)


def lines(text: str) -> Iterator[list[Run]]:
    """The lines that remain on the screen once all of ``text`` was printed, without their newlines.

    Example:
        >>> [run for line in lines("10%\\r\\x1b[1m99\\x1b[0m%") for run in line]
        [('99', Style(..., bold=True, ...)), ('%', Style(...))]
    """
    if not _SPECIAL.search(text):
        for line in text.split("\n"):
            yield [(line, PLAIN)] if line else []
        return
    screen = _Screen()
    screen.print(text)
    for line in screen.rows:
        yield _runs(line)


def plain(text: str) -> str:
    """The text that remains on the screen, without any style: for Markdown, plain text and terminals.

    Example:
        >>> plain("10%\\r\\x1b[31m99%\\x07")
        '99%'
    """
    if not _SPECIAL.search(text):
        return text
    return "\n".join("".join(part for part, _ in line) for line in lines(text))


def _runs(line: _Line) -> list[Run]:
    end = len(line.characters)
    while end and line.characters[end - 1] == " " and line.styles[end - 1] == PLAIN:
        end -= 1  # what erasing left behind
    result: list[Run] = []
    at = 0
    for style, group in groupby(line.styles[:end]):
        count = sum(1 for _ in group)
        result.append(("".join(line.characters[at : at + count]), style))
        at += count
    return result


class _Screen:
    """A screen without a lower edge: rows are added below, and rows far above can no longer be reached."""

    def __init__(self) -> None:
        self.rows: list[_Line] = [_Line()]
        self.row = 0
        self.column = 0
        self.top = 0  # the row that "home" means
        self.saved = (0, 0)
        self.style = PLAIN
        self.blanks = BLANKS  # that are left

    def print(self, text: str) -> None:
        at, end = 0, len(text)
        while at < end:
            match = _PLAIN.match(text, at)
            if match:
                self.put(match[0])
                at = match.end()
                continue
            character = text[at]
            if character == "\n":
                self.down()
            elif character == "\r":
                self.column = 0
            elif character == "\b":
                self.column = max(0, self.column - 1)
            elif character in "\x0b\x0c":
                self.down()
            else:
                at = self.escape(text, at)
                continue
            at += 1

    def escape(self, text: str, at: int) -> int:
        """Obey or drop the escape or control at ``at``; the place after it."""
        match = _CSI.match(text, at)
        if match:
            if not match[2]:
                self.control(match[1], match[3])
            return match.end()
        match = _STRING.match(text, at)
        if match:
            self.link(match[1] or "")
            return match.end()
        match = _SHORT.match(text, at)
        if match:
            code = text[at + 1]
            if code == "7":
                self.saved = (self.row, self.column)
            elif code == "8":
                self.row, self.column = min(self.saved[0], len(self.rows) - 1), self.saved[1]
            elif code == "M":
                self.move(self.row - 1, self.column)
            elif code == "c":
                self.style = PLAIN
            return match.end()
        if text[at] == "\x1b" and _UNFINISHED.match(text, at):
            return len(text)  # the rest of it was not printed yet, or was cut off
        return at + 1

    def put(self, text: str) -> None:
        line = self.rows[self.row]
        have, count = len(line.characters), len(text)
        if self.column > have:
            gap = min(self.column - have, self.blanks)
            self.blanks -= gap
            self.column = have + gap
            line.characters.extend(" " * gap)
            line.styles.extend([PLAIN] * gap)
        line.characters[self.column : self.column + count] = text
        line.styles[self.column : self.column + count] = [self.style] * count
        self.column += count

    def down(self) -> None:
        self.row += 1
        self.column = 0
        if self.row == len(self.rows):
            self.rows.append(_Line())

    def move(self, row: int, column: int) -> None:
        last = len(self.rows) - 1
        lowest = max(0, last - ROWS, self.top if row < self.top else 0)
        row = max(lowest, min(row, last + ROWS, self.top + ROWS * 2 if row > last else row))
        while row >= len(self.rows) and self.blanks > ROW:
            self.blanks -= ROW
            self.rows.append(_Line())
        self.row = min(row, len(self.rows) - 1)
        self.column = max(0, min(column, COLUMNS))

    def control(self, parameters: str, final: str) -> None:
        if parameters[:1] in ("?", ">", "<", "="):
            if parameters in ("?1049", "?47", "?1047") and final in "hl":
                self.fresh()
            return
        if final == "m":
            self.style = _styled(self.style, parameters)
            return
        numbers = [
            int(p) if p.isdigit() and len(p) < 6 else 0 for p in re.split("[;:]", parameters)
        ]
        count = max(1, numbers[0])
        match final:
            case "A":
                self.move(self.row - count, self.column)
            case "B" | "e":
                self.move(min(self.row + count, len(self.rows) - 1), self.column)
            case "C" | "a":
                self.move(self.row, self.column + count)
            case "D":
                self.move(self.row, self.column - count)
            case "E":
                self.move(min(self.row + count, len(self.rows) - 1), 0)
            case "F":
                self.move(self.row - count, 0)
            case "G" | "`":
                self.move(self.row, count - 1)
            case "H" | "f":
                column = numbers[1] if len(numbers) > 1 else 1
                self.move(self.top + count - 1, max(1, column) - 1)
            case "d":
                self.move(self.top + count - 1, self.column)
            case "J":
                self.erase_screen(numbers[0])
            case "K":
                self.erase_line(self.row, numbers[0])
            case "P":
                self.delete(count)
            case "X":
                self.blank(self.row, self.column, self.column + count)
            case "s":
                self.saved = (self.row, self.column)
            case "u":
                self.move(*self.saved)
            case _:
                pass

    def erase_screen(self, how: int) -> None:
        if how == 0:
            self.erase_line(self.row, 0)
            del self.rows[self.row + 1 :]
        elif how == 1:
            self.erase_line(self.row, 1)
            for row in range(max(self.top, self.row - ROWS), self.row):
                self.erase_line(row, 2)
        else:
            self.fresh()

    def fresh(self) -> None:
        """A cleared screen: what stood there stays above, as in a terminal's scroll-back."""
        if self.rows[-1].characters:
            self.rows.append(_Line())
        self.row = self.top = len(self.rows) - 1
        self.column = 0

    def erase_line(self, row: int, how: int) -> None:
        line = self.rows[row]
        if how == 0:
            del line.characters[self.column :], line.styles[self.column :]
        elif how == 1:
            self.blank(row, 0, self.column + 1)
        else:
            line.characters.clear()
            line.styles.clear()

    def delete(self, count: int) -> None:
        """The characters at the cursor go, those behind them move up; in a line that no screen is wide enough for, so many as
        one could have."""
        line, at, end = self.rows[self.row], self.column, self.column + COLUMNS
        count = min(count, COLUMNS)
        if len(line.characters) <= end:
            del line.characters[at : at + count], line.styles[at : at + count]
        else:
            line.characters[at:end] = line.characters[at + count : end] + [" "] * count
            line.styles[at:end] = line.styles[at + count : end] + [PLAIN] * count

    def blank(self, row: int, start: int, end: int) -> None:
        line = self.rows[row]
        end = min(end, len(line.characters))
        start = max(start, end - COLUMNS)
        if end > start:
            line.characters[start:end] = " " * (end - start)
            line.styles[start:end] = [PLAIN] * (end - start)

    def link(self, body: str) -> None:
        if not body.startswith("8;"):
            return
        url = body[2:].partition(";")[2]
        self.style = self.style._replace(link=url if _LINK.fullmatch(url) else "")


@lru_cache(maxsize=512)
def _styled(style: Style, parameters: str) -> Style:
    codes: list[int] = []
    for parameter in parameters.split(";"):
        first, colon, more = parameter.partition(":")
        if not colon:
            codes.append(_number(first))
        elif first in ("38", "48", "58"):  # 38:2::255:0:0, with an empty or no colour space
            parts = more.split(":")
            if parts[0] == "2" and len(parts) > 4:
                del parts[1]
            wanted = {"2": 4, "5": 2}.get(parts[0], 1)
            codes += [int(first), *map(_number, parts[:wanted])]
        else:  # 4:3 is a curly underline, 4:0 is none
            codes.append(24 if parameter == "4:0" else _number(first))
    at = 0
    while at < len(codes):
        code = codes[at]
        at += 1
        if code == 0:
            style = Style(link=style.link)
        elif code == 1:
            style = style._replace(bold=True)
        elif code == 2:
            style = style._replace(dim=True)
        elif code == 3:
            style = style._replace(italic=True)
        elif code in (4, 21):
            style = style._replace(underline=True)
        elif code == 7:
            style = style._replace(inverse=True)
        elif code == 9:
            style = style._replace(strike=True)
        elif code == 22:
            style = style._replace(bold=False, dim=False)
        elif code == 23:
            style = style._replace(italic=False)
        elif code == 24:
            style = style._replace(underline=False)
        elif code == 27:
            style = style._replace(inverse=False)
        elif code == 29:
            style = style._replace(strike=False)
        elif 30 <= code <= 37:
            style = style._replace(fg=code - 30)
        elif 90 <= code <= 97:
            style = style._replace(fg=code - 82)
        elif code == 39:
            style = style._replace(fg=None)
        elif 40 <= code <= 47:
            style = style._replace(bg=code - 40)
        elif 100 <= code <= 107:
            style = style._replace(bg=code - 92)
        elif code == 49:
            style = style._replace(bg=None)
        elif code in (38, 48, 58):
            colour, at = _extended(codes, at)
            if code == 38:
                style = style._replace(fg=colour)
            elif code == 48:
                style = style._replace(bg=colour)
    return style


def _number(digits: str) -> int:
    return int(digits) if len(digits) < 6 and digits.isascii() and digits.isdigit() else 0


def _extended(codes: list[int], at: int) -> tuple[int | None, int]:
    """The colour that ``38;5;n`` or ``38;2;r;g;b`` means, and the place after it."""
    mode = codes[at] if at < len(codes) else 0
    if mode == 5:
        number = codes[at + 1] if at + 1 < len(codes) else 0
        return _of_256(number), at + 2
    if mode == 2:
        rgb = [*codes[at + 1 : at + 4], 0, 0, 0][:3]
        return _nearest(*(min(255, value) for value in rgb)), at + 4
    return None, at + 1


def _of_256(number: int) -> int | None:
    if number < 16:
        return number
    if number < 232:
        number -= 16
        levels = (0, 95, 135, 175, 215, 255)
        return _nearest(levels[number // 36], levels[number // 6 % 6], levels[number % 6])
    if number < 256:
        return _nearest(*[8 + 10 * (number - 232)] * 3)
    return None


def _nearest(red: int, green: int, blue: int) -> int:
    """One of the sixteen colours: by hue, and bright or not; near grey, by lightness."""
    high, low = max(red, green, blue), min(red, green, blue)
    if high - low < 48 or high < 40:
        return (0, 8, 7, 15)[min(3, high // 64)]
    middle = (high + low) // 2
    hue = (red > middle) | (green > middle) << 1 | (blue > middle) << 2
    return hue + (8 if high > 208 else 0)
