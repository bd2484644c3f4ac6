"""Which folder a server serves, as its kernel finds out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codex_jupyter.core.file_links import ServedFolder
from codex_jupyter.notebook.served_folder import served_folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "served" / "nb").mkdir(parents=True)
    return tmp_path / "served"


def _environ(notebook: Path | str, pid: str = "7") -> dict[str, str]:
    return {"JPY_SESSION_NAME": str(notebook), "JPY_PARENT_PID": pid}


def _says(folder: Path, **values: object) -> None:
    (folder / "jpserver-7.json").write_text(json.dumps(values))


def test_the_server_says_what_it_serves(root: Path, tmp_path: Path) -> None:
    _says(tmp_path, root_dir=str(root))
    found = served_folder(_environ(root / "nb" / "a.ipynb"), str(tmp_path))
    assert found == ServedFolder((str(root),), "nb")


def test_a_folder_that_is_a_link_has_two_names(root: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(root)
    _says(tmp_path, root_dir=str(link))
    found = served_folder(_environ(link / "a.ipynb"), str(tmp_path))
    assert found == ServedFolder((str(link), str(root)), "")


@pytest.mark.parametrize(
    "said", [{}, {"root_dir": 3}, {"root_dir": "relative"}, {"root_dir": "/elsewhere"}]
)
def test_else_it_is_the_notebooks_own_folder(
    root: Path, tmp_path: Path, said: dict[str, object]
) -> None:
    _says(tmp_path, **said)
    found = served_folder(_environ(root / "nb" / "a.ipynb"), str(tmp_path))
    assert found == ServedFolder((str(root / "nb"),), "")


@pytest.mark.parametrize("pid", ["", "../7", "8", "٧"])
def test_another_process_says_nothing(root: Path, tmp_path: Path, pid: str) -> None:
    _says(tmp_path, root_dir=str(root))
    assert served_folder(_environ(root / "nb" / "a.ipynb", pid), str(tmp_path)) == ServedFolder(
        (str(root / "nb"),), ""
    )


@pytest.mark.parametrize("name", ["", "untitled", "nb/a.ipynb"])
def test_without_a_notebook_of_a_server_nothing_is_offered(name: str, tmp_path: Path) -> None:
    assert served_folder(_environ(name), str(tmp_path)) is None
