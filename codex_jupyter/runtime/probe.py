"""Does the sandbox work on this machine?

In containers without user namespaces it does not (measured: every command fails, even ``ls`` under read-only), and the
runtime says so only command by command. The bundled binary can run one command in its sandbox by itself, in about
50 ms; that is asked once per binary and process. Nothing here decides what follows from the answer.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from codex_jupyter import journal
from codex_jupyter.runtime.launch import Launch, binary, environment

log = journal.logger("runtime")

#: Seconds until a sandbox that does not answer counts as one that does not work.
PATIENCE = 5.0

_WORD = "sandboxed"
_known: dict[tuple[str, int, int], Verdict] = {}


@dataclass(frozen=True, slots=True)
class Verdict:
    """``works`` and, when it does not, the ``reason`` in the words of whoever refused."""

    works: bool
    reason: str = ""


async def sandbox_works(launch: Launch) -> Verdict:
    """Whether commands can run in the sandbox, and whether it keeps them from writing.

    Never raises; an answer is remembered for as long as the binary stays the same.

    Args:
        launch: which binary, and the environment it gets. The user's configuration plays no part.

    Example:
        >>> async def header(launch):
        ...     return "read-only" if (await sandbox_works(launch)).works else "unavailable"
    """
    try:
        path = binary(launch)
        status = path.stat()
    except Exception as error:
        log.debug("the sandbox cannot be tried", exc_info=error)
        return Verdict(False, str(error))
    key = (str(path), status.st_mtime_ns, status.st_size)
    if key not in _known:
        try:
            verdict = await asyncio.to_thread(_ask, path, launch)
        except OSError as error:  # no temporary folder, or a full one: another time there may be
            return Verdict(False, f"The sandbox could not be tried: {error.strerror or error}.")
        _known[key] = verdict
    return _known[key]


def _ask(path: Path, launch: Launch) -> Verdict:
    with tempfile.TemporaryDirectory(prefix="codex-jupyter-probe-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        forbidden = Path(folder) / "forbidden"
        env = {**environment(launch, os.environ), "CODEX_HOME": str(home)}
        command = [str(path), "sandbox", "--permission-profile", ":read-only", "--cd", folder, "--"]
        command += ["/bin/sh", "-c", f'echo {_WORD}; : > "$0"', str(forbidden)]
        try:
            done = subprocess.run(
                command,
                env=env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PATIENCE,
                start_new_session=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Verdict(False, f"The sandbox did not answer within {PATIENCE:g} s.")
        except OSError as error:
            return Verdict(False, f"The sandbox could not be started: {error.strerror or error}.")
        if forbidden.exists():
            return Verdict(False, "The sandbox does not keep commands from writing.")
        if _WORD.encode() not in done.stdout:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            return Verdict(False, said[-1] if said else f"exit code {done.returncode}")
        return Verdict(True)
