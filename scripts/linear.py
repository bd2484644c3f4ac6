"""Measures how what a text costs grows with its length, from the runtime's line to what is drawn, saved and printed.

    python scripts/linear.py [--all] [WORD ...]     only the kinds with one of these words in their names

Every kind of text (``tests/hard_texts.py``) goes the whole way: a line of the wire, the translation, the gate that takes
secrets out, the turn, its document, the ops for a page and what a console prints of it, and in the end html, Markdown and
plain text as they are saved. A model says it or a command prints it, in one delta or in many. Processor seconds are
printed for each size with the largest ratio of two of them. Where ten times the text takes much more than ten times as long
it is measured again against a half of that text, which tells growth from a cache that is full; it fails where twice the text
takes much more than twice as long. A few kinds go to ten megabytes, with ``--all`` every one of them in every way, which takes an hour.
"""

from __future__ import annotations

import gc
import itertools
import json
import multiprocessing
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from codex_jupyter.core.blocks import DocumentBuilder
from codex_jupyter.core.raw import Raw
from codex_jupyter.core.reduce import reduce
from codex_jupyter.core.turn import Turn
from codex_jupyter.render import html, live, markdown, terminal, text
from codex_jupyter.runtime.translate import translate
from codex_jupyter.session.gate import Gate
from tests.hard_texts import HARD, KNOWN

#: Characters of a text.
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
#: Kinds that are measured at the last of them, one for each way to be hard.
LONGEST = (
    "plain: words",
    "plain: one character",
    "markdown: list",
    "terminal: colours",
    "secrets: dots",
)
#: How many characters a delta has, and how many deltas come between two looks.
PIECE, LOOK = 1_000, 8
#: Ten times the text may take so many times as long, and what takes less than this is not compared.
SLACK, NOTHING = 25.0, 0.05
#: Twice the text may take so many times as long; what grows with the square takes four.
TWICE = 3.0
WIDTH = max(map(len, HARD))

WAYS = ("said at once", "said in pieces", "printed at once", "printed in pieces")
#: In which of them a kind is measured, by its family; in the first one longer than in the others.
USUAL = {
    family: (WAYS[first], WAYS[second])
    for family, first, second in (
        ("terminal", 2, 3),
        ("markdown", 0, 1),
        ("secrets", 1, 2),
        ("plain", 0, 3),
    )
}


def messages(way: str, words: str) -> Iterator[list[dict[str, Any]]]:
    """The notifications of a turn in which this is said or printed, in batches as they arrive."""
    said = way.startswith("said")
    place = {"threadId": "t", "turnId": "u"}
    item: dict[str, Any] = {"id": "i"}
    item |= (
        {"type": "agentMessage", "text": "", "phase": "final_answer"}
        if said
        else {"type": "commandExecution", "command": "noise", "cwd": "/w", "status": "inProgress"}
    )
    method = "item/agentMessage/delta" if said else "item/commandExecution/outputDelta"
    yield [
        {"method": "turn/started", "params": {**place, "turn": {"id": "u"}}},
        {"method": "item/started", "params": {**place, "item": item}},
    ]
    size = PIECE if way.endswith("pieces") else max(1, len(words))
    deltas = [
        {"method": method, "params": {**place, "itemId": "i", "delta": words[at : at + size]}}
        for at in range(0, len(words), size)
    ]
    for at in range(0, len(deltas), LOOK):
        yield deltas[at : at + LOOK]
    item |= {"text": words} if said else {"aggregatedOutput": words, "status": "completed"}
    yield [
        {"method": "item/completed", "params": {**place, "item": item}},
        {
            "method": "turn/completed",
            "params": {**place, "turn": {"id": "u", "status": "completed"}},
        },
    ]


def go(way: str, words: str) -> dict[str, float]:
    """Send a text all the way; processor seconds of each part."""
    spent: dict[str, float] = {}
    last = time.thread_time()

    def lap(part: str) -> None:
        nonlocal last
        now = time.thread_time()
        spent[part] = spent.get(part, 0.0) + now - last
        last = now

    gate, turn, builder = Gate(), Turn(), DocumentBuilder()
    gate.know({f"N{at}_TOKEN": value for at, value in enumerate(KNOWN)})
    shown, printed = None, terminal.start()
    for batch in messages(way, words):
        lines = [json.dumps(message) for message in batch]
        lap("(sending)")
        read = [json.loads(line) for line in lines]
        raws = [Raw(translate(message["method"], message["params"])) for message in read]
        lap("wire")
        for event in gate.arrived(raws):
            lap("gate")
            turn = reduce(turn, event)
            lap("reduce")
        lap("gate")
        page = builder.build(turn)
        lap("document")
        shown, ops = live.advance(shown, page)
        json.dumps(ops)
        lap("page")
        printed, _ = terminal.advance(printed, page)
        lap("console")
    json.dumps(live.snapshot(page))
    lap("snapshot")
    html.document(page)
    lap("html")
    markdown.document(page)
    lap("markdown")
    text.document(page)
    lap("text")
    assert turn.ended
    spent.pop("(sending)")
    return spent


def grows(kind: str, way: str, sums: list[float]) -> bool:
    """Whether twice the text takes too long where ten times it seemed to: the shorter of two times each."""
    at = max(range(1, len(sums)), key=lambda n: sums[n] / max(sums[n - 1], NOTHING / 10))
    half, whole = (
        min(sum(go(way, HARD[kind](size)).values()) for _ in range(2))
        for size in (SIZES[at] // 2, SIZES[at])
    )
    return whole / half > TWICE


def measure(kind: str, everything: bool) -> tuple[list[str], list[str]]:
    """The lines of the table for a kind, and what of it grew too fast."""
    gc.disable()
    rows, bad = [], []
    for n, way in enumerate(WAYS if everything else USUAL[kind.split(":")[0]]):
        most = 4 if everything or (kind in LONGEST and not n) else 2 if n else 3
        runs = [go(way, HARD[kind](size)) for size in SIZES[:most]]
        gc.collect()
        sums = [sum(run.values()) for run in runs]
        ratio = max(b / max(a, NOTHING / 10) for a, b in itertools.pairwise(sums))
        table = " ".join(f"{seconds:11.3f}" for seconds in sums)
        rows.append(f"{kind:{WIDTH}}  {way:17} {table:47}  x{ratio:.1f}")
        if sums[-1] > NOTHING and ratio > SLACK and grows(kind, way, sums):
            parts = sorted(runs[-1].items(), key=lambda part: -part[1])[:3]
            told = ", ".join(f"{part} {seconds:.2f} s" for part, seconds in parts)
            bad.append(f"{kind}, {way}: x{ratio:.1f} ({told})")
    return rows, bad


def main(arguments: list[str]) -> int:
    """Measure the kinds whose names have one of these words, or all; the process's exit status."""
    everything = "--all" in arguments
    words = [each for each in arguments if each != "--all"]
    kinds = [kind for kind in HARD if not words or any(word in kind for word in words)]
    print(f"{'':{WIDTH}}  {'':17} " + " ".join(f"{size:>11,}" for size in SIZES))
    failed: list[str] = []
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        for rows, bad in pool.map(measure, kinds, itertools.repeat(everything)):
            print("\n".join(rows), flush=True)
            failed += bad
    for line in failed:
        print(f"grows too fast: {line}")
    print(f"{len(kinds)} kinds, {len(failed)} grow too fast")
    return 1 if failed or not kinds else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
