"""Names of things in the kernel as the model and the user write them: ``df``, ``config["path"]``, ``model.layers[0]``.

Resolved step by step without running code: attributes that an object itself holds, entries of plain containers, columns
of trusted tables. A step that would have to run something is refused and says so.
"""

from __future__ import annotations

import ast
import difflib
import types
from collections import OrderedDict, deque
from itertools import islice
from typing import Any

from codex_jupyter.errors import UserError
from codex_jupyter.objects import statics
from codex_jupyter.objects.tables import column_of, table_of
from codex_jupyter.objects.variables import list_names

#: Entries of a dict that are looked through for a key.
ENTRIES = 200_000
#: Names that a misspelt one is compared with.
NAMES = 1_000
#: Entries of a slice.
SLICE = 100_000


class UnknownNameError(UserError):
    """There is nothing of that name; ``hint`` names what is near."""


class UnreadableNameError(UserError):
    """Reaching it would run code."""


def resolve(namespace: dict[str, Any], name: str) -> Any:
    """The object of that name.

    Args:
        namespace: the variables; read as a snapshot.
        name: a variable, with attributes and constant indexes behind it.

    Raises:
        UnknownNameError: there is none.
        UnreadableNameError: it is no such name, or a step of it would run code.

    Example:
        >>> resolve({"config": {"paths": ["a", "b"]}}, "config['paths'][-1]")
        'b'
    """
    try:
        node = ast.parse(name.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise UnreadableNameError(
            f"{name!r} is not a name.", "Name a variable, such as df."
        ) from None
    steps: list[ast.Attribute | ast.Subscript] = []
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        steps.append(node)
        node = node.value
    if not isinstance(node, ast.Name) or len(steps) > 20:
        raise UnreadableNameError(
            f"{name!r} is an expression, not a name.",
            "Name a variable, with .attributes and [constant] indexes; run_python evaluates expressions.",
        )
    held = statics.plain_keys(namespace)
    if node.id not in held:
        raise UnknownNameError(f"There is no variable {node.id!r}.", nearest(node.id, namespace))
    value = held[node.id]
    for step in reversed(steps):
        value = (
            _attribute(value, step, name)
            if isinstance(step, ast.Attribute)
            else _entry(value, step, name)
        )
    return value


def nearest(name: str, namespace: dict[str, Any]) -> str:
    """A sentence that names what is spelled alike, or what there is."""
    names = list(list_names(namespace).variables)
    if len(names) > NAMES:  # each is compared letter by letter
        names = [n for n in names if n[:1].lower() == name[:1].lower()][-NAMES:]
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    close += [n for n in names if n.lower() == name.lower() and n not in close]
    if close:
        return f"Did you mean {' or '.join(close)}?"
    return f"There are: {', '.join(names[:12])}." if names else "No variables are defined."


def _attribute(value: Any, step: ast.Attribute, whole: str) -> Any:
    name = step.attr
    if statics.derives(type(value), types.ModuleType) or not statics.derives(type(value), type):
        held = statics.attributes(value)
        if name in held:
            return held[name]
    else:
        found = statics.class_attribute(value, name)
        if found is not statics.MISSING:
            return (
                found.__func__ if statics.one_of(type(found), staticmethod, classmethod) else found
            )
    column = column_of(value, name)
    if column is not None:
        return column
    found = statics.class_attribute(type(value), name)
    if found is statics.MISSING:
        raise UnknownNameError(f"{ast.unparse(step.value)} holds no {name!r}.", _held_hint(value))
    if statics.one_of(
        type(found), types.FunctionType, types.BuiltinFunctionType, types.MethodDescriptorType
    ):
        return found
    raise UnreadableNameError(
        f"Reading {ast.unparse(step)} would run code of {statics.type_title(type(value))}.",
        "Use run_python for it.",
    )


def _held_hint(value: Any) -> str:
    names = [n for n in statics.attributes(value) if not n.startswith("_")]
    return f"It holds: {', '.join(names[:20])}." if names else ""


def _entry(value: Any, step: ast.Subscript, whole: str) -> Any:
    key = _constant(step.slice, whole)
    cls = type(value)
    if statics.one_of(cls, dict, OrderedDict) or statics.is_type(
        value, "collections", "defaultdict"
    ):
        for held, entry in islice(dict.items(value), ENTRIES):
            if type(held) is type(key) and held == key:
                return entry
        raise UnknownNameError(f"{ast.unparse(step.value)} has no entry {key!r}.")
    positional = statics.one_of(cls, list, tuple, str, bytes, range, deque) or statics.is_type(
        value, "numpy", "ndarray"
    )
    if positional and isinstance(key, (int, slice)):
        try:
            if isinstance(key, slice) and cls is not range:
                key = _short(key, cls.__len__(value))
            return value[key]
        except (IndexError, TypeError, ValueError) as error:
            raise UnknownNameError(f"{ast.unparse(step)}: {error}.") from None
    table = table_of(value)
    if table is not None and type(key) is str:
        column = column_of(value, key)
        if column is not None:
            return column
        names = [column.name for column in table.columns]
        close = difflib.get_close_matches(key, names, n=3)
        raise UnknownNameError(
            f"{ast.unparse(step.value)} has no column {key!r}.",
            f"Did you mean {' or '.join(close)}?" if close else f"It has: {', '.join(names[:20])}.",
        )
    raise UnreadableNameError(
        f"Reading {ast.unparse(step)} would run code of {statics.type_title(cls)}.",
        "Use run_python for it.",
    )


def _short(key: slice, size: int) -> slice:
    """The beginning of a slice: a copy of all of it would take as much memory."""
    start, stop, step = key.indices(size)
    bound = start + step * SLICE
    return (
        slice(start, min(stop, bound), step)
        if step > 0
        else slice(start, key.stop if stop < 0 else max(stop, bound), step)
    )


def _constant(node: ast.expr, whole: str) -> Any:
    try:
        if isinstance(node, ast.Slice):
            parts = [
                None if part is None else ast.literal_eval(part)
                for part in (node.lower, node.upper, node.step)
            ]
            if all(part is None or type(part) is int for part in parts):
                return slice(*parts)
        else:
            key = ast.literal_eval(node)
            if type(key) in (str, int, float, bool, bytes, type(None)):
                return key
    except ValueError:
        pass
    raise UnreadableNameError(
        f"{whole!r}: an index has to be a constant.", "run_python evaluates expressions."
    )
