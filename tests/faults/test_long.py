"""What is far too long: taken, drawn by its beginning and its end, and stopped like anything else."""

from __future__ import annotations

from codex_jupyter import offline
from codex_jupyter.core.blocks import document
from codex_jupyter.core.items import AgentMessage
from codex_jupyter.offline import Rule, Script, say, wait
from codex_jupyter.render import html, text
from codex_jupyter.session.live import LiveTurn
from codex_jupyter.session.session import Session
from tests.faults.conftest import DONE, Clock
from tests.faults.rows import fault
from tests.waiting import until

LONG = "First of all, a word.\n" + "And more of them.\n" * 200_000 + "And the last."
SCRIPT = Script.of(
    Rule("all", [[say(LONG, phase="final_answer", chunk=len(LONG))]], when={"contains": "all"}),
    Rule("stop", [[say(LONG, phase="final_answer", chunk=len(LONG)), wait("never")]], when={"contains": "until"}),
    Rule("any", DONE),
)  # fmt: skip


def arrived(live: LiveTurn) -> int:
    return sum(len(each.text) for each in live.turn.entries if isinstance(each, AgentMessage))


@fault(
    "provider", "an answer of 3.6 MB in one piece", "its beginning, how much is left out, and its end",
    kept="all of it, in `result.final_response`", within=30,
)  # fmt: skip
def test_it_is_drawn_by_its_beginning_and_its_end(
    model: offline.Offline, session: Session, clock: Clock
) -> None:
    model.server.script = SCRIPT
    live = session.start("all of it")
    until(lambda: arrived(live), "the answer")
    with clock:
        result = live.result(120)
    assert result.final_response == LONG
    page = document(live.turn)
    for made in (html.document(page), text.document(page)):
        assert "First of all" in made and "characters omitted" in made and "And the last." in made
        assert len(made) < 600_000
    assert str(session.run("hello", timeout=60)) == "Done."


@fault("provider", "Stop while an answer of megabytes arrives", "stopped", within=20)
def test_it_is_stopped_while_it_arrives(
    model: offline.Offline, session: Session, clock: Clock
) -> None:
    model.server.script = SCRIPT
    live = session.start("until it is stopped")
    until(lambda: arrived(live), "the answer")
    with clock:
        live.interrupt()
        until(lambda: live.done, "the end")
    assert live.turn.state == "interrupted" and arrived(live)
    assert str(session.run("hello", timeout=60)) == "Done."
