"""A row says each thing once, and calls files what people call them."""

from __future__ import annotations

from codex_jupyter.core import events as ev
from codex_jupyter.core.blocks import document
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.items import FileChange, Sleep
from codex_jupyter.core.rights import Rights
from codex_jupyter.core.turn import Turn, TurnSettings
from tests.unit.core.captures import completed, ended, message, play

AT = Turn(settings=TurnSettings(rights=Rights(folder="/home/ada/churn"), home="/home/ada"))


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
