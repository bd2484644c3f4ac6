"""A real Jupyter console: what asks there is answered there."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from codex_jupyter import offline
from codex_jupyter.notebook.stdin_prompt import AT_ONCE
from codex_jupyter.offline import Rule, Script, run, say
from tests.environments import clean_environ
from tests.waiting import GENEROUS, until

LOAD = "%load_ext codex_jupyter"
ASKS = r"Your answer \(a, s, d, x or w\): "
DONE = [say("Done.", phase="final_answer")]


@pytest.fixture
def console(model: offline.Offline, scratch: Path) -> Iterator[pexpect.spawn]:
    """A console with its kernel, at its first prompt."""
    environ = {**clean_environ(scratch / "env", model.env), "TERM": "dumb", "COLUMNS": "100"}
    spawned = pexpect.spawn(
        sys.executable,
        ["-m", "jupyter_console", "--simple-prompt", "--kernel=python3"],
        env=environ,
        cwd=str(scratch),
        dimensions=(40, 100),
        encoding="utf-8",
        timeout=120,
        echo=False,
    )
    try:
        spawned.expect(r"In \[1\]: ")
        spawned.sendline(LOAD)
        spawned.expect(r"In \[2\]: ")
        yield spawned
        spawned.sendline("exit")
        spawned.expect(pexpect.EOF)
    finally:
        spawned.close(force=True)


def answer(console: pexpect.spawn, line: str, then: str) -> None:
    """Type an answer as a person does, who reads first: what is there at once was typed before."""
    asked = time.monotonic()
    until(lambda: time.monotonic() - asked > 2 * AT_ONCE, "somebody to have read the question")
    console.sendline(line)
    console.expect(then)


def test_a_card_is_answered(console: pexpect.spawn, model: offline.Offline, scratch: Path) -> None:
    made = scratch / "made"
    asks = [run(f"touch {made}", escalate=True, justification="to keep a record")]
    model.server.script = Script.of(Rule("asks", [asks, DONE]))
    console.sendline("%codex go on")
    console.expect(ASKS)
    assert not made.exists()
    answer(console, "a", r"In \[3\]: ")
    assert "Done." in str(console.before)
    until(made.exists, "the command to run")

    made.unlink()
    model.server.script = Script.of(Rule("asks", [asks, DONE]))
    console.sendline("%codex go on")
    console.expect(ASKS)
    console.sendintr()  # declines and stops, and the next prompt is answered all the same
    console.expect(r"In \[4\]: ")
    assert not made.exists()
    model.server.script = Script.of(Rule("asks", [asks, DONE]))
    console.sendline("%codex go on")
    console.expect(ASKS)
    answer(console, "a", r"In \[5\]: ")
    until(made.exists, "the command to run")


def test_a_prompt_behind_a_turn_in_the_background_asks_for_that(
    console: pexpect.spawn, model: offline.Offline, scratch: Path
) -> None:
    made, free = scratch / "made", threading.Event()
    asks = run(f"touch {made}", escalate=True, justification="to keep a record")

    def held(_request: offline.Request) -> list[Any]:
        assert free.wait(GENEROUS)
        return [asks]

    model.server.script = Script.of(
        Rule("ahead", [held, DONE], when={"equals": "ahead"}),
        Rule("behind", [[say("Behind it.", phase="final_answer")]]),
    )
    console.sendline("ahead = %codex -b ahead")
    console.expect(r"In \[3\]: ")
    console.sendline("%codex behind")
    console.expect(r"Waiting for turn 1 \(“ahead”\)\.")
    free.set()
    console.expect(r"Turn 1 \(“ahead”\), which comes before this one, asks:")
    console.expect(ASKS)
    assert "touch" in str(console.before) and not made.exists()
    answer(console, "a", "Behind it.")
    console.expect(r"In \[4\]: ")
    until(made.exists, "the command to run")


def test_a_way_to_sign_in_is_chosen(console: pexpect.spawn, model: offline.Offline) -> None:
    console.sendline("%codex login")
    console.expect("nothing to leave it: ")
    answer(console, "3", r"\(hidden\): ")
    answer(console, "sk-console-0123456789abcdef", r"In \[3\]: ")
    assert "No account is needed here." in str(console.before), "both prompts were answered"
    assert "sk-console" not in str(console.before)
