"""One conversation: its id, what it was started with, what the runtime said it defaults to, and who is next.

Turn options stick in the runtime (measured), so every ``turn/start`` carries the whole effective set, computed here
from the settings of the turn and the defaults of the thread. Used on the session's loop only.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codex_jupyter.core.turn import Turn, TurnSettings
from codex_jupyter.errors import OptionError
from codex_jupyter.offline.home import LABEL, PROVIDER

if TYPE_CHECKING:
    from codex_jupyter.runtime.client import Runtime
    from codex_jupyter.session.presentation import Workbench
    from codex_jupyter.settings import Settings

#: In the header of a resumed thread, until a call shows that it has the notebook's tools: they are frozen where it began.
UNKNOWN_TOOLS = "no notebook tools if it began elsewhere: --new has them"


class Thread:
    """A conversation by the name it has in this kernel.

    Attributes:
        name: the name in this session (``"main"`` unless the user named one).
        id: the runtime's thread id, ``""`` before the first turn.
        loaded: False until the running runtime has this thread open (it must be resumed after a restart).
        begun: whether a turn of it is known to have begun; until then the runtime keeps nothing that could be resumed.
        lock: turns of one thread run one after the other.
        has_tools: whether it began with the notebook's tools; None for a resumed one, until it calls one.
        chosen: settings that hold for the thread until changed (``/model``, ``/sandbox``, ...).
    """

    def __init__(self, name: str, thread_id: str = "") -> None:
        self.name = name
        self.id = thread_id
        self.loaded = False
        self.begun = bool(thread_id)
        self.lock = asyncio.Lock()
        self.chosen: dict[str, Any] = {}
        self.notes: tuple[str, ...] = ()
        self.told_full_access = False
        self._config: dict[str, Any] = {}
        self._defaults: dict[str, Any] = {}
        self.has_tools: bool | None = None if thread_id else True

    async def ensure(
        self,
        runtime: Runtime,
        settings: Settings,
        workbench: Workbench | None,
        codex_home: str | None,
    ) -> None:
        """Start the thread, or resume it in a new runtime with what resuming loses.

        Args:
            runtime: the running runtime.
            settings: of the turn that is about to run.
            workbench: whose tools and instructions a new thread gets.
            codex_home: where a profile is looked for; None for the user's own.

        Raises:
            OptionError: ``-c`` was given in the middle of a thread, where it cannot take effect.
        """
        from codex_jupyter.runtime import threads
        from codex_jupyter.runtime.failures import RuntimeRequestError

        if self.id and self.loaded:
            if settings.config and settings.config != self._config:
                raise OptionError(
                    "-c takes effect when a thread starts, and this one has begun.",
                    "Add --new to start afresh with it.",
                )
            return
        response = None
        if self.id:
            params = threads.resume_params(
                self.id, settings, config=self._config, codex_home=codex_home
            )
            try:
                response = await runtime.request("thread/resume", params, timeout=60)
            except RuntimeRequestError:
                if self.begun:
                    raise
            else:
                if workbench is None:
                    self.has_tools = False
        if response is None:
            self._config = dict(settings.config)
            params = threads.start_params(
                settings,
                tools=workbench.tools() if workbench else [],
                instructions=workbench.instructions() if workbench else "",
                codex_home=codex_home,
            )
            response = await runtime.request("thread/start", params, timeout=60)
            self.has_tools = workbench is not None
        self.id = response["thread"]["id"]
        runtime.own_thread(self.id)
        config = await runtime.request("config/read", {"cwd": response["cwd"]}, timeout=60)
        self._defaults = threads.with_workspace(response, config)
        self.loaded = True

    @property
    def _offline(self) -> str:
        """The offline model's label where this thread runs on it, whoever configured that."""
        return LABEL if self._defaults.get("modelProvider") == PROVIDER else ""

    def branch(self, name: str, runtime: Runtime, response: dict[str, Any]) -> Thread:
        """The thread that ``thread/fork`` answered with, under a name of its own."""
        thread = Thread(name, response["thread"]["id"])
        thread.chosen, thread.has_tools = dict(self.chosen), self.has_tools
        thread._config, thread._defaults = dict(self._config), {**self._defaults, **response}
        thread.loaded = True
        runtime.own_thread(thread.id)
        return thread

    def opening(
        self,
        settings: Settings,
        prompt: str,
        work: dict[str, Any],
        *,
        sandbox_works: bool = True,
    ) -> tuple[str, dict[str, Any]]:
        """The method and parameters that begin a turn: a prompt's, a review's or a summary's.

        ``turn/start`` carries the whole effective set; ``work`` may hold the target of a ``review`` or ask to
        ``compact`` instead.
        """
        from codex_jupyter.runtime import threads

        if "review" in work:
            return "review/start", {"threadId": self.id, "target": work["review"]}
        if work.get("compact"):
            return "thread/compact/start", {"threadId": self.id}
        return "turn/start", threads.turn_params(
            self.id, self._defaults, settings, prompt, sandbox_works=sandbox_works, **work
        )

    def adopt(
        self, turn: Turn, settings: Settings, offline: str, *, sandbox_works: bool = True
    ) -> Turn:
        """The turn with its thread and its header filled in, now that both are known."""
        from codex_jupyter.runtime import threads

        effective = threads.effective(self._defaults, settings, sandbox_works=sandbox_works)
        return replace(
            turn,
            thread_id=self.id,
            settings=TurnSettings(
                model=effective.model,
                effort=effective.effort,
                sandbox=effective.sandbox,
                cwd=effective.cwd,
                home=str(Path.home()),
                approval=settings.approval,
                kernel="off" if self.has_tools is False else settings.kernel,
                thread_name="" if self.name == "main" else self.name,
                offline=offline or self._offline,
                notes=self.notes + ((UNKNOWN_TOOLS,) if self.has_tools is None else ()),
            ),
        )
