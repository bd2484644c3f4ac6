"""Known values, in every way they may be written; what somebody else cut; text that grows, at every split."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from codex_jupyter.core.secrets import Cleaner, Growing
from tests.unit.core.secret_corpus import HIDDEN, KEPT, PEM

LONG, PART, OVERLAP = "abcdefgh-ijkl", "abcdefgh", "ijklmnop"
QUOTED = 'p"ss\\word\tx'
LINES = "first-long-line-0123\nsecond-long-line-4567\nend"
SHORT = "hunt3r"
CLEANER = Cleaner([LONG, PART, OVERLAP, QUOTED, LINES, SHORT, "with spaces in it"])


def grown(pieces: list[str], cleaner: Cleaner = CLEANER) -> str:
    growing = Growing()
    return "".join([*(growing.add(piece, cleaner) for piece in pieces), growing.end(cleaner)])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"<{LONG}>", "<[hidden]>"),
        (f"<{PART}>", "<[hidden]>"),
        (f"{LONG}{PART}", "[hidden][hidden]"),
        (json.dumps({"a": QUOTED}), '{"a": "[hidden]"}'),
        (json.dumps(json.dumps(QUOTED)), '"\\"[hidden]\\""'),
        (LINES, "[hidden]"),
        (LINES.replace("\n", "\r\n"), "[hidden]"),
        (LINES.replace("\n", "\n    "), "[hidden]"),
        ("it has first-long-line-0123 in it", "it has [hidden] in it"),
        ("abcdef\x1b[31mgh-ijkl\x1b[0m", "[hidden]\x1b[31m\x1b[0m"),
        ("abcdefgh-\r\nijkl", "[hidden]"),
        ("a\x1b]8;;http://x/abcdefgh-ijkl\x07link\x1b]8;;\x07", "alink\x1b]8;;\x07"),
        (f"so {SHORT}.", "so [hidden]."),
        (f"x{SHORT}", f"x{SHORT}"),
        ("percent p%22ss%5Cword%09x", "percent [hidden]"),
        ("with spaces in it", "[hidden]"),
        # cut by somebody else
        ("it ends with abcdefgh-i", "it ends with [hidden]"),
        ("it ends with abcdef…", "it ends with [hidden]…"),
        ("abcdefg\n... 12 bytes omitted ...\nfgh-ijkl so", "[hidden]\n... 12 bytes omitted ...\n[hidden] so"),
        ("it ends with abc", "it ends with abc"),
    ],
)  # fmt: skip
def test_known_values_are_hidden_however_they_are_written(text: str, shown: str) -> None:
    assert CLEANER.text(text) == shown


@pytest.mark.parametrize("inner", [False, True])
@pytest.mark.parametrize("outer", [False, True])
def test_json_in_json_hides_nothing_whoever_wrote_which(inner: bool, outer: bool) -> None:
    value = 'Od"d\\w\u00f6rd-0123'
    written = json.dumps(json.dumps(value, ensure_ascii=inner), ensure_ascii=outer)
    assert Cleaner([value]).text(written) == '"\\"[hidden]\\""'


def test_what_is_clean_is_the_same_object() -> None:
    text = "clean, and \x1b[1mbold\x1b[0m"
    assert CLEANER.text(text) is text
    assert not CLEANER.hides(text)


def test_it_says_nothing_of_what_it_knows() -> None:
    assert repr(CLEANER) == f"<Cleaner of {len(CLEANER._values)} values>"


def test_in_what_is_allowed_nothing_that_runs_is_hidden() -> None:
    command = "DB_PASSWORD=abc touch evil"
    assert CLEANER.text(command) == "DB_PASSWORD=[hidden]"
    assert CLEANER.text(command, acts=True) == "DB_PASSWORD=[hidden] touch evil"
    for code in (
        "PASSWORD=`touch-id`",
        "PASSWORD=$(id)",
        "TOKEN=abc123;id",
        "TOKEN=abc123&id",
        "password=x1y2|id",
    ):
        shown = CLEANER.text(code, acts=True)
        assert "id" in shown.replace("[hidden]", ""), shown


# --- growing ----------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        LONG, PART, OVERLAP, SHORT, LINES, QUOTED, "with spaces in it", "abc", "a", "-", "ijkl", "mnop", " ", "x", "\n", "\r\n", "\\n",
        "\x1b[31m", "\x1b", "[", "password", "=", ": ", '"', "'", "hunter2", "DB_PASSWORD=", "token", "sk-", "proj-", "a1B2c3D4e5F6g7",
        "Bearer ", "ghp_", "https://", "ada:", "@host", "-----BEGIN ", "RSA PRIVATE KEY-----", "MIIEowIBAAKCAQEAabcd", "-----END ",
        "(", ")", ";", "?", "&", "--", "export ", "Cookie: ", "sid=12345", "é", "…", "curl -u ", "🙂", "\t", "eyJhbGciOiJIUzI1NiJ9", ".",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=14), st.lists(st.integers(1, 6), max_size=30))
@example(["export ", "DB_PASSWORD=", "hunter2", " ", "x", "\n"], [7, 3, 3, 3, 3, 3, 3, 3, 3])
@example(["DB_PASSWORD=", "with spaces in it", "with spaces in it"], [1] * 6 + [4] + [6] * 4)
def test_however_it_is_split_it_says_what_the_whole_says(
    parts: list[str], sizes: list[int]
) -> None:
    text, pieces, at = "".join(parts), [], 0
    for size in sizes:
        pieces.append(text[at : at + size])
        at += size
    pieces.append(text[at:])
    if "…" not in text:  # what somebody else cut is seen in the whole
        assert grown(pieces) == CLEANER.text(text)


def samples() -> Iterator[str]:
    yield from (text for text, _ in HIDDEN)
    yield from KEPT
    yield from (
        LONG,
        LINES,
        QUOTED,
        f"a {SHORT} b",
        "Pass:\r\n  word",
        PEM + "\nand more\n",
        PEM + " " + PEM,
    )


@pytest.mark.parametrize("text", list(samples()))
def test_split_anywhere_once_and_everywhere(text: str) -> None:
    text = f"Look: {text} so."
    whole = CLEANER.text(text)
    assert grown(list(text)) == whole
    for at in range(len(text)):
        growing = Growing()
        first = growing.add(text[:at], CLEANER)
        assert whole.startswith(first), "nothing is shown that is not shown in the end"
        assert first + growing.add(text[at:], CLEANER) + growing.end(CLEANER) == whole


def test_words_are_shown_as_they_come() -> None:
    growing = Growing()
    assert growing.add("Hello, wor", CLEANER) == "Hello, "
    assert growing.add("ld! It is", CLEANER) == "world! It "
    assert growing.add(" so. Continue? [y/N]", CLEANER) == "is so. Continue? [y/N]"
    assert not growing


def test_a_text_that_breaks_off_hides_the_beginning_of_a_known_value() -> None:
    cleaner = Cleaner(["abcdefghijklmnopqrst"])
    for broken, rest in ((True, "[hidden]"), (False, "abcdef")):
        growing = Growing()
        assert growing.add("so: abcdef", cleaner) == "so: "
        assert growing.end(cleaner, broken=broken) == rest


def test_a_secret_that_is_too_long_to_be_held_is_swallowed_to_its_end() -> None:
    key = "eyJhbGciOiJIUzI1NiJ9." + "a1B2c3D4" * 8_000
    growing = Growing()
    shown = [growing.add(key[at : at + 700], CLEANER) for at in range(0, len(key), 700)]
    shown += [growing.add(" and on", CLEANER), growing.end(CLEANER)]
    assert "".join(shown) == "[hidden] and on"


# --- how long it takes --------------------------------------------------------------------------------------------------

HARD = [
    "a.a.a.", "sk-sk-", "sk-a-", "gh", "eyJ-", "eyJa.", "://a:", "http://a:", "password=", "password:", 'password="', "token token ",
    "token=http://", "-----BEGIN ", "-----BEGIN RSA PRIVATE KEY-----\n", "\x1b[31m", "\x1b", "\n", "\r\n", "abcdefg", "abcdefgh-\n", "…",
    "Bearer ", "-u a", "Cookie: a=bcdef; ", "'", '\\"', "{", "[", "1:AA", "PASSWORD=a b c ", "--token ", "hunt3", "=", "x" * 50,
    "MIIEowIBAAKCAQEAabcd\n", "Q~", "... 1 bytes omitted ...", "%22", "key-", "_", ".", "\\n", "sess-1", "://", "a@", "cred", "url=",
    "machine a.b login c ", "mysql x ", "curl -u", '"password", ', "password  ", "password | ", "<password>", "name=token ", "auth=YWRh", "ab_c1D2",
    "MTEa.", "login x password ", "mnemonic abandon ", "\x1bP", "\x9d", "\x1b_a", "\\u0041", "\\\\", "\u200b", "*:5432:a:", "password is x ",
    "://a:b/c", "LS0tLS1CRUdJTi", "Private-Lines: 1\nabcd\n", 'password="""', "PWD={a", "passwort:", "digest username=", "sqlplus a/", "t1.a",
]  # fmt: skip


def cost(work: Callable[[], object]) -> float:
    """Processor time of this thread, the least of several runs: what else the machine does is in none of them."""

    def once() -> float:
        before = time.thread_time()
        work()
        return time.thread_time() - before

    return min(once() for _ in range(2))


@pytest.mark.growth
@pytest.mark.parametrize("unit", HARD)
def test_four_times_the_text_takes_about_four_times_as_long(unit: str) -> None:
    """A ratio, with room for noise; what is quadratic takes sixteen times as long."""
    small, large = (unit * (length // len(unit)) for length in (2_000, 8_000))
    whole = [cost(lambda text=text: CLEANER.text(text)) for text in (small, large)]
    assert whole[1] < 10 * max(whole[0], 0.0002), whole

    def grow(text: str) -> str:
        return grown([text[at : at + 60] for at in range(0, len(text), 60)])

    pieces = [cost(lambda text=text: grow(text)) for text in (small, large)]
    assert pieces[1] < 10 * pieces[0], pieces
