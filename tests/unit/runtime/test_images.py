"""A picture goes along with a prompt, or is refused before anything is sent."""

from __future__ import annotations

import io
from pathlib import Path

import PIL.Image
import pytest

from codex_jupyter.errors import OptionError
from codex_jupyter.runtime.images import image_part


def drawn(kind: str) -> bytes:
    file = io.BytesIO()
    PIL.Image.new("RGB", (3, 2)).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_what_models_take_goes_along_whatever_it_is_called(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "picture.dat"
    path.write_bytes(drawn(kind))
    assert image_part(str(path)) == {"type": "localImage", "path": str(path)}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.svg", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "it is SVG"),
        ("a.svg", b"\n  <svg/>", "it is SVG"),
        ("a.png", b"<svg/>", "it is SVG"),
        ("a.pdf", b"%PDF-1.7", "it is PDF"),
        ("a.bmp", drawn("BMP"), "it is BMP"),
        ("a.tiff", drawn("TIFF"), "it is TIFF"),
        ("a.heic", b"\0\0\0\x18ftypheic", "it is HEIC or AVIF"),
        ("a.png", b"", "it is empty"),
        ("a.png", b"text", "no picture that models take. Nothing"),
    ],
)
def test_what_they_do_not_take_is_refused_by_its_kind(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(OptionError) as refusal:
        image_part(str(path))
    assert said in refusal.value.message and refusal.value.message.endswith("Nothing was sent.")
    assert "PNG, JPEG, GIF and WebP" in refusal.value.hint


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    for name in (tmp_path / "nowhere.png", tmp_path):
        with pytest.raises(OptionError, match="There is no picture at"):
            image_part(str(name))


def test_urls() -> None:
    assert image_part("data:image/png;base64,AAAA")["type"] == "image"
    with pytest.raises(OptionError, match="no picture that models take"):
        image_part("data:image/svg+xml,<svg/>")
