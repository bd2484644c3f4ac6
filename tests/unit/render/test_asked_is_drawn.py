"""What a card draws, with its marks read back, is exactly what would run: in html, text and Markdown, open and answered."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codex_jupyter.core import records
from codex_jupyter.core import requests as rq
from codex_jupyter.core.answerers import person
from codex_jupyter.core.asked import asked, choices, json_lines
from codex_jupyter.core.cards import card
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.document import Block
from codex_jupyter.core.requests import Decision
from codex_jupyter.core.titles import unwrap
from codex_jupyter.core.turn import Turn
from codex_jupyter.notebook import asking
from codex_jupyter.render import html, markdown, text
from codex_jupyter.render.paint import Paint
from codex_jupyter.session.answering import with_changes
from tests.unit.core.hostile_commands import HOSTILE, ORDINARY
from tests.unit.core.test_spelled import hostile_text
from tests.unit.core.unspelled import seen, unframed, unspelled

ALL = {**HOSTILE, **ORDINARY}
ALLOWING = {"once", "session", "always", "submit"}


def block(request: rq.Request) -> Block:
    shown = card(request)
    return Block("card:r", "card", shown.title, "ask", fold="never", card=shown)


def record(request: rq.Request) -> Block:
    return records.decision(Decision("r", "once", "x", person(), exact=asked(request)))


def in_html(request: rq.Request, name: str = "cj-exact") -> list[str]:
    """What each way of drawing it in html shows in the first element of this class."""
    ways = [html.block(block(request), live=live) for live in (True, False)]
    ways += [html.block(record(request), live=live) for live in (True, False)]
    return [seen(way, name)[0] for way in ways]


def in_fences(made: str) -> list[str]:
    """The contents of the fences of a Markdown text."""
    found: list[str] = []
    fence = ""
    for line in made.split("\n"):
        line = re.sub(r"\A> ?", "", line) if made.startswith(">") else line
        if not fence and line.startswith("```"):
            fence = line[: len(line) - len(line.lstrip("`"))]
            found.append("")
        elif fence and line == fence:
            fence = ""
        elif fence:
            found[-1] += f"{line}\n"
    return [each.removesuffix("\n") for each in found]


def drawn(request: rq.Request) -> list[str]:
    """The words of a request as every front end draws them: page, saved file, Markdown, text in two widths, prompt."""
    shown = card(request)
    framed = [
        text.card(shown, width, Paint(on), keys=on) for on in (False, True) for width in (20, 79)
    ]
    framed.append(asking.words(shown))
    prompts = ["\n".join(unframed(each)) for each in framed]
    if isinstance(request, rq.CommandRequest):  # behind a prompt, and indented below it
        prompts = ["\n".join(line[2:] for line in each.split("\n")) for each in prompts]
    fences = [in_fences(markdown.block(each))[0] for each in (block(request), record(request))]
    return [*in_html(request), *fences, *prompts]


@pytest.mark.parametrize("name", ALL)
def test_it_is_drawn_to_the_byte(name: str) -> None:
    exactly = ALL[name]
    for request in (rq.CommandRequest("r", command=exactly), rq.KernelRequest("r", code=exactly)):
        for way in drawn(request):
            assert unspelled(way) == exactly
    for way in in_html(rq.CommandRequest("r", command="ls", reason=exactly), "cj-value"):
        assert unspelled(way) == exactly


@settings(max_examples=120, deadline=None)
@given(hostile_text.filter(bool), st.booleans())
def test_any_text_is_drawn_to_the_byte(exactly: str, command: bool) -> None:
    kind = (
        rq.CommandRequest("r", command=exactly) if command else rq.KernelRequest("r", code=exactly)
    )
    for way in drawn(kind):
        assert unspelled(way) == (unwrap(exactly) if command else exactly)


@pytest.mark.parametrize("name", ALL)
def test_a_terminal_gets_nothing_that_it_would_act_on(name: str) -> None:
    trap = ALL[name]
    field = json.dumps(
        {
            "properties": {
                trap: {"title": trap, "description": trap, "enum": [trap, "b"], "default": trap}
            }
        }
    )
    for request in (
        rq.CommandRequest("r", command=trap, cwd=trap, reason=trap, rule=(trap, "b"), agent=trap),
        rq.CommandRequest("r", command=trap, network_host=trap, permissions=trap),
        rq.FileChangeRequest("r", changes=(Change(trap, "add", trap), Change("b", "update", trap, trap)), paths=("/" + trap,), grant_root=trap),
        rq.PermissionsRequest("r", permissions="{}" + trap, read=(trap,), write=(trap,), cwd=trap),
        rq.QuestionsRequest("r", questions=(rq.Question("q", trap, trap, ((trap, trap),)),)),
        rq.McpToolRequest("r", server=trap, tool=trap, message=f'Allow it to run tool "{trap}"?', description=trap, arguments=json.dumps({trap: trap}), persist=("session", "always")),
        rq.FormRequest("r", server=trap, message=trap, schema=field),
        rq.UrlRequest("r", server=trap, message=trap, url=trap),
        rq.UrlRequest("r", url=f"https://example.org/{trap}"),
        rq.KernelRequest("r", action=trap, code=trap, tool=trap),
        rq.UnknownRequest("r", method=trap, params=trap),
    ):  # fmt: skip
        shown = card(request)
        made = [
            asking.words(shown),
            text.block(block(request), 100, Paint()),
            text.block(record(request), 100, Paint()),
        ]
        made += [option.confirm for option in shown.options]
        for each in made:
            assert not [c for c in each if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160)]
            assert not set(each) & set("\u200b\u202e\u2066\u2028\u3164\u2800\u00ad\ud800\ue000")
        lines = made[0].split("\n")
        assert lines[0].startswith("┌ ") and lines[-1].startswith("└")
        assert all(line[:2] in ("│ ", "┆ ", "├ ") for line in lines[1:-1]), made[0]
        assert sum(line.startswith("├ ") for line in lines) == len(shown.options) or shown.fields


CHANGES = (
    Change("a.py", "update", "@@ -1,2 +1,2 @@\n-a\n+b  \n c\t\n"),
    Change("new.sh", "add", "#!/bin/sh\r\n" + "x" * 6_000 + "\n\n\n\n\n\n\u200btrap"),
    Change("@@.txt", "add", "@@ -1 +1 @@\n-looks like a patch\n"),
    Change("gone", "delete", "was\n"),
    Change("empty", "add", ""),
    Change("old", "update", "", "moved"),
    Change("binary.png", "update", "Binary files a/binary.png and b/binary.png differ\n"),
    Change("tool", "update", "old mode 100644\nnew mode 100755\n"),
    Change("long.py", "update", "@@ -1 +1,1001 @@\n" + "".join(f"+line {n}\n" for n in range(1_001))),
)  # fmt: skip


def read_patch(lines: list[str], change: Change) -> str:
    """The diff of a change from the lines that are drawn of it."""
    noted = ("(no newline at the end)", "(empty)", "(no line changes)")
    plain = [unspelled(line) for line in lines if line not in noted]
    if change.kind in ("add", "delete"):
        plain = [line[1:] for line in plain]
    ended = lines[-1] not in noted
    return "\n".join(plain) + ("\n" if ended else "")


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.path)
def test_every_line_of_a_patch_is_drawn(change: Change) -> None:
    request = rq.FileChangeRequest("r", changes=(change,), paths=("/x",), reason="it ends here")
    assert ALLOWING & set(choices(request))
    for way in [html.block(block(request), live=live) for live in (True, False)] + [
        html.block(record(request), live=live) for live in (True, False)
    ]:
        (rows,) = seen(way.replace("</div><div", "</div>\n<div"), "cj-rows")
        assert read_patch(rows.split("\n"), change) == change.diff
        assert change.path in seen(way, "cj-files")[0]
    framed = unframed(text.card(card(request), 100, Paint(True)))
    framed = framed[: framed.index("why: it ends here")]
    assert read_patch(framed[1:], change) == change.diff
    fenced = in_fences(markdown.block(record(request)))[0].split("\n")
    assert read_patch(fenced[1:], change) == change.diff


def test_a_patch_of_many_files_folds_each_in_a_box_that_scrolls() -> None:
    many = tuple(replace(CHANGES[-1], path=f"f{n}.py") for n in range(17))
    page = html.block(block(rq.FileChangeRequest("r", changes=many, paths=("/x",))), live=True)
    assert page.count("<details") == 17 and "<details open" not in page.replace(
        'class="cj-diff" ', ""
    )
    assert "17 files" in page and "cj-tall" in page
    assert page.count("+1,001") == 17


@pytest.mark.parametrize(
    "changes",
    [(), (Change("", "add", "x"),), (Change("a", "chmod", "x"),), (Change("a", "update", ""),), (CHANGES[0], Change("a", "update", ""))],
)  # fmt: skip
def test_a_patch_that_is_not_whole_is_not_allowed(changes: tuple[Change, ...]) -> None:
    request = rq.FileChangeRequest("r", paths=("/x",), changes=changes)
    assert choices(request) == ("decline", "stop")
    for made in (
        html.block(block(request), live=True),
        asking.words(card(request)),
        markdown.block(block(request)),
    ):
        assert "can only be declined" in re.sub(r"\n[│┆] ?", " ", made).replace("  ", " ")


@pytest.mark.parametrize(
    "request_",
    [
        rq.CommandRequest("r"),
        rq.CommandRequest("r", command="x" * 200_001),
        rq.CommandRequest("r", command="ls", withheld="Part of it is hidden."),
        rq.FileChangeRequest("r", paths=("/a",)),
        rq.PermissionsRequest("r"),
        rq.QuestionsRequest("r"),
        rq.QuestionsRequest("r", questions=(rq.Question("q", "h", "t"),) * 51),
        rq.QuestionsRequest("r", questions=(rq.Question("q", "h", "t", (("a", "b"),) * 101),)),
        rq.McpToolRequest("r", server="demo", message="Allow it?"),
        rq.FormRequest("r", schema="{"),
        rq.FormRequest("r", schema=json.dumps({"properties": {str(n): {} for n in range(51)}})),
        rq.UrlRequest("r", url="javascript:alert(1)"),
        rq.KernelRequest("r"),
        rq.UnknownRequest("r", method="x"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_whole_cannot_be_allowed(request_: rq.Request) -> None:
    shown = card(request_)
    assert not ALLOWING & {option.choice for option in shown.options}
    assert shown.undrawn and not shown.fields
    assert any(option.choice in ("decline", "skip") for option in shown.options)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.org/a?b#c", "example.org"),
        ("HTTPS://Example.ORG:8443", "example.org:8443"),
        ("http://[::1]:8080/x", "::1:8080"),
        ("https://пример.рф/", "xn--e1afmkfd.xn--p1ai"),
        ("https://xn--e1afmkfd.xn--p1ai/", "xn--e1afmkfd.xn--p1ai"),
        ("https://gооgle.com/", "xn--ggle-55da.com"),
        ("https://good.org@evil.org/", ""),
        ("https://good.org:pw@evil.org", ""),
        ("https://good.org\\@evil.org/", ""),
        ("https://evil.org\t/good", ""),
        ("https://ev%69l.org/", ""),
        ("https://straße.de/", ""),
        ("https:///evil.org", ""),
        ("https://evil.org/\u202egro.doog", ""),
        ("//evil.org", ""),
        ("file:///etc/passwd", ""),
        ("data:text/html,x", ""),
        ("https://[::1", ""),
        ("https://x:99999/", ""),
        ("", ""),
    ],
)
def test_an_address_says_what_it_opens_or_cannot_be_allowed(url: str, host: str) -> None:
    request = rq.UrlRequest("r", url=url)
    facts = dict(card(request).facts)
    assert facts.get("opens", "") == host
    assert ("once" in choices(request)) is bool(host)
    assert ("<a " in html.block(block(request), live=True)) is bool(host)


@pytest.mark.parametrize(
    "arguments",
    ['{"a": 1, "a": 2}', '{"x": {"k": 1, "k": "rm"}}', '{"n": 1.10000000000000000001}', '{"n": 1E400}', "[1, NaN]", "{"],
)  # fmt: skip
def test_arguments_that_would_read_otherwise_are_drawn_as_they_came(arguments: str) -> None:
    assert json_lines(arguments) == arguments
    request = rq.McpToolRequest(
        "r", server="s", tool="t", message='run tool "t"?', arguments=arguments
    )
    assert unspelled(seen(html.block(block(request), live=True), "cj-code")[0]) == arguments


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        hostile_text, st.one_of(hostile_text, st.integers(), st.floats(allow_nan=False)), max_size=4
    )
)
def test_arguments_are_drawn_whole(arguments: dict[str, object]) -> None:
    written = json.dumps(arguments, ensure_ascii=False)
    request = rq.McpToolRequest(
        "r", server="s", tool="t", message='run tool "t"?', arguments=written
    )
    made = seen(html.block(block(request), live=True), "cj-code")
    assert (json.loads(unspelled(made[0])) if made else {}) == arguments


def test_a_child_agent_is_named_and_a_link_says_where_it_leads(tmp_path: Path) -> None:
    folder, outside = tmp_path / "work", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (folder / "notes.txt").symlink_to(outside / "profile")
    (tmp_path / "link").symlink_to(folder)
    changes = (Change("notes.txt", "add", "x\n"), Change(f"{folder}/plain.txt", "add", "x\n"))
    for cwd in (folder, tmp_path / "link"):
        asking_ = rq.FileChangeRequest("r", agent="helper")
        request = with_changes(asking_, changes, str(cwd))
        facts = dict(card(request, Turn()).facts)
        assert facts == {"asked by": "another agent, helper", "leads to": f"{outside}/profile"}


def test_what_is_sent_by_a_form_is_what_is_drawn() -> None:
    schema = {
        "properties": {
            "x": {"enum": ["rm", "ls"], "enumNames": ["list", "ls"]},
            "t": {"default": "a\u200bb"},
        }
    }
    one, two = card(rq.FormRequest("r", schema=json.dumps(schema))).fields
    assert one.options == (("rm", "list", "Sends rm"), ("ls", "ls", ""))
    assert two.default == "" and "⟨U+200B" in two.description


def test_the_box_of_what_is_long_scrolls_and_says_so() -> None:
    page = html.block(block(rq.CommandRequest("r", command=HOSTILE["many lines"])), live=True)
    assert "1,002 lines" in page and "cj-tall" in page
    assert page.index("cj-tall") < page.index("cj-options")
    saved = html.block(record(rq.CommandRequest("r", command=HOSTILE["many lines"])), live=False)
    assert "cj-tall" not in saved and "max-height" not in saved
