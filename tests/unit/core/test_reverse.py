"""What a patch left is turned back into what was there before it, or not at all."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_jupyter.core.diffs import Change
from codex_jupyter.core.reverse import NotReversible, before


def patch(old: str, new: str) -> str:
    """A unified diff as the runtime writes it."""
    lines = []
    for line in difflib.unified_diff(_lines(old), _lines(new), lineterm="\n", n=3):
        if line.startswith(("---", "+++")) and not lines:
            continue
        lines.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(lines)


def _lines(text: str) -> list[str]:
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


TEXTS = st.lists(
    st.sampled_from(["a", "b", "", "- x", "+ y", "@@", "\\", "\r", "é\u2028"])
).flatmap(lambda lines: st.sampled_from(["\n".join(lines), "\n".join([*lines, ""])]))


@given(TEXTS, TEXTS)
def test_every_patch_leads_back(old: str, new: str) -> None:
    if old != new:
        assert before(Change("f", "update", patch(old, new)), new) == old


def test_new_deleted_and_moved_files() -> None:
    assert before(Change("f", "add", "x\n"), "x\n") is None
    assert before(Change("f", "delete", "x\n"), None) == "x\n"
    assert before(Change("f", "update", "", moved_to="g"), "x\n") == "x\n"
    assert before(Change("f", "update", "@@ -1 +1 @@\n-a\n+b\n", moved_to="g"), "b\n") == "a\n"


@pytest.mark.parametrize(
    ("change", "after"),
    [
        (Change("f", "add", "x\n"), "y\n"),
        (Change("f", "add", "x\n"), None),
        (Change("f", "delete", "x\n"), "x\n"),
        (Change("f", "update", "@@ -1 +1 @@\n-a\n+b\n"), None),
        (Change("f", "update", "@@ -1 +1 @@\n-a\n+b\n"), "c\n"),
        (Change("f", "update", "@@ -1 +1 @@\n-a\n+b\n"), "new\nb\n"),
        (Change("f", "update", "@@ -1,3 +1,3 @@\n-a\n+b\n"), "b\n"),
        (Change("f", "update", "no patch"), "b\n"),
        (Change("f", "update", "@@ -1 +1 @@\n?a\n+b\n"), "b\n"),
    ],
)
def test_what_is_not_what_the_patch_left_is_refused(change: Change, after: str | None) -> None:
    with pytest.raises(NotReversible):
        before(change, after)
