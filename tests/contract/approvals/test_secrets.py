"""Secrets of a project's files, which no environment knows: in no state, format, list, file or history of a real turn."""

from __future__ import annotations

from pathlib import Path

from codex_jupyter.core.text import OUTPUT_EDGE
from codex_jupyter.offline import run, say
from codex_jupyter.session import archive
from tests.contract.approvals.asked import (
    answered,
    asked,
    ended,
    rule,
    saved,
    shared,
    touching,
    waiting,
)

KEY = "sk-proj-" + "a1B2c3D4" * 5
ENV = f"DB_PASSWORD=hunter2\nOPENAI_API_KEY={KEY}\nDSN=postgres://ada:s3cr3t-w0rd@db/x\nNAME=ada\n"
PARTS = ("hunter2", KEY[8:30], "s3cr3t-w0rd")


def left(text: str) -> list[str]:
    return [part for part in PARTS if part in text]


def test_a_printed_env_file_is_nowhere_and_neither_is_what_was_asked(folder: Path) -> None:
    (folder / ".env").write_text(ENV)
    moves = rule("go", run("cat .env"), end=[say(f"It is {KEY}.", chunk=3, phase="final_answer")])
    with asked(folder, moves) as a:
        states: list[str] = []
        live = a.start(f"go with password=hunter2 and {KEY}")
        live.subscribe(lambda turn: states.append(repr(turn)))
        turn = ended(live)
        assert turn.state == "completed"
        for shown in (*saved(turn).values(), *states, str(live.result()), live.output().text):
            assert not left(shown)
        assert "NAME=ada" in live.output().text and "[hidden]" in live.output().text
        for item in live.result().items:
            assert not left(repr(item))
        for stored in archive.turns(a.session, "main"):
            for content in saved(stored).values():
                assert not left(content)
            assert "NAME=ada" in repr(stored) and not left(repr(stored))
        archive.rename(a.session, "main", f"about {KEY}")
        for row in archive.stored(a.session):
            assert not left(repr(row))
            assert "[hidden]" in row.name and "[hidden]" in row.preview


def test_a_secret_across_the_place_of_the_cut_is_in_no_format(folder: Path) -> None:
    """Of an output that is cut, the beginning of the secret was saved."""
    for before in (OUTPUT_EDGE - 20, OUTPUT_EDGE - 9, OUTPUT_EDGE - 1):
        (folder / "long.txt").write_text("." * (before - 1) + "\n" + KEY + "\n" + "." * 200_000)
        with shared(folder, rule("go", run("cat long.txt"))) as a:
            turn = a.finished()
            for content in saved(turn).values():
                assert "sk-proj-a1" not in content and not left(content)


def test_what_is_allowed_runs_as_it_was_and_is_shown_without_secrets(
    folder: Path,
) -> None:
    made = folder.parent / "token=abc123def456"
    with shared(folder, rule("go", touching(made))) as a:
        live = a.start()
        request = waiting(live)
        assert "abc123def456" not in repr(request)
        assert "abc123def456" not in repr(a.session.pending)
        turn = answered(live, "once")
        assert made.exists(), "it ran as it was asked for"
        for content in saved(turn).values():
            assert "abc123def456" not in content
