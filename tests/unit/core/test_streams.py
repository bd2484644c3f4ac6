"""Whole turns, recorded from runtime 0.163 with raw events on, and the document that each becomes.

Every request in them was declined; our own events (the answer, the stop) are put where the session would put them.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from codex_jupyter.core import events as ev
from codex_jupyter.core.answerers import policy
from codex_jupyter.core.blocks import DocumentBuilder, document
from codex_jupyter.core.cards import describe
from codex_jupyter.core.document import Document
from codex_jupyter.core.items import FileChange
from codex_jupyter.core.patch import diff
from codex_jupyter.core.reduce import coalesce, reduce
from codex_jupyter.core.requests import Decision, FileChangeRequest
from codex_jupyter.core.rights import Rights
from codex_jupyter.core.turn import Turn, TurnSettings
from codex_jupyter.runtime.translate import translate, translate_request
from tests.unit.core.captures import load, titles
from tests.unit.core.patching import apply

BY = policy("nobody is here to approve it")

GOLDEN = {
    "work": [
        "thought | Thought: How dates are parsed",
        "commentary",
        "command | cat load.py | exit 1",
        "explored | Explored ./",
        "command | exit 3 | exit 3",
        "edit | a.txt | +2 · new",
        "answer",
    ],
    "stopped_by_the_sandbox": [
        "command | echo x > f.txt | exit 1 · stopped by the sandbox",
        "answer",
    ],
    "script_stopped_by_the_sandbox": [
        "command | echo x > f.txt | exit 1 · stopped by the sandbox",
        "explored | Explored ./",
        "answer",
    ],
    "script_refused_by_the_policy": ["refused | touch x | refused by the policy", "answer"],
    "declined": [
        "command | touch x | declined",
        "decision | Declined by policy (nobody is here to approve it), 14:02: touch x",
        "edit | a.txt | +2 · new · not written",
        "decision | Declined by policy (nobody is here to approve it), 14:02: edit a.txt",
        "answer",
    ],
    "script_declined": [
        "command | touch x | declined",
        "decision | Declined by policy (nobody is here to approve it), 14:02: touch x",
        "answer",
    ],
    "left_running": ["command | echo a; sleep 1; echo b | 1.4 s · after the turn", "answer"],
    "interrupted_command": ["commentary", "command | echo a; sleep 30 | stopped"],
    "interrupted_answer": ["answer | unfinished"],
    "steered": ["command | echo a; sleep 1; echo b | 1.5 s", "prompt | You added", "answer"],
    "retry_gives_up": [
        "notice | Reconnecting... 2/2",
        "error | The answer broke off before its end: stream closed before response.completed.",
    ],
    "review": [
        "review | Review: current changes",
        "explored | Explored ./",
        "review | Review finished: 2 findings",
    ],
    "provider_error": ["error | The provider did not accept the request: no such model."],
}

FOOTERS = {
    "work": "4.9 s · 41.1k tokens · context 3 %",
    "left_running": "1.1 s · 16k tokens · context 3 %",
    "interrupted_answer": "Interrupted · nothing left running",
    "interrupted_command": "Interrupted",
    "retry_gives_up": "failed · 1.6 s",
}


def recorded(name: str) -> list[ev.Event]:
    events: list[ev.Event] = []
    turn = Turn(settings=TurnSettings(rights=Rights(folder="/workspace")))
    for message in load("streams")[name]:
        method, params = message["method"], message["params"]
        if "id" in message:
            request = translate_request(message["id"], method, params)
            item = turn.find(request.item_id)
            if isinstance(request, FileChangeRequest) and isinstance(item, FileChange):
                request = replace(request, paths=tuple(c.path for c in item.changes))
            asked = describe(request, turn)
            decision = Decision(request.id, "decline", asked, BY, "14:02", request.item_id)
            mine = [
                ev.RequestOpened(request.thread_id, request.turn_id, request=request),
                ev.RequestAnswered(request.thread_id, request.turn_id, decision=decision),
            ]
        else:
            mine = [translate(method, params)]
        for event in mine:
            turn = reduce(turn, event)
        events += mine
    return events


def test_every_recording_is_read() -> None:
    assert set(load("streams")) == set(GOLDEN)


@pytest.mark.parametrize("name", GOLDEN)
def test_a_recorded_turn_reads_as_it_should(name: str) -> None:
    turn = Turn(settings=TurnSettings(rights=Rights(folder="/workspace")))
    builder = DocumentBuilder()
    page, shown = builder.build(turn), ()
    for event in recorded(name):
        turn = reduce(turn, event)
        page = builder.build(turn)
        shown = apply(shown, diff(shown, page.blocks))
    assert turn.ended and titles(page) == GOLDEN[name]
    assert page == document(turn) and shown == page.blocks
    if name in FOOTERS:
        assert page.footer.text == FOOTERS[name]


@pytest.mark.parametrize("name", GOLDEN)
def test_a_recorded_turn_in_one_burst_is_the_same(name: str) -> None:
    def page(events: list[ev.Event]) -> Document:
        turn = Turn(settings=TurnSettings(rights=Rights(folder="/workspace")))
        for event in events:
            turn = reduce(turn, event)
        return document(turn)

    events = recorded(name)
    assert page(coalesce(events)) == page(events)
