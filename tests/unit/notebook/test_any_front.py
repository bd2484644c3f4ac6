"""Any front at all: understood or refused in one sentence, what follows it sent to the byte, and what is spelled read back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_jupyter.errors import CodexJupyterError, OptionError, SecretOnLineError
from codex_jupyter.notebook.commands import commands_by_word
from codex_jupyter.notebook.parser import parse_cell, parse_line
from codex_jupyter.notebook.typed_keys import read_value
from codex_jupyter.settings import OPTIONS_BY_NAME, Option, Options
from tests.fuzz import examples

#: Values of which each option takes some.
RAW = (
    "x", "gpt-5", "1", "90", "1.5", "ask", "never", "on", "off", "read", "edit", "run", "high", "low", "a.b", "a=1", "a='1'", "df",
    "workspace-write", "read-only", "full-access", "FOO", "/w", "./x y", "it's", 'say "x"', "ü", "-1", "--", "=", "{}",
)  # fmt: skip
WORDS = st.sampled_from(
    [
        *OPTIONS_BY_NAME,
        *(f"{name}={value}" for name in OPTIONS_BY_NAME for value in ("x", "'a b'", '"', "", "1")),
        *(f"/{word}" for word in commands_by_word()),
        *commands_by_word(),
        *RAW,
        *("-", "--", "---", "-x", "--no", "--help", "-h", "'", '"', "'a", "a'", "\\", "\0", "\ud800", "\u2028", "%", "%%codex"),
    ]
) | st.text(max_size=3)  # fmt: skip
BLANKS = st.sampled_from([" ", "  ", "\t", "", "\n", "\r\n", "\x0b", "\u00a0"])
FRONTS = st.lists(st.tuples(WORDS, BLANKS), max_size=6).map(
    lambda parts: "".join(map("".join, parts))
)
PROMPTS = st.text(min_size=1).map(str.strip).filter(bool)


@pytest.mark.fuzz
@examples(200)
@given(FRONTS, st.sampled_from(["", "\n", "body", "  body\r\n"]))
def test_any_front_is_understood_or_refused_in_one_sentence(front: str, body: str) -> None:
    whole = f"{front.rstrip()}\n{body}" if body.strip() else front.rstrip()
    ways = (lambda: parse_line(front), front.rstrip()), (lambda: parse_cell(front, body), whole)
    for read, text in ways:
        try:
            made = read()
        except (OptionError, SecretOnLineError) as refused:
            assert refused.message and refused.hint
            assert "\n" not in refused.message.strip() or "\n" in front
            continue
        assert made.prompt is None or made.command is None
        if made.prompt is not None:  # what was read before it is gone, and nothing of it is
            assert text.endswith(made.prompt)


def takes(option: Option, raw: str) -> Any:
    """The value that an option makes of this, or None."""
    try:
        return read_value(option, raw)
    except CodexJupyterError:
        return None


#: Each option once, by its field.
BY_FIELD = {option.field: option for option in OPTIONS_BY_NAME.values()}
TAKEN = {
    field: [raw for raw in RAW if takes(option, raw) is not None]
    for field, option in BY_FIELD.items()
    if not option.is_flag
}


def test_of_each_option_some_values_are_tried() -> None:
    assert [field for field, taken in TAKEN.items() if not taken] == []


@st.composite
def spelled(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Options as somebody types them, and what they mean."""
    parts: list[str] = []
    values: dict[str, Any] = {}
    for field in draw(st.lists(st.sampled_from(sorted(BY_FIELD)), unique=True, max_size=4)):
        option = BY_FIELD[field]
        name = draw(st.sampled_from(option.names))
        if option.is_flag:
            parts.append(name)
            values[option.field] = True
            continue
        raw = draw(st.sampled_from(TAKEN[field]))
        quote = next((q for q in "\"'" if q not in raw), None)
        bare = not any(c in raw for c in " \"'") and raw
        ways = [f"{name}={raw}"] if bare else []
        ways += [f"{name} {raw}"] if bare and not raw.startswith("-") else []
        if option.metavar != "KEY=VALUE" and quote:
            ways += [f"{name} {quote}{raw}{quote}", f"{name}={quote}{raw}{quote}"]
        if not ways:
            continue
        parts.append(draw(st.sampled_from(ways)))
        value = read_value(option, raw)
        values[option.field] = option.kind.collect(None, value) if option.repeatable else value
    return " ".join(parts), values


@pytest.mark.fuzz
@examples(100)
@given(spelled(), PROMPTS, st.booleans())
def test_what_is_spelled_is_read_back_and_the_prompt_is_what_follows(
    front: tuple[str, dict[str, Any]], prompt: str, in_cell: bool
) -> None:
    line, values = front
    made = parse_cell(line, prompt) if in_cell else parse_line(f"{line} -- {prompt}")
    assert made.options == Options.of(values)
    assert made.prompt == prompt and made.command is None and not made.wants_help
