"""Nothing of ours is imported from the folder that the notebook lies in, or that a turn works in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pexpect
import pytest

from codex_jupyter import offline
from tests.attacks.hostile_folder import VERSION, loaded_at_start, plant
from tests.decoys import ran
from tests.environments import ROOT, clean_environ
from tests.kernel.conftest import StartKernel
from tests.waiting import GENEROUS

LOAD = "%load_ext codex_jupyter"
#: An answer that needs every part of the renderer, and names a language that only a plugin could know.
_ANSWER = (
    "A [link](https://example.org/a?b=ü), `code`, $x^2$:\n\n|a|b|\n|-|-|\n|1|2|\n\n"
    "```python\nprint(1)\n```\n\n```boom\nselect 1\n```\n\n```evil\nx\n```\n"
)
RICH = offline.Script.of(
    offline.Rule("rich", [[offline.say(_ANSWER, phase="final_answer")]], repeat=True)
)
#: Every command that needs no second party; what one of them cannot do here it says, and that is fine.
COMMANDS = (
    "/status", "/doctor", "/account", "/model", "/models", "/permissions", "/pending", "/sandbox", "/threads", "/context",
    "/transcript", "/mcp", "/skills", "/usage", "/settings", "/ps", "/diff", "/logs", "/help", "/compact", "/fork branch",
    "/review", "/new", "/name decoys", "/plan", "/goal", "/undo", "/check",
)  # fmt: skip

PROGRAM = """
import sys
import codex_jupyter as cj
session = cj.session()
assert session.run("hello").final_response
turn = session.start("again")
assert turn.result().final_response
assert cj.__file__.startswith({root!r}), cj.__file__
"""


@pytest.fixture(autouse=True)
def rich(model: offline.Offline) -> None:
    model.server.script = RICH


def test_moving_into_a_hostile_folder_runs_nothing_of_it(
    start_kernel: StartKernel, scratch: Path
) -> None:
    """After ``os.chdir`` into a folder of decoys, put first on ``sys.path``, no turn, command or reload runs one."""
    hostile, marks = scratch / "hostile", scratch / "marks"
    plant(hostile, marks)
    kernel = start_kernel()
    kernel.run("import os, sys")
    assert kernel.run(LOAD).ok
    (hostile / "codex_jupyter").mkdir()
    (hostile / "codex_jupyter" / "__init__.py").write_text(
        f"open({str(marks / 'codex_jupyter')!r}, 'w')\ndef load_ipython_extension(shell): pass\n"
    )
    assert kernel.run(f"os.chdir({str(hostile)!r}); sys.path.insert(0, '.')").ok
    for cell in (
        "%codex hello",
        "turn = %codex -b in the background",
        "turn.result().final_response",
        "%reload_ext codex_jupyter",
        "%codex again",
        "%unload_ext codex_jupyter",
        LOAD,
        "%codex -s workspace-write again",
    ):
        done = kernel.run(cell)
        assert done.ok, (cell, done.text, ran(marks))
    doctor = kernel.run("%codex /doctor")
    assert doctor.ok and VERSION not in doctor.text
    for word in COMMANDS:
        kernel.run(f"%codex {word}")
    assert ran(marks) == {}


def test_the_users_own_imports_find_the_folder_as_ever(
    start_kernel: StartKernel, scratch: Path
) -> None:
    """Modules, plugins and versions of the folder are there for whoever imports them in a cell."""
    kernel = start_kernel()
    work = kernel.folder
    assert kernel.run(LOAD).ok and kernel.run("%codex hello").ok
    (work / "own.py").write_text("x = 1")
    (work / "spaced").mkdir()
    (work / "spaced" / "part.py").write_text("y = 2")
    info = work / "own-3.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: own\nVersion: 3.0\n")
    (info / "entry_points.txt").write_text("[own.plugins]\nfirst = own:x\n")
    assert kernel.run("import own, spaced.part, importlib.metadata as metadata").ok
    assert kernel.value("own.x + spaced.part.y") == "3"
    assert kernel.value("metadata.version('own')") == "'3.0'"
    assert kernel.value("[e.load() for e in metadata.entry_points(group='own.plugins')]") == "[1]"


@pytest.mark.parametrize("way", ["-c", "-m", "script", "safe path"])
def test_a_program_in_a_hostile_folder_runs_nothing_of_it(
    way: str, scratch: Path, model: offline.Offline
) -> None:
    """Plain Python, however it is started and whatever is on its path: packages, extensions, ``.pyc``, namespaces."""
    hostile, marks = scratch / "hostile", scratch / "marks"
    number = ("-c", "-m", "script", "safe path").index(way)
    plant(hostile, marks, number, besides=loaded_at_start())
    program = PROGRAM.format(root=str(ROOT))
    (hostile / "prog.py").write_text(program)
    path = {"PYTHONPATH": f"{ROOT}:.::{hostile}"}
    if way == "safe path":
        program = f"import os, sys\nsys.path.insert(0, '.')\nsys.path.insert(0, {str(hostile)!r})\n{program}"
        path = {"PYTHONSAFEPATH": "1", "PYTHONPATH": str(ROOT)}
    command = {"-m": ["-m", "prog"], "script": ["prog.py"]}.get(way, ["-c", program])
    done = subprocess.run(
        [sys.executable, *command],
        cwd=hostile,
        env=clean_environ(scratch, {**model.env, **path}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran(marks) == {}
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_terminal_in_a_hostile_folder_runs_nothing_of_it(
    scratch: Path, model: offline.Offline
) -> None:
    """IPython at a real terminal that moves into a folder of decoys."""
    hostile, marks = scratch / "hostile", scratch / "marks"
    plant(hostile, marks, 1)
    neutral = scratch / "neutral"
    neutral.mkdir()
    console = pexpect.spawn(
        sys.executable,
        ["-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor"],
        cwd=str(neutral),
        env=clean_environ(scratch, {**model.env, "TERM": "dumb"}),  # type: ignore[arg-type]
        encoding="utf-8",
        timeout=GENEROUS,
    )
    try:
        for cell in (LOAD, f"%cd -q {hostile}", "%codex hello", "%reload_ext codex_jupyter", "%codex again"):  # fmt: skip
            console.expect(r"In \[\d+\]: ")
            console.sendline(cell)
        console.expect(r"In \[\d+\]: ")
        console.sendline(
            "print('it is', 6 * 7, len(sys.modules) > 9 if 'sys' in dir() else 'well')"
        )
        console.expect("it is 42")
    finally:
        console.close(force=True)
    assert ran(marks) == {}
    assert len(model.server.requests) >= 2


def test_a_headless_run_in_a_folder_that_turns_hostile_runs_nothing_of_it(
    scratch: Path, model: offline.Offline, tmp_path: Path
) -> None:
    """nbclient, in a folder that a command has filled with decoys before the first turn."""
    prepared, marks, work = scratch / "prepared", scratch / "marks", scratch / "work"
    work.mkdir()
    plant(prepared, marks, 2)
    cells = (
        LOAD,
        f"import shutil\nshutil.copytree({str(prepared)!r}, '.', dirs_exist_ok=True)\nNone",
        "%codex hello",
        "%reload_ext codex_jupyter",
        "%codex -s workspace-write again",
    )
    notebook: Any = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "x", "language": "python"}
    nbformat.write(notebook, work / "job.ipynb")
    done = subprocess.run(
        [sys.executable, "-m", "jupyter", "execute", str(work / "job.ipynb")],
        cwd=scratch,
        env=clean_environ(scratch, model.env),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran(marks) == {}
    assert done.returncode == 0, done.stderr
    assert len(model.server.requests) >= 2
