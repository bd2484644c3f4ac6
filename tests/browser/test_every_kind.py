"""Each kind of item is a row in real JupyterLab: when it starts, when it is completed, and in what stays of the turn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from codex_jupyter import offline
from codex_jupyter.offline import Offline, Rule, Script, say, wait
from tests.browser.conftest import OpenNotebook
from tests.browser.every_kind import captured
from tests.environments import ROOT

#: By type: what its row says when it has started ("" where there is no word of it yet), and when it is completed.
ROWS = {
    "userMessage": ("You added hello", "You added hello"),
    "agentMessage": ("", "I will look around first."),
    "reasoning": ("", "Thought: Thinking hard"),
    "plan": ("", "Proposed plan Plan step one step two"),
    "commandExecution": ("echo rev; sleep 0.5; echo x", "✓ echo rev; sleep 0.5; echo x"),
    "fileChange": ("/workspace/h17.txt", "✎ /workspace/h17.txt +1 · new"),
    "mcpToolCall": ("demo/image()", "✓ demo/image()"),
    "dynamicToolCall": ('kernel_run(code="1")', '✓ kernel_run(code="1")'),
    "collabAgentToolCall": ("Starting an agent: @@default", "Started an agent: @@default"),
    "subAgentActivity": ("Agent helper finished", "Agent helper finished"),
    "webSearch": ("Searching", "Searched rust tokio"),
    "imageView": ("Looked at /workspace/red.png", "Looked at /workspace/red.png"),
    "imageGeneration": ("Drawing an image", "Image: x"),
    "sleep": ("Waiting 0.7 s", "Waited 0.7 s"),
    "enteredReviewMode": ("Review: current changes", "Review: current changes"),
    "exitedReviewMode": ("Review finished", "Review finished The answer is 42."),
    "contextCompaction": ("Making room", "Conversation summarised to make room"),
    "hookPrompt": ("A hook told the model", "A hook told the model"),
    "functionCallOutput": ("Given to the model", "Given to the model: jupyter/notebook"),
}
ADD = (
    f"import sys; sys.path.append({str(ROOT)!r}); from tests.browser.every_kind import add; "
    "import codex_jupyter as cj; add(cj.session(), {!r})"
)


@pytest.fixture
def model(scratch: Path) -> Iterator[Offline]:
    begin, end = say("I begin.", phase="commentary"), say("That is all.", phase="final_answer")
    script = Script.of(Rule("all", [[begin, wait("added"), end]]))
    with offline.start(script, codex_home=scratch / "codex") as running:
        yield running


def test_each_kind_of_item_is_drawn_live_and_stays(
    open_notebook: OpenNotebook, model: Offline
) -> None:
    items = {type: completed["item"]["id"] for type, (_, completed) in captured().items()}
    assert items.keys() == ROWS.keys()
    notebook = open_notebook(["%load_ext codex_jupyter", "%codex -b Show me everything."])
    notebook.run(0)
    notebook.begin(1)
    output = notebook.output(1)
    expect(output).to_contain_text("I begin.")

    for at, method in enumerate(("item/started", "item/completed")):
        assert notebook.run_in_kernel(ADD.format(method)) == ""
        for type, id in items.items():
            if words := ROWS[type][at]:
                row = output.locator(f'[data-cj-key="item:{id}"]')
                expect(row, type).to_be_visible()
                expect(row, type).to_have_text(_in_order(words), use_inner_text=True)

    model.server.release("added")
    expect(output.locator(".cj-footer")).to_contain_text("✓")
    expect(output).to_contain_text("That is all.")
    output.evaluate("e => e.querySelectorAll('details').forEach(fold => { fold.open = true })")
    for type, (_, words) in ROWS.items():
        expect(output, type).to_have_text(_in_order(words), use_inner_text=True)
    expect(output.get_by_role("button", name="Stop")).to_have_count(0)
    assert not notebook.record.errors


def _in_order(words: str) -> re.Pattern[str]:
    """These words one after the other, whatever space is between them; below, live rows have more."""
    return re.compile(r"\s*".join(map(re.escape, words.split())))
