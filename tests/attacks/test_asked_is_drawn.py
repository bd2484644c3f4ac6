"""What a person is asked to allow is what would run: on the page, in a terminal, at a prompt and in the saved file.

The real runtime asks for each hostile command; what is drawn of it is read back, marks and all, and compared to the byte
with the command that the runtime would run.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest
from playwright.sync_api import Locator, Page, expect

from codex_jupyter import offline
from codex_jupyter.offline import Request, Rule, Script, call, patch, run, say
from tests.browser.conftest import OpenNotebook
from tests.environments import clean_environ
from tests.kernel.live_kernel import LiveKernel
from tests.unit.core.hostile_commands import HOSTILE
from tests.unit.core.unspelled import seen, unframed, unspelled

LOAD = "%load_ext codex_jupyter"
DONE = [say("Done.", phase="final_answer")]
#: Those that can travel to a shell: no NUL, no half of a character.
CARRIED = {
    name: command
    for name, command in HOSTILE.items()
    if name not in ("nul", "surrogates", "unassigned") and command.strip() and len(command) < 7_000
}
#: In a page, where each takes a click.
CLICKED = (
    "blanks", "newlines", "lines of blanks", "carriage return", "escape", "fillers", "braille", "bidi", "cyrillic in a word",
    "brackets of ours", "long line", "html", "a frame", "end",
)  # fmt: skip


def asks(commands: list[str]) -> Script:
    """The model asks for one command after the other, whatever it is told."""
    steps: list[list[Any]] = [
        [run(command, escalate=True, justification="to keep a record")] for command in commands
    ]
    return Script.of(Rule("asks", [*steps, DONE]))


def test_a_page_draws_the_command_that_runs(
    open_notebook: OpenNotebook, model: offline.Offline, scratch: Path
) -> None:
    """A card in the page shows every character of a command inside its box, with its buttons in sight."""
    harm = scratch / "harm"
    commands = [HOSTILE[name] for name in CLICKED]
    commands.append("true" + " " * 300 + f"; touch {harm}")
    model.server.script = asks(commands)
    notebook = open_notebook([LOAD, "%codex go on"])
    notebook.page.set_viewport_size({"width": 700, "height": 600})
    notebook.run(0)
    notebook.begin(1)
    forms = notebook.output(1).locator("form[data-cj-request]")
    last = ""
    for command in commands:
        expect(forms).to_have_count(1)
        expect(forms).not_to_have_attribute("data-cj-request", last)
        last = forms.get_attribute("data-cj-request") or ""
        box = forms.locator("pre.cj-exact").first
        drawn = box.evaluate("e => e.querySelector('code').textContent").removeprefix("$ ")
        assert unspelled(drawn) == command
        wide, inner = box.evaluate("e => [e.scrollWidth, e.clientWidth]")
        assert wide <= inner + 1, command[:40]
        button = forms.get_by_role(
            "button", name="Allow once" if command is commands[-1] else "Decline", exact=False
        )
        button.first.scroll_into_view_if_needed()
        top = forms.locator(".cj-cardtitle").bounding_box()
        bottom = button.first.bounding_box()
        assert top is not None and bottom is not None
        assert bottom["y"] - top["y"] < 560, (command[:40], top, bottom)
        press(notebook.page, last, button.first)
    notebook.wait_idle(1)
    assert harm.exists()
    records = seen("".join(str(o) for o in _htmls(notebook.save())), "cj-exact")
    kept = [unspelled(each.removeprefix("$ ")) for each in records]
    assert [command for command in commands if command not in kept] == []


def press(page: Page, request: str, button: Locator) -> None:
    """Answer as a person does: once the card is there to be read, with a pointer that comes to the button."""
    form = page.locator(f'form[data-cj-request="{request}"]')
    expect(form).not_to_have_attribute("aria-disabled", "true")
    page.mouse.move(1, 1)
    button.click()


def _htmls(saved: dict[str, Any]) -> list[str]:
    return [
        "".join(output["data"]["text/html"])
        for cell in saved["cells"]
        for output in cell.get("outputs", ())
        if "text/html" in output.get("data", {})
    ]


def test_a_terminal_prints_nothing_that_it_would_act_on(
    model: offline.Offline, scratch: Path
) -> None:
    """In a terminal no command erases, moves or forges a line of its own card, and all of it is there to read."""
    names = [
        "escape",
        "c1",
        "title",
        "carriage return",
        "backspaces",
        "hidden by sgr",
        "bidi",
        "a frame",
        "blanks",
        "long line",
    ]
    commands = [HOSTILE[name] for name in names]
    model.server.script = asks(commands)
    environ = {**clean_environ(scratch / "env", model.env), "TERM": "dumb", "COLUMNS": "80"}
    terminal = pexpect.spawn(
        sys.executable,
        ["-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor"],
        env=environ,
        cwd=str(scratch),
        dimensions=(24, 80),
        encoding="utf-8",
        timeout=60,
        echo=False,
    )
    try:
        terminal.expect(r"In \[1\]: ")
        terminal.sendline(LOAD)
        terminal.expect(r"In \[2\]: ")
        terminal.sendline("%codex go on")
        for command in commands:
            terminal.expect(r"Your answer \(.*\): ")
            printed = re.sub(r"\x1b\[[\d;]*m", "", str(terminal.before)).replace("\r\n", "\n")
            assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", printed), printed
            cards = re.split(r"(?m)^┌ Codex asks", printed)
            assert len(cards) == 2, printed
            lines = unframed(cards[1])
            drawn = "\n".join(line[2:] for line in lines[: lines.index(f"in: {_short(scratch)}")])
            assert unspelled(drawn) == command
            terminal.sendline("d")
        terminal.expect(r"In \[3\]: ")
    finally:
        terminal.close(force=True)


def _short(folder: Path) -> str:
    home = str(Path.home())
    return str(folder).replace(home, "~", 1) if str(folder).startswith(f"{home}/") else str(folder)


def test_the_saved_record_keeps_the_exact_command(
    headless_kernel: LiveKernel, model: offline.Offline
) -> None:
    """Where nobody is there all is declined, and the file keeps each command to the byte, with its reason."""
    model.server.script = asks(list(CARRIED.values()))
    headless_kernel.run(LOAD)
    cell = headless_kernel.run("%codex go on")
    made = "".join(display["text/html"] for display in cell.displays if "text/html" in display)
    kept = [unspelled(each.removeprefix("$ ")) for each in seen(made, "cj-exact")]
    assert [name for name, command in CARRIED.items() if command not in kept] == []
    assert made.count("to keep a record") >= len(CARRIED)


def test_a_long_patch_is_asked_for_whole(
    kernel: LiveKernel, model: offline.Offline, scratch: Path
) -> None:
    """A patch of 1,001 lines, one of them of 6,000 characters, is at the prompt to the last line before it can be allowed."""
    lines = [f"line {number}" for number in range(1_000)] + ["x" * 6_000 + " the end"]
    added = "".join(f"+{line}\n" for line in lines)
    target = scratch / "outside" / "made.txt"
    target.parent.mkdir()
    text = f"*** Begin Patch\n*** Add File: {target}\n{added}*** End Patch\n"
    model.server.script = Script.of(Rule("patch", [[patch(text)], DONE]))
    kernel.run(LOAD)
    kernel.answer("a")
    cell = kernel.run("%codex write it")
    card = cell.stdout.split("┌ Codex asks: change files", 1)[1]
    drawn = unframed(card)
    start = next(at for at, line in enumerate(drawn) if "made.txt" in line)
    assert [unspelled(line) for line in drawn[start + 1 : start + 1_002]] == [
        f"+{line}" for line in lines
    ]
    assert target.read_text() == "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("answer", ["d"])
def test_a_child_agent_asks_with_its_name_its_paths_and_its_patch(
    newest_kernel: LiveKernel, model: offline.Offline, scratch: Path, answer: str
) -> None:
    """A patch of a child agent outside the folder is shown with the agent, the path and every line, or cannot be allowed."""
    target = scratch / "outside" / "child.txt"
    text = f"*** Begin Patch\n*** Add File: {target}\n+from a child\u200b\n*** End Patch\n"
    spawn = call("spawn_agent", {"message": "child: write it"}, namespace="multi_agent_v1")

    def wait(request: Request) -> list[Any]:
        known = {"targets": [request.placeholder("agent_id")], "timeout_ms": 20_000}
        return [call("wait_agent", known, namespace="multi_agent_v1")]

    model.server.script = Script.of(
        Rule("child", [[patch(text)], DONE], when={"contains": "child: write"}),
        Rule("parent", [[spawn], wait, DONE]),
    )
    newest_kernel.run(LOAD)
    newest_kernel.answer(answer)
    cell = newest_kernel.run("%codex -m some-model spawn one")
    assert "┌ Codex asks: change files" in cell.stdout, cell.text
    card = cell.stdout.split("┌ Codex asks: change files", 1)[1]
    assert "another agent, " in card
    assert "child.txt" in card and "+from a child⟨U+200B zero width space⟩" in card
    assert not target.exists()
