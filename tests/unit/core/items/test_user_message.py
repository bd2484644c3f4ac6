"""What was asked, or steered in."""

from __future__ import annotations

import json

from codex_jupyter.core import events as ev
from codex_jupyter.core.document import Lines, Picture, Plain
from codex_jupyter.core.items import InputPart, UserMessage
from codex_jupyter.core.kinds import read_item
from tests.unit.core.captures import as_captured, completed, message, play, shown, started, statuses


def test_it_reads_as_captured() -> None:
    assert as_captured("userMessage") == []


def test_a_steer_and_its_attachments() -> None:
    page = shown(
        completed(
            UserMessage(
                "u1", parts=(InputPart("text", "go"), InputPart("local_image", "", "/w/a.png"))
            )
        ),
        completed(message("m", "x", phase="commentary")),
        completed(
            UserMessage(
                "u2", parts=(InputPart("text", "faster"), InputPart("mention", "notes", "/n"))
            )
        ),
    )
    own, _, steer = page.blocks
    assert (own.title, own.body) == ("You attached", (Picture("", "a.png", "/w/a.png"),))
    assert steer.title == "You added" and steer.body == (
        Plain("faster"),
        Lines(("mention: notes",)),
    )


def test_a_picture_takes_the_place_of_its_path_in_the_message() -> None:
    parts = (InputPart("text", "go"), InputPart("local_image", "", "/w/a.png"))
    turn = play(
        completed(UserMessage("m", parts=parts)),
        ev.ImageLoaded("t", "u", "m", "data:image/png;base64,AA", "/w/a.png"),
        ev.ImageLoaded("t", "u", "m", "data:image/png;base64,BB", "/w/other.png"),
    )
    message = turn.find("m")
    assert isinstance(message, UserMessage)
    assert message.parts[1] == InputPart("local_image", "/w/a.png", "data:image/png;base64,AA")


def test_a_users_message_that_starts_the_turn_cuts_nothing() -> None:
    turn = play(
        completed(UserMessage("u1")), started(message("m", "a")), completed(UserMessage("u1"))
    )
    assert statuses(turn)["m"] == "in_progress"


def test_a_part_that_is_not_known_stays_readable() -> None:
    made = read_item({"type": "userMessage", "id": "u", "content": [{"type": "gesture"}]})
    assert isinstance(made, UserMessage)
    (part,) = made.parts
    assert (part.kind, json.loads(part.text)) == ("unknown", {"type": "gesture"})
