"""Which raw calls are shown as refused. The outputs are what runtime 0.163 told the model, measured."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from codex_jupyter.core import events as ev
from codex_jupyter.core.blocks import document
from codex_jupyter.core.document import Lines, Plain
from codex_jupyter.core.items import Command, FileChange, RefusedCall
from codex_jupyter.core.rights import Rights
from codex_jupyter.core.turn import Turn, TurnSettings
from tests.unit.core.captures import completed, ended, play, started, titles

RAN_INTO_THE_SANDBOX = (
    "Chunk ID: 84b584\nWall time: 0.0000 seconds\nProcess exited with code 1\nOriginal token count: 12\n"
    "Output:\n/bin/bash: line 1: f.txt: Read-only file system\n"
)
NEVER = "approval policy is Never; reject command — you cannot ask for escalated permissions if the approval policy is Never"
PATCH_NEVER = (
    "patch rejected: writing is blocked by read-only sandbox; rejected by user approval settings"
)
BAD_PATCH = "apply_patch verification failed: Failed to read file to update /w/nope.txt: No such file or directory"
BAD_CALL = "failed to parse function arguments: missing field `cmd` at line 1 column 11"
BY_A_PERSON = 'exec_command failed: CreateProcess { message: "Rejected(\\"rejected by user\\")" }'
PATCH = "*** Begin Patch\n*** Add File: a.txt\n+hi\n*** End Patch"
RAN = (
    "Chunk ID: 1\nWall time: 0.1 seconds\nProcess exited with code 0\nOutput:\nPermission denied\n"
)
RUNS = "Chunk ID: 1\nWall time: 0.3 seconds\nProcess running with session ID 10109\nOutput:\na\n"
SCRIPT = 'const r = await tools.exec_command({cmd:"echo x > f.txt"}); text(r.output)'


def arguments(command: str) -> str:
    return json.dumps({"cmd": command})


def called(tool: str, args: str, output: str, *between: ev.Event, call_id: str = "call") -> Turn:
    return play(
        ev.RawCallSeen("t", "u", call_id, tool, args),
        *between,
        ev.RawOutputSeen("t", "u", call_id, output),
    )


@pytest.mark.parametrize(
    ("tool", "args", "output", "row"),
    [
        (
            "exec_command",
            arguments("echo x > f.txt"),
            RAN_INTO_THE_SANDBOX,
            "refused | echo x > f.txt | stopped by the sandbox",
        ),
        ("exec_command", arguments("touch f"), NEVER, "refused | touch f | refused by the policy"),
        ("exec_command", '{"nope": 1}', BAD_CALL, "refused | exec_command | did not run"),
        ("apply_patch", PATCH, PATCH_NEVER, "refused | edit a.txt | refused by the policy"),
        ("apply_patch", PATCH, BAD_PATCH, "refused | edit a.txt | did not run"),
        ("functions.exec", SCRIPT, f"Script failed\nScript error:\n{NEVER}", "refused | echo x > f.txt | refused by the policy"),
        ("exec", SCRIPT, "Script completed\nf.txt: Read-only file system\n", "refused | echo x > f.txt | stopped by the sandbox"),
        (
            "exec",
            f"await tools.apply_patch({json.dumps(PATCH)})",
            f"Script failed\n{PATCH_NEVER}",
            "refused | a patch | refused by the policy",
        ),
        ("shell", '{"command": ["touch", "x"]}', '{"output": "no", "metadata": {"exit_code": 1}}', "refused | touch x | did not run"),
    ],
)  # fmt: skip
def test_refused_without_an_item(tool: str, args: str, output: str, row: str) -> None:
    turn = called(tool, args, output)
    assert titles(document(turn)) == [row], "as soon as the output is there"
    assert document(turn).blocks[0].fold == "never"
    assert not turn.hidden_calls
    assert titles(document(play(ended(), turn=turn))) == [row]


@pytest.mark.parametrize(
    ("tool", "args", "output"),
    [
        ("exec_command", arguments("cat f"), RAN),
        ("exec_command", arguments("sleep 9"), RUNS),
        ("update_plan", "{}", "Plan updated"),
        ("write_stdin", "{}", "write_stdin failed: Unknown process id 99"),
        ("request_user_input", "{}", "rejected"),
        ("collaboration.spawn_agent", "{}", "rejected command"),
        ("tool_search", "{}", "denied"),
        ("frobnicate", "{}", "unsupported call: frobnicate"),
        ("exec", "text(nope.x)", "Script failed\nReferenceError: nope is not defined"),
        ("exec", "await tools.wait({})", "Script failed\nPermission denied"),
        ("exec", SCRIPT, "Script completed\nOutput:\nfine"),
        ("wait", '{"cell_id": "7"}', f"Script failed\n{NEVER}"),
        ("wait", "not json", NEVER),
    ],
)
def test_not_refused(tool: str, args: str, output: str) -> None:
    turn = play(ended(), turn=called(tool, args, output))
    assert not turn.entries and not turn.hidden_calls


@pytest.mark.parametrize("output", [BY_A_PERSON, NEVER, RAN_INTO_THE_SANDBOX])
def test_a_call_with_an_item_is_told_by_the_item(output: str) -> None:
    item = completed(Command("call", "declined", command="ls"))
    assert [type(e) for e in called("exec_command", arguments("ls"), output, item).entries] == [
        Command
    ]


def test_an_item_that_comes_later_takes_the_refusals_place() -> None:
    turn = play(started(FileChange("call")), turn=called("apply_patch", PATCH, PATCH_NEVER))
    assert [type(e) for e in turn.entries] == [FileChange]


def test_what_a_person_declined_inside_a_script_has_its_item() -> None:
    turn = called(
        "exec",
        SCRIPT,
        f"Script failed\nScript error:\n{BY_A_PERSON}",
        completed(Command("exec-1", "declined", command="ls")),
    )
    assert [type(e) for e in turn.entries] == [Command]


def test_a_scripts_failing_command_with_an_item_is_no_refusal() -> None:
    item = completed(Command("exec-1", "failed", exit_code=1, command="ls"))
    assert len(called("exec", SCRIPT, "Script completed\nPermission denied", item).entries) == 1


def test_items_of_an_earlier_script_do_not_count() -> None:
    turn = play(completed(Command("exec-0")), turn=called("exec", SCRIPT, "Script completed\nok"))
    turn = play(
        ev.RawCallSeen("t", "u", "second", "exec", SCRIPT),
        ev.RawOutputSeen("t", "u", "second", "Script completed\nRead-only file system"),
        turn=turn,
    )
    assert [type(e) for e in turn.entries] == [Command, RefusedCall]


def test_a_script_that_runs_on_is_judged_when_its_wait_is_over() -> None:
    turn = called("exec", SCRIPT, "Script running with cell ID 1\nWall time 0.2 seconds\nOutput:\n")
    assert not turn.entries
    for number, output in enumerate(["Script running with cell ID 1\n", f"Script failed\n{NEVER}"]):
        call_id = f"wait{number}"
        turn = play(
            ev.RawCallSeen("t", "u", call_id, "wait", '{"cell_id": "1", "yield_time_ms": 3000}'),
            ev.RawOutputSeen("t", "u", call_id, output),
            turn=turn,
        )
    assert titles(document(turn)) == ["refused | echo x > f.txt | refused by the policy"]
    assert not turn.hidden_calls


def test_an_interrupted_call_without_output_is_not_refused() -> None:
    turn = play(
        ev.RawCallSeen("t", "u", "call", "exec_command", arguments("ls")), ended("interrupted")
    )
    assert not turn.entries


def test_what_did_run_in_a_script_is_not_named_as_refused() -> None:
    script = (
        'await tools.exec_command({cmd:"echo x > f"}); await tools.exec_command({cmd:\'ls "a b"\'})'
    )
    ls = completed(Command("exec-1", command="/bin/bash -c 'ls \"a b\"'", exit_code=0))
    turn = called("exec", script, "Script completed\nf: Read-only file system", ls)
    assert titles(document(turn))[-1] == "refused | echo x > f | stopped by the sandbox"


def test_a_refusal_shows_what_was_said_and_what_would_help() -> None:
    turn = called("exec_command", arguments("echo x > f.txt"), RAN_INTO_THE_SANDBOX)
    (block,) = document(turn).blocks
    assert block.body == (Plain("/bin/bash: line 1: f.txt: Read-only file system"),)
    read_only = replace(turn, settings=TurnSettings(rights=Rights()))
    (block,) = document(read_only).blocks
    hint = "`-s workspace-write` lets Codex write in this folder."
    assert block.body[-1] == Lines((hint,), advice=True)
