"""One object for each conversation, whatever it is called; a new one begins with nothing that was chosen before."""

from __future__ import annotations

import asyncio
import gc

import pytest

from codex_jupyter.core.rights import Echo, Sandbox
from codex_jupyter.runtime.arrivals import ThreadChanged
from codex_jupyter.session.conversations import LET_GO, Conversations
from codex_jupyter.session.thread import Thread
from tests.unit.session.scripted import Stage, until


def test_a_name_stands_for_one_conversation_until_it_begins_anew() -> None:
    names = Conversations()
    assert names.get("main") is None
    first = names.named("main")
    assert names.named("main") is first
    first.choose({"sandbox": "full-access"})
    fresh = names.begin("main")
    assert fresh is not first and fresh.chosen == {} and names.get("main") is fresh


def test_a_stored_conversation_that_is_open_is_the_very_same_under_a_second_name() -> None:
    names = Conversations()
    open_one = names.named("main")
    open_one.id = "t"
    names.opened(open_one)
    assert names.open("again", "t") is open_one
    other = names.open("other", "t2")
    assert other is not open_one and (other.name, other.id) == ("other", "t2")
    assert names.open("once more", "t2") is other
    assert set(names.by_name()) == {"main", "again", "other", "once more"}
    names.clear()
    assert names.by_name() == {}


def test_what_is_handed_out_is_a_copy() -> None:
    names = Conversations()
    names.by_name()["x"] = names.named("main")
    assert names.get("x") is None


def known(names: Conversations) -> int:
    """How many conversations are known by their id."""
    gc.collect()
    return len(names._by_id)


def test_conversations_that_lost_their_names_are_forgotten() -> None:
    names = Conversations()
    for number in range(2000):
        thread = names.begin(("main", "side")[number % 2])
        thread.id = f"t{number}"
        names.opened(thread)
    del thread
    assert known(names) == 2
    for number in range(2000):
        names.open("main", f"stored{number}")
    assert known(names) == 2
    again = names.open("main", "t3")
    assert (again.id, again.begun, again.chosen) == ("t3", True, {})
    names.clear()
    del again
    assert known(names) == 0


def test_a_turn_keeps_its_conversation_after_the_name_began_anew() -> None:
    async def play() -> None:
        stage = Stage()
        names = stage.conversations
        names.put("main", stage.thread)
        stage.start()
        await until(lambda: stage.run.at_work)
        stage.begun()
        names.begin("main")
        again = names.open("again", "t")
        assert again is stage.thread and again.lock.locked()  # the next turn waits for this one
        stage.completed()
        await until(lambda: stage.run.phase == "done" and not again.lock.locked())

    asyncio.run(play())


def test_one_that_is_being_opened_is_found_by_its_name() -> None:
    names = Conversations()
    opening = names.named("main")
    opening.id = "t"  # the runtime has answered, and its configuration is still read
    assert names.open("again", "t") is opening


@pytest.mark.parametrize("what", LET_GO)
def test_what_the_runtime_let_go_of_is_opened_again(what: str) -> None:
    names = Conversations()
    thread = names.open("main", "t")
    thread._opened_in = object()  # type: ignore[assignment]  # some runtime
    names.changed(ThreadChanged("t", "idle"))
    names.changed(ThreadChanged("another", what))
    assert thread._opened_in is not None
    names.changed(ThreadChanged("t", what))
    assert thread._opened_in is None


def test_what_the_runtime_says_of_rights_reaches_the_conversation_under_any_name() -> None:
    names = Conversations()
    thread = names.open("main", "t")
    names.begin("main")
    echo = Echo(Sandbox("read-only"), "/", "on-request", "user")
    names.changed(ThreadChanged("t", "settings", echo=echo))
    assert thread._echo is echo
    assert isinstance(names.get("main"), Thread) and names.get("main")._echo is None  # type: ignore[union-attr]
