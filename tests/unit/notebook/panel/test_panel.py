"""A panel of a scripted turn: hello, bye, end and time in every order, without a kernel and without a page."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from codex_jupyter.core.answerers import Answerer, person
from codex_jupyter.core.items import AgentMessage, Command
from codex_jupyter.core.requests import CommandRequest
from codex_jupyter.core.text import Text
from codex_jupyter.core.turn import Turn, TurnError
from codex_jupyter.notebook.panel.live_feed import HANDOVER, LOST
from codex_jupyter.notebook.panel.panel import GONE, NO_PAGE, Panel
from codex_jupyter.notebook.panel.static_fallback import ANSWER_BELOW, PATIENCE, TELL, KnownPages
from codex_jupyter.notebook.panel.wire import Intent
from codex_jupyter.settings import Settings
from tests.unit.notebook.panel.scripted import Comm, Output, Script

STATIC = {"text/html", "text/markdown", "text/plain"}
GOING_ON = "still going on when this was saved"


class Live:
    """What a panel uses of a turn in flight."""

    number = 3

    def __init__(self) -> None:
        self.turn = Turn(state="running")
        self.settings = Settings()
        self.done = False
        self.listeners: list[Callable[[Turn], None]] = []
        self.control = self
        self.looked: list[str] = []
        self.absence: Callable[[], str] = str

    def decline_unseen(self) -> None:
        self.looked.append(self.absence())

    @property
    def pending(self) -> tuple[Any, ...]:
        return self.turn.requests

    def subscribe(self, listener: Callable[[Turn], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def becomes(self, turn: Turn) -> None:
        self.turn = turn
        for listener in self.listeners:
            listener(turn)


class Stage:
    """A shown panel. ``waiting``: its cell waits and settles it when the turn is done."""

    def __init__(
        self,
        *,
        waiting: bool = True,
        subshells: bool = True,
        pages: KnownPages | None = None,
        shown: bool = True,
        prompts: bool = True,
        behind: list[str] | None = None,
    ) -> None:
        self.script, self.comm, self.output, self.live = Script(), Comm(), Output(), Live()
        self.pages = pages or KnownPages()
        self.acted: list[tuple[Intent, Answerer]] = []
        self.signed_in_by: list[Panel] = []
        self.panel = Panel(
            self.live,  # type: ignore[arg-type]
            waiting=waiting,
            subshells=subshells,
            comm=self.comm,
            output=self.output,
            act=lambda intent, by: (self.acted.append((intent, by)), ("accepted", ""))[1],
            post=lambda work, *arguments: work(*arguments),
            schedule=self.script,
            pages=self.pages,
            offer_sign_in=self.signed_in_by.append,
            prompts=prompts,
            asked_elsewhere=lambda: bool(behind),
        )
        self.live.absence = self.panel.absence
        if shown:
            self.panel.show()

    def write(self, text: str, *, state: Any = "running", **fields: Any) -> None:
        status = "in_progress" if state == "running" else "completed"
        entry = AgentMessage("m", status, text=Text.of(text), phase="final_answer")
        self.live.becomes(Turn(state=state, entries=(entry,), **fields))

    def end(self, text: str = "All of it.", **fields: Any) -> None:
        """The turn ends, everything it left is dealt with, and a cell that waited leaves what stays."""
        self.write(text, state="completed", **fields)
        self.live.done = True
        if self.panel.waiting:
            self.panel.settle()

    def hello(self, *, covers: bool = False, view: str = "v") -> None:
        self.say("hello", view, have=0, covers=covers)

    def say(self, kind: str, view: str = "v", **fields: Any) -> None:
        self.comm.receive({"type": kind, "view": view, "key": view.ljust(32, "k"), **fields}, True)

    def ready(self, *, covers: bool = False) -> None:
        self.comm.receive({"type": "ready", "covers": covers}, True)

    def bye(self, view: str = "v") -> None:
        self.say("bye", view)

    def resync(self) -> None:
        self.say("resync", have=0)

    @property
    def text(self) -> str:
        return self.output.data["text/plain"]

    @property
    def is_view(self) -> bool:
        return "a widget's view" in self.output.data

    @property
    def finals(self) -> list[dict[str, Any]]:
        """Every bundle ever published that says how the turn ended and belongs to no panel."""
        return [
            data
            for _, data in self.output.history
            if "All of it." in data.get("text/plain", "")
            and GOING_ON not in data["text/plain"]
            and "cj-copy-of" not in data["text/html"]
        ]


# --- the page that comes ----------------------------------------------------------------------------------------------


def test_a_page_that_covers_copies_has_one_in_the_file_from_its_first_word_on() -> None:
    stage = Stage()
    assert stage.is_view
    stage.write("Half")
    stage.ready(covers=True)
    stage.script.pass_by(0.1)
    assert set(stage.output.data) == STATIC and "Half" in stage.text and GOING_ON in stage.text
    assert 'class="cj-copy-of-here ' in stage.output.data["text/html"]
    assert stage.pages == KnownPages(show_panels=True, cover_copies=True)

    later = Stage(pages=stage.pages)
    assert set(later.output.history[0][1]) == STATIC, "no view even for a moment"


def test_a_page_that_does_not_keeps_the_view() -> None:
    stage = Stage()
    stage.ready()
    stage.hello()
    stage.write("Half")
    stage.script.pass_by(60)
    assert [how for how, _ in stage.output.history] == ["show"] and stage.is_view
    assert stage.comm.of("batch")


@pytest.mark.parametrize("covers", [True, False])
@pytest.mark.parametrize("word", ["ready", "hello"])
@pytest.mark.parametrize("after", [PATIENCE + 1, TELL - 1, TELL + 1, 600.0])
def test_a_late_word_takes_over_from_static_output(covers: bool, word: str, after: float) -> None:
    stage = Stage()
    stage.write("Half")
    stage.script.pass_by(after)
    assert "Half" in stage.text and GOING_ON not in stage.text
    assert ("anywidget" in stage.text) == (after > TELL)
    before = len(stage.comm.sent)
    getattr(stage, word)(covers=covers)
    stage.write("Half and more")
    stage.script.pass_by(1.1)
    assert stage.is_view is not covers
    if covers:
        assert "Half and more" in stage.text and GOING_ON in stage.text
        assert "anywidget" not in stage.text
    sent = stage.comm.sent[before:]
    assert any("more" in str(message) for message in sent if message["type"] != "welcome")
    stage.end()
    stage.script.pass_by(60)
    assert len(stage.finals) == 1 and stage.output.data == stage.finals[0]


def test_static_output_is_refreshed_while_a_text_grows() -> None:
    stage = Stage()
    stage.script.pass_by(PATIENCE + 0.1)
    shown = []
    for number in range(50):
        stage.write("x" * number)
        stage.script.pass_by(0.1)
        shown.append(stage.text)
    assert 4 <= len(set(shown)) <= 7
    assert not stage.comm.of("batch")[1:], "nobody asked for the live view"


@pytest.mark.parametrize("known", [True, False])
def test_static_output_says_that_the_views_are_sent_nothing_and_only_then(known: bool) -> None:
    """A page that shows a view all the same, and is not heard, shows what is newer (``js/src/saved_copy.js``)."""
    stage = Stage(pages=KnownPages(cover_copies=known))
    stage.write("Half")
    stage.script.pass_by(PATIENCE - 0.1)
    assert "cj-copy-alone" not in stage.output.data.get("text/html", "")
    assert stage.comm.of("snapshot")  # for whoever may be there
    stage.script.pass_by(0.2)
    sent = len(stage.comm.sent)
    for number in range(30):
        stage.write(f"Half and {number}")
        stage.script.pass_by(1.1)
        assert 'cj-copy-alone"' in stage.output.data["text/html"]
        assert f"Half and {number}" in stage.text
    assert len(stage.comm.sent) == sent
    stage.hello(covers=True)
    stage.script.pass_by(0.1)
    assert "cj-copy-alone" not in stage.output.data["text/html"]
    stage.write("Half and the rest")
    stage.script.pass_by(1.1)
    assert 'class="cj-copy-of-here ' in stage.output.data["text/html"]
    told = [message for message in stage.comm.sent if message["type"] != "copied"]
    assert "the rest" in str(told[-1])


def test_a_panel_that_is_fed_without_asking_covers_its_copy() -> None:
    stage = Stage(subshells=False, pages=KnownPages(True, True))
    for number in range(20):
        stage.write(f"Half and {number}")
        stage.script.pass_by(1.1)
        assert 'class="cj-copy-of-here ' in stage.output.data["text/html"]
        assert f"Half and {number}" in str(stage.comm.sent[-1])


@pytest.mark.parametrize("moment", ["before", "while", "after"])
def test_a_copy_that_is_drawn_while_a_page_speaks_is_followed_by_one_with_views(
    moment: str,
) -> None:
    stage = Stage()
    stage.write("Half")
    stage.script.pass_by(PATIENCE + 1)
    stage.write("Half and more")
    if moment == "before":
        stage.hello(covers=True)
    stage.script.pass_by(1.1, aside=False)
    if moment == "while":
        stage.hello(covers=True)
    while stage.script.under_way:
        stage.script.finish_aside()
    if moment == "after":
        stage.hello(covers=True)
    stage.script.pass_by(60)  # how long the copy took is waited for again
    assert 'class="cj-copy-of-here ' in stage.output.data["text/html"] and "more" in stage.text


# --- the end, once ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("waiting", [True, False])
@pytest.mark.parametrize("covers", [True, False, None])
@pytest.mark.parametrize("known", [True, False])
def test_the_final_bundle_is_published_once(
    waiting: bool, covers: bool | None, known: bool
) -> None:
    """Whoever waits, whatever the page can do (None: there is none)."""
    stage = Stage(waiting=waiting, pages=KnownPages(known, known))
    for number in range(40):
        stage.write("x" * number)
        if number == 10 and covers is not None:
            stage.hello(covers=covers)
        stage.script.pass_by(0.1)
    stage.end()
    stage.script.pass_by(60)
    assert len(stage.finals) == 1 and stage.output.data == stage.finals[0]
    (final,) = [how for how, data in stage.output.history if data is stage.finals[0]]
    assert final == ("replace_in_cell" if waiting else "replace")


RACERS: dict[str, Callable[[Stage], Any]] = {
    "hello": lambda stage: stage.hello(covers=True),
    "bye": lambda stage: stage.bye(),
    "resync": lambda stage: stage.resync(),
    "second view": lambda stage: stage.hello(view="w"),
    "ready": lambda stage: stage.ready(),
    "end": lambda stage: stage.end(),
    "time": lambda stage: stage.script.pass_by(1.05, aside=False),
    "copy drawn": lambda stage: stage.script.under_way and stage.script.finish_aside(),
}


@pytest.mark.parametrize("waiting", [True, False])
@pytest.mark.parametrize("pair", [*itertools.permutations(RACERS, 2)], ids="-".join)
def test_in_every_order_the_end_stands_and_the_page_has_everything(
    pair: tuple[str, str], waiting: bool
) -> None:
    """Two things happen at once, in both orders; then whatever is missing."""
    stage = Stage(waiting=waiting)
    stage.hello(covers=True)
    stage.write("Half of it.")
    stage.script.pass_by(0.5, aside=False)
    for racer in (*pair, *(each for each in RACERS if each not in pair)):
        RACERS[racer](stage)
    stage.script.pass_by(60)
    assert len(stage.finals) == 1 and stage.output.data == stage.finals[0]
    last = stage.comm.of("batch")[-1]
    assert any(op.get("op") == "state" and op["ended"] for op in last["ops"])
    stage.hello(view="after a reload")
    assert "All of it." in str(stage.comm.of("snapshot")[-1])
    assert len(stage.finals) == 1


def test_a_background_turn_ends_when_what_it_left_is_dealt_with() -> None:
    stage = Stage(waiting=False)
    stage.write("All of it.", state="completed")
    stage.script.pass_by(60)
    assert not stage.finals
    stage.live.done = True
    stage.script.pass_by(1)
    assert len(stage.finals) == 1


def test_what_stays_of_a_waiting_turn_is_left_to_its_cell() -> None:
    stage = Stage()
    stage.write("All of it.", state="completed")
    stage.live.done = True
    stage.script.pass_by(60)
    assert not stage.finals
    stage.panel.settle()
    assert stage.output.history[-1] == ("replace_in_cell", *stage.finals)


@pytest.mark.parametrize("first", ["end", "let go"])
def test_a_cell_that_lets_go_leaves_the_end_to_the_background(first: str) -> None:
    stage = Stage()
    stage.hello()
    if first == "let go":
        stage.panel.let_go()
        stage.end()
    else:  # the turn ended while the cell was on its way out, and nobody settles it
        stage.write("All of it.", state="completed")
        stage.live.done = True
        stage.panel.let_go()
    stage.script.pass_by(60)
    assert len(stage.finals) == 1


@pytest.mark.parametrize("waiting", [True, False])
def test_a_turn_without_an_account_gives_way_to_the_sign_in_once(waiting: bool) -> None:
    stage = Stage(waiting=waiting)
    stage.hello(covers=True)
    stage.end("", error=TurnError("Not signed in", code="NotSignedInError"))
    before = len(stage.output.history)
    stage.bye()
    stage.hello(covers=True, view="the sign-in's")
    stage.panel.let_go()
    stage.panel.settle()
    stage.script.pass_by(60)
    assert stage.signed_in_by == [stage.panel] and not stage.finals
    assert len(stage.output.history) == before, "the sign-in's output is its own"


# --- who can be asked, and where --------------------------------------------------------------------------------------

ASKED = (CommandRequest("r", "t", "u", "c", command="rm x"),)


def test_questions_are_asked_at_a_prompt_only_where_no_click_arrives() -> None:
    stage = Stage()
    stage.write("", requests=ASKED)
    assert not stage.panel.needs_prompts
    stage.script.pass_by(PATIENCE + 0.1)
    assert stage.panel.needs_prompts and ANSWER_BELOW in stage.text
    stage.hello(covers=True)
    assert stage.panel.can_be_clicked and not stage.panel.needs_prompts
    stage.script.pass_by(5)
    assert ANSWER_BELOW not in stage.text


def test_a_turn_that_nobody_waits_for_asks_at_no_prompt() -> None:
    stage = Stage(waiting=False)
    stage.write("", requests=ASKED)
    stage.script.pass_by(60)
    assert not stage.panel.needs_prompts and ANSWER_BELOW not in stage.text


@pytest.mark.parametrize("subshells", [True, False])
def test_a_cell_behind_the_turn_asks_where_no_click_arrives(subshells: bool) -> None:
    behind: list[str] = []
    stage = Stage(waiting=False, subshells=subshells, behind=behind)
    hello = {"type": "hello", "view": "v", "key": "v".ljust(32, "k"), "have": 0}
    stage.comm.receive(hello, subshells)
    stage.write("", requests=ASKED)
    stage.script.pass_by(PATIENCE + 0.1)
    assert stage.panel.can_be_clicked and not stage.panel.needs_prompts
    behind.append("a cell that waits")
    assert stage.panel.held and stage.panel.can_be_clicked is subshells
    assert stage.panel.needs_prompts is not subshells and stage.panel.absence() == ""
    stage.comm.receive({"type": "bye", "view": "v", "key": hello["key"]}, subshells)
    stage.script.pass_by(HANDOVER + 0.1)
    assert stage.panel.lost is subshells  # it loads again when the cell ends
    behind.clear()
    assert not stage.panel.held and not stage.panel.lost and stage.panel.absence() == GONE


def test_a_turn_that_no_page_shows_is_asked_for_by_a_cell_behind_it() -> None:
    behind = ["a cell that waits"]
    stage = Stage(waiting=False, subshells=False, behind=behind)
    stage.write("", requests=ASKED)
    stage.script.pass_by(TELL + 1)
    assert stage.live.looked == [""] and stage.panel.needs_prompts
    behind.clear()
    assert stage.panel.absence() == NO_PAGE and not stage.panel.needs_prompts


def test_a_page_that_has_the_module_is_given_time_to_show_the_question() -> None:
    stage = Stage()
    stage.ready()
    stage.write("", requests=ASKED)
    stage.script.pass_by(PATIENCE + 1)
    assert not stage.panel.needs_prompts
    stage.script.pass_by(TELL)
    assert stage.panel.needs_prompts


def test_a_kernel_that_hears_its_page_only_between_cells_asks_at_a_prompt() -> None:
    stage = Stage(subshells=False)
    stage.comm.receive({"type": "hello", "view": "v", "have": 0}, False)
    stage.script.pass_by(PATIENCE + 0.1)
    assert stage.panel.needs_prompts
    stage.panel.let_go()
    assert stage.panel.can_be_clicked and not stage.panel.needs_prompts


def test_a_page_that_goes_while_the_cell_waits_is_lost() -> None:
    stage = Stage()
    stage.hello()
    stage.bye()
    assert not stage.panel.lost
    stage.script.pass_by(1.1)
    assert stage.panel.lost and "closed or reloaded" in stage.panel.loss
    stage.hello(view="reloaded")
    assert not stage.panel.lost


def test_a_person_at_a_page_is_one_whose_page_is_heard() -> None:
    stage = Stage(waiting=False)
    assert stage.panel.absence() == ""  # the page may still come
    stage.hello()
    assert stage.panel.absence() == ""
    stage.bye()
    assert stage.panel.absence() == ""  # a view moves
    stage.script.pass_by(1.1)
    assert stage.panel.absence() == GONE
    stage.hello(view="reloaded")
    assert stage.panel.absence() == ""
    # No beat, no bye: a page that crashed, or a network that is away for a moment.
    stage.script.pass_by(LOST - 1)
    assert stage.panel.absence() == ""
    stage.script.pass_by(2)
    assert stage.panel.absence() == GONE


def test_a_sleep_of_the_machine_is_no_page_that_is_gone() -> None:
    stage = Stage()
    stage.hello()
    stage.script.pass_by(1.5)
    stage.script.now += 3600  # everything stood still: no timer, and no beat that could have come
    assert not stage.panel.lost
    stage.script.pass_by(LOST - 5)
    assert not stage.panel.lost, "the page has its time again"
    stage.script.pass_by(8)
    assert stage.panel.lost and f"not heard for {LOST:.0f} s" in stage.panel.loss


def test_a_page_that_never_comes_is_nobody_and_what_waited_for_it_is_looked_at_again() -> None:
    stage = Stage(waiting=False)
    stage.script.pass_by(9.9)
    assert stage.panel.absence() == "" and stage.live.looked == []
    stage.script.pass_by(0.2)
    assert stage.panel.absence() == NO_PAGE and stage.live.looked == [NO_PAGE]


def test_what_a_page_showed_is_not_declined_behind_its_back() -> None:
    stage = Stage(waiting=False)
    stage.hello()
    stage.bye()
    stage.script.pass_by(60)
    assert stage.panel.absence() == GONE and stage.live.looked == []


def test_a_page_that_only_loaded_the_module_is_nobody_either() -> None:
    stage = Stage(waiting=False)
    stage.ready()
    stage.script.pass_by(10.1)
    assert stage.panel.absence() == NO_PAGE


@pytest.mark.parametrize("prompts", [True, False])
def test_a_cell_that_waits_asks_in_a_prompt_where_its_front_end_answers_them(prompts: bool) -> None:
    stage = Stage(prompts=prompts)
    stage.script.pass_by(10.1)
    assert stage.panel.needs_prompts is prompts
    assert stage.panel.absence() == ("" if prompts else NO_PAGE)


def test_a_waiting_cell_whose_page_is_gone_has_nobody() -> None:
    stage = Stage()
    stage.hello()
    stage.bye()
    stage.script.pass_by(1.1)
    assert stage.panel.absence() == GONE


def test_an_answer_from_a_second_view_says_so() -> None:
    stage = Stage()
    stage.hello(view="v")
    stage.hello(view="w")
    for view in ("w", "v"):
        intent = {"kind": "answer", "request": "r", "choice": "once"}
        stage.say("intent", view, id=view, intent=intent)
    assert [by for _, by in stage.acted] == [person("another tab"), person("panel")]


def test_a_quiet_turn_is_quiet_everywhere() -> None:
    stage = Stage(shown=False)
    stage.live.settings = Settings(quiet=True)
    stage.panel.show()
    stage.hello(covers=True)
    command = Command("c", "completed", command="make", exit_code=0)
    answer = AgentMessage("m", "completed", text=Text.of("All of it."), phase="final_answer")
    for state in ("running", "completed"):
        stage.live.becomes(Turn(state=state, entries=(command, answer)))
        stage.script.pass_by(2)
    stage.panel.settle()
    everything = str([data for _, data in stage.output.history] + stage.comm.sent)
    assert "All of it." in stage.text and "make" not in everything
