"""What the pages of one panel have: every transition of the feed, and each race in both orders."""

from __future__ import annotations

from typing import Any

import pytest

from codex_jupyter.notebook.panel.live_feed import (
    BATCH,
    BROADCAST,
    HANDOVER,
    LOST,
    LOST_HIDDEN,
    LiveFeed,
)
from codex_jupyter.notebook.panel.wire import Intent
from tests.unit.notebook.panel.scripted import Comm, Script


class Letters:
    """Content that only grows: each letter is an op."""

    def __init__(self) -> None:
        self.text = ""
        self.given = 0

    def advance(self) -> tuple[dict[str, Any], ...]:
        new, self.given = self.text[self.given :], len(self.text)
        return tuple({"op": "text", "text": letter} for letter in new)

    def snapshot(self) -> dict[str, Any]:
        return {"whole": self.text[: self.given]}


class Page:
    """What js/src/live_feed.js does with what it is sent."""

    def __init__(self) -> None:
        self.have, self.text = 0, ""

    def read(self, messages: list[dict[str, Any]]) -> bool:
        """Apply messages in order; false: there is a gap."""
        for message in messages:
            match message:
                case {"type": "batch", "seq": seq, "ops": ops} if seq == self.have + 1:
                    self.have, self.text = seq, self.text + "".join(op["text"] for op in ops)
                case {"type": "batch", "seq": seq} if seq > self.have:
                    return False
                case {"type": "snapshot", "seq": seq, "whole": whole} if seq >= self.have:
                    self.have, self.text = seq, whole
        return True


class Stage:
    def __init__(self) -> None:
        self.script, self.comm, self.letters = Script(), Comm(), Letters()
        self.acted: list[Intent] = []
        self.replies: list[tuple[str, dict[str, Any]]] = []
        self.met = self.wanted = 0
        self.feed = LiveFeed(
            self.comm.send, self.letters, self._act, self.script, self._page, self._want,
            lambda number, reply: self.replies.append((number, reply)),
        )  # fmt: skip

    def _act(self, intent: Intent) -> tuple[str, str]:
        self.acted.append(intent)
        return "accepted", ""

    def _page(self) -> None:
        self.met += 1

    def _want(self) -> None:
        self.wanted += 1

    def say(self, kind: str, view: str = "v", *, aside: bool = True, **fields: Any) -> None:
        fields.setdefault("key", view.ljust(32, "k"))
        self.feed.receive({"type": kind, "view": view, **fields}, aside)

    def write(self, text: str) -> None:
        self.letters.text += text
        self.feed.changed()


@pytest.fixture
def stage() -> Stage:
    return Stage()


# --- transitions ------------------------------------------------------------------------------------------------------


def test_before_any_hello_whoever_may_be_there_gets_a_snapshot_a_second(stage: Stage) -> None:
    assert stage.feed.state == "unheard"
    for _ in range(30):
        stage.write("x")
        stage.script.pass_by(0.1)
    snapshots = stage.comm.of("snapshot")
    assert len(snapshots) == 3
    page = Page()
    assert page.read(stage.comm.sent) and page.text == snapshots[-1]["whole"]


def test_a_page_that_has_the_module_is_known_before_it_has_a_view(stage: Stage) -> None:
    stage.say("ready", covers=True)
    assert (stage.feed.state, stage.feed.covers_copies, stage.met) == ("loaded", True, 1)
    assert not stage.feed.welcomed and not stage.comm.sent


def test_a_hello_is_welcomed_with_everything(stage: Stage) -> None:
    stage.write("abc")
    stage.say("hello")
    assert stage.feed.state == "shown"
    (welcome,) = stage.comm.of("welcome")
    assert welcome["view"] == "v"
    assert stage.comm.sent[-1] == {"type": "snapshot", "seq": 1, "whole": "abc"}


def test_batches_have_the_next_number_and_come_together(stage: Stage) -> None:
    stage.say("hello")
    for text in ("a", "b", "c"):
        stage.write(text)
    stage.script.pass_by(BATCH)
    stage.write("d")
    stage.script.pass_by(BATCH)
    assert [(m["seq"], len(m["ops"])) for m in stage.comm.of("batch")] == [(1, 3), (2, 1)]
    stage.feed.changed()
    stage.script.pass_by(1)
    assert len(stage.comm.of("batch")) == 2, "nothing new is not sent"


def test_a_view_that_goes_may_be_followed_by_another_before_the_page_is_gone(stage: Stage) -> None:
    stage.say("hello", "widget")
    stage.say("bye", "widget")
    assert stage.feed.state == "moving"
    stage.say("hello", "over the copy")
    assert stage.feed.state == "shown"
    stage.say("bye", "over the copy")
    stage.script.pass_by(HANDOVER + 0.1)
    assert stage.feed.state == "gone"
    stage.say("hello", "after a reload")
    assert stage.feed.state == "shown"


def test_a_view_whose_beats_stay_away_is_gone_and_back_with_the_next(stage: Stage) -> None:
    stage.say("hello")
    stage.script.pass_by(LOST - 1)
    stage.say("beat")
    stage.script.pass_by(LOST - 1)
    assert stage.feed.state == "shown"
    stage.script.pass_by(2)
    assert stage.feed.state == "gone"
    stage.say("beat")
    assert stage.feed.state == "shown"
    stage.say("beat", hidden=True)
    stage.script.pass_by(LOST_HIDDEN - 1)
    assert stage.feed.state == "shown"


def test_a_beat_is_answered_with_the_last_number(stage: Stage) -> None:
    """So that a view knows that it is heard, and whether the last batch was lost on the way."""
    stage.say("hello")
    stage.write("a")
    stage.script.pass_by(BATCH)
    stage.say("beat")
    assert stage.comm.sent[-1] == {"type": "heard", "view": "v", "seq": 1}


def test_time_asleep_is_no_time_without_a_beat(stage: Stage) -> None:
    stage.say("hello")
    for _ in range(3):
        stage.script.pass_by(LOST / 2)
        stage.script.now += 10_000
        assert stage.feed.state == "shown", "before the first timer after the sleep"
        stage.script.pass_by(0.5)
        assert stage.feed.state == "shown"
        stage.say("beat")
    stage.script.pass_by(LOST + 1)
    assert stage.feed.state == "gone"


def test_nothing_counts_time_for_pages_that_are_gone(stage: Stage) -> None:
    stage.say("hello")
    stage.say("bye")
    stage.script.pass_by(HANDOVER + 3)
    before = stage.script.timers
    stage.script.pass_by(100)
    assert stage.script.timers == before == 0


def test_a_page_hears_which_copy_was_published_last_and_may_ask_for_it(stage: Stage) -> None:
    stage.feed.copied(1)
    assert not stage.comm.of("copied"), "nobody is there to look"
    stage.say("hello")
    assert [m["number"] for m in stage.comm.of("copied")] == [1]
    stage.feed.copied(2)
    assert [m["number"] for m in stage.comm.of("copied")] == [1, 2]
    stage.say("want_copy")
    assert stage.wanted == 1
    stage.say("want_copy", key="f" * 32)
    assert stage.wanted == 1


def test_a_page_that_was_reloaded_without_a_word_is_no_second_tab(stage: Stage) -> None:
    stage.say("hello", "before")
    stage.script.pass_by(3)
    stage.say("hello", "after")
    assert stage.feed.is_first("after")
    stage.script.pass_by(1)
    stage.say("beat", "before")
    assert not stage.feed.is_first("after") and stage.feed.is_first("before")


def test_a_page_that_can_cover_copies_is_not_forgotten_for_a_view_elsewhere(stage: Stage) -> None:
    stage.say("hello", covers=True)
    stage.say("hello", "in another front end")
    assert stage.feed.covers_copies


def test_messages_on_another_thread_prove_that_clicks_arrive(stage: Stage) -> None:
    stage.say("hello", aside=False)
    assert not stage.feed.heard_aside
    stage.say("beat", aside=True)
    stage.say("beat", aside=False)
    assert stage.feed.heard_aside


def test_what_is_no_message_changes_nothing(stage: Stage) -> None:
    for content in (None, {}, {"type": "batch"}, "hello"):
        stage.feed.receive(content, True)
    assert (stage.feed.state, stage.comm.sent, stage.feed.heard_aside) == ("unheard", [], False)


# --- races ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("early", [True, False])
def test_a_hello_before_or_after_what_is_new_misses_nothing_and_gets_nothing_twice(
    stage: Stage, early: bool
) -> None:
    page = Page()
    if early:
        stage.say("hello")
        stage.write("abc")
    else:
        stage.write("abc")
        stage.say("hello")
    stage.script.pass_by(BATCH)
    assert page.read(stage.comm.sent) and page.text == "abc"


def test_a_hello_does_not_wait_for_the_broadcast_that_was_due(stage: Stage) -> None:
    stage.write("a")
    stage.script.pass_by(BATCH)
    stage.write("b")  # waits for the second to pass
    stage.say("hello")
    stage.write("c")
    stage.script.pass_by(BATCH)
    assert stage.comm.sent[-1]["type"] == "batch" and BATCH < BROADCAST


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_resync_in_the_middle_of_batches_closes_the_gap(stage: Stage, lost: int) -> None:
    stage.say("hello")
    for letter in "abc":
        stage.write(letter)
        stage.script.pass_by(BATCH)
    batches = [m for m in stage.comm.sent if m["type"] == "batch"]
    del batches[lost]
    page = Page()
    whole = page.read(batches)
    assert whole == (lost == 2)
    stage.write("d")  # under way while the resync arrives
    before = len(stage.comm.sent)
    stage.say("resync", have=page.have)
    stage.script.pass_by(BATCH)
    page.read([m for m in stage.comm.sent[before:] if m["type"] == "snapshot"])
    assert page.text == "abcd"


def test_a_view_that_has_everything_stays_in_step_while_another_gets_a_snapshot(
    stage: Stage,
) -> None:
    stage.say("hello", "first")
    first, second = Page(), Page()
    stage.write("ab")
    stage.script.pass_by(BATCH)
    stage.write("c")  # not sent yet when the second view comes
    stage.say("hello", "second")
    stage.write("d")
    stage.script.pass_by(BATCH)
    assert first.read([m for m in stage.comm.sent if m["type"] == "batch"])
    second.read(stage.comm.sent)
    assert first.text == second.text == "abcd" and first.have == second.have


def test_two_views_live_and_go_by_themselves(stage: Stage) -> None:
    stage.say("hello", "first")
    stage.say("hello", "second")
    assert stage.feed.is_first("first") and not stage.feed.is_first("second")
    stage.say("bye", "first")
    assert stage.feed.state == "shown" and stage.feed.is_first("second")
    stage.say("bye", "second")
    assert stage.feed.state == "moving"


@pytest.mark.parametrize("kind", ["beat", "hello"])
def test_after_a_bye_a_late_beat_is_nothing_and_a_hello_is_a_view(stage: Stage, kind: str) -> None:
    """A page that unloads is hidden last and says so after its bye; one that reloads says hello."""
    stage.say("hello")
    stage.say("bye")
    stage.say(kind, hidden=True)
    stage.script.pass_by(HANDOVER + 0.1)
    assert stage.feed.state == ("gone" if kind == "beat" else "shown")


def test_an_intent_is_carried_out_once_and_acknowledged_each_time(stage: Stage) -> None:
    stage.say("hello")
    for _ in range(3):
        stage.say("intent", id="i", intent={"kind": "stop"})
    assert [intent.kind for intent in stage.acted] == ["stop"]
    assert [ack["id"] for ack in stage.comm.of("ack")] == ["i"] * 3


FORGED = "f" * 32


@pytest.mark.parametrize(
    "forged",
    [
        {"view": "v", "key": FORGED},
        {"view": "v", "key": ""},
        {"view": "v", "key": None},
        {"view": "v", "key": "v" + "k" * 30},
        {"view": "v", "key": "v" + "k" * 32},
        {"view": "never said hello", "key": FORGED},
        {"view": "", "key": ""},
        {"view": "keyless", "key": ""},
    ],
    ids=str,
)
def test_an_intent_without_the_key_of_a_view_does_nothing(
    stage: Stage, forged: dict[str, Any]
) -> None:
    stage.say("hello")
    stage.say("hello", "keyless", key="")
    intent = {"kind": "answer", "request": "r", "choice": "once"}
    stage.say("intent", id="i", intent=intent, **forged)
    assert stage.acted == []
    assert [ack["outcome"] for ack in stage.comm.of("ack")] == ["refused"]
    stage.say("intent", id="i", intent=intent)  # the same id, from the view itself
    assert len(stage.acted) == 1


@pytest.mark.parametrize("kind", ["hello", "beat", "bye", "resync"])
def test_nobody_else_speaks_for_a_view(stage: Stage, kind: str) -> None:
    stage.say("hello")
    said = len(stage.comm.sent)
    until = stage.feed.views["v"]
    stage.script.pass_by(1.0)
    stage.say(kind, key=FORGED, have=0)
    assert stage.feed.state == "shown" and stage.feed.views["v"] == until
    assert len(stage.comm.sent) == said
    stage.say("intent", id="i", intent={"kind": "stop"})
    assert len(stage.acted) == 1, "the view keeps the key that it came with"


def test_no_key_is_ever_sent_or_shown(stage: Stage) -> None:
    stage.say("hello")
    stage.say("intent", id="i", intent={"kind": "stop"})
    stage.say("resync", have=0)
    key = "v".ljust(32, "k")
    assert key not in repr(stage.comm.sent) and key not in repr(stage.acted)


def test_the_first_living_view_that_reaches_its_notebook_acts(stage: Stage) -> None:
    assert stage.feed.reaching is None and not stage.feed.living
    stage.say("hello", "a", have=0)
    assert stage.feed.reaching is None and stage.feed.living
    for view in ("b", "c"):
        stage.say("hello", view, have=0, reaches=True)
    assert stage.feed.reaching == "b"
    stage.feed.ask("b", "d1", {"kind": "read"})
    assert stage.comm.of("ask") == [
        {"type": "ask", "view": "b", "id": "d1", "question": {"kind": "read"}}
    ]
    stage.say("hello", "b", have=0)  # its notebook was closed
    assert stage.feed.reaching == "c"
    stage.say("bye", "c")
    assert stage.feed.reaching is None and stage.feed.living
    stage.script.pass_by(LOST + 1)
    assert not stage.feed.living


def test_only_a_view_with_its_key_replies(stage: Stage) -> None:
    stage.say("replied", "v", id="d1", reply={})  # of nobody
    stage.say("hello", "v", have=0, reaches=True)
    stage.say("replied", "v", id="d1", reply={"n": 1}, key="f" * 32)
    stage.say("replied", "v", id="d2", reply={"n": 2})
    assert stage.replies == [("d2", {"n": 2})]
