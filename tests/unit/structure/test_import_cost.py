"""What importing the package and loading the extension bring in, told from the sources: `make bench` has the times."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.unit.structure.sources import sources, tree
from tests.unit.structure.test_import_circles import imported

#: What a first turn needs and a kernel without one does not.
LATER = (
    "core.rights",
    "core.secrets",
    "core.turn",
    "notebook.command",
    "notebook.commands",
    "notebook.parser",
    "notebook.panel",
    "notebook.presenter",
    "notebook.workbench.kernel_tools",
    "objects.figures",
    "objects.preview",
    "offline",
    "render",
    "runtime",
    "session.session",
)
#: What is slow to import and needed by a few commands alone.
SLOW = frozenset(["anywidget", "difflib", "ipywidgets", "openai_codex", "pkgutil", "tomllib"])


def at_import(node: ast.AST) -> Iterator[ast.stmt]:
    """The import statements that run when a module is imported."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            yield from (one for other in child.orelse for one in at_import(other))
        elif isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        else:
            yield from at_import(child)


def loaded_with(first: str) -> dict[str, str]:
    """The modules of the package that come with one, and who brings each."""
    modules, found = set(sources()), {first: ""}
    waiting = [first]
    while waiting:
        module = waiting.pop()
        statements = ast.Module(body=list(at_import(tree(module))), type_ignores=[])
        names = set(imported(module, modules, statements))
        for name in tuple(names):  # with a module come the packages that it lies in
            parts = name.split(".")[:-1]
            names |= {".".join([*parts[:end], "__init__"]) for end in range(1, len(parts) + 1)}
        for name in sorted(names - found.keys()):
            found[name] = module
            waiting.append(name)
    return found


def foreign(modules: dict[str, str]) -> dict[str, str]:
    """The packages of others that they import, and who does."""
    found = {}
    for module in modules:
        for statement in at_import(tree(module)):
            if isinstance(statement, ast.Import):
                names = [alias.name for alias in statement.names]
            else:
                names = [getattr(statement, "module", None) or ""]
            found.update({name.partition(".")[0]: module for name in names})
    return found


def test_importing_the_package_imports_nothing_but_the_guard() -> None:
    modules = loaded_with("__init__")
    assert set(modules) == {"__init__", "trusted_imports"}
    assert set(foreign(modules)) <= {"codex_jupyter", "os", "sys", "time"}


def test_loading_the_extension_waits_with_what_only_a_turn_needs() -> None:
    modules = loaded_with("notebook.extension")
    assert len(modules) > 15
    early = {
        name: by
        for name, by in modules.items()
        if f"{name}.".startswith(tuple(f"{m}." for m in LATER))
    }
    assert early == {}
    others = foreign(modules)
    assert {name: others[name] for name in SLOW & others.keys()} == {}
