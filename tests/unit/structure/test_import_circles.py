"""No circle among the modules of the package, nor among the entries of one of its folders.

An import counts wherever it stands: at the top, in a function, under TYPE_CHECKING. A circle by annotation
alone runs, and still says that two modules cannot be understood one after the other.

An entry of a folder is a file of it, or a folder in it with all that this holds. Modules that import each
other in a circle make one among the entries of the folder that holds them all, so that looking at the
folders finds both kinds.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.unit.structure.sources import hold_to_list, sources, tree

Graph = dict[str, set[str]]

# The imports that still lie on a circle: "one -> other". This list only shrinks.
KNOWN: set[str] = set()


def imported(module: str, modules: set[str], of: ast.Module) -> Iterator[str]:
    """The modules of the package that a module names in an import statement, anywhere in it.

    ``from codex_jupyter.core import text`` names the module ``core.text`` where there is one, and
    else the package ``core``, which is the module ``core.__init__``.
    """
    own = ["codex_jupyter", *module.split(".")]

    def named(dotted: str) -> Iterator[str]:
        below = dotted.removeprefix("codex_jupyter").removeprefix(".")
        if below in modules:
            yield below
        elif (package := f"{below}.__init__".removeprefix(".")) in modules:
            yield package

    for node in ast.walk(of):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "codex_jupyter":
                    yield from named(alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = [*own[: len(own) - node.level]] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            if start.split(".")[0] != "codex_jupyter":
                continue
            for alias in node.names:
                inner = f"{start}.{alias.name}"
                yield from (named(inner) if list(named(inner)) else named(start))


def among_modules() -> Graph:
    """Module -> the other modules of the package that it imports."""
    modules = set(sources())
    return {m: set(imported(m, modules, tree(m))) - {m} for m in modules}


def entries(one: str, other: str) -> tuple[str, str]:
    """Two modules as entries of the folder that holds both."""
    mine, theirs = one.split("."), other.split(".")
    same = 0
    while mine[same] == theirs[same]:
        same += 1
    return ".".join(mine[: same + 1]), ".".join(theirs[: same + 1])


def reachable(graph: Graph, start: str) -> set[str]:
    """All that can be reached from a node by at least one step."""
    seen: set[str] = {
        "notebook.commands.__init__ -> notebook.magics",
        "notebook.commands.account -> notebook.magics",
        "notebook.commands.approvals -> notebook.magics",
        "notebook.commands.basics -> notebook.magics",
        "notebook.commands.checks -> notebook.magics",
        "notebook.commands.choices -> notebook.magics",
        "notebook.commands.conversations -> notebook.magics",
        "notebook.commands.jobs -> notebook.magics",
        "notebook.commands.turns -> notebook.magics",
        "notebook.completion_sources -> notebook.magics",
        "notebook.magics -> notebook.commands.__init__",
        "notebook.magics -> notebook.completion_sources",
        "session.broker -> session.live",
        "session.ending -> session.engine",
        "session.ending -> session.live",
        "session.engine -> session.broker",
        "session.engine -> session.ending",
        "session.engine -> session.live",
        "session.engine -> session.pictures",
        "session.engine -> session.presentation",
        "session.engine -> session.reviewing",
        "session.engine -> session.routes",
        "session.engine -> session.thread",
        "session.live -> session.engine",
        "session.pictures -> session.live",
        "session.presentation -> session.live",
        "session.presentation -> session.signing_in",
        "session.presentation -> session.thread",
        "session.reviewing -> session.engine",
        "session.reviewing -> session.live",
        "session.routes -> session.live",
        "session.signing_in -> session.engine",
        "session.thread -> session.presentation",
    }
    waiting = [start]
    while waiting:
        for other in graph.get(waiting.pop(), ()):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return seen


def on_a_circle(graph: Graph) -> set[str]:
    """The imports ``"one -> other"`` whose entries can also be reached the other way round."""
    folders: Graph = {}
    for one, others in graph.items():
        for other in others:
            mine, theirs = entries(one, other)
            folders.setdefault(mine, set()).add(theirs)
    after = {entry: reachable(folders, entry) for entry in folders}
    return {
        f"{one} -> {other}"
        for one, others in graph.items()
        for other in others
        for mine, theirs in [entries(one, other)]
        if mine in after.get(theirs, ())
    }


def test_no_circle_among_modules_or_folders() -> None:
    hold_to_list("import on a circle", on_a_circle(among_modules()), KNOWN)


def test_every_spelling_of_an_import_is_seen() -> None:
    modules = {"a.__init__", "a.b", "a.c.__init__", "a.c.d", "__init__", "e"}

    def seen(code: str, module: str = "a.b") -> set[str]:
        return set(imported(module, modules, ast.parse(code)))

    assert seen("import codex_jupyter.a.c.d") == {"a.c.d"}
    assert seen("import codex_jupyter as cj") == {"__init__"}
    assert seen("from codex_jupyter import e, session") == {"e", "__init__"}
    assert seen("from codex_jupyter.a.c import d, name") == {"a.c.d", "a.c.__init__"}
    assert seen("from codex_jupyter.a.c.d import Name") == {"a.c.d"}
    assert seen("from . import c") == {"a.c.__init__"}
    assert seen("from .c import d") == {"a.c.d"}
    assert seen("from .. import e") == {"e"}
    assert seen("from . import d", "a.c.__init__") == {"a.c.d"}
    assert seen("def f():\n    from codex_jupyter import e") == {"e"}
    assert seen("if TYPE_CHECKING:\n    from codex_jupyter.a import b, c", "e") == {
        "a.b",
        "a.c.__init__",
    }
    assert seen("import codex_jupyter_other, os\nfrom os import path") == set()


def test_circles_are_found_in_a_graph_that_has_some() -> None:
    graph = {"p.a": {"p.q.b"}, "p.q.b": {"p.q.c"}, "p.q.c": {"p.d"}, "p.d": {"p.a"}, "p.e": {"p.a"}}
    assert on_a_circle(graph) == {"p.a -> p.q.b", "p.q.c -> p.d", "p.d -> p.a"}
    # The modules b and c never meet in a circle; the folder q and the file a do.
    apart = {"p.a": {"p.q.b"}, "p.q.c": {"p.a", "p.e"}}
    assert on_a_circle(apart) == {"p.a -> p.q.b", "p.q.c -> p.a"}
