"""What the runtime remarks on the folder that a turn works in: said where it is the user's business, and only there."""

from __future__ import annotations

from pathlib import Path

import pytest

from codex_jupyter import offline
from codex_jupyter.core.items import Notice
from codex_jupyter.offline import Script, say
from codex_jupyter.session.session import Session
from tests.waiting import GENEROUS


@pytest.mark.parametrize("where", ["home", "project"])
def test_the_users_own_codex_home_is_not_told_of_as_a_projects_settings(
    scratch: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setenv("HOME", str(scratch / "home"))
    folder = scratch / where
    (folder / ".codex").mkdir(parents=True)
    monkeypatch.chdir(folder)  # the runtime remarks on the folder that it is started in
    session = Session("remarks")
    script = Script.reply([say("Done.", phase="final_answer")])
    with offline.start(script, codex_home=scratch / "codex") as model:
        try:
            session.go_offline(model)
            turn = session.start("Go.")
            assert str(turn.result(GENEROUS)) == "Done."
        finally:
            session.close()
    remarks = [e.message for e in turn.turn.entries if isinstance(e, Notice)]
    told = [message for message in remarks if str(folder / ".codex") in message]
    assert len(told) == (where == "project"), remarks
