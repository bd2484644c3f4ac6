"""What fails inside the extension is in ``/logs`` and nowhere else, on a real kernel."""

from __future__ import annotations

from codex_jupyter import offline
from tests.kernel.live_kernel import LiveKernel
from tests.kernel.workbench_script import LOAD, calls, last, tool

#: A root logger that tells everything on the cell's stderr, as a notebook's first cell often sets it.
LOUD = "import logging, sys; logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)"
#: A tool and a listener that fail. What breaks the tool is a fault of ours, as far as it knows.
FAIL = """
from codex_jupyter.notebook.workbench import reading_tools

def broken(*_):
    raise KeyError("a fault in the tool")

def listen(turn):
    raise ValueError("a fault in the listener, with " + listen.words)

listen.words = API_KEY = "battery-staple-2"
reading_tools.list_names = broken
turn = %codex -b Look at my variables
turn.subscribe(listen)
str(turn.result())
"""


def test_a_crash_is_in_the_logs_and_not_in_the_cell(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    kernel.run(LOUD)
    kernel.run(LOAD)
    model.server.script = calls(tool("list_variables"))
    cell = kernel.run(FAIL)
    assert cell.ok, cell.traceback
    assert cell.stderr == ""
    assert "The tool failed: KeyError." in last(model)

    logs = kernel.run("%codex /logs")
    assert logs.ok, logs.traceback
    assert "error workbench: the tool list_variables failed: KeyError" in logs.text
    assert "a fault in the tool" in logs.text and "in broken" in logs.text
    assert "a fault in the listener, with [hidden]" in logs.text
    assert logs.stderr == ""

    doctor = kernel.run("%codex /doctor")
    assert "errors" in doctor.text and "%codex /logs" in doctor.text
    assert kernel.run("%reload_ext codex_jupyter").ok
    assert kernel.run("%codex /logs codex.log").ok
    written = (kernel.folder / "codex.log").read_text()
    assert "a fault in the tool" in written and "battery-staple" not in written
    assert (kernel.folder / "codex.log").stat().st_mode & 0o777 == 0o600
    assert not kernel.run("%codex /logs codex.log").ok
    assert kernel.run("import logging; logging.getLogger('mine').debug('still told')").stderr
