"""The Python environments that tests start kernels and servers in, and the variables those processes get."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PYTHONS: dict[str, Path] = {
    "ipykernel-7": Path(sys.executable),
    "ipykernel-6.29": ROOT / ".venvs" / "ipykernel-6.29" / "bin" / "python",
    "lab-without-anywidget": ROOT / ".venvs" / "lab-without-anywidget" / "bin" / "python",
}
"""Environment name -> its interpreter. The tests' own environment holds the newest ipykernel."""

KERNELS = ("ipykernel-7", "ipykernel-6.29")
"""The environments with a kernel in them, newest first."""

# What a child process inherits. A key, a proxy or a setting of the person who runs the tests must not reach one.
_INHERITED = (
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "XDG_CACHE_HOME", "LD_LIBRARY_PATH",
)  # fmt: skip


def python_of(environment: str) -> Path:
    """The interpreter of an environment.

    Raises:
        FileNotFoundError: it was not made yet; the message says how.
    """
    python = PYTHONS[environment]
    if not python.exists():
        raise FileNotFoundError(f"no environment {environment}: `make envs` makes it")
    return python


def clean_environ(folder: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of a child process: few inherited, every Jupyter folder inside `folder`.

    The working tree comes first on the child's path, so that it is what gets tested wherever the
    package is installed.
    """
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    own = {
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "jupyter/config",
        "JUPYTER_DATA_DIR": "jupyter/data",
        "JUPYTER_RUNTIME_DIR": "jupyter/runtime",
        "JUPYTERLAB_SETTINGS_DIR": "jupyter/lab/settings",
        "JUPYTERLAB_WORKSPACES_DIR": "jupyter/lab/workspaces",
        "MPLCONFIGDIR": "matplotlib",
    }
    for path in own.values():
        (folder / path).mkdir(parents=True, exist_ok=True)
    return {
        "LANG": "C.UTF-8",
        **kept,
        **{name: str(folder / path) for name, path in own.items()},
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "JUPYTER_PLATFORM_DIRS": "1",
        **(extra or {}),
    }
