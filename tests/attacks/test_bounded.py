"""What a model or an object makes large or endless takes a bounded room and a bounded time."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, say
from tests.browser.conftest import OpenNotebook
from tests.kernel.live_kernel import LiveKernel
from tests.kernel.workbench_script import told, tool

LOAD = "%load_ext codex_jupyter"
#: What a person named in a prompt may be represented by its own code, which here never returns, and survives exceptions.
ENDLESS = """
import time
from codex_jupyter.notebook.workbench import mentions
mentions.REPR = 0.5
class Endless:
    def __repr__(self):
        while True:
            try:
                while True: time.sleep(0.01)
            except Exception: pass
endless = Endless()
"""
#: Each is little to write; drawn, some would be larger than any screen.
FORMULAS = (
    r"\rule{1000em}{1000em}", r"a\hspace{1000em}b", r"\kern 99999pt x", r"\raise 400em\hbox{x}", r"x \\[900em] y",
    r"\begin{array}{c}" + r"1\\ " * 300 + r"\end{array}", r"\above 1000em", r"\rule{99999999999999em}{1em}",
)  # fmt: skip


def test_an_object_that_never_ends_to_represent_itself_is_stopped(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    """A mention runs an object's own code in the cell, for a bounded time; the turn goes on, and says what became of it."""
    model.server.script = Script.of(
        Rule("any", [[say("Done.", phase="final_answer")]], repeat=True)
    )
    assert newest_kernel.run(LOAD).ok
    assert newest_kernel.run(ENDLESS).ok
    cell = newest_kernel.run("%codex what is @endless?")
    assert cell.ok, cell.traceback
    sent = json.dumps([r.body for r in model.server.requests if "input" in r.body])
    assert "Its own repr took longer than 0.5 s, so it was stopped." in sent
    assert newest_kernel.value("1 + 1") == "2"


#: A function whose source would come from a pipe that nobody writes to, a file larger than the memory, very many columns.
LARGE = """
import os, tempfile
import numpy as np, pandas as pd
place = tempfile.mkdtemp()
os.mkfifo(f"{place}/source.py")
space = {}
exec(compile("def from_a_pipe(x):\\n    return x\\n", f"{place}/source.py", "exec"), space)
from_a_pipe = space["from_a_pipe"]
with open(f"{place}/large.bin", "wb") as file:
    file.truncate(40 * 2**30)
large = np.memmap(f"{place}/large.bin", dtype="u1", mode="r")
wide = pd.DataFrame(np.zeros((2, 200_000)))
"""


def test_what_is_large_or_never_answers_is_looked_at_in_part(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    """Inspected whole, a function in a pipe, a map of 40 GB and 200,000 columns are told at once, from what is near."""
    names = ("from_a_pipe", "large", "wide")
    looks = [[tool("inspect_variable", name=name)] for name in names]
    done = [say("Done.", phase="final_answer")]
    model.server.script = Script.of(
        Rule("look", [*looks, done], when={"contains": "look"}), Rule("any", [done], repeat=True)
    )
    for source in (LOAD, LARGE, "%codex hello", "%codex -k read look at them"):
        cell = newest_kernel.run(source)
        assert cell.ok, cell.traceback
    piped, large, wide = told(model)[-3:]
    assert "def from_a_pipe(x)" in piped and "Source" not in piped
    assert "the first" in large and "of 42,949,672,960 values" in large
    assert "200,000 columns" in wide
    resident = "int(open('/proc/self/statm').read().split()[1]) * os.sysconf('SC_PAGE_SIZE')"
    assert int(newest_kernel.value(resident)) < 2 * 2**30, "not all of the file was read"


def test_no_formula_is_drawn_larger_than_what_is_around_it(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    """A formula that would cover the page is shown by its source; one that does not is drawn as one."""
    text = "An honest one: $$x^2 + y^2$$\n\n" + "\n\n".join(
        f"$${formula}$$\n\nand in a line: ${formula}$" for formula in FORMULAS
    )
    model.server.script = Script.of(Rule("any", [[say(text, phase="final_answer")]]))
    notebook = open_notebook([LOAD, "%codex draw them"])
    notebook.run(0)
    notebook.run(1)
    output = notebook.output(1)
    expect(output.locator("mjx-container, .MathJax").first).to_be_visible()
    expect(output).to_contain_text(r"\rule{1000em}{1000em}")
    wide, inner = output.evaluate("e => [e.scrollWidth, e.clientWidth]")
    sizes = output.evaluate(
        "e => [...e.querySelectorAll('mjx-container, .MathJax')].map(m => m.getBoundingClientRect().height)"
    )
    assert sizes and max(sizes) < 200, sizes
    assert wide <= inner + 1
