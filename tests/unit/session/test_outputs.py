"""What long commands print is kept whole, without secrets; where the runtime sent less, it is said how much less."""

from __future__ import annotations

import asyncio
import errno
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codex_jupyter.core import events as ev
from codex_jupyter.core.blocks import document
from codex_jupyter.core.items import Action, Command
from codex_jupyter.core.raw import Raw
from codex_jupyter.core.reduce import reduce
from codex_jupyter.core.text import Output
from codex_jupyter.core.turn import Turn
from codex_jupyter.errors import UserError
from codex_jupyter.places import PrivateFolder
from codex_jupyter.render import html, markdown, text
from codex_jupyter.session.gate import Gate
from codex_jupyter.session.outputs import PRINTING, Outputs, output, output_of

LINES = "".join(f"line {n:06}\n" for n in range(20_000))
SECRET = "s3cr3t-of-this-test"


@pytest.fixture
def outputs(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outputs]:
    monkeypatch.setenv("XDG_STATE_HOME", str(scratch))
    made = Outputs()
    yield made
    made.close()


def printed(*pieces: str, item: str = "c") -> list[ev.Event]:
    return [ev.OutputAppended("t", "u", item, piece) for piece in pieces]


def completed(result: str = "", item: str = "c") -> ev.ItemCompleted:
    command = Command(item, "completed", command="noise", output=Output.whole(result), exit_code=0)
    return ev.ItemCompleted("t", "u", item=command, printed=result, size=len(result.encode()))


def cut(whole: str, kept: int = 1000) -> str:
    """A result as the runtime cuts it."""
    left_out = len(whole.encode()) - 2 * kept
    return f"{whole[:kept]}\n... {left_out} bytes omitted ...\n{whole[-kept:]}"


def run(outputs: Outputs, events: Iterable[ev.Event], gate: Gate | None = None) -> Turn:
    turn = Turn()
    for event in outputs.kept((gate or Gate()).arrived(map(Raw, events))):
        turn = reduce(turn, event)
    return turn


def test_a_long_output_comes_back_whole(outputs: Outputs) -> None:
    turn = run(outputs, [*printed(LINES[:100_000], LINES[100_000:]), completed(cut(LINES))])
    found = output_of(turn)
    assert found.text == str(found) == LINES
    assert list(found.lines())[-1] == "line 019999\n"
    assert found.path.read_text() == LINES
    assert (found.missing, found.lost) == (0, 0)
    assert len(turn.entries[0].output.text) < len(LINES)  # type: ignore[union-attr]


@settings(deadline=None)
@given(st.lists(st.integers(0, len(LINES)), max_size=8))
def test_however_it_is_cut_it_comes_back_whole(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(LINES)]
    pieces = [LINES[a:b] for a, b in pairwise(places)]
    outputs = Outputs()
    try:
        turn = run(outputs, [*printed(*pieces), completed(cut(LINES))])
        assert output_of(turn, "c").text == LINES
    finally:
        outputs.close()


def test_a_command_that_was_over_at_once_has_its_result(outputs: Outputs) -> None:
    turn = run(outputs, [completed(LINES)])
    assert output_of(turn, 0).text == LINES
    assert output_of(turn, 0).missing == 0


def test_what_the_runtime_left_out_is_counted(outputs: Outputs) -> None:
    turn = run(outputs, [completed(cut(LINES, 50_000))])
    found = output_of(turn)
    assert found.missing == len(LINES) - 100_000
    assert found.text.startswith(LINES[:50_000])
    assert f"{found.missing:,} bytes never arrived" in repr(found)
    shown = text.document(document(turn))
    assert f"{found.missing:,} bytes of it never arrived" in shown


def test_a_flood_with_holes_is_kept_as_it_came_and_says_so(outputs: Outputs) -> None:
    sent = LINES[:150_000] + LINES[160_000:]
    turn = run(outputs, [*printed(sent), completed(cut(LINES))])
    found = output_of(turn)
    assert found.text == sent
    assert found.missing == 10_000


def test_a_result_that_is_longer_than_what_was_sent_is_taken_instead(outputs: Outputs) -> None:
    turn = run(outputs, [*printed(LINES[:20_000]), completed(LINES)])
    assert output_of(turn).text == LINES


def test_a_secret_is_in_no_file_wherever_it_was_cut(outputs: Outputs) -> None:
    gate = Gate()
    gate.know({"SOME_TOKEN": SECRET})
    whole = LINES + f"key={SECRET}\n" + LINES
    at = whole.index(SECRET) + 7
    turn = run(outputs, [*printed(whole[:at], whole[at:]), completed(cut(whole))], gate)
    found = output_of(turn)
    assert found.text == whole.replace(SECRET, "[hidden]")
    assert found.missing == 0
    again = run(outputs, [completed(whole, "d")], gate)
    assert SECRET not in output_of(again).text


def test_while_it_runs_it_is_what_was_printed_so_far(outputs: Outputs) -> None:
    turn = run(outputs, printed(LINES))
    assert output_of(turn).text == LINES
    turn = reduce(turn, ev.TurnCompleted("t", "u"))
    late = Turn(thread_id="t", turn_id="u", state="completed", entries=turn.entries)
    for event in outputs.kept(Gate().arrived(map(Raw, printed("late\n")))):
        late = reduce(late, event)
    assert output_of(late).text == LINES + "late\n"


def test_what_is_said_twice_is_kept_once(outputs: Outputs) -> None:
    events = [*printed(LINES), completed(cut(LINES)), *printed(LINES), completed(cut(LINES))]
    assert output_of(run(outputs, events)).text == LINES


def test_a_short_output_needs_no_file_until_somebody_asks(outputs: Outputs) -> None:
    turn = run(outputs, [*printed("ok\n"), completed("ok\n")])
    assert turn.entries[0].kept == ""  # type: ignore[union-attr]
    assert output_of(turn).text == "ok\n"


def test_the_row_says_how_to_get_it_in_every_format(outputs: Outputs) -> None:
    turn = run(outputs, [*printed(LINES), completed(cut(LINES))])
    kept = turn.entries[0].kept  # type: ignore[union-attr]
    doc = document(turn)
    for shown in (text.document(doc), markdown.document(doc), html.document(doc)):
        assert kept in shown
        assert "until the kernel ends" in shown
        assert str(output(kept).path) not in shown
    short = run(outputs, [*printed("ok\n", item="d"), completed("ok\n", "d")])
    assert "until the kernel ends" not in text.document(document(short))


def test_a_row_of_reading_commands_says_it_too(outputs: Outputs) -> None:
    read = replace(completed(LINES).item, actions=(Action("read", "cat big.txt", "big.txt"),))
    turn = run(outputs, [ev.ItemCompleted("t", "u", item=read, printed=LINES)])
    shown = markdown.document(document(turn))
    assert "Explored big.txt" in shown
    assert turn.entries[0].kept in shown  # type: ignore[union-attr]


def test_asking_for_what_is_not_there_says_what_to_do(outputs: Outputs) -> None:
    turn = run(outputs, [*printed(LINES), completed(cut(LINES))])
    with pytest.raises(UserError, match="has 1 command"):
        output_of(turn, 1)
    with pytest.raises(UserError, match="no command 'x'"):
        output_of(turn, "x")
    outputs.close()
    with pytest.raises(UserError, match="keeps no output"):
        output_of(turn)


# --- what cannot be kept ----------------------------------------------------------------------------------------------


def settled(outputs: Outputs, turn: Turn) -> Turn:
    """The turn at its end."""
    said: list[ev.Event] = []
    asyncio.run(outputs.settled(turn, said.append))
    for event in said:
        turn = reduce(turn, event)
    return turn


def of_a_full_disk(self: PrivateFolder, name: str, data: bytes) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_on_a_full_disk_the_row_says_that_nothing_is_kept(
    outputs: Outputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PrivateFolder, "append", of_a_full_disk)
    turn = settled(outputs, run(outputs, [*printed(LINES), completed(cut(LINES))]))
    doc = document(turn)
    for shown in (text.document(doc), markdown.document(doc), html.document(doc)):
        assert "More of this output could not be kept: No space left on device" in shown
        assert "until the kernel ends" not in shown
        assert "line 000000" in shown and "line 019999" in shown, "what is shown stays"
    with pytest.raises(UserError, match="was not kept: No space left on device"):
        _ = output_of(turn).text


def test_a_disk_that_fills_up_keeps_the_beginning_and_says_how_much_it_has_not(
    outputs: Outputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = LINES[: len(LINES) // 2]
    turn = run(outputs, printed(half))
    outputs._spool.flush()
    monkeypatch.setattr(PrivateFolder, "append", of_a_full_disk)
    for event in outputs.kept(printed(LINES[len(half) :])):
        turn = reduce(turn, event)
    turn = settled(outputs, turn)
    shown = text.document(document(turn))
    lost = len(LINES) - len(half)
    assert f"its last {lost:,} characters could not be kept: No space left on device" in shown
    kept = output_of(turn)
    assert (kept.text, kept.lost) == (half, lost)


@pytest.mark.parametrize("when", ["meanwhile", "after the end"])
def test_a_folder_that_somebody_deleted_is_said_in_one_sentence(
    outputs: Outputs, when: str
) -> None:
    turn = run(outputs, printed(LINES))
    folder = output_of(turn).path.parent
    if when == "meanwhile":
        shutil.rmtree(folder)
        for event in outputs.kept(printed("more\n")):
            turn = reduce(turn, event)
    turn = settled(outputs, turn)
    said = text.document(document(turn))
    assert ("could not be kept: its file was deleted" in said) == (when == "meanwhile")
    shutil.rmtree(folder, ignore_errors=True)
    again = output(turn.entries[0].kept)  # type: ignore[union-attr]
    for look in (lambda: again.path, lambda: again.text, lambda: list(again.lines())):
        with pytest.raises(UserError, match="Run the command again"):
            look()
    assert "not there any more" in repr(again)


def test_a_file_that_somebody_deleted_is_not_begun_again_in_the_middle(outputs: Outputs) -> None:
    turn = run(outputs, printed(LINES))
    output_of(turn).path.unlink()
    for event in outputs.kept(printed("more\n")):
        turn = reduce(turn, event)
    with pytest.raises(UserError, match="its file was deleted"):
        _ = output_of(settled(outputs, turn)).text


def test_commands_that_never_end_are_not_kept_for_ever(outputs: Outputs) -> None:
    run(outputs, [event for n in range(PRINTING + 5) for event in printed("x", item=f"c{n}")])
    assert len(outputs._growing) == PRINTING
    turn = run(outputs, [*printed(LINES, item="c0"), completed(cut(LINES), item="c0")])
    assert output_of(turn).text == LINES
