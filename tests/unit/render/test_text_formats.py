"""Plain text and Markdown: what they promise beside the golden files."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from codex_jupyter.core.document import (
    Block,
    Code,
    Document,
    Footer,
    Header,
    Lines,
    Link,
    Picture,
    Prose,
    Table,
    Terminal,
)
from codex_jupyter.core.text import Output, Text
from codex_jupyter.render import bodies, markdown, prose, text
from codex_jupyter.render.paint import Paint
from tests.unit.render import samples
from tests.unit.render.test_corpora import document, payloads

#: As a code host reads it: html goes through.
READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def tags(source: str) -> set[str]:
    return set(re.findall(r"<(\w+)", READER.render(source)))


HARMLESS = {
    *[
        "p",
        "strong",
        "em",
        "code",
        "pre",
        "ul",
        "ol",
        "li",
        "a",
        "blockquote",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "br",
        "s",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "del",
    ],
}


def test_no_payload_becomes_html_or_an_image_in_markdown() -> None:
    for hostile in payloads():
        block = Block(
            "k", "answer", hostile, "ok", hostile, body=(Prose(Text.of(hostile)), Code(hostile))
        )
        found = tags(markdown.block(block))
        assert found <= HARMLESS, (hostile, found - HARMLESS)


def test_no_payload_in_any_field_becomes_html_in_markdown() -> None:
    words = iter([payload for payload in payloads() if payload.strip()])
    for _ in range(12):
        made = markdown.document(document(lambda: next(words), ended=True))
        assert tags(made) <= HARMLESS, tags(made) - HARMLESS
        for address in re.findall(r'(?:href|src)="([^"]*)"', READER.render(made)):
            assert re.match(r"https?:|mailto:|#|[^:]*$", address), address


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="`~ab\n ", max_size=60))
def test_no_line_closes_a_fence(content: str) -> None:
    tokens = [t for t in READER.parse(markdown.fence(content)) if t.type != "inline"]
    assert [t.type for t in tokens] == ["fence"]
    assert tokens[0].content.rstrip("\n") == content.rstrip("\n")


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="`ab *_<[\\", max_size=30))
def test_a_code_span_shows_its_text(content: str) -> None:
    inline = READER.parse(markdown.code(content))
    if content.strip():
        children = inline[1].children or []
        assert [c.type for c in children] == ["code_inline"]
        assert children[0].content.strip() == content.strip()


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab `*_<>[](){}#+-.!|~1\\$&:;/", max_size=40))
def test_escaped_text_reads_as_it_was(content: str) -> None:
    line = " ".join(content.split())
    tokens = READER.parse(markdown.escaped(content))
    if line:
        assert [t.type for t in tokens] == ["paragraph_open", "inline", "paragraph_close"]
        seen = "".join(c.content for c in tokens[1].children or [] if c.type == "text")
        assert seen == line
        assert all(c.type == "text" for c in tokens[1].children or [])


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("`<b>` and <b>", "`<b>` and &lt;b>"),
        ("```\n<b>\n```\n<b>", "```\n<b>\n```\n&lt;b>"),
        ("![x](https://e.org/p.png)", "[x](https://e.org/p.png)"),
        ("<https://e.org>", "<https://e.org>"),
        ("a $x^2$ *b*", "a $x^2$ *b*"),
    ],
)
def test_prose_stays_markdown(source: str, kept: str) -> None:
    assert markdown.prose(source) == kept


def test_an_unclosed_fence_does_not_swallow_what_follows() -> None:
    blocks = (
        Block("a", "answer", body=(Prose(Text.of("```python\nx = 1")),), fold="never"),
        Block("b", "notice", "After", fold="never"),
    )
    made = markdown.document(Document(Header(), blocks, Footer("ok", "1 s")))
    types = [t.type for t in READER.parse(made)]
    assert types.count("fence") == 1
    assert types[-3:] == ["paragraph_open", "inline", "paragraph_close"]


@pytest.mark.parametrize(
    ("said", "made", "drawn"),
    [
        ("Try `a*b`, or wait_a_bit.", r"Try `a*b`, or wait\_a\_bit.", "Try <code>a*b</code>, or wait_a_bit."),
        ("`%codex login` signs in.", "`%codex login` signs in.", "<code>%codex login</code> signs in."),
        ("One ` is no pair, <b>.", r"One \` is no pair, \<b\>.", "One ` is no pair, &lt;b&gt;."),
        ("- no list", r"\- no list", "- no list"),
        ("Set `$A` or `$B` for $5.", r"Set `$A` or `$B` for \$5.", "Set <code>$A</code> or <code>$B</code> for $5."),
    ],
)  # fmt: skip
def test_advice_has_its_code_as_code(said: str, made: str, drawn: str) -> None:
    lines = Lines((said,), advice=True)
    assert markdown.body(lines) == f"- {made}"
    html_ = bodies.body(lines, saved=False).replace("<span>$</span>", "$")
    assert html_ == f'<div class="cj-lines"><div>{drawn}</div></div>'
    assert text.body(lines, 80, Paint()) == said
    assert "<code>" not in bodies.body(Lines((said,)), saved=False)


def test_what_is_unfinished_says_so_at_its_end() -> None:
    words = (Prose(Text.of("The loader reads")),)
    answer = Block("k", "answer", "", "stopped", "unfinished", body=words, fold="never")
    for each in (answer, replace(answer, kind="commentary")):
        assert text.block(each, 80, Paint()) == "The loader reads\n(unfinished)"
        assert markdown.block(each) == "The loader reads\n\n*(unfinished)*"


def test_only_what_a_shell_runs_has_a_shells_prompt() -> None:
    call = Block("k", "tool", "demo/chart(rows=3)", "ok", code_title=True)
    assert text.title(call, Paint(), 80) == "✓ demo/chart(rows=3)"
    assert text.title(replace(call, kind="command"), Paint(), 80) == "✓ $ demo/chart(rows=3)"


def test_an_address_in_the_title_is_not_repeated_in_plain_text() -> None:
    found = Link("https://docs.python.org/3/")
    opened = Block("k", "search", "Opened https://docs.python.org/3/", "search", body=(found,))
    assert text.block(opened, 80, Paint()) == "⌕ Opened https://docs.python.org/3/"
    assert markdown.block(opened).endswith("<https://docs.python.org/3/>")
    searched = replace(opened, title="Searched the web")
    assert text.block(searched, 80, Paint()).endswith("    https://docs.python.org/3/")


def test_a_typed_command_keeps_its_lines_under_its_prompt() -> None:
    typed = Code("python - <<E\nprint(1)\nE\n", "bash", typed=True)
    assert text.body(typed, 80, Paint()) == "$ python - <<E\n  print(1)\n  E"


def test_plain_text_has_no_escapes_unless_asked() -> None:
    doc = samples.everything(ended=True)
    assert "\x1b" not in text.document(doc)
    coloured = text.document(doc, color=True)
    words = re.compile(r"\w+")  # where there are no styles, marks stand for them
    without = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert words.findall(without) == words.findall(text.document(doc))


def test_a_table_that_is_too_wide_is_told_row_by_row() -> None:
    rows = (("conversation", "01a22105-223b-7702-8192-75d44c995393", "--new"), ("kernel", "", "-k"))
    part = Table(("", "now", "set by"), rows, typed=frozenset({2}))
    assert text.body(part, 44, Paint(fills=True)) == (
        "conversation\n"
        "  now: 01a22105-223b-7702-8192-75d44c995393\n"
        "  set by: --new\n"
        "kernel\n"
        "  set by: -k"
    )
    assert text.body(part, 70, Paint()).split("\n")[1].endswith("75d44c995393  --new")


def test_words_of_ours_wrap_around_what_is_to_be_copied() -> None:
    advice = (
        "The rest is in a file: `import codex_jupyter as cj; cj.output(1)`, until the kernel ends."
    )
    lines = text.body(Lines((advice,), advice=True), 40, Paint(fills=True)).split("\n")
    assert lines[1] == "`import codex_jupyter as cj; cj.output(1)`,"
    assert " ".join(lines) == advice and len(lines) == 3


@pytest.mark.parametrize("width", [40, 80])
def test_prose_is_wrapped_and_code_is_not(width: int) -> None:
    source = "word " * 40 + "\n\n- " + "item " * 40 + "\n\n```\n" + "x" * 120 + "\n```"
    made = prose.text_of(source, width, Paint())
    lines = made.split("\n")
    assert all(len(line) <= width for line in lines if not line.startswith("xxx"))
    assert "x" * 120 in lines
    assert any(line.startswith("  item") for line in lines)


def test_long_output_keeps_its_ends() -> None:
    output = Output.of("".join(f"line {n}\n" for n in range(1_000)))
    block = Block("k", "command", "cmd", "ok", body=(Terminal(output),), code_title=True)
    lines = text.block(block, 80, Paint()).split("\n")
    assert "    line 0" in lines
    assert "    line 999" in lines
    assert any("lines omitted" in line for line in lines)
    assert len(lines) < 60


def test_what_is_left_out_of_an_output_that_was_cut_is_counted_right() -> None:
    output = Output.of("".join(f"{n}\n" for n in range(200_000)))
    assert output.omitted
    (said,) = (x for x in text.body(Terminal(output), 80, Paint()).split("\n") if "omitted" in x)
    kept = len(str(output.head).split("\n")) + len(str(output.tail).split("\n")) - 1
    assert said == f"… {output.omitted:,} characters and {kept - text.LINES:,} lines omitted …"
    short = Output(Text.of("a\nb"), Text.of("c\nd\n"), 7)
    assert text.body(Terminal(short), 80, Paint()) == "a\nb\n… 7 characters omitted …\nc\nd"


def test_what_is_huge_stays_small() -> None:
    huge = Block(
        "k",
        "answer",
        "t" * 100_000,
        body=(
            Prose(Text.of("word " * 1_000_000)),
            Code("x = 1\n" * 200_000, "python"),
            Picture("data:image/png;base64," + "A" * 1_000_000, "alt" * 10_000),
        ),
    )
    doc = Document(Header(), (huge,), Footer("ok", "1 s"))
    assert len(text.document(doc)) < 200_000
    assert len(markdown.document(doc)) < 250_000
