"""A call that was refused."""

from __future__ import annotations

from codex_jupyter.core import events as ev
from codex_jupyter.core.blocks import document
from codex_jupyter.core.document import Lines, Plain
from codex_jupyter.core.items import RefusedCall
from codex_jupyter.core.rights import Rights
from codex_jupyter.core.turn import Turn, TurnSettings
from tests.unit.core.captures import command, completed, only, play

NEVER = "approval policy is Never; reject command"
SANDBOX = "Wall time: 0.1 seconds\nOutput:\nf.txt: Read-only file system"


def test_what_was_tried_and_what_the_model_was_told() -> None:
    call = RefusedCall(
        "c", "declined", tool="exec_command", arguments='{"cmd": "rm x"}', output=NEVER
    )
    block = only(completed(call))
    assert (block.kind, block.title, block.meta) == ("refused", "rm x", "refused by the policy")
    assert (block.fold, block.body) == ("never", (Plain(NEVER),))


def test_a_read_only_sandbox_says_what_helps() -> None:
    call = RefusedCall(
        "c", "declined", tool="exec_command", arguments='{"cmd": "rm x"}', output=SANDBOX
    )
    at = TurnSettings(rights=Rights())
    (block,) = document(play(completed(call), turn=Turn(settings=at))).blocks
    assert block.body[0] == Plain("f.txt: Read-only file system")
    assert isinstance(block.body[1], Lines) and "workspace-write" in block.body[1].lines[0]
    assert len(only(completed(call)).body) == 1


def test_a_refusal_does_not_show_that_a_retry_succeeded() -> None:
    retry = ev.ErrorReported("t", "u", "Reconnecting... 1/5", will_retry=True)
    turn = play(retry, completed(RefusedCall("c", "declined", tool="exec_command")))
    assert turn.retrying
    assert not play(completed(command("d")), turn=turn).retrying
