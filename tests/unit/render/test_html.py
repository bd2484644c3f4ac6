"""What live and saved html promise beside the golden files: controls, folding, bounds, legibility without styles."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from codex_jupyter.core.checklist import Step
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.document import (
    Block,
    Body,
    Checklist,
    Code,
    Document,
    Exact,
    Facts,
    Finding,
    Findings,
    Footer,
    Header,
    Lines,
    Patch,
    Picture,
    Plain,
    Prose,
    Terminal,
)
from codex_jupyter.core.text import Output, Text
from codex_jupyter.render import bodies, html, markdown
from codex_jupyter.render import text as plain
from codex_jupyter.render.bounds import BODY_HTML, cut
from codex_jupyter.render.pictures import admitted
from tests.unit.render import samples
from tests.unit.render.parsed import read, text, without_sheet


def controls(made: str) -> list[dict[str, str]]:
    return [attrs for _, attrs in read(made, live=True).controls]


def test_saved_html_brings_its_style_and_no_controls() -> None:
    made = html.document(samples.everything())
    assert without_sheet(made) != made
    assert not re.search(r"data-cj|<button|<form|<input|<script|javascript|\son\w+=", made)
    assert "Not answered yet." in text(made)


def test_live_html_has_the_controls_of_the_protocol() -> None:
    found = controls(html.document(samples.running(), live=True))
    assert {"data-cj-request": "r1"}.items() <= next(
        c for c in found if "data-cj-request" in c
    ).items()
    choices = {c["data-cj-choice"]: c for c in found if "data-cj-choice" in c}
    assert list(choices) == ["once", "session", "decline", "stop", "always"]
    assert choices["once"]["data-cj-key-hint"] == "a"
    assert "data-cj-confirm" not in choices["once"]
    assert choices["always"]["data-cj-confirm"].startswith("From now on")
    assert {"data-cj-intent": '{"kind":"stop"}'}.items() <= next(
        c for c in found if "data-cj-intent" in c
    ).items()
    assert {"data-cj-elapsed": "1795246956000"} in [
        c | {} for c in found if "data-cj-elapsed" in c
    ] or any(c.get("data-cj-elapsed") == "1795246956000" for c in found)
    assert all(c.get("type") == "button" for c in found if "data-cj-choice" in c)


def test_when_all_is_done_copy_and_diff_are_offered_and_stop_is_not() -> None:
    made = html.footer(samples.DONE, live=True)
    found = controls(made)
    assert any("data-cj-copy" in c for c in found)
    assert any(c.get("data-cj-toggle") == "diff" for c in found)
    assert any(c.get("data-cj-panel") == "diff" and "hidden" in c for c in found)
    assert not any("data-cj-intent" in c for c in found)
    assert "<template>Fixed: the dates were naive.</template>" in made


def test_a_denial_can_be_overruled() -> None:
    made = html.block(samples.BLOCKS["declined"], live=True)
    (intent,) = [c["data-cj-intent"] for c in controls(made) if "data-cj-intent" in c]
    assert json.loads(intent) == {"kind": "retry_review", "item": "rev1"}
    assert "<button" not in html.block(samples.BLOCKS["declined"], live=False)


def test_questions_become_named_inputs() -> None:
    made = html.block(samples.BLOCKS["questions"], live=True)
    inputs = re.findall(r"<input[^>]*>", made)
    assert [re.search(r'name="(\w+)"', i)[1] for i in inputs] == [  # type: ignore[index]
        *["scope"] * 3, "token", "retries", "verbose", "tags", "tags", "name",
    ]  # fmt: skip
    assert 'type="password"' in inputs[3]
    assert " checked" in inputs[5]


def test_a_secret_has_no_default_and_is_never_saved() -> None:
    field = replace(samples.QUESTION_CARD.fields[1], default="hunter2")
    card = replace(samples.QUESTION_CARD, fields=(field,))
    for live in (True, False):
        assert "hunter2" not in html.block(Block("k", "card", card=card), live=live)


def test_the_work_folds_and_what_matters_does_not() -> None:
    made = without_sheet(html.document(samples.everything(ended=True)))
    outside = re.sub(r"<details.*?</details>", "", made, flags=re.DOTALL)
    seen = text(outside)
    for words in (
        "No such model: gpt-9",
        "Refused: cat /etc/shadow",
        "The automatic reviewer refused: rm -rf build",
        "Fixed: the dates were naive.",
        "Stopped by you · nothing left running",
    ):
        assert words in seen, words
    summaries = [text(s) for s in re.findall(r"<summary>.*?</summary>", made)]
    assert any("load.py" in s and "+1 −1" in s for s in summaries)
    assert "✓ You allowed once, 14:02: pip install pyarrow" in summaries  # its record is folded
    assert summaries[0] == "Worked 12 s: 1 thought · 2 commands"


def test_meaning_survives_a_sanitiser_that_drops_styles_roles_and_data() -> None:
    made = without_sheet(html.document(samples.everything(ended=True)))
    bare = re.sub(r'\s(?:style|role|aria-[a-z]+|data-[a-z-]+|class|title)="[^"]*"', "", made)
    seen = text(bare)
    for words in (
        "✗ pytest -q exit 1 · 2.1 s",
        "✎ load.py +1 −1",
        "-    return",
        "+    return",
        "■ Stopped",
        "✓ You allowed",
    ):
        assert words in seen, words
    assert "svg" not in made
    assert " hidden" not in made


def test_everything_is_out_of_reach_of_mathjax_except_maths() -> None:
    made = without_sheet(html.document(samples.finished()))
    assert made.startswith('<div class="cj mathjax_ignore tex2jax_ignore"')
    assert made.count("mathjax_process") == 2


PRICES = r"pay $5 and $10, \(not\) or \[this\], in $HOME/a:$HOME/b"


def test_dollars_stay_dollars_where_no_class_is_kept() -> None:
    """Somebody else's viewer may drop classes and run MathJax: in no text but maths may two of its marks meet."""
    text_, facts = Text.of(PRICES), (("in $1 and $2", PRICES),)
    update = "@@ -1 +1 @@\n-cost = $5 and $6\n+cost = $7 and $8\n"
    bodies_ = (
        Plain(PRICES), Code(PRICES, "bash"), Terminal(Output.of(PRICES)), Lines((PRICES,)),
        Facts(facts), Checklist(PRICES, (Step(PRICES, "completed"),)), Prose(text_),
        Patch((Change("a$1-and-$2.py", "update", update),)),
        Picture("", PRICES), Findings((Finding(PRICES, PRICES, "a$1$2.py", 1),)),
    )  # fmt: skip
    block = Block("k", "notice", PRICES, "ok", PRICES, body=bodies_, fold="never")
    asked = Block("c", "card", "", card=replace(samples.COMMAND_CARD, title=PRICES, facts=facts))
    head = Header((("model", PRICES),), PRICES, (PRICES,))
    foot = Footer("ok", PRICES, lines=(PRICES,), sent=(PRICES,), copy=PRICES)
    for doc in (
        Document(head, (block, asked), foot, PRICES, True),
        Document(head, (block, asked), foot),
    ):
        saved = without_sheet(html.document(doc))
        assert read(saved).complaints == []
        assert "pay $5 and $10, (not) or [this], in $HOME/a:$HOME/b" in text(saved)
        assert read(html.document(doc, live=True), live=True).complaints == []
    kept = html.document(
        Document(head, (replace(block, body=(Prose(Text.of("so $x^2$")),)),), foot)
    )
    assert ">$x^2$</span>" in kept


def test_controls_and_groups_have_names() -> None:
    made = html.document(samples.running(), live=True)
    assert 'role="group" aria-label="command, failed"' in made
    assert 'aria-label="Question, waits for an answer"' in made
    assert "tabindex" not in made
    for button in re.findall(r"<button.*?</button>", made):
        assert text(button).strip()


def test_what_is_asked_for_is_shown_exactly() -> None:
    trap = "rm -rf \u202e/\u200b #"
    card = replace(
        samples.COMMAND_CARD, body=(Exact(trap, "command", "bash"),), facts=(("in", trap),)
    )
    for live in (True, False):
        seen = text(html.block(Block("k", "card", card=card), live=live))
        assert "\u202e" not in seen
        assert seen.count("⟨U+202E") == 2
        assert seen.count("⟨U+200B") == 2


LONG = "x < & \" ' \x1b[31m\n" * 100_000


@pytest.mark.growth
@pytest.mark.parametrize(
    "body",
    [
        Prose(Text.of(LONG)),
        Plain(LONG),
        Code(LONG, "python"),
        Code("x" * 2_000_000),
        Code("(" * 100_000, "python"),
        Terminal(Output.of(LONG)),
        Terminal(Output.of("\x1b[31mx\x1b[0my" * 100_000)),
        Terminal(Output.of("\x1b[31m<\x1b[0m\n" * 100_000)),
        Patch((Change("a", "add", LONG),)),
        Facts((("a", LONG), *[("n", "v" * 3_000)] * 2_000)),
        Lines((LONG, *["line" * 700] * 5_000)),
        Checklist(LONG[:10_000], tuple(Step("s" * 5_000, "pending") for _ in range(1_000))),
        Findings(tuple(Finding("t" * 5_000, "b" * 9_000, "f") for _ in range(150))),
        Picture("data:image/png;base64," + "A" * 20_000_000, "alt" * 100_000, "path" * 100_000),
    ],
    ids=lambda body: type(body).__name__,
)
def test_a_body_is_bounded(body: Body) -> None:
    for saved in (True, False):
        made = bodies.body(body, saved=saved)
        assert len(made) < BODY_HTML + 4_096
        assert read(made, live=not saved).complaints == []


def test_a_hundred_megabytes_of_output_stay_small() -> None:
    output = Output()
    for _ in range(100):
        output += "\x1b[32mok\x1b[0m some line of output\r\n" * 30_000
    assert len(output) > 90_000_000
    made = bodies.body(Terminal(output), saved=True)
    assert len(made) < BODY_HTML + 1_000
    assert "characters omitted" in made


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://e.org/p.png",
        "data:image/svg+xml;base64,PHN2Zz4=",
        "data:text/html;base64,PHNjcmlwdD4=",
        "data:image/png;base64,PHN2Zz4=",
        "data:image/png,<svg>",
        'data:image/png;base64,iVBORw0KGgo=" onerror="x',
        "data:image/png;base64,iVBORw0KGg",
        "data:image/png;charset=x;base64,iVBORw0KGgo=",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_picture(url: str) -> None:
    assert admitted(url) == ""
    made = bodies.body(Picture(url, "alt text", "p.png"), saved=True)
    assert "<img" not in made
    assert "[image: p.png]" in text(made)


def test_a_picture_is_what_its_bytes_say() -> None:
    url = samples.png()
    assert admitted(url) == url
    assert admitted(url.replace("image/png", "image/gif")) == url
    assert f'src="{url}"' in bodies.body(Picture(url, "a plot"), saved=True)


def test_a_picture_of_a_long_path_names_its_ends_and_has_the_whole_in_reach() -> None:
    path = "~/.codex/generated_images/01a1fd2d-e5e7-7712-a6af-f00a1367d22c/a-band-of-colours.png"
    near = "~/.codex/generated_images/…/a-band-of-colours.png"
    for data in (samples.png(), ""):
        made = bodies.body(Picture(data, "a band", path), saved=True, named="Image: a band")
        assert near in text(made)
        assert path not in text(made)
        assert f'title="{path}"' in made
    assert markdown.body(Picture("", "", path)) == f"[image: `{near}`]"


def test_a_picture_does_not_repeat_the_path_in_its_title() -> None:
    shown, missing = Picture(samples.png(), "plot.png", "plot.png"), Picture("", "", "plot.png")
    assert text(bodies.body(shown, saved=True, named="Looked at plot.png")) == ""
    assert text(bodies.body(shown, saved=True, named="You attached")) == "plot.png"
    assert "plot.png" in text(bodies.body(missing, saved=True, named="Looked at plot.png"))


def test_a_cut_counts_what_is_missing() -> None:
    lines = "".join(f"line {n}\n" for n in range(1_000))
    parts = cut(lines, 1_000)
    assert len(parts.head) + parts.omitted + len(parts.tail) == len(lines)
    assert parts.head.endswith("\n")
    assert parts.tail.startswith("line ")
    assert cut("abc", 3).omitted == 0


def test_a_short_turn_brings_little_more_than_its_text() -> None:
    answer = Block("a", "answer", body=(Prose(Text.of("Three rows; check `id`.")),), fold="never")
    head = Header(parts=(("model", "gpt-5.5 medium"), ("sandbox", "read-only")))
    saved = html.document(Document(head, (answer,), Footer("ok", "4 s · context 2 %"), ended=True))
    assert len(saved) < 2_500
    assert "cj-pre" not in saved
    rows = without_sheet(saved).splitlines()
    assert [row[:24] for row in rows] == [
        '<div class="cj mathjax_i',
        '<div class="cj-blocks"><',
        '<div class="cj-footer cj',
    ]


def test_what_changes_in_a_turn_is_a_line_of_its_own() -> None:
    doc = samples.finished()
    before = html.document(doc).splitlines()
    after = html.document(replace(doc, footer=replace(doc.footer, text="39 s"))).splitlines()
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1
    assert max(map(len, before)) < 1_500


def test_an_empty_turn() -> None:
    doc = Document(Header(), (), Footer())
    assert text(html.document(doc, live=True)).strip() == "Codex"


def long_turn() -> Document:
    """Hundreds of rows with long outputs, large pictures and new files, and what must not be lost among them."""
    output = Output.of("a line of <output>\n" * 1_500)
    rows = [
        Block(f"c{n}", "command", f"command {n}", "ok", body=(Terminal(output),), code_title=True)
        for n in range(400)
    ]
    pictures = [
        Block(
            f"p{n}",
            "image",
            f"picture {n}",
            "image",
            body=(Picture(samples.png(1_000, 400), "p", "p.png"),),
        )
        for n in range(5)
    ]
    edits = [
        Block(
            f"e{n}",
            "edit",
            f"f{n}.py",
            "edit",
            "+300",
            body=(Patch((Change(f"f{n}.py", "add", "x = 1\n" * 300),)),),
            fold="body",
        )
        for n in range(200)
    ]
    kept = [samples.BLOCKS[name] for name in ("error", "refused", "decision", "answer")]
    return Document(samples.HEADER, (*rows, *pictures, *edits, *kept), samples.DONE, "Worked", True)


@pytest.mark.growth
def test_a_long_turn_stays_small_in_every_format() -> None:
    doc = long_turn()
    saved, marked, written = html.document(doc), markdown.document(doc), plain.document(doc)
    assert len(saved) < 12_000_000
    page = read(without_sheet(saved))
    assert page.complaints == []
    for made in (saved, marked, written):
        for n in (0, 399):
            assert f"command {n}" in made
        assert "f199.py" in made
    assert "shortened: the whole turn is too long" in saved
    assert "shortened: the whole turn is too long" in marked
    assert len(marked) < 2_500_000
    assert len(written) < 1_500_000
    shown = "".join(page.text)
    for words in (
        "No such model: gpt-9",
        "cat /etc/shadow",
        "pip install pyarrow",
        "Fixed: the dates were",
    ):
        assert words in shown
