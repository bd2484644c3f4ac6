"""Nothing of ours is left: whatever ends, what it had started ends with it, however it had got away."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, run
from codex_jupyter.session.session import Session
from tests.environments import clean_environ
from tests.faults import leftovers
from tests.faults.conftest import DONE, Clock
from tests.faults.rows import fault
from tests.kernel.live_kernel import LiveKernel
from tests.waiting import until

#: An MCP server that stays when its input ends, and heeds no request to end.
STAYS = """
import json, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for line in sys.stdin:
    asked = json.loads(line)
    if "id" not in asked:
        continue
    answer = {"tools": []} if asked["method"] == "tools/list" else {}
    if asked["method"] == "initialize":
        version = asked["params"]["protocolVersion"]
        answer = {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": {"name": "x", "version": "1"}}
    print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": answer}), flush=True)
while True:
    signal.pause()
"""
#: A daemon: another session, another parent, and none of the environment that it was started with.
DAEMON = "setsid env -i /bin/sleep 4711 >/dev/null 2>&1 &"
SCRIPT = Script.of(
    Rule("daemon", [[run(f"{DAEMON} echo begun")], *DONE], when={"contains": "daemon"}),
    Rule("command", [[run("sleep 4712")], *DONE], when={"contains": "command"}),
    Rule("any", DONE),
)  # fmt: skip


def named(word: str) -> list[psutil.Process]:
    """What of this test has this word in its command line."""
    return [p for p in leftovers.now() if word in leftovers.line_of(p)]


@pytest.fixture
def model(scratch: Path) -> Iterator[offline.Offline]:
    home = scratch / "codex"
    with offline.start(SCRIPT, codex_home=home) as started:
        server = scratch / "stays.py"
        server.write_text(STAYS)
        with (home / "config.toml").open("a") as config:
            config.write(
                f'\n[mcp_servers.stays]\ncommand = "{sys.executable}"\nargs = ["{server}"]\n'
            )
        yield started


def begin(start: Callable[[str], object]) -> None:
    """A daemon of a command that is over, a command that runs, and a server."""
    start("a daemon")
    until(lambda: named("sleep 4711"), "the daemon")
    start("a command")
    until(lambda: named("sleep 4712") and named("stays.py"), "the command and the server")


def pause(session: Session) -> None:
    assert session.engine.runtime is not None
    os.kill(session.engine.runtime.pid, signal.SIGSTOP)


def kill_it(session: Session) -> None:
    assert session.engine.runtime is not None
    os.kill(session.engine.runtime.pid, signal.SIGKILL)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(
            spoil, id=name,
            marks=fault(
                "runtime", f"close(), {name}, with a command, its daemon and an MCP server that does not end",
                "nothing of them is left", goes_on="the session, with a new runtime", everywhere=spoil is kill_it,
            ),
        )
        for name, spoil in (
            ("where it works", lambda session: None), ("where the runtime is stopped", pause), ("where it was killed", kill_it),
        )
    ],
)  # fmt: skip
def test_closing_ends_everything(
    session: Session, clock: Clock, scratch: Path, spoil: Callable[[Session], object]
) -> None:
    begin(
        lambda prompt: session.start(
            prompt, cwd=scratch, sandbox="danger-full-access", approval="never"
        )
    )
    spoil(session)
    with clock:
        session.close()
        until(lambda: not leftovers.of_ours(leftovers.now()), "the end of all")


# --- a kernel ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def kernel(scratch: Path, model: offline.Offline) -> Iterator[LiveKernel]:
    work = scratch / "work"
    work.mkdir()
    kernel = LiveKernel(Path(sys.executable), clean_environ(scratch, model.env), work)
    yield kernel
    kernel.close()


def shut_down(kernel: LiveKernel) -> None:
    kernel.client.shutdown()


ENDS: list[tuple[str, Callable[[LiveKernel], object]]] = [
    ("shut down", shut_down),
    ("told to end (SIGTERM)", lambda kernel: kernel.process.terminate()),
    ("killed (SIGKILL)", lambda kernel: kernel.process.kill()),
]


@pytest.mark.parametrize("stopped", [False, True], ids=["", "runtime stopped"])
@pytest.mark.parametrize(
    "end",
    [
        pytest.param(
            end, id=name,
            marks=fault(
                "kernel", f"it is {name}, also where its runtime is stopped: with a command, its daemon and an MCP server",
                "nothing of them is left", kept="the transcript so far", goes_on="the conversation, with /resume in a new kernel",
            ),
        )
        for name, end in ENDS
    ],
)  # fmt: skip
def test_a_kernel_that_ends_leaves_nothing(
    kernel: LiveKernel, clock: Clock, end: Callable[[LiveKernel], object], stopped: bool
) -> None:
    assert kernel.run("%load_ext codex_jupyter").ok
    begin(lambda prompt: kernel.run(f"%codex -b -s full-access -a never {prompt}"))
    if stopped:
        pid = int(kernel.value("__import__('codex_jupyter').session().engine.runtime.pid"))
        os.kill(pid, signal.SIGSTOP)
    process = kernel.process
    with clock:
        end(kernel)
        until(lambda: not [p for p in leftovers.of_ours(leftovers.now()) if p != process], "the end of all")  # fmt: skip
