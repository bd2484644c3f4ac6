"""A request asked in words, where nothing can be clicked: which choice, and what to fill in.

Made from the same card as the panel's, so that the words and the choices are the same everywhere. The way to the person
is a ``Line``: the kernel's stdin channel, or a terminal. Answers are typed by key, by number, by choice or by label. Nothing is
allowed by an empty line or one that fits no answer: it is asked again, and after ``TRIES`` declined, so that nobody is asked in
a loop.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Protocol

from codex_jupyter.core.document import Card, Field, Option
from codex_jupyter.core.requests import Answer, Choice
from codex_jupyter.render import text
from codex_jupyter.render.paint import Paint

#: How often an answer or field that does not fit is asked for before the whole request is declined.
TRIES = 3
#: Characters of a title that a prompt repeats: what would go on in a second line is in the card alone.
LONGEST_TITLE = 100
#: Cells of a card's lines.
LEAST_WIDE, WIDE = 30, 120
#: What people type without looking at the keys.
USUAL = {"y": "once", "yes": "once", "n": "decline", "no": "decline"}


class Line(Protocol):
    """One line of text from a person."""

    def __call__(self, prompt: str, *, secret: bool = False) -> str:
        """Show ``prompt`` and return what was typed. Raises ``EOFError`` when the prompt was closed."""
        ...


def ask(card: Card, line: Line, say: Callable[[str], None] | None, width: int = 80) -> Answer:
    """Ask one card.

    Args:
        card: what is asked.
        line: how a line is read.
        say: how the card is shown before the prompt; None: it stands in a panel, which names no keys.
        width: cells of a line of the card.

    Returns:
        The answer; declined when the person closed the prompt or gave no answer that fits.
    """
    if say is not None:
        say(words(card, width))
    try:
        option = _choose(card, line, keys=say is None)
        if option is None:
            return Answer(_decline(card))
        if (
            option.confirm
            and line(f"{option.confirm} Type yes to agree: ").strip().lower() != "yes"
        ):
            return Answer(_decline(card))
        if not card.fields or option.choice != "submit":
            return Answer(option.choice)  # type: ignore[arg-type]
        values = [(field.id, _fill(field, line)) for field in card.fields]
    except (EOFError, _Declined):
        return Answer(_decline(card))
    content = json.dumps({key: value for key, value in values if value is not None})
    pairs = tuple((key, _texts(value)) for key, value in values if value is not None)
    return Answer(option.choice, pairs, content)  # type: ignore[arg-type]


def words(card: Card, width: int = 80) -> str:
    """The card as lines of plain text; a person reads it before the prompt."""
    return text.card(card, max(LEAST_WIDE, min(width, WIDE)), Paint(), keys=True)


def _choose(card: Card, line: Line, keys: bool) -> Option | None:
    """What is chosen; None: the same as nothing, ``TRIES`` times. ``keys``: the prompt says what each means."""
    options = card.options
    typeable = [text.key_of(card, option) for option in options]
    if keys:
        title = card.title if len(card.title) <= LONGEST_TITLE else "Codex asks"
        told = ", ".join(f"{k} = {o.label.lower()}" for k, o in zip(typeable, options, strict=True))
        prompt = f"{title}? {told}: "
    else:
        prompt = f"Your answer ({_either(typeable)}): "
    again = f"Nothing was allowed or declined yet. Type {_either(typeable)}. "
    for at in range(TRIES):
        typed = line(f"{again if at else ''}{prompt}" if keys or not at else again).strip().lower()
        option = _chosen(card, USUAL.get(typed, typed))
        if option is not None:
            return option
    return None


def _chosen(card: Card, typed: str) -> Option | None:
    for number, option in enumerate(card.options, 1):
        if typed in (
            text.key_of(card, option).lower(),
            str(number),
            option.choice,
            option.label.lower(),
        ):
            return option
    return None


def _either(keys: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(keys[:-1]), keys[-1])))


def _decline(card: Card) -> Choice:
    choices = [option.choice for option in card.options]
    return "skip" if "skip" in choices and "decline" not in choices else "decline"


class _Declined(Exception):
    """A required field got no value that fits."""


def _fill(field: Field, line: Line) -> Any:
    """The value of one field, or None for an optional one left empty."""
    options = "".join(
        f"\n    [{i}] {label}" + (f" — {explains}" if explains else "")
        for i, (_, label, explains) in enumerate(field.options, 1)
    )
    label = f"{field.label}{': ' + field.description if field.description else ''}{options}"
    for _ in range(TRIES):
        typed = line(f"{label}\n> ", secret=field.type == "secret").strip() or field.default
        if not typed:
            if not field.required:
                return None
            continue
        try:
            return _read(field, typed)
        except ValueError:
            continue
    raise _Declined


def _read(field: Field, typed: str) -> Any:
    """What was typed as a value of the field. Raises ``ValueError`` when it does not fit."""
    if field.options:
        picked = [
            _pick(field, word.strip())
            for word in (typed.split(",") if field.type == "choices" else [typed])
        ]
        return picked if field.type == "choices" else picked[0]
    if field.type == "integer":
        return int(typed)
    if field.type == "number":
        return float(typed)
    if field.type == "boolean":
        if typed.lower() in ("y", "yes", "true", "1"):
            return True
        if typed.lower() in ("n", "no", "false", "0"):
            return False
        raise ValueError(typed)
    return typed


def _pick(field: Field, word: str) -> str:
    for number, (value, label, _) in enumerate(field.options, 1):
        if word in (str(number), value, label):
            return value
    if field.free_text:
        return word
    raise ValueError(word)


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(str(one) for one in value)
    if isinstance(value, bool):
        return ("true" if value else "false",)
    return (str(value),)
