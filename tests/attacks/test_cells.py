"""Cells of the open notebook that Codex writes and runs: however they are disguised, they have no right that its turn lacks."""

from __future__ import annotations

import ast
import base64
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, run, say
from tests.attacks.agent_payload import LEFT_BEHIND, PAYLOAD, PREPARED, WAYS
from tests.browser.conftest import OpenNotebook
from tests.browser.lab_notebook import LabNotebook
from tests.kernel.workbench_script import hash_of, last, tool
from tests.waiting import until

LOAD = "%load_ext codex_jupyter"
DONE = [say("Done.", phase="final_answer")]
#: Nothing in it names anything of ours, so that under `-k run` nobody is asked.
DISGUISED = f"import base64\nexec(base64.b64decode({base64.b64encode(PAYLOAD.encode())!r}))"


def value(notebook: LabNotebook, code: str) -> Any:
    return ast.literal_eval(notebook.run_in_kernel(f"print(repr(({code})))").strip())


def rewrite(cell: str, was: str, source: str) -> Any:
    change = {"op": "replace", "id": cell, "source": source, "hash": hash_of(was)}
    return tool("edit_cells", changes=[change])


def runs(cell: str, source: str) -> Any:
    return tool("run_cells", cells=[{"id": cell, "hash": hash_of(source)}], timeout=100)


def test_a_cell_that_codex_wrote_and_ran_gains_no_right(
    open_notebook: OpenNotebook, model: offline.Offline, scratch: Path
) -> None:
    """Code that hides its names asks nobody under `-k run`, and begins, answers and changes nothing all the same."""
    made = scratch / "made"
    cells = [LOAD, PREPARED, "%codex -k run go", "pass", *LEFT_BEHIND]
    notebook = open_notebook(cells)
    asks = run(f"touch {made}", escalate=True, justification="to keep a record")
    model.server.script = Script.of(
        Rule("first", [[asks], DONE], when={"contains": "first"}),
        Rule(
            "go",
            [[rewrite("cell-3", "pass", DISGUISED)], [runs("cell-3", DISGUISED)], DONE],
            when={"contains": "go"},
        ),
        Rule("any", [DONE], repeat=True),
    )
    notebook.run(0)
    notebook.run(1)
    until(lambda: value(notebook, "len(session.pending)") == 1, "a request")
    notebook.run(2, deadline=170)
    for number in range(4, len(cells)):
        notebook.run(number)  # what is refused on the way may be shown as the cell's error
    complete = f"all((way, 'ended') in log and log[way, 'ended'] != 'begun' for way in {WAYS[1:]})"
    until(lambda: value(notebook, complete), "every way to have been tried")
    log = value(notebook, "dict(log)")
    through = {key: said for key, said in log.items() if "Codex runs" not in said}
    assert not through, "\n".join(f"{key}: {said}" for key, said in through.items())
    assert len(log) >= 400, len(log)
    assert value(notebook, "len(session.pending), session.engine.broker.rules") == (1, ())
    kept = "session.effective()[0].sandbox, session.effective()[0].kernel"
    assert value(notebook, kept) == (None, "read")
    assert not made.exists()
    prompts = [prompt for request in model.server.requests for prompt in request.prompts]
    assert not any("EVIL" in prompt for prompt in prompts)


@pytest.mark.parametrize(
    "source",
    [
        "%codex -s full-access -a never EVIL",
        "%%codex -s full-access\nEVIL",
        "%config CodexMagics.sandbox = 'full-access'",
        "get_ipython().run_line_magic('co' + 'dex', 'EVIL')",
        "import codex_jupyter as cj; cj.session().run('EVIL')",
        "session.run('EVIL')",
        "begin('EVIL')",
        "%run helper.py",
        "%load_ext autoreload",
        "%alias_magic c codex",
    ],
)
def test_a_cell_that_names_something_of_ours_asks_under_every_option(
    open_notebook: OpenNotebook, model: offline.Offline, source: str
) -> None:
    """Writing it asks, running it asks, and `-a never` declines both."""
    begin = "import codex_jupyter as cj\nsession = cj.session(); begin = session.run"
    cells = [LOAD, begin, "%codex -k run -a never write", "%codex -k run go", "pass", source]
    notebook = open_notebook(cells)
    model.server.script = Script.of(
        Rule("write", [[rewrite("cell-4", "pass", source)], DONE], when={"contains": "write"}),
        Rule("go", [[runs("cell-5", source)], DONE], when={"contains": "go"}),
        Rule("any", [DONE], repeat=True),
    )
    notebook.run(0)
    notebook.run(1)
    notebook.run(2)
    assert "Nothing was changed" in last(model)
    assert notebook.source(4) == "pass"

    notebook.begin(3)
    card = notebook.output(3).locator("form.cj-card")
    expect(card).to_contain_text(source.splitlines()[0])
    button = card.get_by_role("button", name="Decline", exact=True)
    until(lambda: button.get_attribute("aria-disabled") != "true", "the card to take presses")
    button.click()
    notebook.wait_idle(3)
    assert "Nothing was run" in last(model)
    assert notebook.outputs(5) == []
    prompts = [prompt for request in model.server.requests for prompt in request.prompts]
    assert not any("EVIL" in prompt for prompt in prompts)
