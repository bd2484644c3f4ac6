"""What stands where no page speaks: every transition, and a page that comes late at every moment."""

from __future__ import annotations

import pytest

from codex_jupyter.core.document import Document, Footer, Header
from codex_jupyter.notebook.panel.static_fallback import (
    ANSWER_BELOW,
    KERNEL_BUSY,
    NO_PANEL,
    NOT_YET,
    PATIENCE,
    TELL,
    KnownPages,
    StaticFallback,
)
from tests.unit.notebook.panel.scripted import Script


class Stage:
    def __init__(self, *, hears: bool = True, known: bool = False, waits: bool = True) -> None:
        self.script, self.pages = Script(), KnownPages(show_panels=known)
        self.changes: list[str] = []
        self.waits = waits
        self.fallback = StaticFallback(
            self.script,
            pages=self.pages,
            hears=hears,
            cell_waits=lambda: self.waits,
            on_change=lambda: self.changes.append(self.fallback.state),
        )
        self.fallback.begin()

    def lines(self, *, asked_below: bool = False) -> tuple[str, ...]:
        document = Document(Header(), (), Footer(lines=("before",)))
        first, *more = self.fallback.drawn(document, asked_below=asked_below).footer.lines
        assert first == "before"
        return tuple(more)


def test_static_output_comes_soon_and_its_reason_only_when_it_is_likely() -> None:
    stage = Stage()
    stage.script.pass_by(PATIENCE - 0.1)
    assert stage.fallback.state == "patient" and not stage.fallback.stands_in
    stage.script.pass_by(0.2)
    assert stage.fallback.state == "static" and stage.fallback.stands_in and not stage.lines()
    stage.script.pass_by(TELL)
    assert stage.fallback.state == "telling" and stage.fallback.stands_in
    assert stage.lines() == (NO_PANEL,)
    assert stage.changes == ["static", "telling"]


@pytest.mark.parametrize("late", [0.0, 1.9, 2.1, 3.0, 9.9, 10.1, 600.0])
def test_a_page_that_speaks_late_takes_over_at_any_time_and_for_good(late: float) -> None:
    stage = Stage()
    stage.script.pass_by(late)
    stage.fallback.spoke()
    assert stage.fallback.state == "over" and not stage.fallback.stands_in
    seen = list(stage.changes)
    stage.script.pass_by(600)
    assert stage.fallback.state == "over" and stage.changes == seen


def test_anywidget_is_not_blamed_where_pages_have_shown_panels() -> None:
    stage = Stage(known=True)
    stage.script.pass_by(TELL + 1)
    assert stage.lines() == (NOT_YET,)
    assert "anywidget" not in NOT_YET


def test_a_page_that_shows_another_panel_meanwhile_changes_the_reason() -> None:
    stage = Stage()
    stage.script.pass_by(TELL + 1)
    stage.pages.show_panels = True
    assert stage.lines() == (NOT_YET,)


def test_a_kernel_that_hears_nothing_says_so_at_once_and_as_long_as_its_cell_waits() -> None:
    stage = Stage(hears=False)
    stage.script.pass_by(PATIENCE + 0.1)
    assert stage.fallback.stands_in and stage.lines() == (KERNEL_BUSY,)
    stage.waits = False
    assert stage.lines() == ()


def test_a_kernel_that_hears_nothing_feeds_the_pages_that_it_knows() -> None:
    stage = Stage(hears=False, known=True)
    stage.script.pass_by(TELL + 1)
    assert stage.fallback.state == "unheard" and not stage.fallback.stands_in
    assert not stage.changes
    stage.fallback.spoke()
    assert stage.fallback.state == "over"


def test_where_it_is_asked_is_said_first() -> None:
    stage = Stage()
    stage.script.pass_by(TELL + 1)
    assert stage.lines(asked_below=True) == (ANSWER_BELOW, NO_PANEL)


@pytest.mark.parametrize(
    ("stage", "spoke", "seconds"),
    [
        (Stage(), False, PATIENCE),
        (Stage(), True, TELL),
        (Stage(known=True), False, TELL),
        (Stage(hears=False, known=True), False, PATIENCE),
        (Stage(hears=False), True, PATIENCE),
    ],
)
def test_nobody_is_asked_at_a_prompt_while_a_page_may_still_come(
    stage: Stage, spoke: bool, seconds: float
) -> None:
    if spoke:
        stage.fallback.spoke()
    stage.script.pass_by(seconds - 0.1)
    assert stage.fallback.patience_left > 0
    stage.script.pass_by(0.2)
    assert stage.fallback.patience_left == 0
