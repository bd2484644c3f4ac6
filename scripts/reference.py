"""Writes docs/options.md and docs/commands.md from the declarations, so that they say what the code does.

python scripts/reference.py            write them
python scripts/reference.py --check    fail where a page is not what would be written
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

from codex_jupyter.notebook.command import Command
from codex_jupyter.notebook.commands import commands
from codex_jupyter.notebook.help import REACH, usage
from codex_jupyter.notebook.traits import WITH_TRAIT
from codex_jupyter.settings import ALL_OPTIONS, GROUPS, Choice, Option

DOCS = Path(__file__).resolve().parent.parent / "docs"
WRITTEN = "<!-- Written by `make reference` from the declarations; edit those. -->"

SOURCES = {
    "models": "the models of the running Codex",
    "variables": "your variables",
    "conversations": "this kernel's conversations",
    "commands": "the commands",
    "files": "files",
}


def options_page() -> str:
    """``docs/options.md``: every option with its values, its reach, its keyword and its trait."""
    parts = [
        "# Options",
        WRITTEN,
        "Options stand in front of the prompt, as with the Codex CLI; `--` ends them. What follows is sent to the byte. "
        "Each is also a keyword of `session.run` and `session.start` where one is named, and has a default in "
        "`%config CodexMagics` where one is named. The last of these wins: `%config`, what `/model` and its like chose for "
        "the conversation, the option itself.",
    ]
    for group in GROUPS:
        parts.append(f"## {group}")
        parts += [_option(option) for option in ALL_OPTIONS if option.group == group]
    return "\n\n".join(parts) + "\n"


def commands_page() -> str:
    """``docs/commands.md``: every command with what may follow it."""
    parts = [
        "# Commands",
        WRITTEN,
        "A command stands in the place of a prompt: `%codex /status`, or the word alone: `%codex status`. Options in front of "
        "it say for which conversation (`-t`), and how the turn of `/review`, `/fix` and `/compact` runs. "
        "`%codex /help WORD` shows one of these in a cell.",
    ]
    for group, family in groupby(commands(), key=lambda command: command.group):
        parts.append(f"## {group}")
        parts += [_command(command) for command in family]
    return "\n\n".join(parts) + "\n"


PAGES = {"options.md": options_page, "commands.md": commands_page}


def outdated() -> list[str]:
    """The pages that do not say what is declared."""
    return [name for name, page in PAGES.items() if _on_disk(name) != page()]


def _on_disk(name: str) -> str:
    path = DOCS / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _option(option: Option) -> str:
    value = f" {option.metavar}" if option.metavar else ""
    title = ", ".join(f"`{name}`" for name in option.names) or f"`{option.field}`"
    lines = [f"### {title}{f' `{value.strip()}`' if value and option.names else ''}", ""]
    lines.append(f"{_sentence(option.help)} {REACH[option.scope]}")
    if option.repeatable and option.names:
        lines.append("It may be given more than once.")
    lines += _table((*option.choices, *option.kind.unoffered))
    if option.kind.aliases:
        pairs = ", ".join(f"`{alias}` ({name})" for alias, name in option.kind.aliases.items())
        lines += ["", f"Also understood: {pairs}."]
    if option.when_unset:
        lines += ["", f"When nobody chose: {option.when_unset}."]
    places = []
    if option.keyword:
        keywords = " or ".join(f"`{keyword}=`" for keyword in option.keywords)
        places.append(f"In Python {keywords}.")
    if option in WITH_TRAIT:
        places.append(f"Default: `%config CodexMagics.{option.field}`.")
    if isinstance(option.offers, str):
        places.append(f"Tab offers {SOURCES[option.offers]}.")
    if places:
        lines += ["", " ".join(places)]
    return "\n".join(lines)


def _command(command: Command) -> str:
    lines = [f"### `/{command.name} {usage(command)}".rstrip() + "`", "", _sentence(command.help)]
    if command.aliases:
        lines += ["", f"Also: {', '.join(f'`/{alias}`' for alias in command.aliases)}."]
    choices = [
        *(Choice(flag.name, flag.help) for flag in command.flags),
        *(Choice(f"{o.names[0]} {o.metavar}".strip(), o.help) for o in command.options),
        *(command.offers if isinstance(command.offers, tuple) else ()),
    ]
    lines += _table(tuple(choices))
    if isinstance(command.offers, str):
        lines += ["", f"Tab offers {SOURCES[command.offers]}."]
    return "\n".join(lines)


def _table(choices: tuple[Choice, ...]) -> list[str]:
    if not choices:
        return []
    rows = [f"| `{choice.value}` | {choice.meaning} |" for choice in choices]
    return ["", "| | |", "|---|---|", *rows]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def main() -> int:
    """Write the pages, or with ``--check`` say which of them are outdated."""
    if "--check" in sys.argv:
        pages = outdated()
        if pages:
            print(f"Not as declared: {', '.join(pages)}. `make reference` writes them.")
        return bool(pages)
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
