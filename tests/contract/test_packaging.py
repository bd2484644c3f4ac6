"""What a user installs, built by the real backend: the bundle is inside, and without Node the error says what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.environments import ROOT

_TAKEN = (
    "codex_jupyter", "notebooks", "docs", "pyproject.toml", "hatch_build.py", "README.md", "LICENSE",
    "CHANGELOG.md", "Makefile", ".gitignore",
)  # fmt: skip


def build(tree: Path, target: str, *, path: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(tree / "built")],
        cwd=tree,
        env={**os.environ, "PATH": path or os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the sources, with a bundle in place and no js/ to make another from."""
    for name in _TAKEN:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    static = tmp_path / "codex_jupyter" / "static"
    static.mkdir(exist_ok=True)
    (static / "panel.js").write_text("export default {}")
    return tmp_path


@pytest.fixture
def no_node(tmp_path: Path) -> str:
    """A PATH on which there is no npm."""
    empty = tmp_path / "bin"
    empty.mkdir()
    return str(empty)


def test_the_wheel_holds_the_bundle_and_nothing_beside_the_package(
    tree: Path, no_node: str
) -> None:
    done = build(tree, "wheel", path=no_node)
    assert done.returncode == 0, done.stderr

    (wheel,) = (tree / "built").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "codex_jupyter/static/panel.js" in names
    assert "codex_jupyter/offline/scripts/quickstart.json" in names
    assert "codex_jupyter/offline/samples/bird_strikes.csv.gz" in names
    assert "codex_jupyter/py.typed" in names
    assert {name.split("/")[0] for name in names} == {
        "codex_jupyter",
        "codex_jupyter-0.1.0.dist-info",
    }


def test_a_wheel_is_built_from_the_sdist_without_node(tree: Path, no_node: str) -> None:
    done = build(tree, "sdist")
    assert done.returncode == 0, done.stderr
    (archive,) = (tree / "built").glob("*.tar.gz")
    unpacked = tree / "unpacked"
    with tarfile.open(archive) as sdist:
        # Python 3.11 has the filter since 3.11.4 only; an attribute is read where there is one, and else ignored.
        sdist.extraction_filter = getattr(tarfile, "data_filter", None)
        sdist.extractall(unpacked)
    (inside,) = unpacked.iterdir()

    done = build(inside, "wheel", path=no_node)
    assert done.returncode == 0, done.stderr
    (wheel,) = (inside / "built").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "codex_jupyter/static/panel.js" in names
    assert "codex_jupyter/offline/notebooks/images/kernel-code.png" in names
    zipfile.ZipFile(wheel).extractall(tree / "installed")
    program = "from codex_jupyter.offline import write_tutorials; print(write_tutorials('t'))"
    written = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree / "installed")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert written.stdout.strip() == str(tree / "t")
    here = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert sorted(path.name for path in (tree / "t").glob("*.ipynb")) == here


def test_without_bundle_and_node_the_error_says_what_to_do(tree: Path, no_node: str) -> None:
    shutil.rmtree(tree / "codex_jupyter" / "static")
    done = build(tree, "wheel", path=no_node)

    assert done.returncode != 0
    assert "Install Node.js 18 or later" in done.stderr
    assert not list((tree / "built").glob("*.whl"))


def test_a_failing_bundler_is_heard(tree: Path, no_node: str) -> None:
    shutil.rmtree(tree / "codex_jupyter" / "static")
    (tree / "js").mkdir()
    npm = Path(no_node) / "npm"
    npm.write_text("#!/bin/sh\necho the bundler said no\nexit 3\n")
    npm.chmod(0o755)
    done = build(tree, "wheel", path=f"{no_node}:/bin:/usr/bin")

    assert done.returncode != 0
    assert "`npm ci` failed in js/ (exit 3)" in done.stderr
    assert "the bundler said no" in done.stderr
