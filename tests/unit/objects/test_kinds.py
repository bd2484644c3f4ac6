"""What the model is told of each kind of object, as ``docs/objects.md`` shows it; ``GOLDEN_UPDATE=1`` writes it anew."""

from __future__ import annotations

import os
import re

import pytest

from codex_jupyter.objects.details import ROOM, describe, needs_own_code
from codex_jupyter.objects.summary import summarize
from codex_jupyter.objects.variables import row_text
from codex_jupyter.session.gate import cleaner_of
from tests.environments import ROOT
from tests.unit.objects.kinds import objects

PAGE = ROOT / "docs" / "objects.md"
HEAD = """\
# What Codex is told of your objects

Looking runs none of an object's code: exact types of known libraries are described, everything else is told by its type
and its plain attributes. Tables are sampled, secrets hidden. *Asked*: only the object's own code could say more, so under
`-k read` you are asked before it runs. This page is made by `tests/unit/objects/test_kinds.py`.
"""
CASES = objects()


@pytest.mark.parametrize(("kind", "name", "value"), CASES, ids=[case[0] for case in CASES])
def test_every_kind_fits_its_budget(kind: str, name: str, value: object) -> None:
    assert len(row_text(name, summarize(value, name=name))) <= 400
    assert len(describe(value, name)) <= ROOM + 100


def test_secrets_are_not_in_it() -> None:
    told = page()
    for secret in ("s3cr3t", "hunter2", "whatever-it-is", "sk-proj", "not-to-be-shown", "a-b-c-1"):
        assert secret not in told


def test_only_strangers_are_asked_for() -> None:
    assert [kind for kind, _, value in CASES if needs_own_code(value)] == [
        "object with a repr of its own"
    ]


def test_there_are_at_least_thirty_kinds() -> None:
    assert len(CASES) >= 30


def test_the_page_is_what_the_model_is_told() -> None:
    made = page()
    if os.environ.get("GOLDEN_UPDATE") == "1":
        PAGE.write_text(made, "utf-8")
    assert made == PAGE.read_text("utf-8")


def page() -> str:
    parts = [
        HEAD,
        "## In a list of variables\n",
        "| kind | what `list_variables` says |",
        "|---|---|",
    ]
    for kind, name, value in CASES:
        row = row_text(name, summarize(value, name=name)).replace("|", "\\|")
        parts.append(f"| {kind} | `{steady(row)}` |")
    parts.append("\n## Looked at closely\n")
    for kind, name, value in CASES:
        asked = " *Asked.*" if needs_own_code(value) else ""
        shown = describe(value, name)
        shown = shown if len(shown) < 1_500 else shown[:700] + "\n[…]\n" + shown[-200:]
        parts.append(f"### {kind}{asked}\n\n```text\n{steady(shown)}\n```\n")
    return "\n".join(parts)


def steady(text: str) -> str:
    """As the bench sends it, without what differs between versions of Python and of libraries."""
    text = cleaner_of({}, {}).text(text)
    text = re.sub(r"\b[\d.,]+ (?:[KM]?B)\b", "N B", text)
    text = re.sub(r"datetime64\[[a-z]+", "datetime64[_", text)
    text = re.sub(r"(Docstring of its class: )[^.]*partial application[^.]*\.", r"\1…", text)
    text = text.replace("\nAttributes:\n  gi_code: code; <code>", "")  # a slot until Python 3.12
    return text.replace("`", "'")
