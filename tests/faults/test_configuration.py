"""A configuration that Codex cannot use: the file, the place and the reason, nothing sent, and mended without a restart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from codex_jupyter import offline
from codex_jupyter.core.blocks import document
from codex_jupyter.errors import ConfigurationError
from codex_jupyter.render import text
from codex_jupyter.session.session import Session
from tests.faults.conftest import Clock
from tests.faults.rows import fault

Break = Callable[[Path], object]


def written(content: str) -> Break:
    return lambda file: file.write_text(content)


def a_folder(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.mkdir()


UNUSABLE: list[tuple[str, Break, str]] = [
    ("a syntax error", written('# mine\napproval_policy = never"\n'), "config.toml:2:19: invalid float"),
    ("a value that there is not", written('approval_policy = "sometimes"\n'), "unknown variant `sometimes`, expected one of `untrusted`"),
    ("a text that is not UTF-8", lambda file: file.write_bytes(b'# caf\xe9\n'), "config.toml: invalid utf-8 sequence of 1 bytes from index 5"),
    ("a folder in its place", a_folder, "config.toml` is not a file"),
    ("a profile of the old kind", written('profile = "mine"\n'), "use `--profile mine` with `mine.config.toml` instead"),
]  # fmt: skip
CASES = [
    pytest.param(
        break_, seen, id=name,
        marks=fault(
            "configuration", f"config.toml: {name}", "Codex cannot use its configuration, with the file, the place and the reason",
            goes_on="the next cell, once it is mended", everywhere=name == "a syntax error",
        ),
    )
    for name, break_, seen in UNUSABLE
]  # fmt: skip


def config_of(model: offline.Offline) -> Path:
    return model.codex_home / "config.toml"


def shown(session: Session) -> str:
    assert session.last is not None
    return text.document(document(session.last.turn))


def refused(session: Session, model: offline.Offline, seen: str) -> None:
    """Nothing is sent, and the reason is told in one block."""
    sent = len(model.server.requests)
    with pytest.raises(ConfigurationError) as refusal:
        session.run("hello", timeout=60)
    assert refusal.value.message.startswith("Codex cannot use its configuration: ")
    assert seen in refusal.value.message and refusal.value.message.endswith("Nothing was sent.")
    said = shown(session)
    assert said.count(seen) == 1 and "the next cell reads it again" in said
    assert "%codex login" not in said and "Traceback" not in said
    assert len(model.server.requests) == sent


def mend(model: offline.Offline) -> None:
    file = config_of(model)
    file.rmdir() if file.is_dir() else file.unlink()


@pytest.mark.parametrize(("break_", "seen"), CASES)
def test_one_that_was_wrong_from_the_start(
    model: offline.Offline, session: Session, clock: Clock, break_: Break, seen: str
) -> None:
    break_(config_of(model))
    with clock:
        refused(session, model, seen)
    refused(session, model, seen)
    mend(model)
    assert str(session.run("hello", timeout=60)) == "Done."


@pytest.mark.parametrize("needs_account", [False, True], ids=["", "without an account"])
@fault(
    "configuration", "config.toml: a syntax error, made while Codex runs",
    "Codex cannot use its configuration, with the file, the place and the reason", goes_on="the next cell, once it is mended",
)  # fmt: skip
def test_one_that_was_broken_meanwhile(scratch: Path, clock: Clock, needs_account: bool) -> None:
    with offline.start(codex_home=scratch / "codex", needs_account=needs_account) as model:
        session = Session("broken-meanwhile")
        session.go_offline(model)
        try:
            if not needs_account:
                session.run("hello", timeout=60)
            config_of(model).write_text('# mine\napproval_policy = never"\n')
            with (
                clock,
                pytest.raises(ConfigurationError, match=r"config\.toml:2:19: invalid float"),
            ):
                session.run("hello", timeout=60, new=True)
            mend(model)
            if not needs_account:
                session.run("hello", timeout=60, new=True)
        finally:
            session.close()


@fault(
    "configuration", "config.toml: a name that there is not", "that it is ignored, once",
    kept="everything else that it says", goes_on="this cell",
)  # fmt: skip
def test_a_name_that_is_ignored_is_said_once(
    model: offline.Offline, session: Session, clock: Clock
) -> None:
    config_of(model).write_text('modle = "gpt-9"\n')
    with clock:
        assert str(session.run("hello", timeout=60)) == "Done."
    assert shown(session).count("`modle` is ignored") == 1
    session.run("hello", timeout=60)
    assert "ignored" not in shown(session)
    session.run("hello", timeout=60, new=True)
    assert "ignored" not in shown(session)
