"""An image file that the model looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace

from codex_jupyter.core.block_parts import key, picture
from codex_jupyter.core.deltas import ImageLoaded
from codex_jupyter.core.document import Block
from codex_jupyter.core.item import Common, Context, DeltaRule, Growth, Item, Kind, Wire
from codex_jupyter.core.json_fields import Json, text
from codex_jupyter.core.titles import file_name, short_path


@dataclass(frozen=True, slots=True)
class ImageView(Item):
    """An image file that the model looked at. ``data`` is a ``data:`` URL once it was read, else ``""``."""

    path: str = ""
    data: str = ""


def read(source: Json, common: Common) -> ImageView:
    """An ``imageView`` of the wire."""
    return ImageView(**common, path=text(source, "path"))


def with_picture(item: ImageView, event: ImageLoaded) -> ImageView:
    """The item with its picture."""
    return item if item.data == event.data else replace(item, data=event.data)


def block(item: ImageView, context: Context, role: str) -> Block | None:
    """The picture, or where it is."""
    path = short_path(item.path, context.cwd, context.home)
    body = (picture(item.data, file_name(item.path), path),)
    return Block(key(item), "image", f"Looked at {path or 'an image'}", "image", "", "image", body)


IMAGE_VIEW = Kind(
    item=ImageView,
    wire=Wire(type="imageView", read=read),
    growth=Growth(deltas=(DeltaRule(ImageLoaded, with_picture, begins=False, whenever=True),)),
    block=block,
)
