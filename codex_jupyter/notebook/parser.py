"""Reading what stands behind ``%codex`` and ``%%codex``: options at the front, and then the prompt
to the byte.

Only the front of the text is read, one option after another. The first word that is not an option
begins the prompt, and nothing in a prompt is looked at again: no splitting, no quotes, no braces,
no ``$``. What looks like an option at the front but is none is an error, so that nothing is
swallowed and no typing mistake is sent to a model. Pure: the text comes in, an `Invocation` or an
error goes out. Nothing is expanded, opened or run here.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Any

from codex_jupyter.errors import OptionError
from codex_jupyter.notebook.command import Command, TypedCommand
from codex_jupyter.notebook.commands import commands, commands_by_word
from codex_jupyter.notebook.line_words import (
    BLANKS,
    HELP_NAMES,
    OPTION_LIKE,
    QUOTES,
    skip_blanks,
    word_at,
)
from codex_jupyter.notebook.typed_keys import looks_like_key, read_value, secret_on_line
from codex_jupyter.settings import OPTIONS_BY_NAME, Option, Options, did_you_mean

COMMAND_LIKE = re.compile(r"/([a-z][a-z-]*)(?=[ \t\r\n\f\v]|$)")


@dataclass(frozen=True)
class Invocation:
    """One ``%codex`` or ``%%codex``, understood.

    At most one of ``prompt`` and ``command`` is given; neither, when only options or nothing was
    typed.

    Attributes:
        options: the options that were given.
        prompt: what is sent, to the byte.
        command: the command to run instead of sending anything.
        wants_help: ``--help`` was given: help is to be shown (that of ``command``, if there is one)
            and nothing else done.
    """

    options: Options
    prompt: str | None = None
    command: TypedCommand | None = None
    wants_help: bool = False


def parse_line(text: str) -> Invocation:
    """What stands behind ``%codex`` on its line.

    White space at the end of the line is no part of the prompt, nor is the blank between the
    options and the prompt; after ``--`` only one blank is taken off.

    Raises:
        OptionError: an option, a value or a command that cannot be understood.
        SecretOnLineError: a key was typed where it would be saved.

    Example:
        >>> parse_line('-m gpt-5 why does {x} say "-v"?').prompt
        'why does {x} say "-v"?'
        >>> parse_line("login --device").command
        TypedCommand(name='login', args='', flags=frozenset({'device'}))
    """
    options, wants_help, rest, verbatim = _read_front(text.rstrip())
    if wants_help or not rest:
        return Invocation(options, wants_help=wants_help)
    if not verbatim:
        typed = _read_command(rest)
        if typed is not None:
            command, wants_help = typed
            return Invocation(options, command=command, wants_help=wants_help)
    return Invocation(options, prompt=rest)


def parse_cell(first_line: str, body: str) -> Invocation:
    """What stands behind ``%%codex`` on its line, and the text of the cell below it.

    The body is never looked at: it is the prompt, whatever it looks like. Text behind the options
    of the first line is the prompt's first line; a command there (``%%codex /steer``) takes the
    body as its text. With nothing but blank lines below, the cell means what the same line with one
    ``%`` means.

    Raises:
        OptionError: an option, a value or a command that cannot be understood.
        SecretOnLineError: a key was typed where it would be saved.

    Example:
        >>> parse_cell("-q", "--help me\\n  {please}").prompt
        '--help me\\n  {please}'
        >>> parse_cell("Explain:", "x = 1").prompt
        'Explain:\\nx = 1'
    """
    if not body.strip():
        return parse_line(first_line)
    options, wants_help, rest, verbatim = _read_front(first_line.rstrip())
    if wants_help:
        return Invocation(options, wants_help=True)
    if not rest:
        return Invocation(options, prompt=body)
    whole = f"{rest}\n{body}"
    if not verbatim:
        typed = _read_command(whole)
        if typed is not None:
            command, wants_help = typed
            return Invocation(options, command=command, wants_help=wants_help)
    return Invocation(options, prompt=whole)


def _read_front(text: str) -> tuple[Options, bool, str, bool]:
    """The options, whether help is wanted, what follows the options, and whether ``--`` stood
    before it."""
    values: dict[str, Any] = {}
    position = 0
    while True:
        position = skip_blanks(text, position)
        word = word_at(text, position)
        if word == "--":
            position += len(word)
            if text[position : position + 1] in tuple(BLANKS):
                position += 1
            return Options.of(values), False, text[position:], True
        if not OPTION_LIKE.match(word):
            return Options.of(values), False, text[position:], False
        if word in HELP_NAMES:
            return Options.of(values), True, "", False
        name, equals, _ = word.partition("=")
        option = OPTIONS_BY_NAME.get(name)
        if option is None:
            raise _unknown_option(name, more=text[position + len(name) :])
        if option.field in values and not option.repeatable:
            raise OptionError(f"{option.name} is given twice.", "Keep one of them.")
        position += len(name)
        if option.is_flag:
            if equals:
                raise OptionError(f"{option.name} takes no value.", f"Write {name} alone.")
            values[option.field] = True
            continue
        raw, position = _read_value(
            text, position + len(equals) if equals else None, position, name, option
        )
        value = read_value(option, raw)
        if option.repeatable:
            value = option.kind.collect(values.get(option.field), value)
        values[option.field] = value


def _read_value(
    text: str, joined: int | None, position: int, name: str, option: Option
) -> tuple[str, int]:
    """The value of an option, quotes taken off, and where it ends.

    ``joined`` is where the value begins when it was joined to the option with ``=``.
    """
    if joined is None:
        begin = skip_blanks(text, position)
        word = word_at(text, begin)
        if not word or word == "--" or OPTION_LIKE.match(word):
            raise _missing_value(name, option, word)
    else:
        begin = joined
        if not word_at(text, begin):
            raise _missing_value(name, option, "")
    quote_at = begin
    if text[begin] not in QUOTES and option.metavar == "KEY=VALUE":
        quote_at = begin + word_at(text, begin).find("=") + 1
    if text[quote_at : quote_at + 1] not in tuple(QUOTES) or (
        quote_at > begin and text[quote_at - 1] != "="
    ):
        word = word_at(text, begin)
        return word, begin + len(word)
    close = text.find(text[quote_at], quote_at + 1)
    if close < 0:
        raise OptionError(
            f"The quote after {name} is not closed.", "Close it, or leave the quotes out."
        )
    end = close + 1
    if word_at(text, end):
        raise OptionError(
            f"The value of {name} goes on after its closing quote.", "Put a blank behind the quote."
        )
    return text[begin:quote_at] + text[quote_at + 1 : close], end


def _read_command(text: str) -> tuple[TypedCommand, bool] | None:
    """The command that ``text`` begins with and whether its help is wanted, or None when ``text``
    is a prompt."""
    slashed = COMMAND_LIKE.match(text)
    if slashed:
        command = commands_by_word().get(slashed[1])
        if command is None:
            near = did_you_mean(slashed[1], commands_by_word(), prefix="/")
            raise OptionError(
                f"/{slashed[1]} is not a command.{near}",
                f"`%codex /help` lists them; to send this as a prompt: %codex -- /{slashed[1]} ...",
            )
        return _read_command_rest(command, text[slashed.end() :], bare=False)
    word = word_at(text, 0)
    command = commands_by_word().get(word)
    return _read_command_rest(command, text[len(word) :], bare=True) if command else None


def _read_command_rest(
    command: Command, text: str, *, bare: bool
) -> tuple[TypedCommand, bool] | None:
    """A command's own options and its text. A bare word with any other text behind it begins a
    prompt: None."""
    if command.refuses_keys:
        _refuse_key(text, bare=bare)
    if text.strip() in HELP_NAMES:
        return TypedCommand(command.name), True
    flags = {flag.name: flag.word for flag in command.flags}
    given: set[str] = set()
    position = skip_blanks(text, 0, " \t")
    while (word := word_at(text, position)) in flags:
        given.add(flags[word])
        position = skip_blanks(text, position + len(word), " \t")
    if (
        text[position : position + 1] == "\n"
    ):  # the cell's body is the text: it keeps its indentation
        position += 1
    if word in HELP_NAMES and flags:
        return TypedCommand(command.name), True
    args = text[position:].rstrip() if not command.takes else text[position:]
    if bare and args.strip():
        return None
    if args and OPTION_LIKE.match(word) and flags:
        raise OptionError(
            f"{word.partition('=')[0]} is not an option of /{command.name}."
            f"{did_you_mean(word, flags)}",
            f"/{command.name} takes: {', '.join(flags)}.",
        )
    if args and not command.takes:
        raise OptionError(
            f"/{command.name} takes no text.",
            f"To send this as a prompt: %codex -- /{command.name} {_start_of(args)}",
        )
    return TypedCommand(command.name, args, frozenset(given)), False


def _refuse_key(text: str, *, bare: bool) -> None:
    """Refuse a line of ``/login`` that holds a key, or something in the place of one.

    Whatever stands behind ``--api-key`` is taken for a key, whatever its shape, and so is a single
    word behind ``/login``. The error never shows it.
    """
    words = text.split()
    leading = list(itertools.takewhile(OPTION_LIKE.match, words))
    texts = words[len(leading) :]
    after_flag = any(word.startswith("--api-key=") for word in leading) or (
        "--api-key" in leading and bool(texts)
    )
    lone = len(texts) == 1 and (
        not bare or (len(texts[0]) >= 20 and any(map(str.isdigit, texts[0])))
    )
    if after_flag or lone or looks_like_key(text):
        raise secret_on_line()


def _unknown_option(name: str, more: str) -> Exception:
    """The error for what looks like an option and is none. It never shows what follows a misplaced
    ``--api-key``."""
    for command in commands():
        if any(flag.name == name for flag in command.flags):
            if name == "--api-key" and more.strip():
                return secret_on_line()
            return OptionError(
                f"{name} belongs to the {command.name} command.",
                f"Write: %codex {command.name} {name}",
            )
    if looks_like_key(name + more):
        return secret_on_line()
    short = OPTIONS_BY_NAME.get(name[:2])
    if (
        not name.startswith("--")
        and f"-{name}" not in OPTIONS_BY_NAME
        and short is not None
        and not short.is_flag
    ):
        return OptionError(
            f"{name} is not an option.", f"If you meant {short.name}: {name[:2]} {name[2:]} ..."
        )
    return OptionError(
        f"{name} is not an option.{did_you_mean(name, (*OPTIONS_BY_NAME, *HELP_NAMES))}",
        f"`%codex --help` lists them; to send this as a prompt: %codex -- {name} ...",
    )


def _missing_value(name: str, option: Option, word: str) -> OptionError:
    wanted = f"{name} {option.metavar}"
    if option.choices:
        wanted += f", one of: {', '.join(choice.value for choice in option.choices)}"
    if word and word != "--" and word.partition("=")[0] not in (*OPTIONS_BY_NAME, *HELP_NAMES):
        wanted += f". A value that begins with a dash is joined with =: {name}={word}"
    return OptionError(f"{name} needs a value.", f"Write {wanted}")


def _start_of(text: str) -> str:
    """The beginning of a text as a message repeats it."""
    line = text.splitlines()[0] if text else ""
    return line if len(line) <= 40 and line == text else f"{line[:37]}..."
