"""Everything offline: a scripted model and a login issuer, real servers that stand where the world ends.

For the demo, the tutorials and the tests. The Codex runtime in front of them is the real one. Nothing here is ever on
unless somebody starts it, nothing touches the user's own ``CODEX_HOME``, and whatever runs on it is called the
"offline model". This room imports nothing of the package but itself, and importing it is cheap.

Example:
    >>> from codex_jupyter import offline
    >>> with offline.start() as stand_in:
    ...     stand_in.label
    'offline model'
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .bird_strikes import write_bird_strikes
from .home import LABEL, OfflineHome
from .moves import (
    Move,
    answered_by,
    ask,
    burst,
    call,
    custom,
    cut,
    fail,
    failed,
    find_in_page,
    function,
    headers,
    incomplete,
    javascript,
    limits,
    open_page,
    patch,
    pause,
    plan,
    raw,
    run,
    say,
    search,
    think,
    type_in,
    usage,
    view,
    wait,
)
from .project import write_project
from .request import Request
from .script import Rule, Script, ScriptError
from .tutorials import write_tutorials

if TYPE_CHECKING:
    from .issuer import LoginIssuer
    from .model import ScriptedModel

__all__ = [
    "LABEL",
    "LoginIssuer",
    "Move",
    "Offline",
    "OfflineHome",
    "Request",
    "Rule",
    "Script",
    "ScriptError",
    "ScriptedModel",
    "answered_by",
    "ask",
    "burst",
    "call",
    "custom",
    "cut",
    "fail",
    "failed",
    "find_in_page",
    "function",
    "headers",
    "incomplete",
    "javascript",
    "limits",
    "open_page",
    "patch",
    "pause",
    "plan",
    "raw",
    "run",
    "say",
    "search",
    "start",
    "think",
    "type_in",
    "usage",
    "view",
    "wait",
    "write_bird_strikes",
    "write_project",
    "write_tutorials",
]


class Offline:
    """A running offline model and the home that points a runtime at it. Made by :func:`start`.

    Attributes:
        server: the scripted model; its ``script`` may be replaced between turns.
        home: the ``CODEX_HOME`` of its own.
        issuer: where the runtime signs in, when it was started with ``needs_account``; else ``None``.
        label: what panels and saved outputs call it.
    """

    label = LABEL

    def __init__(
        self, server: ScriptedModel, home: OfflineHome, issuer: LoginIssuer | None = None
    ) -> None:
        self.server = server
        self.home = home
        self.issuer = issuer

    @property
    def codex_home(self) -> Path:
        """The runtime's home folder."""
        return self.home.path

    @property
    def env(self) -> dict[str, str]:
        """Environment variables for the runtime, on top of its parent's."""
        return self.home.env | (self.issuer.env if self.issuer else {})

    @property
    def config_overrides(self) -> tuple[str, ...]:
        """Settings for the runtime, as ``key=value``."""
        return self.home.config_overrides

    def close(self) -> None:
        """Stop the servers and remove the home. Close the runtime first. Harmless when repeated."""
        self.server.close()
        if self.issuer:
            self.issuer.close()
        self.home.close()

    def __enter__(self) -> Offline:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{self.label} at {self.server.base_url}>"


def start(
    script: Script | Mapping[str, Any] | str | Path | None = None,
    *,
    model: str = "gpt-5.5",
    config: Mapping[str, Any] | None = None,
    codex_home: str | Path | None = None,
    needs_account: bool = False,
) -> Offline:
    """Start the offline model.

    Args:
        script: a :class:`Script`, its plain data, the name of one that comes with the package, or the path of a JSON
            file; ``None`` for the quickstart's.
        model: the model the runtime asks for; its name decides which tools it is offered.
        config: further settings of the runtime, by dotted name.
        codex_home: a folder to use and keep, instead of a fresh one that is removed on close.
        needs_account: ask for an account before the first turn, and start an issuer that gives one.

    Raises:
        ScriptError: the script cannot be read or played.
        ValueError: ``codex_home`` is the user's own.
        ModuleNotFoundError: ``needs_account`` wants a package that ``codex-jupyter[offline]`` installs.
    """
    from contextlib import ExitStack

    with ExitStack() as undo:
        server = undo.enter_context(_server(_script(script)))
        issuer = None
        if needs_account:
            from .issuer import LoginIssuer

            issuer = undo.enter_context(LoginIssuer())
        home = OfflineHome(
            server.base_url,
            path=codex_home,
            model=model,
            config={**(issuer.settings if issuer else {}), **(config or {})},
            needs_account=needs_account,
        )
        undo.pop_all()
    return Offline(server, home, issuer)


def _server(script: Script) -> ScriptedModel:
    from .model import ScriptedModel

    return ScriptedModel(script)


def _script(script: Script | Mapping[str, Any] | str | Path | None) -> Script:
    if script is None:
        return Script.named("quickstart")
    if isinstance(script, Script):
        return script
    if isinstance(script, Mapping):
        return Script.from_dict(script)
    if isinstance(script, str) and not script.endswith(".json"):
        return Script.named(script)
    return Script.load(script)


def __getattr__(name: str) -> Any:
    """The servers, imported when they are first asked for."""
    if name == "ScriptedModel":
        from .model import ScriptedModel

        return ScriptedModel
    if name == "LoginIssuer":
        from .issuer import LoginIssuer

        return LoginIssuer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
