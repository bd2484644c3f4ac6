"""How a line behind ``%codex`` is cut into words: blanks, quotes, what looks like an option. Pure."""

from __future__ import annotations

import re
import shlex

BLANKS = " \t\r\n\f\v"
QUOTES = "'\""
HELP_NAMES = ("--help", "-h")

OPTION_LIKE = re.compile(r"--?[A-Za-z]")
WORD = re.compile(r"[^ \t\r\n\f\v]*")


def word_at(text: str, position: int) -> str:
    """The word that begins at ``position``, ``""`` where none does."""
    match = WORD.match(text, position)
    return match[0] if match else ""


def skip_blanks(text: str, position: int, blanks: str = BLANKS) -> int:
    """The first position from ``position`` on where no blank stands."""
    while position < len(text) and text[position] in blanks:
        position += 1
    return position


def as_value(text: str) -> str:
    """A text as it is typed for an option's value: in quotes where it would end too early without.

    Example:
        >>> as_value("report"), as_value("my report")
        ('report', '"my report"')
    """
    if text == word_at(text, 0) and text[:1] not in QUOTES and not OPTION_LIKE.match(text):
        return text
    quote = "'" if '"' in text else '"'
    return f"{quote}{text}{quote}"


def shell_words(text: str) -> list[str]:
    """The words of a command's text, as a shell cuts them; at blanks where a quote is not closed."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
