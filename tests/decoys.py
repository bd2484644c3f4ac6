"""A folder of decoys: files that stand where our libraries' modules would be looked for, and tell when they run."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from pathlib import Path

from packaging.requirements import Requirement

#: What our libraries import if it happens to be there.
OPTIONAL = (
    "linkify_it", "mdit_py_plugins", "email_validator", "eval_type_backport", "rich", "watchfiles", "hypothesis",
    "uvloop", "chardet", "ujson", "orjson", "ctags", "zmq_backend", "PIL", "docrepr", "cython", "pytz", "sitecustomize",
    "usercustomize", "decoy_plugin",
)  # fmt: skip

#: Decoys cannot stand for these: they are built in or frozen, and no file is looked for.
_ALWAYS_THERE = frozenset(sys.builtin_module_names)

# Nothing may be imported here: what it imported might be a decoy. The innermost frames say who wanted it.
DECOY = """
import sys
frame, stack = sys._getframe(), []
while frame is not None:
    stack.append(f"{frame.f_code.co_filename}:{frame.f_lineno}")
    frame = frame.f_back
with open(MARKS + "/" + __name__, "w") as mark:
    mark.write("\\n".join(stack))
"""

_PLUGINS = "[pydantic]\ndecoy = decoy_plugin\n\n[pygments.lexers]\ndecoy = decoy_plugin:Lexer\n"


def dependency_modules(
    root: str = "codex-jupyter", extras: frozenset[str] = frozenset({"offline"})
) -> set[str]:
    """The top-level modules of every distribution that the package needs here, directly or not, itself left out."""
    modules: set[str] = set()
    seen: set[tuple[str, frozenset[str]]] = set()
    wanted = [(root, extras)]
    while wanted:
        name, extras = wanted.pop()
        key = (re.sub(r"[-_.]+", "-", name).lower(), extras)
        if key in seen:
            continue
        seen.add(key)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another platform
        for line in distribution.requires or ():
            needed = Requirement(line)
            marker = needed.marker
            if marker is None or any(marker.evaluate({"extra": e}) for e in (*extras, "")):
                wanted.append((needed.name, frozenset(needed.extras)))
        if name != root:
            modules |= _modules(distribution)
    return modules


def _modules(distribution: importlib.metadata.Distribution) -> set[str]:
    found: set[str] = set()
    for file in distribution.files or ():
        top = file.parts[0]
        if len(file.parts) == 1 and top.endswith((".py", ".so", ".pyd")):
            found.add(top.partition(".")[0])
        elif len(file.parts) > 1 and top.isidentifier() and file.suffix in (".py", ".so", ".pyd"):
            found.add(top)
    return found - {"__pycache__"}


def plant(folder: Path, marks: Path) -> None:
    """Write a decoy of every module of our dependencies, of what they may look for, and of the standard library."""
    marks.mkdir(parents=True, exist_ok=True)
    names = {*dependency_modules(), *OPTIONAL, *sys.stdlib_module_names} - _ALWAYS_THERE
    for name in names:
        (folder / f"{name}.py").write_text(f"MARKS = {str(marks)!r}\n{DECOY}")
    entries = folder / "decoy-1.0.dist-info"
    entries.mkdir()
    (entries / "METADATA").write_text("Metadata-Version: 2.1\nName: decoy\nVersion: 1.0\n")
    (entries / "entry_points.txt").write_text(_PLUGINS)


def ran(marks: Path) -> dict[str, list[str]]:
    """The decoys that ran, and the innermost frames of whoever imported each."""
    return {mark.name: mark.read_text().splitlines()[:12] for mark in sorted(marks.iterdir())}
