"""The variables of a namespace as a list for the model. Nothing private, nothing huge, no code of theirs.

Which names count as the user's own is decided here, and nowhere else.
"""

from __future__ import annotations

import fnmatch
import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from codex_jupyter.objects import statics
from codex_jupyter.objects.shortening import cut
from codex_jupyter.objects.summary import Summary, bytes_text, summarize

#: Rows of a listing, and its characters, at most.
ROWS, ROOM = 80, 10_000

#: What IPython itself puts into a namespace.
_MACHINERY = frozenset(
    {
        "In",
        "Out",
        "exit",
        "quit",
        "get_ipython",
        "open",
        "display",
        "original_ps1",
        "REPLHooks",
        "get_ps1",
    }
)


@dataclass(frozen=True, slots=True)
class Listing:
    """The variables that are the user's, and what else was imported.

    Attributes:
        variables: name and value, oldest first.
        modules: (name, module) of imported modules.
        imported: names of functions and classes that come from elsewhere.
    """

    variables: tuple[tuple[str, Any], ...]
    modules: tuple[tuple[str, str], ...]
    imported: tuple[str, ...]


def list_names(namespace: Mapping[str, Any], hidden: Mapping[str, Any] | None = None) -> Listing:
    """Sort a namespace into what is the user's own and what is not.

    Args:
        namespace: a kernel's ``user_ns``.
        hidden: its ``user_ns_hidden``: what was there before the user came.
    """
    before = statics.plain_keys(dict(hidden or {}))
    variables: list[tuple[str, Any]] = []
    modules: list[tuple[str, str]] = []
    imported: list[str] = []
    for name, value in statics.plain_keys(
        namespace if type(namespace) is dict else dict(namespace)
    ).items():
        if name.startswith("_") or name in _MACHINERY or before.get(name, statics.MISSING) is value:
            continue
        if statics.derives(type(value), types.ModuleType):
            modules.append((name, _module_name(value)))
        elif _imported(value):
            imported.append(name)
        else:
            variables.append((name, value))
    return Listing(tuple(variables), tuple(modules), tuple(imported))


def listing_text(listing: Listing, *, match: str = "", rows: int = ROWS, room: int = ROOM) -> str:
    """The list as text, a line for each variable, within a budget.

    Args:
        listing: what ``list_names`` found.
        match: show only names with this in them, or that fit this pattern (``df*``).
        rows: variables to show, at most.
        room: characters, at most.
    """
    chosen = [(n, v) for n, v in listing.variables if _fits(n, match)]
    lines: list[str] = []
    length = 0
    for name, value in chosen[:rows]:
        line = row_text(name, summarize(value, name=name))
        if lines and length + len(line) > room:
            break
        lines.append(line)
        length += len(line) + 1
    count = f"{len(chosen)} variable{'' if len(chosen) == 1 else 's'}"
    head = f"{count} in the notebook's kernel" + (f" match {match!r}" if match else "")
    rest = [name for name, _ in chosen[len(lines) :]]
    if rest:
        lines.append(f"and {len(rest)} more: {cut(', '.join(rest), 1_000)}")
    if not match and listing.modules:
        lines.append(
            "Modules: " + cut(", ".join(_import_text(*pair) for pair in listing.modules), 600)
        )
    if not match and listing.imported:
        lines.append("Imported functions and classes: " + cut(", ".join(listing.imported), 600))
    return "\n".join([f"{head}{':' if chosen else '.'}", *lines])


def row_text(name: str, facts: Summary) -> str:
    """One variable in one line: ``df: pandas.DataFrame, 5 rows × 2 columns, 80 B; a int64, b float64``."""
    parts = [part for part in (facts.type, facts.shape, bytes_text(facts.size)) if part]
    return f"{cut(name, 80)}: {', '.join(parts)}" + (f"; {facts.preview}" if facts.preview else "")


def _fits(name: str, match: str) -> bool:
    if not match:
        return True
    return (
        fnmatch.fnmatchcase(name, match)
        if any(c in match for c in "*?[")
        else match.lower() in name.lower()
    )


def _imported(value: Any) -> bool:
    """Whether a name stands for a function or class that was made elsewhere."""
    if type(value) is types.FunctionType:
        home = value.__globals__.get("__name__")
        return not (type(home) is str and home == "__main__")
    if statics.one_of(type(value), types.BuiltinFunctionType, types.MethodType) or _is_ufunc(value):
        return True
    if statics.derives(type(value), type):
        return statics.module_of(value) != "__main__"
    return False


def _is_ufunc(value: Any) -> bool:
    return statics.is_type(value, "numpy", "ufunc")


def _module_name(value: Any) -> str:
    held = (statics.instance_dict(value) or {}).get("__name__")
    return cut(held, 80) if type(held) is str else "?"


def _import_text(name: str, module: str) -> str:
    return name if name == module else f"{module} as {name}"
