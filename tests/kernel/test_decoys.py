"""No file of the notebook's folder runs in the kernel because Codex is used there, whatever it is called."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from codex_jupyter import offline
from tests.decoys import plant, ran
from tests.environments import clean_environ
from tests.kernel.conftest import StartKernel

LOAD = "%load_ext codex_jupyter"
#: An answer that needs every part of the renderer: a table, a link, coloured code, mathematics.
_ANSWER = (
    "A [link](https://example.org/a?b=ü), `code`, $x^2$:\n\n|a|b|\n|-|-|\n|1|2|\n\n"
    "```python\nprint(1)\n```\n\n```sql\nselect 1\n```\n"
)
RICH = offline.Script.of(
    offline.Rule("rich", [[offline.say(_ANSWER, phase="final_answer")]], repeat=True)
)

CONSOLE = """
import os, sys
from IPython.terminal.interactiveshell import TerminalInteractiveShell
shell = TerminalInteractiveShell.instance(simple_prompt=True)
shell.run_cell("1")
os.chdir(sys.argv[1])
sys.path.insert(0, "")
for cell in ("%load_ext codex_jupyter", "%codex hello", "%codex /status", "%reload_ext codex_jupyter", "%codex again"):
    assert shell.run_cell(cell).success, cell
"""

PROGRAM = """
import codex_jupyter as cj
session = cj.session()
assert session.run("hello").final_response
turn = session.start("again")
assert turn.result().final_response
"""


@pytest.mark.parametrize("stdin", [True, False], ids=["page", "headless"])
@pytest.mark.parametrize("planted", ["by a clone", "by a command"])
def test_turns_in_a_kernel_run_no_decoy(
    start_kernel: StartKernel, model: offline.Offline, scratch: Path, stdin: bool, planted: str
) -> None:
    model.server.script = RICH
    kernel = start_kernel(stdin=stdin)
    if planted == "by a command":  # it wrote them while the extension was there already
        assert kernel.run(LOAD).ok
    assert kernel.run("1").ok
    plant(kernel.folder, scratch / "marks")
    for cell in (
        LOAD,
        "%codex hello",
        "turn = %codex -b in the background",
        "turn.result().final_response",
        "%codex /status",
        "%codex /doctor",
        "%reload_ext codex_jupyter",
        "%codex -s workspace-write again",
    ):
        done = kernel.run(cell)
        assert done.ok, (cell, done.text, ran(scratch / "marks"))
    assert ran(scratch / "marks") == {}


@pytest.mark.parametrize("way", ["console", "program"])
def test_turns_outside_a_kernel_run_no_decoy(
    way: str, scratch: Path, model: offline.Offline
) -> None:
    model.server.script = RICH
    folder, program = scratch / "work", scratch / "console.py"
    folder.mkdir()
    plant(folder, scratch / "marks")
    program.write_text(CONSOLE)
    command = ["-c", PROGRAM] if way == "program" else [str(program), str(folder)]
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder if way == "program" else scratch,
        env=clean_environ(scratch, model.env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran(scratch / "marks") == {}
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_users_own_imports_stay_as_in_any_kernel(
    start_kernel: StartKernel, scratch: Path
) -> None:
    kernel = start_kernel()
    kernel.run(LOAD)
    (kernel.folder / "mdurl.py").write_text("mine = 1")
    (kernel.folder / "own_extension.py").write_text(
        "import own_part\ndef load_ipython_extension(shell): shell.user_ns['loaded'] = own_part.x"
    )
    (kernel.folder / "own_part.py").write_text("x = 2")
    assert kernel.run("%load_ext own_extension").ok
    assert kernel.value("loaded") == "2"
    assert kernel.run("import mdurl").ok
    assert kernel.value("mdurl.mine") == "1"
    refused = kernel.run("%codex hello")
    assert not refused.ok
    assert "mdurl.py" in refused.error[1] and "'mdurl'" in refused.error[1]
    assert "restart the kernel" in refused.error[1]
    assert not kernel.descendants("codex")


def test_no_program_is_taken_from_the_folder(
    start_kernel: StartKernel, model: offline.Offline, scratch: Path
) -> None:
    """PATH begins with the folder, in both spellings: what the runtime starts by name is not looked for there."""
    path = clean_environ(scratch)["PATH"]
    kernel = start_kernel(environ={"PATH": f".::{path}"})
    mark = scratch / "mark"
    for name in (
        "git",
        "codex",
        "unshare",
        "sh",
        "bash",
        "bwrap",
        "lsb_release",
        "locale",
        "uname",
        "python3",
        "rg",
        "xdg-open",
    ):
        decoy = kernel.folder / name
        decoy.write_text(f"#!/bin/sh\necho {name} >> {mark}\n")
        decoy.chmod(0o755)
    (kernel.folder / ".git").mkdir()
    assert kernel.run(LOAD).ok
    for cell in ("%codex hello", "%codex /diff", "%codex /status", "%codex /doctor"):
        kernel.run(cell)
    assert not mark.exists(), mark.read_text()
