"""Every process that the package starts begins with the signals of a fresh one: its command goes through `undisturbed`."""

from __future__ import annotations

import ast

from tests.unit.structure.sources import hold_to_list, sources, tree

STARTING = {
    "Popen", "run", "call", "check_call", "check_output", "getoutput", "system", "popen", "spawnv", "posix_spawn",
    "create_subprocess_exec", "create_subprocess_shell", "fork", "execv", "execve", "execvp",
}  # fmt: skip
#: `asyncio.run` runs a coroutine.
MODULES = {"subprocess", "os", "pty", "multiprocessing"}
#: A program of its own, which has no thread and sets every signal between the two.
KEEPER = {"runtime.keeper: os.fork", "runtime.keeper: os.execv", "runtime.keeper: os.popen"}


def disturbed(of: ast.AST) -> set[str]:
    """The calls of a source that start a process as the kernel's signals leave it."""
    found = set()
    for node in ast.walk(of):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = node.func.value
        if not isinstance(owner, ast.Name) or owner.id not in MODULES or node.func.attr not in STARTING:  # fmt: skip
            continue
        first = node.args[0] if node.args else None
        if isinstance(first, ast.Call) and getattr(first.func, "id", "") == "undisturbed":
            continue
        found.add(f"{owner.id}.{node.func.attr}")
    return found


def test_no_process_is_started_with_the_kernels_signals() -> None:
    found = {f"{module}: {call}" for module in sources() for call in disturbed(tree(module))}
    hold_to_list("process that inherits ignored signals", found, KEEPER)


def test_what_goes_through_it_is_told_from_what_does_not() -> None:
    code = "subprocess.Popen(undisturbed(c), env=e)\nsubprocess.run([x])\nos.system('x')\nsession.run('x')\nasyncio.run(m())"
    assert disturbed(ast.parse(code)) == {"subprocess.run", "os.system"}
