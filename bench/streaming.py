"""A turn of 20,000 deltas: processor seconds of the SDK's stream, of our session, of our session with its panel's html.

Each reads in a process of its own, so that the work of the model and of the runtime is in none of the figures, and each
waits for the same last word. `python -m bench.streaming WAY CONFIG` is one of those processes.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bench import Row
from codex_jupyter import offline

DELTAS = 20_000
RUNS = 3
#: Seconds between two batches for a page, as the panel sends them.
BATCH = 0.033


def with_sdk(config: dict[str, object]) -> float:
    """The SDK alone."""
    from openai_codex import AsyncCodex, CodexConfig

    async def read() -> float:
        wanted = CodexConfig(
            env=config["env"],  # type: ignore[arg-type]
            config_overrides=tuple(config["overrides"]),  # type: ignore[arg-type]
            cwd=str(config["cwd"]),
        )
        async with AsyncCodex(wanted) as codex:
            thread = await codex.thread_start()
            before = time.process_time()
            turn = await thread.turn("go")
            async for _ in turn.stream():
                pass
            return time.process_time() - before

    return asyncio.run(read())


def with_session(config: dict[str, object], *, panel: bool = False) -> float:
    """Our session; with ``panel`` also the html of every batch that a page would get."""
    from codex_jupyter.core.blocks import DocumentBuilder
    from codex_jupyter.render import live as live_html
    from codex_jupyter.runtime.client import Launch
    from codex_jupyter.session.session import Session

    session = Session("bench")
    session.engine.supplier.launch = Launch(
        env=dict(config["env"]),  # type: ignore[call-overload]
        config_overrides=tuple(config["overrides"]),  # type: ignore[arg-type]
    )
    session.engine.call(session.engine.ensure_runtime())
    shown: live_html.Live | None = None
    builder = DocumentBuilder()
    try:
        before = time.process_time()
        live = session.start("go", cwd=str(config["cwd"]))
        ended = threading.Event()
        live.subscribe(lambda turn: ended.set() if turn.ended else None)
        while panel and not ended.wait(BATCH):
            shown, _ = live_html.advance(shown, builder.build(live.turn))
        live.result()
        return time.process_time() - before
    finally:
        session.close()


def with_panel(config: dict[str, object]) -> float:
    """Our session and the html of its panel."""
    return with_session(config, panel=True)


WAYS: dict[str, tuple[str, Callable[[dict[str, object]], float]]] = {
    "sdk": ("openai_codex: turn.stream()", with_sdk),
    "session": ("codex_jupyter: session", with_session),
    "panel": ("codex_jupyter: session and live panel", with_panel),
}


def measure() -> list[Row]:
    """Processor seconds, the SDK first; the best of several runs."""
    script = offline.Script.reply([offline.burst(DELTAS)])
    with tempfile.TemporaryDirectory() as folder, offline.start(script) as model:
        config = {"env": model.env, "overrides": model.config_overrides, "cwd": folder}

        def once(way: str) -> float:
            command = [sys.executable, "-m", "bench.streaming", way, json.dumps(config)]
            root = Path(__file__).parent.parent
            done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
            return float(done.stdout.split()[-1])

        return [
            Row(what, min(once(way) for _ in range(RUNS)), "s") for way, (what, _) in WAYS.items()
        ]


if __name__ == "__main__":
    print(WAYS[sys.argv[1]][1](json.loads(sys.argv[2])))
