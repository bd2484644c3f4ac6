"""One object for each conversation, whatever it is called; a new one begins with nothing that was chosen before."""

from __future__ import annotations

from codex_jupyter.session.conversations import Conversations


def test_a_name_stands_for_one_conversation_until_it_begins_anew() -> None:
    names = Conversations()
    assert names.get("main") is None
    first = names.named("main")
    assert names.named("main") is first
    first.chosen["sandbox"] = "full-access"
    fresh = names.begin("main")
    assert fresh is not first and fresh.chosen == {} and names.get("main") is fresh


def test_a_stored_conversation_that_is_open_is_the_very_same_under_a_second_name() -> None:
    names = Conversations()
    open_one = names.named("main")
    open_one.id = "t"
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
