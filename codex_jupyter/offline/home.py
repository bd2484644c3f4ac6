"""A ``CODEX_HOME`` of the offline model's own: made when it starts, gone when it closes, never the user's.

It lies among our own files (``places``), and not under the system's temporary folder, where the runtime's sandboxed
terminals fail. The settings in it name a provider that is visibly offline, and switch off what the runtime would
otherwise fetch or report over the network. Folders that a killed process left behind are swept away at the next start.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from codex_jupyter import places

PROVIDER = "offline"
MODEL = "gpt-5.5"
LABEL = "offline model"

_MARK = "# Written by the offline model of codex_jupyter. Changes are lost."


class OfflineHome:
    """The folder, and the settings that make a runtime use it.

    Args:
        base_url: where the scripted model listens.
        path: the folder to use instead of a fresh one; it is created, and only a fresh one is removed again.
        model: the model to ask for; its name decides which tools it is offered (``gpt-5.5``: direct tools).
        config: further settings, by dotted name, for example ``{"tools.update_plan.enabled": True}``.
        needs_account: make the provider ask for an account, as the real one does.

    Raises:
        ValueError: ``path`` is a ``CODEX_HOME`` that the user or somebody else uses, or a setting has no TOML spelling.
    """

    def __init__(
        self,
        base_url: str,
        *,
        path: str | Path | None = None,
        model: str = MODEL,
        config: Mapping[str, Any] | None = None,
        needs_account: bool = False,
    ) -> None:
        self._folder: places.PrivateFolder | None = None
        if path is None:
            self._folder = places.fresh("offline")
            self.path = self._folder.path
        else:
            self.path = _not_the_users(Path(path).expanduser())
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.settings = _settings(base_url, model, needs_account) | dict(config or {})
        lines = (_MARK, *self.config_overrides)
        text = "".join(f"{line}\n" for line in lines)
        (self.path / "config.toml").write_text(text, encoding="utf-8")

    @property
    def config_overrides(self) -> tuple[str, ...]:
        """The settings as ``key=value``, for the runtime's ``--config``; they win over every file."""
        return tuple(f"{name}={_toml(value)}" for name, value in self.settings.items())

    @property
    def env(self) -> dict[str, str]:
        """The environment variables the runtime needs on top of its parent's."""
        unproxied = "127.0.0.1,localhost"
        before = os.environ.get("NO_PROXY") or os.environ.get("no_proxy")
        no_proxy = f"{before},{unproxied}" if before else unproxied
        return {"CODEX_HOME": str(self.path), "NO_PROXY": no_proxy, "no_proxy": no_proxy}

    def close(self) -> None:
        """Remove the folder. Harmless when repeated. Close the runtime first."""
        if self._folder is not None:
            self._folder.close()

    def __enter__(self) -> OfflineHome:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def _settings(base_url: str, model: str, needs_account: bool) -> dict[str, Any]:
    provider = f"model_providers.{PROVIDER}"
    return {
        "model": model,
        "model_provider": PROVIDER,
        f"{provider}.name": LABEL,
        f"{provider}.base_url": base_url,
        f"{provider}.wire_api": "responses",
        f"{provider}.requires_openai_auth": needs_account,
        f"{provider}.request_max_retries": 2,
        f"{provider}.stream_max_retries": 2,
        # What the runtime would send or fetch although the model is here.
        "analytics.enabled": False,
        "feedback.enabled": False,
        "check_for_update_on_startup": False,
        "features.plugins": False,
        "features.apps": False,
        "features.enable_request_compression": False,
        # A login shell would print what this machine's profile prints.
        "allow_login_shell": False,
    }


def _toml(value: Any) -> str:
    """A TOML literal; JSON's spelling of text, numbers, booleans and lists of them is TOML's too."""
    if value is None:
        raise ValueError("a setting cannot be None; leave it out")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)


def _not_the_users(path: Path) -> Path:
    theirs = [Path.home() / ".codex"]
    if os.environ.get("CODEX_HOME"):
        theirs.append(Path(os.environ["CODEX_HOME"]))
    if path.resolve() in [home.expanduser().resolve() for home in theirs]:
        raise ValueError(
            f"{path} is your own CODEX_HOME; the offline model needs a folder of its own"
        )
    config = path / "config.toml"
    others = config.exists() and not config.read_text(encoding="utf-8").startswith(_MARK)
    if others or ((path / "auth.json").exists() and not config.exists()):
        raise ValueError(f"{path} is a CODEX_HOME that somebody uses; choose another folder")
    return path
