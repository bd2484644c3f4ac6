"""Nothing of ours is imported from the folder that the notebook lies in, or that a turn works in."""

from __future__ import annotations

from pathlib import Path

from codex_jupyter import offline
from tests.decoys import plant, ran
from tests.kernel.conftest import StartKernel


def test_moving_into_a_hostile_folder_runs_nothing_of_it(
    start_kernel: StartKernel, model: offline.Offline, scratch: Path
) -> None:
    """After ``os.chdir`` into a folder of decoys, with it first on ``sys.path``, a turn runs none of them."""
    kernel = start_kernel()
    hostile = scratch / "hostile"
    hostile.mkdir()
    plant(hostile, scratch / "marks")
    kernel.run("import os, sys")
    assert kernel.run("%load_ext codex_jupyter").ok
    assert kernel.run(f"os.chdir({str(hostile)!r}); sys.path.insert(0, '.')").ok
    for cell in ("%codex hello", "%codex /status", "%reload_ext codex_jupyter", "%codex again"):
        done = kernel.run(cell)
        assert done.ok, (cell, done.text, ran(scratch / "marks"))
    assert ran(scratch / "marks") == {}
