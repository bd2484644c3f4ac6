"""A call of an MCP server's tool."""

from __future__ import annotations

from codex_jupyter.core import events as ev
from codex_jupyter.core.blocks import document
from codex_jupyter.core.document import Lines, Picture, Plain
from codex_jupyter.core.items import McpToolCall
from codex_jupyter.core.kinds import read_item
from codex_jupyter.core.tool_calls import Content
from tests.unit.core.captures import (
    CAPTURED,
    as_captured,
    captured,
    completed,
    load,
    notified,
    only,
    play,
    started,
)


def test_it_reads_as_captured() -> None:
    assert as_captured("mcpToolCall") == ["tool | demo/danger() | failed", "tool | demo/image()"]


def test_progress_is_read_and_shown_while_the_call_runs() -> None:
    event = notified("item/mcpToolCall/progress", message="3/9")
    assert event == ev.ToolProgressed("t", "u", "i", "3/9")
    call = McpToolCall("i", server="demo", tool="count")
    assert only(started(call), event, event).body == (Lines(("3/9",)),)
    assert only(started(call), event, completed(call)).body == ()


def test_images_become_data_urls() -> None:
    wire = next(
        r["params"]["item"]
        for r in load("items")
        if r["variant"] == "image"
        or (r["params"]["item"].get("tool") == "image" and r["event"] == "completed")
    )
    made = read_item(wire)
    assert isinstance(made, McpToolCall)
    picture, words = made.result
    assert picture.kind == "image" and picture.value.startswith("data:image/png;base64,iVBOR")
    assert words == Content("text", "an image")
    drawn, said = document(play(*captured("mcpToolCall"), turn=CAPTURED)).blocks[0].body
    assert isinstance(drawn, Picture) and drawn.data == picture.value
    assert said == Plain("an image")


def test_a_status_or_a_part_that_is_not_known_stays_readable() -> None:
    odd = read_item(
        {
            "type": "mcpToolCall",
            "id": "m",
            "status": "confused",
            "result": {"content": [{"type": "smell", "v": 1}]},
        }
    )
    assert isinstance(odd, McpToolCall) and odd.status == "completed"
    assert odd.result == (Content("unknown", '{"type": "smell", "v": 1}'),)
