"""What we and the runtime start by its name is never a file of the folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, run, say
from tests.environments import clean_environ
from tests.kernel.conftest import StartKernel

#: What this package, its libraries, Python and the runtime start by name, on one system or another.
PROGRAMS = (
    "apply_patch", "arp", "bash", "bwrap", "cc", "codex", "dash", "file", "gcc", "git", "gpg", "hostname", "id", "ifconfig",
    "ip", "ld", "ldconfig", "less", "locale", "lsb_release", "node", "npx", "objdump", "open", "pager", "pgrep", "ps",
    "python", "python3", "rg", "rm", "sandbox-exec", "sh", "socat", "ssh", "stty", "sw_vers", "tput", "true", "uname",
    "unshare", "w3m", "which", "whoami", "www-browser", "xdg-open", "xdg-settings", "zsh",
)  # fmt: skip
CELLS = (
    "%load_ext codex_jupyter",
    "%codex hello",
    "%codex -s workspace-write run something",
    "%codex /review",
    "%codex /diff",
    "%codex /status",
    "%codex /doctor",
    "%codex /mcp",
    "%codex /stop",
    "%codex /logout",
)


def test_no_program_of_the_folder_is_started_by_its_name(
    start_kernel: StartKernel, model: offline.Offline, scratch: Path
) -> None:
    """``PATH`` begins with the folder by every relative spelling, and so do shells' start-up files and git's settings."""
    mark = scratch / "mark"
    model.server.script = Script.of(
        Rule("run", [[run("cat x.txt; true")], [say("Done.")]], when={"contains": "something"}),
        Rule("any", [[say("Hello.")]], repeat=True),
    )
    path = clean_environ(scratch)["PATH"]
    relative = {
        "PATH": f".::./:bin:../work:./bin/..:{path}:",
        "SHELL": "./bash",
        "BASH_ENV": "./rc.sh",
        "ENV": "./rc.sh",
        "ZDOTDIR": ".",
        "BROWSER": "./xdg-open",
        "PAGER": "./pager",
        "GIT_PAGER": "./pager",
        "EDITOR": "./pager",
    }
    kernel = start_kernel(environ=relative)
    folder = kernel.folder
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    (folder / "bin").mkdir()
    for place in (folder, folder / "bin"):
        for name in PROGRAMS:
            (place / name).write_text(f"#!/bin/sh\necho {place.name}/{name} >> {mark}\n")
            (place / name).chmod(0o755)
    for name in ("rc.sh", ".zshenv", ".bashrc", ".profile"):
        (folder / name).write_text(f"echo {name} >> {mark}\n")
    for cell in CELLS:
        kernel.run(cell)
    assert model.server.requests
    assert not mark.exists(), mark.read_text()
