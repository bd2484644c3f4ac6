"""Each builder, played to the real runtime, yields the item it should."""

from __future__ import annotations

from codex_jupyter.offline import Script, patch, run, say, think


def test_text_commands_and_patches(play, project) -> None:
    (project / "load.py").write_text("answer = 41\n")
    change = (
        "*** Begin Patch\n*** Update File: load.py\n@@\n-answer = 41\n+answer = 42\n*** End Patch"
    )
    script = Script.reply(
        [
            think("**Looking**\n\nat the file."),
            say("I look.", phase="commentary"),
            run("cat load.py"),
        ],
        [patch(change)],
        [say("Fixed *it*.", phase="final_answer")],
    )
    runtime, _ = play(script)
    turn = runtime.turn("fix it")
    assert turn.status == "completed"
    assert [(m["phase"], m["text"]) for m in turn.items("agentMessage")] == [
        ("commentary", "I look."),
        ("final_answer", "Fixed *it*."),
    ]
    assert turn.items("reasoning")[0]["summary"] == ["**Looking**\n\nat the file."]
    command = turn.items("commandExecution")[0]
    assert (command["exitCode"], "answer = 41" in command["aggregatedOutput"]) == (0, True)
    assert turn.items("fileChange")[0]["status"] == "completed"
    assert (project / "load.py").read_text() == "answer = 42\n"


def test_a_prompt_without_a_script_is_told_so(play) -> None:
    from codex_jupyter.offline import Rule

    runtime, _ = play(Script.of(Rule("greet", [[say("Hi.")]], {"contains": "hello"})))
    turn = runtime.turn("write a poem")
    (answer,) = turn.said
    assert "offline model" in answer
    assert "- hello" in answer
    assert "%codex login" in answer
    assert runtime.turn("Hello there").said == ["Hi."]
