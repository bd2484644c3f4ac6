"""A tool result that the client put before the model."""

from __future__ import annotations

from dataclasses import dataclass

from codex_jupyter.core.block_parts import bounded, key
from codex_jupyter.core.document import Block, Plain
from codex_jupyter.core.item import COMES_WHOLE, Common, Context, Item, Kind, Wire
from codex_jupyter.core.json_fields import Json, text
from codex_jupyter.core.tool_calls import result_text


@dataclass(frozen=True, slots=True)
class FunctionOutput(Item):
    """A tool result that the client put before the model."""

    namespace: str = ""
    name: str = ""
    output: str = ""


def read(source: Json, common: Common) -> FunctionOutput:
    """A ``functionCallOutput`` of the wire."""
    return FunctionOutput(
        **common,
        namespace=text(source, "namespace"),
        name=text(source, "name"),
        output=result_text(source.get("output")),
    )


def block(item: FunctionOutput, context: Context, role: str) -> Block | None:
    """What was given to the model."""
    name = f"{item.namespace}/{item.name}" if item.namespace else item.name
    body = (Plain(bounded(item.output)),) if item.output else ()
    return Block(
        key(item), "tool", f"Given to the model: {name}", "info", "", "given to the model", body
    )


FUNCTION_OUTPUT = Kind(
    item=FunctionOutput,
    wire=Wire(type="functionCallOutput", read=read),
    growth=COMES_WHOLE,
    block=block,
)
