"""Which files are read as pictures, and which items name them."""

from __future__ import annotations

import os
from pathlib import Path

from codex_jupyter.core.items import ImageView, InputPart, UserMessage
from codex_jupyter.offline.drawing import band
from codex_jupyter.session import pictures


def test_raster_images_alone_are_read(tmp_path: Path) -> None:
    picture, text, large = tmp_path / "a.png", tmp_path / "b.png", tmp_path / "c.png"
    picture.write_bytes(band())
    text.write_text("<svg onload=alert(1)>")
    large.write_bytes(band()[:8] + bytes(pictures.MOST))
    os.mkfifo(tmp_path / "pipe.png")
    assert pictures.read(str(picture)).startswith("data:image/png;base64,iVBOR")
    for other in (text, large, tmp_path, tmp_path / "pipe.png", tmp_path / "none.png", "a\0b"):
        assert pictures.read(str(other)) == ""


def test_what_was_read_is_not_named_again() -> None:
    parts = (
        InputPart("text", "go"),
        InputPart("local_image", "", "/w/a.png"),
        InputPart("local_image", "/w/b.png", "data:image/png;base64,AA"),
        InputPart("image", "", "https://e.org/c.png"),
    )
    assert list(pictures.named(UserMessage("u", parts=parts))) == ["/w/a.png"]
    assert list(pictures.named(ImageView("i", path="/w/d.png"))) == ["/w/d.png"]
    assert list(pictures.named(ImageView("i", path="/w/d.png", data="data:x"))) == []
