"""Characters that a reader must not be fooled by: html escapes, control characters, bidirectional overrides.

Pure string functions. Text of a model, a command or a file passes through here before it reaches a page or a terminal.
"""

from __future__ import annotations

import re

#: C0 without tab and newline, DEL, C1. A terminal would act on them.
_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f"
#: Overrides, embeddings and isolates reorder what is read; line and paragraph separators break a line where nobody sees
#: it; tags and interlinear marks are invisible. Joiners and directional marks stay: emoji and right-to-left text need them.
_DECEPTIVE = "\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
_UNPRINTABLE = re.compile(f"[{_CONTROLS}{_DECEPTIVE}\ud800-\udfff]")
#: In commands and paths a zero-width character is a trap, too.
_EXACT = re.compile(
    f"[{_CONTROLS}{_DECEPTIVE}\ud800-\udfff\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2065"
    "\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def escape(text: str) -> str:
    """``text`` as html text or as a quoted attribute value; NUL, which html cannot hold, becomes U+FFFD.

    Example:
        >>> escape('<a href="x">')
        '&lt;a href=&quot;x&quot;&gt;'
    """
    text = text.replace("\0", "\ufffd").replace("&", "&amp;").replace("<", "&lt;")
    return text.replace(">", "&gt;").replace('"', "&quot;").replace("'", "&#39;")


def shown(text: str) -> str:
    """``text`` with every control or deceptive character spelled out; newlines and tabs stay.

    Example:
        >>> shown("a\\x1b[31mb\\r\\nc")
        'a␛[31mb\\nc'
    """
    return _UNPRINTABLE.sub(_spell, text.replace("\r\n", "\n"))


def exact(text: str) -> str:
    """Like ``shown``, for what a person is asked to allow: zero-width characters are spelled out as well."""
    return _EXACT.sub(_spell, text.replace("\r\n", "\n"))


def dropped(text: str) -> str:
    """``text`` without control and deceptive characters, for prose where a spelled-out mark would only disturb."""
    return _UNPRINTABLE.sub("", text)


def one_line(text: str, limit: int = 400) -> str:
    """The text on one line, white space collapsed, at most ``limit`` characters."""
    line = " ".join(shown(text[: 4 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _spell(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)  # the control pictures block: one visible sign each
    if code == 0x7F:
        return "\u2421"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
