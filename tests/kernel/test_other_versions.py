"""A Codex of another version in a real kernel: what nobody here has heard of is shown, declined and saved, never raised."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat

from codex_jupyter import offline
from tests import other_codex
from tests.environments import clean_environ
from tests.kernel.conftest import StartKernel
from tests.kernel.live_kernel import LiveKernel
from tests.kernel.test_approvals import begin_in_a_page
from tests.kernel.test_checkpoint import say_hello


def ready(
    start_kernel: StartKernel, folder: Path, words: str = "", **options: object
) -> LiveKernel:
    """A kernel whose ``CODEX_BIN`` is a Codex of another version."""
    folder.mkdir(parents=True, exist_ok=True)
    binary = other_codex.install(folder, words)
    kernel = start_kernel(environ={"CODEX_BIN": str(binary)}, **options)
    assert kernel.run("%load_ext codex_jupyter").ok
    return kernel


def test_what_is_unknown_is_shown_and_declined_live(
    start_kernel: StartKernel, scratch: Path
) -> None:
    gate = scratch / "gate"
    os.mkfifo(gate)
    kernel = ready(start_kernel, scratch / "bin", f"gate={gate}")
    begin_in_a_page(kernel, "%codex -b What comes?")
    say_hello(kernel, covers=True)
    kernel.until(lambda: "item/dream/requestApproval" in str(kernel.comm().custom), "the request")
    panel = str(kernel.comm().custom)
    assert "dream" in panel and "codex 9.9.9" in panel and "<b>electric</b>" not in panel
    gate.write_text("go on")
    kernel.until(lambda: "The future works." in str(kernel.comm().custom), "the answer")
    said = kernel.value("__import__('codex_jupyter').session().engine.runtime.stderr_tail")
    assert "answered" in said and '"error"' in said and '"result"' not in said


def test_what_is_unknown_is_saved(scratch: Path, model: offline.Offline, tmp_path: Path) -> None:
    (scratch / "bin").mkdir()
    binary = other_codex.install(scratch / "bin")
    cells = ["%load_ext codex_jupyter", "%codex What comes?", "%codex /status", "%codex /doctor"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    source, out = tmp_path / "job.ipynb", tmp_path / "done.ipynb"
    nbformat.write(notebook, source)
    done = subprocess.run(
        [sys.executable, "-m", "jupyter", "execute", str(source), f"--output={out.stem}"],
        cwd=tmp_path,
        env=clean_environ(scratch, {**model.env, "CODEX_BIN": str(binary)}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    saved = json.loads(out.read_text())
    (turn,) = saved["cells"][1]["outputs"]
    for kind in ("text/html", "text/markdown", "text/plain"):
        text = "".join(turn["data"][kind])
        for words in ("dream", "The future works.", "item/dream/requestApproval", "codex 9.9.9"):
            assert words in text, (kind, words)
    assert "<b>electric</b>" not in "".join(turn["data"]["text/html"])
    (status,) = saved["cells"][2]["outputs"]
    assert f"9.9.9, {binary}" in "".join(status["data"]["text/plain"]).replace(
        "~", str(Path.home())
    )
    (doctor,) = saved["cells"][3]["outputs"]
    assert "newer than tried" in "".join(doctor["data"]["text/plain"])


def test_one_that_says_nothing_of_its_rights_runs_nothing(
    start_kernel: StartKernel, scratch: Path
) -> None:
    kernel = ready(start_kernel, scratch / "bin", "silent")
    turn = kernel.run("%codex -s workspace-write What comes?")
    assert not turn.ok and "does not keep to what this turn may do" in turn.error[1]
    assert "Nothing was sent" in turn.error[1]


def test_what_it_lacks_is_named_by_the_command_and_by_doctor(
    start_kernel: StartKernel, scratch: Path
) -> None:
    kernel = ready(start_kernel, scratch / "bin", "lacks=review/start", stdin=False)
    turn = kernel.run("%codex /review")
    assert not turn.ok and "This Codex (9.9.9) has no reviews" in turn.error[1]
    assert kernel.run("%codex What comes?").ok
    doctor = kernel.run("%codex /doctor")
    assert "not in this Codex" in doctor.text and "reviews (/review)" in doctor.text


def test_one_that_cannot_be_started_is_refused_with_the_reason_and_the_next_step(
    start_kernel: StartKernel, scratch: Path
) -> None:
    kernel = ready(start_kernel, scratch / "bin", "version=0.120.0")
    turn = kernel.run("%codex What comes?")
    assert not turn.ok and "is 0.120.0" in turn.error[1]
    assert "the one that came with the SDK" in turn.error[1]
    # The option of a cell's program, of %config and of the environment, in this order.
    assert kernel.run("%config CodexMagics.codex_bin = '/nowhere/codex'").ok
    turn = kernel.run("%codex What comes?")
    assert not turn.ok and "/nowhere/codex" in turn.error[1]
    fine = other_codex.install(scratch / "work")
    kernel.run("%config CodexMagics.codex_bin = './codex'")
    turn = kernel.run("%codex What comes?")
    assert not turn.ok and "changed after this kernel began" in turn.error[1]
    moved = fine.rename(scratch / "bin" / "newer")
    assert kernel.run(f"%config CodexMagics.codex_bin = {str(moved)!r}").ok
    assert kernel.run("%codex What comes?").ok
    assert kernel.run("import codex_jupyter as cj\ncj.session().run('And?', codex_bin=None)").ok
