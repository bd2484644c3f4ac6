"""An executable between us and the real Codex, that lets everything through but what it is told to spoil.

``BETWEEN`` says what, words separated by blanks; ``from=FILE`` has it begin only once that file is there:

    mute=METHOD     a call of this method is never answered
    flood=MB        so much goes to standard error at the first call, without the end of a line
    close=METHOD    at a call of this method standard output is closed; the process ignores SIGTERM from its start
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path


def words(name: str) -> set[str]:
    """What is asked for under this name."""
    said = (word.partition("=") for word in os.environ.get("BETWEEN", "").split())
    return {value for key, _, value in said if key == name}


def main() -> None:
    from codex_cli_bin import bundled_codex_path

    command = [str(bundled_codex_path()), *sys.argv[1:]]
    if "app-server" not in sys.argv:
        os.execv(command[0], command)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen(command, stdin=subprocess.PIPE)
    assert child.stdin is not None
    closed = threading.Event()

    def watch() -> None:
        child.wait()
        if not closed.is_set():
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    for megabytes in map(int, words("flood")):
        for _ in range(megabytes):
            os.write(2, b"e" * 1_000_000)
    for line in sys.stdin.buffer:
        method = json.loads(line).get("method")
        begun = all(Path(file).exists() for file in words("from"))
        if begun and method in words("mute"):
            continue
        if begun and method in words("close"):
            closed.set()
            os.close(1)
            child.kill()  # it holds the same standard output
            while True:
                signal.pause()
        child.stdin.write(line)
        child.stdin.flush()
    child.kill()


def install(folder: Path, spoils: str) -> Path:
    """Write an executable of it into a folder; its path."""
    path = folder / "codex"
    path.write_text(
        f'#!/bin/sh\nBETWEEN="{spoils}" exec "{sys.executable}" "{Path(__file__)}" "$@"\n'
    )
    path.chmod(0o755)
    return path


if __name__ == "__main__":
    main()
