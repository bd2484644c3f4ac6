"""The messages between kernel and page: what is read, what is left out, and that both halves name the same ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from codex_jupyter.notebook.panel import wire

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"type": "ready"}, wire.Ready()),
        ({"type": "ready", "covers": True}, wire.Ready(covers=True)),
        ({"type": "ready", "covers": "yes"}, wire.Ready()),
        ({"type": "hello", "view": "v", "have": 3}, wire.Hello("v", 3)),
        (
            {"type": "hello", "view": "v", "have": 3, "covers": True},
            wire.Hello("v", 3, covers=True),
        ),
        ({"type": "resync", "view": "v", "have": "3"}, wire.Resync("v", 0)),
        ({"type": "beat", "view": "v"}, wire.Beat("v")),
        ({"type": "beat", "view": "v", "hidden": True}, wire.Beat("v", hidden=True)),
        ({"type": "bye", "view": "v"}, wire.Bye("v")),
        ({"type": "want_copy", "view": "v"}, wire.WantCopy("v")),
        (
            {"type": "replied", "view": "v", "id": "d1", "reply": {"n": 1}},
            wire.Replied("d1", "v", {"n": 1}),
        ),
        ({"type": "replied", "view": "v", "id": "d1", "reply": 3}, None),
        ({"type": "replied", "view": "v", "id": 3, "reply": {}}, None),
        ({"type": "hello", "view": "v", "reaches": True}, wire.Hello("v", 0, reaches=True)),
        (
            {"type": "intent", "view": "v", "id": "i", "intent": {"kind": "stop"}},
            wire.Intent("i", "v", "stop", {"kind": "stop"}),
        ),
        ({"type": "intent", "view": "v", "intent": {"kind": "stop"}}, None),
        ({"type": "intent", "view": "v", "id": "i", "intent": "stop"}, None),
        ({"type": "batch", "seq": 1}, None),
        ({}, None),
        ("hello", None),
        (None, None),
    ],
)
def test_what_a_page_says_is_read_or_left_out(content: Any, message: object) -> None:
    assert wire.read(content) == message


def test_what_was_typed_stays_out_of_the_repr_of_an_intent() -> None:
    body = {"kind": "answer", "values": {"key": ["sk-secret"]}}
    intent = wire.read({"type": "intent", "id": "i", "view": "v", "intent": body})
    assert "sk-secret" not in repr(intent)


def test_the_page_names_the_messages_and_ops_that_the_protocol_names() -> None:
    page = (ROOT / "js" / "src" / "wire.js").read_text("utf-8")
    protocol = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    for field in ("type", "op"):
        in_page = set(re.findall(rf'\b{field}: "(\w+)"', page))
        in_protocol = set(re.findall(rf'[{{]{field}:"(\w+)"', protocol))
        assert in_page
        assert in_page == in_protocol
