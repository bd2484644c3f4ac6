"""Files in Markdown, in diffs and in findings: links where they are offered, text as it was anywhere else."""

from __future__ import annotations

import re

import pytest

from codex_jupyter.core.diffs import Change
from codex_jupyter.core.document import Finding, Findings, Patch
from codex_jupyter.core.file_links import Files, ServedFolder
from codex_jupyter.core.text import Text
from codex_jupyter.render import bodies
from codex_jupyter.render.markdown_html import render
from codex_jupyter.render.streaming import Stream, advance

FILES = Files(ServedFolder(("/srv",), ""), "/srv")
LINK = re.compile(
    r'<a class="cj-open" href="([^"]*)"[^>]*>(.*?)</a>|<a href="([^"]*)" class="cj-open"[^>]*>(.*?)</a>'
)


def links(html: str) -> list[tuple[str, str]]:
    return [(a or c, re.sub("<[^>]*>", "", b or d)) for a, b, c, d in LINK.findall(html)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("[the loader](src/load.py:12)", [("src/load.py#line=11", "src/load.py:12")]),
        ("[load.py:12](/srv/src/load.py:12)", [("src/load.py#line=11", "load.py:12")]),
        ("[safe.py](evil.py)", [("evil.py", "evil.py")]),
        ("`load.py` and `load.py:3`", [("load.py", "load.py"), ("load.py#line=2", "load.py:3")]),
        ("at load.py:3, /srv/b.py", [("load.py#line=2", "load.py:3"), ("b.py", "/srv/b.py")]),
        ("**load.py:3**", [("load.py#line=2", "load.py:3")]),
        ("[see `a.py`](https://e.org) <https://e.org/load.py:3>", []),
        ("```\nload.py:3\n```", []),
        ('<a class="cj-open" href="load.py">x</a>', []),
        ("![x](load.py)", []),
        ("[x](../etc/passwd) [y](javascript:alert) [z](//h/x.py) [w](%2e%2e/x.py)", []),
    ],
)
def test_markdown(source: str, expected: list[tuple[str, str]]) -> None:
    html = render(source, FILES)
    assert links(html) == expected
    assert len(re.findall("<a ", html)) == len(expected) + source.count("https://")
    assert links(render(source)) == [], "and nothing without a folder"


def test_words_stay_as_they_were() -> None:
    for source in (
        "[the loader](load.py:12)",
        "see `load.py` at load.py:3 or /srv/b.py",
        "[load.py](load.py)",
    ):
        plain, linked = (re.sub("<[^>]*>", "", render(source, files)) for files in (None, FILES))
        assert plain == linked


def test_a_streamed_text_ends_as_the_whole_is_drawn() -> None:
    source = "One `a.py:1`.\n\nTwo [x](b.py:2).\n\n- three c.py:3\n"
    stream, settled = Stream(), ""
    text = Text()
    for character in source:
        text = text + character
        stream, step = advance(stream, text, True, FILES)
        settled += step.settled
    _, step = advance(stream, text, False, FILES)
    assert links(settled + step.settled) == links(render(source, FILES))


def test_changed_files_open_where_they_changed() -> None:
    diff = "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"
    one = bodies.body(
        Patch((Change("load.py", "update", diff),)), saved=True, named="load.py", files=FILES
    )
    assert links(one) == [("load.py#line=1", "load.py at line 2")]
    many = bodies.body(
        Patch(
            (
                Change("a.py", "add", "x\n"),
                Change("b.py", "delete", "x\n"),
                Change("/etc/c.py", "update", diff),
            )
        ),
        saved=False,
        files=FILES,
    )
    assert links(many) == [("a.py", "a.py")], "not what is gone or lies elsewhere"


def test_findings_open_where_they_are() -> None:
    found = Findings(
        (Finding("Bug", "See `b.py`.", "/srv/a.py", 3, 4), Finding("Bug", "", "/etc/x.py", 1))
    )
    html = bodies.body(found, saved=True, files=FILES)
    assert links(html) == [("a.py#line=2", "/srv/a.py:3-4"), ("b.py", "b.py")]
