"""What a reader can do with a transcript that stays: copy the answer as it was written, copy code, put it into cells."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, say
from tests.browser.conftest import OpenNotebook
from tests.browser.lab_notebook import LabNotebook
from tests.kernel.workbench_script import LOAD, calls, tool
from tests.waiting import until

ANSWER = """Two **steps**; `id` first:

```python
rows = rows.drop_duplicates("id")
len(rows)
```

1. one
   - nested `x|y`
2. two

> said *so*, see [the docs](https://e.org/x)

| a | b |
| --- | ---: |
| 1 | 2 |
"""
CODE = 'rows = rows.drop_duplicates("id")\nlen(rows)'


def clipboard(notebook: LabNotebook) -> str:
    return notebook.page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize("front_end", ["lab", "notebook"])
def test_an_answer_is_copied_as_it_was_written_and_its_code_goes_into_a_cell(
    open_notebook: OpenNotebook, model: offline.Offline, front_end: str
) -> None:
    model.server.script = Script.of(Rule("any", [[say(ANSWER, phase="final_answer")]]))
    notebook = open_notebook([LOAD, "%codex What is wrong?", "after = 1"], front_end=front_end)
    notebook.run(0)
    notebook.run(1)
    kept = notebook.output(1)
    copy = kept.get_by_title("Copy the answer")
    copy.click()
    expect(copy).to_have_text("Copied")
    assert clipboard(notebook).strip() == ANSWER.strip()

    kept.locator("pre.cj-code").hover()
    notebook.screenshot(f"kept-{front_end}", 1)
    code = kept.get_by_title("Copy this code")
    code.click()
    expect(code).to_have_text("Copied")
    assert clipboard(notebook) == CODE

    # By the keyboard, with the notebook's own shortcuts out of the way.
    insert = kept.get_by_role("button", name="Insert below")
    insert.focus()
    notebook.page.keyboard.press("Enter")
    expect(notebook.page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(4)
    assert notebook.source(2) == CODE
    assert notebook.source(3) == "after = 1"
    until(lambda: notebook.prompt(2) == "[ ]:", "the cell to be drawn: nothing runs")
    assert "cj-actions" not in str(notebook.save()["cells"][1]["outputs"]), "the page's alone"


def test_code_that_ran_is_kept_as_cells_and_buttons_come_back_with_the_page(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    model.server.script = calls(
        tool("run_python", code="a = 20"), tool("run_python", code="b = a + 1\nb")
    )
    notebook = open_notebook([LOAD, "%codex -k run Compute"])
    notebook.run(0)
    notebook.run(1)
    notebook.save()
    notebook.reload()
    kept = notebook.output(1)
    kept.get_by_role("button", name="Keep code as cells").click()
    expect(notebook.page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(4)
    assert [notebook.source(n) for n in (2, 3)] == ["a = 20", "b = a + 1\nb"]
    expect(kept.get_by_title("Copy the answer")).to_be_visible()
