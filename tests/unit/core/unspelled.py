"""The way back from what is drawn to the exact text, written a second time: it knows the marks, and not how they are made."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_MARK = re.compile("⟨([^⟨⟩]*)⟩")
_NAMES = {"NUL": 0, "BEL": 7, "BS": 8, "VT": 11, "FF": 12, "CR": 13, "ESC": 27, "DEL": 127, "NEL": 133, "CSI": 155}  # fmt: skip
_BLANKS = {"␣": " ", "⇥": "\t", "⏎": "\n"}


def unspelled(drawn: str) -> str:
    """The exact text. Raises ``ValueError`` at a mark that has no meaning."""
    return _MARK.sub(lambda match: _meaning(match[1]), drawn)


def _meaning(words: str) -> str:
    if found := re.fullmatch(r"([␣⇥⏎])(?:×([\d,]+))?", words):
        return _BLANKS[found[1]] * _number(found[2])
    if found := re.fullmatch(r"([\d,]+) empty lines", words):
        return "\n" * (_number(found[1]) - 1)
    if found := re.fullmatch(r"([\d,]+) lines of ␣×(\d+)", words):
        return "\n".join([" " * int(found[2])] * _number(found[1]))
    if found := re.fullmatch(r"rtl (.+) rtl", words):
        return found[1]
    if found := re.fullmatch(r"U\+([0-9A-F]{4,6})(?: [^×]*?)?(?: ×([\d,]+))?", words):
        return chr(int(found[1], 16)) * _number(found[2])
    if found := re.fullmatch(r"◌?. U\+([0-9A-F]{4,6})", words):
        return chr(int(found[1], 16))
    if (found := re.fullmatch(r"([A-Z]+)(?: ×([\d,]+))?", words)) and found[1] in _NAMES:
        return chr(_NAMES[found[1]]) * _number(found[2])
    raise ValueError(words)


def _number(written: str | None) -> int:
    return int(written.replace(",", "")) if written else 1


class _Seen(HTMLParser):
    """The text inside the elements that have a class, one string each."""

    def __init__(self, name: str) -> None:
        super().__init__(convert_charrefs=True)
        self.name, self.depth = name, 0
        self.quiet = 0
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("br", "input", "img"):
            return
        classes = (dict(attrs).get("class") or "").split()
        if self.depth or self.name in classes:
            if not self.depth:
                self.found.append("")
            self.depth += 1
            if "cj-prompt" in classes:
                self.quiet = self.depth

    def handle_endtag(self, tag: str) -> None:
        if self.depth and tag not in ("br", "input", "img"):
            if self.quiet == self.depth:
                self.quiet = 0
            self.depth -= 1

    def handle_data(self, data: str) -> None:
        if self.depth and not self.quiet:
            self.found[-1] += data


def seen(made: str, name: str) -> list[str]:
    """What a reader sees in the elements of an html text that have a class; a shell's prompt is no part of it."""
    reader = _Seen(name)
    reader.feed(made)
    reader.close()
    return reader.found


def unframed(made: str) -> list[str]:
    """The lines inside the frame of a card in text, those that were too long joined again."""
    lines: list[str] = []
    inside = False
    for line in made.split("\n"):
        inside = line.startswith("│ ") or (inside and line.startswith("┆ "))
        if line.startswith("│ "):
            lines.append(line[2:])
        elif inside:
            lines[-1] += line[2:]
    return lines
