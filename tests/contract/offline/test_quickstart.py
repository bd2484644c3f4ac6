"""The quickstart's script, played by the real runtime on the sample project."""

from __future__ import annotations

import pytest

from codex_jupyter.offline import Script, write_project
from codex_jupyter.offline.project import FILES


@pytest.mark.parametrize("model", ["gpt-5.5", "gpt-6.1-sol", "some-other-model"])
def test_the_job_is_really_done(play, project, model) -> None:
    write_project(project)
    runtime, _ = play(Script.named("quickstart"), model=model)
    thread = runtime.thread()
    turn = runtime.turn("Fix the failing check.", thread)
    assert [item["exitCode"] for item in turn.items("commandExecution")] == [0, 0, 1, 0]
    assert turn.items("fileChange")[0]["status"] == "completed"
    assert "**Fixed: the dates were naive.**" in turn.said[-1]
    assert "timezone.utc)" in (project / "load.py").read_text()
    assert "marked as UTC" in runtime.turn("What did you change?", thread).said[0]


def test_the_answer_follows_what_happened(play, project) -> None:
    runtime, _ = play(Script.named("quickstart"), answer=lambda *_: {"decision": "decline"})
    assert "write_project" in runtime.turn("Fix the failing check.").said[-1]
    write_project(project)
    turn = runtime.turn("Fix the failing check.", runtime.thread(sandbox="read-only"))
    assert "declined" in turn.said[-1]
    assert (project / "load.py").read_text() == FILES["load.py"]
