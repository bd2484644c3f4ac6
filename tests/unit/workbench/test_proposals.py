"""Which cell is a proposal that was run."""

from __future__ import annotations

import argparse
import difflib
import inspect
import json.decoder
from types import SimpleNamespace

import pytest

from codex_jupyter.notebook.workbench.proposals import Proposals
from codex_jupyter.notebook.workbench.record import Cell

LONG = inspect.getsource(argparse)[:4_000]


def ran(proposed: str, source: str) -> tuple[bool, bool]:
    """Whether a cell was taken for the proposal, and for an edited one."""
    proposals = Proposals(SimpleNamespace(set_next_input=lambda text: None))
    (one,) = proposals.propose([proposed], batch=1, insertable=True)
    proposals.cell_finished(Cell(1, "%codex propose", ours=True))
    proposals.cell_finished(Cell(2, source))
    return one.state == "ran", one.edited


@pytest.mark.parametrize(
    ("proposed", "source", "found"),
    [
        ("df.describe()", "df.describe()\n", (True, False)),
        ("df.describe()", "df.describe(include='all')", (True, True)),
        ("a = 20\nprint('first')", "a = 20\nprint('first!')", (True, True)),
        ("a = 20\nprint('first')", "unrelated = 1", (False, False)),
        (LONG, LONG.replace("help", "text"), (True, True)),
        (LONG, inspect.getsource(json.decoder), (False, False)),
    ],
)
def test_an_edited_proposal_is_known_again(
    proposed: str, source: str, found: tuple[bool, bool]
) -> None:
    assert ran(proposed, source) == found


def test_every_cell_after_a_long_proposal_is_compared_cheaply(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes: list[int] = []
    plain = difflib.SequenceMatcher

    def counted(junk: None, a: list[str], b: list[str], **more: bool) -> difflib.SequenceMatcher:
        sizes.append(len(a) * len(b))
        return plain(junk, a, b, **more)

    monkeypatch.setattr(difflib, "SequenceMatcher", counted)
    ran(LONG, inspect.getsource(json.decoder))
    assert max(sizes) < 2_000_000  # character by character it is sixteen million, and takes seconds
