"""A generated image."""

from __future__ import annotations

from dataclasses import dataclass, replace

from codex_jupyter.core.block_parts import key, picture
from codex_jupyter.core.deltas import ImageLoaded
from codex_jupyter.core.document import Block, Body, Plain
from codex_jupyter.core.item import Common, Context, DeltaRule, Growth, Item, Kind, Wire
from codex_jupyter.core.json_fields import Json, table, text
from codex_jupyter.core.titles import one_line, short_path


@dataclass(frozen=True, slots=True)
class ImageGeneration(Item):
    """A generated image. ``data`` is a ``data:`` URL or ``""``."""

    prompt: str = ""
    data: str = ""
    saved_path: str = ""
    failure: str = ""


#: The first characters of base64 tell the four raster types apart.
_SIGNS = (("iVBORw0KGgo", "png"), ("/9j/", "jpeg"), ("R0lGOD", "gif"), ("UklGR", "webp"))


def read(source: Json, common: Common) -> ImageGeneration:
    """An ``imageGeneration`` of the wire."""
    result = text(source, "result")
    data = result if result.startswith("data:") else ""
    if result and not data:
        kind = next((kind for sign, kind in _SIGNS if result.startswith(sign)), "png")
        data = f"data:image/{kind};base64,{result}"
    failure = source.get("failure")
    return ImageGeneration(
        **common,
        prompt=text(source, "revisedPrompt"),
        data=data,
        saved_path=text(source, "savedPath"),
        failure=text(table(failure), "type") or (failure if isinstance(failure, str) else ""),
    )


def with_picture(item: ImageGeneration, event: ImageLoaded) -> ImageGeneration:
    """The item with its picture."""
    return item if item.data == event.data else replace(item, data=event.data)


def block(item: ImageGeneration, context: Context, role: str) -> Block | None:
    """The picture, open; or that it is drawn, or why not."""
    prompt = one_line(item.prompt, 100)
    if item.status == "in_progress":
        title = "Drawing an image" + (f": {prompt}" if prompt else "")
        return Block(key(item), "image", title, "running", "", "generated image")
    title = f"Image: {prompt}" if prompt else "Image"
    if item.failure or item.status in ("failed", "aborted"):
        words = {"aborted": "not finished"}.get(item.status, "failed")
        why: tuple[Body, ...] = (Plain(item.failure),) if item.failure else ()
        return Block(
            key(item), "image", title, "failed", words, "generated image", why, "never", True
        )
    path = short_path(item.saved_path, context.cwd, context.home)
    body = (picture(item.data, prompt or "generated image", path),)
    return Block(key(item), "image", title, "image", "", "generated image", body, "never", True)


IMAGE_GENERATION = Kind(
    item=ImageGeneration,
    wire=Wire(type="imageGeneration", read=read),
    growth=Growth(deltas=(DeltaRule(ImageLoaded, with_picture, begins=False, whenever=True),)),
    block=block,
)
