"""What is raw says nothing of itself, and who opens it is known."""

from __future__ import annotations

import ast
import copy
import functools
import json
import pickle
from pathlib import Path

import pytest

import codex_jupyter
from codex_jupyter.core.blocks import document
from codex_jupyter.core.raw import Raw, exact
from codex_jupyter.core.turn import Turn

PACKAGE = Path(codex_jupyter.__file__).parent
#: Who acts on the exact words of the runtime, and on what.
EXACT = {
    "core/raw.py": "",
    "session/gate.py": "cleans them",
    "session/arriving.py": "requests: a policy decides about them, a tool runs them, a reply quotes them",
    "session/ending.py": "counts the commands that were left running",
    "session/idle.py": "the same, before the runtime lets go of their conversation",
}
#: Modules of ``runtime/`` whose answers are not raw yet: nobody above may use them.
INSIDE = (
    "translate",
    "wire_items",
    "wire_requests",
    "wire_watchers",
    "notices",
    "announcements",
    "fields",
)


def test_it_has_nothing_to_show() -> None:
    raw = Raw("hunter2")
    for said in (
        repr(raw),
        str(raw),
        f"{raw}",
        f"{raw!r}",
        "%s" % raw,  # noqa: UP031
        repr([raw]),
        repr({"a": raw}),
    ):
        assert "hunter2" not in said
    assert exact(raw) == "hunter2"


@pytest.mark.parametrize(
    "use",
    [
        lambda raw: json.dumps(raw),
        lambda raw: pickle.dumps(raw),
        lambda raw: copy.copy(raw),
        lambda raw: copy.deepcopy(raw),
        lambda raw: raw + "",
        lambda raw: len(raw),
        lambda raw: [*raw],
        lambda raw: "".join([raw]),
        lambda raw: document(raw),
        lambda raw: raw.entries,
        lambda raw: setattr(raw, "_said_raw", ""),
        lambda raw: vars(raw),
    ],
)
def test_whoever_takes_plain_values_cannot_take_it(use) -> None:
    with pytest.raises((TypeError, AttributeError)):
        use(Raw(Turn()))


def test_two_of_them_are_not_compared_by_what_they_hold() -> None:
    assert Raw("a") != Raw("a")


@functools.cache
def sources() -> list[tuple[str, ast.Module]]:
    return [
        (path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8")))
        for path in PACKAGE.rglob("*.py")
    ]


def test_only_those_open_it_who_say_why() -> None:
    found = {
        name
        for name, tree in sources()
        for node in ast.walk(tree)
        if (
            isinstance(node, ast.ImportFrom)
            and node.module == "codex_jupyter.core.raw"
            and any(alias.name == "exact" for alias in node.names)
        )
        or (isinstance(node, ast.Attribute) and node.attr == "_said_raw")
    }
    assert found == set(EXACT)


def test_nobody_above_the_runtime_reads_the_wire() -> None:
    found = {
        (name, node.module)
        for name, tree in sources()
        if name.split("/")[0] in ("session", "notebook", "render", "core")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        if node.module.startswith("codex_jupyter.runtime.") and node.module.split(".")[2] in INSIDE
    }
    assert not found
