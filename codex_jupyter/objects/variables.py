"""The variables of a namespace as a list for the model. Nothing private, nothing huge, no code of theirs.

Which names count as the user's own is decided here, and nowhere else.
"""

from __future__ import annotations

import fnmatch
import types
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

#: What objects of a class are to a listing: imported, perhaps the user's own (``code``), or variables.
_MODULE, _IMPORTED, _CODE = "module", "imported", "code"
_SMALL, _TEXT, _LARGE = "small", "text", "large"
#: Shorter texts are small.
_SHORT = 200


@dataclass(frozen=True, slots=True)
class Listing:
    """The variables that are the user's, and what else was imported.

    Attributes:
        variables: values by name, oldest first.
        modules: imported modules' names by the name they have here.
        imported: names of functions and classes that come from elsewhere.
        marks: which object each variable is, by its address; that of a small one is negative (``~address``).
        small: numbers and short texts; whoever keeps them keeps their addresses from becoming another's.
    """

    variables: dict[str, Any]
    modules: dict[str, str]
    imported: tuple[str, ...]
    marks: dict[str, int]
    small: tuple[Any, ...]


def list_names(namespace: dict[str, Any], hidden: dict[str, Any] | None = None) -> Listing:
    """Sort a namespace into what is the user's own and what is not.

    A turn begins with this, on the main thread and perhaps for tens of thousands of variables: it is one pass, which calls
    nothing for a variable; what a type is, is asked once for each type.

    Args:
        namespace: a kernel's ``user_ns``.
        hidden: its ``user_ns_hidden``: what was there before the user came.
    """
    before = statics.plain_keys(hidden or {})
    variables: dict[str, Any] = {}
    marks: dict[str, int] = {}
    small: list[Any] = []
    modules: dict[str, str] = {}
    imported: list[str] = []
    sorts: dict[int, str] = {}
    classes: list[type] = []  # held, so that no address is given to another meanwhile
    sort_of, special, hold = sorts.get, _MACHINERY.union(before), small.append
    for name, value in statics.entries(namespace):
        if type(name) is not str or name[:1] == "_":
            continue
        if name in special and (name in _MACHINERY or before[name] is value):
            continue
        cls = type(value)
        sort = sort_of(id(cls))
        if sort is None:
            classes.append(cls)
            sort = sorts[id(cls)] = _sort(cls)
        if sort is _LARGE or (sort is _TEXT and len(value) >= _SHORT):
            variables[name] = value
            marks[name] = id(value)
        elif sort is _SMALL or sort is _TEXT:
            variables[name] = value
            marks[name] = ~id(value)
            hold(value)
        elif sort is _MODULE:
            modules[name] = _module_name(value)
        elif sort is _IMPORTED or _made_elsewhere(value):
            imported.append(name)
        else:
            variables[name] = value
            marks[name] = id(value)
    return Listing(variables, modules, tuple(imported), marks, tuple(small))


def _sort(cls: type) -> str:
    """What objects of a class are to a listing."""
    if statics.derives(cls, types.ModuleType):
        return _MODULE
    if cls is types.FunctionType or statics.derives(cls, type):
        return _CODE
    if statics.one_of(cls, types.BuiltinFunctionType, types.MethodType):
        return _IMPORTED
    if statics.is_class(cls, "numpy", "ufunc"):
        return _IMPORTED
    if cls is str:
        return _TEXT
    return _SMALL if statics.one_of(cls, int, float, complex, bool, type(None)) else _LARGE


def _made_elsewhere(value: Any) -> bool:
    """Whether a function or class was not made in the notebook."""
    if type(value) is types.FunctionType:
        return statics.text(value.__module__) != "__main__"
    return statics.module_of(value) != "__main__"


def listing_text(listing: Listing, *, match: str = "", rows: int = ROWS, room: int = ROOM) -> str:
    """The list as text, a line for each variable, within a budget.

    Args:
        listing: what ``list_names`` found.
        match: show only names with this in them, or that fit this pattern (``df*``).
        rows: variables to show, at most.
        room: characters, at most.
    """
    chosen = [(n, v) for n, v in listing.variables.items() if _fits(n, match)]
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
            "Modules: "
            + cut(", ".join(_import_text(*pair) for pair in listing.modules.items()), 600)
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


def _module_name(value: Any) -> str:
    held = (statics.instance_dict(value) or {}).get("__name__")
    return cut(held, 80) if type(held) is str else "?"


def _import_text(name: str, module: str) -> str:
    return name if name == module else f"{module} as {name}"
