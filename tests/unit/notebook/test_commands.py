"""Commands are found where they are written, each declared whole, and use no more of the cell than they are promised."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path
from typing import Any, get_args

import pytest

from codex_jupyter.notebook import commands as package
from codex_jupyter.notebook.command import Caller, Command, Group, TypedCommand, command
from codex_jupyter.notebook.commands import commands, commands_by_word
from codex_jupyter.notebook.help import command_tables
from codex_jupyter.notebook.parser import parse_line
from codex_jupyter.settings import Options, Source

PROMISED = [
    "login",
    "logout",
    "account",
    "status",
    "model",
    "effort",
    "permissions",
    "pending",
    "sandbox",
    "new",
    "resume",
    "fork",
    "threads",
    "name",
    "archive",
    "compact",
    "review",
    "diff",
    "steer",
    "interrupt",
    "stop",
    "fix",
    "context",
    "transcript",
    "mcp",
    "usage",
    "doctor",
    "help",
]


def test_no_command_is_lost() -> None:
    assert set(PROMISED) <= {command.name for command in commands()}


def test_every_module_of_the_package_declares_a_command() -> None:
    homes = {command.run.__module__.rpartition(".")[2] for command in commands()}
    assert homes == {module.name for module in pkgutil.iter_modules(package.__path__)}


@pytest.mark.parametrize("command", commands(), ids=lambda command: command.name)
def test_a_command_is_declared_whole(command: Command) -> None:
    assert command.help and not command.help.endswith(".")
    assert command.group in get_args(Group)
    assert command.run.__doc__
    assert command.run.__name__ == command.name
    assert isinstance(command.offers, tuple) or command.offers in get_args(Source)
    assert command.takes or not command.offers, "what is offered could not be typed"
    if isinstance(command.offers, tuple):
        assert all(choice.meaning for choice in command.offers)
    for flag in command.flags:
        typed = parse_line(f"/{command.name} {flag.name}").command
        assert typed == TypedCommand(command.name, flags=frozenset({flag.word}))


def test_a_command_written_in_a_new_file_is_all_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "only_in_this_test.py").write_text(
        "from codex_jupyter.notebook.command import command\n"
        "@command('onlyhere', group='Turns', help='say hello', takes='[NAME]', aliases=('oh',))\n"
        "def onlyhere(caller, typed, options):\n"
        "    return f'hello {typed.args}'\n"
    )
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    commands.cache_clear()
    commands_by_word.cache_clear()
    try:
        typed = parse_line("/oh world").command
        assert typed is not None
        run: Any = commands_by_word()[typed.name].run
        assert run(None, typed, Options()) == "hello world"
        rows = [row for _, table in command_tables() for row in table.rows]
        assert ("/onlyhere [NAME]", "say hello") in rows
    finally:
        sys.modules.pop(f"{package.__name__}.only_in_this_test", None)
        monkeypatch.undo()
        commands.cache_clear()
        commands_by_word.cache_clear()
        importlib.invalidate_caches()
    assert "onlyhere" not in commands_by_word()


def test_an_option_behind_a_command_is_an_option() -> None:
    with pytest.raises(KeyError):
        command("x", group="Turns", help="nothing", options=("--nothing",))


class Quiet:
    """A caller that answers only what is promised."""

    shell: Any = None

    def session(self) -> Any:
        raise AssertionError("not needed")

    def ask(self, prompt: str, options: Options, sent: tuple[str, ...] = ()) -> Any:
        raise AssertionError("not needed")

    def run_job(self, title: str, options: Options, work: dict[str, Any]) -> Any:
        return title, work

    def commands(self) -> Any:
        raise AssertionError("not needed")

    def help(self, word: str) -> str:
        return f"help on {word}\n"


@pytest.mark.parametrize(
    ("typed", "target"),
    [
        ("/review", {"type": "uncommittedChanges"}),
        ("/review branch main", {"type": "baseBranch", "branch": "main"}),
        ("/review commit 12ab", {"type": "commit", "sha": "12ab"}),
        ("/review Look at it", {"type": "custom", "instructions": "Look at it"}),
    ],
)
def test_what_is_reviewed(typed: str, target: dict[str, str]) -> None:
    assert _run(typed)[1] == {"review": target}


def test_help_is_asked_of_the_caller(capsys: pytest.CaptureFixture[str]) -> None:
    _run("/help login")
    assert capsys.readouterr().out == "help on login\n"


def _run(text: str) -> Any:
    caller: Caller = Quiet()
    invocation = parse_line(text)
    assert invocation.command is not None
    command = commands_by_word()[invocation.command.name]
    return command.run(caller, invocation.command, invocation.options)
