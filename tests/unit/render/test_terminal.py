"""Text that is only appended to: nothing printed changes, nothing final is missing, in whatever steps it comes."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from codex_jupyter.core.document import Block, Document, Footer, Prose
from codex_jupyter.core.text import Text
from codex_jupyter.render import terminal
from tests.unit.render import samples
from tests.unit.render.test_live import stories

RUNNING = Footer("running", "working", since_ms=1)


def printed(documents: list[Document], *, color: bool = False, width: int = 100) -> str:
    state = terminal.start(color=color, width=width)
    out = ""
    for each in documents:
        state, more = terminal.advance(state, each)
        assert more == "" or more.endswith("\n")
        out += more
    return out


def answering(source: str, *, streaming: bool = True) -> Document:
    block = Block("a", "answer", body=(Prose(Text.of(source), streaming),), fold="never")
    return Document(samples.HEADER, (block,), RUNNING)


def test_a_turn() -> None:
    out = printed([samples.running(), samples.finished()])
    assert out.startswith("Codex · gpt-5.5 high · workspace-write ~/churn · kernel read · ask\n")
    for line in (
        "Thought 6 s: how dates are parsed",
        "✗ $ pytest -q  exit 1 · 2.1 s",
        "✓ You allowed once, 14:02: pip install pyarrow",
        "Fixed: the dates were **naive**. It costs $5 and then $10; `$HOME` stays.",
    ):
        assert out.count(f"\n{line}\n") == 1, line
    assert "┌ Codex asks" not in out  # whoever asks prints the card, with its keys
    assert out.endswith("  Sent to the model: df (5 rows)\n")


def test_a_running_command_waits_until_it_is_done() -> None:
    running = Document(samples.HEADER, (samples.BLOCKS["running"],), RUNNING)
    assert "make all" not in printed([running])
    done = replace(samples.BLOCKS["running"], glyph="ok", body=samples.BLOCKS["command"].body)
    assert printed([running, replace(running, blocks=(done,))]).count("make all") == 1


def test_prose_comes_by_lines_and_wrapped() -> None:
    words = "word " * 60
    state = terminal.start(width=40)
    state, out = terminal.advance(state, answering("# Title\nFirst line.\nand"))
    assert out.endswith("\n# Title\n")  # the line below goes on
    state, out = terminal.advance(state, answering("# Title\nFirst line.\nand " + words))
    assert out.startswith("\nFirst line. and word word")
    assert all(len(line) <= 40 for line in out.splitlines())
    state, out = terminal.advance(
        state, answering("# Title\nFirst line.\nand " + words + "end", streaming=False)
    )
    assert out.endswith("end\n")


def test_code_is_never_wrapped() -> None:
    long = "x = " + "1 + " * 80 + "1"
    out = printed(
        [answering(f"```python\n{long}"), answering(f"```python\n{long}\n```\n", streaming=False)]
    )
    assert f"\n{long}\n" in out


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab \n`-*\x1b\r|", max_size=120), st.lists(st.integers(1, 20), min_size=1))
def test_any_chunking_prints_the_same(source: str, cuts: list[int]) -> None:
    documents, at, turn = [], 0, 0
    while at < len(source):
        at += cuts[turn % len(cuts)]
        turn += 1
        documents.append(answering(source[:at]))
    whole = answering(source, streaming=False)
    one = printed([replace(whole, ended=True)])
    many = printed([*documents, whole, replace(whole, ended=True)])
    assert many.split() == one.split()
    assert "\x1b" not in many
    assert "\r" not in many


@settings(max_examples=100, deadline=None)
@given(stories(), st.booleans())
def test_any_turn_is_only_appended_to(documents: list[Document], color: bool) -> None:
    out = printed(documents, color=color)
    clean = out if not color else out.replace("\x1b[", "")
    assert not any(ord(c) < 0x20 and c != "\n" for c in clean)
    if documents[-1].ended:
        assert out.rstrip().split("\n")[-1].startswith(("✓ 1 s", "\x1b[32m✓ 1 s"))


def test_after_the_end_nothing_is_printed() -> None:
    state, _ = terminal.advance(terminal.start(), samples.finished())
    assert terminal.advance(state, samples.finished())[1] == ""


def test_colour_only_when_asked() -> None:
    assert "\x1b" not in printed([samples.everything(ended=True)])
    assert "\x1b[31m" in printed([samples.everything(ended=True)], color=True)


def test_a_decision_on_a_card_that_was_printed_is_one_line() -> None:
    key = samples.BLOCKS["decision"].key.removeprefix("decision:")
    doc = Document(samples.HEADER, (samples.BLOCKS["decision"],), RUNNING)
    whole = terminal.advance(terminal.start(), doc)[1]
    asked = replace(terminal.start(), asked=frozenset({key}))
    short = terminal.advance(asked, doc)[1]
    assert len(whole.splitlines()) > 2
    assert short == "\n".join(whole.splitlines()[:2]) + "\n"


def test_an_answer_stands_apart_from_the_work_above_it() -> None:
    done = replace(samples.BLOCKS["command"], key="c")
    for streaming in (True, False):
        answer = answering("One.\n\nTwo.", streaming=streaming)
        doc = replace(answer, blocks=(done, *answer.blocks), ended=not streaming)
        assert "\n\nOne.\n" in printed([doc])
    assert "ask\nOne.\n" in printed([answering("One.\n\nTwo.")])


def test_each_look_has_the_width_of_the_terminal_by_then() -> None:
    words = "word " * 30 + "\n\n"
    state, first = terminal.advance(terminal.start(), answering(words), 40)
    _, more = terminal.advance(state, answering(2 * words), 20)
    assert max(map(len, first.splitlines()[1:])) == 39
    assert max(map(len, more.splitlines())) == 19
