"""Something worth saying that is no item on the wire: ``runtime/notices.py`` and the reducer make them."""

from __future__ import annotations

from dataclasses import dataclass

from codex_jupyter.core.block_parts import bounded, key
from codex_jupyter.core.document import Block, Body, Fold, Glyph, Lines, Plain
from codex_jupyter.core.item import COMES_WHOLE, NOT_ON_THE_WIRE, Context, Item, Kind
from codex_jupyter.core.plain_message import plain_message

#: Characters of a notice in its title; the whole stands in its body.
TITLE_LENGTH = 140


@dataclass(frozen=True, slots=True)
class Notice(Item):
    """Something worth saying. ``level``: info, warning, retry or error; ``hint`` is the next step or ``""``.

    ``code`` names the cause where the runtime does (``usageLimitExceeded``, ``modelRerouted``, ...).
    """

    level: str = "info"
    message: str = ""
    detail: str = ""
    hint: str = ""
    code: str = ""


_GLYPHS: dict[str, Glyph] = {"warning": "warning", "retry": "retry", "error": "error"}
_FOLDS: dict[str, Fold] = {"warning": "body", "retry": "never", "error": "never"}


def block(item: Notice, context: Context, role: str) -> Block | None:
    """What is said, and the next step."""
    title, whole = plain_message(item.message or item.code or item.level, TITLE_LENGTH)
    body: list[Body] = [Plain(bounded(text)) for text in (whole, item.detail) if text]
    if item.hint:
        body.append(Lines((item.hint,), advice=True))
    return Block(
        key(item),
        "error" if item.level == "error" else "notice",
        title,
        _GLYPHS.get(item.level, "info"),
        label=item.level,
        body=tuple(body),
        fold=_FOLDS.get(item.level, "work"),
        open=item.level == "error",
    )


NOTICE = Kind(
    item=Notice,
    wire=NOT_ON_THE_WIRE,
    growth=COMES_WHOLE,
    block=block,
    by_model=False,
)
