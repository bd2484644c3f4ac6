"""Layers of settings, put on top of each other, with where each value came from.

Weakest first: the built-in defaults, ``%config CodexMagics.<trait>``, what ``%codex /model`` and its like chose for the
thread, the options of one call. Every layer is checked here, so nothing that cannot be is ever sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from codex_jupyter.errors import OptionError
from codex_jupyter.settings.declared import ALL_OPTIONS, SETTINGS, Settings
from codex_jupyter.settings.option import did_you_mean

FIELD_OF_KEYWORD = {
    keyword: option.field for option in SETTINGS.values() for keyword in option.keywords
}
KEYWORDS = tuple(keyword for option in ALL_OPTIONS for keyword in option.keywords)
"""What a program can give to ``session.run`` and ``session.start``."""


def layer(*layers: tuple[str, Mapping[str, Any]]) -> tuple[Settings, dict[str, str]]:
    """Put layers of settings on top of each other, weakest first.

    Args:
        layers: pairs of where the values come from (``"%config CodexMagics"``, ``"this cell"``, ``"this call"``) and the
            values by keyword; ``None`` and ``""`` choose nothing.

    Returns:
        The settings, and for each chosen field the name of the layer that chose it.

    Raises:
        OptionError: a keyword is none, a value is not possible, or a folder does not exist; the message says which, and
            from which layer.

    Example:
        >>> settings, origin = layer(("%config", {"model": "gpt-5.5"}), ("this cell", {"model": None}))
        >>> settings.model, origin["model"]
        ('gpt-5.5', '%config')
        >>> layer(("this call", {"modle": "gpt-5.5"}))
        Traceback (most recent call last):
        codex_jupyter.errors.OptionError: There is no option modle=. Did you mean model=? Nothing was sent.
        ...
    """
    chosen: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, values in layers:
        for field, value in _by_field(values).items():
            if value == "":
                continue
            value = SETTINGS[field].check(value, origin)
            chosen[field] = {**chosen.get(field, {}), **value} if field == "config" else value
            origins[field] = origin
    return Settings(**chosen), origins


def _by_field(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that choose something, under the names of their fields.

    Raises:
        OptionError: a keyword is none, or two of them mean the same.
    """
    by_field: dict[str, Any] = {}
    for keyword, value in values.items():
        field = FIELD_OF_KEYWORD.get(keyword)
        if field is None:
            near = did_you_mean(keyword, KEYWORDS, suffix="=")
            raise OptionError(
                f"There is no option {keyword}=.{near} Nothing was sent.",
                f"The options are: {', '.join(KEYWORDS)}.",
            )
        if value is None:
            continue
        if field in by_field:
            raise OptionError(
                f"{field}= is given twice, also as {keyword}=. Nothing was sent.", "Keep one."
            )
        by_field[field] = value
    return by_field
