"""A hook of the user's configuration."""

from __future__ import annotations

from dataclasses import replace

from codex_jupyter.core import events as ev
from codex_jupyter.core.document import Lines
from codex_jupyter.core.items import HookRun
from codex_jupyter.runtime.translate import translate
from tests.unit.core.captures import load, only, play, statuses


def test_hooks_that_worked_fold_and_those_that_did_not_show() -> None:
    ok = HookRun("h", "completed", event="stop", entries=(("context", "x"),), duration_ms=1500)
    block = only(ev.HookReported("t", "u", run=ok))
    assert (block.title, block.meta, block.fold) == ("Hook stop", "1.5 s", "work")
    assert block.body == (Lines(("context: x",)),)
    assert only(ev.HookReported("t", "u", run=replace(ok, status="declined"))).fold == "body"


def test_a_start_and_its_end_are_one_run() -> None:
    found = load("notifications")
    before = translate("hook/started", found["hook/started"][0])
    after = translate("hook/completed", found["hook/completed"][0])
    assert isinstance(before, ev.HookReported) and isinstance(after, ev.HookReported)
    assert before.run.id == after.run.id
    assert (before.run.status, after.run.status) == ("in_progress", "completed")
    assert after.run.entries == (("context", "ctx-from-hook"),)


def test_a_hook_starts_and_ends_in_one_entry() -> None:
    turn = play(
        ev.HookReported("t", "u", run=HookRun("h", event="stop")),
        ev.HookReported("t", "u", run=HookRun("h", "declined", event="stop", message="no")),
    )
    assert statuses(turn) == {"h": "declined"}
