"""Ending the agent's code: by Interrupt, by Stop, by its time limit, or not at all; waiting and in the background."""

from __future__ import annotations

from pathlib import Path

import pytest

from codex_jupyter import offline
from tests.kernel.live_kernel import LiveKernel
from tests.kernel.workbench_script import LOAD, calls, last, python, told, tool

SLEEP = "import time\nprint('sleeping', flush=True)\ntime.sleep(600)"
AWAIT = "import asyncio\nprint('sleeping', flush=True)\nawait asyncio.sleep(600)"
# A task of the agent's own that blocks: its frames are below the loop's, and not below the code's.
TASK = (
    "import asyncio, time\nasync def work():\n    print('sleeping', flush=True)\n    time.sleep(600)\n"
    "await asyncio.create_task(work())"
)
CODES, IDS = [SLEEP, AWAIT, TASK], ["sync", "await", "task"]


def alive(kernel: LiveKernel) -> bool:
    """Cells run as ever (a console's transcript of a turn may end in one of them, and between a word and its newline)."""
    sync = kernel.run("print('six', 'sevens')")
    awaited = kernel.run("import asyncio\nprint(await asyncio.sleep(0, 'awaited'))")
    return sync.ok and "sevens" in sync.stdout and awaited.ok and "awaited" in awaited.stdout


@pytest.mark.both_kernels("interrupts")
@pytest.mark.parametrize("code", CODES, ids=IDS)
def test_an_interrupt_ends_the_code_and_the_turn(
    kernel: LiveKernel, model: offline.Offline, code: str
) -> None:
    kernel.run(LOAD)
    model.server.script = python(code)
    cell = kernel.begin("%codex -k run go")
    cell.until(lambda c: "sleeping\n" in c.stdout, "the code to run")
    kernel.interrupt()
    assert cell.wait().error[0] == "TurnInterruptedError"
    assert alive(kernel)
    model.server.script = calls()
    assert kernel.run("%codex -k run what happened?").ok
    assert "The user stopped your last run_python" in str(model.server.requests[-1].body)


@pytest.mark.both_kernels("interrupts", "subshells")
@pytest.mark.parametrize("code", CODES, ids=IDS)
def test_stop_ends_the_code_and_the_turn(
    kernel: LiveKernel, model: offline.Offline, code: str
) -> None:
    kernel.run(LOAD)
    kernel.run(
        "import threading, codex_jupyter as cj\nstarted = threading.Event()\n"
        "def stop():\n    started.wait(); cj.session().last.interrupt()\n"
        "threading.Thread(target=stop, daemon=True).start()"
    )
    model.server.script = python(code.replace("print(", "started.set(); print("))
    cell = kernel.begin("%codex -k run go")
    assert cell.wait().error[0] == "TurnInterruptedError"
    assert alive(kernel)


@pytest.mark.both_kernels("interrupts")
@pytest.mark.parametrize("code", CODES, ids=IDS)
def test_a_time_limit_ends_only_the_code_and_the_agent_is_told(
    kernel: LiveKernel, model: offline.Offline, code: str
) -> None:
    kernel.run(LOAD)
    model.server.script = calls(
        tool("run_python", code=code, timeout=0.5), tool("run_python", code="done = 1")
    )
    cell = kernel.run("%codex -k run go")
    assert cell.ok, cell.traceback
    stopped, after = told(model)[-2:]
    assert "time limit of 0.5 s" in stopped
    assert "sleeping" in stopped
    assert "new: done" in after
    assert not cell.of("error")
    assert alive(kernel)


def test_code_that_cannot_be_interrupted_is_told_to_be_running(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    kernel.run(LOAD)
    kernel.run("import threading\nenough = threading.Event()")
    stubborn = "while not enough.is_set():\n    try:\n        enough.wait(600)\n    except KeyboardInterrupt:\n        pass"
    model.server.script = calls(
        tool("run_python", code=stubborn, timeout=0.2), tool("list_variables")
    )
    kernel.run("import codex_jupyter as cj\nturn = None")
    kernel.run(
        "def release():\n"
        "    while not (cj.session().last and 'STILL RUNNING' in str(cj.session().last.turn.entries)): pause.wait(0.1)\n"
        "    enough.set()\n"
        "pause = threading.Event(); threading.Thread(target=release, daemon=True).start()"
    )
    cell = kernel.run("%codex -k run go")
    assert cell.ok, cell.traceback
    stuck, listed = told(model)[-2:]
    assert "STILL RUNNING" in stuck
    assert "enough" in listed
    assert alive(kernel)


# --- in the background ------------------------------------------------------------------------------------------------------


@pytest.mark.both_kernels("the loop")
@pytest.mark.parametrize(
    "code",
    ["ran = 1; print('ran')", "import asyncio\nawait asyncio.sleep(0.01)\nran = 1; print('ran')"],
)
def test_background_code_waits_until_the_kernel_is_idle(
    kernel: LiveKernel, model: offline.Offline, code: str
) -> None:
    kernel.run(LOAD)
    kernel.run(
        "import asyncio, codex_jupyter as cj\nran = 0\nasync def waits_for_code():\n"
        "    while 'waits until the kernel is idle' not in str(cj.session().last.turn.entries): await asyncio.sleep(0.05)\n"
        "    return ran"
    )
    model.server.script = python(code)
    first = kernel.run("turn = %codex -b -k run go")
    # An async cell is no idle kernel, although the main loop runs.
    busy = kernel.run("print('during', await waits_for_code())")
    assert busy.stdout == "during 0\n"
    kernel.until(
        lambda: "ran\n" in first.stdout, "the output in the cell that the turn was started in"
    )
    assert "ran" not in busy.stdout
    kernel.run("answer = turn.result()")
    assert kernel.value("ran") == "1"
    assert "waited until the kernel was idle" in last(model)
    assert alive(kernel)


@pytest.mark.parametrize(
    "wait", ["turn.result()", "await turn", "import asyncio; await asyncio.to_thread(turn.result)"]
)
def test_a_cell_that_waits_for_a_background_turn_serves_it(
    newest_kernel: LiveKernel, model: offline.Offline, wait: str
) -> None:
    kernel = newest_kernel
    kernel.run(LOAD)
    kernel.run("import codex_jupyter as cj")
    model.server.script = calls(
        tool("run_python", code="x = 1"),
        tool("run_python", code="import asyncio\nawait asyncio.sleep(0.01)\ny = x + 1"),
    )
    cell = kernel.run(f"turn = cj.session().start('go', kernel='run')\n{wait}")
    assert cell.ok, cell.traceback
    assert kernel.value("y") == "2"


@pytest.mark.both_kernels("interrupts", "the loop")
@pytest.mark.parametrize("code", CODES, ids=IDS)
def test_an_interrupt_of_background_code_does_not_kill_the_kernel(
    kernel: LiveKernel, model: offline.Offline, code: str
) -> None:
    kernel.run(LOAD)
    model.server.script = python(code)
    first = kernel.run("turn = %codex -b -k run go")
    kernel.until(lambda: "sleeping\n" in first.stdout, "the code to run")
    kernel.interrupt()
    assert alive(kernel)
    assert first.stderr == ""
    ended = kernel.run(
        "import codex_jupyter as cj\ntry:\n    turn.result(60)\nexcept cj.TurnInterruptedError:\n    print('stopped')"
    )
    assert "stopped" in ended.stdout.splitlines()  # a console may tell how the turn ended beside it


@pytest.mark.parametrize(
    "code",
    ["raise SystemExit", "raise KeyboardInterrupt", "raise BaseException('b')", "exit()", "1/0"],
)
def test_nothing_that_background_code_raises_kills_the_kernel(
    newest_kernel: LiveKernel, model: offline.Offline, code: str
) -> None:
    kernel = newest_kernel
    kernel.run(LOAD)
    model.server.script = python(code)
    kernel.run("turn = %codex -b -k run go")
    kernel.run("turn.result()")
    assert alive(kernel)
    model.server.script = python("import asyncio\nawait asyncio.sleep(0)\n" + code)
    kernel.run("turn = %codex -b -k run go")
    kernel.run("turn.result()")
    assert alive(kernel)


@pytest.mark.both_kernels("the loop")
def test_code_that_awaits_in_the_background_goes_on_in_a_cell_that_waits_for_its_turn(
    kernel: LiveKernel, model: offline.Offline, scratch: Path
) -> None:
    """The cell holds the loop that the code awaits on: each would wait for the other, until the code's time is over."""
    kernel.run(LOAD)
    wakes = scratch / "wakes"
    code = (
        f"import asyncio, os\nprint('sleeping')\nwhile not os.path.exists({str(wakes)!r}): await asyncio.sleep(0.01)\n"
        "print('woke')"
    )
    model.server.script = python(code, timeout=30)
    cell = kernel.run("turn = %codex -b -k run go")
    kernel.until(lambda: "sleeping\n" in cell.stdout, "the code to run")
    cell = kernel.run("try:\n    turn.result(0.3)\nexcept TimeoutError:\n    print('in time')")
    assert "in time" in cell.stdout, "it waits no longer than it was told to"
    waiting = kernel.begin("turn.result()")
    kernel.until(lambda: waiting.of("execute_input"), "the cell to wait")
    wakes.touch()
    assert waiting.wait().ok
    assert "woke" in last(model) and "interrupted" not in last(model)
    assert kernel.run("import asyncio; print(await asyncio.sleep(0.01, 'still awaits'))").ok
    assert alive(kernel)


# --- proposals ----------------------------------------------------------------------------------------------------------------


def inserted(cell: object) -> list[str]:
    reply = cell.reply  # type: ignore[attr-defined]
    return [p["text"] for p in reply["payload"] if p["source"] == "set_next_input"]


def test_proposals_come_one_after_the_other_and_the_agent_is_told(
    kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel.run(LOAD)
    model.server.script = calls(
        tool("propose_cells", cells=["a = 20\nprint('first')", "b = a + 1", "1/0"])
    )
    assert inserted(kernel.run("%codex propose")) == ["a = 20\nprint('first')"]
    assert inserted(kernel.run("unrelated = 1")) == []
    assert inserted(kernel.run("a = 20\nprint('first!')")) == ["b = a + 1"]
    assert inserted(kernel.run("b = a + 1")) == ["1/0"]
    kernel.run("1/0")
    model.server.script = calls()
    kernel.run("%codex and now?")
    body = str(model.server.requests[-1].body)
    assert "Your proposed cell 1 was run, edited: [4] ok." in body
    assert "Your proposed cell 3 was run: [6] failed with ZeroDivisionError." in body
    assert "first!" in body


def test_nothing_is_inserted_for_a_background_turn(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    kernel.run(LOAD)
    model.server.script = calls(tool("propose_cells", cells=["a = 1"]))
    kernel.run("turn = %codex -b propose")
    assert inserted(kernel.run("x = 1")) == []
    kernel.until(
        lambda: "done" in kernel.value("'done' if turn.done else 'not'"), "the turn to end"
    )
    assert inserted(kernel.run("x = 2")) == []
    assert "in the transcript" in last(model)
