"""Every state that a turn can be seen in: legible in each theme, whole at each width, its buttons in sight."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.states import (
    LONG,
    THEMES,
    WIDTHS,
    Look,
    of_a_long_command,
    of_many_files,
    sheet,
    states,
)

#: The least contrast of a text against its ground (WCAG); of a theme that promises high contrast, more.
LEAST = {"high-contrast": 7.0}
OPENED = "() => document.querySelectorAll('details').forEach(fold => { fold.open = true; })"
#: [contrast, state, class, text] of each text, with every ground and opacity between it and the page.
CONTRAST = """() => {
    const light = ([r, g, b]) => {
        const part = c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = colour => {
        paint.clearRect(0, 0, 1, 1); paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1);
        return paint.getImageData(0, 0, 1, 1).data;
    };
    const over = (top, alpha, under) => [0, 1, 2].map(i => top[i] * alpha + under[i] * (1 - alpha));
    const known = new Map();
    const stack = element => {
        if (!element) return { ground: rgba("Canvas"), veils: [] };
        if (known.has(element)) return known.get(element);
        const below = stack(element.parentElement), style = getComputedStyle(element);
        const colour = rgba(style.backgroundColor), opacity = Number(style.opacity);
        const painted = over(colour, colour[3] / 255, below.ground);
        const veils = opacity < 1 ? [{ opacity, under: below.ground }, ...below.veils] : below.veils;
        known.set(element, { ground: over(painted, opacity, below.ground), veils });
        return known.get(element);
    };
    const found = [];
    for (const element of document.querySelectorAll("section .cj *")) {
        const text = [...element.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join("").trim();
        if (!text || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
        const { ground, veils } = stack(element), own = rgba(getComputedStyle(element).color);
        let colour = over(own, own[3] / 255, ground);
        for (const { opacity, under } of veils) colour = over(colour, opacity, under);
        const [a, b] = [light(colour), light(ground)];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        found.push([ratio, element.closest("section").id, element.className, text.slice(0, 40)]);
    }
    for (const field of document.querySelectorAll("section .cj [placeholder]")) {
        const style = getComputedStyle(field, "::placeholder"), { ground } = stack(field), own = rgba(style.color);
        const [a, b] = [light(over(own, own[3] / 255 * Number(style.opacity), ground)), light(ground)];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        found.push([ratio, field.closest("section").id, "placeholder", field.placeholder]);
    }
    return found;
}"""
#: What is wider than its place and neither wraps nor scrolls in a box of its own; code of an answer may scroll.
CUT = """() => {
    const width = document.documentElement.clientWidth, found = [];
    for (const element of document.querySelectorAll("section .cj, section .cj *")) {
        if (!element.checkVisibility()) continue;
        const style = getComputedStyle(element), box = element.getBoundingClientRect();
        const scrolls = ["auto", "scroll"].includes(style.overflowX);
        const wider = element.scrollWidth > element.clientWidth + 1;
        const within = element.parentElement.closest(".cj-code, .cj-term, .cj-rows, .cj-wide, .cj-tall, .cj-table, .cj-math");
        const source = element.matches(".cj-lang-python, .cj-term, .cj-rows, .cj-wide, .cj-table, .cj-math");
        if ((scrolls && wider && !source) || (!within && box.width && box.right > width + 1))
            found.push([element.closest("section").id, element.className || element.tagName, Math.round(box.right)]);
    }
    return found;
}"""

#: Options of commands that a line break takes apart: `--` at the end of a line is something else.
BROKEN = """() => [...document.querySelectorAll(".cj-whole")].filter(e => e.getClientRects().length > 1).map(e => e.textContent)"""


@pytest.mark.parametrize("live", [True, False], ids=["live", "saved"])
@pytest.mark.parametrize("theme", THEMES)
def test_every_text_stands_out_from_its_ground(chromium: Browser, theme: str, live: bool) -> None:
    with sheet(chromium, Look(700, theme, live), states()) as page:
        page.evaluate(OPENED)
        found: list[tuple[float, str, str, str]] = page.evaluate(CONTRAST)
    assert len(found) > 1_000
    faint = sorted(each for each in found if each[0] < LEAST.get(theme, 4.5))
    assert not faint, "\n".join(map(str, faint[:20]))


@pytest.mark.parametrize("live", [True, False], ids=["live", "saved"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_off(chromium: Browser, width: int, live: bool) -> None:
    with sheet(chromium, Look(width, "light", live), states()) as page:
        page.evaluate(OPENED)
        cut: list[Any] = page.evaluate(CUT)
        broken: list[str] = page.evaluate(BROKEN)
        wide = page.evaluate("document.documentElement.scrollWidth")
    assert not cut, "\n".join(map(str, cut[:20]))
    assert not broken, f"options apart from their hyphens: {broken[:20]}"
    assert wide <= width


def test_what_is_saved_keeps_its_grounds_under_jupyterlabs_own_rules(chromium: Browser) -> None:
    grounds = "() => [...document.querySelectorAll('section .cj :is(code, pre, th, td, blockquote)')].map(e => [e.closest('section').id, e.tagName, e.className, getComputedStyle(e).backgroundColor])"
    found: list[list[str]] = []
    with sheet(chromium, Look(700, "dark", False), states()) as page:
        page.evaluate(OPENED)
        found = page.evaluate(grounds)
        soft = page.locator(".cj-code").first.evaluate("e => getComputedStyle(e).backgroundColor")
    strange = [each for each in found if each[3] not in ("rgba(0, 0, 0, 0)", soft)]
    assert not strange, "\n".join(map(str, strange[:20]))


@pytest.mark.parametrize("width", WIDTHS)
def test_a_patch_of_many_files_is_answered_without_scrolling(chromium: Browser, width: int) -> None:
    with sheet(chromium, Look(width, "light"), {"patch": of_many_files(17)}) as page:
        row = page.locator(".cj-is-edit details")
        expect(row).not_to_have_attribute("open", "")
        files = page.locator(".cj-card .cj-files > details")
        expect(files).to_have_count(17)
        for button in page.locator(".cj-options button").all():
            expect(button).to_be_in_viewport(ratio=1)
        expect(page.locator(".cj-footer", has_text="waiting for you")).to_be_in_viewport(ratio=1)
        # A file opens in the box, and nothing moves away from under the pointer.
        before = page.get_by_role("button", name="Allow once").bounding_box()
        files.nth(2).locator("summary").click()
        expect(files.nth(2).locator(".cj-plus").first).to_be_visible()
        assert page.get_by_role("button", name="Allow once").bounding_box() == before
        assert page.locator(".cj-files").evaluate("e => e.scrollWidth <= e.clientWidth")


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_to_be_typed_elsewhere_is_large_and_what_waits_does_not_move(
    chromium: Browser, width: int
) -> None:
    shown = {
        name: state for name, state in states().items() if name in ("sign-in-device", "running")
    }
    with sheet(chromium, Look(width, "light"), shown) as page:
        size = "e => parseFloat(getComputedStyle(e).fontSize)"
        assert page.locator(".cj-usercode").evaluate(size) > 1.5 * page.locator(
            "#sign-in-device .cj"
        ).evaluate(size)
        expect(page.locator("#running .cj-footer .cj-glyph")).to_have_text("?")
        expect(page.locator("#running .cj-footer .cj-spin")).to_have_count(0)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_long_command_is_read_whole_without_scrolling(chromium: Browser, width: int) -> None:
    with sheet(chromium, Look(width, "light"), {"command": of_a_long_command()}) as page:
        row = page.locator(".cj-is-command details")
        expect(row).not_to_have_attribute("open", "")
        for button in page.locator(".cj-options button").all():
            expect(button).to_be_in_viewport(ratio=1)
        row.locator("summary").click()
        inside = LONG.removeprefix("/bin/bash -lc '").removesuffix("'")
        for drawn in (page.locator(".cj-card pre"), row.locator("pre")):
            expect(drawn).to_have_text(f"$ {inside}")
            assert drawn.evaluate(
                "e => e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight + 1"
            )
