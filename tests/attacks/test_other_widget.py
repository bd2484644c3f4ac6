"""Another widget's own script in a real page: what it reads, presses and sends answers no request of Codex."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, run, say
from tests.browser.conftest import OpenNotebook
from tests.browser.lab_notebook import LabNotebook
from tests.waiting import until

LOAD = "%load_ext codex_jupyter"
SCRIPT = Path(__file__).with_name("other_widget.js")
#: A widget of somebody else's, as a library would bring one.
OTHER = f"""
import anywidget
class Other(anywidget.AnyWidget):
    _esm = {SCRIPT.read_text("utf-8")!r}
told = []
other = Other()
other.on_msg(lambda _widget, content, _buffers: told.append(content))
other
"""
#: The panel that shows the request.
PANEL = "__import__('codex_jupyter').session().last.presence.__self__"


def said(notebook: LabNotebook, code: str) -> Any:
    """A value of the kernel."""
    return json.loads(notebook.run_in_kernel(f"import json; print(json.dumps({code}))"))


def card(notebook: LabNotebook) -> Locator:
    return notebook.page.locator(".jp-OutputArea-output form[data-cj-request]")


def test_the_script_of_another_widget_answers_nothing(
    open_notebook: OpenNotebook, model: offline.Offline, scratch: Path
) -> None:
    """It finds no key of a view, and neither made-up presses nor messages over the comms that it reaches allow anything."""
    made = scratch / "made"
    wanted = run(f"touch {made}", escalate=True, justification="to keep a record")
    model.server.script = Script.of(Rule("ask", [[wanted], [say("Done.", phase="final_answer")]]))
    notebook = open_notebook([LOAD, "%codex -b keep a record", OTHER])
    notebook.run(0)
    notebook.run(1)
    expect(card(notebook)).to_contain_text("to keep a record")
    expect(card(notebook)).not_to_have_attribute("aria-disabled", "true")
    notebook.run(2)
    reports = until(
        lambda: said(notebook, "[t['report'] for t in told if t.get('type') == 'report']"),
        "the other widget to have tried",
    )
    (report,) = reports
    assert report["error"] == ""
    # It did what it could.
    assert report["panels"] >= 1 and report["widgets"] >= 2, report
    assert report["views"] >= 1, "it knows a view by its name"
    assert report["pressed"] >= 30 and report["sent"] >= 100, report
    assert set(report["outcomes"]) == {"refused"} and report["outcomes"]["refused"] >= 100, report
    # Where it read, no key was.
    keys = said(notebook, f"[key.decode() for key in {PANEL}.feed._keys.values()]")
    assert keys and all(re.fullmatch("[0-9a-f]{32}", key) for key in keys)
    assert not set(keys) & set(report["words"])
    assert said(notebook, "len(__import__('codex_jupyter').session().pending)") == 1
    assert not made.exists()
    expect(card(notebook)).to_have_count(1)
    # A person is still asked, and is believed.
    notebook.page.mouse.move(1, 1)
    card(notebook).get_by_role("button", name="Allow once").click()
    until(made.exists, "the command")
    expect(notebook.page.locator(".jp-Notebook")).to_contain_text("You allowed once")
