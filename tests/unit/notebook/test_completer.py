"""Completion in a real shell, by the path that a kernel takes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from codex_jupyter.notebook import completer
from codex_jupyter.notebook.commands import commands
from codex_jupyter.notebook.completer import place_of
from codex_jupyter.notebook.completion_sources import CompletionSources
from codex_jupyter.settings import TYPED_OPTIONS, Choice


class Known:
    """Sources that know a few things."""

    def models(self) -> list[Choice]:
        return [
            Choice("gpt-5.6-terra", "everyday work"),
            Choice("gpt-5.6-sol", "frontier"),
            Choice("o9"),
        ]

    def variables(self) -> list[Choice]:
        return [Choice(name, "instance") for name in ("df", "df_clean", "figure", "größe")]

    def conversations(self) -> list[Choice]:
        return [Choice("main", "conversation"), Choice("analysis", "conversation")]


Complete = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def complete(shared_shell: InteractiveShell) -> Complete:
    completer.install(shared_shell, Known())
    shared_shell.user_ns["prompt_helper"] = 1

    def complete(cell: str) -> list[str]:
        """The whole texts that completing at `|` would leave, the text behind it as well."""
        before, _, after = cell.partition("|")
        text, cursor = before + after, len(before)
        with provisionalcompleter():
            found = list(shared_shell.Completer.completions(text, cursor))
        assert all(one.end == cursor for one in found)
        return [text[: one.start] + one.text for one in found]

    return complete


@pytest.mark.parametrize(
    ("cell", "offered"),
    [
        ("%codex -s |", ["read-only", "workspace-write", "full-access"]),
        ("%codex -s wor|", ["workspace-write"]),
        ("%codex --sandbox=f|", ["full-access"]),
        ("%codex -q -a a|", ["ask", "auto-review"]),
        ("%codex -k |", ["off", "read", "edit", "run"]),
        ("%codex -e hi|", ["high"]),
        ("%codex -m gpt|", ["gpt-5.6-sol", "gpt-5.6-terra"]),
        ("%codex -m 'gpt|", ["gpt-5.6-sol", "gpt-5.6-terra"]),
        ("%codex -t an|", ["analysis"]),
        ("%codex --with d|", ["df", "df_clean"]),
        ("%codex --with figure,d|", ["df", "df_clean"]),
        ("%codex -o gr|", ["größe"]),
        ("%codex --local-provider ol|", ["ollama"]),
        ("%codex --sand|", ["--sandbox"]),
        ("%codex --b|", ["--background"]),
        ("%codex --bg|", ["--bg"]),
        ("%codex --out|", ["--output", "--output-schema"]),
        ("%codex -m x -q --mo|", []),
        ("%codex -c a=1 --conf|", ["--config"]),
        ("%codex --he|", ["--help"]),
        ("%codex /sta|", ["status"]),
        ("%codex /appr|", ["approvals"]),
        ("%codex login --|", ["--device", "--api-key", "--no-browser"]),
        ("%codex /login --d|", ["--device"]),
        ("%codex /help log|", ["login", "logout", "logs"]),
        ("%codex /model o|", ["o9"]),
        ("%codex /sandbox re|", ["read-only"]),
        ("%codex /permissions ne|", ["never"]),
        ("%codex /permissions -s |", ["read-only", "workspace-write", "full-access"]),
        ("%codex /permissions -a never -k r|", ["read", "run"]),
        ("%codex /permissions rev|", ["revoke"]),
        ("%codex /context o|", ["on", "off"]),
        ("%codex /account |", ["refresh"]),
        ("%codex /review b|", ["branch"]),
        ("%codex /pending 1 d|", ["decline"]),
        ("%codex /resume a|", ["analysis"]),
        ("%codex why is @d|", ["df", "df_clean"]),
        ("%codex @fig|", ["figure"]),
        ("%codex why is @fig| wrong?", ["figure"]),
        ("x = 1\nif x:\n    r = %codex -s re|", ["read-only"]),
        ("# why\n%%codex -s re|", ["read-only"]),
        ("%%codex -q --sa|\nthe body", ["--sandbox"]),
        ("%%codex\nlook at @d|", ["df", "df_clean"]),
        ("%%codex\n\n  @fi|\nmore", ["figure"]),
        ("%%time\n%codex -s re|", ["read-only"]),
    ],
)
def test_what_is_offered(complete: Complete, cell: str, offered: list[str]) -> None:
    kept = cell.partition("|")[0]
    got = complete(cell)
    endings = [next((word for word in offered if text.endswith(word)), text) for text in got]
    assert sorted(endings) == sorted(offered)
    for text in got:  # nothing in front of the piece being typed is touched
        assert text.startswith(kept[: kept.rfind(" ") + 1])


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("%codex -s |", ["read-only", "workspace-write", "full-access"]),
        ("%codex /sandbox |", ["read-only", "workspace-write", "full-access"]),
        ("%codex -a |", ["ask", "auto-review", "never"]),
        ("%codex -k |", ["off", "read", "edit", "run"]),
        ("%codex -m |", ["gpt-5.6-terra", "gpt-5.6-sol", "o9"]),
        ("%codex /model |", ["gpt-5.6-terra", "gpt-5.6-sol", "o9"]),
        ("%codex --local-provider |", ["lmstudio", "ollama"]),
    ],
)
def test_values_keep_their_order_the_safest_first(
    complete: Complete, cell: str, words: list[str]
) -> None:
    assert complete(cell) == [cell.rstrip("|") + word for word in words]


@pytest.mark.parametrize(
    ("cell", "meanings"),
    [
        ("%codex -s re|", {"read-only": "commands read files and change nothing"}),
        ("%codex -m gpt-5.6-s|", {"gpt-5.6-sol": "frontier"}),
        ("%codex --mod|", {"--model": "the model that answers"}),
        ("%codex /sta|", {"status": "conversation, model, permissions, account"}),
        ("%codex login --d|", {"--device": "with a code on another device"}),
    ],
)
def test_each_offer_says_what_it_means(
    complete: Complete, shared_shell: InteractiveShell, cell: str, meanings: dict[str, str]
) -> None:
    text = cell.rstrip("|")
    with provisionalcompleter():
        offered = list(shared_shell.Completer.completions(text, len(text)))
    assert {one.text: one.type for one in offered} == meanings


def test_an_empty_place_offers_options_and_commands(complete: Complete) -> None:
    got = complete("%codex |")
    assert {f"%codex {spec.name}" for spec in TYPED_OPTIONS} <= set(got)
    assert {f"%codex /{spec.name}" for spec in commands()} <= set(got)


@pytest.mark.parametrize(
    "cell",
    [
        "%codex why does --mo|",
        "%codex -- --mo|",
        "%codex -q why -s re|",
        "%codex mail me@exam|",
        "%%codex\n--mo|",
        "%%codex\n-s re|",
        "%%codex -q\n/sta|",
        "x = 5 %codex --mo|",
        "print('%codex --mo|')",
        "%codexx --mo|",
    ],
)
def test_a_prompt_gets_no_options(complete: Complete, cell: str) -> None:
    offered = {text.rpartition(" ")[2].rpartition("\n")[2] for text in complete(cell)}
    assert not offered & {"--model", "read-only", "status", "/status", "me@example"}


def test_a_first_word_may_become_a_command_or_anything_else(complete: Complete) -> None:
    got = complete("%codex log|")
    assert {"%codex login", "%codex logout"} <= set(got)
    assert "%codex why login" not in complete("%codex why log|")


def test_other_completions_go_on(complete: Complete) -> None:
    assert "prompt_helper" in complete("prompt_hel|")
    assert "%%time" in complete("%%ti|")


def test_install_replaces_and_uninstall_leaves_other_matchers(shell: InteractiveShell) -> None:
    before = list(shell.Completer.custom_matchers)
    theirs = lambda text: []  # noqa: E731
    shell.Completer.custom_matchers.append(theirs)
    completer.install(shell, Known())
    completer.install(shell, Known())
    assert len(shell.Completer.custom_matchers) == len(before) + 2
    completer.uninstall(shell)
    completer.uninstall(shell)
    assert shell.Completer.custom_matchers == [*before, theirs]


@given(st.text(alphabet="-=/@'\" \tamswith,xé", max_size=20))
def test_every_text_has_a_place(text: str) -> None:
    assert text.endswith(place_of(text).fragment)


def test_names_are_found_in_a_namespace_with_anything_in_it(shell: InteractiveShell) -> None:
    class Name(str):
        def startswith(self, *_: object) -> bool:
            raise RuntimeError("was asked")

    shell.user_ns.update({"df": 1, 7: "not a name", Name("x"): 2})  # pyright: ignore
    assert CompletionSources(shell).variables() == [Choice("df", "instance")]
