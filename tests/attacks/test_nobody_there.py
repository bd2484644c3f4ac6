"""Where nobody is there, nobody is asked: no line of a script, no key typed too early and no page that is gone answers."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, ask, run, say, wait
from tests.environments import clean_environ
from tests.kernel.live_kernel import Execution, LiveKernel
from tests.waiting import GENEROUS, until

LOAD = "%load_ext codex_jupyter"
WHY = "to keep a record"
KEY = "sk-live-0123456789abcdefghij"
DONE = [say("Done.", phase="final_answer")]
COLOUR = {
    "id": "colour",
    "header": "Colour",
    "question": "Which colour?",
    "options": [{"label": "Red", "description": ""}, {"label": "Blue", "description": ""}],
}
#: What answers a card where it is typed by a person.
ANSWERS = ("a", "y", "yes", "once", "1", "Allow once", "s", "w\nyes")


@pytest.fixture
def made(scratch: Path, model: offline.Offline) -> Path:
    """Where the model, asked to ``make-N``, wants to leave a file N outside the sandbox."""
    folder = scratch / "made"
    folder.mkdir()
    rules = [
        Rule(f"make-{n}", [[*gate, touch(folder / str(n))], DONE], when={"contains": f"make-{n}."})
        for n, gate in [*((n, []) for n in range(20)), (20, [wait("gate")])]
    ]
    question = Rule("choose", [[ask(COLOUR)], DONE], when={"contains": "choose"}, repeat=True)
    model.server.script = Script.of(*rules, question)
    return folder


def touch(path: Path) -> Any:
    return run(f"touch {path}", escalate=True, justification=WHY)


def left(made: Path) -> list[str]:
    return sorted(path.name for path in made.iterdir())


# --- shells without a terminal ------------------------------------------------------------------------------------------


def test_no_line_of_a_script_answers(
    made: Path, model: offline.Offline, scratch: Path, tmp_path: Path
) -> None:
    """What is piped into a shell, or run without any input, answers nothing: it is declined at once, with the way out."""
    lines = [LOAD]
    for n, answer in enumerate(ANSWERS):
        lines += [f"%codex make-{n}.", answer]
    lines += ["%codex choose", "1", "%codex choose", "Blue"]
    lines += ["%codex login --api-key", KEY, "%codex login", "3", KEY]
    lines += ["import codex_jupyter as cj", "cj.session().use_api_key()", KEY, ""]
    script = tmp_path / "script.ipy"
    script.write_text(f"{LOAD}\n%codex make-10.\n")
    program = (
        "import codex_jupyter as cj\n"
        "print(cj.session().run('make-11.').status)\n"
        "try: cj.session().use_api_key()\n"
        "except cj.UserError as error: print(error)\n"
    )
    shell = [sys.executable, "-m", "IPython", "--no-banner"]
    started = {
        "pipe": ([*shell, "--simple-prompt"], "\n".join(lines)),
        "-c": ([*shell, "-c", f"{LOAD}\nget_ipython().run_line_magic('codex', 'make-9.')"], ""),
        "closed": (["sh", "-c", f"exec {' '.join(shell)} {script} <&-"], ""),
        "program": ([sys.executable, "-c", program], f"{KEY}\n{KEY}\n"),
        "nohup": (["nohup", *shell, "-c", f"{LOAD}\n%run {tmp_path}/inner.ipy"], ""),
    }
    (tmp_path / "inner.ipy").write_text("%codex make-12.\n")
    environ = clean_environ(scratch, model.env)
    said = outputs(started, environ, tmp_path)
    assert left(made) == []
    assert said["pipe"].count("Declined by policy (nobody is here to approve it: the input") == 8
    assert said["pipe"].count("Skipped by policy (nobody is here to approve it: the input") == 2
    assert said["pipe"].count("Nobody is here to sign in") == 2
    assert said["pipe"].count("Nobody is here to answer.") == 1
    for name in ("-c", "closed", "nohup"):
        assert "nobody is here to approve it: the input is no terminal" in said[name], said[name]
        assert "-s workspace-write" in said[name] and WHY in said[name]
    assert "completed" in said["program"] and "Nobody is here to answer." in said["program"]


def outputs(
    started: dict[str, tuple[list[str], str]], environ: dict[str, str], folder: Path
) -> dict[str, str]:
    """What programs print that run at the same time, each with this on its standard input."""
    running: dict[str, subprocess.Popen[str]] = {}
    try:
        for name, (command, _) in started.items():
            running[name] = subprocess.Popen(
                command,
                cwd=folder,
                env=environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        return {
            name: process.communicate(started[name][1], timeout=GENEROUS)[0]
            for name, process in running.items()
        }
    finally:
        for process in running.values():
            process.kill()
            process.wait()


# --- a terminal ---------------------------------------------------------------------------------------------------------


class Terminal:
    """A shell on a terminal of its own, whose keyboard and screen are the test's."""

    def __init__(self, far: int, process: subprocess.Popen[bytes]) -> None:
        self._far, self.process = far, process
        self.screen = ""
        self._read = 0

    def type(self, text: str) -> None:
        os.write(self._far, text.encode())

    def wait_for(self, text: str) -> str:
        """Read until this is on the screen after what was waited for before; returns what came until then."""
        while text not in self.screen[self._read :]:
            assert select.select([self._far], [], [], GENEROUS)[0], self.screen
            try:
                self.screen += os.read(self._far, 4096).decode(errors="replace")
            except OSError:
                raise AssertionError(f"it ended:\n{self.screen}") from None
        end = self.screen.index(text, self._read) + len(text)
        came, self._read = self.screen[self._read : end], end
        return came


BECOME_ITS_OWN = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)


@contextmanager
def at_a_terminal(environ: dict[str, str], folder: Path) -> Iterator[Terminal]:
    far, near = pty.openpty()
    fcntl.ioctl(near, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 400, 0, 0))
    shell = [sys.executable, "-m", "IPython", "--no-banner", "--simple-prompt", "--colors=NoColor"]
    process = subprocess.Popen(
        [sys.executable, "-c", BECOME_ITS_OWN, *shell],
        cwd=folder,
        env={**environ, "TERM": "dumb"},
        stdin=near,
        stdout=near,
        stderr=near,
        start_new_session=True,
    )
    os.close(near)
    try:
        yield Terminal(far, process)
    finally:
        process.kill()
        process.wait()
        os.close(far)


def test_at_a_terminal_a_person_answers_and_only_what_they_type_to_the_question(
    made: Path, model: offline.Offline, scratch: Path, tmp_path: Path
) -> None:
    """Keys typed before the card was drawn are dropped, a thread and a background turn that no cell waits for ask nobody, a person is asked."""
    asks = "Your answer (a, s, d, x or w): "
    with at_a_terminal(clean_environ(scratch, model.env), tmp_path) as at:
        at.wait_for("]: ")
        at.type(f"{LOAD}\n")
        at.wait_for("]: ")
        at.type("%codex make-0.\na\ny\n")  # ahead of the question
        at.wait_for(asks)
        at.type("n\n")
        at.wait_for("You declined")
        at.wait_for("]: ")
        assert left(made) == []

        at.type("%codex make-1.\n")
        assert WHY in at.wait_for(asks)
        at.type("a\n")
        at.wait_for("You allowed once")
        at.wait_for("]: ")
        at.type("import codex_jupyter; print(codex_jupyter.session().last.turn.decisions[-1].by)\n")
        at.wait_for("you, at the terminal")
        at.wait_for("]: ")
        assert left(made) == ["1"]

        at.type("%codex make-2.\n")
        at.wait_for(asks)
        at.type("\x03")
        at.wait_for("You, by an interrupt, declined")
        at.wait_for("]: ")

        at.type("import threading, codex_jupyter as cj\n")
        at.wait_for("]: ")
        at.type("t = threading.Thread(target=cj.session().run, args=('make-3.',))\n")
        at.wait_for("]: ")
        at.type("t.start(); t.join()\n")
        at.wait_for("Declined by policy (nobody is here to approve it: a thread in the background")
        at.wait_for("]: ")

        at.type("turn = get_ipython().run_line_magic('codex', '-b make-4.'); import time\n")
        at.type("while not turn.done: time.sleep(0.1)\n\n")
        at.wait_for(
            "Declined by policy (nobody is here to approve it: a background turn can only ask in a page"
        )
        at.wait_for("]: ")
        at.type("_ = get_ipython().run_line_magic('codex', '-b make-4.').result()\n")
        at.wait_for(asks)
        at.type("n\n")
        at.wait_for("You declined")
        at.wait_for("]: ")

        at.type("get_ipython().run_cell_magic('capture', 'out', '%codex make-5.')\n")
        at.wait_for("]: ")
        at.type("print(out.stdout)\n")
        at.wait_for(
            "Declined by policy (nobody is here to approve it: this cell's output is captured"
        )
        at.wait_for("]: ")
        assert left(made) == ["1"]


# --- kernels ------------------------------------------------------------------------------------------------------------


def execute(kernel: LiveKernel, code: str, **content: Any) -> Execution:
    """Run a cell whose request says this, and a page's when ``cell`` names one."""
    cell = content.pop("cell", "")
    message = kernel.client.session.msg(
        "execute_request",
        {"code": code, "silent": False, "store_history": True, **content},
        metadata={"cellId": cell} if cell else {},
    )
    kernel.client.shell_channel.send(message)
    execution = Execution(kernel, message["header"]["msg_id"])
    kernel._running[execution.id] = execution
    return execution


def test_the_request_that_runs_says_whether_somebody_answers(
    newest_kernel: LiveKernel, made: Path
) -> None:
    """A client that answers no prompts is not asked in the name of one that does; a thread and a captured cell ask nobody."""
    kernel = newest_kernel
    assert kernel.run(LOAD).ok
    kernel.answer("y")
    assert kernel.run("%codex make-0.").ok
    assert left(made) == ["0"] and len(kernel.prompts) == 1
    never = "nobody is here to approve it: "
    for n, content in enumerate(({"allow_stdin": False}, {}), 1):
        cell = execute(kernel, f"%codex make-{n}.", **content).wait()
        assert f"{never}this notebook runs without a person" in cell.text, content
    thread = "t = threading.Thread(target=cj.session().run, args=('make-8.',))"
    cell = kernel.run(f"import threading, codex_jupyter as cj\n{thread}\nt.start()\nt.join()")
    assert f"{never}a thread in the background asks nobody" in cell.text
    captured = kernel.run("%%capture out\n%codex make-9.")
    assert captured.ok
    assert f"{never}this cell's output is captured" in kernel.run("print(out.stdout)").stdout
    assert left(made) == ["0"] and len(kernel.prompts) == 1


def test_a_page_that_said_bye_is_nobody(
    newest_kernel: LiveKernel, made: Path, model: offline.Offline
) -> None:
    """A turn whose page has closed is not asked about: what it wants is declined, and the record says so."""
    kernel = newest_kernel
    assert kernel.run(LOAD).ok
    assert execute(kernel, "%codex -b make-20.", allow_stdin=True, cell="c").wait().ok
    last = "__import__('codex_jupyter').session().last"
    kernel.send_custom(kernel.comm(), {"type": "hello", "view": "v", "have": 0})
    until(lambda: kernel.value(f"{last}.presence.__self__.feed.state") == "'shown'", "the hello")
    assert kernel.value(f"{last}.absence") == "''"
    kernel.send_custom(kernel.comm(), {"type": "bye", "view": "v"})
    until(lambda: "is gone" in kernel.value(f"{last}.absence"), "the page to be gone")
    model.server.release("gate")
    until(lambda: kernel.value(f"{last}.done") == "True", "the end")
    words = kernel.value(f"str({last}.turn.decisions[0].by)")
    assert "nobody is here to approve it: the page that showed this turn is gone" in words
    assert left(made) == []


def test_a_run_without_a_person_saves_what_was_declined_and_how_to_allow_it(
    made: Path, model: offline.Offline, scratch: Path, tmp_path: Path
) -> None:
    """The file that a runner saves says in each format what was declined, where, outside of what, why, by whom and when."""
    cells = (LOAD, "%codex make-0.", "%codex choose")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "x", "language": "python"}
    nbformat.write(notebook, tmp_path / "job.ipynb")
    done = subprocess.run(
        [sys.executable, "-m", "jupyter", "execute", "job.ipynb", "--output=done"],
        cwd=tmp_path,
        env=clean_environ(scratch, model.env),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert left(made) == []
    saved = json.loads((tmp_path / "done.ipynb").read_text())
    (asked,), (question,) = (cell["outputs"] for cell in saved["cells"][1:])
    for kind in ("text/html", "text/markdown", "text/plain"):
        shown = "".join(asked["data"][kind]).replace("\\", "")
        for words in (
            "nobody is here to approve it: this notebook runs without a person",
            f"touch {made}/0",
            str(tmp_path),
            "the sandbox (read-only)",
            WHY,
            "-s workspace-write",
        ):
            assert words in shown, (kind, words, shown)
        assert f"{saved_at(shown)}" and "answered" in shown
        assert "Which colour?" in "".join(question["data"][kind])


def saved_at(shown: str) -> str:
    """The date and time with its offset from UTC that a record names."""
    import re

    found = re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d", shown)
    assert found is not None, shown
    return found[0]
