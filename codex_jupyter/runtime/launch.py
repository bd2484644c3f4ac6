"""What the runtime's process is started with: its command, its environment, the mark of everything that it starts.

A Jupyter interrupt is a SIGINT to the kernel's whole process group (measured: a runtime in that group dies of it), so
the runtime gets a session of its own (``keeper.py``). Nothing here knows what is said over the pipes.
"""

from __future__ import annotations

import os
import secrets
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from codex_jupyter.core import system_errors
from codex_jupyter.errors import RuntimeFailedError
from codex_jupyter.runtime.binary import absolute_entries
from codex_jupyter.runtime.kept import MARK, Kept

#: Where the system looks for a program's libraries.
_LIBRARY_PATHS = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")
#: Files, and a folder of files, that a shell runs when it starts.
_START_UP = ("BASH_ENV", "ENV", "ZDOTDIR")


@dataclass(frozen=True, slots=True)
class Launch:
    """What a runtime is started with.

    ``config_overrides``: ``key=value`` pairs as for ``codex -c``, the value in TOML. ``env``: additions to our own
    environment. ``cwd``: the runtime's folder, None for ours. ``codex_home``: None leaves ``$CODEX_HOME`` or ``~/.codex``.
    ``client_name`` and ``version`` are what the runtime records of us. ``codex_bin``: see ``binary.locate``.
    ``allowed_env``: names of secret-like environment variables that commands may see (see ``environment.py``).
    ``start_timeout``: seconds until a runtime that does not answer counts as failed.

    Example:
        >>> Launch(config_overrides=('model="gpt-5.5"',), codex_home="/srv/codex").client_name
        'codex_jupyter'
    """

    config_overrides: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: str | None = None
    codex_home: str | None = None
    client_name: str = "codex_jupyter"
    version: str = "0"
    codex_bin: str | None = None
    allowed_env: tuple[str, ...] = ()
    start_timeout: float = 60.0

    @classmethod
    def on(cls, stand_in: StandIn) -> Launch:
        """A launch on a model that stands in for the real one."""
        return cls(
            config_overrides=tuple(stand_in.config_overrides),
            env=dict(stand_in.env),
            codex_home=str(stand_in.codex_home),
        )


class StandIn(Protocol):
    """A model that stands in for the real one: ``codex_jupyter.offline.Offline``."""

    @property
    def config_overrides(self) -> Sequence[str]: ...

    @property
    def env(self) -> Mapping[str, str]: ...

    @property
    def codex_home(self) -> Path: ...


def environment(launch: Launch, inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment of the runtime's own process: ours, the additions, and the bundled tools in front of PATH.

    ``MARK`` is in it, with a value of its own for each runtime.
    """
    env = {**inherited, **launch.env, MARK: secrets.token_hex(8)}
    if launch.codex_home is not None:
        env["CODEX_HOME"] = launch.codex_home
    # What the runtime starts by its name (a shell, git) must not be taken from the folder that it works in.
    path = absolute_entries(env.get("PATH", os.defpath))
    if launch.codex_bin is None:
        try:
            from codex_cli_bin import bundled_path_dir

            tools = bundled_path_dir()
        except (ImportError, AttributeError):
            tools = None
        if tools is not None:
            path = [str(tools), *(part for part in path if part != str(tools))]
    env["PATH"] = os.pathsep.join(path or absolute_entries(os.defpath))
    return {name: value for name, value in map(_absolute, env.items()) if value is not None}


def _absolute(variable: tuple[str, str]) -> tuple[str, str | None]:
    """A variable without what means another file in each folder; None where nothing else is left of it.

    The runtime starts shells and git outside the sandbox. An empty entry of ``LD_LIBRARY_PATH``, easily made by
    appending to an empty one, is the folder they start in.
    """
    name, value = variable
    if name in _LIBRARY_PATHS:
        return name, os.pathsep.join(absolute_entries(value)) or None
    if name in _START_UP and not value.startswith((os.sep, "~", "$")):
        return name, None
    return variable


def spawn(binary: Path, launch: Launch, overrides: tuple[str, ...], env: Mapping[str, str]) -> Kept:
    """Start the app-server on pipes, in a session of its own. Raises ``RuntimeFailedError``."""
    command = [str(binary)]
    for override in overrides:
        command += ["--config", override]
    command += ["app-server", "--listen", "stdio://"]
    try:
        return Kept(command, env, launch.cwd)
    except OSError as error:
        what, step = system_errors.words(error)
        raise RuntimeFailedError(
            f"The Codex runtime could not be started: {what}.", step
        ) from error


def end_orphans(mark: str) -> int:
    """End what a runtime that died had started and left behind; returns how many there were. Linux only.

    Waits until they are gone, two seconds at most: a killed process lives on until it is next scheduled.

    Args:
        mark: the value of ``MARK`` in that runtime's environment.
    """
    wanted = f"{MARK}={mark}".encode()
    ended: list[Path] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                os.kill(int(folder.name), signal.SIGKILL)
                ended.append(folder)
        except (OSError, ValueError):
            continue  # gone, or somebody else's
    deadline = time.monotonic() + 2
    while any(map(_lives, ended)) and time.monotonic() < deadline:
        time.sleep(0.01)  # noqa: TID251 - the end of somebody else's child has no other sign
    return len(ended)


def _lives(folder: Path) -> bool:
    """Whether the process of this folder of ``/proc`` still runs; a zombie does not."""
    try:
        return (folder / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (OSError, IndexError):
        return False
