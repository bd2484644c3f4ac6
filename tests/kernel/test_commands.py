"""Commands do something real on a real kernel."""

from __future__ import annotations

import json
import re

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, say, wait
from tests.kernel.live_kernel import LiveKernel

LOAD = "%load_ext codex_jupyter"


def test_conversations_are_listed_named_forked_resumed_and_written(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    kernel.run(LOAD)
    assert kernel.run("%codex What is a naive datetime?").ok
    assert kernel.run("%codex /name Dates without zones").ok
    listed = kernel.run("%codex /threads")
    assert "Dates without zones" in listed.text and "here as 'main'" in listed.text

    assert kernel.run("%codex /fork aside").ok
    assert kernel.run("%codex -t aside What did you change?").ok
    assert "naive datetime" in json.dumps(model.server.requests[-1].body["input"])

    assert kernel.run("%codex /new").ok
    assert kernel.run("%codex What did you change?").ok
    assert "naive datetime" not in json.dumps(model.server.requests[-1].body["input"])
    resumed = kernel.run("%codex /resume Dates without zones")
    assert resumed.ok, resumed.traceback
    assert kernel.run("%codex What did you change?").ok
    assert "naive datetime" in json.dumps(model.server.requests[-1].body["input"])

    told = kernel.run("%codex /transcript").text
    for words in ("You asked", "What did you change?", "carries no time zone", "read-only"):
        assert words in told
    assert re.search(r" · 20\d\d-\d\d-\d\d \d\d:\d\d", told), "when"
    assert kernel.run("%codex /transcript talk.md").ok
    written = kernel.folder / "talk.md"
    said = written.read_text()
    assert said.startswith("# Dates without zones\n")
    assert "gpt-5.5" in said.split("\n---\n")[0]
    assert "What did you change?" in said
    assert "carries no time zone" in said
    assert kernel.run("%codex /transcript talk.html").ok
    page = (kernel.folder / "talk.html").read_text()
    assert page.count("<style>") == 2, "the page's, and one for all turns"
    assert page.count("You asked") == said.count("You asked") >= 2
    assert written.stat().st_mode & 0o777 == 0o600
    written.write_text("mine\n")
    refused = kernel.run("%codex /transcript talk.md")
    assert "%codex /transcript --replace talk.md" in refused.traceback
    assert written.read_text() == "mine\n"
    assert kernel.run("%codex /transcript --replace talk.md").ok
    assert written.read_text() == said
    assert kernel.run("%codex /archive").ok
    assert "Dates without zones" not in kernel.run("%codex /threads").text


def test_choices_hold_for_the_thread(newest_kernel: LiveKernel, model: offline.Offline) -> None:
    kernel = newest_kernel
    kernel.run(LOAD)
    assert "gpt" in kernel.run("%codex /model").text
    assert kernel.run("%codex /model gpt-5.4").ok
    assert kernel.run("%codex /effort low").ok
    assert kernel.run("%codex What is a naive datetime?").ok
    body = model.server.requests[-1].body
    assert (body["model"], body["reasoning"]["effort"]) == ("gpt-5.4", "low")
    assert "gpt-5.4 (this conversation)" in kernel.run("%codex /status").text
    wrong = kernel.run("%codex /sandbox nowhere")
    assert wrong.error[0] == "OptionError" and "read-only" in wrong.traceback


def test_tab_offers_the_safest_value_first_and_the_models_once_codex_runs(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    kernel.run(LOAD)
    assert kernel.complete("%codex -s ") == ["read-only", "workspace-write", "full-access"]
    assert not [word for word in kernel.complete("%codex -m ") if word.startswith("gpt")]
    assert kernel.value("__import__('codex_jupyter').session().engine.runtime") == "None"
    assert kernel.run("%codex What is a naive datetime?").ok
    models = kernel.complete("%codex -m ")
    listed = kernel.run("%codex /model").text
    assert len(models) > 1 and all(name in listed for name in models)
    assert kernel.complete("%codex /permissions -k ") == ["off", "read", "edit", "run"]


def test_what_nobody_chose_is_told_as_soon_as_codex_has_told_it(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    kernel.run(LOAD)
    before = kernel.run("%codex /status").text
    assert "as Codex has it for the folder, told" in before
    turn = kernel.run("%codex What is a naive datetime?").text
    assert "gpt-5.5 · read-only" in turn
    for command in ("/status", "/permissions", "/sandbox"):
        told = kernel.run(f"%codex {command}").text
        assert "read-only (as Codex has it for the folder)" in told, command
    assert "gpt-5.5 (as Codex is configured)" in kernel.run("%codex /status").text
    kernel.run("%codex /sandbox workspace-write")
    assert "workspace-write (this conversation)" in kernel.run("%codex /status").text


def test_a_running_turn_is_steered_and_stopped(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    model.server.script = Script.of(
        Rule(
            "more",
            [[say("Only the last month, then.", phase="final_answer")]],
            when={"contains": "last month"},
        ),
        Rule("slow", [[say("I begin.", phase="commentary"), wait("begun")]], {"contains": "Summ"}),
        Rule("endless", [[say("I begin.", phase="commentary"), wait("never")]]),
    )
    kernel = newest_kernel
    kernel.run(LOAD)
    assert kernel.run("turn = %codex -b Summarise").ok
    model.server.wait_until_held("begun")
    assert kernel.run("%codex /steer Only the last month.").ok
    model.server.release("begun")  # older runtimes send it on when the model has spoken
    assert kernel.run("print(turn.result())").stdout.endswith("Only the last month, then.\n")
    assert not kernel.run("%codex /interrupt").ok
    assert kernel.run("turn = %codex -b Again").ok
    assert kernel.run("%codex /stop").ok
    assert kernel.value("turn.done") == "True"


def test_jobs_and_checks(newest_kernel: LiveKernel, model: offline.Offline) -> None:
    model.server.script = Script.named("quickstart") + Script.of(
        Rule(
            "review",
            [
                [
                    say(
                        json.dumps(
                            {
                                "findings": [],
                                "overall_correctness": "patch is correct",
                                "overall_explanation": "Nothing to mend.",
                                "overall_confidence_score": 0.9,
                            }
                        )
                    )
                ]
            ],
            when={"subagent": "review"},
        ),
        Rule("compaction", [[say("A summary.")]], when={"kind": "compaction"}),
    )
    kernel = newest_kernel
    kernel.run(LOAD)
    assert kernel.run("%codex What is a naive datetime?").ok
    review = kernel.run("%codex /review Look at load.py")
    assert review.ok, review.traceback
    assert "Nothing to mend." in review.text
    assert kernel.run("%codex /compact").ok
    doctor = kernel.run("%codex /doctor")
    assert doctor.ok, doctor.traceback
    assert "openai-codex" in doctor.text and "sandbox" in doctor.text
    assert "No MCP server" in kernel.run("%codex /mcp").text
    assert kernel.run("%codex /context off").ok
    assert "switched off" in kernel.run("%codex /context").text
    assert "changed no file" in kernel.run("%codex /diff").text


def test_what_a_command_cannot_do_is_told_in_one_block(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    model.server.script = Script.of(
        Rule("slow", [[wait("never")]], when={"contains": "slow"}),
        Rule("quick", [[say("Done.", phase="final_answer")]]),
    )
    kernel = newest_kernel
    kernel.run(LOAD)
    assert kernel.run("%codex quick").ok
    for typed, error in [
        ("/transcript no/such/folder.md", "UserError"),
        ("/transcript ~nobody-has-this-name/talk.md", "UserError"),
        ("/permissions revoke ²", "OptionError"),
        ("/pending ²", "UserError"),
        ("-C no/such /status", ""),
    ]:
        cell = kernel.run(f"%codex {typed}")
        assert cell.ok if not error else cell.error[0] == error, typed
    assert "-t report PROMPT" in kernel.run("%codex /new report").text
    assert '-t "my report" PROMPT' in kernel.run("%codex /new my report").text
    # The turn that was started last is over; the one before it runs.
    assert kernel.run("turn = %codex -b -t aside slow").ok
    model.server.wait_until_held("never")
    assert kernel.run("%codex quick").ok
    assert kernel.run("%codex /interrupt").ok
    kernel.until(lambda: kernel.value("turn.done") == "True", "the turn to stop")


def test_options_reach_what_they_stand_before(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    kernel.run(LOAD)
    folder = kernel.folder / "project"
    folder.mkdir()
    (folder / "load.py").write_text("x = 1\n")
    assert "Check --add-dir." in kernel.run("%codex --add-dir nowhere hello").traceback
    assert kernel.run("%config CodexMagics.cwd = 'project'").ok
    assert "load.py" in kernel.run("%codex What does @load.py do?").text.splitlines()[-1]
    before = kernel.value("__import__('codex_jupyter').session().thread().id")
    cell = kernel.run("%codex -b --new -o job /review Look at load.py")
    assert cell.ok, cell.traceback
    kernel.until(lambda: kernel.value("job.done") == "True", "the review to end")
    assert kernel.value("__import__('codex_jupyter').session().thread().id") != before


def test_an_interrupt_before_anybody_waits_stops_the_turn(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    model.server.script = Script.of(Rule("slow", [[wait("never")]]))
    kernel = newest_kernel
    kernel.run(LOAD)
    cell = kernel.run(
        "import sys\ndef interrupt(frame, event, arg):\n"
        "    if frame.f_code.co_qualname == 'NotebookPresenter.wait':\n"
        "        sys.settrace(None)\n        raise KeyboardInterrupt\n"
        "sys.settrace(interrupt)\n%codex slow"
    )
    assert cell.error[0] == "TurnInterruptedError"
    assert cell.text.count("Stopped by you") == 1
    done = "__import__('codex_jupyter').session().last.done"
    kernel.until(lambda: kernel.value(done) == "True", "the turn to stop")


def test_an_answer_has_the_shape_that_was_asked_for(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    kernel.run(LOAD)
    cell = kernel.run("%codex --output-schema Trip Plan a trip.")
    assert cell.error[0] == "OptionError" and "no variable of this name" in cell.traceback
    kernel.run("class Trip: pass")
    cell = kernel.run("%codex --output-schema Trip Plan a trip.")
    assert cell.error[0] == "OptionError" and "Trip cannot be made" in cell.traceback
    assert not model.server.requests

    model.server.script = Script.of(
        Rule("trip", [[say('{"city": "Oslo", "days": 3}', phase="final_answer")]])
    )
    kernel.run("import pydantic\nclass Trip(pydantic.BaseModel):\n    city: str\n    days: int = 1")
    assert kernel.run("%codex --output-schema Trip -o trip Plan a trip.").ok
    assert kernel.value("trip.parsed") == "Trip(city='Oslo', days=3)"
    sent = model.server.requests[-1].body["text"]["format"]
    assert sent["strict"] and sent["schema"]["required"] == ["city", "days"]
    assert sent["schema"]["additionalProperties"] is False
    assert kernel.run("%codex -o plain Plan a trip.").ok
    assert kernel.value("plain.parsed") == "None"
    assert "text" not in model.server.requests[-1].body or "schema" not in str(
        model.server.requests[-1].body["text"]
    )

    kernel.run("class Bill(pydantic.BaseModel):\n    total: float")
    assert kernel.run("%codex --output-schema Bill -o bill Plan a trip.").ok
    cell = kernel.run("bill.parsed")
    assert cell.error[0] == "UserError" and "does not fit Bill" in cell.traceback
