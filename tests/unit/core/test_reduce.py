"""The runtime's surprises, one by one, and what each leaves in the turn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codex_jupyter.core import events as ev
from codex_jupyter.core.answerers import person
from codex_jupyter.core.blocks import document
from codex_jupyter.core.checklist import Step
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.item import Item
from codex_jupyter.core.items import (
    AgentMessage,
    Command,
    FileChange,
    HookRun,
    McpToolCall,
    Notice,
    Plan,
    Reasoning,
    RefusedCall,
    Review,
    Sleep,
    UserMessage,
)
from codex_jupyter.core.reduce import coalesce, reduce
from codex_jupyter.core.requests import CommandRequest, Decision, ToolCall
from codex_jupyter.core.text import Output
from codex_jupyter.core.turn import Turn, Withdrawn
from tests.unit.core.captures import (
    command,
    completed,
    ended,
    message,
    notice,
    play,
    printed,
    prompt,
    said,
    started,
    statuses,
)

RETRY = ev.ErrorReported(
    "t", "u", "Reconnecting... 1/5", "stream disconnected", "responseStreamDisconnected", True
)
RETRY_2 = ev.ErrorReported(
    "t", "u", "Reconnecting... 2/5", "stream disconnected", "responseStreamDisconnected", True
)


# --- the turn ---------------------------------------------------------------------------------------------------------


def test_a_turn_starts_runs_and_ends() -> None:
    turn = play(ev.TurnStarted("t", "u", 1000))
    assert (turn.state, turn.turn_id, turn.thread_id, turn.started_ms) == (
        "running",
        "u",
        "t",
        1000,
    )
    turn = play(ended(at_ms=3500), turn=turn)
    assert (turn.state, turn.duration_ms, turn.ended_ms, turn.ended) == (
        "completed",
        2500,
        3500,
        True,
    )


def test_the_runtimes_own_duration_wins() -> None:
    assert (
        play(ev.TurnStarted("t", "u", 0), ended(at_ms=3000, duration_ms=2901)).duration_ms == 2901
    )


def test_the_first_item_names_the_turn_and_a_reviews_inner_turn_does_not() -> None:
    """Measured: a review's turn/started names a turn of its own, after the first item named the right one."""
    turn = play(
        ev.ItemStarted("t", "u", item=prompt()),
        ev.TurnStarted("t", "inner", 1),
        ev.ItemStarted("t", "u", item=message("m")),
        ev.TurnCompleted("t", "u"),
    )
    assert (turn.turn_id, turn.state) == ("u", "completed")


def test_an_unknown_outcome_is_a_failure() -> None:
    assert play(ended("odd")).state == "failed"


def test_a_failure_tells_why_and_what_to_do() -> None:
    turn = play(
        ev.ErrorReported("t", "u", "too long", code="contextWindowExceeded"),
        ended("failed", message="too long", code="contextWindowExceeded"),
    )
    assert turn.error is not None
    assert (turn.error.message, turn.error.code) == ("too long", "contextWindowExceeded")
    assert "/compact" in turn.error.hint


def test_the_senders_own_hint_wins() -> None:
    turn = play(ended("failed", message="Not signed in.", code="unauthorized", hint="Do this."))
    assert turn.error is not None and turn.error.hint == "Do this."


def test_an_error_that_did_not_end_the_turn_stays_as_a_notice() -> None:
    turn = play(ev.ErrorReported("t", "u", "odd thing"), completed(message("m", "Done")), ended())
    assert turn.error is None
    errors = [e for e in turn.entries if isinstance(e, Notice)]
    assert [(e.level, e.message) for e in errors] == [("error", "odd thing")]


def test_stop_and_what_it_left() -> None:
    turn = play(
        started(command("c", "sleep 99")),
        ev.StopRequested("t", "u", "you"),
        ev.StopRequested("t", "u", "time limit"),
    )
    assert (turn.state, turn.stopped_by) == ("stopping", "you")
    turn = play(ended("interrupted"), ev.LeftoversEnded("t", "u", 1, 0), turn=turn)
    assert (turn.state, turn.ended_commands, turn.running_commands) == ("interrupted", 1, 0)
    assert statuses(turn) == {"c": "aborted"} and turn.error is None


def test_a_lost_runtime_fails_the_turn() -> None:
    turn = play(started(message("m", "Hal")), ev.RuntimeLost("t", "u", "The runtime ended."))
    assert turn.state == "failed" and turn.error is not None and turn.error.code == "runtimeLost"
    assert turn.error.hint and statuses(turn) == {"m": "aborted"}


def test_tokens_are_counted_from_the_turns_own_start() -> None:
    turn = play(
        ev.UsageUpdated("t", "u", ev.Usage(total=1000, thread_total=51_000)),
        ev.UsageUpdated("t", "u", ev.Usage(total=1500, thread_total=52_500)),
    )
    assert turn.tokens_before == 50_000 and turn.usage is not None and turn.usage.total == 1500


def test_limits_are_merged_not_replaced() -> None:
    first, second = ev.Window(50.0, 300, 9), ev.Window(60.0, 300, 9)
    turn = play(
        ev.LimitsUpdated("t", "u", ev.Limits(primary=first, plan="plus")),
        ev.LimitsUpdated("t", "u", ev.Limits(secondary=second)),
        ev.LimitsUpdated("t", "u", ev.Limits()),
    )
    assert turn.limits == ev.Limits(first, second, "plus")


def test_the_same_diff_plan_or_data_again_is_no_change() -> None:
    for event in (
        ev.DiffUpdated("t", "u", "diff"),
        ev.PlanUpdated("t", "u", "why", (Step("a", "pending"),)),
        ev.DataSent("t", "u", "df"),
        notice("slow"),
        ev.UsageUpdated("t", "u", ev.Usage(total=1)),
        completed(command("c", output=Output.of("x"))),
    ):
        turn = play(event)
        assert reduce(turn, event) is turn


# --- items ------------------------------------------------------------------------------------------------------------


def test_a_completion_with_nothing_in_it_keeps_what_was_said() -> None:
    turn = play(
        ev.ReasoningAppended("t", "u", "r", 0, "**Look**"),
        completed(Reasoning("r")),
        said("m", "Hello"),
        completed(message("m", "", phase="final_answer")),
    )
    thought, answer = turn.entries
    assert isinstance(thought, Reasoning) and [str(s) for s in thought.summary] == ["**Look**"]
    assert isinstance(answer, AgentMessage) and str(answer.text) == "Hello"
    assert answer.phase == "final_answer"


@pytest.mark.parametrize(
    ("delta", "type_"),
    [
        (said("x", "hi"), AgentMessage),
        (printed("x", "hi"), Command),
        (ev.PlanAppended("t", "u", "x", "hi"), Plan),
        (ev.ReasoningAppended("t", "u", "x", 2, "hi"), Reasoning),
        (ev.ToolProgressed("t", "u", "x", "half"), McpToolCall),
        (ev.PatchUpdated("t", "u", "x", (Change("a", "add", "x"),)), FileChange),
        (ev.InputTyped("t", "u", "x", "y"), Command),
    ],
)
def test_a_delta_for_an_item_that_never_started_makes_it(delta: ev.Event, type_: type) -> None:
    turn = play(delta)
    (item,) = turn.entries
    assert isinstance(item, type_) and item.status == "in_progress" and turn.state == "running"


def test_a_start_after_the_delta_or_the_completion_loses_nothing() -> None:
    turn = play(printed("c", "out\n"), started(command("c", "make", started_ms=5)))
    item = turn.find("c")
    assert (
        isinstance(item, Command)
        and item.command.endswith("'make'")
        and item.output.text == "out\n"
    )
    turn = play(
        completed(command("d", "ls", exit_code=0)), started(command("d", "ls", started_ms=5))
    )
    item = turn.find("d")
    assert isinstance(item, Command) and (item.status, item.exit_code, item.started_ms) == (
        "completed",
        0,
        5,
    )


def test_completed_without_started_is_an_entry() -> None:
    assert statuses(play(completed(Sleep("s", duration_ms=700)))) == {"s": "completed"}


def test_a_steer_cuts_the_message_and_leaves_the_command() -> None:
    turn = play(
        completed(prompt()),
        started(message("m", "I w")),
        started(command("c")),
        completed(prompt("stop", "u2")),
    )
    assert statuses(turn) == {
        "u1": "completed",
        "m": "aborted",
        "c": "in_progress",
        "u2": "completed",
    }


def test_a_retry_takes_the_place_of_what_it_abandoned() -> None:
    turn = play(
        completed(prompt()),
        completed(command("c")),
        started(message("m1")),
        said("m1", "The loader re"),
        RETRY,
    )
    assert statuses(turn)["m1"] == "aborted", "still there while nothing better came"
    turn = play(started(message("m2")), said("m2", "The loader reads."), turn=turn)
    kinds = {e.id: type(e).__name__ for e in turn.entries}
    assert "m1" not in kinds and kinds["m2"] == "AgentMessage" and kinds["c"] == "Command"


def test_retries_are_one_notice_that_steps_back_when_the_turn_recovers() -> None:
    turn = play(started(message("m1", "Hal")), RETRY, RETRY_2)
    notices = [e for e in turn.entries if isinstance(e, Notice)]
    assert [(n.level, n.message) for n in notices] == [("retry", "Reconnecting... 2/5")]
    turn = play(started(Reasoning("r")), turn=turn)
    notices = [e for e in turn.entries if isinstance(e, Notice)]
    assert [(n.level, n.status) for n in notices] == [("info", "completed")]
    assert len([e for e in play(RETRY, turn=turn).entries if isinstance(e, Notice)]) == 2


@pytest.mark.parametrize("type_", [UserMessage, Notice, HookRun, Review, RefusedCall])
def test_what_the_model_did_not_make_does_not_show_that_a_retry_succeeded(
    type_: type[Item],
) -> None:
    turn = play(RETRY, completed(type_("x")))
    assert turn.retrying
    assert not play(completed(command("c")), turn=turn).retrying


def test_an_abandoned_message_stays_when_the_retry_brings_nothing() -> None:
    turn = play(started(message("m1")), said("m1", "Half"), RETRY, ended("failed", message="gone"))
    item = turn.find("m1")
    assert isinstance(item, AgentMessage) and (item.status, str(item.text)) == ("aborted", "Half")


def test_a_command_outlives_a_retry() -> None:
    turn = play(started(command("c")), RETRY, printed("c", "more"), started(message("m")))
    assert statuses(turn)["c"] == "in_progress"


def test_child_agents_are_known_by_their_thread() -> None:
    turn = play(
        ev.AgentProgressed("t", "u", "child", "running", ""),
        ev.AgentProgressed("t", "u", "child", "", "reads load.py"),
    )
    (agent,) = turn.agents
    assert (agent.thread_id, agent.status, agent.message) == ("child", "running", "reads load.py")


# --- requests ---------------------------------------------------------------------------------------------------------

ASK = ev.RequestOpened(
    "t", "u", request=CommandRequest("r", item_id="c", command="/bin/bash -lc 'pip install x'")
)
YES = ev.RequestAnswered(
    "t", "u", decision=Decision("r", "once", "pip install x", person(), "14:02", "c")
)
NO = ev.RequestAnswered(
    "t", "u", decision=Decision("r", "decline", "pip install x", person(), "14:03", "c")
)


def test_the_first_answer_is_final() -> None:
    turn = play(started(command("c")), ASK, ASK)
    assert [r.id for r in turn.requests] == ["r"]
    turn = play(YES, NO, ev.RequestWithdrawn("t", "u", "r"), ASK, turn=turn)
    assert (
        [d.choice for d in turn.decisions] == ["once"] and not turn.requests and not turn.withdrawn
    )
    assert turn.decisions[0].after == "c"


def test_a_policys_answer_needs_no_opening() -> None:
    assert [d.choice for d in play(NO).decisions] == ["decline"]


def test_withdrawn_and_then_nobody_can_answer() -> None:
    turn = play(ASK, ev.RequestWithdrawn("t", "u", "r", "answered elsewhere"), YES)
    (gone,) = turn.withdrawn
    assert replace(gone, exact=None) == Withdrawn("r", "pip install x", "answered elsewhere", "c")
    assert gone.exact is not None and gone.exact.words[0].text == "pip install x"
    assert not turn.decisions


def test_the_end_withdraws_what_is_open() -> None:
    turn = play(ASK, ended("interrupted"))
    assert not turn.requests and [w.reason for w in turn.withdrawn] == ["the turn ended"]
    assert play(ASK, turn=turn) is turn


def test_a_request_after_the_end_is_withdrawn_at_once() -> None:
    turn = play(ended(), ASK)
    assert not turn.requests and len(turn.withdrawn) == 1


def test_a_tools_call_asks_nobody() -> None:
    assert not play(ev.RequestOpened("t", "u", request=ToolCall("r", tool="kernel_run"))).requests


# --- bursts -----------------------------------------------------------------------------------------------------------


def test_a_burst_of_deltas_is_a_few_events() -> None:
    burst: list[ev.Event] = []
    for i in range(10_000):
        burst += [said("m", "word "), printed("c" if i % 2 else "d", "line\n")]
    short = coalesce(burst)
    assert len(short) == 3
    turn = play(*short)
    assert len(turn.find("m").text) == 50_000  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "two",
    [
        (said("i", "a"), said("i", "b")),
        (printed("i", "a"), printed("i", "b")),
        (ev.PlanAppended("t", "u", "i", "a"), ev.PlanAppended("t", "u", "i", "b")),
        tuple(ev.ReasoningAppended("t", "u", "i", 2, text, raw=True) for text in "ab"),
    ],
)
def test_two_appends_to_the_same_are_one(two: tuple[ev.Event, ev.Event]) -> None:
    (one,) = coalesce(two)
    assert one == replace(two[0], text="ab")  # type: ignore[call-arg]


def test_appends_to_other_sections_of_a_thought_stay_apart() -> None:
    apart = [
        ev.ReasoningAppended("t", "u", "i", n, "a", raw=raw)
        for n in (0, 1)
        for raw in (True, False)
    ]
    assert coalesce(apart) == apart


def test_appends_do_not_jump_over_other_events() -> None:
    events = [said("m", "a"), completed(message("m", "ab")), said("m", "b"), said("m", "c")]
    assert coalesce(events) == [events[0], events[1], said("m", "bc")]


def test_of_whole_values_the_last_remains() -> None:
    first, last = ev.DiffUpdated("t", "u", "1"), ev.DiffUpdated("t", "u", "2")
    assert coalesce([first, last]) == [last]
    changes = [ev.PatchUpdated("t", "u", id_, ()) for id_ in "aab"]
    assert coalesce(changes) == changes[1:]


# --- one id, more than one piece of work ------------------------------------------------------------------------------


def run_as(item_id: str, process: str, words: str, at_ms: int = 1) -> Command:
    return Command(item_id, "in_progress", started_ms=at_ms, command=words, process_id=process)


def done_as(item_id: str, process: str, words: str, said: str) -> Command:
    output = Output.whole(said)
    return Command(
        item_id, "completed", command=words, process_id=process, output=output, exit_code=0
    )


def told(turn: Turn) -> list[tuple[str, str, str]]:
    return [
        (e.command, str(e.output.text), e.status) for e in turn.entries if isinstance(e, Command)
    ]


ONE, TWO = (
    (
        ev.ItemStarted("t", "u", item=run_as("call_0", process, words, at_ms)),
        ev.OutputAppended("t", "u", "call_0", said),
        ev.ItemCompleted("t", "u", item=done_as("call_0", process, words, said)),
    )
    for process, words, said, at_ms in (("11", "rm a", "one", 1), ("22", "rm b", "two", 2))
)


def test_a_call_id_that_a_model_uses_again_hides_no_command() -> None:
    turn = play(*ONE, *TWO)
    assert told(turn) == [("rm a", "one", "completed"), ("rm b", "two", "completed")]
    assert len({e.id for e in turn.entries}) == 2
    assert play(*ONE, *TWO, turn=turn) is turn, "told twice it is the same"


def test_two_processes_of_one_id_at_the_same_time_are_two_rows() -> None:
    turn = play(ONE[0], TWO[0], ONE[2], TWO[2])
    assert told(turn) == [("rm a", "one", "completed"), ("rm b", "two", "completed")]


def test_without_a_process_what_is_over_and_begins_at_another_time_is_another() -> None:
    call = McpToolCall("call_0", "in_progress", started_ms=1, server="s", tool="read")
    turn = play(
        ev.ItemStarted("t", "u", item=call),
        ev.ItemCompleted("t", "u", item=replace(call, status="completed", started_ms=None)),
        ev.ItemStarted("t", "u", item=call),  # told late, or twice
    )
    assert [e.status for e in turn.entries] == ["completed"]
    turn = play(ev.ItemStarted("t", "u", item=replace(call, started_ms=9)), turn=turn)
    assert [e.status for e in turn.entries] == ["completed", "in_progress"]


# --- nothing, and a retry that was put off ----------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [(), (message("m"),)], ids=["no message", "an empty one"])
def test_an_answer_of_nothing_is_said(answer: tuple[Item, ...]) -> None:
    asked = ev.ItemCompleted("t", "u", item=prompt())
    turn = play(asked, *(ev.ItemCompleted("t", "u", item=each) for each in answer), ended())
    assert "answered with nothing" in document(turn).footer.lines[0]
    work = ev.ItemCompleted("t", "u", item=done_as("c", "1", "ls", "x"))
    for turn in (play(asked, work, ended()), play(work, ended()), play(asked, ended("failed"))):
        assert not any("nothing" in line for line in document(turn).footer.lines)


def test_a_retry_that_a_provider_may_have_put_off_says_so() -> None:
    busy = "exceeded retry limit, last status: 429 Too Many Requests"
    again = ev.ErrorReported(
        "t", "u", "Reconnecting... 1/5", busy, "responseStreamDisconnected", True
    )
    (entry,) = play(again).entries
    assert isinstance(entry, Notice)
    assert entry.hint.startswith("Too many requests to the provider. ") and "Stop" in entry.hint
    (entry,) = play(RETRY).entries
    assert isinstance(entry, Notice) and entry.hint == ""
