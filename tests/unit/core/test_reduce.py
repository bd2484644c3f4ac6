"""The runtime's surprises, one by one, and what each leaves in the turn."""

from __future__ import annotations

import pytest

from codex_jupyter.core import events as ev
from codex_jupyter.core.checklist import Step
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.items import (
    AgentMessage,
    Command,
    FileChange,
    HookRun,
    ImageView,
    InputPart,
    McpToolCall,
    Notice,
    Plan,
    Reasoning,
    Review,
    Sleep,
    UserMessage,
)
from codex_jupyter.core.items.command import OLD_OUTPUT_EDGE
from codex_jupyter.core.reduce import coalesce, reduce
from codex_jupyter.core.requests import CommandRequest, Decision, FileChangeRequest, ToolCall
from codex_jupyter.core.text import Output, Text
from codex_jupyter.core.timeline import KEPT_WHOLE
from codex_jupyter.core.turn import Turn, Withdrawn
from tests.unit.core.captures import (
    command,
    completed,
    ended,
    message,
    notice,
    play,
    prompt,
    started,
)

RETRY = ev.ErrorReported(
    "t", "u", "Reconnecting... 1/5", "stream disconnected", "responseStreamDisconnected", True
)
RETRY_2 = ev.ErrorReported(
    "t", "u", "Reconnecting... 2/5", "stream disconnected", "responseStreamDisconnected", True
)


def said(id: str, text: str) -> ev.MessageAppended:
    return ev.MessageAppended("t", "u", id, text)


def printed(id: str, text: str) -> ev.OutputAppended:
    return ev.OutputAppended("t", "u", id, text)


def statuses(turn: Turn) -> dict[str, str]:
    return {entry.id: entry.status for entry in turn.entries}


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


def test_deltas_then_completion_and_completion_wins() -> None:
    turn = play(started(message("m")), said("m", "Hel"), said("m", "lo"))
    assert str(turn.find("m").text) == "Hello"  # type: ignore[union-attr]
    turn = play(completed(message("m", "Hello!")), said("m", "late"), turn=turn)
    item = turn.find("m")
    assert (
        isinstance(item, AgentMessage) and str(item.text) == "Hello!" and item.status == "completed"
    )


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


def test_output_is_the_longer_of_deltas_and_aggregate() -> None:
    """The runtime cuts aggregatedOutput at 1 MiB; the deltas are whole. A fast command sends no deltas."""
    long = play(printed("c", "x" * 300_000), completed(command("c", output=Output.of("x" * 1000))))
    fast = play(completed(command("c", output=Output.of("x" * 1000))))
    assert len(long.find("c").output) == 300_000  # type: ignore[union-attr]
    assert len(fast.find("c").output) == 1000  # type: ignore[union-attr]


def test_old_outputs_get_shorter_and_stay_counted() -> None:
    turn = play(completed(command("c0", output=Output.of("x" * 100_000))))
    for i in range(KEPT_WHOLE):
        turn = play(completed(command(f"d{i}")), turn=turn)
    item = turn.find("c0")
    assert isinstance(item, Command)
    output = item.output
    assert len(output) == 100_000
    assert len(output.head) + len(output.tail) == 2 * OLD_OUTPUT_EDGE


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


def test_a_patch_that_waits_for_an_answer_is_not_cut() -> None:
    turn = play(
        completed(prompt()),
        started(FileChange("p", changes=(Change("a", "add", "x"),))),
        ev.RequestOpened("t", "u", request=FileChangeRequest("r", item_id="p")),
        completed(prompt("hurry", "u2")),
    )
    assert statuses(turn)["p"] == "in_progress"


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


def test_an_abandoned_message_stays_when_the_retry_brings_nothing() -> None:
    turn = play(started(message("m1")), said("m1", "Half"), RETRY, ended("failed", message="gone"))
    item = turn.find("m1")
    assert isinstance(item, AgentMessage) and (item.status, str(item.text)) == ("aborted", "Half")


def test_a_command_outlives_a_retry() -> None:
    turn = play(started(command("c")), RETRY, printed("c", "more"), started(message("m")))
    assert statuses(turn)["c"] == "in_progress"


def test_output_after_the_end_is_late_and_can_still_complete() -> None:
    turn = play(started(command("c")), printed("c", "a"), ended())
    assert statuses(turn) == {"c": "aborted"}
    turn = play(printed("c", "b"), turn=turn)
    item = turn.find("c")
    assert isinstance(item, Command) and (item.status, item.late, item.output.text) == (
        "in_progress",
        True,
        "ab",
    )
    turn = play(completed(command("c", exit_code=0, output=Output.of("ab"))), turn=turn)
    item = turn.find("c")
    assert isinstance(item, Command) and (item.status, item.late, item.exit_code) == (
        "completed",
        True,
        0,
    )
    assert turn.state == "completed"


def test_late_output_of_a_command_that_was_ended_does_not_bring_it_back() -> None:
    turn = play(
        started(command("c")),
        ended("interrupted"),
        ev.LeftoversEnded("t", "u", 1, 0),
        printed("c", "bye"),
    )
    item = turn.find("c")
    assert isinstance(item, Command) and (item.status, item.output.text) == ("aborted", "bye")


def test_messages_do_not_grow_after_the_end() -> None:
    turn = play(started(message("m")), said("m", "Hal"), ended("interrupted"))
    assert play(said("m", "lo"), said("n", "new"), turn=turn) is turn


def test_a_terminals_input_is_kept_in_order() -> None:
    turn = play(
        started(command("c")),
        ev.InputTyped("t", "u", "c", "a\n"),
        ev.InputTyped("t", "u", "c", "b\n"),
    )
    assert turn.find("c").stdin == ("a\n", "b\n")  # type: ignore[union-attr]


def test_reasoning_sections_and_raw_content() -> None:
    turn = play(
        ev.ReasoningAppended("t", "u", "r", 0),
        ev.ReasoningAppended("t", "u", "r", 0, "one"),
        ev.ReasoningAppended("t", "u", "r", 1, "two"),
        ev.ReasoningAppended("t", "u", "r", 0, "raw", raw=True),
    )
    item = turn.find("r")
    assert isinstance(item, Reasoning)
    assert [str(s) for s in item.summary] == ["one", "two"] and [str(s) for s in item.content] == [
        "raw"
    ]


def test_an_image_is_loaded_into_its_item() -> None:
    turn = play(
        completed(ImageView("i", path="/p.png")),
        ev.ImageLoaded("t", "u", "i", "data:image/png;base64,AA"),
    )
    assert turn.find("i").data.startswith("data:")  # type: ignore[union-attr]


def test_a_picture_takes_the_place_of_its_path_in_the_message() -> None:
    parts = (InputPart("text", "go"), InputPart("local_image", "", "/w/a.png"))
    turn = play(
        completed(UserMessage("m", parts=parts)),
        ev.ImageLoaded("t", "u", "m", "data:image/png;base64,AA", "/w/a.png"),
        ev.ImageLoaded("t", "u", "m", "data:image/png;base64,BB", "/w/other.png"),
    )
    message = turn.find("m")
    assert isinstance(message, UserMessage)
    assert message.parts[1] == InputPart("local_image", "/w/a.png", "data:image/png;base64,AA")


def test_hooks_and_reviews_start_and_end_in_one_entry() -> None:
    turn = play(
        ev.HookReported("t", "u", run=HookRun("h", event="stop")),
        ev.HookReported("t", "u", run=HookRun("h", "declined", event="stop", message="no")),
        ev.ReviewReported("t", "u", review=Review("v", action="ls")),
        ev.ReviewReported("t", "u", review=Review("v", "completed", verdict="denied", action="ls")),
        ev.ReviewReported("t", "u", review=Review("v", action="ls")),
    )
    hook, review = turn.entries
    assert hook.status == "declined" and isinstance(review, Review) and review.verdict == "denied"


def test_child_agents_are_known_by_their_thread() -> None:
    turn = play(
        ev.AgentProgressed("t", "u", "child", "running", ""),
        ev.AgentProgressed("t", "u", "child", "", "reads load.py"),
    )
    (agent,) = turn.agents
    assert (agent.thread_id, agent.status, agent.message) == ("child", "running", "reads load.py")


def test_the_same_notice_is_said_once() -> None:
    turn = play(notice("slow"), notice("slow"), notice("slow", level="info"), notice("other"))
    assert len(turn.entries) == 3 and len({e.id for e in turn.entries}) == 3


# --- requests ---------------------------------------------------------------------------------------------------------

ASK = ev.RequestOpened(
    "t", "u", request=CommandRequest("r", item_id="c", command="/bin/bash -lc 'pip install x'")
)
YES = ev.RequestAnswered(
    "t", "u", decision=Decision("r", "once", "pip install x", "you", "14:02", "c")
)
NO = ev.RequestAnswered(
    "t", "u", decision=Decision("r", "decline", "pip install x", "you", "14:03", "c")
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
    assert turn.withdrawn == (Withdrawn("r", "pip install x", "answered elsewhere", "c"),)
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


def test_appends_do_not_jump_over_other_events() -> None:
    events = [said("m", "a"), completed(message("m", "ab")), said("m", "b"), said("m", "c")]
    assert coalesce(events) == [events[0], events[1], said("m", "bc")]


def test_of_whole_values_the_last_remains() -> None:
    first, last = ev.DiffUpdated("t", "u", "1"), ev.DiffUpdated("t", "u", "2")
    assert coalesce([first, last]) == [last]
    changes = [ev.PatchUpdated("t", "u", id_, ()) for id_ in "aab"]
    assert coalesce(changes) == changes[1:]


def test_a_users_message_that_starts_the_turn_cuts_nothing() -> None:
    turn = play(
        completed(UserMessage("u1")), started(message("m", "a")), completed(UserMessage("u1"))
    )
    assert statuses(turn)["m"] == "in_progress"


def test_text_stays_the_same_object_when_the_completion_says_the_same() -> None:
    turn = play(started(message("m")), said("m", "Hel"), said("m", "lo"))
    streamed = turn.find("m").text  # type: ignore[union-attr]
    turn = play(completed(AgentMessage("m", text=Text.of("Hello"))), turn=turn)
    assert turn.find("m").text is streamed  # type: ignore[union-attr]
