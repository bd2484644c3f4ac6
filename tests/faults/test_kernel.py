"""What happens in the kernel while Codex works: one ending in words, nothing lost, and the next cell goes on."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, run, say
from tests.environments import clean_environ
from tests.faults.conftest import DONE, Clock
from tests.faults.rows import fault
from tests.kernel.conftest import StartKernel
from tests.kernel.live_kernel import Execution, LiveKernel
from tests.kernel.test_approvals import in_a_page
from tests.kernel.workbench_script import LOAD, python
from tests.waiting import until

BEGIN = say("I begin.", phase="commentary")
SCRIPT = Script.of(
    Rule("command", [[BEGIN, run("echo begun; sleep 1234")], *DONE], when={"contains": "sleep"}),
    Rule("any", DONE),
)  # fmt: skip


@pytest.fixture
def loaded(newest_kernel: LiveKernel, model: offline.Offline) -> LiveKernel:
    """A kernel with the extension, which asked Codex something already."""
    model.server.script = SCRIPT
    assert newest_kernel.run(f"{LOAD}\nimport codex_jupyter as cj").ok
    assert newest_kernel.run("%codex hello").ok
    return newest_kernel


def at_the_command(kernel: LiveKernel, code: str) -> Execution:
    """A cell whose turn runs its command."""
    cell = kernel.begin(code)
    kernel.until(lambda: kernel.descendants("sleep 1234"), "the command to run")
    return cell


def ended_in_words(cell: Execution) -> None:
    """Once, as the turn ended, and nothing of Python's or ours."""
    assert cell.error[0] == "TurnInterruptedError" and "Stopped by you." in cell.error[1]
    assert cell.traceback.count("TurnInterruptedError") == 1
    assert "KeyboardInterrupt" not in cell.text + cell.traceback
    assert "CancelledError" not in cell.text + cell.traceback
    assert "File " not in cell.traceback and ".py" not in cell.traceback
    assert "I begin." in cell.text and cell.text.count("Stopped by you") == 1


def goes_on(kernel: LiveKernel, prompt: str = "%codex hello again") -> None:
    """The next cell is answered."""
    cell = kernel.run(prompt)
    assert cell.ok and "Done." in cell.text


def pause(seconds: float) -> None:
    """Between two presses: the fault itself is that they are so close."""
    threading.Event().wait(seconds)


@pytest.mark.parametrize(
    ("presses", "apart"),
    [
        pytest.param(
            presses, apart, id=f"{presses}",
            marks=fault(
                "kernel", f"{presses} interrupts, {apart} s apart, while a command runs", "Stopped by you, once", kept="the transcript so far",
                within=6, everywhere=presses == 20,
            ),
        )
        for presses, apart in ((2, 0.05), (20, 0.05), (40, 0.01))
    ],
)  # fmt: skip
def test_impatient_interrupts_end_a_turn_once(
    loaded: LiveKernel, clock: Clock, presses: int, apart: float
) -> None:
    cell = at_the_command(loaded, "%codex sleep")
    with clock:
        for _ in range(presses):
            loaded.interrupt()
            pause(apart)
        cell.wait()
    ended_in_words(cell)
    goes_on(loaded)


WAITS = {
    "awaits a turn": "turn = cj.session().start('sleep')\nawait turn",
    "awaits two turns together": (
        "import asyncio\nturns = [cj.session().start('sleep', thread=name) for name in 'ab']\nawait asyncio.gather(*turns)"
    ),
    "waits for turn.result()": "turn = cj.session().start('sleep')\nturn.result()",
    "waits for turn.result(100)": "turn = cj.session().start('sleep')\nturn.result(100)",
    "runs a turn": "cj.session().run('sleep')",
}  # fmt: skip


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(code, id=name, marks=fault("kernel", f"an interrupt of a cell that {name}", "Stopped by you, once", kept="the transcript so far", within=6))
        for name, code in WAITS.items()
    ],
)  # fmt: skip
def test_an_interrupt_ends_what_a_cell_waits_for(
    loaded: LiveKernel, clock: Clock, code: str
) -> None:
    cell = at_the_command(loaded, code)
    if "gather" in code:
        loaded.until(lambda: len(loaded.descendants("sleep 1234")) >= 2, "both commands")
    with clock:
        loaded.interrupt()
        loaded.interrupt()
        cell.wait()
    assert cell.error[0] == "TurnInterruptedError"
    assert "File " not in cell.traceback
    stopped = "cj.session().last.turn.state"
    assert loaded.value(stopped) == "'interrupted'"
    loaded.until(lambda: not loaded.descendants("sleep 1234"), "the commands to be gone")
    goes_on(loaded)


#: Code of the user's that fails, by what it is; what Codex shows is to be there all the same.
HOOKS = {
    "a display hook": "get_ipython().display_pub.register_hook(fail)",
    "a replaced publisher": "get_ipython().display_pub.publish = fail",
    "the display formatter": "get_ipython().display_formatter.format = fail",
    "a formatter of every object": "get_ipython().display_formatter.formatters['text/plain'].for_type(object, fail)",
    "an input transformer": "get_ipython().input_transformers_cleanup.append(fail)",
    "an input transformer after it": "get_ipython().input_transformers_post.append(fail)",
    "an input transformer, in a line": "get_ipython().input_transformer_manager.line_transforms.append(fail)",
    "a hook before each cell": "[get_ipython().events.register(e, fail) for e in ('pre_execute', 'pre_run_cell')]",
    "a hook after each cell": "[get_ipython().events.register(e, fail) for e in ('post_execute', 'post_run_cell')]",
    "a hook on widgets": "import ipywidgets; ipywidgets.Widget.on_widget_constructed(fail)",
    "the display of a value": "import sys; sys.displayhook = fail",
    "standard output": "import sys; sys.stdout = type('Out', (), {'write': fail, 'flush': lambda self: None})()",
    "the drawing of errors": "get_ipython().showtraceback = fail",
}  # fmt: skip


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(code, id=name, marks=fault("kernel", f"code of the user's that fails: {name}", "the answer, and their error as theirs", kept="the transcript", within=10))
        for name, code in HOOKS.items()
    ],
)  # fmt: skip
@pytest.mark.own_kernel("what is put in place stays there")
def test_code_of_the_users_that_fails_hides_nothing(
    start_kernel: StartKernel, model: offline.Offline, clock: Clock, code: str
) -> None:
    kernel = start_kernel()
    model.server.script = SCRIPT
    kernel.run(LOAD)
    kernel.run(f"def fail(*_, **__): raise ValueError('theirs')\n{code}")
    with clock:
        cells = [kernel.run("%codex hello"), in_a_page(kernel, "%%codex\nhello")]
        kernel._allow_stdin = False
        cells.append(kernel.run("%codex hello"))
    for front_end, cell in zip(("console", "page", "headless"), cells, strict=True):
        seen = cell.text + str(cell.displays) + cell.traceback
        assert "Done." in seen, f"{front_end}:\n{seen}"
        assert "codex_jupyter/" not in seen, f"{front_end}:\n{seen}"


@fault(
    "kernel", "a terminal whose encoding has no ✓ (PYTHONIOENCODING=latin-1)", "the answer, with + for ✓",
    kept="the transcript", goes_on="this cell", within=20,
)  # fmt: skip
def test_a_terminal_that_lacks_our_signs_shows_others(
    model: offline.Offline, scratch: Path, clock: Clock
) -> None:
    lines = [
        LOAD,
        "%codex hello",
        "%codex /status",
        "%codex /model nosuch",
        "%codex --nosuch x",
        "print('after')",
    ]
    environ = clean_environ(scratch, {**model.env, "PYTHONIOENCODING": "latin-1"})
    with clock:
        done = subprocess.run(
            [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor"],
            input="\n".join([*lines, "exit", ""]).encode(), env=environ, cwd=scratch, capture_output=True, check=False,
        )  # fmt: skip
    seen = (done.stdout + done.stderr).decode("latin-1")
    assert "Done." in seen and "\n+ " in seen and "[offline model]" in seen, seen
    assert "OptionError" in seen and "after" in seen, seen
    assert "UnicodeEncodeError" not in seen and "Traceback" not in seen, seen


# --- code of Codex that does not end ----------------------------------------------------------------------------------

STUBBORN = (
    "import threading\nenough = threading.Event()\nwhile not enough.is_set():\n"
    "    try:\n        print('begun', flush=True); enough.wait(600)\n    except KeyboardInterrupt:\n        pass"
)
#: In C, and the lock of the interpreter is free: no exception reaches it.
IN_C = (
    "import ctypes\nprint('begun', flush=True)\nlibc = ctypes.CDLL(None)\nmutex = ctypes.create_string_buffer(64)\n"
    "libc.pthread_mutex_lock(mutex)\nlibc.pthread_mutex_lock(mutex)\nlibc.pthread_mutex_unlock(mutex)"
)
DEAF = "Codex's code does not react to the interrupt: it still runs in this kernel"


@pytest.mark.parametrize("front_end", ["console", "headless"])
@pytest.mark.parametrize(
    ("code", "release"),
    [
        pytest.param(
            STUBBORN, "enough.set()", id="swallows",
            marks=fault("kernel", "code of Codex that swallows every interrupt", "that it still runs, and how to end it", kept="the transcript, which says so", goes_on="the next cell, once the code has ended", within=12),
        ),
        pytest.param(
            IN_C, "libc.pthread_mutex_unlock(mutex)", id="in-c",
            marks=fault("kernel", "code of Codex that sits in C", "that it still runs, and how to end it", kept="the transcript, which says so", goes_on="the next cell, once the code has ended", within=12),
        ),
    ],
)  # fmt: skip
def test_code_that_does_not_end_is_told_and_its_turn_is_over(
    start_kernel: StartKernel, model: offline.Offline, clock: Clock, code: str, release: str, front_end: str
) -> None:  # fmt: skip
    kernel = start_kernel(stdin=front_end == "console")
    kernel.run(LOAD)
    kernel.run(
        "import threading, os, codex_jupyter as cj\ndef later():\n    while not os.path.exists('go'): pause.wait(0.05)\n"
        f"    print('done:', cj.session().last.done, flush=True)\n    {release}\n"
        "pause = threading.Event(); threading.Thread(target=later, daemon=True).start()"
    )
    model.server.script = python(code)
    cell = kernel.begin("%codex -k run -a never go")
    cell.until(lambda c: "begun\n" in c.stdout, "the code to run")
    with clock:
        kernel.interrupt()
        cell.until(lambda c: DEAF in c.stderr, "the word about it", 15)
    assert cell.reply is None and "only a restart of the kernel ends the code" in cell.stderr
    (kernel.folder / "go").touch()
    cell.wait()
    assert "done: True" in cell.stdout + kernel.run("1").stdout, "the turn waited for the code"
    assert cell.error[0] == "TurnInterruptedError" and "File " not in cell.traceback
    assert "STILL RUNNING" in cell.text and "nothing left running" not in cell.text
    model.server.script = SCRIPT
    goes_on(kernel)


@fault(
    "kernel", "an interrupt of code of Codex deep in a library, as the traceback is drawn", "Stopped by you, once, and no frame of ours",
    kept="the transcript", within=10,
)  # fmt: skip
def test_the_traceback_of_interrupted_code_is_the_codes_own(
    loaded: LiveKernel, model: offline.Offline, clock: Clock, scratch: Path
) -> None:
    # The library holds the interpreter's lock, so that what was printed just before may never be sent: a file tells.
    begun = scratch / "begun"
    model.server.script = python(f"import re\nopen({str(begun)!r}, 'w').close()\nre.match(r'(a+)+$', 'a' * 40 + 'b')")  # fmt: skip
    cell = loaded.begin("%codex -k run -a never go")
    cell.until(lambda _: begun.exists(), "the code to run")
    with clock:
        for _ in range(20):
            loaded.interrupt()
            pause(0.05)
        cell.wait()
    shown = next(data["text/plain"] for data in cell.displays)
    assert "KeyboardInterrupt" in shown and "interrupting.py" not in shown
    assert cell.error[0] == "TurnInterruptedError" and cell.stderr == ""
    assert "Interrupted by the user after" in cell.text
    model.server.script = SCRIPT
    goes_on(loaded)


# --- the kernel's process and what the user does to it ----------------------------------------------------------------


@pytest.mark.own_kernel("it is ended")
@fault(
    "kernel", "SIGTERM while a command of a turn runs", "nothing: it is gone", kept="what the file has",
    goes_on="a new kernel; no process is left of the old one", within=15,
)  # fmt: skip
def test_a_kernel_that_is_terminated_leaves_no_process(loaded: LiveKernel, clock: Clock) -> None:
    at_the_command(loaded, "%codex sleep")
    left = [loaded.process, *loaded.process.children(recursive=True)]
    assert any("sleep 1234" in " ".join(process.cmdline()) for process in left)
    with clock:
        loaded.process.terminate()
        until(lambda: not any(alive(process) for process in left), "all processes to be gone")


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.own_kernel("its imports are interrupted")
@fault(
    "kernel", "an interrupt at any moment of the first cell, while everything is imported", "KeyboardInterrupt, or Stopped by you",
    goes_on="the same cell again", within=60,
)  # fmt: skip
def test_an_interrupt_while_it_is_imported_spoils_nothing(
    start_kernel: StartKernel, model: offline.Offline, clock: Clock
) -> None:
    model.server.script = SCRIPT
    with clock:
        for wait in (0.05, 0.1, 0.2, 0.4):
            kernel = start_kernel()
            for code in (LOAD, "%codex hello"):
                cell = kernel.begin(code)
                cell.until(lambda c: c.of("execute_input"), "the cell to run")
                pause(wait)
                kernel.interrupt()
                cell.wait(15)
                assert cell.ok or cell.error[0] in ("KeyboardInterrupt", "TurnInterruptedError"), cell.traceback  # fmt: skip
                if code == LOAD:
                    assert kernel.run(code).ok
            goes_on(kernel)
            kernel.close()


GREEDY = """
class Greedy:
    def __repr__(self): return "x" * 200_000_000
class Endless:
    def __repr__(self):
        while True: pass
class Deep:
    def __repr__(self): return repr(self)
class Out:
    def __repr__(self): raise MemoryError
class Leaves:
    def __repr__(self): raise SystemExit
class Swallows:
    def __repr__(self):
        while True:
            try:
                while True: pass
            except BaseException: pass
            finally: self.n = getattr(self, "n", 0) + 1
            if self.n > 3: return "at last"
greedy, endless, deep, out, leaves, swallows = Greedy(), Endless(), Deep(), Out(), Leaves(), Swallows()
"""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, id=name, marks=fault("kernel", f"a value named by --with whose repr {what}", "the answer", kept="the kernel", goes_on="this cell", within=25))
        for name, what in (("greedy", "makes 200 MB"), ("endless", "never ends"), ("deep", "recurses"), ("out", "raises MemoryError"), ("leaves", "raises SystemExit"), ("swallows", "swallows its time limit"))
    ],
)  # fmt: skip
def test_a_repr_that_misbehaves_is_bounded(loaded: LiveKernel, clock: Clock, name: str) -> None:
    loaded.run(GREEDY)
    with clock:
        cell = loaded.run(f"%codex --with {name} hello")
    assert cell.ok and "Done." in cell.text, cell.text + cell.traceback
    goes_on(loaded)


TAMPERED = {
    "closes its event loop's policy": "import asyncio; asyncio.set_event_loop(None)",
    "goes into a folder and deletes it": "import os; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')",
    "lowers the recursion limit": "import sys; sys.setrecursionlimit(150)",
    "blocks the loop in a task": "import asyncio, time; asyncio.get_running_loop().call_later(0.01, time.sleep, 1)",
    "replaces sys.stdin": "import sys, io; sys.stdin = io.StringIO('y\\ny\\n')",
    "deletes its variables": "%reset -f",
    "shadows the builtins": "print = len = open = str = type = None",
    "empties the environment": "import os; os.environ.clear()",
}


@pytest.mark.own_kernel("what is put in place stays there")
@pytest.mark.parametrize(
    "code",
    [
        pytest.param(code, id=name, marks=fault("kernel", f"a cell that {name}, while a turn runs in the background", "the answer, or in words why there is none", kept="the turn", within=25))
        for name, code in TAMPERED.items()
    ],
)  # fmt: skip
def test_what_a_cell_does_meanwhile_ends_no_turn(
    start_kernel: StartKernel, model: offline.Offline, clock: Clock, code: str
) -> None:
    kernel = start_kernel()
    model.server.script = SCRIPT
    kernel.run(f"{LOAD}\nimport codex_jupyter as cj")
    kernel.run("%codex hello")
    kernel.run("turn = %codex -b hello")
    done = "__import__('codex_jupyter').session().last"
    with clock:
        kernel.run(code)
        kernel.until(lambda: kernel.value(f"{done}.done") == "True", "the turn to end")
    state, error = kernel.value(f"{done}.turn.state"), kernel.value(f"{done}.turn.error")
    assert state == "'completed'" or "folder" in error, error
    again = kernel.run("%codex hello again")
    said = again.text + again.traceback
    assert "Done." in said or "folder" in said, said
    assert "codex_jupyter/" not in said, said
