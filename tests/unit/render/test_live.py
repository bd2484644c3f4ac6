"""Ops applied to a page give the page that a snapshot gives, whatever happened in between."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from codex_jupyter.core.document import Block, Document, Footer, Header, Prose
from codex_jupyter.core.text import Text
from codex_jupyter.render import live as renderer
from codex_jupyter.render.characters import escape
from codex_jupyter.render.live import Live
from tests.unit.render import samples
from tests.unit.render.parsed import read, text

SLOTS = re.compile(
    r'(<div data-cj-settled="">)(.*)(</div><div data-cj-tail="">)(.*?)(</div></div>)', re.DOTALL
)


@dataclass
class Page:
    """What js/src/transcript.js does, on strings: ops in, blocks out."""

    header: str = ""
    footer: str = ""
    rows: dict[str, str] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    announced: list[str] = field(default_factory=list)

    def apply(self, ops: tuple[dict[str, Any], ...]) -> None:
        json.dumps(ops)
        for op in ops:
            getattr(self, f"_{op['op']}")(op)

    def _insert(self, op: dict[str, Any]) -> None:
        assert op["key"] not in self.rows
        assert f'data-cj-key="{escape(op["key"])}"' in op["html"][:300]
        rows: dict[str, str] = {}
        for key, html in self.rows.items():
            if key == op["before"]:
                rows[op["key"]] = op["html"]
            rows[key] = html
        assert (op["before"] is None) == (op["key"] not in rows)
        rows.setdefault(op["key"], op["html"])
        self.rows = rows

    def _replace(self, op: dict[str, Any]) -> None:
        assert op["key"] in self.rows
        self.rows[op["key"]] = op["html"]

    def _remove(self, op: dict[str, Any]) -> None:
        del self.rows[op["key"]]

    def _settle(self, op: dict[str, Any]) -> None:
        row = self.rows[op["key"]]
        assert SLOTS.search(row)
        self.rows[op["key"]] = SLOTS.sub(
            lambda m: f"{m[1]}{m[2]}{op['html']}{m[3]}{op['tail']}{m[5]}", row, count=1
        )

    def _text(self, op: dict[str, Any]) -> None:
        row = self.rows[op["key"]]
        assert SLOTS.search(row)
        self.rows[op["key"]] = SLOTS.sub(
            lambda m: f"{m[1]}{m[2]}{m[3]}{m[4]}{escape(op['text'])}{m[5]}", row, count=1
        )

    def _header(self, op: dict[str, Any]) -> None:
        self.header = op["html"]

    def _footer(self, op: dict[str, Any]) -> None:
        self.footer = op["html"]

    def _state(self, op: dict[str, Any]) -> None:
        self.state = {k: op[k] for k in ("running", "waiting", "ended")}
        if op["announce"]:
            self.announced.append(op["announce"])


def words(html: str) -> str:
    """The text, however it was wrapped."""
    return re.sub(r"\s+", " ", text(html)).strip()


def follow(documents: list[Document]) -> tuple[Page, Live]:
    page, live = Page(), None
    for doc in documents:
        live, ops = renderer.advance(live, doc)
        page.apply(ops)
    assert live is not None
    return page, live


def agrees(page: Page, live: Live) -> None:
    snapshot = renderer.snapshot(live)
    assert list(page.rows) == [block["key"] for block in snapshot["blocks"]]
    for block in snapshot["blocks"]:
        assert read(block["html"], live=True).complaints == []
        mine = page.rows[block["key"]]
        assert re.sub(r"\s", "", words(mine)) == re.sub(r"\s", "", words(block["html"]))
    assert (page.header, page.footer) == (snapshot["header"], snapshot["footer"])
    assert {**page.state, "announce": ""} == snapshot["state"]


def doc(*blocks: Block, ended: bool = False, work: str = "") -> Document:
    foot = (
        Footer("ok", "1 s") if ended else Footer("running", "working", since_ms=1, stoppable=True)
    )
    return Document(samples.HEADER, blocks, foot, work, ended)


def answer(source: str, *, streaming: bool = True, key: str = "a") -> Block:
    return Block(key, "answer", body=(Prose(Text.of(source), streaming),), fold="never", open=True)


def grown(block: Block, more: str) -> Block:
    part = block.body[-1]
    assert isinstance(part, Prose)
    return replace(block, body=(*block.body[:-1], Prose(part.text + more, True)))


WORDS = [
    "word ",
    "**b** ",
    "\n\n",
    "- item\n",
    "```\n",
    "x < 1\n",
    "$5 ",
    "| a |\n|---|\n",
    "> q\n",
    "# h\n",
]


@st.composite
def stories(draw: st.DrawFn) -> list[Document]:
    """A turn as documents: blocks come, change, stream, end and go; at last the turn may end."""
    blocks: list[Block] = []
    made = 0
    documents = []
    names = list(samples.BLOCKS)
    for _ in range(draw(st.integers(1, 14))):
        act = draw(
            st.sampled_from(["new", "new answer", "grow", "finish", "change", "remove", "move"])
        )
        at = draw(st.integers(0, max(0, len(blocks) - 1)))
        if act == "new":
            made += 1
            block = replace(samples.BLOCKS[draw(st.sampled_from(names))], key=f"b{made}")
            blocks.insert(draw(st.integers(0, len(blocks))), block)
        elif act == "new answer":
            made += 1
            blocks.append(answer(draw(st.sampled_from(WORDS)), key=f"b{made}"))
        elif blocks and act == "remove":
            blocks.pop(at)
        elif blocks and act == "move":
            blocks.append(blocks.pop(at))
        elif blocks and act == "change":
            blocks[at] = replace(blocks[at], meta=f"m{len(documents)}", title="t")
        elif blocks and isinstance(blocks[at].body[-1:] and blocks[at].body[-1], Prose):
            part = blocks[at].body[-1]
            assert isinstance(part, Prose)
            if part.streaming:
                more = "".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6)))
                new = grown(blocks[at], more)
                if act == "finish":
                    last = new.body[-1]
                    assert isinstance(last, Prose)
                    new = replace(new, body=(*new.body[:-1], Prose(last.text, False)))
                blocks[at] = new
        documents.append(doc(*blocks))
    for _ in range(draw(st.integers(0, 2))):
        ended = [
            replace(b, body=(*b.body[:-1], Prose(b.body[-1].text, False)))
            if b.body and isinstance(b.body[-1], Prose)
            else b
            for b in blocks
            if b.card is None
        ]
        documents.append(doc(*ended, ended=True, work=f"Worked {len(documents)} s"))
    return documents


@settings(max_examples=150, deadline=None)
@given(stories())
def test_ops_lead_to_what_a_snapshot_shows(documents: list[Document]) -> None:
    page, live = Page(), None
    for each in documents:
        live, ops = renderer.advance(live, each)
        page.apply(ops)
        agrees(page, live)


@settings(max_examples=60, deadline=None)
@given(stories(), st.integers(0, 20))
def test_a_page_that_begins_with_a_snapshot_goes_on(documents: list[Document], at: int) -> None:
    live = None
    page = None
    for number, each in enumerate(documents):
        live, ops = renderer.advance(live, each)
        if page is not None:
            page.apply(ops)
        if number == at:
            shown = json.loads(json.dumps(renderer.snapshot(live)))
            page = Page(
                shown["header"],
                shown["footer"],
                {b["key"]: b["html"] for b in shown["blocks"]},
                {k: shown["state"][k] for k in ("running", "waiting", "ended")},
            )
    if page is not None and live is not None:
        agrees(page, live)


def test_a_streamed_answer_is_sent_once() -> None:
    block = answer("Start.\n\n")
    live, _ = renderer.advance(None, doc(block))
    sent = 0
    for n in range(2_000):
        block = grown(block, f"word{n % 10} " if n % 40 else "\n\n")
        live, ops = renderer.advance(live, doc(block))
        assert all(op["op"] in ("settle", "text") for op in ops)
        sent += sum(len(op.get("html", "") + op.get("text", "")) for op in ops)
    assert sent < 3 * 2_000 * 7


def test_an_answer_that_only_ends_is_not_sent_again() -> None:
    source = "One.\n\n" * 200 + "Two"
    live, _ = renderer.advance(None, doc(answer(source)))
    live, ops = renderer.advance(live, doc(answer(source, streaming=False)))
    assert [op["op"] for op in ops] == ["settle"]
    assert ops[0]["html"] == "<p>Two</p>"
    assert not live.streams


def test_nothing_changed_is_nothing_to_do() -> None:
    live, _ = renderer.advance(None, samples.running())
    assert renderer.advance(live, samples.running())[1] == ()


def test_the_work_folds_when_the_turn_ends() -> None:
    page, _ = follow([samples.running(), samples.finished()])
    assert list(page.rows) == ["work", "edit", "decision", "answer"]
    assert words(page.rows["work"]).startswith("Worked 38 s: 1 thought · 3 commands (1 failed)")
    assert "pytest -q" in words(page.rows["work"])


def test_what_is_announced_and_what_is_not() -> None:
    first = replace(samples.running(), blocks=samples.running().blocks[:-1])
    error = replace(samples.running(), blocks=(*samples.running().blocks, samples.BLOCKS["error"]))
    page, _ = follow([first, samples.running(), samples.running(), error, samples.finished()])
    assert page.announced == [
        "Codex asks: run OUTSIDE the sandbox",
        "error: No such model: gpt-9",
        "Finished: 38 s · 8.1k tokens · context 6 %",
    ]
    page, _ = follow([doc(answer("Hel")), doc(answer("Hello")), doc(answer("Hello you"))])
    assert page.announced == []


def test_a_late_command_changes_only_the_work() -> None:
    late = [
        replace(b, meta="after the turn") if b.key == "command" else b
        for b in samples.finished().blocks
    ]
    live, _ = renderer.advance(None, samples.finished())
    live, ops = renderer.advance(live, replace(samples.finished(), blocks=tuple(late)))
    assert [(op["op"], op["key"]) for op in ops] == [("replace", "work")]
    assert "after the turn" in ops[0]["html"]


def test_the_first_document_may_be_empty() -> None:
    page, _ = follow([Document(Header(), (), Footer())])
    assert page.state == {"running": True, "waiting": 0, "ended": False}
    assert "Codex" in page.header
    assert page.footer
