"""A generated image."""

from __future__ import annotations

from codex_jupyter.core.blocks import document
from codex_jupyter.core.document import Picture, Plain
from codex_jupyter.core.items import ImageGeneration
from codex_jupyter.core.kinds import read_item
from tests.unit.core.captures import CAPTURED, as_captured, captured, completed, only, play


def test_it_reads_as_captured() -> None:
    assert as_captured("imageGeneration") == ["image | Image: x"]


def test_a_failed_drawing_says_so() -> None:
    block = only(completed(ImageGeneration("i", "failed", prompt="cat", failure="blocked")))
    assert (block.glyph, block.meta, block.body) == ("failed", "failed", (Plain("blocked"),))


def test_the_data_is_a_data_url_of_its_type() -> None:
    (block,) = document(play(*captured("imageGeneration"), turn=CAPTURED)).blocks
    (picture,) = block.body
    assert isinstance(picture, Picture) and picture.data and picture.path.endswith(".png")
    wire = {"type": "imageGeneration", "id": "g", "status": "completed", "result": "/9j/abc"}
    drawn = read_item(wire)
    assert isinstance(drawn, ImageGeneration) and drawn.data == "data:image/jpeg;base64,/9j/abc"
