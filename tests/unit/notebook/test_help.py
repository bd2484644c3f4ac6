"""Help is one screen, says everything once, and follows the tables."""

from __future__ import annotations

import re

import pytest

from codex_jupyter.errors import OptionError
from codex_jupyter.notebook.command import Command
from codex_jupyter.notebook.commands import commands, commands_by_word
from codex_jupyter.notebook.help import command_tables, help_on, help_text
from codex_jupyter.notebook.parser import parse_cell, parse_line
from codex_jupyter.settings import OPTIONS_BY_NAME, TYPED_OPTIONS

SCREENS = [
    help_text(),
    *map(help_on, commands_by_word()),
    *map(help_on, OPTIONS_BY_NAME),
]


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


@pytest.mark.parametrize("spec", TYPED_OPTIONS, ids=lambda spec: spec.name)
def test_the_help_names_every_option_once(spec: object) -> None:
    name = re.escape(getattr(spec, "name", ""))
    rows = re.findall(rf"^  (?:-\w, )?{name}(?: \S+)?(?:  +|$)", help_text(), flags=re.MULTILINE)
    assert len(rows) == 1
    for choice in getattr(spec, "choices", ()):
        assert choice.value in help_text()


@pytest.mark.parametrize("command", commands(), ids=lambda command: command.name)
def test_the_list_says_what_every_command_does(command: Command) -> None:
    assert re.search(rf"/{command.name}\b", help_text())
    rows = [row for _, table in command_tables() for row in table.rows]
    (row,) = (row for row in rows if row[0].split()[0] == f"/{command.name}")
    assert row[1] == command.help
    text = help_on(command.name)
    assert text.startswith(f"%codex /{command.name}")
    assert all(flag.name in text and flag.help in text for flag in command.flags)


def test_the_help_of_an_option_says_its_values_and_its_reach() -> None:
    said = help_on("--sandbox")
    assert said == help_on("-s")
    assert "danger-full-access" in said
    assert "this turn" in said
    assert "conversation's start" in help_on("-c")


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("statsu", "/status"),
        ("/permision", "/permissions"),
        ("--modle", "--model"),
        ("--aproval", "--approval"),
    ],
)
def test_help_about_nothing_says_what_is_near(word: str, near: str) -> None:
    with pytest.raises(OptionError, match=f"There is no .* Did you mean {near}\\?"):
        help_on(word)
    with pytest.raises(OptionError, match=r"There is no command 'xyzzy'\.\n"):
        help_on("xyzzy")


def test_the_examples_can_be_typed() -> None:
    examples = help_text().split("\n\n")[1].split("\n")
    texts = [re.split(r"  +", line.strip())[0] for line in examples]
    assert parse_line(texts[0].removeprefix("%codex ")).prompt
    assert parse_cell(texts[1].removeprefix("%%codex "), texts[2]).prompt == texts[2]
    assert parse_line(texts[3].split("%codex ")[1]).options.with_names == ("df",)
    assert parse_line(texts[4].removeprefix("%codex ")).command
