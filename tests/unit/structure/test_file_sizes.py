"""A file of the package over 400 lines is two things, unless its docstring says why it is one; some have less."""

from __future__ import annotations

import ast
import re

from tests.unit.structure.sources import hold_to_list, sources, tree

LONGEST = 400
REASONS = re.compile(r"^Two reasons: \S", re.MULTILINE)

# What everything passes through stays short enough to be read at one sitting, whatever its docstring says.
SHORTER = {"session.engine": 250}

# The files that are still too long. This list only shrinks.
KNOWN: set[str] = set()


def test_no_file_is_long_without_two_reasons() -> None:
    found = set()
    for module, path in sources().items():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST and not REASONS.search(ast.get_docstring(tree(module)) or ""):
            found.add(module)
    hold_to_list(f'file over {LONGEST} lines without a line "Two reasons: ..."', found, KNOWN)


def test_what_everything_passes_through_is_short() -> None:
    lines = {
        module: len(sources()[module].read_text(encoding="utf-8").splitlines())
        for module in SHORTER
    }
    assert {m: n for m, n in lines.items() if n >= SHORTER[m]} == {}
