"""A patch: what happens to which files."""

from __future__ import annotations

from codex_jupyter.core import events as ev
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.items import FileChange
from codex_jupyter.core.requests import FileChangeRequest
from tests.unit.core.captures import (
    as_captured,
    completed,
    notified,
    only,
    play,
    prompt,
    shown,
    started,
    statuses,
    titles,
)


def test_it_reads_as_captured() -> None:
    assert as_captured("fileChange") == [
        "edit | /var/outside/c.txt | +1 · new · not written",
        "edit | h17.txt | +1 · new",
    ]


def test_a_patch_of_many_files_and_a_move() -> None:
    changes = tuple(Change(f"/home/ada/churn/{n}.py", "add", "x\ny") for n in "abcd")
    block = only(completed(FileChange("p", changes=changes)))
    assert (block.title, block.meta) == ("a.py, b.py, c.py and 1 more", "+8")
    moved = Change("/home/ada/churn/a.py", "update", "", "/home/ada/b.py")
    assert only(completed(FileChange("p", changes=(moved,)))).title == "a.py → ~/b.py"


def test_a_patch_that_waits_for_an_answer_is_not_cut() -> None:
    turn = play(
        completed(prompt()),
        started(FileChange("p", changes=(Change("a", "add", "x"),))),
        ev.RequestOpened("t", "u", request=FileChangeRequest("r", item_id="p")),
        completed(prompt("hurry", "u2")),
    )
    assert statuses(turn)["p"] == "in_progress"


def test_the_deltas_are_read() -> None:
    output = notified("item/fileChange/outputDelta", delta="a")
    assert output == ev.OutputAppended("t", "u", "i", "a")
    row = {"path": "/w/a", "kind": {"type": "update", "move_path": "/w/b"}, "diff": "d"}
    written = notified("item/fileChange/patchUpdated", changes=[row])
    assert written == ev.PatchUpdated("t", "u", "i", (Change("/w/a", "update", "d", "/w/b"),))


def test_output_goes_to_a_patch_that_is_there_and_makes_none() -> None:
    event = ev.OutputAppended("t", "u", "p", "x")
    (patch,) = play(started(FileChange("p")), event).entries
    assert isinstance(patch, FileChange) and patch.output.text == "x"
    assert not any(isinstance(entry, FileChange) for entry in play(event).entries)


def test_the_newest_form_of_a_patch_is_shown_and_the_same_again_is_no_change() -> None:
    one, two = (ev.PatchUpdated("t", "u", "p", (Change(n, "add", "x"),)) for n in "ab")
    turn = play(one, two)
    (patch,) = turn.entries
    assert isinstance(patch, FileChange) and [c.path for c in patch.changes] == ["b"]
    assert play(two, turn=turn) is turn


def test_a_patch_that_the_stream_cut_off_is_not_written() -> None:
    retry = ev.ErrorReported("t", "u", "Reconnecting... 1/5", will_retry=True)
    page = shown(started(FileChange("p", changes=(Change("/w/a", "add", "x"),))), retry)
    assert titles(page)[0] == "edit | /w/a | +1 · new · not written"
