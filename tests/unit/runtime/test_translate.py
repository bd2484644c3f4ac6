"""Notifications and items: what the captures mean, and that nothing at all makes it raise."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codex_jupyter.core import events as ev
from codex_jupyter.core import items as it
from codex_jupyter.core.kinds import read_item
from codex_jupyter.core.text import Text
from codex_jupyter.core.tool_calls import Content
from codex_jupyter.runtime import announcements
from codex_jupyter.runtime import translate as translation
from codex_jupyter.runtime.announcements import ANNOUNCEMENTS
from codex_jupyter.runtime.arrivals import AccountChanged, LoginCompleted, ThreadChanged
from codex_jupyter.runtime.translate import NOTIFICATIONS

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


def test_every_captured_item_keeps_what_it_says() -> None:
    kinds = set()
    for row in load("items"):
        wire = row["params"]["item"]
        made = item(wire, completed=row["event"] == "completed")
        kinds.add(type(made))
        assert not isinstance(made, it.UnknownItem), wire["type"]
        assert made.id == wire["id"]
        ended = {"completed": "completed", "failed": "failed", "declined": "declined"}
        assert made.status == ended.get(row["status"] or row["event"], "in_progress")
    assert kinds == {kind.item for kind in it.KINDS if kind.wire.type}


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


def test_deltas() -> None:
    assert one("item/agentMessage/delta", delta="a") == ev.MessageAppended("t", "u", "i", "a")
    assert one("item/plan/delta", delta="a") == ev.PlanAppended("t", "u", "i", "a")
    for kind in ("commandExecution", "fileChange"):
        assert one(f"item/{kind}/outputDelta", delta="a") == ev.OutputAppended("t", "u", "i", "a")
    summary = one("item/reasoning/summaryTextDelta", delta="a", summaryIndex=2)
    assert summary == ev.ReasoningAppended("t", "u", "i", 2, "a")
    opened = one("item/reasoning/summaryPartAdded", summaryIndex=3)
    assert opened == ev.ReasoningAppended("t", "u", "i", 3, "")
    raw = one("item/reasoning/textDelta", delta="a", contentIndex=1)
    assert raw == ev.ReasoningAppended("t", "u", "i", 1, "a", raw=True)
    typed = one("item/commandExecution/terminalInteraction", stdin="ab\n")
    assert typed == ev.InputTyped("t", "u", "i", "ab\n")
    assert one("item/mcpToolCall/progress", message="3/9") == ev.ToolProgressed(
        "t", "u", "i", "3/9"
    )


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


def test_hooks_reviews_and_notices() -> None:
    captured = load("notifications")
    before = translate("hook/started", captured["hook/started"][0]).run
    after = translate("hook/completed", captured["hook/completed"][0]).run
    assert before.id == after.id
    assert (before.status, after.status, after.entries) == (
        "in_progress",
        "completed",
        (("context", "ctx-from-hook"),),
    )
    review = translate(
        "item/autoApprovalReview/completed", captured["item/autoApprovalReview/completed"][0]
    ).review
    assert (review.verdict, review.risk, review.action, review.source) == (
        "approved",
        "low",
        "demo.danger",
        "agent",
    )
    assert json.loads(review.action_json)["toolName"] == "danger"
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


@pytest.mark.parametrize(
    ("action", "line"),
    [
        ({"type": "command", "command": "ls"}, "ls"),
        ({"type": "execve", "argv": ["ls", "-l"]}, "ls -l"),
        ({"type": "applyPatch", "files": ["a", "b"]}, "change a, b"),
        ({"type": "networkAccess", "target": "x.org:443"}, "connect to x.org:443"),
        ({"type": "writeStdin", "stdin": "y"}, "type into a running command: y"),
        ({"type": "requestPermissions", "reason": "why"}, "more rights: why"),
        ({"type": "telepathy"}, "telepathy"),
    ],
)
def test_what_was_judged_is_one_line(action: dict[str, Any], line: str) -> None:
    event = one("item/autoApprovalReview/started", reviewId="r", action=action, review={})
    assert (event.review.action, event.review.verdict) == (line, "in_progress")


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


def test_images_become_data_urls() -> None:
    wire = next(
        r["params"]["item"]
        for r in load("items")
        if r["variant"] == "image"
        or (r["params"]["item"].get("tool") == "image" and r["event"] == "completed")
    )
    picture, words = item(wire).result
    assert picture.kind == "image" and picture.value.startswith("data:image/png;base64,iVBOR")
    assert words == Content("text", "an image")
    drawn = item({"type": "imageGeneration", "id": "g", "status": "completed", "result": "/9j/abc"})
    assert drawn.data == "data:image/jpeg;base64,/9j/abc"


def test_what_is_not_known_stays_readable() -> None:
    new = {"type": "hologram", "id": "h", "depth": 3}
    made = item(new, completed=False)
    assert isinstance(made, it.UnknownItem)
    assert (made.type, made.id, made.status, json.loads(made.raw)) == (
        "hologram",
        "h",
        "in_progress",
        new,
    )
    odd = item(
        {
            "type": "mcpToolCall",
            "id": "m",
            "status": "confused",
            "result": {"content": [{"type": "smell", "v": 1}]},
        }
    )
    assert odd.status == "completed"
    assert odd.result == (Content("unknown", '{"type": "smell", "v": 1}'),)
    part = item({"type": "userMessage", "id": "u", "content": [{"type": "gesture"}]}).parts[0]
    assert (part.kind, json.loads(part.text)) == ("unknown", {"type": "gesture"})


def test_lone_surrogates_are_kept() -> None:
    assert one("item/agentMessage/delta", delta="\ud83d").text == "\ud83d"
    assert item({"type": "agentMessage", "id": "m", "text": "a\udc00"}).text == Text.of("a\udc00")


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

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.text(alphabet=st.characters(), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


def names_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | set().union(*map(names_in, value.values()))
    return set().union(*map(names_in, value)) if isinstance(value, list) else set()


NAMES = sorted(set().union(*(names_in(p) for _, p in notifications())))
TYPES = sorted({r["params"]["item"]["type"] for r in load("items")})
objects = st.dictionaries(
    st.sampled_from(NAMES),
    json_values
    | st.sampled_from(TYPES)
    | st.dictionaries(st.sampled_from(NAMES), json_values, max_size=5),
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(NOTIFICATIONS)), objects | json_values)
def test_no_notification_makes_it_raise(method: str, params: Any) -> None:
    event = translate(method, params)
    assert isinstance(event, get_args(ev.Event))
    announce(method, params)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(TYPES), objects)
def test_no_item_makes_it_raise(kind: str, fields: dict[str, Any]) -> None:
    made = item({**fields, "type": kind})
    assert isinstance(made, it.Item)
    hash(made)
    for field in dataclasses.fields(made):
        value = getattr(made, field.name)
        assert not isinstance(value, (dict, list)), field.name


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
