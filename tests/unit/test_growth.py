"""What a text costs grows with its length, whatever is in it: every kind of ``tests/hard_texts.py`` through everything
that reads texts. ``scripts/linear.py`` does the same with much longer ones, all the way from the wire to the file."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from codex_jupyter.core.blocks import DocumentBuilder
from codex_jupyter.core.document import Block, Document, Footer, Header, Prose
from codex_jupyter.core.raw import Raw
from codex_jupyter.core.reduce import reduce
from codex_jupyter.core.secrets import Cleaner, Growing
from codex_jupyter.core.spelled import spelled
from codex_jupyter.core.text import Text
from codex_jupyter.core.turn import Turn
from codex_jupyter.render import ansi, diffs, live, markdown, prose_flow, terminal
from codex_jupyter.render.markdown_html import render
from codex_jupyter.render.paint import Paint
from codex_jupyter.render.streaming import LONGEST, SHORT, Stream, advance, drawn
from codex_jupyter.runtime.translate import translate
from codex_jupyter.session.gate import Gate
from tests.hard_texts import KNOWN, MARKDOWN, PLAIN, SECRETS, TERMINAL, Maker

CLEANER = Cleaner(KNOWN)


def grown(text: str) -> None:
    growing = Growing()
    for at in range(0, len(text), 300):
        growing.add(text[at : at + 300], CLEANER)
    growing.end(CLEANER)


def printed(text: str) -> None:
    flow = prose_flow.Flow(80)
    for at in range(0, len(text), 300):
        flow, _ = prose_flow.advance(flow, text[at : at + 300], True, Paint(True))
    prose_flow.advance(flow, "", False, Paint(True))


#: What reads a text, by the name of the family that is hard on it.
READERS: dict[str, tuple[dict[str, Maker], dict[str, Callable[[str], object]]]] = {
    "terminal": (TERMINAL, {"clean": CLEANER.text, "grown": grown, "screen": ansi.plain}),
    "markdown": (
        MARKDOWN,
        {"html": render, "Markdown": markdown.prose, "grown": grown, "printed": printed},
    ),
    "secrets": (SECRETS, {"clean": CLEANER.text, "grown": grown}),
    "plain": (
        PLAIN,
        {
            "clean": CLEANER.text,
            "spelled": lambda text: spelled(text, "command"),
            "html": render,
            "diff": diffs.of_unified,
        },
    ),
}
SMALL, LARGE = 2_500, 20_000
#: Eight times the text may take so many times as long; what is quadratic takes sixty-four times as long. Less than
#: ``NOTHING`` seconds are not compared.
SLACK, NOTHING = 24, 0.0003


def cost(read: Callable[[str], object], text: str) -> float:
    """Processor time of this thread: what else the machine does is not in it."""
    before = time.thread_time()
    read(text)
    return time.thread_time() - before


def grows_too_fast(read: Callable[[str], object], make: Maker) -> bool:
    """Measured once, and where that looks bad, again: a pause for the memory is no growth."""
    small, large = make(SMALL), make(LARGE)
    return all(cost(read, large) > SLACK * max(cost(read, small), NOTHING) for _ in range(4))


@pytest.mark.growth
@pytest.mark.parametrize(
    ("family", "reader"),
    [(name, each) for name, (_, readers) in READERS.items() for each in readers],
)
def test_eight_times_the_text_takes_about_eight_times_as_long(family: str, reader: str) -> None:
    kinds, readers = READERS[family]
    assert [name for name, make in kinds.items() if grows_too_fast(readers[reader], make)] == []


# --- counted ----------------------------------------------------------------------------------------------------------


def streamed(text: str, piece: int) -> tuple[int, int, int]:
    """(characters parsed, html sent, html of the largest step) of a text that a page sees grow."""
    stream, whole = Stream(), Text()
    sizes = []
    for at in range(0, len(text), piece):
        whole += text[at : at + piece]
        stream, step = advance(stream, whole, True)
        sizes.append(len(step.settled) + len(step.tail or "") + len(step.text))
    stream, step = advance(stream, whole, False)
    sizes.append(len(step.settled) + len(step.tail or ""))
    return stream.parsed, sum(sizes), max(sizes)


@pytest.mark.parametrize("kind", ["paragraph without end", "list", "fence without end"])
def test_what_a_page_is_sent_of_an_endless_answer_is_bounded(kind: str) -> None:
    texts = [MARKDOWN[kind](size) for size in (300_000, 600_000)]
    (some, _, step), (more, _, same) = (streamed(text, 20_000) for text in texts)
    assert more - some <= 15 * SHORT + 15  # each piece draws the end anew, and no more
    assert same <= 1.1 * step


def test_an_answer_of_megabytes_in_one_delta_is_cut_like_any_other() -> None:
    text = Text.of("First.\n\n" + "word " * 1_000_000 + "\n\nLast.")
    stream, step = advance(Stream(), text, True)
    assert step.settled.startswith("<p>First.</p>") and "Last." in (step.tail or "")
    assert stream.parsed <= LONGEST
    assert "characters omitted" in (step.tail or "") and len(step.tail or "") < 3 * SHORT
    assert drawn(stream, text) == (step.settled, step.tail)
    _, step = advance(stream, text, False)
    assert step.settled.endswith("<p>Last.</p>") and step.tail == ""


def test_what_is_omitted_is_counted_and_code_stays_code() -> None:
    text = Text.of("```\n" + "# a line of code\n" * 10_000)
    stream, step = advance(Stream(), text, True)
    assert "<h1>" not in step.settled + (step.tail or "")
    shown = stream.cut + len((step.tail or "").split("<code>")[1].split("</code>")[0])
    omitted = int((step.tail or "").split("… ")[1].split(" ")[0].replace(",", ""))
    assert shown + omitted == len(text)


def test_a_page_that_comes_late_sees_what_the_others_see() -> None:
    def page(text: Text) -> Document:
        answer = Block("m", "answer", "", "none", "", "", (Prose(text, True),), "never", True)
        return Document(Header(), (answer,), Footer("running", "working"))

    text = Text.of("word " * (LONGEST // 4))
    shown, _ = live.advance(live.advance(None, page(Text.of("word ")))[0], page(text))
    (row,) = live.snapshot(shown)["blocks"]
    shown, (op,) = live.advance(shown, page(text + "and more"))
    assert "characters omitted" in row["html"] and "characters omitted" in op["tail"]
    assert op["op"] == "settle" and op["html"] == ""


@pytest.mark.parametrize("unit", ["word ", "word\n", "a"])
@pytest.mark.parametrize("before", ["", "```\n", "|"])
def test_a_console_prints_of_an_endless_answer_its_beginning_and_its_end(
    unit: str, before: str
) -> None:
    text = before + unit * (2_000_000 // len(unit)) + "\nLast."
    state, out, whole = terminal.start(), [], Text()
    for at in (*range(0, len(text), 50_000), None):
        whole = whole + text[at : at + 50_000] if at is not None else whole
        body = (Prose(whole, at is not None),)
        answer = Block("m", "answer", "", "none", "", "", body, "never", True)
        foot = Footer("ok", "4 s") if at is None else Footer("running", "working")
        doc = Document(Header((("model", "m"),)), (answer,), foot, ended=at is None)
        state, printed = terminal.advance(state, doc)
        out.append(printed)
    said = "".join(out)
    assert len(said) < 1.1 * (terminal.FLOW + terminal.FLOW_END)
    assert "characters omitted" in said and "Last." in said


def test_a_look_of_a_console_makes_no_row_anew_that_did_not_change() -> None:
    place = {"threadId": "t", "turnId": "u"}
    turn, builder, state = Turn(), DocumentBuilder(), terminal.start()
    for n in range(200):
        item = {"id": f"c{n}", "type": "commandExecution", "command": "ls", "status": "completed"}
        turn = reduce(turn, translate("item/completed", {**place, "item": item}))
    before = builder.build(turn).blocks
    for n in range(20):
        delta = {**place, "itemId": "m", "delta": f"- word {n}\n"}
        turn = reduce(turn, translate("item/agentMessage/delta", delta))
        page = builder.build(turn)
        assert all(now is then for now, then in zip(page.blocks, before, strict=False))
        state, printed = terminal.advance(state, page)
        if n > 1:  # an item is final when the next one begins
            assert printed == f"- word {n - 1}\n"


# --- in steps ---------------------------------------------------------------------------------------------------------


def test_what_is_long_is_cleaned_in_steps_and_says_the_same() -> None:
    words = "The token is password=hunter2, sk-proj-0123456789abcdef.\n" * 6_000
    place = {"threadId": "t", "turnId": "u"}
    delta = translate("item/agentMessage/delta", {**place, "itemId": "m", "delta": words})
    item = {"id": "m", "type": "agentMessage", "text": words}
    whole = translate("item/completed", {**place, "item": item})
    gate, turn = Gate(), Turn()
    steps = list(gate.arriving([Raw(delta), Raw(whole)]))
    assert steps.count(None) > 2 * len(words) // 70_000
    grown_up = []
    for event in steps:
        if event is not None:
            turn = reduce(turn, event)
            grown_up.append(str(turn.find("m").text))  # type: ignore[union-attr]
    assert grown_up[-1] == grown_up[-2] == Cleaner().text(words)
    assert "hunter2" not in grown_up[-1]
