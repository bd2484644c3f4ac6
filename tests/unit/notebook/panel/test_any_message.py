"""Whatever a page sends: nothing raises out of the handler, and each intent is acknowledged once, as accepted or not."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_jupyter.core.requests import Answer, FormRequest, QuestionsRequest, Request
from codex_jupyter.notebook.login_panel import LoginPanel
from codex_jupyter.notebook.panel import wire
from codex_jupyter.notebook.panel.live_feed import NOT_CARRIED_OUT, LiveFeed
from codex_jupyter.notebook.panel.turn_intents import TurnIntents
from codex_jupyter.runtime.outgoing import encode
from codex_jupyter.runtime.replies import reply_to
from tests.fuzz import examples
from tests.unit.core.captures import requests
from tests.unit.notebook.panel.scripted import Comm, Script
from tests.unit.notebook.panel.test_live_feed import Letters
from tests.unit.session.test_broker import asking, broker

KEY = "k" * 32
SCHEMA = json.dumps(
    {
        "properties": {
            "n": {"type": "integer"},
            "x": {"type": "number", "minimum": 0},
            "s": {"type": "string", "maxLength": 3},
            "b": {"type": "boolean"},
            "c": {"enum": ["a", 1]},
            "many": {"type": "array", "items": {"enum": ["a", "b"]}},
        },
        "required": ["n"],
    }
)
FORM = FormRequest("form", "t", "u", schema=SCHEMA)
ASKED: tuple[Request, ...] = (FORM, *requests())


def deep(levels: int) -> Any:
    value: Any = 1
    for level in range(levels):
        value = [value] if level % 2 else {"n": value}
    return value


#: By name: some of them have no repr.
STRANGERS: dict[str, Any] = {
    **{f"number {n}": n for n in (2**63, 1e308, float("nan"), float("inf"), -0.0, True, None)},
    "a number of 400 digits": 10**400,
    "a number below all": -(10**400),
    "a number of 5,000 digits": 10**5_000,
    **{f"text {text}": text for text in ("NaN", "Infinity", "-1e999", "٣", "\0", "")},
    "text of 400 digits": "1" + "0" * 400,
    "text of 5,000 digits": "1" * 5_000,
    "half a character": "\ud800",
    "a long text": "x" * 100_000,
    "nested": deep(50),
    "nested deep": deep(10_000),
    **{
        type(each).__name__: each
        for each in (b"x", bytearray(b"x"), memoryview(b"x"), {1: 2}, {"a"})
    },
    "an object": object(),
}
STRANGE = st.sampled_from(sorted(STRANGERS)).map(lambda name: STRANGERS[name])
VALUES = st.recursive(
    STRANGE | st.text(max_size=4) | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip
NAMES = st.sampled_from([*(r.id for r in ASKED), "nobody's", "n", "x", "s", "b", "c", "many"])
CHOICES = st.sampled_from(
    ["submit", "once", "session", "always", "decline", "stop", "skip", "more"]
)
FILLED = st.dictionaries(NAMES, VALUES, max_size=4)
INTENTS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["answer", "answer", "answer", "stop", "retry_review", "login"]) | VALUES,
        "request": NAMES | VALUES,
        "choice": CHOICES | VALUES,
        "values": FILLED | VALUES,
        "content": FILLED | VALUES,
        "item": VALUES,
    },
)  # fmt: skip
MESSAGES = st.fixed_dictionaries(
    {"type": st.sampled_from(["intent", "intent", "intent", "hello", "beat", "bye", "resync", "ready"]) | VALUES},
    optional={
        "view": st.just("v") | VALUES,
        "key": st.just(KEY) | VALUES,
        "id": st.sampled_from(["1", "2", "3"]) | VALUES,
        "intent": INTENTS | VALUES,
        "have": VALUES,
        "covers": VALUES,
        "hidden": VALUES,
    },
)  # fmt: skip


class Desk:
    """A panel whose turn asks for everything that was ever captured."""

    def __init__(self) -> None:
        self.asker, self.desk, self.comm = asking(), broker(), Comm()
        self.told: list[tuple[str, Answer | None]] = []
        for request in ASKED:
            self.desk.open(self.asker, request, self._deliver(request))
        control = SimpleNamespace(answer=self.desk.answer, stop=lambda by: None, spawn=_spawned)
        live = cast("Any", SimpleNamespace(control=control))
        intents = TurnIntents(cast("Any", None), live)
        by = cast("Any", "you")
        self.feed = LiveFeed(self.comm.send, Letters(), lambda i: intents.act(i, by), Script())
        self.feed.receive({"type": "hello", "view": "v", "key": KEY}, True)

    def _deliver(self, request: Request) -> Any:
        def deliver(answer: Answer | None) -> None:
            self.told.append((request.id, answer))
            if answer is not None:  # what the runtime is told is a line that it can read
                line = encode({"id": 1, "result": reply_to(request, answer).result})
                json.loads(line, parse_constant=pytest.fail, parse_float=_finite, parse_int=_finite)

        return deliver


def _finite(digits: str) -> float:
    number = float(digits)
    assert number - number == 0
    return number


def _spawned(coroutine: Any) -> None:
    coroutine.close()


def sendable(message: Any) -> None:
    json.dumps(message, ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.fuzz
@examples(120)
@given(st.lists(st.tuples(MESSAGES | VALUES, st.booleans()), min_size=1, max_size=6))
def test_nothing_raises_and_each_intent_is_acknowledged_once(sent: list[tuple[Any, bool]]) -> None:
    desk = Desk()
    for message, aside in sent:
        desk.comm.sent.clear()
        desk.feed.receive(message, aside)
        intent = wire.read(message)
        acks = desk.comm.of("ack")
        if not isinstance(intent, wire.Intent):
            assert acks == []
            continue
        (ack,) = acks
        assert ack["id"] == intent.id and ack["outcome"] in ("accepted", "late", "refused")
        assert ack["message"] != NOT_CARRIED_OUT
        assert ack["outcome"] == "accepted" or ack["message"]
        sendable(ack)
    names = [name for name, _ in desk.told]
    assert len(names) == len(set(names)), "answered twice"


@pytest.mark.fuzz
@examples(60)
@given(INTENTS)
def test_a_sign_in_takes_anything_too(body: dict[str, Any]) -> None:
    panel = object.__new__(LoginPanel)
    panel._view = cast("Any", SimpleNamespace(state="choose", env_key=""))
    panel._spawn = _spawned  # type: ignore[method-assign]
    panel._change = lambda **changes: None  # type: ignore[method-assign]
    panel._abandon = lambda: None  # type: ignore[method-assign]
    kind = body.get("kind")
    intent = wire.Intent("1", "v", kind if isinstance(kind, str) else "", body)
    outcome, message = LoginPanel._act(panel, intent)
    assert outcome == "accepted" or (outcome == "refused" and message)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1" + "0" * 400, "A number in this is too large."),
        ("1" * 5_000, "n is a whole number."),
        ("NaN", "n is a whole number."),
        ("", "n is needed."),
    ],
)
def test_a_number_that_nobody_takes_is_refused_in_words(typed: str, said: str) -> None:
    desk = Desk()
    body = {"kind": "answer", "request": "form", "choice": "submit", "values": {"n": [typed]}}
    for _ in range(2):  # as the page does until it hears of it
        message = {"type": "intent", "view": "v", "key": KEY, "id": "i", "intent": body}
        desk.feed.receive(message, True)
    first, again = desk.comm.of("ack")
    assert first == again == {"type": "ack", "id": "i", "outcome": "refused", "message": said}
    assert ("form", None) not in desk.told and not any(name == "form" for name, _ in desk.told)


def test_what_cannot_be_carried_out_is_refused_and_not_asked_for_again() -> None:
    comm = Comm()

    def broken(_intent: wire.Intent) -> tuple[str, str]:
        raise RuntimeError("broken")

    feed = LiveFeed(comm.send, Letters(), broken, Script())
    feed.receive({"type": "hello", "view": "v", "key": KEY}, True)
    for _ in range(2):
        intent = {"type": "intent", "view": "v", "key": KEY, "id": "i", "intent": {"kind": "stop"}}
        feed.receive(intent, True)
    assert [(ack["outcome"], ack["message"]) for ack in comm.of("ack")] == [
        ("refused", NOT_CARRIED_OUT)
    ] * 2


def test_a_question_is_answered_with_what_a_form_can_hold() -> None:
    assert any(isinstance(request, QuestionsRequest) for request in ASKED)
