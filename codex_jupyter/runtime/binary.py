"""Which executable is the runtime: the one that came with the SDK, or the user's own; looked at before it is used."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from codex_jupyter.core import system_errors
from codex_jupyter.errors import RuntimeFailedError
from codex_jupyter.runtime import versions
from codex_jupyter.runtime.child import kill_group, not_started, undisturbed
from codex_jupyter.trusted_imports import changed_in_folder

#: What a user writes for the ``codex`` that a shell would start.
ON_PATH = "path"
#: Seconds that an executable gets to say its version; starting one from a slow disk takes a few.
SAYS_VERSION_IN = 20.0
#: Bytes that are read of what it prints meanwhile.
LONGEST_ANSWER = 16_384

_Key = tuple[str, int, int]
_versions: dict[_Key, str] = {}
_guard = threading.Lock()


@dataclass(frozen=True, slots=True)
class Binary:
    """An executable that can be started.

    Attributes:
        path: absolute.
        version: what it says of itself, ``""`` for the one that came with the SDK, which is not asked.
        bundled: whether it came with the SDK.
    """

    path: Path
    version: str = ""
    bundled: bool = True


def locate(named: str | None) -> Path:
    """The executable that is meant. Nothing is started.

    Args:
        named: a path, ``"path"`` or another bare name for one on ``PATH``, or None for the one that came with the SDK.

    Raises:
        RuntimeFailedError: there is none, or it changed since this kernel began in a folder where commands may write.
    """
    path = _bundled() if named is None else _named(named)
    try:
        status = path.stat()
    except OSError as error:
        gone = isinstance(error, FileNotFoundError | NotADirectoryError)
        words = (
            f"There is no Codex runtime at {path}."
            if gone
            else f"{path} cannot be started: {error.strerror or error}."
        )
        raise RuntimeFailedError(words, _next(named)) from None
    if not stat.S_ISREG(status.st_mode):
        raise RuntimeFailedError(f"{path} is not an executable file.", _next(named))
    if changed_in_folder(path):
        raise RuntimeFailedError(
            f"{path} changed after this kernel began, in a folder where commands may write. It is not started.",
            "If you installed it yourself, restart the kernel.",
        )
    if not os.access(path, os.X_OK):
        raise RuntimeFailedError(f"{path} may not be executed.", f"chmod +x {path}")
    return path


def inspect(named: str | None, env: dict[str, str]) -> Binary:
    """The executable that is meant, with its version; the user's own is asked for it.

    Args:
        named: as for ``locate``.
        env: the environment that it is asked in.

    Raises:
        RuntimeFailedError: as ``locate``; or it is not Codex, or one that is too old.
    """
    path = locate(named)
    if named is None:
        return Binary(path)
    version = _version_of(path, env)
    if versions.too_old(version):
        raise RuntimeFailedError(
            f"The Codex at {path} is {version}; {versions.OLDEST} is the oldest that works here.",
            "Update it, or leave codex_bin and CODEX_BIN out to run the one that came with the SDK.",
        )
    return Binary(path, version, bundled=False)


def _version_of(path: Path, env: dict[str, str]) -> str:
    """What an executable says of its version; remembered while the file stays as it is."""
    status = path.stat()
    key = (str(path), status.st_mtime_ns, status.st_size)
    with _guard:
        if key not in _versions:
            _versions[key] = _ask_version(path, env)
        return _versions[key]


def _not_started(path: Path, error: OSError) -> RuntimeFailedError:
    words, step = system_errors.words(error)
    return RuntimeFailedError(
        f"{path} cannot be started: {words}.",
        step if system_errors.scarce(error) else _next(str(path)),
    )


def _ask_version(path: Path, env: dict[str, str]) -> str:
    try:
        process = subprocess.Popen(
            undisturbed([str(path), "--version"]),
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise _not_started(path, error) from None
    lines = _lines_of(process)
    if lines is None:
        raise RuntimeFailedError(
            f"{path} did not say its version within {SAYS_VERSION_IN:g} s.", _next(str(path))
        )
    if lines and (why := not_started(str(path), lines[-1])) is not None:
        raise _not_started(path, why)
    # It may print a warning first.
    found = next(filter(None, (versions.number(x) for x in lines if "codex" in x.lower())), None)
    if process.returncode or found is None:
        tail = f": {lines[-1][:200]}" if lines else f" (exit code {process.returncode})."
        raise RuntimeFailedError(
            f"{path} --version does not answer as Codex does{tail}", _next(str(path))
        )
    return ".".join(map(str, found))


def _lines_of(process: subprocess.Popen[bytes]) -> list[str] | None:
    """The lines that a process printed until it ended, None where it did not end in time; it has ended afterwards.

    No more is read than a version takes: what goes on printing is ended, too.
    """
    assert process.stdout is not None
    printed: list[bytes] = []
    reader = threading.Thread(
        target=lambda pipe: printed.append(pipe.read(LONGEST_ANSWER)),
        args=(process.stdout,),
        daemon=True,
    )
    end = time.monotonic() + SAYS_VERSION_IN
    reader.start()
    reader.join(SAYS_VERSION_IN)
    in_time = not reader.is_alive()
    try:
        if in_time and len(printed[0]) < LONGEST_ANSWER:
            process.wait(max(0.0, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        in_time = False
    kill_group(process, hard=True)
    process.wait()
    reader.join(SAYS_VERSION_IN)
    if not reader.is_alive():
        process.stdout.close()
    if not in_time:
        return None
    return [line for line in printed[0].decode("utf-8", "replace").splitlines() if line.strip()]


def _bundled() -> Path:
    try:
        from codex_cli_bin import bundled_codex_path

        return bundled_codex_path()
    except (ImportError, FileNotFoundError) as error:
        raise RuntimeFailedError(
            "The Codex runtime is not installed.",
            "Install it: pip install openai-codex (it brings openai-codex-cli-bin).",
        ) from error


def _named(named: str) -> Path:
    """The file that is meant, as an absolute path: a bare name is looked for on PATH, never in the current folder."""
    if os.path.basename(named) != named:
        return Path(named).expanduser().absolute()
    wanted = "codex" if named == ON_PATH else named
    entries = os.pathsep.join(absolute_entries(os.environ.get("PATH", os.defpath)))
    found = shutil.which(wanted, path=entries) or ""
    if not os.path.isabs(found):  # Windows looks into the current folder first, whatever it is told
        raise RuntimeFailedError(
            f"There is no {wanted} on PATH.", "Write the whole path of the executable."
        )
    return Path(found)


def absolute_entries(path: str) -> list[str]:
    """The entries of a ``PATH`` that mean the same in every folder: no empty one, which means the current, none relative.

    Example:
        >>> absolute_entries(os.pathsep.join([".", "", "bin", "/usr/bin"]))
        ['/usr/bin']
    """
    return [part for part in path.split(os.pathsep) if os.path.isabs(part)]


def _next(named: str | None) -> str:
    if named is None:
        return "Install it again: pip install --force-reinstall openai-codex-cli-bin."
    return "Check codex_bin and CODEX_BIN, or leave them out to run the one that came with the SDK."
