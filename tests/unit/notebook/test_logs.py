"""``/logs``: what is shown and what is written holds no secret, and a file is its owner's alone."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from codex_jupyter import journal
from codex_jupyter.core.document import Document
from codex_jupyter.errors import UserError
from codex_jupyter.notebook import notice
from codex_jupyter.notebook.command import TypedCommand
from codex_jupyter.notebook.commands.logs import logs, troubles
from codex_jupyter.notebook.workbench import shell_state
from codex_jupyter.render import html, markdown, text
from codex_jupyter.session.registry import session, sessions
from codex_jupyter.session.session import Session
from codex_jupyter.settings import Options

SECRET = "correct-horse-1"
IN_NOTEBOOK = "battery-staple-2"
LOG = journal.logger("a-test")


class Typing:
    """Types commands in a shell."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell

    def session(self) -> Session:
        return session()

    def logs(self, args: str = "") -> None:
        logs.run(self, TypedCommand("logs", args), Options())  # type: ignore[arg-type]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Document]:
    """The documents that commands show."""
    documents: list[Document] = []
    monkeypatch.setattr(notice, "publish_once", documents.append)
    return documents


@pytest.fixture
def typing(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Typing]:
    """A shell whose environment and variables hold a secret each, and an empty journal."""
    monkeypatch.setenv("DB_PASSWORD", SECRET)
    shell.user_ns["api_key"] = IN_NOTEBOOK
    journal.ring().clear()
    yield Typing(shell)
    for one in sessions():
        one.close()
    shell_state.uninstall(shell)


def fail() -> None:
    try:
        raise ValueError(f"cannot log in with {SECRET}, nor with {IN_NOTEBOOK}")
    except ValueError:
        LOG.exception("the tool failed at %s", SECRET)


def test_what_is_shown_and_what_is_written_holds_no_secret(
    typing: Typing, shown: list[Document], tmp_path: Path
) -> None:
    fail()
    typing.logs()
    typing.logs(str(tmp_path / "codex.log"))
    written = (tmp_path / "codex.log").read_text()
    seen = [render.document(shown[0]) for render in (html, markdown, text)]
    seen += [written, str(troubles(typing)), repr(shown[0])]  # type: ignore[arg-type]
    for each in seen:
        assert SECRET not in each and IN_NOTEBOOK not in each
        assert "[hidden]" in each and "ValueError: cannot log in with" in each
    assert "ERROR a-test: the tool failed at [hidden]" in written
    assert "in fail\n" in written and "in fail\n" in text.document(shown[0])


def test_a_file_is_its_owners_alone_and_never_replaced(
    typing: Typing, shown: list[Document], tmp_path: Path
) -> None:
    file = tmp_path / "codex.log"
    for i in range(59):
        LOG.debug("remark %s", i)
    # Half a character, past pytest's own handlers: its parallel workers cannot tell one another of such a text.
    odd = {"name": "codex_jupyter.a-test", "levelno": logging.DEBUG, "msg": "remark \udc80"}
    journal.ring().handle(logging.makeLogRecord(odd))
    typing.logs(str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_text().splitlines()) == 60
    before = file.read_bytes()
    for name in (file, tmp_path):
        with pytest.raises(UserError, match="Nothing was written"):
            typing.logs(str(name))
    dangling = tmp_path / "link"
    dangling.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="Nothing was written"):
        typing.logs(str(dangling))
    for name in ("no/such/folder/codex.log", "nul\0byte"):
        with pytest.raises(UserError, match="cannot be written"):
            typing.logs(str(tmp_path / name))
    assert file.read_bytes() == before
    assert not (tmp_path / "elsewhere").exists()


def test_a_cell_shows_the_newest_each_in_one_line(typing: Typing, shown: list[Document]) -> None:
    for i in range(40):
        LOG.warning("entry %s\nof two lines %s", i, "x" * 500)
    typing.logs()
    document = shown[0]
    titles = [block.title for block in document.blocks[1:]]
    assert len(titles) == 30
    assert "warning a-test: entry 10 of two lines" in titles[0] and "entry 39 " in titles[-1]
    assert all("\n" not in title and len(title) < 260 for title in titles)
    assert document.footer.lines[0] == "10 older entries are not shown."
    assert "/logs FILE" in document.footer.lines[1]


def test_a_traceback_is_folded(typing: Typing, shown: list[Document]) -> None:
    fail()
    typing.logs()
    (entry,) = shown[0].blocks[1:]
    assert entry.fold == "body" and not entry.open and entry.body


def test_nothing_logged_is_said(typing: Typing, shown: list[Document]) -> None:
    typing.logs()
    assert shown[0].blocks[0].title == "Nothing was logged in this kernel."


def test_the_doctor_counts_and_names_the_newest(typing: Typing) -> None:
    caller: Any = typing
    LOG.debug("a remark")
    assert troubles(caller) == [("logged", "no warning and no error")]
    for i in range(5):
        LOG.log(logging.WARNING if i % 2 else logging.ERROR, "number %s", i)
    first, *newest = troubles(caller)
    assert first == ("logged", "3 errors, 2 warnings: %codex /logs")
    assert [row[1].partition("a-test: ")[2] for row in newest] == [
        "number 2",
        "number 3",
        "number 4",
    ]
