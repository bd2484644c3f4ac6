"""What goes wrong, what waits, and which reply is due: one server, many turns and threads."""

from __future__ import annotations

import pytest

from codex_jupyter import offline
from codex_jupyter.offline import (
    Rule,
    Script,
    answered_by,
    call,
    cut,
    fail,
    failed,
    incomplete,
    limits,
    run,
    say,
    type_in,
    wait,
)

from .conftest import Turn

DONE = [say("Done.", phase="final_answer")]


def test_a_cut_stream_is_asked_for_again(played) -> None:
    runtime, _ = played(Script.reply([say("Partial", unfinished=True), cut()], [say("Whole.")]))
    turn = runtime.turn("go")
    assert turn.said == ["Whole."]
    assert [error["willRetry"] for error in turn.named("error")] == [True]


def test_one_server_error_is_mended_in_silence_and_a_steady_one_is_not(played) -> None:
    runtime, server = played(Script.reply([fail(500)], [say("Fine.")]))
    turn = runtime.turn("go")
    assert (turn.said, turn.named("error")) == (["Fine."], [])
    server.script = Script.of(Rule("broken", [[fail(500, "down")]], repeat=True))
    turn = runtime.turn("go")
    assert turn.status == "failed"
    assert turn.named("error")[-1]["willRetry"] is False


@pytest.mark.parametrize(
    ("reply", "told", "info"),
    [
        ([fail(400, {"error": {"message": "no such thing"}})], "no such thing", "other"),
        (
            [fail(429, {"error": {"type": "usage_limit_reached", "message": "enough"}})],
            "usage limit",
            "usageLimitExceeded",
        ),
        ([failed("context_length_exceeded", "too long")], "", "contextWindowExceeded"),
        ([say("Begun"), incomplete("max_output_tokens")], "max_output_tokens", "other"),
    ],
)
def test_failures_reach_the_turn(played, reply, told, info) -> None:
    runtime, _ = played(Script.reply(reply))
    turn = runtime.turn("go")
    assert turn.status == "failed"
    assert told in turn.ended["error"]["message"]
    assert turn.ended["error"]["codexErrorInfo"] == info


def test_limits_and_another_model_are_told(played) -> None:
    runtime, _ = played(
        Script.reply(
            [
                limits(primary=42, primary_resets_at=2_000_000_000, secondary=5),
                answered_by("gpt-5.4"),
                *DONE,
            ]
        )
    )
    before = len(runtime.notes)
    turn = runtime.turn("go")
    told = [p for m, p in runtime.notes[before:] if m == "account/rateLimits/updated"]
    primary = told[-1]["rateLimits"]["primary"]
    assert (primary["usedPercent"], primary["windowDurationMins"]) == (42, 300)
    assert primary["resetsAt"] == 2_000_000_000
    assert told[-1]["rateLimits"]["secondary"]["windowDurationMins"] == 10080
    assert turn.named("model/rerouted")[0]["toModel"] == "gpt-5.4"


def test_a_prompt_without_a_script_is_told_so(played) -> None:
    greet = Rule("greet", [[say("Hi.")]], {"contains": "hello"})
    runtime, _ = played(Script.of(greet))
    (answer,) = runtime.turn("write a poem").said
    assert "This is the offline model" in answer
    assert "- hello" in answer
    assert "%codex login" in answer
    assert runtime.turn("Hello there").said == ["Hi."]


def test_one_request_too_many_is_told_so(played) -> None:
    runtime, _ = played(Script.of(Rule("short", [[run("true")]])))
    (answer,) = runtime.turn("go").said
    assert "'short' has no further reply" in answer


def test_a_broken_reply_is_told_in_the_turn(played) -> None:
    runtime, server = played(Script.of(Rule("typist", [[type_in("x")]])))
    turn = runtime.turn("go")
    assert "{{session_id}} has no value" in turn.ended["error"]["message"]
    server.script = Script.of(Rule("clever", [lambda request: [say(request.body["nonsense"])]]))
    message = runtime.turn("go").ended["error"]["message"]
    assert "rule 'clever': reply 1 could not be computed" in message


def test_a_reply_may_be_computed(played) -> None:
    runtime, _ = played(
        Script.reply(
            [run("echo 21")],
            lambda request: [say(f"{request.prompt}: {'21' in request.output}")],
        )
    )
    assert runtime.turn("computed").said == ["computed: True"]


def test_rules_can_follow_the_output(played) -> None:
    sad = Rule(
        "sad", [[say("It failed.")]], {"contains": "try", "output": "exited with code [1-9]"}
    )
    job = Rule("job", [[run("exit 3")], [say("It worked.")]], {"contains": "try"})
    runtime, _ = played(Script.of(sad, job))
    assert runtime.turn("try it").said == ["It failed."]


@pytest.mark.parametrize("ending", [fail(401), cut()])
def test_a_last_reply_that_fails_goes_on_failing(played, ending) -> None:
    runtime, _ = played(Script.reply([ending]))
    turn = runtime.turn("go")
    assert turn.status == "failed"
    assert [error["willRetry"] for error in turn.named("error")] == [True, True, False]


def test_a_gate_holds_a_reply_until_it_is_released(played) -> None:
    runtime, server = played(Script.reply([say("Half", gate="half"), wait("whole"), say("Rest")]))
    turn = runtime.start(runtime.thread(), "go")
    server.wait_until_held("half")
    begun = runtime.wait_for(lambda: Turn(runtime, turn).named("item/agentMessage/delta"), "delta")
    assert begun[0]["delta"] == "Half"
    assert not Turn(runtime, turn).said
    server.release("half")
    server.wait_until_held("whole")
    server.release("whole")
    assert runtime.finish(turn).said == ["Half", "Rest"]


def test_an_interrupted_turn_leaves_its_gate(played) -> None:
    runtime, server = played(Script.reply([say("Begun", gate="never")]))
    thread = runtime.thread()
    turn = runtime.start(thread, "go")
    server.wait_until_held("never")
    runtime.call("turn/interrupt", threadId=thread, turnId=turn)
    assert runtime.finish(turn).status == "interrupted"
    server.script = Script.reply([say("Again.")])
    assert runtime.turn("go on", thread).said == ["Again."]
    server.gates.await_departure("never", 20)


@pytest.mark.parametrize(
    ("steered", "answer"), [("turn left", "Left it is."), ("no script for this", "Straight on.")]
)
def test_a_steered_turn(played, steered, answer) -> None:
    gate = f"steer {steered}"
    walk = Rule("walk", [[wait(gate)], [say("Straight on.")]], {"contains": "walk"})
    left = Rule("left", [[say("Left it is.")]], {"contains": "left"})
    runtime, server = played(Script.of(walk, left))
    thread = runtime.thread()
    turn = runtime.start(thread, "walk")
    server.wait_until_held(gate)
    text = [{"type": "text", "text": steered}]
    runtime.call("turn/steer", threadId=thread, expectedTurnId=turn, input=text)
    server.release(gate)
    assert runtime.finish(turn).said[-1] == answer


def test_threads_in_parallel_keep_their_own_count(played) -> None:
    count = 8
    script = Script.reply(
        [wait("start"), run("echo {{prompt}}")],
        lambda request: [say(f"{request.prompt} saw {request.output.split()[-1]}")],
    )
    runtime, server = played(script)
    turns = [runtime.start(runtime.thread(), f"number-{n}") for n in range(count)]
    server.wait_until_held("start", count=count)
    server.release("start")
    said = [runtime.finish(turn).said for turn in turns]
    assert said == [[f"number-{n} saw number-{n}"] for n in range(count)]


def test_a_resumed_thread_goes_on(open_runtime) -> None:
    script = Script.of(
        Rule("first", [[run("echo kept")], [say("One.")]], {"equals": "first"}),
        Rule("second", [[run("echo more")], [say("Two.")]], {"equals": "second"}),
    )
    with offline.start(script) as stand_in:
        before = open_runtime(stand_in)
        thread = before.thread()
        assert before.turn("first", thread).said == ["One."]
        before.close()
        after = open_runtime(stand_in)
        after.call("thread/resume", threadId=thread)
        assert after.turn("second", thread).said == ["Two."]
        after.close()
        told = stand_in.server.requests[-1]
        assert told.prompts == ("first", "second")
        assert "kept" in told.outputs[0]


def test_what_the_model_was_told_can_be_read(played) -> None:
    runtime, server = played(Script.reply(DONE))
    prompt = "Look <here>\n  & there"
    runtime.turn(
        prompt,
        additionalContext={
            "notebook": {"kind": "application", "value": "cell 7 failed"},
            "page": {"kind": "untrusted", "value": "foreign words"},
        },
    )
    told = server.requests[-1]
    assert told.prompts == (prompt,)
    assert "<notebook>cell 7 failed</notebook>" in told.context
    assert "foreign words" in told.text
    assert (told.subagent, told.kind, told.model) == (None, "turn", "gpt-5.5")


def test_the_runtimes_helpers_get_an_answer_they_can_read(played) -> None:
    asked = Rule("asks", [[run("echo x", escalate=True)], DONE], {"contains": "escalate"})
    runtime, server = played(Script.of(asked))
    thread = runtime.thread(approvalsReviewer="auto_review")
    turn = runtime.turn("escalate", thread)
    assert any(request.subagent == "guardian" for request in server.requests)
    assert turn.items("commandExecution")[0]["status"] == "declined"
    before = len(server.requests)
    runtime.call("thread/compact/start", threadId=thread)
    server.wait_for_request(lambda r: r.kind == "compaction" and r in server.requests[before:])


def test_a_script_for_a_review_and_for_a_spawned_agent(played) -> None:
    script = Script.of(
        Rule("review", [[say("All well.")]], {"subagent": "review"}),
        Rule(
            "boss",
            [
                [
                    call(
                        "spawn_agent",
                        {"task_name": "aide", "message": "count beans", "fork_turns": "none"},
                        namespace="collaboration",
                    )
                ],
                [call("wait_agent", {"timeout_ms": 10_000}, namespace="collaboration")],
                DONE,
            ],
            {"contains": "delegate"},
        ),
        Rule("aide", [[say("Seven beans.")]], {"contains": "count beans"}),
    )
    runtime, server = played(script)
    thread = runtime.thread(model="gpt-6-astra")
    assert runtime.turn("delegate", thread).said == ["Done."]
    assert any("Seven beans." in request.text for request in server.requests)
    review = runtime.call(
        "review/start",
        threadId=thread,
        delivery="inline",
        target={"type": "custom", "instructions": "look"},
    )
    turn = runtime.finish(review["turn"]["id"])
    assert "All well." in turn.items("exitedReviewMode")[0]["review"]
