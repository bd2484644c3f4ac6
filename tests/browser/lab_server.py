"""A real JupyterLab server of the tests' own: its port, its token, its folders, its kernels."""

from __future__ import annotations

import contextlib
import json
import secrets
import subprocess
import threading
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.environments import clean_environ, python_of
from tests.processes import below, kill
from tests.waiting import GENEROUS, until

_LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))

# What a person has set who wants no news, no questions and an empty sidebar.
_SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "apputils-extension/themes": {"theme": "JupyterLab Light"},
    "docmanager-extension/plugin": {"autosave": False},
    "notebook-extension/tracker": {
        "kernelStatus": {"showOnStatusBar": True, "showProgress": False}
    },
    "codemirror-extension/plugin": {"defaultConfig": {"autoClosingBrackets": False}},
}

# What costs seconds for each tab and nothing here looks at: whether the server could be rebuilt, and what the File menu
# could export to.
_PAGE_CONFIG = {
    "buildCheck": False,
    "buildAvailable": False,
    "disabledExtensions": {
        "@jupyterlab/notebook-extension:export": True,
        "@jupyterlab/notebook-extension:update-raw-mimetype": True,
        "@jupyterlab/lsp-extension": True,
        "@jupyterlab/debugger-extension": True,
        "@jupyterlab/extensionmanager-extension": True,
    },
}


class LabServer:
    """A running server.

    Args:
        environment: where JupyterLab is installed (a name in `tests.environments.PYTHONS`).
        folder: everything that the server reads and writes lies in it.
        options: further command line options, for example ``["--LabApp.default_url=/lab"]``.
    """

    def __init__(self, environment: str, folder: Path, options: Sequence[str] = ()) -> None:
        self.folder = folder
        self.root = folder / "notebooks"
        self.root.mkdir(parents=True)
        self.token = secrets.token_hex(16)
        self.environ = clean_environ(folder, {"JUPYTER_TOKEN": self.token})
        self._write_settings()
        self.log = folder / "server.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    str(python_of(environment)), "-m", "jupyterlab",
                    "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
                    f"--ServerApp.root_dir={self.root}",
                    "--ServerApp.open_browser=False",
                    "--ServerApp.terminals_enabled=False",
                    "--KernelSpecManager.ensure_native_kernel=False",
                    "--LabApp.expose_app_in_browser=True",
                    "--JupyterNotebookApp.expose_app_in_browser=True",
                    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
                    "--LabApp.news_url=",
                    "--LabApp.extension_manager=readonly",
                    *options,
                ],
                cwd=self.root, env=self.environ, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        try:
            self.url = until(self._listening, "JupyterLab to listen")
        except BaseException:
            self.close()
            raise

    def _write_settings(self) -> None:
        base = Path(self.environ["JUPYTERLAB_SETTINGS_DIR"]) / "@jupyterlab"
        for name, values in _SETTINGS.items():
            path = base / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))
        page = Path(self.environ["JUPYTER_CONFIG_DIR"]) / "labconfig" / "page_config.json"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(json.dumps(_PAGE_CONFIG))

    def _listening(self) -> str:
        if self.process.poll() is not None:
            raise AssertionError(f"JupyterLab ended:\n{self.log.read_text()[-4000:]}")
        runtime = Path(self.environ["JUPYTER_RUNTIME_DIR"])
        for path in runtime.glob("jpserver-*.json"):
            try:
                facts = json.loads(path.read_text())
            except ValueError:
                continue  # half written
            url = f"http://127.0.0.1:{facts['port']}"
            # The file is there before the server answers: on a busy machine a page came too early.
            with contextlib.suppress(OSError), _LOCAL.open(f"{url}/api?token={self.token}"):
                return url
        return ""

    def add_kernel(self, name: str, environment: str, environ: Mapping[str, str]) -> None:
        """Offer a kernel of an environment under a name; its processes get these variables."""
        folder = Path(self.environ["JUPYTER_DATA_DIR"]) / "kernels" / name
        folder.mkdir(parents=True)
        spec = {
            "argv": [
                str(python_of(environment)), "-m", "ipykernel_launcher", "-f", "{connection_file}",
            ],
            "display_name": name,
            "language": "python",
            "interrupt_mode": "signal",
            "metadata": {"debugger": False},
            "env": dict(environ),
        }  # fmt: skip
        (folder / "kernel.json").write_text(json.dumps(spec))

    def write_notebook(self, path: str, cells: Sequence[str], kernel: str) -> Path:
        """Write a notebook of code cells below the server's root; a path in it may have folders."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        content: dict[str, Any] = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {
                "kernelspec": {"name": kernel, "display_name": kernel, "language": "python"},
                "language_info": {"name": "python"},
            },
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"cell-{number}",
                    "metadata": {},
                    "execution_count": None,
                    "outputs": [],
                    "source": source,
                }
                for number, source in enumerate(cells)
            ],
        }
        file.write_text(json.dumps(content, indent=1))
        return file

    def shut_down(self, kernel: str) -> None:
        """Have a kernel shut down, by its id, without waiting for it."""
        asked = urllib.request.Request(
            f"{self.url}/api/kernels/{kernel}",
            headers={"Authorization": f"token {self.token}"},
            method="DELETE",
        )

        def ask() -> None:
            with contextlib.suppress(OSError):  # it is gone already, or the server is
                _LOCAL.open(asked, timeout=GENEROUS).close()

        threading.Thread(target=ask, daemon=True).start()

    def close(self) -> None:
        """Stop the server and whatever it started, by their ids."""
        started = below(self.process.pid)
        self.process.kill()
        self.process.wait()
        kill(started)
