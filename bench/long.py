"""Long turns: what 100 MB of output, a message of 1 MB and 2,000 items take in memory, on the wire and in the file.

The baseline is a turn of one short command. What is held to bounds is in tests/unit/core/test_long_turns.py.
"""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable

from bench import Row
from codex_jupyter.core.blocks import document
from codex_jupyter.core.item import Item
from codex_jupyter.core.items import AgentMessage, Command
from codex_jupyter.core.text import Output, Text
from codex_jupyter.core.turn import Turn
from codex_jupyter.render import html, live, markdown, text

LINE = "".join(f"line {number:06}: all is as it should be\n" for number in range(1000))


def short() -> tuple[Item, ...]:
    """One short command."""
    return (Command("c", "completed", command="true", output=Output.of("ok\n"), exit_code=0),)


def output(characters: int = 100_000_000) -> tuple[Item, ...]:
    """A command that printed so much, as it arrives: piece by piece."""
    printed = Output()
    for _ in range(characters // len(LINE)):
        printed = printed + LINE
    return (Command("c", "completed", command="noise", output=printed, exit_code=0),)


def message(characters: int = 1_000_000) -> tuple[Item, ...]:
    """An answer of this length, in small deltas."""
    words = Text()
    for _ in range(characters // 5):
        words = words + "word "
    return (AgentMessage("m", "completed", text=words, phase="final_answer"),)


def many(count: int = 2000) -> tuple[Item, ...]:
    """So many commands with a little output each."""
    printed = Output.of(LINE[:400])
    return tuple(
        Command(f"c{n}", "completed", command=f"step {n}", output=printed, exit_code=0)
        for n in range(count)
    )


def sizes(make: Callable[[], tuple[Item, ...]]) -> dict[str, int]:
    """Bytes: held in memory for the turn, sent to a page that opens it, saved in the notebook."""
    tracemalloc.start()
    turn = Turn(state="completed", entries=make())
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    doc = document(turn)
    formats = (html.document(doc), markdown.document(doc), text.document(doc))
    return {
        "in memory": held,
        "on the wire": len(json.dumps(live.snapshot(doc)).encode()),
        "saved": sum(len(each.encode()) for each in formats),
    }


CASES = {
    "one short command": short,
    "100 MB of output": output,
    "a message of 1 MB": message,
    "2,000 commands": many,
}


def measure() -> list[Row]:
    """Kilobytes, the short turn first."""
    return [
        Row(f"{case}, {where}", amount / 1000, "kB")
        for case, make in CASES.items()
        for where, amount in sizes(make).items()
    ]
