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
from codex_jupyter.core.blocks import document
from codex_jupyter.errors import TurnInterruptedError
from codex_jupyter.offline import Rule, Script, run
from codex_jupyter.render import text
from codex_jupyter.session.live import LiveTurn
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


def detached(how: str, program: str) -> str:
    """A command that leaves a program behind. Its end kills its group, so it waits until the daemon has left that."""
    there = f"{program}.is"
    begin = f"{how} /bin/sh -c ': > {there}; exec /bin/sleep {program}' >/dev/null 2>&1 &"
    return f"{begin} while [ ! -e {there} ]; do :; done; echo begun"


#: A daemon: another session, another parent, and none of the environment that it was started with.
DAEMON = detached("setsid env -i", "4711")
SCRIPT = Script.of(
    Rule("daemon", [[run(DAEMON)], *DONE], when={"contains": "daemon"}),
    Rule("command", [[run("sleep 4712")], *DONE], when={"contains": "command"}),
    Rule("any", DONE),
)  # fmt: skip


def named(word: str) -> list[psutil.Process]:
    """The processes of this test with this program and argument: no shell that only mentions them."""
    return [p for p in leftovers.now() if leftovers.line_of(p).removeprefix("/bin/") == word]


def served() -> list[psutil.Process]:
    """The MCP server."""
    return [p for p in leftovers.now() if leftovers.line_of(p).endswith("stays.py")]


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
    until(lambda: named("sleep 4712") and served(), "the command and the server")


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
        lambda prompt: session.start(prompt, cwd=scratch, sandbox="full-access", approval="never")
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


IN_THE_KERNEL = """
import comm, gc, os, threading, codex_jupyter as _cj
def state():
    gc.collect()
    fds = [f"/proc/self/fd/{n}" for n in os.listdir("/proc/self/fd")]
    links = [os.readlink(fd) for fd in fds if os.path.islink(fd)]
    return (
        sorted(t.name for t in threading.enumerate() if t.name.startswith("codex")),
        len(comm.get_comm_manager().comms),
        sum(link.startswith(("socket:", "anon_inode:[eventpoll]", "pipe:")) for link in links),
    )
"""


@pytest.mark.parametrize(
    ("cell", "comes_back"),
    [
        pytest.param(cell, back, id=name, marks=fault("kernel", name, "no process, thread, socket or comm of ours is left", goes_on=back))
        for name, cell, back in (
            ("close()", "_cj.session().close()", "the session, with the next cell"),
            ("%unload_ext", "%unload_ext codex_jupyter", "the conversation, once it is loaded again"),
        )
    ],
)  # fmt: skip
def test_what_is_closed_leaves_nothing_in_the_kernel(
    kernel: LiveKernel, clock: Clock, scratch: Path, cell: str, comes_back: str
) -> None:
    assert kernel.run("%load_ext codex_jupyter\n" + IN_THE_KERNEL).ok
    before = kernel.value("state()")
    assert kernel.run("%codex hello").ok
    begin(lambda prompt: kernel.run(f"%codex -b -s full-access -a never {prompt}"))
    thread = kernel.value("_cj.session().thread().id")
    assert kernel.value("state()") != before
    with clock:
        assert kernel.run(cell).ok
        until(lambda: not [p for p in leftovers.of_ours(leftovers.now()) if p != kernel.process], "the end of all")  # fmt: skip
    kernel.until(lambda: kernel.value("state()") == before, f"{before}", 15)
    assert kernel.run("%load_ext codex_jupyter").ok
    assert kernel.run("%codex hello").ok
    assert kernel.value("_cj.session().thread().id") == thread


# --- a command's daemon -----------------------------------------------------------------------------------------------


def shown(live: LiveTurn) -> str:
    return text.document(document(live.turn))


STAYING = [
    pytest.param(
        prefix, ended, id=name,
        marks=fault("runtime", f"a stopped turn whose command started {name}, with full access", seen, kept="the transcript so far"),
    )
    for name, prefix, ended, seen in (
        ("a daemon", "setsid", True, "it is ended, and nothing is left running"),
        ("a daemon without an environment", "setsid env -i", False, "no claim that nothing is left running; close() ends it"),
    )
]  # fmt: skip


@pytest.mark.parametrize(("prefix", "ended"), STAYING)
def test_what_a_stopped_turn_started_is_ended_where_it_is_known(
    model: offline.Offline, session: Session, clock: Clock, scratch: Path, prefix: str, ended: bool
) -> None:
    daemon = run(f"{detached(prefix, '4711')}; sleep 4712")
    other = run(detached("setsid", "4713"))
    model.server.script = Script.of(
        Rule("other", [[other], *DONE], when={"contains": "other"}), Rule("daemon", [[daemon]])
    )
    session.run("other", cwd=scratch, sandbox="full-access", approval="never", thread="other")
    live = session.start("daemon", cwd=scratch, sandbox="full-access", approval="never")
    until(lambda: named("sleep 4711") and named("sleep 4712") and named("sleep 4713"), "all")
    with clock:
        live.interrupt()
        with pytest.raises(TurnInterruptedError):
            live.result(60)
    assert bool(named("sleep 4711")) != ended
    assert ("nothing left running" in shown(live)) == ended
    assert named("sleep 4713"), "what another conversation began goes on"
    assert not named("sleep 4712")
    found = session.end_commands()
    assert (found.ended, found.sure) == (1, ended)
    assert not named("sleep 4713")
