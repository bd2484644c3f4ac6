"""A row says each thing once, and calls files what people call them."""

from __future__ import annotations

from dataclasses import replace

from codex_jupyter.core import events as ev
from codex_jupyter.core.blocks import document
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.document import Code, Prose
from codex_jupyter.core.items import DynamicToolCall, FileChange, Reasoning, Sleep
from codex_jupyter.core.text import Text
from codex_jupyter.core.turn import Turn, TurnSettings
from tests.unit.core.captures import command, completed, ended, message, play, started

AT = Turn(settings=replace(TurnSettings(), cwd="/home/ada/churn", home="/home/ada"))


def thought(*sections: str) -> list[str]:
    reasoning = Reasoning("r", "completed", summary=tuple(map(Text.of, sections)))
    (block,) = document(play(completed(reasoning))).blocks
    return [str(part.text) for part in block.body if isinstance(part, Prose)]


def test_a_thought_does_not_repeat_its_headline() -> None:
    assert thought("**The loader**\n\nIt drops the zone.") == ["It drops the zone."]
    assert thought("**The loader**") == []
    assert thought("**A**\n\nOne.", "**B**\n\nTwo.") == ["**A**\n\nOne.", "**B**\n\nTwo."]


def test_arguments_are_told_where_the_title_cannot_hold_them() -> None:
    def body(arguments: str) -> int:
        call = DynamicToolCall("d", "completed", tool="shape", arguments=arguments)
        (block,) = document(play(completed(call))).blocks
        return sum(isinstance(part, Code) for part in block.body)

    assert body('{"name": "df"}') == 0
    assert body('{"name": "%s"}' % ("d" * 200)) == 1
    assert body('{"code": "print(1)"}') == 1


def test_a_command_without_output_has_nothing_to_open() -> None:
    (block,) = document(play(started(command("c", status="in_progress")))).blocks
    assert block.body == ()


def test_a_pause_is_counted_in_the_work() -> None:
    turn = play(
        completed(Sleep("s", "completed", duration_ms=300)),
        completed(message("m", "Done.")),
        ended(),
    )
    assert document(turn).work.endswith("1 pause")


def test_the_diff_names_files_from_the_folder_that_the_turn_works_in() -> None:
    diff = "diff --git a/ada/churn/load.py b/ada/churn/load.py\n--- a/ada/churn/load.py\n+++ b/ada/churn/load.py\n@@ -1 +1 @@\n-a\n+b\n"
    change = Change("/home/ada/churn/load.py", "update", "@@ -1 +1 @@\n-a\n+b\n")
    turn = play(
        completed(FileChange("f", "completed", changes=(change,))),
        ev.DiffUpdated("t", "u", diff),
        ended(),
        turn=AT,
    )
    assert document(turn).footer.diff.startswith("diff --git a/load.py b/load.py\n--- a/load.py\n")
    assert turn.diff == diff, "what the runtime said is kept"
