"""IPython in a real terminal: what is on its screen while a turn works, and what stays."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from codex_jupyter import offline
from codex_jupyter.notebook.stdin_prompt import AT_ONCE
from codex_jupyter.offline import Rule, Script, run, say
from codex_jupyter.offline.moves import Move
from codex_jupyter.render.cells import cells_of
from tests.environments import clean_environ
from tests.kernel.pty_screen import CONSOLE, IPYTHON, PtyScreen, started
from tests.waiting import until

LOAD = "%load_ext codex_jupyter"
DONE = [say("Done.", phase="final_answer")]
SAID = re.compile(r" · \d:\d\d · line \d$")
MOVES = re.compile(r"[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] ")
ANSWER = """\
# What I found

Three **duplicated** rows in a file that has a rather long name, so that this paragraph has to be wrapped somewhere.

| month | revenue | comment |
|:------|--------:|---------|
| January | 1,671.50 | the usual thing, nothing to see here |
| 二月 | 12,310.00 | 日本語 🎉 |

```python
rows = df[df.duplicated(subset=["customer_id", "signup_date", "country"], keep=False)].sort_values("id")
```
"""
CODE = ANSWER.split("```python\n")[1].split("\n```")[0]

#: IPython as a job of a shell, which asks for a line when the job was stopped, and goes on with it.
_JOB = f"{sys.executable} {' '.join(IPYTHON)}; read -p 'at the shell: '; fg"
IN_A_SHELL = ("-c", f"import os; os.execvp('bash', ['bash', '--norc', '-ic', {_JOB!r}])")

Open = Callable[..., PtyScreen]


@pytest.fixture
def opened(model: offline.Offline, scratch: Path) -> Iterator[Open]:
    """Start one with the extension loaded: `opened(80, 24)`."""
    with ExitStack() as stack:

        def start(
            columns: int, rows: int, program: tuple[str, ...] = IPYTHON, **environ: str
        ) -> PtyScreen:
            variables = {**clean_environ(scratch / "env", model.env), **environ}
            screen = stack.enter_context(started(program, variables, scratch, columns, rows))
            screen.run(LOAD, 2)
            return screen

        yield start


def waits_for(gate: Path, printed: str = "echo line $n") -> list[Move]:
    """A command that prints some lines and goes on until there is such a file. What is printed at once comes late from the
    runtime."""
    return [
        run(
            f"for n in 1 2 3; do sleep 0.4; {printed}; done; while [ ! -e {gate} ]; do sleep 0.1; done; echo over",
            yield_ms=60_000,
        )
    ]


def moving(screen: PtyScreen) -> str:
    """The line that moves, ``""`` where there is none: the last one on the screen."""
    last = (screen.lines or [""])[-1]
    return last if MOVES.match(last) else ""


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 24), (200, 50)])
def test_a_turn(
    opened: Open, model: offline.Offline, scratch: Path, columns: int, rows: int
) -> None:
    gate = scratch / "gate"
    model.server.script = Script.of(
        Rule("work", [waits_for(gate), [say(ANSWER, phase="final_answer", chunk=7)]])
    )
    screen = opened(columns, rows)
    screen.type("%codex work\r")
    screen.until(lambda: SAID.search(moving(screen)) is not None, "what the command printed")
    line = moving(screen)
    assert "$ for n in" in line and cells_of(line) < columns
    assert not any(re.match(r" *line \d$", each) for each in screen.lines)
    screen.until(lambda: moving(screen)[1:] != line[1:], "the seconds")
    gate.touch()
    screen.until(lambda: screen.lines[-1:] == ["In [3]:"], "the end")

    lines = screen.all_lines
    assert not MOVES.search(screen.text)
    assert sum(line.strip() == "line 3" for line in lines) == 1
    assert sum("What I found" in line for line in lines) == 1 and "#" not in screen.text
    answer = lines[lines.index("What I found") : lines.index("```python")]
    assert all(cells_of(line) <= min(columns, 120) for line in answer)
    assert "**" not in screen.text and "|" not in "".join(answer)
    for words in ("1,671.50", "12,310.00", "January", "日本語 🎉"):
        assert any(words in line.replace("🎉 ", "🎉") for line in answer), words
    code = lines[lines.index("```python") + 1 :]
    assert "".join(code[: code.index("```")]) == CODE


def test_an_interrupt_and_keys_leave_nothing_behind(
    opened: Open, model: offline.Offline, scratch: Path
) -> None:
    gate = scratch / "gate"
    model.server.script = Script.of(Rule("work", [waits_for(gate), DONE], repeat=True))
    screen = opened(80, 24)
    screen.type("%codex work\r")
    screen.until(lambda: "for n in" in moving(screen), "the line")
    screen.type("ahead = 4 + 3\x03")
    screen.until(lambda: "In [3]:" in screen.text and "ahead" not in moving(screen), "the end")
    assert "■ Stopped by you" in screen.text
    assert "^C" not in screen.text and not MOVES.search(screen.text)
    assert screen.raw.count("^C") == 0

    screen.type("\x15%codex work\r")
    screen.until(lambda: "for n in" in moving(screen), "the line")
    screen.type("next_cell = 7\r")
    screen.until(lambda: MOVES.search(screen.lines[-1]) is not None, "the line again")
    assert "next_cell" not in screen.text
    gate.touch()
    screen.until(lambda: "In [5]:" in screen.text, "what was typed to have run")
    screen.run("next_cell", 6)
    assert "Out[5]: 7" in screen.text
    assert not MOVES.search(screen.text)


def test_a_window_that_gets_narrower(opened: Open, model: offline.Offline, scratch: Path) -> None:
    gate = scratch / "gate"
    long = "echo a long line of a hundred and more characters, which is longer than the window will be in the end"
    model.server.script = Script.of(Rule("work", [waits_for(gate, long), DONE]))
    screen = opened(100, 30)
    screen.type("%codex work\r")
    screen.until(lambda: "a long line" in moving(screen), "the line")
    screen.resize(44, 30)
    screen.until(lambda: 0 < cells_of(moving(screen)) < 44, "a shorter line")
    assert len([line for line in screen.lines if MOVES.match(line)]) == 1
    gate.touch()
    screen.until(lambda: "In [3]:" in screen.lines[-1], "the end")
    assert not MOVES.search(screen.text)


def test_a_shell_that_takes_the_terminal_back_has_it_as_it_was(
    opened: Open, model: offline.Offline, scratch: Path
) -> None:
    gate = scratch / "gate"
    model.server.script = Script.of(Rule("work", [waits_for(gate), DONE]))
    screen = opened(80, 24, IN_A_SHELL)
    screen.type("%codex work\r")
    screen.until(lambda: SAID.search(moving(screen)) is not None, "the line")
    screen.type("\x1a")
    screen.until(lambda: screen.lines[-1] == "at the shell:", "the shell")
    assert not MOVES.search(screen.text)
    screen.type("typed\r")
    screen.until(lambda: SAID.search(moving(screen)) is not None, "the line again")
    assert "at the shell: typed" in screen.text
    gate.touch()
    screen.until(lambda: "In [3]:" in screen.lines[-1], "the end")
    assert not MOVES.search(screen.text)


def test_nothing_that_a_command_prints_moves_the_terminal(
    opened: Open, model: offline.Offline, scratch: Path
) -> None:
    gate = scratch / "gate"
    hostile = r"printf '\033[2J\033[H\033]0;mine\007\033[31mred\033[?1049h\r\033[1A 50%%\n'"
    model.server.script = Script.of(Rule("work", [waits_for(gate, hostile), DONE]))
    screen = opened(80, 24)
    screen.type("%codex work\r")
    screen.until(lambda: "50%" in moving(screen), "the line")
    gate.touch()
    screen.until(lambda: "In [3]:" in screen.lines[-1], "the end")
    turn = screen.raw[screen.raw.rindex("Codex · ") : screen.raw.rindex("✓")]
    ours = re.sub(r"\x1b\[[0-9;]*m|\r\x1b\[J|\x1b\[J\r", "", turn)
    assert "\x1b" not in ours and "\x07" not in ours
    assert LOAD in screen.text  # nothing was cleared


def test_a_card_is_there_once_and_only_what_is_typed_to_it_answers(
    opened: Open, model: offline.Offline, scratch: Path
) -> None:
    made, gate = scratch / "made", scratch / "gate"
    asks = [run("touch made", escalate=True, justification="to keep a record")]
    model.server.script = Script.of(Rule("asks", [waits_for(gate), asks, DONE], repeat=True))
    screen = opened(80, 24)
    screen.type("%codex asks\r")
    screen.until(lambda: "for n in" in moving(screen), "the line")
    screen.type("a\r1\r")  # ahead of the question
    gate.touch()
    screen.until(lambda: "Your answer (a, s, d, x or w):" in screen.lines[-1], "the question")
    assert not MOVES.search(screen.text)
    screen.type("\r")
    screen.until(lambda: screen.text.count("Type a, s, d, x or w.") == 1, "the question again")
    assert not made.exists()
    screen.type("1\r")
    screen.until(lambda: screen.lines[-1:] == ["In [3]:"], "the end")
    assert made.exists()
    lines = screen.all_lines
    assert sum("┌ Codex asks" in line for line in lines) == 1
    assert sum(line == "│ $ touch made" for line in lines) == 1
    decided = [at for at, line in enumerate(lines) if "You allowed once" in line]
    assert len(decided) == 1
    assert lines[decided[0] + 1].startswith("✓ $ touch")  # one line
    assert not any("Allow once]" in line for line in lines)  # no buttons


def test_without_colours_there_are_none(opened: Open, model: offline.Offline) -> None:
    model.server.script = Script.of(Rule("work", [[say(ANSWER, phase="final_answer")]]))
    screen = opened(80, 24, NO_COLOR="1")
    screen.run("%codex work", 3)
    turn = screen.raw[screen.raw.rindex("# What I found") : screen.raw.rindex("✓")]
    assert "\x1b" not in turn.replace("\r\x1b[J", "").replace("\x1b[J\r", "")
    assert "**duplicated**" in screen.text


def test_a_console_has_text_as_a_terminal_has_it(
    opened: Open, model: offline.Offline, scratch: Path
) -> None:
    made, gate = scratch / "made", scratch / "gate"
    asks = [run("touch made", escalate=True, justification="to keep a record")]
    model.server.script = Script.of(
        Rule("work", [[say(ANSWER, phase="final_answer")]], when={"contains": "work"}),
        Rule("asks", [waits_for(gate), asks, DONE], when={"contains": "asks"}),
    )
    screen = opened(60, 24, CONSOLE)
    screen.run("%codex work", 3)
    assert "**" not in screen.text and "\x1b[1mduplicated\x1b[0m" in screen.raw
    answer = screen.all_lines[screen.all_lines.index("What I found") :]
    assert all(cells_of(line) <= 60 for line in answer)
    assert not MOVES.search(screen.raw)

    screen.type("%codex asks\r")
    screen.until(lambda: "asks\nCodex · " in screen.text, "the turn")
    screen.type("a\r")  # ahead of the question
    gate.touch()
    screen.until(lambda: "Type it again." in screen.text, "the question again")
    assert not made.exists()
    asked = time.monotonic()
    until(lambda: time.monotonic() - asked > 2 * AT_ONCE, "somebody to have read the question")
    screen.type("d\r")
    screen.until(lambda: screen.lines[-1:] == ["In [4]:"], "the end")
    assert not made.exists() and "You declined" in screen.text
    assert screen.raw.count("┌ Codex asks") == 1
