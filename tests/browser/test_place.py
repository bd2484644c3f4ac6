"""The reader's place: whatever a turn does above what is read, that stays where it is, and what was opened stays open."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, run, say, wait
from tests.browser.conftest import OpenNotebook
from tests.browser.lab_notebook import LabNotebook

LOAD = "%load_ext codex_jupyter"
#: Notebook 7 has an output of a hundred lines scroll by itself.
BELOW = "for n in range(90): print('line', n)"
TEXT = "\n\n".join(f"Paragraph {n} of what it says." for n in range(30))
#: Notes how far down the first element with a text was painted in each frame, from where it was in the first. An observer of
#: intersections is told where its element is after everything that a frame does before it is painted; what is asked later may
#: be about what no frame has painted yet.
WATCH = """text => {
    const named = () => [...document.querySelectorAll('.jp-OutputArea :is(p, pre)')].filter(
        e => e.textContent.includes(text) && e.getClientRects().length)[0];
    let start;
    window.cjWent = [];
    const look = () => requestAnimationFrame(() => {
        const element = named();
        look();
        if (!element) return;
        const painted = new IntersectionObserver(([{ boundingClientRect: box }]) => {
            painted.disconnect();
            if (box.height) window.cjWent.push(Math.round(box.top - (start ??= box.top)));
        });
        painted.observe(element);
    });
    look();
}"""
#: Scrolls the notebook until the first element with a text is so far below the upper edge.
SCROLL = """([text, below]) => {
    const e = [...document.querySelectorAll('.jp-OutputArea :is(p, pre)')].filter(e => e.textContent.includes(text) && e.getClientRects().length)[0];
    let box = e.parentElement;
    while (!(box.scrollHeight > box.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(box).overflowY))) box = box.parentElement;
    box.scrollTop += e.getBoundingClientRect().top - box.getBoundingClientRect().top - below;
    return box.scrollTop;
}"""
ASKS = run("touch /nowhere/x", escalate=True, justification="to keep a record")
DECLINE = """
import codex_jupyter as cj
live, request = cj.session().pending[0]
live.answer(request.id, "decline")
"""


def read(notebook: LabNotebook, text: str, below: int) -> None:
    """Have the reader be where a text is so many pixels below the upper edge, and watch it."""
    assert notebook.page.evaluate(SCROLL, [text, below]) > 0
    settled(notebook)
    notebook.page.evaluate(WATCH, text)
    settled(notebook)


def settled(notebook: LabNotebook) -> None:
    """Some frames pass, with whatever they do."""
    notebook.page.evaluate(
        """() => new Promise(done => {
            let frames = 0;
            const next = () => (++frames > 20 ? done() : requestAnimationFrame(next));
            next();
        })"""
    )


def went(notebook: LabNotebook) -> set[int]:
    """How far what is read went from where it was in any frame, in pixels; rounding counts for nothing."""
    settled(notebook)
    return set(notebook.page.evaluate("window.cjWent")) - {-1, 0, 1}


@pytest.mark.parametrize("front_end", ["lab", "notebook"])
def test_what_is_read_below_a_turn_stays_where_it_is(
    open_notebook: OpenNotebook, model: offline.Offline, front_end: str
) -> None:
    first, second = (say(TEXT, phase="commentary") for _ in range(2))
    end = say("All done.", phase="final_answer")
    replies = [
        [run("seq 1 50"), run("echo two")],
        [first, wait("card"), ASKS],
        [second, wait("end"), end],
    ]
    model.server.script = Script.of(Rule("look", replies))
    notebook = open_notebook([LOAD, "%codex -b look", BELOW, "1"], front_end=front_end)
    notebook.run(0)
    notebook.run(1)
    notebook.run(2)
    output = notebook.output(1)
    expect(output).to_contain_text("Paragraph 29")
    output.locator("summary", has_text="seq 1 50").click()
    read(notebook, "line 7", below=-200)
    model.server.release("card")
    expect(output.locator("form[data-cj-request]")).to_have_count(1)
    assert went(notebook) == set(), "a card came"
    notebook.run_in_kernel(DECLINE)
    expect(output.locator("form[data-cj-request]")).to_have_count(0)
    assert went(notebook) == set(), "a card went"
    model.server.release("end")
    expect(output).to_contain_text("All done.")
    expect(output.locator(".cj-panel")).to_have_count(0)
    assert went(notebook) == set(), "the turn ended, and what stays replaced the panel"
    opened = output.locator("summary", has_text="seq 1 50").locator("..")
    assert opened.evaluate("e => e.open"), "what was opened stays open"
    assert opened.locator("pre").first.is_visible(), "in whatever it is folded"


@pytest.mark.parametrize("mode", ["", "-b "])
def test_what_is_read_within_a_turn_stays_where_it_is_when_that_ends(
    open_notebook: OpenNotebook, model: offline.Offline, mode: str
) -> None:
    answer = say(TEXT, phase="final_answer")
    work = [run(f"echo {n}") for n in range(6)]
    model.server.script = Script.of(Rule("look", [work, [answer, wait("end")]]))
    notebook = open_notebook([LOAD, f"%codex {mode}look", BELOW], fresh=True)
    notebook.run(0)
    notebook.run(2)
    notebook.begin(1)
    output = notebook.output(1)
    expect(output).to_contain_text("Paragraph 29")
    read(notebook, "Paragraph 9 ", below=20)
    model.server.release("end")
    notebook.wait_idle(1)
    expect(output.locator(".cj-panel")).to_have_count(0)
    expect(output).to_contain_text("Worked")
    assert went(notebook) == set()
