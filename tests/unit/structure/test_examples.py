"""The examples in the docstrings are true: those with ``>>>`` run and print what they say, the others are Python.

An example without ``>>>`` needs a runtime or a notebook. What it calls of this package has to be there all the same.
"""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import re
import textwrap

import pytest

import codex_jupyter
from codex_jupyter.session.live import LiveTurn
from codex_jupyter.session.result import Result
from codex_jupyter.session.session import Session
from tests.unit.structure.sources import sources, tree

WITH_EXAMPLES = sorted(name for name, path in sources().items() if ">>> " in path.read_text())
#: A name in an example -> what it stands for there.
STANDS_FOR = {
    "session": Session,
    "turn": LiveTurn,
    "result": Result,
    "cj": codex_jupyter,
    "codex_jupyter": codex_jupyter,
}
#: The heading of an example without ``>>>`` in a source: only modules that have one are worth taking apart.
HEADING = re.compile(r"Examples?:\n\s*(?!>>>)\S")
SECTION = re.compile(r"^Examples?:\n((?:[ \t]+.*\n|\n)*)", re.MULTILINE)


def other_examples() -> list[tuple[str, str]]:
    """(where, source) of the examples that doctest does not see."""
    found = []
    for module, path in sources().items():
        if not HEADING.search(path.read_text(encoding="utf-8")):
            continue
        for node in ast.walk(tree(module)):
            if not isinstance(
                node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
            ):
                continue
            for match in SECTION.finditer(f"{ast.get_docstring(node) or ''}\n"):
                text = textwrap.dedent(match.group(1)).strip()
                if not text.startswith(">>>"):
                    found.append((f"{module}.{getattr(node, 'name', '')}", text))
    return found


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_of_a_module_run(name: str, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    module = importlib.import_module(f"codex_jupyter.{name}".removesuffix(".__init__"))
    # As somebody who typed them: what an example defines is of `__main__`.
    outcome = doctest.testmod(
        module, extraglobs={"__name__": "__main__"}, optionflags=doctest.ELLIPSIS
    )
    assert outcome.attempted
    assert not outcome.failed


def test_there_are_examples_everywhere() -> None:
    rooms = {name.split(".")[0] for name in WITH_EXAMPLES}
    assert rooms >= {"core", "render", "runtime", "session", "notebook", "offline", "settings"}


@pytest.mark.parametrize(("where", "text"), other_examples())
def test_the_other_examples_are_python_and_name_what_there_is(where: str, text: str) -> None:
    compiled = compile(text, where, "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    for node in ast.walk(compiled):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = STANDS_FOR.get(node.value.id)
            if owner is not None:
                annotated = getattr(owner, "__annotations__", {})
                documented = f"{node.attr}:" in (inspect.getdoc(owner) or "")
                assert hasattr(owner, node.attr) or node.attr in annotated or documented, node.attr


def test_other_examples_are_seen() -> None:
    assert any(where == "session.live.LiveTurn" for where, _ in other_examples())
