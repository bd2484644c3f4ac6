"""No group is repeated possessively: Python 3.11.2, which Debian 12 has, finds other matches then than later ones."""

from __future__ import annotations

import ast
import re

from tests.unit.structure.sources import sources, tree

POSSESSIVE_GROUP = re.compile(r"(?<!\\)\)(?:[*+?]|\{{1,2}[^{}]*\}{1,2})\+|\(\?>")


def patterns(of: ast.AST) -> list[str]:
    """The strings of a source, and the written parts of its f-strings."""
    return [
        n.value for n in ast.walk(of) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    ]


def test_no_group_is_repeated_possessively() -> None:
    found = [
        f"{module}: {text}"
        for module in sources()
        for text in patterns(tree(module))
        if POSSESSIVE_GROUP.search(text) and "\n" not in text
    ]
    assert not found, found


def test_groups_are_told_from_characters() -> None:
    for group in ("(?:ab)++", "(a|b){0,3}+", "(?:x)*+c", "(?>ab)", "(x){{0,3}}+"):
        assert POSSESSIVE_GROUP.search(group), group
    for fine in ("[ab]++", r"\)++", "a{0,3}+", "(?:ab)+", "(a){0,3}"):
        assert not POSSESSIVE_GROUP.search(fine), fine
