"""What a broad `except` takes is raised again or written into the journal; nothing is swallowed in silence.

Broad is what catches `Exception` or `BaseException`, or is bare; `contextlib.suppress` of them never writes and always
counts. An `except` that raises on some of its ways only must write, too.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from tests.unit.structure.sources import hold_to_list, sources, tree

BROAD = {"Exception", "BaseException"}

#: "module:function" -> why nothing need be written. Several in one function are told by " x2".
ALLOWED = {
    "journal:Ring.handle": "it is the journal; what failed becomes an entry all the same",
    "session.signing_in:ask_hidden": "a kernel without a prompt, which is said in an error right below",
    "notebook.workbench.execution:prepare": "the agent's code does not compile: shown in the cell as its error",
    "notebook.workbench.execution:run x2": "the agent's code failed: shown in the cell; or its own streams do",
    "notebook.workbench.execution:_finish x2": "an interrupt that the code's own task ends with, and tells",
    "notebook.workbench.execution:shown_error x2": "another's exception that cannot be shown: said in the cell",
    "notebook.workbench.work:CallWork.run": "the user's function failed: shown in the cell as its error",
}


def broad(kind: ast.expr | None) -> bool:
    """Whether an except clause of this kind is broad."""
    if kind is None:
        return True
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(ast.unparse(one).rpartition(".")[2] in BROAD for one in kinds)


def told(body: list[ast.stmt]) -> bool:
    """Whether the body ends by raising, or writes into the journal, at its own level and not on some of its ways."""
    return isinstance(body[-1], ast.Raise) or any(
        isinstance(one, ast.Expr)
        and isinstance(one.value, ast.Call)
        and isinstance(one.value.func, ast.Attribute)
        and (
            ast.unparse(one.value.func.value) == "log"
            or one.value.func.attr
            == "call_exception_handler"  # which ours writes (session/loop.py)
        )
        for one in body
    )


def silent(node: ast.AST, inside: tuple[str, ...] = ()) -> Iterator[str]:
    """The qualified names of the functions that hold a silent broad except, once for each."""
    name = ".".join(inside) or "(module)"
    if isinstance(node, ast.ExceptHandler) and broad(node.type) and not told(node.body):
        yield name
    if (
        isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] == "suppress"
        and any(broad(kind) for kind in node.args)
    ):
        yield name
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        inside = (*inside, node.name)
    for child in ast.iter_child_nodes(node):
        yield from silent(child, inside)


def named(module: str, of: ast.AST) -> set[str]:
    """ "module:function", with the number where it is more than one."""
    counted = Counter(silent(of))
    return {f"{module}:{name}" + (f" x{n}" if n > 1 else "") for name, n in counted.items()}


def test_nothing_is_swallowed_in_silence() -> None:
    found = {name for module in sources() for name in named(module, tree(module))}
    hold_to_list(
        "broad except that neither raises nor writes into the journal", found, set(ALLOWED)
    )


def test_silence_is_told_from_the_rest() -> None:
    code = """
def passes():
    try: ...
    except Exception: pass
def sometimes_raises():
    try: ...
    except (ValueError, BaseException) as error:
        if error.args:
            raise
def bare():
    try: ...
    except: return
class Suppressing:
    def twice(self):
        with contextlib.suppress(Exception): ...
        with suppress(KeyError, BaseException): ...
def sometimes_writes():
    try: ...
    except Exception:
        if x: log.debug("x")
def raises():
    try: ...
    except BaseException:
        undo()
        raise
def writes():
    try: ...
    except Exception:
        log.exception("x")
        return None
def narrow():
    try: ...
    except (KeyError, OSError): pass
    with suppress(KeyError): ...
"""
    assert named("m", ast.parse(code)) == {
        "m:passes",
        "m:sometimes_raises",
        "m:bare",
        "m:Suppressing.twice x2",
        "m:sometimes_writes",
    }
