"""What the threads of other agents become under the turn that started them."""

from __future__ import annotations

from codex_jupyter.core.agents import Agent
from codex_jupyter.core.events import DataSent, ItemCompleted, ItemStarted, TurnCompleted
from codex_jupyter.core.items import AgentMessage, CollabAgentCall, Command, SubAgentActivity
from codex_jupyter.core.reduce import reduce
from codex_jupyter.core.text import Text
from codex_jupyter.core.turn import Turn
from codex_jupyter.session.children import progress, started


def test_calls_and_activities_name_the_threads_they_started() -> None:
    call = CollabAgentCall("c", agents=(Agent("child-1"), Agent("child-2")))
    assert started(ItemCompleted("parent", "u", item=call)) == ("child-1", "child-2")
    activity = SubAgentActivity("s", agent_thread_id="child-3")
    assert started(ItemStarted("parent", "u", item=activity)) == ("child-3",)
    assert started(ItemStarted("parent", "u", item=Command("x"))) == ()


def test_a_childs_events_become_progress_in_the_parents_turn() -> None:
    said = AgentMessage("m", text=Text.of("x" * 500))
    event = progress(ItemCompleted("child", "v", item=said), "parent", "u")
    assert event is not None
    assert (event.thread_id, event.turn_id, event.agent_thread_id) == ("parent", "u", "child")
    assert len(event.message) == 300
    ended = progress(TurnCompleted("child", "v", status="completed"), "parent", "u")
    assert ended is not None and ended.status == "completed"


def test_a_turn_that_never_began_sent_nothing() -> None:
    turn = reduce(Turn(), DataSent("", "", "df (5 rows)"))
    assert turn.sent == ("df (5 rows)",)
    assert reduce(turn, TurnCompleted("", "", status="failed", message="Not signed in.")).sent == ()
