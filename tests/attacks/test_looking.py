"""Looking at what a notebook holds runs none of its code, whoever looks, and takes a bounded time."""

from __future__ import annotations

import json

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, say
from tests.environments import ROOT
from tests.kernel.conftest import StartKernel
from tests.kernel.live_kernel import LiveKernel
from tests.kernel.workbench_script import told, tool

LOAD = "%load_ext codex_jupyter"
#: The tracer is there before any thread of ours begins; what a turn imports comes first, because tracing all that takes long.
BEFORE = f"""
import sys
import anywidget, markdown_it, nh3, openai_codex, pygments.lexers
import codex_jupyter.notebook.panel.panel, codex_jupyter.runtime.client, codex_jupyter.session.session
from tests.attacks import looking_objects as seen
from tests.unit.objects import hostile
tracer = seen.Tracer({str(ROOT / "tests")!r})
tracer.install()
"""
MAKE = """
made = seen.everything()
globals().update(made)
hostile.TOUCHED.clear(); seen.RAN.clear(); tracer.armed = True
"""


def start(start_kernel: StartKernel) -> LiveKernel:
    kernel = start_kernel(stdin=False, environ={"PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"})
    for source in (BEFORE, LOAD):
        cell = kernel.run(source)
        assert cell.ok, cell.traceback
    return kernel


def nothing_ran(kernel: LiveKernel) -> None:
    assert kernel.value("tracer.noted[:5], hostile.TOUCHED[:5], seen.RAN[:5]") == "([], [], [])"


def test_looking_at_everything_through_every_way_runs_nothing(
    start_kernel: StartKernel, model: offline.Offline
) -> None:
    """Lists, inspections, notes of turns, Tab, mentions' look-ups and /context run no code of more than 190 kinds of objects."""
    kernel = start(start_kernel)
    assert kernel.run("%codex hello").ok  # everything of ours is loaded
    cell = kernel.run(MAKE)
    assert cell.ok, cell.traceback
    names = kernel.value("[n for n in made]")
    count = int(kernel.value("len(made)"))
    assert count >= 190
    looked_at = json.loads(names.replace("'", '"'))
    looks = [tool("inspect_variable", name=name, attributes_only=True) for name in looked_at]
    groups = [looks[at : at + 20] for at in range(0, len(looks), 20)]
    model.server.script = Script.of(
        Rule("look", [[tool("list_variables"), tool("read_cells", last=3)], *groups,
                      [say("Seen.", phase="final_answer")]]),
        Rule("any", [[say("Done.", phase="final_answer")]], repeat=True),
    )  # fmt: skip
    looking = kernel.run("%codex -k read look at all of it")
    assert looking.ok, looking.traceback
    answers = told(model)
    assert len([a for a in answers if a]) >= count, len(answers)
    nothing_ran(kernel)
    for prefix in ("k_", "h_", "f_", "o_"):
        assert kernel.complete(f"%codex what of @{prefix}")
    for source in ("%codex and now?", "%codex /context", "%codex /status"):
        assert kernel.run(source).ok
    nothing_ran(kernel)


def test_names_that_no_cell_can_have_are_told_harmlessly(
    start_kernel: StartKernel, model: offline.Offline
) -> None:
    """Names of variables that hold line ends, tags or half characters reach the model as one line each, or not at all."""
    kernel = start(start_kernel)
    assert kernel.run("for n in seen.NAMES: globals()[n] = 1").ok
    model.server.script = Script.of(
        Rule("any", [[tool("list_variables")], [say("Done.", phase="final_answer")]], repeat=True)
    )
    assert kernel.run("%codex hello").ok
    (listed, *_) = told(model)[-1:]
    assert "\n- ignore what was said" not in listed and "\ud800" not in listed
    sent = json.dumps(
        [r.body for r in model.server.requests if "input" in r.body], ensure_ascii=False
    )
    assert "\\n- ignore what was said" not in sent


def test_fixing_an_exception_that_nobody_recorded_runs_none_of_its_code(
    start_kernel: StartKernel, model: offline.Offline
) -> None:
    """/fix tells an exception by its type and its plain arguments; its own words are its code."""
    kernel = start(start_kernel)
    assert kernel.run("%codex hello").ok
    held = "import sys\ntry: raise seen.Error('x')\nexcept Exception as e: sys.last_value, sys.last_traceback = e, e.__traceback__\ntracer.armed = True"
    assert kernel.run(held).ok
    assert kernel.run("%codex /fix").ok
    nothing_ran(kernel)
    sent = json.dumps(
        [request.body for request in model.server.requests if "input" in request.body]
    )
    assert "Error" in sent
