"""A shell command."""

from __future__ import annotations

import pytest

from codex_jupyter.core import events as ev
from codex_jupyter.core.answerers import person
from codex_jupyter.core.blocks import document
from codex_jupyter.core.document import Code, Terminal
from codex_jupyter.core.items import Command
from codex_jupyter.core.items.command import OLD_OUTPUT_EDGE
from codex_jupyter.core.requests import Decision
from codex_jupyter.core.text import Output
from codex_jupyter.core.timeline import KEPT_WHOLE
from tests.unit.core.captures import (
    CAPTURED,
    as_captured,
    captured,
    command,
    completed,
    ended,
    notified,
    only,
    play,
    printed,
    shown,
    started,
    statuses,
)


def test_it_reads_as_captured() -> None:
    assert as_captured("commandExecution") == [
        "command | echo a | declined",
        "command | echo a; sleep 30 | ended early · 1.3 s",
        "command | echo rev; sleep 0.5; echo x",
    ]


@pytest.mark.parametrize(
    ("item", "title", "meta", "glyph"),
    [
        (command("c", "make", exit_code=0, duration_ms=999), "make", "", "ok"),
        (command("c", "make", exit_code=0, duration_ms=61_000), "make", "1 min 1 s", "ok"),
        (command("c", "make", exit_code=2), "make", "exit 2", "failed"),
        (Command("c", "completed", command="plain words"), "plain words", "", "ok"),
        (
            Command("c", "completed", command="/bin/bash -lc 'unclosed"),
            "/bin/bash -lc 'unclosed",
            "",
            "ok",
        ),
        (Command("c", "completed", command=""), "a command", "", "ok"),
        (command("c", "a\nb"), "a …", "", "ok"),
    ],
)
def test_commands(item: Command, title: str, meta: str, glyph: str) -> None:
    block = only(completed(item))
    assert (block.title, block.meta, block.glyph, block.code_title) == (title, meta, glyph, True)


def test_a_long_command_is_whole_in_its_body() -> None:
    block = only(completed(command("c", "a\nb")))
    assert block.body == (Code("a\nb", "bash", typed=True),)


def test_a_live_command_shows_its_terminal() -> None:
    block = only(started(command("c", "make")), ev.OutputAppended("t", "u", "c", "x\n"))
    assert block.body == (Terminal(Output.of("x\n"), live=True),) and block.open


def test_a_command_without_output_has_nothing_to_open() -> None:
    (block,) = document(play(started(command("c", status="in_progress")))).blocks
    assert block.body == ()


def test_an_interrupted_command_is_stopped_not_failed() -> None:
    page = shown(
        started(command("c", "sleep 30")),
        ended("interrupted"),
        completed(command("c", "sleep 30", status="failed", exit_code=-1, duration_ms=1300)),
    )
    assert (page.blocks[0].glyph, page.blocks[0].meta) == (
        "stopped",
        "stopped · 1.3 s",
    )


def test_a_declined_command_folds_only_when_a_decision_tells_of_it() -> None:
    declined = completed(command("c", "rm x", status="declined"))
    assert shown(declined).blocks[0].fold == "body"
    told = ev.RequestAnswered(
        "t", "u", decision=Decision("r", "decline", "rm x", person(), "", "c")
    )
    assert shown(declined, told).blocks[0].fold == "work"


def test_output_is_the_longer_of_deltas_and_aggregate() -> None:
    """The runtime cuts aggregatedOutput at 1 MiB; the deltas are whole. A fast command sends no deltas."""
    long = play(printed("c", "x" * 300_000), completed(command("c", output=Output.of("x" * 1000))))
    fast = play(completed(command("c", output=Output.of("x" * 1000))))
    assert len(long.find("c").output) == 300_000  # type: ignore[union-attr]
    assert len(fast.find("c").output) == 1000  # type: ignore[union-attr]


def test_old_outputs_get_shorter_and_stay_counted() -> None:
    turn = play(completed(command("c0", output=Output.of("x" * 100_000))))
    for i in range(KEPT_WHOLE):
        turn = play(completed(command(f"d{i}")), turn=turn)
    item = turn.find("c0")
    assert isinstance(item, Command)
    output = item.output
    assert len(output) == 100_000
    assert len(output.head) + len(output.tail) == 2 * OLD_OUTPUT_EDGE


def test_output_after_the_end_is_late_and_can_still_complete() -> None:
    turn = play(started(command("c")), printed("c", "a"), ended())
    assert statuses(turn) == {"c": "aborted"}
    turn = play(printed("c", "b"), turn=turn)
    item = turn.find("c")
    assert isinstance(item, Command) and (item.status, item.late, item.output.text) == (
        "in_progress",
        True,
        "ab",
    )
    turn = play(completed(command("c", exit_code=0, output=Output.of("ab"))), turn=turn)
    item = turn.find("c")
    assert isinstance(item, Command) and (item.status, item.late, item.exit_code) == (
        "completed",
        True,
        0,
    )
    assert turn.state == "completed"


def test_late_output_of_a_command_that_was_ended_does_not_bring_it_back() -> None:
    turn = play(
        started(command("c")),
        ended("interrupted"),
        ev.LeftoversEnded("t", "u", 1, 0),
        printed("c", "bye"),
    )
    item = turn.find("c")
    assert isinstance(item, Command) and (item.status, item.output.text) == ("aborted", "bye")


def test_a_terminals_input_is_kept_in_order() -> None:
    turn = play(
        started(command("c")),
        ev.InputTyped("t", "u", "c", "a\n"),
        ev.InputTyped("t", "u", "c", "b\n"),
    )
    assert turn.find("c").stdin == ("a\n", "b\n")  # type: ignore[union-attr]


def test_the_deltas_are_read() -> None:
    output = notified("item/commandExecution/outputDelta", delta="a")
    assert output == ev.OutputAppended("t", "u", "i", "a")
    typed = notified("item/commandExecution/terminalInteraction", stdin="ab\n")
    assert typed == ev.InputTyped("t", "u", "i", "ab\n")


def test_the_body_holds_what_was_printed() -> None:
    first = document(play(*captured("commandExecution"), turn=CAPTURED)).blocks[0]
    (terminal,) = first.body
    assert isinstance(terminal, Terminal)
    assert terminal.output.text == "rev\nx\n" and not terminal.live
