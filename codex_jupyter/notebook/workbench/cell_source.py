"""The source of a cell without the lines that are ours: a prompt is no code, and the agent knows it already. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from types import FunctionType, MethodType, ModuleType
from typing import Any

from codex_jupyter.objects import statics

_CELL = re.compile(r"\A(?:[^\S\n]*(?:#[^\n]*)?\n)*[^\S\n]*%%codex\b")
#: Our name, in any spelling; and what runs any magic, or the cells of another file, by whatever name that has.
_OURS = re.compile(
    r"codex|get_ipython|run_(?:line|cell)|InteractiveShell"
    r"|(?m:^[^\S\n]*%%?(?:config|alias_magic|load_ext|reload_ext|run|load|macro|rerun|recall)\b)",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d]\w*")
_LINE = re.compile(r"(?m)^[^\S\n]*(?:[^\W\d]\w*[^\S\n]*=[^\S\n]*)?%codex\b[^\n]*\n?")


def is_ours(source: str) -> bool:
    """Whether a cell is nothing but a prompt or command for Codex.

    Example:
        >>> is_ours("%%codex\\nwhy?"), is_ours("%codex why?"), is_ours("x = 1\\n%codex why?")
        (True, True, False)
    """
    return bool(_CELL.match(source)) or (
        bool(_LINE.search(source)) and not _code(_LINE.sub("", source))
    )


def without_ours(source: str) -> str:
    """The source without prompts and commands for Codex.

    Example:
        >>> without_ours("x = 1\\n%codex why?\\ny = 2")
        'x = 1\\ny = 2'
    """
    return "" if _CELL.match(source) else _LINE.sub("", source)


def names_ours(source: str, namespace: Mapping[str, Any]) -> bool:
    """Whether a cell could start, steer or answer Codex, or change what it may do: by a magic, by a name of ours, or by a
    variable that holds something of ours. Looking at variables runs none of their code.

    Example:
        >>> names_ours("%codex hello", {}), names_ours("x = 1", {}), names_ours("%config InlineBackend.dpi = 1", {})
        (True, False, True)
    """
    if _OURS.search(source):
        return True
    return any(_is_ours(namespace[name]) for name in set(_NAME.findall(source)) & set(namespace))


def _is_ours(value: Any) -> bool:
    """Whether it is, or calls, something of ours: by its exact type alone."""
    if type(value) is partial:
        return _is_ours(value.func)
    if type(value) is MethodType:
        return _is_ours(value.__func__) or _is_ours(value.__self__)
    if type(value) is ModuleType:
        module = vars(value).get("__name__")
    elif type(value) is FunctionType:
        module = value.__module__
    else:
        cls = type(value)
        module = statics.module_of(value if statics.derives(cls, type) else cls)
    return type(module) is str and module.split(".")[0] == "codex_jupyter"


def _code(source: str) -> bool:
    return any(line.strip() and not line.strip().startswith("#") for line in source.splitlines())
