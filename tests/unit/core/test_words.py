"""One-line names, durations and counted diffs."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_jupyter.core.diffs import Change, change_counts, counts, renamed
from codex_jupyter.core.findings import parse
from codex_jupyter.core.records import plain_message
from codex_jupyter.core.titles import call, elided, one_line, short_path, span, tokens, unwrap


@given(st.text(min_size=1))
def test_unwrap_undoes_the_shell_wrapper(command: str) -> None:
    assert unwrap(f"/bin/bash -lc {shlex.quote(command)}") == command


@pytest.mark.parametrize(
    "command",
    [
        "ls -la",
        "bash script.sh -c x",
        "/bin/bash -lc",
        "/bin/bash -lc a b",
        "/bin/bash -lc 'x",
        "",
        "python -c 'x'",
    ],
)
def test_unwrap_leaves_the_rest_alone(command: str) -> None:
    assert unwrap(command) == command


@given(st.text(), st.integers(8, 50))
def test_one_line_is_one_short_line(text: str, width: int) -> None:
    line = one_line(text, width)
    assert "\n" not in line and len(line) <= width + 2


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/home/ada/churn/a.py", "a.py"),
        ("/home/ada/churn", "."),
        ("/home/ada/churner/a.py", "~/churner/a.py"),
        ("/home/ada", "~"),
        ("/etc/passwd", "/etc/passwd"),
        ("a.py", "a.py"),
        ("", ""),
    ],
)
def test_paths_as_people_write_them(path: str, said: str) -> None:
    assert short_path(path, "/home/ada/churn", "/home/ada/") == said
    assert short_path(path) == path


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("src/load.py", "src/load.py"),
        ("~/.codex/generated_images/01a1fd2d-e5e7/chart.png", "~/.codex/…/chart.png"),
        ("/srv/jupyter/ada/.codex/generated_images/chart.png", "/srv/jupyter/ada/…/chart.png"),
        ("/srv-with-a-very-long-name-for-a-folder/a/chart.png", "/srv-with-a-very-long-name-for-a-folder/…/chart.png"),
        ("exec-51de1e74-a20d-482f-9bb8-c61d1c3145e3.png", "exec-51de1…3145e3.png"),
        ("a/b/exec-51de1e74-a20d-482f-9bb8-c61d1c3145e3.png", "a/b/exec-51de1…3145e3.png"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_long_path_keeps_its_ends(path: str, said: str) -> None:
    assert elided(path, 32) == said


@given(st.text(alphabet="ab/~…", max_size=200))
def test_any_path_becomes_no_longer(path: str) -> None:
    made = elided(path, 32)
    assert len(made) <= len(path)
    assert made == path or "…" in made


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [
        (None, ""), (-1, ""), (0, "0 s"), (307, "0.3 s"), (4000, "4 s"), (9949, "9.9 s"), (9950, "10 s"),
        (59_499, "59 s"), (59_500, "1 min"), (125_000, "2 min 5 s"), (3_600_000, "1 h"), (3_780_000, "1 h 3 min"), (47 * 3_600_000, "47 h"), (10**12, "11,574 d"),
    ],
)  # fmt: skip
def test_durations(milliseconds: int | None, said: str) -> None:
    assert span(milliseconds) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1 token"), (950, "950 tokens"), (1290, "1.3k tokens"), (2000, "2k tokens"), (999_949, "999.9k tokens"), (999_950, "1M tokens")],
)  # fmt: skip
def test_tokens(number: int, said: str) -> None:
    assert tokens(number) == said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("", "t()"), ("{}", "t()"), ('{"a": 1, "b": "x"}', 't(a=1, b="x")'), ("not json", "t(not json)"),
        ("[1]", "t([1])"), ('{"a": "' + "y" * 99 + '"}', 't(a="' + "y" * 58 + "…)"),
    ],
)  # fmt: skip
def test_calls(arguments: str, said: str) -> None:
    assert call("t", arguments) == said


# --- diffs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("diff", "added", "removed"),
    [
        ("", 0, 0),
        ("@@ -1 +1 @@\n-a\n+b\n", 1, 1),
        ("--- a/x\n+++ b/x\n@@ -1,2 +1,3 @@\n a\n-b\n+c\n+d\n", 2, 1),
        ("@@ -1,2 +1,2 @@\n--- sql comment\n+++ plus\n x\n", 1, 1),
        ("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n", 1, 1),
        (
            "diff --git a/h b/h\nnew file mode 100644\n--- /dev/null\n+++ b/h\n@@ -0,0 +1 @@\n+x\n",
            1,
            0,
        ),
        ("@@\n-old\n+new\n", 1, 1),
        ("@@ -1 +1 @@\n-a\n+b\ndiff --git a/i b/i\n--- a/i\n+++ b/i\n@@ -1 +1 @@\n-c\n+d\n", 2, 2),
    ],
)
def test_counted_lines(diff: str, added: int, removed: int) -> None:
    assert counts(diff) == (added, removed)


def test_added_and_deleted_files_come_as_contents() -> None:
    assert change_counts(Change("a", "add", "x\ny")) == (2, 0)
    assert change_counts(Change("a", "delete", "x\ny\n")) == (0, 2)
    assert change_counts(Change("a", "add", "")) == (0, 0)
    assert change_counts(Change("a", "odd", "+x\n")) == (1, 0)


@given(st.text("+-@ 1,\nx"))
def test_any_text_can_be_counted(diff: str) -> None:
    added, removed = counts(diff)
    assert 0 <= added <= diff.count("+") and 0 <= removed <= diff.count("-")


# --- findings and messages --------------------------------------------------------------------------------------------


@given(st.text('-— :[P1]a.py\n 09{}"', max_size=60))
def test_any_review_can_be_read(review: str) -> None:
    said, findings = parse(review)
    assert isinstance(said, str) and len(findings) <= 100


def test_a_review_as_json() -> None:
    review = (
        '{"findings": [{"title": "Bug", "body": "b", "code_location": {"absolute_file_path": "/a.py",'
        ' "line_range": {"start": 1, "end": 2}}}, {"title": "No place"}], "overall_explanation": "Off."}'
    )
    said, (first, second) = parse(review)
    assert said == "Off." and (first.file, first.first, first.last) == ("/a.py", 1, 2)
    assert (second.title, second.file, second.first) == ("No place", "", None)


def test_lists_that_are_no_findings_stay_text() -> None:
    text = "Fine.\n\n- one thing: 3\n- see a.py:3"
    assert parse(text) == (text, ())


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ('{"error": {"message": "No such model"}}', "No such model"),
        ('{"error": "plain"}', "plain"),
        ('{"detail": 1}', '{"detail": 1}'),
        ("{broken", "{broken"),
        ("", "The turn failed."),
        ("two\nlines", "two …"),
    ],
)
def test_a_providers_message_in_one_line(message: str, title: str) -> None:
    assert plain_message(message)[0] == title


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("One sentence. And one more.", ("One sentence.", "And one more.")),
        ("One. Two is longer than that is.", ("One. Two is longer th…", "One. Two is longer than that is.")),
        ("Just one sentence of words.", ("Just one sentence of …", "Just one sentence of words.")),
        ("It is short. It fits.", ("It is short. It fits.", "")),
        ("One sentence.\nAnd one more.", ("One sentence. …", "One sentence.\nAnd one more.")),
    ],
)  # fmt: skip
def test_a_long_message_is_parted_after_a_sentence_and_not_repeated(
    message: str, said: tuple[str, str]
) -> None:
    assert plain_message(message, 22) == said


@pytest.mark.parametrize(
    ("message", "rest"),
    [
        (
            '{"error": {"message": "No", "code": "x", "param": null, "status": 400}}',
            "code: x\nstatus: 400",
        ),
        ('{"error": {"message": "No"}}', ""),
        (
            '{"error": {"message": "No", "more": {"a": 1}}}',
            '{"error": {"message": "No", "more": {"a": 1}}}',
        ),
        (
            '{"error": {"message": "two\\nlines", "code": "x"}}',
            '{"error": {"message": "two\\nlines", "code": "x"}}',
        ),
    ],
)
def test_a_providers_message_is_not_told_twice(message: str, rest: str) -> None:
    assert plain_message(message)[1] == rest


def test_the_files_of_a_diff_get_the_names_that_people_use() -> None:
    diff = (
        "diff --git a/w/x.py b/w/x.py\n--- a/w/x.py\n+++ b/w/x.py\n@@ -1,2 +1,2 @@\n keep\n--- a/w/x.py\n+++ b/w/x.py\n"
        "diff --git a/w/y b/w/y\nnew file mode 100644\n--- /dev/null\n+++ b/w/y\n@@ -0,0 +1 @@\n+y\n"
    )
    told = renamed(diff, {"w/x.py": "x.py"})
    assert told.split("\n")[:7] == [
        "diff --git a/x.py b/x.py", "--- a/x.py", "+++ b/x.py", "@@ -1,2 +1,2 @@", " keep", "--- a/w/x.py", "+++ b/w/x.py",
    ]  # fmt: skip
    assert told.split("\n")[7:] == diff.split("\n")[7:]
    assert renamed(diff, {}) == diff
