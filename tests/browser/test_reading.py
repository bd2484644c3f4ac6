"""How a transcript reads: every theme, a narrow column, the keyboard, a screen reader, and a reader who wants no motion."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, patch, run, say, think, wait
from tests.browser.conftest import OpenNotebook

PATCH = "*** Begin Patch\n*** Add File: notes.txt\n+Dates are aware now.\n*** End Patch"
SCRIPT = Script.of(
    Rule(
        "read",
        [
            [
                think("**Looking at the loader**\n\nIt drops the zone."),
                say("I look first, then I change one file.", phase="commentary"),
                run("echo looked; exit 3"),
            ],
            [patch(PATCH)],
            [
                say("word " * 200, phase="commentary", chunk=5),
                wait("read"),
                say("Done: see the notes.", phase="final_answer"),
            ],
        ],
    )
)

#: The least contrast of any text against what it stands on, and that text (WCAG's formula).
CONTRAST = """root => {
    const light = ([r, g, b]) => {
        const part = c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const over = (colour, under) => {
        paint.fillStyle = `rgb(${under.join(",")})`; paint.fillRect(0, 0, 1, 1);
        paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1);
        return [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const ground = element => {
        const under = element.parentElement ? ground(element.parentElement) : [255, 255, 255];
        return over(getComputedStyle(element).backgroundColor, under);
    };
    let least = [99, ""];
    for (const element of root.querySelectorAll("*")) {
        const text = [...element.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join("").trim();
        if (!text || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
        const under = ground(element);
        const [a, b] = [light(over(getComputedStyle(element).color, under)), light(under)];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < least[0]) least = [ratio, `${element.className}: ${text.slice(0, 40)}`];
    }
    return least;
}"""
#: Everything of a transcript's controls that has no name.
NAMELESS = """root => [...root.querySelectorAll("button, input, summary, a, [tabindex]")]
    .filter(e => !(e.getAttribute("aria-label") || e.textContent.trim() || e.title || e.labels?.length))
    .map(e => e.outerHTML.slice(0, 120))"""
#: What the live regions said, one entry for each change.
LISTEN = """() => {
    window.cjSaid = [];
    for (const region of document.querySelectorAll(".jp-OutputArea [aria-live], .jp-OutputArea [role=status], .jp-OutputArea [role=log]"))
        new MutationObserver(() => window.cjSaid.push(region.textContent))
            .observe(region, { childList: true, characterData: true, subtree: true });
    return [...document.querySelectorAll(".jp-OutputArea [aria-live]")].map(r => r.getAttribute("aria-live"));
}"""


def test_a_turn_is_read_by_everybody(open_notebook: OpenNotebook, model: offline.Offline) -> None:
    model.server.script = SCRIPT
    load = "%load_ext codex_jupyter\nfrom pathlib import Path; Path('here').mkdir()"
    notebook = open_notebook([load, "%codex -s workspace-write -C here Please read"])
    notebook.run(0)
    notebook.begin(1)
    output, page = notebook.output(1), notebook.page
    expect(output).to_contain_text("I look first")
    assert set(page.evaluate(LISTEN)) == {"polite"}
    expect(output).to_contain_text("word word word")

    # The keyboard reaches Stop, and everything that can be reached has a name.
    assert output.first.evaluate(NAMELESS) == []
    stop = output.get_by_role("button", name="Stop")
    stop.focus()
    expect(stop).to_be_focused()
    assert float(stop.evaluate("e => parseFloat(getComputedStyle(e).outlineWidth)")) > 0

    # A reader who wants no motion (the tests' window asks for none) sees nothing move.
    moving = "r => r.getAnimations({ subtree: true }).filter(a => a.playState === 'running').length"
    assert output.first.evaluate(moving) == 0

    model.server.release("read")
    notebook.wait_idle(1)
    said = page.evaluate("window.cjSaid")
    assert len(said) < 40, "the live region speaks of what happens, not of each token"
    assert not any(text.count("word") > 20 for text in said)

    # Rows open with the keyboard alone.
    summary = output.locator("summary").first
    expect(summary).to_be_visible()
    opened = summary.evaluate("e => e.parentElement.open")
    summary.focus()
    page.keyboard.press("Enter")
    assert summary.evaluate("e => e.parentElement.open") is not opened
    output.first.evaluate("r => r.querySelectorAll('details').forEach(d => { d.open = true; })")

    try:
        for theme, least in (("light", 4.5), ("dark", 4.5), ("high-contrast", 7.0)):
            notebook.theme(theme)
            ratio, where = output.first.evaluate(CONTRAST)
            assert ratio >= least, f"{theme}: {ratio:.1f} at {where}"
            notebook.screenshot(f"reading-{theme}", 1)
    finally:
        notebook.theme("light")

    notebook.viewport(420, 900)
    wide = output.locator(".cj").first.evaluate("e => [e.scrollWidth, e.clientWidth]")
    notebook.screenshot("reading-narrow", 1)
    notebook.viewport(1100, 900)
    assert wide[0] <= wide[1] + 1, "nothing but code scrolls sideways in a narrow column"
    text = output.inner_text()
    assert re.search(r"Worked .+", text) and "Done: see" in text


def test_what_the_reader_opened_stays_open_at_the_end(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    answer = [wait("read"), say("Done: see the notes.", phase="final_answer")]
    commands = [[run("printf 'looked-%d' 1")], [run("printf 'looked-%d' 2")]]
    model.server.script = Script.of(Rule("read", [*commands, answer]))
    notebook = open_notebook(["%load_ext codex_jupyter", "%codex Do it"])
    notebook.run(0)
    notebook.begin(1)
    output = notebook.output(1)
    first, second = (output.locator("summary", has_text=f"looked-%d' {n}") for n in (1, 2))
    is_open = "summary => summary.parentElement.open"
    expect(second).to_be_visible()
    if not first.evaluate(is_open):
        first.click()
    if second.evaluate(is_open):
        second.click()
    model.server.release("read")
    notebook.wait_idle(1)
    expect(output.locator(".cj-panel")).to_have_count(0)
    expect(output).to_contain_text("Done: see the notes.")
    expect(output.get_by_text("looked-1", exact=True)).to_be_visible()
    assert first.evaluate(is_open) and not second.evaluate(is_open)
    assert output.locator("summary", has_text="Worked").evaluate(is_open), "what it lies in"
