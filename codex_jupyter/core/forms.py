"""Questions and JSON schemas as the fields of a card. Total: whatever a schema says, fields come out.

The schemas of MCP elicitations are flat objects of strings, numbers, booleans and choices; anything richer becomes a
text field, and the server judges what it is sent.
"""

from __future__ import annotations

import json
import math
from typing import Any

from codex_jupyter.core.diffs import Change
from codex_jupyter.core.document import Field
from codex_jupyter.core.requests import Question

#: Most fields and options that are shown.
MOST_FIELDS, MOST_OPTIONS = 50, 100


def question_fields(questions: tuple[Question, ...]) -> tuple[Field, ...]:
    """One field for each question; secret ones are masked."""
    return tuple(
        Field(
            id=q.id,
            label=q.text or q.header,
            type="choice" if q.options else ("secret" if q.secret else "text"),
            description=q.header if q.text and q.header != q.text else "",
            options=tuple((label, label, about) for label, about in q.options[:MOST_OPTIONS]),
            free_text=bool(q.options) and q.free_text,
            required=False,
        )
        for q in questions[:MOST_FIELDS]
    )


#: The field in which some of several changes are chosen.
CHANGES = "changes"


def change_fields(changes: tuple[Change, ...]) -> tuple[Field, ...]:
    """One field in which each change can be left out, named by its number from 1; none where there is no choice.

    Example:
        >>> change_fields((Change("cell [3]", "update", "@@"), Change("cell [4]", "delete", "x")))[0].options
        (('1', 'cell [3]', ''), ('2', 'cell [4]', 'deleted'))
    """
    if not 1 < len(changes) <= MOST_OPTIONS:
        return ()
    options = tuple((str(n), each.path, _done(each)) for n, each in enumerate(changes, 1))
    label = "Some of them only"
    return (Field(CHANGES, label, "choices", options=options, ticked=True),)


def _done(change: Change) -> str:
    if change.moved_to:
        return f"moved {change.moved_to}"
    return "deleted" if change.kind == "delete" else ""


def chosen_changes(
    values: tuple[tuple[str, tuple[str, ...]], ...], count: int
) -> tuple[int, ...] | None:
    """The numbers, from 0, of the changes that were ticked; None: they are none of these.

    Example:
        >>> chosen_changes((("changes", ("1", "3")),), 3)
        (0, 2)
    """
    given = dict(values).get(CHANGES, ())
    numbers = {str(n): n - 1 for n in range(1, count + 1)}
    if not given or not set(given) <= set(numbers):
        return None
    return tuple(sorted({numbers[one] for one in given}))


def form_fields(schema: str) -> tuple[Field, ...]:
    """The fields of a JSON schema given as text, in its order.

    Example:
        >>> form_fields('{"properties": {"age": {"type": "integer"}}, "required": ["age"]}')[0].type
        'integer'
    """
    try:
        known = json.loads(schema) if schema else {}
    except (ValueError, RecursionError):
        return ()
    properties = known.get("properties") if isinstance(known, dict) else None
    if not isinstance(properties, dict):
        return ()
    required = known.get("required")
    needed = {r for r in required if isinstance(r, str)} if isinstance(required, list) else set()
    return tuple(
        _field(str(name), spec if isinstance(spec, dict) else {}, name in needed)
        for name, spec in list(properties.items())[:MOST_FIELDS]
    )


def form_content(schema: str, values: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    """What was typed or ticked, by field, as the JSON text of the form; what does not fit its type stays text.

    Example:
        >>> form_content('{"properties": {"age": {"type": "integer"}}}', (("age", ("41",)),))
        '{"age": 41}'
    """
    types = {field.id: field.type for field in form_fields(schema)}
    content: dict[str, object] = {
        name: list(given) if types.get(name) == "choices" else _typed(types.get(name), given[0])
        for name, given in values
        if given
    }
    return json.dumps(content, ensure_ascii=False)


def form_fault(schema: str, content: str) -> str:
    """What is wrong with a filled form, in words for whoever filled it; ``""`` when it fits its schema.

    No judge of what this version does not know: the server sees to that.

    Example:
        >>> form_fault('{"properties": {"age": {"type": "integer"}}, "required": ["age"]}', "{}")
        'age is needed.'
    """
    try:
        given = json.loads(content)
        known = json.loads(schema) if schema else {}
    except (ValueError, RecursionError):
        return "The form is not filled in."
    if not isinstance(given, dict):
        return "The form is not filled in."
    specs = known.get("properties") if isinstance(known, dict) else None
    specs = specs if isinstance(specs, dict) else {}
    for field in form_fields(schema):
        value = given.get(field.id)
        if value is None or value == "" or value == []:
            if field.required:
                return f"{field.label} is needed."
            continue
        spec = specs.get(field.id)
        fault = _fault(field, spec if isinstance(spec, dict) else {}, value)
        if fault:
            return f"{field.label} {fault}."
    try:
        json.loads(content, parse_constant=_number, parse_float=_number, parse_int=_number)
    except (ValueError, OverflowError):
        return "A number in this is too large."
    return ""


def _number(digits: str) -> float:
    """A number that whoever reads JSON takes; a line with another one is lost as a whole."""
    if not math.isfinite(number := float(digits)):
        raise ValueError(digits)
    return number


def _fault(field: Field, spec: dict[str, Any], value: object) -> str:
    """What is wrong with one value, behind the field's name."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and _finite(value)
    if field.type == "boolean":
        return "" if isinstance(value, bool) else "is yes or no"
    if field.type == "integer" and not (number and value % 1 == 0):  # type: ignore[operator]
        return "is a whole number"
    if field.type == "number" and not number:
        return "is a number"
    if field.options:
        chosen = value if isinstance(value, list) else [value]
        offered = {name for name, _, _ in field.options}
        if isinstance(value, list) is not (field.type == "choices"):
            return "is chosen from what is offered"
        return "" if {_default(v) for v in chosen} <= offered else "is chosen from what is offered"
    if field.type in ("text", "secret") and spec.get("type") == "string":
        if not isinstance(value, str):
            return "is a text"
        return _outside(len(value), spec, "minLength", "maxLength", " characters")
    if number:
        return _outside(value, spec, "minimum", "maximum", "")  # type: ignore[arg-type]
    return ""


def _finite(number: float) -> bool:
    """Whether JSON has words for it."""
    return isinstance(number, int) or math.isfinite(number)


def _outside(size: float, spec: dict[str, Any], low: str, high: str, unit: str) -> str:
    at_least, at_most = spec.get(low), spec.get(high)
    if isinstance(at_least, (int, float)) and size < at_least:
        return f"is at least {at_least}{unit}"
    if isinstance(at_most, (int, float)) and size > at_most:
        return f"is at most {at_most}{unit}"
    return ""


def _typed(type_: str | None, text: str) -> object:
    try:
        if type_ == "integer":
            return int(text)
        if type_ == "number" and _finite(number := float(text)):
            return number
    except ValueError:
        return text
    return {"true": True, "false": False}.get(text, text) if type_ == "boolean" else text


def _field(name: str, spec: dict[str, Any], required: bool) -> Field:
    kind = spec.get("type")
    items = spec.get("items")
    options = _options(spec)
    type_ = "choice" if options else "text"
    if kind == "array":
        options = _options(items) if isinstance(items, dict) else ()
        type_ = "choices" if options else "text"
    elif kind in ("number", "integer", "boolean") and not options:
        type_ = kind
    elif spec.get("format") == "password" or spec.get("writeOnly") is True:
        type_ = "secret"
    return Field(
        id=name,
        label=_text(spec.get("title")) or name,
        type=type_,
        description=_text(spec.get("description")) or _limits(spec),
        options=options,
        required=required,
        default=_default(spec.get("default")),
    )


def _options(spec: dict[str, Any]) -> tuple[tuple[str, str, str], ...]:
    values = spec.get("enum")
    if isinstance(values, list):
        names = spec.get("enumNames")
        names = names if isinstance(names, list) else []
        found = []
        for i, value in enumerate(values[:MOST_OPTIONS]):
            shown = _default(value)
            label = _text(names[i]) if i < len(names) else ""
            found.append((shown, label or shown, ""))
        return tuple(found)
    for key in ("oneOf", "anyOf"):
        branches = spec.get(key)
        if isinstance(branches, list) and branches:
            rows = [b for b in branches if isinstance(b, dict) and "const" in b]
            if len(rows) == len(branches):
                return tuple(
                    (
                        _default(b["const"]),
                        _text(b.get("title")) or _default(b["const"]),
                        _text(b.get("description")),
                    )
                    for b in rows[:MOST_OPTIONS]
                )
    return ()


def _limits(spec: dict[str, Any]) -> str:
    said = [_text(spec.get("format"))]
    for low, high, unit in (("minimum", "maximum", ""), ("minLength", "maxLength", " characters")):
        at_least, at_most = spec.get(low), spec.get(high)
        if isinstance(at_least, (int, float)):
            said.append(f"at least {at_least}{unit}")
        if isinstance(at_most, (int, float)):
            said.append(f"at most {at_most}{unit}")
    return ", ".join(part for part in said if part)


def _default(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
