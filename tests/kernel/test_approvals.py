"""Approvals on a real kernel: prompts over stdin, /pending and /permissions, secrets, and a run without anybody."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, run, say
from tests.kernel.conftest import StartKernel
from tests.kernel.live_kernel import Execution, LiveKernel
from tests.waiting import until

LOAD = "%load_ext codex_jupyter"
DONE = [say("Done.", phase="final_answer")]
SECRET, HUB = "db-Passw0rd-0123456789", "hub-t0ken-9876543210"


def touch(path: Path) -> list[Any]:
    return [run(f"touch {path}", escalate=True, justification="to keep a record")]


@pytest.fixture
def targets(scratch: Path, model: offline.Offline) -> tuple[Path, Path]:
    """Two files outside the sandbox, which the model asks to make one after the other."""
    first, second = scratch / "first.txt", scratch / "second.txt"
    model.server.script = Script.of(
        Rule("both", [touch(first), touch(second), DONE], when={"contains": "both"}),
        Rule("first", [touch(first), DONE]),
    )
    return first, second


def in_a_page(kernel: LiveKernel, code: str) -> Execution:
    """Execute a cell as a page does, and wait for its end."""
    return begin_in_a_page(kernel, code).wait()


def begin_in_a_page(kernel: LiveKernel, code: str) -> Execution:
    """Execute a cell as a page does, which names it."""
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": True}
    message = kernel.client.session.msg(
        "execute_request", content, metadata={"cellId": f"cell-{len(kernel.iopub)}"}
    )
    kernel.client.shell_channel.send(message)
    execution = Execution(kernel, message["header"]["msg_id"])
    kernel._running[execution.id] = execution
    return execution


@pytest.mark.both_kernels("prompts")
def test_a_prompt_answers_and_an_empty_answer_is_asked_again(
    kernel: LiveKernel, targets: tuple[Path, Path]
) -> None:
    first, second = targets
    kernel.run(LOAD)
    kernel.answer("1", "", "n")
    cell = kernel.run("%codex both")
    assert cell.ok, cell.traceback
    assert (first.exists(), second.exists()) == (True, False)
    assert len(kernel.prompts) == 3
    assert "Nothing was allowed or declined yet. Type " in kernel.prompts[2]["content"]["prompt"]
    assert "You allowed once" in cell.text and "You declined" in cell.text


def test_what_cannot_be_understood_is_asked_again_and_then_declined(
    newest_kernel: LiveKernel, targets: tuple[Path, Path]
) -> None:
    newest_kernel.run(LOAD)
    newest_kernel.answer("perhaps", "", "why?")
    cell = newest_kernel.run("%codex first")
    assert cell.ok and "You declined" in cell.text
    assert len(newest_kernel.prompts) == 3
    assert not targets[0].exists()


@pytest.mark.both_kernels("prompts", "interrupts")
def test_an_interrupt_at_a_question_declines_and_stops(
    kernel: LiveKernel, targets: tuple[Path, Path]
) -> None:
    kernel.run(LOAD)
    cell = kernel.begin("%codex both")
    kernel.until(lambda: kernel.prompts, "the prompt")
    kernel.interrupt()
    cell.wait()
    assert cell.error[0] in ("TurnInterruptedError", "KeyboardInterrupt")
    assert not targets[0].exists() and not targets[1].exists()
    assert len(kernel.prompts) == 1
    assert kernel.value("__import__('codex_jupyter').session().pending") == "()"


ELSEWHERE = """
import threading, pathlib, codex_jupyter as cj
def elsewhere():
    while not pathlib.Path("now").exists():
        threading.Event().wait(0.05)
    live, request = cj.session().pending[0]
    live.answer(request.id, "decline")
threading.Thread(target=elsewhere, daemon=True).start()
"""


@pytest.mark.both_kernels("prompts")
def test_the_late_answer_to_a_withdrawn_prompt_reaches_nobody(
    kernel: LiveKernel, targets: tuple[Path, Path]
) -> None:
    kernel.run(LOAD)
    kernel.run(ELSEWHERE)
    cell = kernel.begin("%codex both")
    kernel.until(lambda: kernel.prompts, "the first prompt")
    (kernel.folder / "now").touch()
    kernel.until(lambda: len(kernel.prompts) == 2, "the second prompt")
    kernel.reply_to(kernel.prompts[0], "y")  # typed into the box that asks nothing any more
    kernel.reply_to(kernel.prompts[1], "n")
    cell.wait()
    assert cell.ok, cell.traceback
    assert not targets[0].exists() and not targets[1].exists()
    assert "Answered by a program (declined)" in cell.text


def test_pending_answers_and_permissions_lists_and_takes_back(
    newest_kernel: LiveKernel, targets: tuple[Path, Path]
) -> None:
    kernel, first = newest_kernel, targets[0]
    kernel.run(LOAD)
    assert "Nothing waits" in kernel.run("%codex /pending").text
    in_a_page(kernel, "%codex -b first")
    until(lambda: cell_waits(kernel), "a request")
    listed = kernel.run("%codex /pending").text
    assert "OUTSIDE the sandbox" in listed and "to keep a record" in listed
    wrong = kernel.run("%codex /pending 1 perhaps")
    assert not wrong.ok and "Nothing was answered" in wrong.traceback
    assert not first.exists()
    assert kernel.run("%codex /pending 1 session").ok
    until(first.exists, "the command")
    shown = kernel.run("%codex /permissions").text
    assert "revoke 1  run `touch" in shown and "ask" in shown
    assert not kernel.run("%codex /permissions revoke 2").ok
    assert "Rule removed" in kernel.run("%codex /approvals revoke 1").text
    assert "revoke" not in kernel.run("%codex /permissions").text


#: Ways in which code, and not a person, runs the magic that answers.
BY_CODE = (
    "def answer(): get_ipython().run_line_magic('codex', '/pending 1 decline')\nanswer()",
    "get_ipython().run_cell('%codex /pending 1 decline')",
    "exec(\"get_ipython().run_line_magic('codex', '/pending 1 decline')\")",
    "(lambda: get_ipython().run_line_magic('codex', '/pending 1 decline'))()",
    "import threading\nt = threading.Thread(target=get_ipython().run_line_magic, args=('codex', '/pending 1 decline'))\n"
    "t.start(); t.join()",
)
BY_HAND = ("%codex /pending 1 decline", "if True:\n    %codex /pending 1 decline")


@pytest.mark.both_kernels("cells")
def test_the_record_tells_a_typed_answer_from_one_that_code_gave(
    kernel: LiveKernel, model: offline.Offline, scratch: Path
) -> None:
    rules = [
        Rule(f"r{n}", [touch(scratch / f"{n}"), DONE], when={"contains": f"ask {n}."})
        for n in range(len(BY_CODE) + len(BY_HAND))
    ]
    model.server.script = Script.of(*rules)
    kernel.run(LOAD)
    last = "__import__('codex_jupyter').session().last"
    for n, code in enumerate((*BY_CODE, *BY_HAND)):
        begin_in_a_page(kernel, f"%codex -b ask {n}.").wait()
        until(lambda: cell_waits(kernel), "a request")
        number = re.search(r"(\d+)\.", kernel.run("%codex /pending").text)
        assert number is not None
        assert kernel.run(code.replace("/pending 1", f"/pending {number[1]}")).ok
        until(lambda: kernel.value(f"{last}.done") == "True", "the end")
        by = kernel.value(f"{last}.turn.decisions[0].by.kind")
        assert by == ("'program'" if code in BY_CODE else "'person'"), code


def cell_waits(kernel: LiveKernel) -> bool:
    return kernel.value("len(__import__('codex_jupyter').session().pending)") != "0"


def rules_in(file: Path) -> list[str]:
    """The lines that say something."""
    return [line for line in file.read_text().splitlines() if line.strip() and line[0] != "#"]


def test_permissions_lists_what_was_allowed_for_ever_and_takes_it_back(
    newest_kernel: LiveKernel, targets: tuple[Path, Path], model: offline.Offline
) -> None:
    kernel, first = newest_kernel, targets[0]
    rules = model.codex_home / "rules" / "default.rules"
    kernel.run(LOAD)
    kernel.answer("always", "yes")
    assert kernel.run("%codex first").ok
    assert first.exists() and str(first) in rules.read_text()
    first.unlink()
    kernel.answer("always", "no")  # the rule is spelled out, and only a yes writes it
    shown = kernel.run("%codex /permissions").text
    assert "Always allowed, for every Codex front end" in shown
    assert f"run commands that begin with `touch {first}`" in " ".join(shown.split())
    assert "rules/default.rules" in shown and "/permissions revoke 1" in shown
    assert not kernel.run("%codex /permissions revoke 2").ok
    taken = kernel.run("%codex /permissions revoke 1").text
    assert "Rule removed for every Codex front end" in taken and "default.rules" in taken
    assert rules_in(rules) == []
    assert "Always allowed" not in kernel.run("%codex /permissions").text
    cell = kernel.run("%codex first")
    assert cell.ok and "You declined" in cell.text
    assert not first.exists() and rules_in(rules) == []


def test_permissions_sets_what_holds_for_the_thread(
    newest_kernel: LiveKernel, targets: tuple[Path, Path]
) -> None:
    kernel = newest_kernel
    kernel.run(LOAD)
    assert kernel.run("%codex /permissions -a never -s read-only").ok
    assert "never: nobody is asked" in kernel.run("%codex /permissions").text
    cell = kernel.run("%codex first")
    assert cell.ok and "nobody is asked, -a never" in cell.text
    assert not targets[0].exists() and kernel.prompts == []
    assert not kernel.run("%codex /permissions always").ok


@pytest.mark.both_kernels("prompts")
def test_without_anybody_it_is_declined_and_the_turn_goes_on(
    headless_kernel: LiveKernel, targets: tuple[Path, Path]
) -> None:
    headless_kernel.run(LOAD)
    cell = headless_kernel.run("%codex both")
    assert cell.ok
    assert not targets[0].exists() and not targets[1].exists()
    (shown,) = cell.displays
    for content in shown.values():
        assert content.count("nobody is here to approve it") == 2
        assert "Done." in content


def test_secrets_stay_out_of_commands_and_out_of_what_is_saved(
    start_kernel: StartKernel, model: offline.Offline
) -> None:
    kernel = start_kernel(stdin=False, environ={"JUPYTERHUB_API_TOKEN": HUB, "DB_PASSWORD": SECRET})
    (kernel.folder / "dump.txt").write_text(f"found {SECRET} and {HUB}\n")
    model.server.script = Script.of(
        Rule("env", [[run("env")], DONE], when={"contains": "environment"}),
        Rule("file", [[run("cat dump.txt")], [say("It says {{output}}", chunk=5)]]),
    )
    kernel.run(LOAD)
    cell = kernel.run("%codex show the environment")
    assert cell.ok and "PATH=" in cell.text
    given = model.server.requests[-1].output
    assert "PATH=" in given and SECRET not in given and HUB not in given
    assert "JUPYTERHUB_API_TOKEN" not in given and "DB_PASSWORD" not in given
    cell = kernel.run("%codex read the file")
    assert cell.ok
    (shown,) = cell.displays
    assert set(shown) == {"text/html", "text/markdown", "text/plain"}
    for content in shown.values():
        assert SECRET not in content and HUB not in content
        assert "hidden" in content
