"""The user's own instructions to the model stand beside ours: those of config.toml, and those of one cell."""

from __future__ import annotations

import json

import pytest

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, say
from tests.kernel.live_kernel import LiveKernel
from tests.kernel.workbench_script import LOAD

OURS = "Jupyter"
IN_FILE, IN_CELL = "Answer like a lighthouse keeper.", "Answer like a chess player."


def sent(model: offline.Offline) -> str:
    """What the developer of the conversation told the model, all of it."""
    items = model.server.requests[-1].body["input"]
    return json.dumps([item for item in items if item.get("role") == "developer"])


@pytest.fixture
def file(model: offline.Offline) -> None:
    model.server.script = Script.of(
        Rule("any", [[say("Done.", phase="final_answer")]], repeat=True)
    )
    config = model.codex_home / "config.toml"
    config.write_text(f'developer_instructions = "{IN_FILE}"\n{config.read_text()}')


@pytest.mark.usefixtures("file")
def test_both_reach_the_model_in_a_new_and_in_a_resumed_conversation(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    kernel.run(LOAD)
    assert kernel.run("%codex hello").ok
    assert IN_FILE in sent(model) and OURS in sent(model)
    kernel.run("import codex_jupyter as cj\ncj.session().close()")
    assert kernel.run("%codex hello again").ok
    assert IN_FILE in sent(model) and OURS in sent(model)


@pytest.mark.usefixtures("file")
def test_those_of_a_cell_go_before_those_of_the_file(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    kernel.run(LOAD)
    assert kernel.run(f"%codex --new -c developer_instructions='\"{IN_CELL}\"' hello").ok
    assert IN_CELL in sent(model) and OURS in sent(model) and IN_FILE not in sent(model)
    assert kernel.run("%codex --new hello").ok
    assert IN_FILE in sent(model) and IN_CELL not in sent(model)


@pytest.mark.usefixtures("file")
def test_theirs_are_sent_where_codex_may_not_look_into_the_kernel(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    kernel.run(LOAD)
    assert kernel.run("%codex -k off hello").ok
    assert IN_FILE in sent(model)
