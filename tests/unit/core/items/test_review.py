"""An automatic reviewer's verdict."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from codex_jupyter.core import events as ev
from codex_jupyter.core.document import Lines, Plain
from codex_jupyter.core.items import Review
from codex_jupyter.runtime.translate import translate
from tests.unit.core.captures import ended, load, notified, only, play


def test_a_denied_review_can_be_overruled_once() -> None:
    denied = Review(
        "v", "completed", verdict="denied", action="rm -r x", risk="high", rationale="No."
    )
    block = only(ev.ReviewReported("t", "u", review=denied))
    assert (block.title, block.fold, block.retry) == (
        "The automatic reviewer refused: rm -r x",
        "never",
        "v",
    )
    assert block.meta == "risk: high" and block.body == (Plain("No."),)
    again = only(ev.ReviewReported("t", "u", review=replace(denied, retried=True)))
    assert again.retry == "" and isinstance(again.body[-1], Lines)
    allowed = replace(denied, verdict="approved")
    assert only(ev.ReviewReported("t", "u", review=allowed)).retry == ""


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
    event = notified("item/autoApprovalReview/started", reviewId="r", action=action, review={})
    assert (event.review.action, event.review.verdict) == (line, "in_progress")


def test_a_verdict_is_read() -> None:
    found = load("notifications")["item/autoApprovalReview/completed"][0]
    event = translate("item/autoApprovalReview/completed", found)
    assert isinstance(event, ev.ReviewReported)
    review = event.review
    assert (review.verdict, review.risk, review.action, review.source) == (
        "approved",
        "low",
        "demo.danger",
        "agent",
    )
    assert json.loads(review.action_json)["toolName"] == "danger"


def test_a_verdict_that_is_not_known_is_none() -> None:
    event = notified("item/autoApprovalReview/completed", review={"status": "puzzled"})
    assert event.review.verdict == "aborted"


def test_a_review_starts_and_ends_in_one_entry() -> None:
    turn = play(
        ev.ReviewReported("t", "u", review=Review("v", action="ls")),
        ev.ReviewReported("t", "u", review=Review("v", "completed", verdict="denied", action="ls")),
        ev.ReviewReported("t", "u", review=Review("v", action="ls")),
    )
    (review,) = turn.entries
    assert isinstance(review, Review) and review.verdict == "denied"


def test_the_end_of_the_turn_is_the_end_of_the_review() -> None:
    turn = play(ev.ReviewReported("t", "u", review=Review("v", action="ls")), ended("interrupted"))
    (review,) = turn.entries
    assert isinstance(review, Review) and (review.status, review.verdict) == ("aborted", "aborted")


def test_that_it_was_overruled_outlives_a_repeated_verdict() -> None:
    denied = Review("v", "completed", verdict="denied", action="ls")
    turn = play(
        ev.ReviewReported("t", "u", review=replace(denied, retried=True)),
        ev.ReviewReported("t", "u", review=denied),
    )
    (review,) = turn.entries
    assert isinstance(review, Review) and review.retried
