"""A cell that waits behind other turns of its conversation, which ask meanwhile: says for whom it waits, and asks for them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, run, say
from tests.kernel.live_kernel import Execution, LiveKernel
from tests.kernel.test_approvals import LOAD, begin_in_a_page, in_a_page
from tests.kernel.workbench_script import tool
from tests.waiting import GENEROUS

PLAIN = "x = 1; print('ran')"
AWAITS = "import asyncio\nawait asyncio.sleep(0.01)\nx = 1; print('ran')"
NAMED = "turn 1 (“first”)"


class Held:
    """A script whose first turns say nothing until they are let go."""

    def __init__(self, model: offline.Offline, **moves: Any) -> None:
        self.gates = {name: threading.Event() for name in moves}
        rules = [self.rule(name, move) for name, move in moves.items()]
        model.server.script = Script.of(*rules, Rule("any", [[say("Done.")]], repeat=True))

    def rule(self, name: str, moves: Any) -> Rule:
        def held(_request: offline.Request) -> list[Any]:
            assert self.gates[name].wait(GENEROUS)
            return [moves]

        end = say(f"{name.capitalize()} is done.", phase="final_answer")
        return Rule(name, [held, [end]], when={"equals": name})

    def go(self, *names: str) -> None:
        for name in names or self.gates:
            self.gates[name].set()


def asks(path: Path) -> Any:
    return run(f"touch {path}", escalate=True, justification="to keep a record")


Begin = Callable[[LiveKernel, str], Execution]


def begin_in_a_console(kernel: LiveKernel, code: str) -> Execution:
    return kernel.begin(code)


FRONTS = pytest.mark.parametrize(
    "begin", [begin_in_a_page, begin_in_a_console], ids=["page", "console"]
)


@pytest.mark.both_kernels("prompts")
@FRONTS
def test_what_the_turn_ahead_asks_is_asked_by_the_cell_that_waits_behind_it(
    kernel: LiveKernel, model: offline.Offline, scratch: Path, begin: Begin
) -> None:
    held = Held(model, first=asks(scratch / "made"))
    kernel.run(LOAD)
    begin(kernel, "first = %codex -b first").wait()
    kernel.answer("y")
    cell = begin(kernel, "%codex second")
    cell.until(lambda cell: NAMED in str(cell.messages), "the cell to name the turn ahead")
    held.go()
    cell.wait()
    assert cell.ok, cell.traceback
    assert (scratch / "made").exists()
    assert "Turn 1 (“first”), which comes before this one, asks:" in cell.stdout
    assert "touch" in cell.stdout and "to keep a record" in cell.stdout
    assert len(kernel.prompts) == 1
    assert "Done." in cell.text + cell.stdout
    assert kernel.value("first.result().final_response") == "'First is done.'"


@pytest.mark.both_kernels("prompts", "interrupts")
@FRONTS
def test_an_interrupt_at_the_question_of_the_turn_ahead_stops_only_the_turn_that_waits(
    kernel: LiveKernel, model: offline.Offline, scratch: Path, begin: Begin
) -> None:
    held = Held(model, first=asks(scratch / "made"))
    kernel.run(LOAD)
    begin(kernel, "first = %codex -b first").wait()
    cell = begin(kernel, "%codex second")
    cell.until(lambda cell: NAMED in str(cell.messages), "the cell to name the turn ahead")
    held.go()
    kernel.until(lambda: kernel.prompts, "the prompt")
    kernel.interrupt()
    cell.wait()
    assert cell.error[0] in ("TurnInterruptedError", "KeyboardInterrupt")
    assert not (scratch / "made").exists()
    if begin is begin_in_a_page:
        assert kernel.value("first.turn.state, len(first.pending)") == "('running', 1)"
        kernel.run("%codex /pending")
        kernel.run("%codex /pending 1 allow")
        kernel.until((scratch / "made").exists, "the command to run")
    said = kernel.value("first.result().final_response")  # where nobody is left, it was declined
    assert said == "'First is done.'"


@pytest.mark.both_kernels("interrupts")
def test_an_interrupt_while_a_cell_waits_behind_stops_only_the_turn_that_waits(
    kernel: LiveKernel, model: offline.Offline, scratch: Path
) -> None:
    held = Held(model, first=run("true"))
    kernel.run(LOAD)
    in_a_page(kernel, "first = %codex -b first")
    cell = begin_in_a_page(kernel, "%codex second")
    cell.until(lambda cell: NAMED in str(cell.messages), "the cell to name the turn ahead")
    kernel.interrupt()
    cell.wait()
    assert cell.error[0] in ("TurnInterruptedError", "KeyboardInterrupt")
    assert kernel.value("first.turn.ended, first.turn.stopped_by") == "(False, '')"
    held.go()
    assert kernel.value("first.result().final_response") == "'First is done.'"
    assert in_a_page(kernel, "%codex third").ok


@pytest.mark.both_kernels("the loop")
@pytest.mark.parametrize(
    ("code", "wait"),
    [
        (PLAIN, "%codex second"),
        (AWAITS, "%codex second"),
        (PLAIN, "cj.session().start('second').result();"),
        (AWAITS, "await cj.session().start('second');"),
    ],
)
def test_code_of_the_turn_ahead_runs_while_a_cell_waits_behind_it(
    kernel: LiveKernel, model: offline.Offline, code: str, wait: str
) -> None:
    held = Held(model, first=tool("run_python", code=code))
    kernel.run(LOAD)
    kernel.run("import codex_jupyter as cj")
    first = in_a_page(kernel, "first = %codex -b -k run first")
    cell = begin_in_a_page(kernel, wait)
    cell.until(lambda cell: NAMED in str(cell.messages), "the cell to name the turn ahead")
    held.go()
    cell.wait()
    assert cell.ok, cell.traceback
    assert kernel.value("x") == "1"
    assert "ran\n" in first.stdout and "ran" not in cell.stdout, "output stands in its own cell"
    assert in_a_page(kernel, "print('as before')").stdout == "as before\n"


@pytest.mark.both_kernels("prompts", "the loop")
def test_three_in_a_row(kernel: LiveKernel, model: offline.Offline, scratch: Path) -> None:
    held = Held(model, first=asks(scratch / "a"), second=asks(scratch / "b"))
    kernel.run(LOAD)
    in_a_page(kernel, "%codex -b first")
    in_a_page(kernel, "second = %codex -b second")
    kernel.answer("y", "n")
    cell = begin_in_a_page(kernel, "%codex third")
    named = NAMED + " and 1 more turn before this one"
    cell.until(lambda cell: named in str(cell.messages), "the cell to name the turns ahead")
    held.go("first")
    cell.until(lambda cell: "waiting for turn 2 (“second”)" in str(cell.messages), "the next name")
    held.go()
    cell.wait()
    assert cell.ok, cell.traceback
    assert ((scratch / "a").exists(), (scratch / "b").exists()) == (True, False)
    asked = ["Turn 1 (“first”)", "Turn 2 (“second”)"]
    assert [
        one for one in asked if f"{one}, which comes before this one, asks:" in cell.stdout
    ] == asked
    assert "Done." in cell.text


@pytest.mark.both_kernels("prompts")
def test_a_program_that_waits_for_a_turn_in_the_background_is_asked(
    kernel: LiveKernel, model: offline.Offline, scratch: Path
) -> None:
    waits_and_is_asked(kernel, model, scratch / "made", "first.result();")


def test_a_cell_that_awaits_is_asked_where_no_click_arrives_meanwhile(
    oldest_kernel: LiveKernel, model: offline.Offline, scratch: Path
) -> None:
    waits_and_is_asked(oldest_kernel, model, scratch / "made", "await first;")


def waits_and_is_asked(kernel: LiveKernel, model: offline.Offline, made: Path, wait: str) -> None:
    held = Held(model, first=asks(made))
    kernel.run(LOAD)
    in_a_page(kernel, "first = %codex -b first")
    kernel.answer("y")
    cell = begin_in_a_page(kernel, "print('waits')\n" + wait)
    cell.until(lambda cell: cell.stdout, "the cell to wait")
    held.go()
    cell.wait()
    assert cell.ok, cell.traceback
    assert made.exists() and len(kernel.prompts) == 1


@pytest.mark.both_kernels("interrupts")
def test_an_interrupt_of_code_of_the_turn_ahead_ends_that_turn_and_the_cell(
    kernel: LiveKernel, model: offline.Offline
) -> None:
    code = "import time\nprint('sleeping')\ntime.sleep(600)"
    held = Held(model, first=tool("run_python", code=code))
    kernel.run(LOAD)
    first = in_a_page(kernel, "first = %codex -b -k run first")
    cell = begin_in_a_page(kernel, "%codex second")
    cell.until(lambda cell: NAMED in str(cell.messages), "the cell to name the turn ahead")
    held.go()
    kernel.until(lambda: "sleeping\n" in first.stdout, "the code to run")
    kernel.interrupt()
    cell.wait()
    assert cell.error[0] in ("TurnInterruptedError", "KeyboardInterrupt")
    kernel.run("import time\nwhile not first.done: time.sleep(0.05)")
    assert kernel.value("first.turn.state") == "'interrupted'"
    assert in_a_page(kernel, "%codex third").ok
