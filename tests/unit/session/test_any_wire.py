"""Recorded turns, bent in any way, from the wire to every format: nothing raises, the turn ends, secrets stay hidden, and
what is drawn is inert."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_jupyter.core import events as ev
from codex_jupyter.core.blocks import DocumentBuilder
from codex_jupyter.core.events import Event
from codex_jupyter.core.items import Notice
from codex_jupyter.core.raw import Raw
from codex_jupyter.core.reduce import reduce
from codex_jupyter.core.turn import Turn
from codex_jupyter.render import html, live, markdown, terminal, text
from codex_jupyter.runtime.announcements import ANNOUNCEMENTS, announce
from codex_jupyter.runtime.translate import translate, translate_request
from codex_jupyter.session.gate import Gate
from tests.fuzz import examples
from tests.unit.core.captures import SETTINGS, load, messages
from tests.unit.render.parsed import read, without_sheet

SECRET = "correct-horse-battery-9"
STREAMS = tuple(load("streams").values())
#: What is put in the place of a text.
TEXTS = st.sampled_from(
    [
        f"the key is {SECRET}.", SECRET, f'{{"token": "{SECRET}"}}', f"a\x1b[31m{SECRET[:9]}\x1b[0m{SECRET[9:]}",
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "</div></details>",
        "$$\\href{javascript:alert(1)}{x}$$", "\ud800", "\0\x9b31m\x90", "\u202e", "x" * 3_000, "```\n", "| a |\n|---|\n", "",
        "-----BEGIN PRIVATE KEY-----\n", "data:image/png;base64,AAAA", "data:image/svg+xml,<svg onload=alert(1)>",
        "turn/completed", "commandExecution", "agentMessage", "inProgress", "failed", "../../etc/passwd",
    ]
) | st.text(max_size=8)  # fmt: skip
SCALARS = st.sampled_from(
    [None, True, -1, 0, 1.5, float("nan"), float("inf"), 10**400, 2**63, [], {}, [[]], [None]]
)
VALUES = (
    TEXTS
    | SCALARS
    | st.lists(TEXTS | SCALARS, max_size=2)
    | st.dictionaries(TEXTS, TEXTS | SCALARS, max_size=2)
)


def places(value: Any, found: list[tuple[Any, Any]] | None = None) -> list[tuple[Any, Any]]:
    """Every (container, key) of a decoded message, at any depth."""
    found = [] if found is None else found
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, held in entries:
        found.append((value, key))
        if isinstance(held, (dict, list)):
            places(held, found)
    return found


@st.composite
def bent(draw: st.DrawFn) -> list[Any]:
    """A recorded stream of which some messages are missing, come twice, late or from elsewhere, and some fields are
    anything."""
    stream = json.loads(json.dumps(draw(st.sampled_from(STREAMS))))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(stream) - 1))
        match draw(st.integers(0, 3)):
            case 0 if len(stream) > 1:
                del stream[at]
            case 1:
                stream.insert(draw(st.integers(0, len(stream))), json.loads(json.dumps(stream[at])))
            case 2:
                stream.insert(draw(st.integers(0, len(stream))), stream.pop(at))
            case _:
                method, params = draw(st.sampled_from(messages()))
                place = {key: stream[at]["params"].get(key) for key in ("threadId", "turnId")}
                stream.insert(
                    at, {"method": method, "params": {**json.loads(json.dumps(params)), **place}}
                )
    spots = [spot for message in stream for spot in places(message)]
    for _ in range(draw(st.integers(1, 8))):
        container, key = spots[draw(st.integers(0, len(spots) - 1))]
        try:
            if draw(st.integers(0, 5)):
                value = draw(VALUES)
                names = isinstance(key, str) and key.lower().endswith("id")
                container[key] = "an id" if names and SECRET in json.dumps(value) else value
            else:
                del container[key]
        except (KeyError, IndexError):  # another change took it away
            continue
    return stream


def arrivals(stream: list[Any]) -> list[Event]:
    """What of it becomes an event, as ``Runtime`` does it."""
    events: list[Event] = []
    for n, message in enumerate(stream):
        if not isinstance(message, dict) or "method" not in message:
            continue
        method, params = message["method"], message.get("params")
        if "id" in message:
            request = translate_request(n, method, params)
            events.append(ev.RequestOpened(request.thread_id, request.turn_id, request=request))
        elif isinstance(method, str):
            if method in ANNOUNCEMENTS:
                announce(method, params)
            events.append(translate(method, params))
    return events


@pytest.mark.fuzz
@examples(20)
@given(bent(), st.booleans())
def test_any_turn_ends_and_says_no_secret_and_nothing_live(stream: list[Any], burst: bool) -> None:
    gate, turn, builder = Gate(), Turn(settings=SETTINGS), DocumentBuilder()
    gate.know({"A_TOKEN": SECRET})
    shown, printed, said = None, terminal.start(), []

    def look() -> None:
        nonlocal shown, printed
        page = builder.build(turn)
        shown, ops = live.advance(shown, page)
        printed, more = terminal.advance(printed, page)
        said.extend((json.dumps(ops, ensure_ascii=False), more))
        for op in ops:
            for part in ("html", "tail"):
                assert read(op.get(part, ""), live=True).complaints == []

    events = [Raw(event) for event in arrivals(stream)]
    for batch in [events] if burst else [[event] for event in events]:
        for event in gate.arrived(batch):
            turn = reduce(turn, event)
        look()
    for event in gate.events([ev.RuntimeLost(turn.thread_id, turn.turn_id)]):
        turn = reduce(turn, event)
    look()
    assert turn.ended
    page = builder.build(turn)
    saved = html.document(page)
    assert read(without_sheet(saved)).complaints == []
    said += [saved, markdown.document(page), text.document(page), json.dumps(live.snapshot(page))]
    for each in said:
        assert SECRET not in each
        each.encode("utf-8", "surrogatepass")
    notices = [(n.level, n.code, n.message) for n in turn.entries if isinstance(n, Notice)]
    assert len(notices) == len(set(notices)), "what cannot be read is said once"
