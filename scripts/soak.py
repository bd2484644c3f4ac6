"""Runs hundreds of short turns in one kernel, and says whether anything grows: memory, threads, descriptors, objects.

    python scripts/soak.py                     500 turns, each with a panel, in 50 conversations
    python scripts/soak.py --turns 100 --conversations 20

A real kernel, the real runtime, the offline model. Everything is measured after each part. What is more in the end, by a
tenth, than it ever was in the first two parts, which warm up, fails: the runtime fills its pools of connections one by one
for some hundred turns, and its memory breathes (measured over 1,000 turns: 75 or 200 MB, whenever one looks). Then ``scripts/linear.py`` runs, where it is there.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from codex_jupyter import offline  # noqa: E402
from codex_jupyter.offline import Rule, Script, run, say  # noqa: E402
from tests.environments import clean_environ  # noqa: E402
from tests.kernel.live_kernel import Execution, LiveKernel  # noqa: E402

PARTS, WARM_UP = 5, 2
#: How much more than in the warm-up is still flat, and what is as little as nothing in each unit.
FLAT, NOISE = 1.1, {"MB": 4.0, "": 3.0, "objects": 2_000.0}
#: Seconds until the runtime has closed the conversations that it was told to let go of.
SETTLED_IN = 40.0

ANSWER = say("It is a *short* answer.\n\n1. one\n2. two\n", phase="final_answer")
SCRIPT = Script.of(
    Rule("command", [[run("seq 20")], [ANSWER]], when={"contains": "command"}),
    Rule("any", [[ANSWER]]),
)
SET_UP = """
%load_ext codex_jupyter
import codex_jupyter as _cj
def _counted():
    import comm, gc, sys, threading
    gc.collect()
    sessions = sys.modules["codex_jupyter.session.registry"].sessions()
    return {
        "objects": len(gc.get_objects()),
        "threads": sum(t.is_alive() for t in threading.enumerate()),
        "comms": len(comm.get_comm_manager().comms),
        "turns": sum(type(o).__name__ == "LiveTurn" for o in gc.get_objects()),
        "panels": sum(type(o).__name__ == "PanelWidget" for o in gc.get_objects()),
        "pid": sessions[0].engine.runtime.pid,
    }
"""

Row = dict[str, float]
UNITS = {"kernel memory": "MB", "runtime memory": "MB", "keeper memory": "MB", "objects": "objects"}


def measured(kernel: LiveKernel) -> Row:
    """What there is now, in kernel, runtime and keeper."""
    counted = eval(kernel.value("_counted()"))  # a dict of numbers, as its repr
    here = kernel.process
    runtime = psutil.Process(counted.pop("pid"))
    keeper = runtime.parent()
    row: Row = {
        "kernel memory": here.memory_full_info().uss / 1e6,
        "kernel descriptors": here.num_fds(),
        "runtime memory": runtime.memory_full_info().uss / 1e6,
        "runtime descriptors": runtime.num_fds(),
        "runtime threads": runtime.num_threads(),
        "processes": len(here.children(recursive=True)),
        **{name: float(value) for name, value in counted.items()},
    }
    if keeper is not None:
        row["keeper memory"] = keeper.memory_full_info().uss / 1e6
    return row


def settled(kernel: LiveKernel) -> Row:
    """What there is once nothing falls any more."""
    row, end = measured(kernel), time.monotonic() + SETTLED_IN
    calm = 0
    while calm < 3 and time.monotonic() < end:
        next_look = time.monotonic() + 1
        kernel.until(lambda then=next_look: time.monotonic() > then, "a second")
        before, row = row, measured(kernel)
        row["runtime memory"] = min(row["runtime memory"], before["runtime memory"])  # it breathes
        fell = row["runtime descriptors"] < before["runtime descriptors"] - 0.5
        calm = 0 if fell else calm + 1
    return row


def in_a_page(kernel: LiveKernel, code: str) -> None:
    """Run a cell as a page does, whose panel is seen."""
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": True}
    name = {"cellId": f"cell-{time.monotonic_ns()}"}
    message = kernel.client.session.msg("execute_request", content, metadata=name)
    kernel.client.shell_channel.send(message)
    cell = Execution(kernel, message["header"]["msg_id"])
    kernel._running[cell.id] = cell
    panel = kernel.comm()
    key = "k" * 32
    kernel.send_custom(panel, {"type": "hello", "view": "v", "have": 0, "covers": True, "key": key})
    cell.wait()
    assert cell.ok, cell.traceback


def play(kernel: LiveKernel, turns: int, conversations: int) -> None:
    """So many turns, a part of them the first of a new conversation: by ``--new``, or with a name of its own."""
    every = max(1, turns // max(1, conversations))
    for n in range(turns):
        new = (
            ("--new " if n % (2 * every) else f"-t t{time.monotonic_ns()} ")
            if n % every == 0
            else ""
        )
        in_a_page(kernel, f"%codex {new}{'Run a command.' if n % 5 == 0 else 'Say something.'}")
        kernel.handed_over(kernel.folder, stdin=True)


def table(rows: list[Row]) -> tuple[str, list[str]]:
    """The rows as a table, and the names of what grew."""
    lines, grew = [], []
    for name in rows[0]:
        values = [row.get(name, 0.0) for row in rows]
        most = max(values[:WARM_UP])
        slack = max(most * FLAT, most + NOISE[UNITS.get(name, "")])
        flat = values[-1] <= slack
        grew += [] if flat else [name]
        numbers = "".join(
            f"{value:>12,.1f}" if UNITS.get(name) == "MB" else f"{value:>12,.0f}"
            for value in values
        )
        lines.append(f"{name:<20}{numbers}   {'flat' if flat else 'GROWS'}")
    return "\n".join(lines), grew


def main(arguments: list[str]) -> int:
    """Play, print, and say by the exit status whether it was flat."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=500)
    parser.add_argument("--conversations", type=int, default=50)
    asked = parser.parse_args(arguments)
    place = Path.home() / ".cache" / "codex-jupyter-soak"
    place.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=place)))
        model = stack.enter_context(offline.start(SCRIPT, codex_home=folder / "codex"))
        (folder / "work").mkdir()
        kernel = LiveKernel(
            Path(sys.executable),
            clean_environ(folder, {**model.env, "HOME": str(folder)}),
            folder / "work",
        )
        stack.callback(kernel.close)
        assert kernel.run(SET_UP).ok
        for part in range(PARTS):
            play(kernel, asked.turns // PARTS, asked.conversations // PARTS)
            rows.append(settled(kernel))
            model.server.requests.clear()
            print(
                f"after {(part + 1) * asked.turns // PARTS} turns: {time.monotonic() - began:.0f} s",
                flush=True,
            )
    told, grew = table(rows)
    print(
        f"\n{'':<20}"
        + "".join(f"{(n + 1) * asked.turns // PARTS:>12}" for n in range(PARTS))
        + "   turns"
    )
    print(told)
    print(
        f"\n{'grows: ' + ', '.join(grew) if grew else 'flat'}, in {time.monotonic() - began:.0f} s"
    )
    linear = ROOT / "scripts" / "linear.py"
    other = (
        subprocess.run([sys.executable, str(linear)], cwd=ROOT, check=False).returncode
        if linear.exists()
        else 0
    )
    return 1 if grew or other else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
