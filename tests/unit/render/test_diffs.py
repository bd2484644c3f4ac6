"""Diffs read as rows with signs, whatever they look like."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codex_jupyter.core.diffs import Change
from codex_jupyter.core.document import Patch
from codex_jupyter.render import bodies
from codex_jupyter.render.diffs import of_change, of_unified, shortened, summary
from tests.unit.render import samples
from tests.unit.render.parsed import text


def test_an_update() -> None:
    diff = of_change(samples.change())
    assert (diff.verb, diff.totals) == ("edited", "+1 −1")
    assert [str(row) for row in diff.rows] == samples.UPDATE.splitlines()


@pytest.mark.parametrize(
    ("kind", "verb", "sign"), [("add", "added", "+"), ("delete", "deleted", "-")]
)
def test_bare_content(kind: str, verb: str, sign: str) -> None:
    diff = of_change(Change("a", kind, "one\n@@ two\n\n"))
    assert diff.verb == verb
    assert [str(row) for row in diff.rows] == [f"{sign}one", f"{sign}@@ two", sign]


def test_a_removed_line_that_looks_like_a_head() -> None:
    body = "@@ -1,2 +1,2 @@\n--- a\n+++ b\n c\n"
    (diff,) = of_unified("--- x.sql\n+++ x.sql\n" + body)
    assert (diff.path, diff.added, diff.removed) == ("x.sql", 1, 1)
    assert [str(row) for row in diff.rows] == body.splitlines()


def test_a_turn() -> None:
    files = of_unified(samples.TURN_DIFF)
    assert [(f.name, f.verb, f.totals) for f in files] == [
        ("load.py", "edited", "+1 −1"),
        ("new.py", "added", "+2"),
    ]
    assert summary(files) == "2 files +3 −1"


def test_moves_modes_and_binaries() -> None:
    files = of_unified(
        "diff --git a/old.py b/new.py\nsimilarity index 100%\nrename from old.py\nrename to new.py\n"
        "diff --git a/p.png b/p.png\nBinary files a/p.png and b/p.png differ\n"
        "diff --git a/gone b/gone\ndeleted file mode 100644\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
    )
    assert [(f.name, f.verb, f.totals) for f in files] == [
        ("old.py → new.py", "moved", ""),
        ("p.png", "edited", ""),
        ("gone", "deleted", "−1"),
    ]


def test_lines_that_no_newline_ends() -> None:
    (diff,) = of_unified(
        "--- a\n+++ b\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+y\n\\ No newline at end of file\n"
    )
    assert (diff.added, diff.removed) == (1, 1)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "diff --git a/x b/x",
                "--- a/x",
                "+++ b/y",
                "@@ -1,2 +1 @@",
                "@@",
                "+a",
                "-b",
                " c",
                "",
                "\\ No",
                "rename from q",
            ]
        ),
        max_size=15,
    ).map("\n".join)
)
def test_any_text_is_a_diff(diff: str) -> None:
    for file in of_unified(diff):
        assert file.added >= 0
    of_change(Change("p", "update", diff))


def test_a_long_diff_is_counted() -> None:
    diff = of_change(Change("a", "add", "x\n" * 5_000))
    rows = shortened(diff.rows)
    assert len(rows) == 401
    assert rows[200].text == "… 4,600 lines omitted …"
    seen = text(bodies.body(Patch((Change("a", "add", "x\n" * 5_000),)), saved=True))
    assert "+5,000" in seen
    assert "… 4,600 lines omitted …" in seen


def test_a_line_of_a_megabyte_is_cut() -> None:
    html = bodies.body(Patch((Change("a.js", "add", "x" * 1_000_000),)), saved=True)
    assert len(html) < 4_000


def test_many_files_stay_bounded() -> None:
    changes = tuple(Change(f"f{n}", "add", "<<<<<<<<<<\n" * 300) for n in range(300))
    html = bodies.body(Patch(changes), saved=True)
    assert len(html) < 400_000
    assert "f299" in html
    assert "too long to show here" in html
