"""Makes the environments that the Makefile works in. Standard library only: it runs before anything is installed.

    python3 scripts/environment.py main      .venv: the package, the tests, the tools, the newest ipykernel
    python3 scripts/environment.py oldest    .venvs/ipykernel-6.29: the package on the oldest supported ipykernel
    python3 scripts/environment.py lab       .venvs/lab-without-anywidget: JupyterLab alone, as others install it
    python3 scripts/environment.py python    .venvs/python-3.12.1 (or what python3 is): as main, for `make pythons`

uv installs, because it needs seconds where pip needs a minute. It is told what pip is configured to
use, and where it fails nevertheless, pip does the work.
"""

from __future__ import annotations

import ast
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAIN = ROOT / ".venv"

EVERYTHING = ["--editable", ".", "--group", "test", "--group", "dev"]

# What is installed where, in the words that `pip install` and `uv pip install` share.
ENVIRONMENTS: dict[str, tuple[Path, list[str]]] = {
    "main": (MAIN, EVERYTHING),
    "python": (ROOT / ".venvs" / f"python-{platform.python_version()}", EVERYTHING),
    "oldest": (
        ROOT / ".venvs" / "ipykernel-6.29",
        ["--editable", ".[offline]", "ipykernel==6.29.5", "pandas>=2.2", "matplotlib>=3.9"],
    ),
    "lab": (
        ROOT / ".venvs" / "lab-without-anywidget",
        ["jupyterlab>=4.6,<4.7", "jupyterlab-widgets>=3.0"],
    ),
}

# pip's settings that say where packages come from, and uv's names for them.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}


def run(*command: str | Path, env: dict[str, str] | None = None) -> bool:
    """Run a command in the repository, without standard input; say whether it ended well."""
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, env=env, stdin=subprocess.DEVNULL, check=False
    )
    return done.returncode == 0


def make_venv(folder: Path) -> None:
    """Make a virtual environment afresh, installing Debian's python3-venv where it is missing."""
    shutil.rmtree(folder, ignore_errors=True)
    if run(sys.executable, "-m", "venv", folder):
        return
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        run("apt-get", "update", "-q", env=quiet)
        run("apt-get", "install", "-y", "-q", f"python{version}-venv", env=quiet)
        shutil.rmtree(folder, ignore_errors=True)
        if run(sys.executable, "-m", "venv", folder):
            return
    sys.exit(
        f"{sys.executable} cannot make a virtual environment.\n"
        "On Debian: apt-get install python3-venv. Then run the same command again."
    )


def uv_settings(python: Path) -> dict[str, str]:
    """The environment for uv: this one, plus pip's settings in uv's words."""
    listed = subprocess.run(
        [str(python), "-m", "pip", "config", "list"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    env = {"UV_SYSTEM_CERTS": "1", "UV_INDEX_STRATEGY": "unsafe-best-match", **os.environ}
    # A line reads `global.index-url='https://...'`; later sections outrank earlier ones, as in pip.
    for line in listed.splitlines():
        key, _, quoted = line.partition("=")
        name = PIP_TO_UV.get(key.rpartition(".")[2])
        if name and name not in os.environ:
            value = " ".join(str(ast.literal_eval(quoted)).split())
            if name == "UV_FIND_LINKS":
                value = value.replace(" ", ",")
            env[name] = value
    return env


def install(python: Path, what: list[str]) -> None:
    """Install into an environment, with uv if it can, else with pip."""
    uv = MAIN / "bin" / "uv"
    if uv.exists() or run(MAIN / "bin" / "python", "-m", "pip", "install", "-q", "uv>=0.8"):
        if run(uv, "pip", "install", "-q", "--python", python, *what, env=uv_settings(python)):
            return
        print("uv could not install; pip tries now, which takes a minute.", flush=True)
    run(python, "-m", "pip", "install", "-q", "--upgrade", "pip>=25.1")
    if not run(python, "-m", "pip", "install", "-q", *what):
        sys.exit(f"Neither uv nor pip could install {' '.join(what)}: see above.")


def main(name: str) -> None:
    """Make the environment `name`, afresh unless it is there and works."""
    folder, what = ENVIRONMENTS[name]
    python = folder / "bin" / "python"
    if not (python.exists() and run(python, "-c", "")):
        make_venv(folder)
    install(python, what)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - an older one is exactly who runs this first
        sys.exit(
            f"codex_jupyter needs Python 3.11 or later; this is {sys.version.split()[0]}.\n"
            "Name another: make PYTHON=python3.12 ..."
        )
    if len(sys.argv) != 2 or sys.argv[1] not in ENVIRONMENTS:
        sys.exit(f"usage: environment.py {'|'.join(ENVIRONMENTS)}")
    main(sys.argv[1])
