"""What is known of the tools that a stored conversation began with."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from codex_jupyter.runtime.began_with import began_with
from codex_jupyter.runtime.history import StoredThread, thread_of

OURS = [{"type": "namespace", "name": "notebook", "tools": [{"name": "read_cells"}]}]


def _known(path: Path, originator: str = "codex_jupyter") -> bool | None:
    stored = StoredThread("t", path=str(path), originator=originator)
    return began_with(stored, frozenset({"notebook"}))


def _write(path: Path, **meta: Any) -> Path:
    line = json.dumps({"type": "session_meta", "payload": {"id": "t", **meta}})
    path.write_text(line + "\n" + "x" * 100)
    return path


@pytest.mark.parametrize(
    ("tools", "known"),
    [
        (OURS, True),
        ([{"namespace": "notebook", "name": "read_cells"}], True),
        ([{"type": "function", "name": "other"}], False),
        ([], False),
    ],
)
def test_the_first_line_of_its_file_says_it(tmp_path: Path, tools: list[Any], known: bool) -> None:
    assert _known(_write(tmp_path / "a.jsonl", dynamic_tools=tools)) is known


def test_a_program_of_another_name_has_none_of_our_tools(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.jsonl")
    assert _known(path, "codex_cli_rs") is False
    assert _known(path) is None, "a program of ours may have begun it without a notebook"
    assert _known(path, "") is None


@pytest.mark.parametrize(
    ("version", "known"), [("0.163.0", False), ("0.171.2", False), ("0.154.0", None), ("?", None)]
)
def test_no_tools_in_the_file_are_none_where_they_would_be_written(
    tmp_path: Path, version: str, known: bool | None
) -> None:
    assert _known(_write(tmp_path / "a.jsonl", cli_version=version)) is known


def test_a_file_that_says_nothing_leaves_it_unknown(tmp_path: Path) -> None:
    assert _known(tmp_path / "gone.jsonl") is None
    assert _known(tmp_path) is None
    for number, content in enumerate(
        (b"", b"{}\n", b"[1]\n", b"\xff\xfe\n", b"{" * 5_000, b'{"payload": 3}\n')
    ):
        path = tmp_path / f"{number}.jsonl"
        path.write_bytes(content)
        assert _known(path) is None
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps({"payload": {"id": "another", "dynamic_tools": OURS}}))
    assert _known(other) is None
    os.mkfifo(tmp_path / "pipe")
    assert _known(tmp_path / "pipe") is None


def test_the_runtime_names_the_file_and_the_program() -> None:
    stored = thread_of({"id": "t", "path": "/a.jsonl", "originator": "codex_cli_rs"})
    assert (stored.path, stored.originator) == ("/a.jsonl", "codex_cli_rs")
