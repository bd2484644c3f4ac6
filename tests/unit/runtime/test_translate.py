"""Notifications and items: what the captures mean, and that nothing at all makes it raise."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codex_jupyter.core import events as ev
from codex_jupyter.core.kinds import read_item
from codex_jupyter.runtime import announcements
from codex_jupyter.runtime import translate as translation
from codex_jupyter.runtime.announcements import ANNOUNCEMENTS
from codex_jupyter.runtime.arrivals import AccountChanged, LoginCompleted, ThreadChanged
from codex_jupyter.runtime.translate import NOTIFICATIONS
from tests.unit.core.wire_values import json_values, wire_objects

from .captures import load, notifications

# Untyped here: each test knows which class it expects.
translate: Any = translation.translate
item: Any = read_item
announce: Any = announcements.announce

IDS = {"threadId": "t", "turnId": "u", "itemId": "i"}


def one(method: str, **params: Any) -> Any:
    return translate(method, {**IDS, **params})


# --- the captures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "params"), notifications())
def test_a_captured_notification_is_known(method: str, params: dict[str, Any]) -> None:
    event = translate(method, params)
    assert isinstance(event, get_args(ev.Event))
    assert method in NOTIFICATIONS
    if "threadId" in params:
        assert event.thread_id == params["threadId"]


def test_the_times_of_an_item_are_those_of_its_notification() -> None:
    started = one("item/started", item={"type": "sleep", "id": "s"}, startedAtMs=5)
    assert (started.item.started_ms, started.item.ended_ms) == (5, None)
    ended = one("item/completed", item={"type": "sleep", "id": "s"}, completedAtMs=9)
    assert (ended.item.started_ms, ended.item.ended_ms) == (None, 9)


def test_a_completed_turn_brings_its_end_and_its_error() -> None:
    done, interrupted, failed = (
        translate("turn/completed", p) for p in load("notifications")["turn/completed"]
    )
    assert (done.status, done.duration_ms, done.at_ms) == ("completed", 307, 1795246956000)
    assert (interrupted.status, interrupted.message) == ("interrupted", "")
    assert (failed.status, failed.message, failed.code) == (
        "failed",
        "mock failed: invalid_prompt",
        "other",
    )
    assert one("turn/completed", turn={"id": "u", "status": "vanished"}).status == "failed"


def test_errors_name_their_cause_however_it_is_spelled() -> None:
    codes = {translate("error", p).code for p in load("notifications")["error"]}
    assert codes == {"responseStreamDisconnected", "other"}
    retry = translate("error", load("notifications")["error"][0])
    assert retry.will_retry and retry.detail.startswith("Connection failed")


def test_plans_usage_and_limits() -> None:
    plan = translate("turn/plan/updated", load("notifications")["turn/plan/updated"][0])
    assert plan.explanation == "why"
    assert [(s.text, s.status) for s in plan.steps] == [
        ("Look", "completed"),
        ("Fix", "in_progress"),
        ("Test", "pending"),
    ]
    usage = translate(
        "thread/tokenUsage/updated", load("notifications")["thread/tokenUsage/updated"][0]
    ).usage
    assert (usage.input, usage.cached, usage.output, usage.reasoning, usage.total) == (
        1234,
        1000,
        56,
        20,
        1290,
    )
    assert (usage.thread_total, usage.thread_input, usage.window) == (1290, 1234, 258400)
    told = one(
        "account/rateLimits/updated",
        rateLimits={
            "primary": {"usedPercent": 42.5, "windowDurationMins": 300, "resetsAt": 7},
            "credits": {"hasCredits": True, "unlimited": False, "balance": "12"},
            "planType": "plus",
            "rateLimitReachedType": "primary",
        },
    ).limits
    assert told == ev.Limits(ev.Window(42.5, 300, 7), None, "plus", "12", "primary")
    assert (
        translate("account/rateLimits/updated", {"rateLimits": {"primary": None}}).limits
        == ev.Limits()
    )


def test_notices() -> None:
    captured = load("notifications")
    said = [translate("guardianWarning", p) for p in captured["guardianWarning"]]
    assert all(isinstance(e, ev.Ignored) for e in said)  # the review says it
    assert one("guardianWarning", message="The reviewer is away.").notice.level == "warning"
    routed = translate("model/rerouted", captured["model/rerouted"][0]).notice
    assert routed.message == "Answered by gpt-other instead of gpt-5.5."
    failed = [
        translate("mcpServer/startupStatus/updated", p)
        for p in captured["mcpServer/startupStatus/updated"]
    ]
    assert [isinstance(e, ev.NoticeRaised) for e in failed] == [False, True, True]


def test_raw_events_tell_of_calls_without_items() -> None:
    called = one(
        "rawResponseItem/completed",
        item={
            "type": "function_call",
            "call_id": "c",
            "name": "run",
            "namespace": "ns",
            "arguments": "{}",
        },
    )
    assert called == ev.RawCallSeen("t", "u", "c", "ns.run", "{}")
    script = one(
        "rawResponseItem/completed",
        item={"type": "custom_tool_call", "call_id": "c", "name": "exec", "input": "text(1)"},
    )
    assert script == ev.RawCallSeen("t", "u", "c", "exec", "text(1)")
    for output, shown in (
        ("out", "out"),
        ([{"type": "input_text", "text": "out"}], "out"),
        ({"a": 1}, '{"a": 1}'),
    ):
        seen = one(
            "rawResponseItem/completed",
            item={"type": "function_call_output", "call_id": "c", "output": output},
        )
        assert seen == ev.RawOutputSeen("t", "u", "c", shown)
    assert isinstance(one("rawResponseItem/completed", item={"type": "reasoning"}), ev.Ignored)


# --- items ------------------------------------------------------------------------------------------------------------


def test_an_unknown_notification_of_a_turn_is_shown_and_others_are_not() -> None:
    notice = one("turn/mood/changed", mood="blue").notice
    assert "turn/mood/changed" in notice.message and "blue" in notice.detail
    nested = translate("turn/mood/changed", {"turn": {"id": "u9"}})
    assert (type(nested), nested.turn_id) == (ev.NoticeRaised, "u9")
    assert translate("weather/changed", {}) == ev.Ignored("", "", "weather/changed")


# --- threads, account, servers ----------------------------------------------------------------------------------------


def test_news_of_threads_and_accounts() -> None:
    captured = load("notifications")
    started = announce("thread/started", captured["thread/started"][0])
    assert isinstance(started, ThreadChanged) and started.what == "started"
    status = {"threadId": "t", "status": {"type": "active", "activeFlags": ["waitingOnApproval"]}}
    assert announce("thread/status/changed", status).what == "waiting_on_approval"
    named = announce("thread/name/updated", captured["thread/name/updated"][0])
    assert (named.what, named.value) == ("name", "My notebook chat")
    signed = announce("account/updated", captured["account/updated"][0])
    assert signed == AccountChanged("chatgptAuthTokens", "pro")
    ended = [announce("account/login/completed", p) for p in captured["account/login/completed"]]
    assert [(e.login_id != "", e.success) for e in ended] == [
        (False, True),
        (True, False),
        (True, False),
    ]
    assert "no" in ended[1].error and ended[1].error not in repr(ended[1])
    assert announce("turn/started", {}) is None
    assert LoginCompleted("", True) == ended[0]


# --- totality ---------------------------------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(NOTIFICATIONS)), wire_objects | json_values)
def test_no_notification_makes_it_raise(method: str, params: Any) -> None:
    event = translate(method, params)
    assert isinstance(event, get_args(ev.Event))
    announce(method, params)


def test_a_mutilated_capture_makes_nothing_raise() -> None:
    """Each captured notification again, with each value in it replaced by something of another type."""
    for method, params in notifications():
        for broken in _broken(params):
            assert isinstance(translate(method, broken), get_args(ev.Event))
            announce(method, broken)


def _broken(value: Any) -> list[Any]:
    found: list[Any] = []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += [{**value, key: other} for other in (None, 7, "x", [], {}, [None], True)]
            found += [{**value, key: other} for other in _broken(inner)]
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            found += [
                [*value[:place], other, *value[place + 1 :]]
                for other in (None, 7, "x", {}, *_broken(inner))
            ]
    return found


def test_every_announcement_is_considered_in_the_table() -> None:
    assert set(ANNOUNCEMENTS) <= set(NOTIFICATIONS)
