"""A folder whose author wants to run code in your kernel: every form in which Python would take a module from it.

`tests/decoys.py` writes plain files; here each name of ours is a package, a compiled extension, compiled Python without a
source, or a folder without `__init__` that only has submodules. What can be run leaves a mark; what cannot (an extension of
no machine code) makes the import fail, and with it the turn.
"""

from __future__ import annotations

import importlib.machinery
import py_compile
import subprocess
import sys
from collections.abc import Collection
from functools import cache
from pathlib import Path

from tests.decoys import DECOY, OPTIONAL, dependency_modules

FORMS = ("package", "extension", "compiled", "submodules")
_ALWAYS_THERE = frozenset(sys.builtin_module_names)

#: Distributions that announce plugins, of modules that are the folder's and of modules that everybody has.
_ANNOUNCED = {
    "evil": "[pydantic]\nboom = os:path\n\n[pygments.lexers]\nboom = decoy_plugin:Lexer\n\n[jupyter_client.kernel_provisioners]\nlocal-provisioner = decoy_plugin:Lexer\n",
    "worse": "[pydantic]\nboom = decoy_plugin\n\n[pygments.lexers]\nboom = os:system\n\n[pygments.formatters]\nboom = os:path\n",
}
#: What a settings file of the folder would do to whoever reads it.
_SETTINGS = {
    "matplotlibrc": "backend: module://decoy_plugin\n",
    "pyvenv.cfg": "home = .\ninclude-system-site-packages = false\n",
    "decoy.pth": "import decoy_plugin\n",
    "python311._pth": ".\nimport site\n",
    "ipython_config.py": "import decoy_plugin\n",
    "jupyter_config.py": "import decoy_plugin\n",
    ".pdbrc": "import decoy_plugin\n",
    ".env": "OPENAI_BASE_URL=http://127.0.0.1:9/\nCODEX_HOME=.\nPYTHONPATH=.\n",
    ".pygmentsrc": "decoy_plugin\n",
}
VERSION = "99.0.decoy"


@cache
def loaded_at_start() -> frozenset[str]:
    """What Python has imported before any program begins, also where it looks for the program itself (``-m``)."""
    done = subprocess.run(
        [sys.executable, "-c", "import runpy, sys; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    names = {name.partition(".")[0] for name in done.stdout.split()}
    return frozenset({*names, "sitecustomize", "usercustomize"})


def names() -> list[str]:
    """Every module that we, our dependencies, and theirs may import, optional ones included."""
    return sorted({*dependency_modules(), *OPTIONAL, *sys.stdlib_module_names} - _ALWAYS_THERE)


def plant(folder: Path, marks: Path, turn: int = 0, *, besides: Collection[str] = ()) -> int:
    """Fill the folder; returns how many names there are decoys of.

    Args:
        turn: which form the first name has; four folders with 0 to 3 have each name in each form.
        besides: names that have none.
    """
    folder.mkdir(exist_ok=True)
    marks.mkdir(parents=True, exist_ok=True)
    compiled = folder / "compiled"
    (folder / "decoy_source.py").write_text(f"MARKS = {str(marks)!r}\n{DECOY}")
    py_compile.compile(str(folder / "decoy_source.py"), str(compiled), doraise=True)
    source, code = (folder / "decoy_source.py").read_text(), compiled.read_bytes()
    suffix = importlib.machinery.EXTENSION_SUFFIXES[0]
    wanted = [name for name in names() if name not in besides]
    for number, name in enumerate(wanted):
        form = FORMS[(number + turn) % len(FORMS)]
        if form == "compiled":
            (folder / f"{name}.pyc").write_bytes(code)
            continue
        if form == "extension":
            (folder / f"{name}{suffix}").write_bytes(b"no machine code\n")
            continue
        package = folder / name
        package.mkdir(exist_ok=True)
        if form == "package":
            (package / "__init__.py").write_text(source)
        else:
            inside = package / "rules_core"
            inside.mkdir()
            for place in (package / "main.py", package / "util.py", inside / "evil.py"):
                place.write_text(source)
    _announce(folder)
    for name, text in _SETTINGS.items():
        (folder / name).write_text(text)
    compiled.unlink()
    (folder / "decoy_source.py").unlink()
    return len(wanted)


def _announce(folder: Path) -> None:
    for name, entries in _ANNOUNCED.items():
        info = folder / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(entries)
    for name in ("openai_codex", "anywidget", "ipykernel", "ipywidgets", "pydantic"):
        info = folder / f"{name}-{VERSION}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {VERSION}\n")
