"""ANSI colours for terminals that want them; without, every method gives its text back unchanged."""

from __future__ import annotations

from dataclasses import dataclass

from codex_jupyter.core.document import Glyph
from codex_jupyter.render.ansi import PLAIN, Style

_OF_GLYPH: dict[Glyph, str] = {
    "ok": "32",
    "allowed": "32",
    "failed": "31",
    "error": "31",
    "declined": "33",
    "stopped": "33",
    "warning": "33",
    "retry": "33",
    "ask": "33",
}
_OF_SIGN = {"+": "32", "-": "31", "@": "36", "…": "2"}


@dataclass(frozen=True, slots=True)
class Paint:
    """Escapes are written only when ``on``; the caller has neutralised every other control character.

    ``fills``: sentences of ours are wrapped at words, as a terminal of a known width needs; else each stays one line.
    """

    on: bool = False
    fills: bool = False

    def quiet(self, text: str) -> str:
        """Dim: what is not the answer."""
        return self._sgr("2", text)

    def strong(self, text: str) -> str:
        """Bold: what waits for the reader."""
        return self._sgr("1", text)

    def mark(self, glyph: Glyph, text: str) -> str:
        """In the colour of the mark, if it has one."""
        return self._sgr(_OF_GLYPH.get(glyph, ""), text)

    def diff(self, sign: str, text: str) -> str:
        """A line of a diff in the colour of its sign."""
        return self._sgr(_OF_SIGN.get(sign, ""), text)

    def styled(self, text: str, style: Style) -> str:
        """What a command printed, in the colours it asked for, closed again behind it."""
        if not self.on or style == PLAIN:
            return text
        codes = [
            code
            for code, wanted in (
                ("1", style.bold),
                ("2", style.dim),
                ("3", style.italic),
                ("4", style.underline),
                ("7", style.inverse),
                ("9", style.strike),
            )
            if wanted
        ]
        if style.fg is not None:
            codes.append(str(style.fg + 30 if style.fg < 8 else style.fg + 82))
        if style.bg is not None:
            codes.append(str(style.bg + 40 if style.bg < 8 else style.bg + 92))
        return self._sgr(";".join(codes), text)

    def _sgr(self, code: str, text: str) -> str:
        if not self.on or not code or not text:
            return text
        # Line by line, so that a pager or an indentation never carries a colour along.
        return "\n".join(f"\x1b[{code}m{line}\x1b[0m" if line else "" for line in text.split("\n"))
