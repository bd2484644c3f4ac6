"""What can be told about this kernel's surroundings that bears on signing in. Reads the environment; asks nobody."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_jupyter.session.signing_in import Standing

#: Set where the kernel runs on another machine than the person's browser.
REMOTE_MARKS = (
    "JUPYTERHUB_API_URL",
    "JUPYTERHUB_USER",
    "JUPYTERHUB_SERVICE_PREFIX",
    "SSH_CONNECTION",
    "SSH_CLIENT",
    "SSH_TTY",
    "KUBERNETES_SERVICE_HOST",
    "CODESPACES",
    "GITPOD_WORKSPACE_ID",
    "COLAB_RELEASE_TAG",
    "KAGGLE_KERNEL_RUN_TYPE",
    "BINDER_SERVICE_HOST",
)
KEY_NAMES = ("OPENAI_API_KEY", "CODEX_API_KEY")


def is_remote(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a browser's redirect to 127.0.0.1 would not reach this kernel, as far as the environment tells.

    Example:
        >>> is_remote({"SSH_CONNECTION": "10.0.0.7 5123 10.0.0.9 22"}), is_remote({})
        (True, False)
    """
    return any(environ.get(mark) for mark in REMOTE_MARKS)


def key_name(environ: Mapping[str, str] = os.environ) -> str:
    """The environment variable that holds a key, ``""`` when none does."""
    return next((name for name in KEY_NAMES if environ.get(name, "").strip()), "")


def as_written(path: str) -> str:
    """A path as people write it: ``~`` for the home folder."""
    try:
        return f"~/{Path(path).relative_to(Path.home()).as_posix()}"
    except ValueError:
        return path


def place_of(standing: Standing) -> str:
    """Where the machine's sign-in is kept, as people write it."""
    return standing.machine_place.replace(standing.file, as_written(standing.file))
