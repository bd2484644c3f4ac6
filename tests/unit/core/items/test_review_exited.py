"""A review ended."""

from __future__ import annotations

from codex_jupyter.core.document import Findings, Prose
from codex_jupyter.core.items import ReviewExited
from codex_jupyter.core.text import Text
from tests.unit.core.captures import as_captured, completed, ended, message, only, shown, titles


def test_it_reads_as_captured() -> None:
    assert as_captured("exitedReviewMode") == ["review | Review finished"]


def test_findings_of_a_review_stand_for_the_message_that_repeats_them() -> None:
    text = (
        "Looks off.\n\nFull review comments:\n\n- [P1] Bug in loader — /home/ada/churn/b.py:1-2\n  It fails.\n  Twice.\n\n"
        "- [P2] Other — dash — /a/c d.py:7-7\n  Body two."
    )
    page = shown(completed(ReviewExited("v", review=text)), completed(message("m", text)), ended())
    (review,) = page.blocks
    assert review.title == "Review finished: 2 findings"
    said, findings = review.body
    assert (
        isinstance(said, Prose)
        and str(said.text) == "Looks off."
        and isinstance(findings, Findings)
    )
    first, second = findings.findings
    assert (first.title, first.file, first.first, first.last) == (
        "[P1] Bug in loader",
        "b.py",
        1,
        2,
    )
    assert first.body == "It fails.\nTwice." and (second.title, second.file) == (
        "[P2] Other — dash",
        "/a/c d.py",
    )


def test_a_review_without_findings_leaves_the_word_to_the_message() -> None:
    page = shown(completed(ReviewExited("v", review="Fine.")), completed(message("m", "Fine.")))
    assert titles(page) == ["review | Review finished", "answer"] and page.blocks[0].body == ()
    assert only(completed(ReviewExited("v", review="Fine."))).body == (Prose(Text.of("Fine.")),)
