"""Secrets stay out of commands: which variables the runtime hands on to them.

Measured with runtime 0.163: by default a command sees the whole environment of the kernel, tokens included, also under
a read-only sandbox; the runtime's own default exclusions know KEY, SECRET and TOKEN, not passwords. So the runtime is
started with a ``shell_environment_policy`` of ours. The runtime's own process keeps the whole environment: it needs the
provider's key. Which variables are secrets is ``core/secrets``.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

from codex_jupyter.core.secrets.names import ENVIRONMENT, matches
from codex_jupyter.core.secrets.variables import is_secret
from codex_jupyter.runtime.launch import Launch


def policy_overrides(launch: Launch, environ: Mapping[str, str]) -> tuple[str, ...]:
    """``-c`` overrides that keep secrets out of commands.

    Patterns exclude what looks like a secret whenever it appears; names that no pattern fits are excluded one by one.
    Patterns that would hide an allowed or harmless name give way to the exact names they stand for. What the user's own
    ``config.toml`` excludes stays excluded; the user's ``-c shell_environment_policy...`` comes later and wins.

    Args:
        launch: ``allowed_env`` names what commands may see, ``codex_home`` where ``config.toml`` is.
        environ: the environment the runtime inherits.
    """
    everything = {**environ, **launch.env}
    allowed = {name.upper() for name in launch.allowed_env}
    shown = [
        name
        for name, value in everything.items()
        if name.upper() in allowed or not is_secret(name, value)
    ]
    patterns = [p for p in ENVIRONMENT if not any(matches(name, (p,)) for name in shown)]
    exact = sorted(
        name
        for name, value in everything.items()
        if is_secret(name, value) and name.upper() not in allowed and not matches(name, patterns)
    )
    exclude = [*patterns, *exact]
    exclude += [name for name in _users_exclusions(launch, everything) if name not in exclude]
    # The runtime's own exclusions (*KEY*, *SECRET*, *TOKEN*) know no exceptions: ours say the same, with them.
    return (
        "shell_environment_policy.ignore_default_excludes=true",
        f"shell_environment_policy.exclude={json.dumps(exclude)}",
    )


def _users_exclusions(launch: Launch, environ: Mapping[str, str]) -> list[str]:
    home = launch.codex_home or environ.get("CODEX_HOME")
    path = (Path(home) if home else Path.home() / ".codex") / "config.toml"
    try:
        config = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    policy = config.get("shell_environment_policy")
    exclude = policy.get("exclude") if isinstance(policy, dict) else None
    return [name for name in exclude if isinstance(name, str)] if isinstance(exclude, list) else []
