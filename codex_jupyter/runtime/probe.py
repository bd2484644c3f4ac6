"""Does the sandbox work on this machine? Three answers: it works, there is none here, it could not be told.

In containers without user namespaces there is none (measured: every command fails, even ``ls`` under read-only), and the
runtime says so only command by command. The bundled binary can run one command in its sandbox by itself, in about
50 ms; that is asked once per binary and process.

A probe that failed is not a verdict. ``none`` takes evidence: the operating system refused in words that are known here,
or the command ran and was not kept from writing. Everything else that goes wrong (a missing TMPDIR, a full disk, a limit,
a machine too slow to answer) is ``unknown``, with the reason and the next step; it is asked again, and what follows from
it is never a weaker mode. Nothing here decides what follows from the answer.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import os
import re
import shutil
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from codex_jupyter import journal, places
from codex_jupyter.runtime.binary import locate
from codex_jupyter.runtime.child import kill_group, undisturbed
from codex_jupyter.runtime.launch import Launch, environment

log = journal.logger("runtime")

#: Seconds that a turn waits for the answer; the question goes on.
PATIENCE = 5.0
#: Seconds until the question is given up and asked afresh when it is next needed.
GIVEN_UP = 120.0

_WORD = "sandboxed"
#: What bubblewrap and macOS say where the operating system has no sandbox for this user.
_REFUSED = re.compile(
    r"^bwrap: (?:Creating new namespace failed|No permissions to creat\w+ (?:a )?new namespace|setting up [ug]id map"
    r"|loopback: Failed|Failed to make / slave|Can't mount proc|Failed to mount|pivot_root|Unable to set up|prctl)"
    r"|^sandbox-exec: sandbox_apply: ",
    re.I | re.M,
)
#: What passes by itself, whoever says it.
_FOR_NOW = re.compile(r"temporarily|no space left|too many open files|cannot allocate", re.I)
#: Where the operating system counts namespaces; 0 allows none.
_COUNTED = Path("/proc/sys/user/max_user_namespaces")
_NOISE = re.compile(r"^(?:thread '|note: |warning: |stack backtrace|\s*\d+: |caused by:$)", re.I)

_Key = tuple[str, int, int, str]
_known: dict[_Key, Verdict] = {}
_asked: dict[_Key, concurrent.futures.Future[Verdict]] = {}
_running: set[subprocess.Popen[bytes]] = set()
_guard = threading.Lock()


@dataclass(frozen=True, slots=True)
class Verdict:
    """``state`` and, unless it works, the ``reason`` in words and a ``hint``: what to do about it, or ``""``."""

    state: Literal["works", "none", "unknown"]
    reason: str = ""
    hint: str = ""

    @property
    def works(self) -> bool:
        """It was seen to run a command and to keep it from writing."""
        return self.state == "works"

    @property
    def missing(self) -> bool:
        """It was seen that there is none. False while nobody knows."""
        return self.state == "none"


async def try_sandbox(launch: Launch, patience: float = PATIENCE) -> Verdict:
    """Whether commands can run in the sandbox, and whether it keeps them from writing.

    Never raises. An answer is remembered for as long as the binary stays the same; ``unknown`` is none.

    Args:
        launch: which binary, and the environment it gets. The user's configuration plays no part.
        patience: seconds to wait for an answer that is under way.

    Example:
        >>> async def header(launch):
        ...     return "none" if (await try_sandbox(launch)).missing else "read-only"
    """
    try:
        path = locate(launch.codex_bin)
        status = path.stat()
        env = environment(launch, os.environ)
    except Exception as error:
        log.debug("the sandbox cannot be tried", exc_info=error)
        return Verdict("unknown", str(error))
    key = (str(path), status.st_mtime_ns, status.st_size, env.get("TMPDIR", ""))
    with _guard:
        if key in _known:
            return _known[key]
        if key not in _asked:
            _asked[key] = _begin(key, path, env)
        answer = _asked[key]
    try:
        return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(answer)), patience)
    except TimeoutError:
        return Verdict(
            "unknown",
            f"it has not answered within {patience:g} s",
            "The machine may be busy; it is asked again with the next turn.",
        )


def _begin(key: _Key, path: Path, env: dict[str, str]) -> concurrent.futures.Future[Verdict]:
    answer: concurrent.futures.Future[Verdict] = concurrent.futures.Future()

    def ask() -> None:
        try:
            verdict = _ask(path, env)
        except Exception as error:
            log.warning("the sandbox could not be tried", exc_info=error)
            verdict = Verdict("unknown", f"it could not be tried: {_why(error)}")
        with _guard:
            _asked.pop(key, None)
            if verdict.state != "unknown":
                _known[key] = verdict
        answer.set_result(verdict)

    threading.Thread(target=ask, name="codex-sandbox-probe", daemon=True).start()
    return answer


def _ask(path: Path, env: dict[str, str]) -> Verdict:
    temporary = env.get("TMPDIR") or "/tmp"
    if (fault := _fault_of(temporary)) is not None:
        return fault
    with places.fresh("probe") as folder:
        home = folder.path / "home"
        forbidden = folder.path / "forbidden"
        home.mkdir(mode=0o700)
        command = [str(path), "sandbox", "--permission-profile", ":read-only"]
        command += ["--cd", str(folder.path), "--", "/bin/sh", "-c"]
        command += [f'echo {_WORD}; : > "$0"', str(forbidden)]
        printed, said, code = _run(
            command, {**env, "CODEX_HOME": str(home), "RUST_BACKTRACE": "0"}, folder.path
        )
        if forbidden.exists():
            return Verdict("none", "it does not keep commands from writing")
    if _WORD.encode() in printed:
        return Verdict("works")
    if code is None:
        return Verdict(
            "unknown",
            f"it did not answer within {GIVEN_UP:g} s",
            "It is asked again with the next turn.",
        )
    return judged(said.decode("utf-8", "replace"), code)


def _run(command: list[str], env: dict[str, str], folder: Path) -> tuple[bytes, bytes, int | None]:
    """What a command printed and said, and its exit code; None where it had to be ended."""
    process = subprocess.Popen(
        undisturbed(command),
        env=env,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    _running.add(process)
    try:
        printed, said = process.communicate(timeout=GIVEN_UP)
        return printed, said, process.returncode
    except subprocess.TimeoutExpired:
        kill_group(process, hard=True)
        printed, said = process.communicate()
        return printed, said, None
    finally:
        _running.discard(process)


def _fault_of(temporary: str) -> Verdict | None:
    """What is wrong with the temporary folder that the sandbox needs, or None."""
    hint = "Set TMPDIR to a folder that you may write to, or unset it, and restart the kernel."
    place = Path(temporary)
    if not place.exists():
        return Verdict("unknown", f"the temporary folder {temporary} does not exist", hint)
    if not place.is_dir():
        return Verdict("unknown", f"TMPDIR is {temporary}, which is no folder", hint)
    if not os.access(place, os.W_OK | os.X_OK):
        return Verdict("unknown", f"the temporary folder {temporary} cannot be written", hint)
    try:
        full = shutil.disk_usage(place).free == 0
    except OSError:
        return None
    if full:
        return Verdict("unknown", f"the temporary folder {temporary} is full", "Make room there.")
    return None


def judged(said: str, code: int) -> Verdict:
    """What follows from the words with which a sandbox did not start.

    Example:
        >>> judged("bwrap: setting up uid map: Permission denied", 1).state
        'none'
        >>> judged("Error: No child processes (os error 10)", 1).state
        'unknown'
    """
    reason = _cause(said) or f"it ended with exit code {code}"
    if "bubblewrap is unavailable" in said:
        return Verdict(
            "unknown",
            "bubblewrap (bwrap), with which Codex makes its sandbox, is not there",
            "Install it: pip install --force-reinstall openai-codex-cli-bin, or your system's bubblewrap.",
        )
    if _REFUSED.search(said) and not _FOR_NOW.search(said) and not _only_too_many(said):
        return Verdict("none", reason)
    return Verdict("unknown", reason)


def _only_too_many(said: str) -> bool:
    """Whether there were only too many namespaces at the time: the machine does have some."""
    if "ENOSPC" not in said:
        return False
    try:
        return int(_COUNTED.read_text()) > 0
    except (OSError, ValueError):
        return True


def _cause(said: str) -> str:
    """The line that says why, among backtraces and advice for those who make Codex."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if not _NOISE.match(line)]
    own = [line for line in telling if line.startswith(("bwrap:", "sandbox-exec:"))]
    return (own or telling or [""])[0].removeprefix("Error: ")


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or str(error)


@atexit.register
def _end() -> None:
    for process in tuple(_running):
        kill_group(process, hard=True)
