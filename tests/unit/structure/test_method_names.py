"""Nobody above `runtime/` spells the names of the runtime's methods.

Below it, each module of `core/items/` names the notifications that its kind is read from; `offline/`, which plays OpenAI's
servers, has names of its own.
"""

from __future__ import annotations

import ast
import re

from tests.unit.structure.sources import hold_to_list, sources, tree

METHOD = re.compile(r"[a-z][A-Za-z]*(?:/[a-z][A-Za-z]*)+")
NOT_A_METHOD = re.compile(r"(?:text|image|audio|video|application)/")  # a mime type

# "module: method" that still stand elsewhere. This list only shrinks.
KNOWN: set[str] = set()


def methods(of: ast.AST) -> set[str]:
    """The strings of a source that look like a method; a docstring is prose and never is one alone."""
    return {
        node.value
        for node in ast.walk(of)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and METHOD.fullmatch(node.value)
        and not NOT_A_METHOD.match(node.value)
    }


def test_no_method_of_the_runtime_is_spelled_outside_its_package() -> None:
    found = {
        f"{module}: {method}"
        for module in sources()
        if module.split(".")[0] not in ("runtime", "core", "offline")
        for method in methods(tree(module))
    }
    hold_to_list("method of the runtime spelled outside runtime/", found, KNOWN)


def test_methods_are_told_from_other_strings() -> None:
    code = 'a = "turn/start"; f("thread/backgroundTerminals/list", "text/plain", "a / b", f"thread/name/{x}")'
    assert methods(ast.parse(code)) == {"turn/start", "thread/backgroundTerminals/list"}
    assert "turn/start" in {m for module in sources() for m in methods(tree(module))}
