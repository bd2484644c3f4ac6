"""Text measured in the cells of a terminal: how wide it is, cut to a width, wrapped at words.

What comes here holds no control characters but newlines and tabs. How wide a character is, wcwidth knows, as it does for
IPython's own prompt: an emoji of several characters takes two cells, a combining accent none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from codex_jupyter.render.ansi import PLAIN, Run

Runs = list[Run]

#: A word, blanks, or the end of a line.
_PIECES = re.compile(r"\n|[^\S\n\u00a0\u202f]+|(?:[^\s]|[\u00a0\u202f])+")
#: Between these signs of East Asian scripts a line may end without a blank.
_EAST = "\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60\uffe0-\uffe6"
#: Signs that begin no line, and those that end none.
_CLOSING, _OPENING = (
    "、。，．・：；？！」』）】〕》〉”’…ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ",
    "「『（【〔《〈“‘",
)
_EAST_SIGN = re.compile(f"[{_EAST}]")
_EAST_PIECES = re.compile(
    f"[{_OPENING}]*(?:[{_EAST}]|[^{_EAST}{_OPENING}]+)[{_CLOSING}]*|[{_OPENING}]+"
)


def cells_of(text: str) -> int:
    """How many cells of a terminal a line takes.

    Example:
        >>> cells_of("abc"), cells_of("日本"), cells_of("e\\u0301")
        (3, 4, 1)
    """
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth

    wide = wcswidth(text)
    return wide if wide >= 0 else len(text)


def cut(text: str, width: int) -> str:
    """The line, or its beginning and a sign that there is more, in at most ``width`` cells.

    Example:
        >>> cut("abcdef", 4), cut("日本語", 4)
        ('abc…', '日…')
    """
    if width <= 0:
        return ""
    text = text[: 4 * width + 4]  # more never fits
    if cells_of(text) <= width:
        return text
    end, used = 0, 0
    while end < len(text):
        following = cells_of(text[: end + 1])
        if following > width - 1:
            break
        end, used = end + 1, following
    return f"{text[:end]}…" if used < width else text[:end]


def end(text: str, width: int) -> str:
    """The line, or a sign that there is more before it and its end, in at most ``width`` cells.

    Example:
        >>> end("abcdef", 4), end("日本語", 4)
        ('…def', '…語')
    """
    text = text[-4 * width - 4 :] if width > 0 else ""
    if cells_of(text) <= width:
        return text
    begin = len(text)
    while begin and cells_of(text[begin - 1 :]) <= width - 1:
        begin -= 1
    return f"…{text[begin:]}"


def wrapped(runs: Iterable[Run], width: int, further: int = 0) -> list[Runs]:
    """The runs in lines of at most ``width`` cells, parted at blanks and newlines; a longer word has a line of its own.

    Blanks at which a line ends are gone. ``further``: the width of all lines but the first, where it is another.

    Example:
        >>> from codex_jupyter.render.ansi import PLAIN
        >>> [text_of(line) for line in wrapped([("one two three", PLAIN)], 8)]
        ['one two', 'three']
    """
    lines: list[Runs] = []
    line: Runs = []
    used = 0
    for blank, word, wide in _words(runs):
        if word is None:  # the end of a line
            lines.append(joined(line))
            line, used, width = [], 0, further or width
            continue
        gap = len(blank[0]) if blank and line else 0
        if line and used + gap + wide > width:
            lines.append(joined(line))
            line, used, gap, width = [], 0, 0, further or width
        if gap and blank:
            line.append(blank)
        line += word
        used += gap + wide
    lines.append(joined(line))
    return lines


def filled(text: str, width: int, hanging: str = "") -> str:
    """One line of words on as many as it takes, the further ones behind ``hanging``.

    Example:
        >>> print(filled("one two three four five six", 20, "  "))
        one two three four
          five six
    """
    if cells_of(text) <= width:
        return text
    room = max(width, 20)
    first, *more = wrapped([(text, PLAIN)], room, max(room - cells_of(hanging), 20))
    return "\n".join([text_of(first), *(hanging + text_of(line) for line in more)])


def text_of(runs: Runs) -> str:
    """The runs without their styles."""
    return "".join(part for part, _ in runs)


def _words(runs: Iterable[Run]) -> Iterator[tuple[Run | None, Runs | None, int]]:
    """(blank before it, word, its cells); a word of None is the end of a line. A word may change its style within."""
    blank: Run | None = None
    word: Runs = []
    wide = 0
    for text, style in runs:
        for found in _PIECES.finditer(text):
            piece = found[0]
            if piece == "\n":
                if word:
                    yield blank, word, wide
                yield None, None, 0
                blank, word, wide = None, [], 0
            elif piece.isspace() and piece[0] not in "\u00a0\u202f":
                if word:
                    yield blank, word, wide
                    blank, word, wide = None, [], 0
                blank = (piece.replace("\t", " "), style)
            else:
                for part in _parts(piece):
                    if word and _may_part(word[-1][0][-1], part[0]):
                        yield blank, word, wide
                        blank, word, wide = None, [], 0
                    word.append((part, style))
                    wide += cells_of(part)
    if word:
        yield blank, word, wide


def _may_part(last: str, first: str) -> bool:
    """Whether a line may end between two signs of a word."""
    if last.isascii() and first.isascii():
        return False
    east = _EAST_SIGN.match(last) or _EAST_SIGN.match(first)
    return bool(east) and first not in _CLOSING and last not in _OPENING


def _parts(piece: str) -> list[str]:
    """Where a word of East Asian signs may be parted."""
    if piece.isascii() or not _EAST_SIGN.search(piece):
        return [piece]
    return _EAST_PIECES.findall(piece)


def joined(line: Runs) -> Runs:
    """Neighbours in one style as one run."""
    made: Runs = []
    for text, style in line:
        if made and made[-1][1] == style:
            made[-1] = (made[-1][0] + text, style)
        else:
            made.append((text, style))
    return made
