"""The gate: what arrives in pieces, what is whole, what is cut; and that nobody goes around it."""

from __future__ import annotations

import pytest

from codex_jupyter.core import events as ev
from codex_jupyter.core.items import AgentMessage, Command, Notice, Reasoning
from codex_jupyter.core.raw import Raw
from codex_jupyter.core.requests import CommandRequest
from codex_jupyter.core.text import LONG_OUTPUT, OUTPUT_EDGE, Output, Text
from codex_jupyter.runtime.translate import translate
from codex_jupyter.session.credentials import KERNEL_KEYS
from codex_jupyter.session.gate import Gate

LONG, PART, OVERLAP = "abcdefgh-ijkl", "abcdefgh", "ijklmnop"
ENVIRON = {"A_TOKEN": LONG, "B_TOKEN": PART, "C_TOKEN": OVERLAP, "PATH": "/usr/bin"}
END = ev.TurnCompleted("t", "u")


def gate() -> Gate:
    made = Gate()
    made.know(ENVIRON)
    return made


def arrived(made: Gate, *events: ev.Event) -> list[ev.Event]:
    return list(made.arrived(map(Raw, events)))


def shown(events: list[ev.Event]) -> str:
    return "".join(e.text for e in events if isinstance(e, ev.OutputAppended))


def deltas(*parts: str, item: str = "i") -> list[ev.Event]:
    return [ev.OutputAppended("t", "u", item_id=item, text=part) for part in parts]


# --- growing ----------------------------------------------------------------------------------------------------------


def test_a_secret_in_two_deltas_is_hidden_and_its_beginning_waits() -> None:
    made = gate()
    assert shown(arrived(made, *deltas("key: abcd"))) == "key: "
    assert shown(arrived(made, *deltas("efgh!"))) == "[hidden]!"


def test_the_beginning_of_a_secret_at_the_end_of_a_turn_is_hidden_too() -> None:
    made = gate()
    assert shown(arrived(made, *deltas("key: abcdefg"), END)) == "key: [hidden]"
    assert shown(arrived(made, *deltas("key: abcd"), ev.RuntimeLost("t", "u"))) == "key: [hidden]"
    made.know({"D_TOKEN": "zyxwvutsrqponmlkjihg-9876"})
    assert shown(arrived(made, *deltas("key: zyxwv"), END)) == "key: [hidden]", "less than half"


def test_what_was_held_back_comes_before_the_item_as_a_whole() -> None:
    made = gate()
    assert shown(arrived(made, *deltas("so: abc"))) == "so: "
    whole = ev.ItemCompleted("t", "u", item=Command("i", output=Output.whole("so: abc")))
    rest, completed = arrived(made, whole)
    assert isinstance(rest, ev.OutputAppended) and rest.text == "abc"
    assert isinstance(completed, ev.ItemCompleted)
    assert arrived(made, END) == [END]


def test_the_end_of_another_turn_and_another_item_release_nothing() -> None:
    made = gate()
    arrived(made, *deltas("abcd"))
    other = ev.ItemCompleted("t", "u", item=Command("other"))
    assert shown(arrived(made, other, ev.TurnCompleted("elsewhere", "v"))) == ""
    assert shown(arrived(made, *deltas("efgh"), *deltas(" "))) == "[hidden] "


def test_texts_grow_each_for_itself() -> None:
    made = gate()
    both = [*deltas("abcd"), *deltas("efgh ", item="j")]
    thoughts = [
        ev.ReasoningAppended("t", "u", "r", index, text, raw)
        for index, text, raw in ((0, "abcd", False), (1, "efgh ", False), (0, "efgh ", True))
    ]
    grown = (ev.OutputAppended, ev.ReasoningAppended)
    said = [e.text for e in arrived(made, *both, *thoughts) if isinstance(e, grown) and e.text]
    assert said == ["efgh ", "efgh ", "efgh "]


def test_an_empty_text_opens_a_section() -> None:
    opens = ev.ReasoningAppended("t", "u", "r", 1)
    assert arrived(gate(), opens) == [opens]


def test_bytes_are_counted_as_they_were_sent() -> None:
    made = gate()
    sizes = [
        e.size for e in arrived(made, *deltas("é abcdefgh")) if isinstance(e, ev.OutputAppended)
    ]
    assert sizes == [len("é abcdefgh".encode())]


# --- whole ------------------------------------------------------------------------------------------------------------


def test_items_and_requests_are_clean_and_keep_their_names() -> None:
    message = AgentMessage(PART, text=Text.of(f"so {LONG}."))
    request = CommandRequest("r", command=f"curl -H {OVERLAP}")
    item, opened = arrived(
        gate(), ev.ItemStarted("t", "u", item=message), ev.RequestOpened("t", "u", request=request)
    )
    assert isinstance(item, ev.ItemStarted) and isinstance(item.item, AgentMessage)
    assert (item.item.id, str(item.item.text)) == (PART, "so [hidden].")
    assert isinstance(opened, ev.RequestOpened)
    assert opened.request.command == "curl -H [hidden]"  # type: ignore[union-attr]


def test_a_clean_event_is_the_same_object() -> None:
    event = ev.ItemStarted("t", "u", item=AgentMessage("i", text=Text.of("clean")))
    assert arrived(gate(), event)[0] is event


def test_a_notice_is_clean_also_in_the_name_that_is_made_of_its_words() -> None:
    (event,) = arrived(gate(), translate("warning", {"turnId": "u", "message": f"no {LONG}"}))
    assert isinstance(event, ev.NoticeRaised) and isinstance(event.notice, Notice)
    assert LONG not in repr(event)


def test_keys_that_become_known_later_are_hidden_from_then_on() -> None:
    made = gate()
    assert made.text("sesame-open-9") == "sesame-open-9"
    KERNEL_KEYS.see("sesame-open-9")
    assert made.text("sesame-open-9") == "[hidden]"
    made.know({"NEW_TOKEN": "tralala-123"})
    assert made.text("tralala-123 and sesame-open-9") == "[hidden] and [hidden]"
    assert "sesame" not in repr(made)


@pytest.mark.parametrize("at", range(OUTPUT_EDGE - 15, OUTPUT_EDGE + 2))
def test_what_a_command_printed_is_cut_after_it_is_cleaned(at: int) -> None:
    """A secret that lies across the place of the cut was shown up to it."""
    behind = "." * (2 * OUTPUT_EDGE + 1_000)  # just so many that some are left out
    printed = "." * at + LONG + behind
    wire = {"type": "commandExecution", "id": "c", "aggregatedOutput": printed}
    (event,) = arrived(gate(), translate("item/completed", {"turnId": "u", "item": wire}))
    assert isinstance(event, ev.ItemCompleted) and isinstance(event.item, Command)
    output = event.item.output
    assert output.omitted and not output.uncut
    assert "abcd" not in output.text and "ijk" not in output.text
    assert len(event.printed) > LONG_OUTPUT and "abcd" not in event.printed
    assert event.size == len(printed)


def test_thoughts_and_what_was_printed_short_are_clean_too() -> None:
    thought = Reasoning("r", summary=(Text.of(f"hm {LONG}"),))
    printed = Command("c", output=Output.whole(f"{PART}\n"))
    for item in (thought, printed):
        (event,) = arrived(gate(), ev.ItemStarted("t", "u", item=item))
        assert "[hidden]" in repr(event) and PART not in repr(event)
