"""The index in a package's docstring names the modules that are there, all of them and no other."""

from __future__ import annotations

import ast
import re

from tests.unit.structure.sources import sources, tree

LINE = re.compile(r"^    ([a-z_]+)\.py +\S", re.MULTILINE)


def test_an_index_of_modules_is_whole_and_true() -> None:
    checked = 0
    for module in sources():
        package, _, name = module.rpartition(".")
        listed = set(LINE.findall(ast.get_docstring(tree(module), clean=False) or ""))
        if name != "__init__" or not package or len(listed) < 3:
            continue
        there = {
            other.removeprefix(f"{package}.")
            for other in sources()
            if other.startswith(f"{package}.") and "." not in other.removeprefix(f"{package}.")
        } - {"__init__"}
        assert listed == there, f"{package}: {listed ^ there}"
        checked += 1
    assert checked
