"""What is long and goes to the model is cleaned, then cut: half a secret at the place of a cut is no longer one that is found.

Secrets of the environment and what looks like one; those of the notebook's variables are taken out of the whole afterwards.
"""

from __future__ import annotations

from codex_jupyter.objects.shortening import bounded


def clean(text: str) -> str:
    """The text without secrets."""
    from codex_jupyter.session.gate import cleaner_now  # loading the extension needs none of it

    return cleaner_now().text(text)


def clean_bounded(text: str, room: int) -> str:
    """The text, with its middle left out where it is too long, and then without secrets.

    Example:
        >>> clean_bounded("short", 10), clean_bounded("ghp_" + "a1" * 20 + " and on " * 9, 20)
        ('short', '[hidden] a… 60 left out …n  and on ')
    """
    return text if len(text) <= room else bounded(clean(text), room)


def clean_start(text: str, room: int) -> str:
    """The first ``room`` characters; when that is not all of it, without secrets."""
    return text if len(text) <= room else clean(text)[:room]


def clean_end(text: str, room: int) -> str:
    """The last ``room`` characters; when that is not all of it, without secrets."""
    return text if len(text) <= room else clean(text)[-room:]
