"""An image file that the model looked at."""

from __future__ import annotations

from codex_jupyter.core import events as ev
from codex_jupyter.core.blocks import document
from codex_jupyter.core.document import Picture
from codex_jupyter.core.items import ImageView
from tests.unit.core.captures import CAPTURED, as_captured, captured, completed, play


def test_it_reads_as_captured() -> None:
    assert as_captured("imageView") == ["image | Looked at red.png"]


def test_an_image_is_loaded_into_its_item() -> None:
    turn = play(
        completed(ImageView("i", path="/p.png")),
        ev.ImageLoaded("t", "u", "i", "data:image/png;base64,AA"),
    )
    assert turn.find("i").data.startswith("data:")  # type: ignore[union-attr]


def test_a_picture_that_was_not_read_is_named() -> None:
    (block,) = document(play(*captured("imageView"), turn=CAPTURED)).blocks
    assert block.body == (Picture("", "red.png", "red.png"),)
