"""A background turn that ends or asks while its page is out of sight is told of, where a person asked for that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, run, say, wait
from tests.browser.conftest import OpenNotebook

#: Stands where the browser's notifications begin, and says whether the page is in sight.
RECORD = """() => {
    window.cjShown = [];
    window.Notification = class {
        static permission = "default";
        static async requestPermission() { return (this.permission = "granted"); }
        constructor(title, options) { window.cjShown.push([title, Object.keys(options).join()]); }
    };
    Object.defineProperty(document, "hidden", { configurable: true, get: () => window.cjHidden === true });
}"""


def test_a_turn_in_the_background_is_told_of_when_it_asks_and_ends(
    open_notebook: OpenNotebook, model: offline.Offline, scratch: Path
) -> None:
    command = run(f"echo secret > {scratch / 'outside.txt'}", escalate=True, justification="why")
    model.server.script = Script.of(
        Rule(
            "work",
            [[wait("asks"), command], [wait("ends"), say("All of it.", phase="final_answer")]],
        )
    )
    notebook = open_notebook(
        ["%load_ext codex_jupyter", "%codex -b work", "%codex -b work again"], fresh=True
    )
    page, output = notebook.page, notebook.output(1)
    page.evaluate(RECORD)
    notebook.run(0)
    notebook.run(1)
    button = output.get_by_role("button", name="Notify me")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    title = page.title()

    page.evaluate("window.cjHidden = true")
    model.server.release("asks")
    page.wait_for_function("window.cjShown.length === 1")
    assert page.title() != title and "Codex asks" in page.title(), (
        "the mark of the tab stays as it is"
    )
    page.evaluate("window.cjHidden = false")
    output.get_by_role("button", name="Allow once").click()
    expect(output.locator("form")).to_have_count(0)

    page.evaluate("window.cjHidden = true")
    model.server.release("ends")
    page.wait_for_function("window.cjShown.length === 2")
    expect(output).to_contain_text("All of it.")
    shown: list[Any] = page.evaluate("window.cjShown")
    assert shown == [["Codex: turn 1 waits for you", "tag"], ["Codex: turn 1 is done", "tag"]]
    # It holds for the next turn, too.
    page.evaluate("window.cjHidden = false")
    notebook.run(2)
    expect(notebook.output(2).get_by_role("button", name="Notify me")).to_have_attribute(
        "aria-pressed", "true"
    )
    notebook.output(2).get_by_role("button", name="Stop", exact=True).click()


def test_a_turn_that_a_cell_waits_for_offers_none(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    model.server.script = Script.of(
        Rule("work", [[wait("ends"), say("Done.", phase="final_answer")]])
    )
    notebook = open_notebook(["%load_ext codex_jupyter", "%codex work"])
    notebook.run(0)
    notebook.begin(1)
    expect(notebook.output(1).get_by_role("button", name="Stop")).to_be_visible()
    expect(notebook.output(1).get_by_role("button", name="Notify me")).to_have_count(0)
    model.server.release("ends")
    notebook.wait_idle(1)
