"""Another agent started, was spoken to, was interrupted or completed."""

from __future__ import annotations

from codex_jupyter.core import events as ev
from codex_jupyter.core.blocks import document
from codex_jupyter.core.document import Lines
from tests.unit.core.captures import as_captured, captured, play


def test_it_reads_as_captured() -> None:
    assert as_captured("subAgentActivity") == [
        "agent | Agent helper finished",
        "agent | Agent helper started | gpt-6.1-sol",
    ]


def test_agents_show_what_is_known_of_them() -> None:
    turn = play(*captured("subAgentActivity"))
    turn = play(
        ev.AgentProgressed(
            "t", "u", "01a1fd16-ace0-7291-acb0-2701fd2f7c1a", "running", "reads load.py"
        ),
        turn=turn,
    )
    rows = [b for b in document(turn).blocks if b.title.endswith("started")]
    assert [b.body for b in rows] == [(Lines(("helper: running · reads load.py",)),)]
