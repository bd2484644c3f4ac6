"""Files that an answer names: JupyterLab opens them at their line, for a person's click or Enter and for nobody else."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, expect

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, patch, say, wait
from tests.browser.conftest import OpenNotebook
from tests.browser.lab_notebook import LabNotebook

#: Where the editor in front is: the file, and the line of its cursor, counted from 1.
IN_FRONT = """() => {
    const widget = window.jupyterapp.shell.currentWidget;
    const line = widget?.content?.editor?.getCursorPosition?.().line;
    return [widget?.context?.path ?? "", line === undefined ? 0 : line + 1];
}"""
OPENED = (
    "() => [...window.jupyterapp.shell.widgets('main')].map(w => w.context?.path).filter(Boolean)"
)
PATCH = (
    "*** Begin Patch\n*** Update File: src/load.py\n@@\n line_18 = 18\n-line_19 = 19\n+line_19 = 'x'\n"
    " line_20 = 20\n*** End Patch"
)
#: None of these is below the server's folder, or a path at all.
HOSTILE = (
    "[a](../../../../../etc/passwd) [b](//host/x.py:1) [c](javascript:alert(1)) [d](%2e%2e%2f%2e%2e%2f%2e%2e%2fx.py:3) "
    "[e](file:///etc/passwd) `/etc/passwd.py:1` /etc/hosts.py:2 `.ssh/id.py:1` [f](report.html) [g](</x.py\\\n:1>) "
    '<a class="cj-open" href="src/load.py">h</a> [i](\\\\host\\x.py)'
)
ANSWER = f"See [the loader](src/load.py:12), `src/load.py:7` and `nowhere.py:3`.\n\n{HOSTILE}"


def _script(*more: object) -> Script:
    return Script.of(Rule("look", [[patch(PATCH)], [say(ANSWER, phase="final_answer"), *more]]))  # type: ignore[list-item]


def _write(notebook: LabNotebook) -> None:
    folder = notebook.file.parent / "here" / "src"
    folder.mkdir(parents=True)
    (folder / "load.py").write_text("".join(f"line_{n} = {n}\n" for n in range(1, 41)))


def _expect_in_front(notebook: LabNotebook, line: int) -> None:
    path = str(Path(notebook.path).parent / "here/src/load.py")
    notebook.page.wait_for_function(
        f"wanted => JSON.stringify(({IN_FRONT})()) === JSON.stringify(wanted)", arg=[path, line]
    )


def _close_it(notebook: LabNotebook) -> None:
    notebook.page.evaluate("window.jupyterapp.shell.currentWidget.close()")
    notebook.page.wait_for_function(f"wanted => ({IN_FRONT})()[0] === wanted", arg=notebook.path)


def _try_each(notebook: LabNotebook, output: Locator) -> None:
    """The links of the answer, by click and by Enter; a script opens nothing."""
    page = notebook.page
    loader = output.get_by_role("link", name="src/load.py:12")
    loader.click()
    _expect_in_front(notebook, 12)
    _close_it(notebook)
    code = output.get_by_role("link", name="src/load.py:7")
    code.focus()
    page.keyboard.press("Enter")
    _expect_in_front(notebook, 7)
    _close_it(notebook)


def test_a_file_opens_at_its_line(open_notebook: OpenNotebook, model: offline.Offline) -> None:
    model.server.script = _script(wait("read"))
    notebook = open_notebook(["%load_ext codex_jupyter", "%codex -s workspace-write -C here look"])
    _write(notebook)
    notebook.run(0)
    notebook.begin(1)
    output, page = notebook.output(1), notebook.page
    expect(output).to_contain_text("id.py:1")

    # Nothing else of what the model printed can be pressed.
    named = output.locator(".cj-is-answer a")
    expect(named).to_have_count(3)
    assert named.all_inner_texts() == ["src/load.py:12", "src/load.py:7", "nowhere.py:3"]
    assert output.locator("a[href]:not(.cj-open)").count() == 0

    output.get_by_role("link", name="src/load.py:12").evaluate("link => link.click()")
    _try_each(notebook, output)
    # Its file changes at the line that changed.
    output.get_by_role("link", name="src/load.py at line 19").click()
    _expect_in_front(notebook, 19)
    _close_it(notebook)
    output.get_by_role("link", name="nowhere.py:3").click()
    expect(output).to_contain_text("There is no file")
    page.wait_for_function(
        f"path => JSON.stringify(({OPENED})()) === JSON.stringify([path])", arg=notebook.path
    )

    model.server.release("read")
    notebook.wait_idle(1)
    expect(output.locator(".cj-panel")).to_have_count(0)
    # What stays in the file is a link that JupyterLab itself resolves.
    _try_each(notebook, output)
    assert not notebook.record.popups
    assert notebook.source(1) == "%codex -s workspace-write -C here look"

    # Also in a notebook that nobody trusts, where no script of ours runs.
    notebook.save()
    notebook.close()
    again = open_notebook(path=notebook.path)
    again.output(1).get_by_role("link", name="src/load.py:12").click()
    _expect_in_front(again, 12)
    origins = again.output(1).locator("a[href]").evaluate_all("all => all.map(a => a.origin)")
    assert set(origins) == {again.server.url}, origins


def test_in_notebook_7_a_file_opens_in_a_tab_of_its_own(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    model.server.script = _script(wait("read"))
    notebook = open_notebook(
        ["%load_ext codex_jupyter", "%codex -s workspace-write -C here look"], front_end="notebook"
    )
    _write(notebook)
    notebook.run(0)
    notebook.begin(1)
    output, page = notebook.output(1), notebook.page
    place = re.compile("/files/.*here/src/load.py")
    for _ in ("live", "saved"):
        link = output.get_by_role("link", name="src/load.py:12")
        with page.context.expect_page() as opened:
            link.click()
        expect(opened.value).to_have_url(place)
        opened.value.close()
        model.server.release("read")
        notebook.wait_idle(1)
        expect(output.locator(".cj-panel")).to_have_count(0)
