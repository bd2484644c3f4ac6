"""`make demo` on the real runtime: what it prints, and what it leaves for a reader."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.environments import ROOT


@pytest.fixture(scope="module")
def printed() -> str:
    done = subprocess.run(
        [sys.executable, "scripts/demo.py"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_transcript_is_text_and_says_where_the_rest_lies(printed: str) -> None:
    assert "In [1]: %load_ext codex_jupyter" in printed
    assert "offline" in printed
    assert "<IPython.core" not in printed
    assert "<div" not in printed
    assert "build/demo/01_quickstart.ipynb" in printed
    assert "build/demo/01_quickstart.html" in printed


def test_the_executed_notebook_reads_without_a_kernel(printed: str) -> None:
    executed = json.loads((ROOT / "build/demo/01_quickstart.ipynb").read_text())
    bundles = [o["data"] for c in executed["cells"] for o in c.get("outputs", []) if "data" in o]

    assert any("text/html" in bundle and "text/plain" in bundle for bundle in bundles)
    assert not [b for b in bundles if "application/vnd.jupyter.widget-view+json" in b]
    assert "widgets" not in executed["metadata"]
    failed = [c for c in executed["cells"] for o in c.get("outputs", []) if "ename" in o]
    assert [c["metadata"].get("tags") for c in failed] == [["raises-exception"]]


def test_the_model_knows_every_prompt_and_its_figures_are_those_of_the_kernel(printed: str) -> None:
    words = " ".join(printed.split())
    assert "This is the offline model" not in words
    assert "not what the sample's table gives" not in words
    for counted, said in (
        ("4,976 strikes, 10.8% with damage", "4,976 strikes, August 1997 to July 2002"),
        ("Climb 982 179 0.182", "18 % of its 982 strikes"),
        ("Canada goose 91 58 0.637", "58 of 91 strikes did damage"),
        ("Descent 215 30 0.139535 Climb 982 179 0.182281", "'18% of 982 (Climb)'"),
    ):
        assert counted in words and said in words
