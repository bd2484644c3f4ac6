"""Help is one screen, says everything once, and follows the tables."""

from __future__ import annotations

import re

import pytest

from codex_jupyter.errors import OptionError
from codex_jupyter.notebook.command_words import COMMAND_TABLE, COMMANDS_BY_WORD
from codex_jupyter.notebook.help import command_help, help_text
from codex_jupyter.notebook.option_table import OPTION_TABLE, OPTIONS_BY_NAME
from codex_jupyter.notebook.options import parse_cell, parse_line

SCREENS = [help_text(), *map(command_help, COMMANDS_BY_WORD), *map(command_help, OPTIONS_BY_NAME)]


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.split("\n")[0])
def test_it_is_plain_text_that_fits(screen: str) -> None:
    assert max(map(len, screen.split("\n"))) <= 79
    assert screen.isascii()
    assert screen.isprintable() or set(screen) - set(map(chr, range(32, 127))) == {"\n"}
    assert screen.endswith("\n")
    assert not screen.endswith("\n\n")


def test_the_help_is_one_screen_with_examples_first() -> None:
    lines = help_text().split("\n")
    assert len(lines) <= 50
    assert lines[2].startswith("  %codex ")


@pytest.mark.parametrize("spec", OPTION_TABLE, ids=lambda spec: spec.name)
def test_the_help_names_every_option_once(spec: object) -> None:
    name = re.escape(getattr(spec, "name", ""))
    rows = re.findall(rf"^  (?:-\w, )?{name}(?: \S+)?(?:  +|$)", help_text(), flags=re.MULTILINE)
    assert len(rows) == 1
    for choice in getattr(spec, "choices", ()):
        assert choice.value in help_text()


@pytest.mark.parametrize("spec", COMMAND_TABLE, ids=lambda spec: spec.name)
def test_the_help_names_every_command(spec: object) -> None:
    name = getattr(spec, "name", "")
    assert re.search(rf"/{name}\b", help_text())
    said = command_help(name)
    assert all(flag.name in said and flag.help in said for flag in getattr(spec, "flags", ()))


def test_the_help_of_an_option_says_its_values_and_its_reach() -> None:
    said = command_help("--sandbox")
    assert said == command_help("-s")
    assert "danger-full-access" in said
    assert "this turn" in said
    assert "thread's start" in command_help("-c")


def test_help_about_nothing_is_told() -> None:
    with pytest.raises(OptionError, match="no command"):
        command_help("nothing")


def test_the_examples_can_be_typed() -> None:
    examples = help_text().split("\n\n")[1].split("\n")
    texts = [re.split(r"  +", line.strip())[0] for line in examples]
    assert parse_line(texts[0].removeprefix("%codex ")).prompt
    assert parse_cell(texts[1].removeprefix("%%codex "), texts[2]).prompt == texts[2]
    assert parse_line(texts[3].split("%codex ")[1]).options.with_names == ("df",)
    assert parse_line(texts[4].removeprefix("%codex ")).command
