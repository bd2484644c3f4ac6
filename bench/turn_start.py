"""What the start of a turn costs in a notebook with very many variables: the look at the names, and the note."""

from __future__ import annotations

import time
from typing import Any

from bench import Row
from codex_jupyter.notebook.workbench.turn_note import Memory, compose
from codex_jupyter.objects.changes import Snapshot


def measure() -> list[Row]:
    """Milliseconds of processor time of the best of ten starts of a turn, the second of its conversation."""
    return [Row(f"{count:,} variables", best(count), "ms") for count in (20, 2_000, 20_000)]


def best(count: int) -> float:
    """Milliseconds that the note of a turn takes beside so many variables."""
    kinds: list[Any] = [1, "text" * 50, [1, 2, 3], {"a": {"b": 1}}, 2.5, tuple(range(200)), print]
    namespace = {f"name_{number}": kinds[number % len(kinds)] for number in range(count)}
    memory = Memory(names=Snapshot(namespace))
    took = []
    for number in range(10):
        namespace["name_3"] = [number]
        began = time.thread_time()
        compose(memory, Snapshot(namespace), [], 0, [], namespace, {})
        took.append(time.thread_time() - began)
    return min(took) * 1_000
