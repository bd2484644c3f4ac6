"""Build hook: bundles js/ into codex_jupyter/static/ when the bundle is not there yet, and puts the tutorials into the wheel.

A wheel built from the sdist finds the bundle inside it and needs no Node. A wheel or an editable
install from a clone builds it once. An editable install reads the tutorials where they are. Nothing
else belongs here.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TUTORIALS = "codex_jupyter/offline/notebooks"
"""Where `codex_jupyter.offline.write_tutorials` finds them in an installed package."""


class BundleHook(BuildHookInterface):
    """Runs ``npm ci`` and ``npm run build`` in js/ if codex_jupyter/static/ holds no bundle."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make sure that the page bundle exists before files are collected.

        Raises:
            RuntimeError: the bundle is missing and npm is, too, or npm failed.
        """
        root = Path(self.root)
        if self.target_name == "wheel" and version != "editable":
            for folder, place in (("notebooks", TUTORIALS), ("docs/images", f"{TUTORIALS}/images")):
                for file in sorted((root / folder).glob("*.*")):
                    build_data["force_include"][str(file)] = f"{place}/{file.name}"
        if any((root / "codex_jupyter" / "static").glob("*.js")):
            return
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError(
                "codex_jupyter/static holds no page bundle, and npm was not found to build it.\n"
                "Install Node.js 18 or later (which brings npm) and try again, "
                "or install a released wheel: pip install codex-jupyter"
            )
        for command in ([npm, "ci"], [npm, "run", "build"]):
            done = subprocess.run(
                command,
                cwd=root / "js",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            if done.returncode:
                raise RuntimeError(
                    f"`{' '.join(['npm', *command[1:]])}` failed in js/ "
                    f"(exit {done.returncode}):\n{done.stdout}"
                )
        if not any((root / "codex_jupyter" / "static").glob("*.js")):
            raise RuntimeError("`npm run build` ended well but left no codex_jupyter/static/*.js")
