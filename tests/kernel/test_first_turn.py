"""The first turn on a real kernel: streaming, options, interrupts, errors, headless runs. What a page does is elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, burst, fail, run, say, wait, write_project
from tests.kernel.conftest import StartKernel
from tests.kernel.live_kernel import LiveKernel
from tests.processes import ended
from tests.waiting import until

LOAD = "%load_ext codex_jupyter"


def script(*rules: Rule) -> Script:
    return Script.of(*rules)


@pytest.mark.own_kernel("what is imported")
def test_loading_prints_nothing_and_imports_nothing_heavy(kernel: LiveKernel) -> None:
    loaded = kernel.run(LOAD)
    assert loaded.ok
    assert loaded.text == ""
    heavy = (
        "openai_codex",
        "pydantic",
        "anywidget",
        "ipywidgets",
        "nh3",
        "markdown_it",
        "pygments.lexers.python",
    )
    assert kernel.value(f"[m for m in {heavy!r} if m in __import__('sys').modules]") == "[]"


@pytest.mark.both_kernels("cells")
@pytest.mark.own_kernel("the first turn of a kernel, on each ipykernel")
def test_a_turn_leaves_text_markdown_and_html(headless_kernel: LiveKernel) -> None:
    headless_kernel.run(LOAD)
    cell = headless_kernel.run("%codex What is a naive datetime?")
    assert cell.ok
    (shown,) = cell.displays
    assert set(shown) == {"text/html", "text/markdown", "text/plain"}
    assert "carries no time zone" in shown["text/plain"]
    assert "offline model" in shown["text/plain"]
    assert "<table>" in shown["text/html"]
    assert not cell.of("execute_result")


def test_a_job_runs_commands_and_changes_a_file(headless_kernel: LiveKernel) -> None:
    write_project(headless_kernel.folder / "churn")
    headless_kernel.run(LOAD)
    cell = headless_kernel.run(
        "%%codex -s workspace-write -C churn -o result\nFix the failing check."
    )
    assert cell.ok, cell.traceback
    plain = cell.displays[0]["text/plain"]
    assert "python3 check.py" in plain
    assert "timezone.utc" in (headless_kernel.folder / "churn" / "load.py").read_text()
    assert (
        headless_kernel.value("str(result).startswith('**Fixed: the dates were naive.**')")
        == "True"
    )
    assert headless_kernel.value(
        "result.status.value, result.error, len(result.items) > 4, result.usage.last.total_tokens > 0"
    ) == ("('completed', None, True, True)")


def test_assignment_binds_the_result_and_nothing_lands_in_out(kernel: LiveKernel) -> None:
    kernel.run(LOAD)
    assert kernel.run("answer = %codex -q What is a naive datetime?").ok
    assert "naive" in kernel.value("str(answer)")
    assert kernel.run("%codex What is a naive datetime?").ok
    assert kernel.value("len(Out)") == "0"


def test_the_conversation_goes_on_across_cells(kernel: LiveKernel, model: offline.Offline) -> None:
    kernel.run(LOAD)
    kernel.run("%codex What is a naive datetime?")
    kernel.run("%codex What did you change?")
    bodies = [json.dumps(r.body["input"]) for r in model.server.requests if "input" in r.body]
    assert "naive datetime" in bodies[-1]
    assert "What did you change?" in bodies[-1]
    kernel.run("%codex --new What did you change?")
    newest = json.dumps(list(model.server.requests)[-1].body["input"])
    assert "naive datetime" not in newest


@pytest.mark.both_kernels("interrupts")
def test_an_interrupt_ends_the_turn_and_its_commands_and_the_thread_goes_on(
    kernel: LiveKernel, model: offline.Offline
) -> None:
    model.server.script = script(
        Rule(
            "long",
            [[run("sleep 4321", yield_ms=500)], [wait("never"), say("late")]],
            when={"contains": "sleep"},
        ),
        Rule(
            "short", [[say("I am still here.", phase="final_answer")]], when={"contains": "after"}
        ),
    )
    kernel.run(LOAD)
    cell = kernel.begin("%codex -s read-only Please sleep")
    kernel.until(lambda: kernel.descendants("sleep 4321"), "the command to run")
    (app_server,) = kernel.descendants("app-server")
    kernel.interrupt()
    cell.wait()
    assert cell.error[0] == "TurnInterruptedError"
    assert "Traceback" not in cell.traceback
    assert "Stopped by you" in cell.text
    # The runtime says that they are gone when it has told them to end; that takes them a moment.
    kernel.until(lambda: not kernel.descendants("sleep 4321"), "the command to be gone")
    again = kernel.run("%codex and after")
    assert again.ok, again.traceback
    assert "I am still here." in again.text
    assert kernel.descendants("app-server") == [app_server]
    last = json.dumps(list(model.server.requests)[-1].body["input"])
    assert "Please sleep" in last


def test_an_option_holds_for_its_turn_only(kernel: LiveKernel, model: offline.Offline) -> None:
    target = kernel.folder / "written.txt"
    model.server.script = script(
        Rule("write", [[run(f"echo x >> {target}")], [say("done")]], when={"contains": "write"}),
    )
    kernel.run(LOAD)
    assert kernel.run("%codex -s full-access write").ok
    assert target.read_text() == "x\n"
    assert kernel.run("%codex -s read-only write again").ok
    assert target.read_text() == "x\n"
    assert kernel.run("%codex write once more").ok
    assert target.read_text() == "x\n"


def test_config_in_the_middle_of_a_thread_points_to_new(kernel: LiveKernel) -> None:
    kernel.run(LOAD)
    assert kernel.run("%codex -c model_verbosity=low What is a naive datetime?").ok
    cell = kernel.run("%codex -c model_verbosity=high What did you change?")
    assert cell.error[0] == "OptionError"
    assert "--new" in cell.text
    assert "\n" not in cell.traceback.strip(), "what the transcript says is not said again"
    assert kernel.run("%codex --new -c model_verbosity=high What did you change?").ok


def test_a_provider_error_is_one_block_and_fails_the_cell(
    kernel: LiveKernel, model: offline.Offline
) -> None:
    said = "no such model: nope"
    model.server.script = script(Rule("bad", [[fail(400, {"error": {"message": said}})]]))
    kernel.run(LOAD)
    cell = kernel.run("%codex hello")
    assert not cell.ok
    assert cell.error[0] == "TurnFailedError"
    assert said in cell.traceback and "{" not in cell.traceback  # in words, not as JSON
    assert "site-packages" not in cell.traceback and "codex_jupyter/" not in cell.traceback
    assert said in cell.text


def test_a_refused_connection_ends_at_the_time_limit(
    start_kernel: StartKernel, model: offline.Offline
) -> None:
    kernel = start_kernel()
    model.server.close()
    kernel.run(LOAD)
    cell = kernel.run("%codex --timeout 3 hello")
    assert not cell.ok
    assert "3 s" in cell.traceback
    assert "Traceback" not in cell.traceback
    assert "time limit" in cell.text


def test_without_an_account_nothing_is_sent(start_kernel: StartKernel, scratch: Path) -> None:
    home = scratch / "empty-home"
    home.mkdir()
    kernel = start_kernel(environ={"CODEX_HOME": str(home)})
    kernel.run(LOAD)
    cell = kernel.run("%codex hello")
    assert cell.error[0] == "NotSignedInError"
    assert "Nothing was sent" in cell.text
    assert "%codex login" in cell.text
    assert "\n" not in cell.traceback.strip(), "what the transcript says is not said again"


def test_a_headless_cell_leaves_one_display_and_no_widget(headless_kernel: LiveKernel) -> None:
    headless_kernel.run(LOAD)
    cell = headless_kernel.run("%codex What is a naive datetime?")
    assert cell.ok
    assert [m["msg_type"] for m in cell.messages if "display" in m["msg_type"]] == ["display_data"]
    assert not headless_kernel.comms


def test_a_burst_of_deltas_arrives_whole(newest_kernel: LiveKernel, model: offline.Offline) -> None:
    model.server.script = script(Rule("burst", [[burst(20_000)]], when={"contains": "burst"}))
    newest_kernel.run(LOAD)
    cell = newest_kernel.run("r = %codex burst")
    assert cell.ok
    assert newest_kernel.value("len(str(r)) > 20_000") == "True"


def test_the_list_of_commands_is_a_table(kernel: LiveKernel, model: offline.Offline) -> None:
    kernel.run(LOAD)
    text = kernel.run("%codex /help").text
    sandbox, model_row = (
        next(line for line in text.splitlines() if word in line) for word in ("/sandbox", "/model ")
    )
    assert sandbox.endswith("  show or set the sandbox")
    assert sandbox.index("show or set") == model_row.index("show or set")


def test_help_prints_help_and_nothing_else(kernel: LiveKernel, model: offline.Offline) -> None:
    kernel.run(LOAD)
    for code, text in (
        ("%codex --help", "-s, --sandbox MODE"),
        ("%%codex --help", "-s, --sandbox MODE"),
        ("%codex /sandbox --help", "%codex /sandbox [MODE]"),
        ("%codex /help -s", "commands read files and change nothing"),
    ):
        cell = kernel.run(code)
        assert cell.ok
        assert text in cell.stdout
        assert not cell.displays
    assert not model.server.requests


def test_the_bare_magic_shows_the_state_and_examples(kernel: LiveKernel) -> None:
    kernel.run(LOAD)
    cell = kernel.run("%codex")
    assert cell.ok
    assert "%codex --help" in cell.text


def test_the_sdk_object_is_real_and_initialised(kernel: LiveKernel) -> None:
    kernel.run(LOAD)
    cell = kernel.run(
        "import codex_jupyter as cj, openai_codex\n"
        "codex = cj.session().codex\n"
        "print(type(codex) is openai_codex.AsyncCodex, codex.metadata.serverInfo.version)\n"
        "models = await codex.models()\n"
        "print(len(models.data) > 0)"
    )
    assert cell.ok, cell.traceback
    assert cell.stdout.startswith("True 0.")
    assert cell.stdout.endswith("True\n")


def test_nothing_is_left_when_the_kernel_ends(start_kernel: StartKernel) -> None:
    kernel = start_kernel()
    kernel.run(LOAD)
    kernel.run("%codex What is a naive datetime?")
    (app_server,) = kernel.descendants("app-server")
    kernel.process.kill()
    until(lambda: ended(app_server), "the runtime to end")
