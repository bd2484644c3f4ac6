"""What the file has of a turn: every transition of the saved copy, and the end exactly once, whoever comes when."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from codex_jupyter.core.document import Block, Document, Footer, Header, Plain
from codex_jupyter.notebook.panel.saved_copy import SavedCopy
from tests.unit.notebook.panel.scripted import Output, Script

VIEW = {"view": "widget"}


class Stage:
    def __init__(self) -> None:
        self.script, self.output = Script(), Output()
        self.document = Document(Header(), (), Footer())
        self.asked: frozenset[str] = frozenset()
        self.drawn: list[str] = []
        self.broken = False
        self.finals = 0
        self.published: list[int] = []
        self.copy = SavedCopy(
            self.output,
            view=VIEW,
            document=lambda: self.document,
            bundle=self._bundle,
            final=self._final,
            asked=lambda: self.asked,
            schedule=self.script,
            on_published=self.published.append,
        )

    def _bundle(self, document: Document, number: int) -> dict[str, Any]:
        if self.broken:
            raise RuntimeError("cannot be drawn")
        self.drawn.append(said(document))
        return {"copy": said(document)}

    def _final(self) -> dict[str, Any]:
        self.finals += 1
        return {"final": said(self.document)}

    def write(self, text: str) -> None:
        """A text grows by this."""
        block = Block("m", "answer", body=(Plain(said(self.document) + text),), fold="never")
        self.document = replace(self.document, blocks=(block,))
        self.copy.changed()

    def begin_with_more(self, seconds: float) -> None:
        """A copy that lacks something, so many seconds after that was written; none is finished."""
        self.copy.begin(self.document)
        self.write("a")
        self.script.pass_by(seconds, aside=False)

    @property
    def copies(self) -> list[str]:
        return [data["copy"] for _, data in self.output.history if "copy" in data]


def said(document: Document) -> str:
    return "".join(part.text for b in document.blocks for part in b.body if isinstance(part, Plain))


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def copying(stage: Stage) -> Stage:
    """A stage whose output is a copy that says all."""
    stage.copy.begin(stage.document)
    stage.script.pass_by(60)
    return stage


# --- transitions ------------------------------------------------------------------------------------------------------


def test_the_view_stays_as_long_as_no_page_can_cover_a_copy(stage: Stage) -> None:
    stage.copy.begin()
    stage.write("abc")
    stage.script.pass_by(60)
    assert stage.output.history == [("show", VIEW)] and stage.copy.state == "view"


def test_where_the_page_is_known_to_cover_a_copy_there_is_one_from_the_start(stage: Stage) -> None:
    stage.copy.begin(stage.document)
    assert stage.output.history == [("show", {"copy": ""})] and stage.copy.state == "current"
    stage.write("a")
    stage.script.pass_by(0.9)
    assert stage.copies == [""], "the next one waits its second"
    stage.script.pass_by(0.2)
    assert stage.copies == ["", "a"]


def test_a_copy_is_made_at_once_when_a_page_can_cover_it(stage: Stage) -> None:
    stage.copy.begin()
    stage.write("a")
    stage.copy.keep()
    stage.script.pass_by(0)
    assert stage.copies == ["a"]


def test_a_text_that_grows_is_copied_about_once_a_second(copying: Stage) -> None:
    before = len(copying.copies)
    for _ in range(100):
        copying.write("x")
        copying.script.pass_by(0.1)
    copying.script.pass_by(1.1)
    assert 9 <= len(copying.copies) - before <= 11
    assert copying.copies[-1] == "x" * 100 and copying.copy.state == "current"


def test_a_question_is_copied_without_waiting(copying: Stage) -> None:
    copying.write("a")
    copying.script.pass_by(0)
    copying.write("b")
    copying.script.pass_by(0)
    assert copying.copies[-1] == "a", "the text waits its second"
    copying.asked = frozenset({"r"})
    copying.copy.changed()
    copying.script.pass_by(0)
    assert copying.copies[-1] == "ab"


def test_nothing_new_is_no_copy(copying: Stage) -> None:
    before = len(copying.output.history)
    copying.copy.changed()
    copying.script.pass_by(60)
    assert len(copying.output.history) == before and copying.copy.state == "current"


def test_the_view_comes_back_for_a_page_that_cannot_cover(copying: Stage) -> None:
    copying.copy.show_view()
    assert copying.output.data == VIEW and copying.copy.state == "view"
    copying.write("more")
    copying.script.pass_by(60)
    assert copying.output.data == VIEW
    copying.copy.keep()
    copying.script.pass_by(1.1)
    assert copying.output.data == {"copy": "more"}
    copying.copy.show_view()
    copying.copy.keep()
    copying.script.pass_by(1.1)
    assert copying.output.data == {"copy": "more"}, "the same again, for the view took its place"


def test_a_copy_that_cannot_be_drawn_is_tried_again_when_there_is_more(copying: Stage) -> None:
    copying.broken = True
    copying.write("a")
    copying.script.pass_by(60)
    assert copying.copy.state == "current" and copying.copies[-1] == ""
    copying.broken = False
    copying.write("b")
    copying.script.pass_by(60)
    assert copying.copies[-1] == "ab"


def test_a_turn_that_has_ended_is_not_copied_any_more(copying: Stage) -> None:
    copying.document = replace(copying.document, ended=True)
    copying.write("the end")
    copying.script.pass_by(60)
    assert "the end" not in copying.copies
    assert copying.copy.finish() and copying.output.data == {"final": "the end"}


# --- the end, once ----------------------------------------------------------------------------------------------------


STATES: dict[str, Callable[[Stage], None]] = {
    "view": lambda stage: stage.copy.begin(),
    "current": lambda stage: stage.copy.begin(stage.document),
    "due": lambda stage: stage.begin_with_more(0.0),
    "making": lambda stage: stage.begin_with_more(1.1),
}
LATE: dict[str, Callable[[Stage], Any]] = {
    "changed": lambda stage: stage.write("late"),
    "keep": lambda stage: stage.copy.keep(),
    "show_view": lambda stage: stage.copy.show_view(),
    "finish": lambda stage: stage.copy.finish(),
    "give_way": lambda stage: stage.copy.give_way(),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("in_cell", [True, False])
def test_from_every_state_the_end_is_drawn_and_published_once(
    stage: Stage, state: str, in_cell: bool
) -> None:
    STATES[state](stage)
    assert stage.copy.state == state
    assert stage.copy.finish(in_cell=in_cell)
    how = "replace_in_cell" if in_cell else "replace"
    assert stage.output.history[-1] == (how, {"final": said(stage.document)})
    end = len(stage.output.history)
    for order in itertools.permutations(LATE):
        for late in order:
            LATE[late](stage)
        stage.script.pass_by(10)
    assert (stage.finals, len(stage.output.history), stage.copy.state) == (1, end, "final")


@pytest.mark.parametrize("state", STATES)
def test_what_takes_the_output_over_is_never_overwritten(stage: Stage, state: str) -> None:
    STATES[state](stage)
    assert stage.copy.give_way()
    end = len(stage.output.history)
    for late in LATE.values():
        late(stage)
        stage.script.pass_by(10)
    assert not stage.copy.finish() and not stage.copy.give_way()
    assert (stage.finals, len(stage.output.history)) == (0, end)


@pytest.mark.parametrize("first", ["copy", "end"])
def test_a_copy_that_was_under_way_at_the_end_does_not_replace_it(stage: Stage, first: str) -> None:
    STATES["making"](stage)
    for step in [stage.script.finish_aside, stage.copy.finish][:: 1 if first == "copy" else -1]:
        step()
    stage.script.pass_by(10)
    assert stage.output.data == {"final": "a"}
    assert stage.copies == ([""] if first == "end" else ["", "a"])


@pytest.mark.parametrize("first", ["copy", "view"])
def test_a_copy_that_was_under_way_does_not_replace_the_view(stage: Stage, first: str) -> None:
    STATES["making"](stage)
    for step in [stage.script.finish_aside, stage.copy.show_view][:: 1 if first == "copy" else -1]:
        step()
    stage.script.pass_by(10)
    assert stage.output.data == VIEW


def test_of_many_threads_that_end_it_one_does() -> None:
    for _ in range(50):
        stage = Stage()
        STATES["current"](stage)
        gate, ended = threading.Barrier(4), []

        def end(stage: Stage = stage, gate: threading.Barrier = gate, ended: list = ended) -> None:
            gate.wait()
            ended.append(stage.copy.finish())

        threads = [threading.Thread(target=end) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(ended) == [False, False, False, True] and stage.finals == 1


# --- a notebook that gets nothing of it -------------------------------------------------------------------------------


def given(stage: Stage) -> list[tuple[int, dict[str, Any]]]:
    """What a notebook that asks for the newest copy is given."""
    found: list[tuple[int, dict[str, Any]]] = []
    stage.copy.give(lambda number, data: found.append((number, data)))
    stage.script.pass_by(0)
    return found


def test_copies_are_numbered_and_the_newest_is_given_to_who_asks(copying: Stage) -> None:
    copying.write("a")
    copying.script.pass_by(60)
    copying.write("b")
    copying.script.pass_by(60)
    assert copying.published == [2, 3], "the first was put into the cell itself"
    assert given(copying) == [(3, {"copy": "ab"})]
    drawn = len(copying.drawn)
    given(copying)
    assert len(copying.drawn) == drawn, "it is not drawn for each who asks"


def test_what_stays_has_the_last_number_and_is_given_too(copying: Stage) -> None:
    copying.write("a")
    copying.script.pass_by(60)
    copying.copy.finish(in_cell=False)
    assert copying.published == [2, 3]
    assert given(copying) == [(3, {"final": "a"})]


def test_where_there_is_no_copy_nothing_is_given(stage: Stage) -> None:
    stage.copy.begin()
    stage.write("a")
    assert given(stage) == []
    stage.copy.give_way()
    assert given(stage) == [] and stage.published == []
