"""Which folder the Jupyter server serves that started this kernel, as far as a kernel can tell.

The server names the notebook in ``JPY_SESSION_NAME`` and, in its runtime folder, says of its own process what it serves.
Where it is not known, it is the notebook's own folder; where no server names a notebook, there is none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from codex_jupyter.core.file_links import ServedFolder


def served_folder(
    environ: Mapping[str, str] = os.environ, runtime_folder: str | None = None
) -> ServedFolder | None:
    """The folder that is served, and where in it the notebook lies; None for a kernel without a notebook of a server.

    Args:
        environ: the kernel's variables.
        runtime_folder: where running servers write what they serve; None for Jupyter's own.
    """
    notebook = environ.get("JPY_SESSION_NAME", "")
    if not os.path.isabs(notebook):
        return None
    folder = os.path.normpath(os.path.dirname(notebook))
    root = _told(environ.get("JPY_PARENT_PID", ""), runtime_folder)
    if not root or not _lies_in(folder, root):
        root = folder
    inside = os.path.relpath(folder, root).replace(os.sep, "/")
    real = os.path.realpath(root)
    return ServedFolder((root,) if real == root else (root, real), "" if inside == "." else inside)


def _told(pid: str, runtime_folder: str | None) -> str:
    """What the server with this process id says that it serves; ``""`` where it says nothing."""
    if not pid.isascii() or not pid.isdecimal():
        return ""
    from jupyter_core.paths import jupyter_runtime_dir

    try:
        file = Path(runtime_folder or jupyter_runtime_dir(), f"jpserver-{pid}.json")
        root = json.loads(file.read_text("utf-8"))["root_dir"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return os.path.normpath(root) if isinstance(root, str) and os.path.isabs(root) else ""


def _lies_in(folder: str, root: str) -> bool:
    return folder == root or folder.startswith(root.rstrip(os.sep) + os.sep)
