"""The package's source files, read and never imported: what the tests of its structure look at."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.environments import ROOT

PACKAGE = ROOT / "codex_jupyter"


@cache
def sources() -> dict[str, Path]:
    """Module name below the package (``"session.engine"``, ``"session.__init__"``) -> its file."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        found[".".join(path.relative_to(PACKAGE).with_suffix("").parts)] = path
    return found


@cache
def tree(module: str) -> ast.Module:
    """The parsed source of a module."""
    return ast.parse(sources()[module].read_text(encoding="utf-8"))


def hold_to_list(what: str, found: set[str], listed: set[str]) -> None:
    """Fail, in lines, where the sources and a list of known exceptions disagree.

    Such a list only shrinks: what is not on it is new and must not be; what is on it and gone must be struck off.
    """
    lines = [f"new {what}: {one}" for one in sorted(found - listed)]
    lines += [f"gone, strike it off the list: {one}" for one in sorted(listed - found)]
    if lines:
        pytest.fail("\n".join(lines), pytrace=False)
