"""What was asked, or steered in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from codex_jupyter.core.block_parts import key, picture
from codex_jupyter.core.deltas import ImageLoaded
from codex_jupyter.core.document import Block, Body, Lines, Plain
from codex_jupyter.core.item import Common, Context, DeltaRule, Growth, Item, Kind, Wire
from codex_jupyter.core.json_fields import Json, as_json, rows, snake, table, text
from codex_jupyter.core.titles import file_name, one_line, short_path

#: What the name of the folder begins with that pictures for the model are written to; its path means nothing to a reader.
FIGURES = "codex-figures"


@dataclass(frozen=True, slots=True)
class InputPart:
    """One part of a user message. ``kind``: text, image, local_image, audio, local_audio, skill, mention or unknown.

    ``text`` is the text, the name of a mention or skill, or ``""``; ``source`` its path or URL (``data:`` included). A local
    image that was read has its path in ``text`` and its ``data:`` URL in ``source``.
    """

    kind: str
    text: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class UserMessage(Item):
    """What was asked, or steered in. ``client_id`` links it to the cell that sent it."""

    parts: tuple[InputPart, ...] = ()
    client_id: str = ""


def read(source: Json, common: Common) -> UserMessage:
    """A ``userMessage`` of the wire."""
    parts = tuple(_part(part) for part in rows(source.get("content")))
    return UserMessage(**common, parts=parts, client_id=text(source, "clientId"))


def _part(wire: object) -> InputPart:
    part = table(wire)
    kind = text(part, "type")
    if kind == "text":
        return InputPart("text", text(part, "text"))
    if kind in ("image", "audio"):
        return InputPart(kind, source=text(part, "url") or text(part, "fileId"))
    if kind in ("localImage", "localAudio"):
        return InputPart(snake(kind), source=text(part, "path"))
    if kind in ("skill", "mention"):
        return InputPart(kind, text(part, "name"), text(part, "path"))
    return InputPart("unknown", as_json(wire))


def with_picture(message: UserMessage, event: ImageLoaded) -> UserMessage:
    """The picture in the message instead of its path, which becomes its name."""
    parts = tuple(
        replace(part, text=part.source, source=event.data)
        if part.kind == "local_image" and part.source == event.path and event.data
        else part
        for part in message.parts
    )
    return message if parts == message.parts else replace(message, parts=parts)


def block(item: UserMessage, context: Context, role: str) -> Block | None:
    """What was attached to the cell's own prompt, and the whole of a steer."""
    words = "\n".join(p.text for p in item.parts if p.kind == "text" and p.text)
    body: list[Body] = [Plain(words)] if words and role != "prompt" else []
    attached: list[str] = []
    for part in item.parts:
        if part.kind in ("image", "local_image"):
            path = part.text or part.source if part.kind == "local_image" else ""
            ours = f"/{FIGURES}/" in path
            named = file_name(path) if ours else short_path(path, context.cwd, context.home)
            body.append(picture(part.source, file_name(path) or "image", named))
        elif part.kind != "text":
            name = part.text or file_name(part.source) or part.kind
            attached.append(f"{part.kind.replace('_', ' ')}: {one_line(name)}")
    if attached:
        body.append(Lines(tuple(attached)))
    if not body:
        return None
    title = "You attached" if role == "prompt" else "You added"
    return Block(
        key(item),
        "prompt",
        title,
        "user",
        label="prompt",
        body=tuple(body),
        fold="never",
        open=True,
    )


USER_MESSAGE = Kind(
    item=UserMessage,
    wire=Wire(type="userMessage", read=read),
    growth=Growth(deltas=(DeltaRule(ImageLoaded, with_picture, begins=False, whenever=True),)),
    block=block,
    by_model=False,
)
