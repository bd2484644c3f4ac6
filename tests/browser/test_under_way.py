"""Turns under way in real JupyterLab: a checklist that fills, a question that is answered, a connection that breaks.

Stop and approvals have files of their own. ``make gallery`` plays these and all the others, and takes their pictures.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from codex_jupyter import offline
from codex_jupyter.offline import Offline
from tests import gallery_plays
from tests.browser.conftest import OpenNotebook
from tests.contract.items import every_item


@pytest.fixture
def model(scratch: Path) -> Iterator[Offline]:
    with offline.start(
        gallery_plays.script(),
        model=gallery_plays.MODEL,
        config=gallery_plays.settings(),
        codex_home=scratch / "codex",
    ) as running:
        yield running


def test_what_goes_on_is_seen_and_answered(open_notebook: OpenNotebook, model: Offline) -> None:
    plays = {shown.name: shown.cells[0] for shown in gallery_plays.LIVE}
    names = ("job", "question", "retry")
    notebook = open_notebook(["%load_ext codex_jupyter", *(plays[name] for name in names)])
    every_item.write_project(notebook.file.parent / "churn")
    notebook.run(0)

    notebook.begin(1)
    job = notebook.output(1)
    expect(job).to_contain_text("7 passed")
    expect(job).to_contain_text("3 of 3 done")
    expect(job.get_by_role("button", name="Stop")).to_be_visible()
    model.server.release("job")
    notebook.wait_idle(1)
    expect(job).to_contain_text("Fixed: the dates were naive.")

    notebook.begin(2)
    question = notebook.output(2)
    question.get_by_label("Orange").check()
    question.get_by_role("button", name=re.compile("Answer|Send|Submit")).click()
    notebook.wait_idle(2)
    expect(question).to_contain_text("Done.")
    answers = [item for item in model.server.requests[-1].input if item["type"].endswith("_output")]
    assert "Orange" in json.dumps(answers)
    assert "Blue" not in json.dumps(answers)

    notebook.begin(3)
    retry = notebook.output(3)
    expect(retry).to_contain_text("Reconnecting")
    model.server.release("retried")
    notebook.wait_idle(3)
    expect(retry).to_contain_text("Done.")
    assert not notebook.record.errors
