"""Secrets in streams: wherever the stream is cut, nothing of one is shown and nothing else is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from codex_jupyter.core import events as ev
from codex_jupyter.core.items import AgentMessage, Command
from codex_jupyter.core.requests import CommandRequest
from codex_jupyter.core.text import Output, Text
from codex_jupyter.session.redaction import Redaction, safe_until

LONG, PART, OVERLAP = "abcdefgh-ijkl", "abcdefgh", "ijklmnop"
ENVIRON = {"A_TOKEN": LONG, "B_TOKEN": PART, "C_TOKEN": OVERLAP, "PATH": "/usr/bin"}


def redaction() -> Redaction:
    made = Redaction()
    made.know(ENVIRON)
    return made


def shown(events: list[ev.Event], made: Redaction | None = None) -> str:
    done = (made or redaction()).events(events)
    return "".join(e.text for e in done if isinstance(e, ev.OutputAppended))


def deltas(parts: list[str]) -> list[ev.Event]:
    return [ev.OutputAppended("t", "u", item_id="i", text=part) for part in parts]


END = ev.TurnCompleted("t", "u")
PIECES = st.lists(st.sampled_from([LONG, PART, OVERLAP, "abc", "a", "-", "ijkl", "mnop", " ", "x"]))


@given(PIECES, st.lists(st.integers(1, 5)))
def test_no_secret_is_shown_however_the_text_is_cut(pieces: list[str], sizes: list[int]) -> None:
    text, parts = "".join(pieces), []
    for size in sizes:
        parts.append(text[:size])
        text = text[size:]
    made = redaction()
    said = ""
    for event in [*deltas([*parts, text]), END]:
        said += shown([event], made)
        assert LONG not in said and PART not in said and OVERLAP not in said


@given(st.lists(st.text("abcx -", max_size=6)))
def test_a_text_without_secrets_arrives_whole(parts: list[str]) -> None:
    assert shown([*deltas(parts), *deltas(["."]), END]) == "".join(parts) + "."


def test_a_secret_in_two_deltas_is_hidden_and_its_beginning_waits() -> None:
    made = redaction()
    assert shown(deltas(["key=abcd"]), made) == "key="
    assert shown(deltas(["efgh!"]), made) == "[hidden]!"


def test_the_beginning_of_a_secret_at_the_end_is_hidden_too() -> None:
    assert shown([*deltas(["key=abcdefg"]), END]) == "key=[hidden]"


def test_what_is_held_back_is_forgotten_when_the_item_comes_whole() -> None:
    whole = ev.ItemCompleted("t", "u", item=Command("i", output=Output.of("abcd!")))
    made = redaction()
    assert shown([*deltas(["abcd"]), whole, END], made) == ""


def test_items_and_requests_are_clean_and_keep_their_names() -> None:
    message = AgentMessage(PART, text=Text.of(f"so {LONG}."))
    request = CommandRequest("r", command=f"curl -H {OVERLAP}")
    item, opened = redaction().events(
        [ev.ItemStarted("t", "u", item=message), ev.RequestOpened("t", "u", request=request)]
    )
    assert isinstance(item, ev.ItemStarted) and isinstance(item.item, AgentMessage)
    assert (item.item.id, str(item.item.text)) == (PART, "so [hidden].")
    assert isinstance(opened, ev.RequestOpened)
    assert opened.request.command == "curl -H [hidden]"  # type: ignore[union-attr]


def test_a_clean_event_is_the_same_object() -> None:
    event = ev.ItemStarted("t", "u", item=AgentMessage("i", text=Text.of("clean")))
    assert next(redaction().events([event])) is event


def test_the_cut_goes_back_over_a_value_that_lies_across_it() -> None:
    assert safe_until("xx 12345678", ("12345678", "78zzzzzz")) == 3
