"""Options are read from the front; whatever follows is the prompt, to the byte."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codex_jupyter.errors import OptionError, SecretOnLineError
from codex_jupyter.notebook.command import TypedCommand
from codex_jupyter.notebook.commands import commands, commands_by_word
from codex_jupyter.notebook.parser import Invocation, parse_cell, parse_line
from codex_jupyter.settings import TYPED_OPTIONS, Options

KEY = "sk-proj-4bQ9xT7mZ2nL5vR8"

PROMPTS = [
    "hi",
    "what is y?",
    "what is {x}? and ${y} and $HOME and {{z}} and {",
    '{"a": 1}',
    'say "hello',
    "don't",
    "it's a 'quoted' \"thing\"",
    "why does grep -v -m 3 --model x fail?",
    "run it with --new -- and then -q",
    "C:\\temp\\",
    "two  blanks   and\ttabs",
    "- a bullet",
    "-5 degrees, is that cold?",
    "--- a/file.py",
    "--> arrow",
    "-",
    "/etc/hosts is broken",
    "/usr/bin/env: no such file",
    "/Users/me is full",
    "/",
    "// a comment",
    "login to the database fails, why?",
    "status of the project?",
    "account-based marketing",
    "logins fail",
    "help me",
    "new idea",
    "@df is wrong",
    "%codex in a prompt",
    "!ls and ?x",
    "日本語で答えて 🙂 \u2028 e\u0301 \x00 \ud800",
    '"quoted front" of a prompt',
    "'tis",
    "=1",
    "m=1",
]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_line_without_options_is_the_prompt(prompt: str) -> None:
    assert parse_line(prompt) == Invocation(Options(), prompt=prompt)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_options_do_not_touch_the_prompt_behind_them(prompt: str) -> None:
    assert parse_line(f"-m x --new -s 'read-only' {prompt}") == Invocation(
        Options(new=True, settings={"model": "x", "sandbox": "read-only"}), prompt=prompt
    )


@given(st.text(min_size=1))
@example("--model x")
@example("/status")
@example(" leading blank")
@example("\n")
@example("login")
@example(f"login {KEY}")
def test_everything_behind_two_dashes_is_the_prompt(prompt: str) -> None:
    kept = prompt.rstrip()
    assert parse_line(f"-q -- {prompt}").prompt == (kept or None)


@given(st.text(min_size=1).filter(str.strip))
@example("--model x\n")
@example("/status\r\n  and\r\n")
@example("%%codex\n%codex")
@example(f"login {KEY}")
def test_the_body_of_a_cell_is_the_prompt_to_the_byte(body: str) -> None:
    assert parse_cell("-q", body) == Invocation(Options(settings={"quiet": True}), prompt=body)


@given(st.text())
def test_any_front_is_understood_or_refused_in_words(text: str) -> None:
    for front in ("", "-m ", "-c a=", "--with=", "/", "/model ", "login ", "-"):
        try:
            parse_line(front + text)
        except (OptionError, SecretOnLineError) as refused:
            assert refused.message
            assert refused.hint


def test_text_behind_the_options_of_a_cell_is_the_first_line_of_its_prompt() -> None:
    assert parse_cell("-q Explain this:  ", "  x = 1\n").prompt == "Explain this:\n  x = 1\n"
    assert parse_cell("-q -- /status", "x").prompt == "/status\nx"
    assert parse_cell("--", "x").prompt == "x"
    assert parse_cell("Explain this", "\n \n").prompt == "Explain this"
    assert parse_cell("login", "fails, why?").prompt == "login\nfails, why?"


def test_a_cell_with_only_its_first_line_means_what_the_line_means() -> None:
    for text in ("", "-q hi", "--help", "/status", "login --device", "-m x"):
        assert parse_cell(text, "") == parse_line(text)
        assert parse_cell(text, "\n\n") == parse_line(text)


def test_nothing_typed_asks_for_nothing() -> None:
    assert parse_line("") == Invocation(Options())
    assert parse_line("   ") == Invocation(Options())
    assert parse_line("--") == Invocation(Options())
    assert parse_line("-m x ") == Invocation(Options(settings={"model": "x"}))
    assert parse_cell("", "\n  \n") == Invocation(Options())


ONE_OF_EACH = [
    ("-m gpt-5", {"model": "gpt-5"}),
    ("--model=gpt-5", {"model": "gpt-5"}),
    ("-m=gpt-5", {"model": "gpt-5"}),
    ("-m 'a model'", {"model": "a model"}),
    ('--model="a model"', {"model": "a model"}),
    ("-e high", {"effort": "high"}),
    ("-s read-only", {"sandbox": "read-only"}),
    ("--sandbox workspace-write", {"sandbox": "workspace-write"}),
    ("-s full-access", {"sandbox": "full-access"}),
    ("-s danger-full-access", {"sandbox": "full-access"}),
    ('-C "/a folder/with it\'s"', {"cwd": "/a folder/with it's"}),
    ("-C /home/o'brien", {"cwd": "/home/o'brien"}),
    ("-C C:\\data\\", {"cwd": "C:\\data\\"}),
    ('-C "C:\\my data\\"', {"cwd": "C:\\my data\\"}),
    ("-C $HOME/{x}", {"cwd": "$HOME/{x}"}),
    ("-C=-odd", {"cwd": "-odd"}),
    ("-i a.png -i b.png,c.png", {"image": ("a.png", "b.png", "c.png")}),
    ("-p work", {"profile": "work"}),
    ("--oss --local-provider ollama", {"oss": True, "provider": "ollama"}),
    ("--add-dir /a --add-dir '/b c'", {"add_dirs": ("/a", "/b c")}),
    ("--ephemeral", {"ephemeral": True}),
    ("--output-schema Report", {"output_schema": "Report"}),
    ("-o \u00b5", {"output": "\u03bc"}),
    ("-a ask", {"approval": "ask"}),
    ("-a auto-review", {"approval": "auto-review"}),
    ("-a never", {"approval": "never"}),
    ("--ask-for-approval on-request", {"approval": "ask"}),
    ("--ask-for-approval on-failure", {"approval": "ask"}),
    ("--ask-for-approval untrusted", {"approval": "untrusted"}),
    ("--ask-for-approval never", {"approval": "never"}),
    ("-k off", {"kernel": "off"}),
    ("--kernel run", {"kernel": "run"}),
    ("-o answer", {"output": "answer"}),
    ("--out größe", {"output": "größe"}),
    ("--output match", {"output": "match"}),
    ("--with df,model.weights,data/a.csv", {"with_names": ("df", "model.weights", "data/a.csv")}),
    ("--with df --with fig", {"with_names": ("df", "fig")}),
    ("-t analysis", {"thread": "analysis"}),
    ("--new", {"new": True}),
    ("-b", {"background": True}),
    ("--bg", {"background": True}),
    ("-q", {"quiet": True}),
    ("--timeout 90", {"timeout": 90.0}),
    ("--timeout 0.5", {"timeout": 0.5}),
    ("--timeout 90s", {"timeout": 90.0}),
    ("--timeout=5m", {"timeout": 300.0}),
    ("--timeout 1h", {"timeout": 3600.0}),
]


@pytest.mark.parametrize(("text", "given_options"), ONE_OF_EACH)
def test_an_option_is_read_and_the_prompt_kept(text: str, given_options: dict[str, object]) -> None:
    got = parse_line(f"{text} the  prompt -x")
    assert got.options.given() == given_options
    assert got.prompt == "the  prompt -x"


def test_every_option_is_covered_above() -> None:
    covered = {name for _, options in ONE_OF_EACH for name in options}
    assert covered >= {option.field for option in TYPED_OPTIONS} - {"config"}


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("-c model_verbosity=low", ("model_verbosity", "low")),
        ('-c model="gpt 5"', ("model", "gpt 5")),
        ("-c 'model=\"gpt 5\"'", ("model", "gpt 5")),
        ("-c a.b.c=1", ("a.b.c", 1)),
        ("-c a=true", ("a", True)),
        ("-c 'tools=[\"a b\", 2]'", ("tools", ["a b", 2])),
        ('-c tools=["a",2]', ("tools", ["a", 2])),
        ("-c tools='[\"a b\", 2]'", ("tools", ["a b", 2])),
        ("-c x='{ y = 1 }'", ("x", {"y": 1})),
        ("--config=web_search=live", ("web_search", "live")),
        ("-c url=http://127.0.0.1:1/v1?a=b", ("url", "http://127.0.0.1:1/v1?a=b")),
    ],
)
def test_a_setting_is_read_as_the_cli_reads_it(text: str, setting: tuple[str, object]) -> None:
    got = parse_line(f"{text} go on")
    assert got.options.settings["config"] == dict([setting])
    assert got.prompt == "go on"


def test_settings_collect() -> None:
    assert parse_line("-c a=1 -c b=2 x").options.settings["config"] == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("--modle x prompt", "--model"),
        ("--modle=x prompt", "--model"),
        ("-model x prompt", "--model"),
        ("-x prompt", "-- -x"),
        ("--sandox read-only", "--sandbox"),
        ("-mgpt-5 prompt", "-m gpt-5"),
        ("-m", "-m MODEL"),
        ("-m --new prompt", "-m MODEL"),
        ("-m -- prompt", "-m MODEL"),
        ("--model= prompt", "--model MODEL"),
        ("-C -odd prompt", "-C=-odd"),
        ("-m 'open prompt", "not closed"),
        ('-m "a"b prompt', "closing quote"),
        ("-m '' prompt", "not empty"),
        ("-m a -m b prompt", "twice"),
        ("--new=1 prompt", "no value"),
        ("-s", "read-only, workspace-write, full-access"),
        ("-s yolo prompt", "read-only, workspace-write, full-access"),
        ("-a perhaps prompt", "ask, auto-review, never"),
        ("-k all prompt", "off, read, edit, run"),
        ("-e hihg prompt", "high"),
        ("--timeout soon prompt", "90"),
        ("--timeout 0 prompt", "above zero"),
        ("--timeout -5 prompt", "above zero"),
        ("--timeout inf prompt", "above zero"),
        ("--timeout 5d prompt", "5m"),
        ("-o 1x prompt", "variable"),
        ("-o class prompt", "variable"),
        ("-o a.b prompt", "variable"),
        ("--with df, fig prompt", "NAME,NAME"),
        ("-c model prompt", "KEY=VALUE"),
        ("-c =x prompt", "KEY=VALUE"),
        ('-c a=["b", "c"] prompt', "quote the whole"),
        ("--device", "codex login --device"),
        ("/statsu", "/status"),
        ("/foo bar", "-- /foo"),
        ("/status the thing", "-- /status the thing"),
        ("/login --devise", "--device"),
        ("/login please now", "takes no text"),
    ],
)
def test_a_mistake_at_the_front_is_told_and_nothing_is_sent(text: str, says: str) -> None:
    with pytest.raises(OptionError) as refused:
        parse_line(text)
    assert says in str(refused.value)
    with pytest.raises(OptionError):
        parse_cell(text, "a body")


@pytest.mark.parametrize("text", ["--help", "-h", "-q --help", "--help me with this", "-m x -h y"])
def test_help_is_help_and_nothing_else(text: str) -> None:
    for got in (parse_line(text), parse_cell(text, ""), parse_cell(text, "body")):
        assert got.wants_help
        assert got.prompt is None
        assert got.command is None


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/status", TypedCommand("status")),
        ("/approvals", TypedCommand("permissions")),
        ("/model gpt-5", TypedCommand("model", "gpt-5")),
        ("/steer use  {x}, not -y ", TypedCommand("steer", "use  {x}, not -y")),
        ("/steer --device x", TypedCommand("steer", "--device x")),
        ("/login", TypedCommand("login")),
        ("/login --device", TypedCommand("login", flags=frozenset({"device"}))),
        ("login", TypedCommand("login")),
        ("account", TypedCommand("account")),
        ("login --no-browser", TypedCommand("login", flags=frozenset({"no-browser"}))),
        ("login --api-key", TypedCommand("login", flags=frozenset({"api-key"}))),
        ("/help login", TypedCommand("help", "login")),
    ],
)
def test_a_command_is_recognised(text: str, command: TypedCommand) -> None:
    assert parse_line(text).command == command
    assert parse_line(text).prompt is None
    assert parse_line(f"-t other {text}").command == command
    assert parse_line(f"-t other {text}").options.thread == "other"


@pytest.mark.parametrize("word", sorted(commands_by_word()))
def test_every_command_word_works_alone_with_and_without_the_slash(word: str) -> None:
    for text in (word, f"/{word}"):
        got = parse_line(text)
        assert got.command is not None
        assert got.command.name == commands_by_word()[word].name
        assert parse_line(f"{text} --help").wants_help
    assert parse_line(f"{word} of the lake").prompt == f"{word} of the lake"


def test_the_body_of_a_cell_can_be_the_text_of_a_command_on_its_first_line() -> None:
    got = parse_cell("/steer", "  use polars,\n  not pandas\n")
    assert got.command == TypedCommand("steer", "  use polars,\n  not pandas\n")
    assert parse_cell("/fix the plot:", "x").command == TypedCommand("fix", "the plot:\nx")
    assert parse_cell("", "/steer away").prompt == "/steer away"
    with pytest.raises(OptionError):
        parse_cell("/status", "of the project")


@pytest.mark.parametrize(
    "text",
    [
        f"login {KEY}",
        f"/login {KEY}",
        "/login hunter2",
        f"login --api-key {KEY}",
        f"login --api-key={KEY}",
        "login --api-key hunter2-and-more",
        "/login --api-key hunter2",
        "/login --device --api-key hunter2",
        "login 0123456789abcdef0123456789abcdef",
        f"login with {KEY} fails",
        f"--api-key {KEY}",
        f"--api-key={KEY}",
        f"-{KEY}",
        f"-m {KEY} hi",
        f"-c 'model_providers.x.http_headers.Authorization=\"Bearer {KEY}\"' hi",
        f"-c token={KEY}",
        "login eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    ],
)
def test_a_typed_key_is_refused_and_never_repeated(text: str) -> None:
    with pytest.raises(SecretOnLineError) as refused:
        parse_line(text)
    shown = f"{refused.value!s} {refused.value!r}"
    for word in text.replace("=", " ").replace('"', " ").split():
        if any(map(str.isdigit, word)):
            assert word.strip("-'") not in shown
    assert "hidden field" in refused.value.hint
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    with pytest.raises(SecretOnLineError):
        parse_cell(text, "\n")


def test_a_key_in_the_cell_below_login_is_refused() -> None:
    with pytest.raises(SecretOnLineError):
        parse_cell("login", KEY)


def test_words_name_one_command_each() -> None:
    words = [word for command in commands() for word in command.words]
    assert len(words) == len(set(words)) == len(commands_by_word())
