"""One conversation: its id, what holds in it by default, what the runtime says it is set to, and who is next.

A conversation rests between turns (``core.rights.resting``): what a turn may do beyond that is lent to it, and taken
back as soon as the turn has begun, which leaves the turn itself alone (measured). So neither the SDK nor another front
end nor a later turn without options inherits anything. Used on the session's loop only.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from codex_jupyter import agent_code
from codex_jupyter.core import rights as rules
from codex_jupyter.core.events import Event, TurnCompleted
from codex_jupyter.core.json_fields import table
from codex_jupyter.core.rights import Defaults, Echo, Rights
from codex_jupyter.core.turn import TurnSettings
from codex_jupyter.errors import ConversationLostError, OptionError, RuntimeFailedError
from codex_jupyter.offline.home import LABEL, PROVIDER
from codex_jupyter.session import notebook_tools
from codex_jupyter.session.loop import PerLoop
from codex_jupyter.session.recap import STEP, Recap, lost_because, refuse_while_held
from codex_jupyter.session.turn_line import TurnLine
from codex_jupyter.trusted_imports import distrust, distrust_directly_in

if TYPE_CHECKING:
    from codex_jupyter.runtime.api import Api
    from codex_jupyter.runtime.threads import Model
    from codex_jupyter.runtime.transport import Transport
    from codex_jupyter.session.notebook_tools import Offer
    from codex_jupyter.settings import Settings

#: Seconds that the runtime gets to say that it took what a turn may do.
CONFIRMED_IN = 20.0


class Thread:
    """A conversation by the name it has in this kernel.

    Attributes:
        name: the name in this session (``"main"`` unless the user named one).
        line: whose turn it is.
        id: the runtime's thread id, ``""`` before the first turn.
        begun: whether a turn of it is known to have begun; until then the runtime keeps nothing that could be resumed.
        has_tools: whether it began with the notebook's tools; None for a resumed one of which nothing says so, until it
            calls one.
        stale_error: what a turn that never began failed with; the runtime says it once more at the end of the next one.
        lost: whether the runtime has lost what was said under this name; until a turn of the new conversation has begun.
        recap: what this kernel holds of it.
        ephemeral: whether the runtime keeps nothing of it that could be resumed.
        provider: the model provider that it runs on, ``""`` before it was opened.
        model: the model and effort of a turn that names none; None before it was opened.
    """

    def __init__(self, name: str, thread_id: str = "") -> None:
        self.name = name
        self.id = thread_id
        self.begun = bool(thread_id)
        self.line = TurnLine()
        self._chosen: dict[str, Any] = {}
        self.notes: tuple[str, ...] = ()
        self.warned_of_full_access = False
        self.told_of_sandbox = ""
        self.stale_error = ""
        self.lost = False
        self.ephemeral = False
        self.recap = Recap()
        self.has_tools: bool | None = None if thread_id else True
        self._offered = False
        self.provider = ""
        self.model: Model | None = None
        self._config: dict[str, Any] = {}
        self._defaults: Defaults | None = None
        self._opened_in: Transport | None = None
        self._echo: Echo | None = None
        self._echo_changed = PerLoop(asyncio.Event)
        self._rest: tuple[Rights, Model] | None = (
            None  # what has to be taken back to, while something is lent
        )

    @property
    def lock(self) -> asyncio.Lock:
        """Turns of one thread run one after the other."""
        return self.line.lock

    @property
    def chosen(self) -> Mapping[str, Any]:
        """Settings that hold for the conversation until changed (``/model``, ``/sandbox``, ...)."""
        return MappingProxyType(self._chosen)

    def choose(self, settings: Mapping[str, Any]) -> None:
        """Have these settings hold from the next turn on. Raises ``UserError``: the calling code is one that Codex runs."""
        agent_code.refuse("change a setting")
        self._chosen.update(settings)

    # --- opening ------------------------------------------------------------------------------------------------------

    async def open(
        self,
        transport: Transport,
        settings: Settings,
        offer: Offer | None,
        codex_home: str | None,
    ) -> None:
        """Start the thread, or resume it in a new runtime with what resuming loses. It rests when it is open.

        Args:
            transport: the running runtime.
            settings: of the turn that is about to run.
            offer: whose tools and instructions a new thread gets.
            codex_home: where a profile is looked for; None for the user's own.

        Raises:
            OptionError: ``-c`` was given in the middle of a thread, where it cannot take effect.
            BusyError: another program holds what the runtime has to read.
        """
        from codex_jupyter.runtime import threads, wire_rights
        from codex_jupyter.runtime.api import Api
        from codex_jupyter.runtime.failures import RuntimeRequestError
        from codex_jupyter.runtime.history import thread_of

        self._offered = offer is not None
        if self.id and self._opened_in is transport:
            if settings.config and settings.config != self._config:
                raise OptionError(
                    "-c takes effect when a conversation starts, and this one has begun.",
                    "Add --new to start afresh with it.",
                )
            return
        api, response, layers = Api(transport), None, {}
        if self.id:
            params = threads.resume_params(
                self.id, settings, config=self._config, codex_home=codex_home
            )
            layers = await outvote_projects(api, params)
            try:
                response = await api.resume_thread(params)
            except RuntimeRequestError as error:
                if self.begun and (why := lost_because(error.message)):
                    await refuse_while_held(codex_home)  # it is not lost then
                    self.id, self.begun, self.lost = "", False, True
                    raise ConversationLostError(why, STEP) from None
                if self.begun:
                    raise
            else:
                if offer is None or self.has_tools is None:
                    stored = thread_of(response["thread"])
                    self.has_tools = await asyncio.to_thread(notebook_tools.known, stored, offer)
        resumed = response is not None
        if response is None:
            self._config, self._defaults, self.model = dict(settings.config), None, None
            params = threads.start_params(
                settings,
                tools=offer.tools() if offer else [],
                instructions=offer.instructions() if offer else "",
                codex_home=codex_home,
            )
            layers = await outvote_projects(api, params)
            params = threads.with_the_users_instructions(params, table(layers.get("config")))
            response = await api.start_thread(params)
            self.has_tools = offer is not None
        self.id = response["thread"]["id"]
        transport.own_thread(self.id)
        self.hear(wire_rights.echo_of(response))
        self.ephemeral = response["thread"].get("ephemeral") is True
        self.provider = str(response.get("modelProvider") or "")
        if self.model is None:
            self.model = threads.model_of(response)
        if self._defaults is None:
            home = codex_home or threads.default_codex_home()
            given = threads.configuration(settings, settings.config, codex_home)
            defaults = wire_rights.defaults_of(
                response,
                layers,
                full_access_named=wire_rights.names_full_access(given, home),
                chosen=given,
            )
            self._defaults = defaults.of_a_stranger() if resumed else defaults
        self._opened_in = transport

    def branch(self, name: str, transport: Transport, response: dict[str, Any]) -> Thread:
        """The thread that a fork answered with, under a name of its own; it rests as this one does."""
        from codex_jupyter.runtime import wire_rights

        thread = Thread(name, response["thread"]["id"])
        thread._chosen, thread.has_tools = dict(self._chosen), self.has_tools
        thread._offered = self._offered
        thread._config, thread._defaults = dict(self._config), self._defaults
        thread.model, thread.provider = self.model, self.provider
        thread._opened_in = transport if self._defaults is not None else None
        thread.hear(wire_rights.echo_of(response))
        transport.own_thread(thread.id)
        return thread

    @property
    def opened(self) -> bool:
        """Whether the runtime has said what holds in it by default."""
        return self._defaults is not None

    def meant(self, event: Event, *, failed: bool) -> Event:
        """The event as it is meant: the error of a turn that never began is not that of the next one (tested).

        ``failed``: the turn it is for has an error of its own.
        """
        if not isinstance(event, TurnCompleted) or not self.stale_error:
            return event
        stale, self.stale_error = self.stale_error, ""
        if event.status == "failed" and event.message == stale and not failed:
            return replace(event, status="completed", message="", code="", detail="")
        return event

    @property
    def untold(self) -> str:
        """What this kernel holds of what the runtime has lost, for the first turn after it."""
        return self.recap.text if self.lost else ""

    @property
    def opened_in(self) -> Transport | None:
        """The runtime that has it open, as far as is known."""
        return self._opened_in

    def unload(self) -> None:
        """The runtime let go of the thread (it was archived, closed or deleted): the next turn opens it again."""
        self._opened_in = None

    # --- what a turn may do -------------------------------------------------------------------------------------------

    def rights(
        self,
        settings: Settings,
        *,
        sandbox_works: bool = True,
        sandbox_confirmed: bool = True,
        environment: tuple[str, ...] = (),
    ) -> Rights:
        """What a turn with these settings may do.

        Args:
            settings: of the turn.
            sandbox_works, sandbox_confirmed: as in ``core.rights.decide``.
            environment: what the running runtime was started to show to commands.
        """
        from codex_jupyter.runtime.threads import folder_of
        from codex_jupyter.runtime.wire_rights import lies_in

        defaults, folder = self._defaults or Defaults(), folder_of(settings)
        return rules.decide(
            defaults,
            folder=folder,
            inside=lies_in(folder, defaults.folder),
            sandbox=settings.sandbox,
            add_folders=tuple(os.path.abspath(folder) for folder in settings.add_dirs),
            sandbox_works=sandbox_works,
            sandbox_confirmed=sandbox_confirmed,
            approval=settings.approval,
            kernel="off" if self.has_tools is False else settings.kernel,
            environment=environment,
        )

    def model_for(self, settings: Settings) -> Model:
        """The model of a turn with these settings."""
        from codex_jupyter.runtime.threads import Model

        own = self.model or Model()
        return Model(settings.model or own.name, settings.effort or own.effort)

    def first_header(self, settings: Settings, offline: str) -> TurnSettings:
        """What the header of a turn says before the runtime has said anything: what was asked for, and no rights yet."""
        return TurnSettings(
            model=settings.model or "",
            effort=settings.effort or "",
            thread_name=self._shown_name,
            offline=offline,
        )

    @property
    def _shown_name(self) -> str:
        return "" if self.name == "main" else self.name

    def header(
        self, rights: Rights, model: Model, offline: str, own: tuple[str, str] = ("", "")
    ) -> TurnSettings:
        """What the header of a turn with these rights says.

        Args:
            rights, model: of the turn.
            offline: the label of the offline model, if it is on.
            own: the version and the path of the user's own executable, if it runs.
        """
        tools = notebook_tools.notes(self.has_tools, self._offered)
        return TurnSettings(
            model=model.name,
            effort=model.effort,
            rights=rights,
            home=str(Path.home()),
            thread_name=self._shown_name,
            offline=offline or (LABEL if self.provider == PROVIDER else ""),
            notes=(*self.notes, *tools, *rights.notes),
            codex=own[0],
            codex_path=own[1],
        )

    async def lend(
        self, transport: Transport, rights: Rights, model: Model, rest: tuple[Rights, Model]
    ) -> None:
        """Set the thread to what the next turn may do, and see that the runtime took it.

        Args:
            transport: the running runtime.
            rights, model: of the turn.
            rest: what ``take_back`` goes back to.

        Raises:
            RuntimeFailedError: it says that it does something else; nothing may be sent then.
        """
        from codex_jupyter.runtime.api import Api
        from codex_jupyter.runtime.wire_rights import rights_params

        _distrust(rights)
        self._rest = None if rest == (rights, model) else rest
        transport.own_thread(self.id, rights_params(rest[0]))
        await Api(transport).set_rights(self.id, rights, model)
        try:
            async with asyncio.timeout(CONFIRMED_IN):
                while wrong := self._difference(rights):
                    self._echo_changed.here.clear()
                    await self._echo_changed.here.wait()
        except TimeoutError:
            raise RuntimeFailedError(
                f"The Codex runtime does not keep to what this turn may do ({wrong}). Nothing was sent.",
                "Another version of Codex may help; %codex /doctor says which one runs.",
            ) from None

    async def take_back(self, transport: Transport) -> None:
        """Let the thread rest again; the turn that runs keeps what it was lent."""
        from codex_jupyter.runtime.api import Api

        if self._rest is not None:
            rights, model = self._rest
            await Api(transport).set_rights(self.id, rights, model)
            self._rest = None

    @property
    def lends(self) -> bool:
        """Whether something was lent and not taken back yet."""
        return self._rest is not None

    def hear(self, echo: Echo) -> None:
        """The runtime says what holds for the thread."""
        self._echo = echo
        self._echo_changed.here.set()

    def _difference(self, rights: Rights) -> str:
        from codex_jupyter.runtime.wire_rights import same_folder

        echo = self._echo
        if echo is None:
            return "it says nothing of it"
        if same_folder(rights.folder, echo.folder):
            echo = replace(echo, folder=rights.folder)
        return rules.difference(rights, echo)


async def outvote_projects(api: Api, params: dict[str, Any]) -> dict[str, Any]:
    """Add to the parameters of a start, a resumption or a fork what keeps the folder's project from widening anything.

    Returns the layers of the configuration for that folder.
    """
    from codex_jupyter.runtime import wire_rights

    layers = await api.read_config_layers(params["cwd"])
    params["config"] = {**params["config"], **wire_rights.outvoting(layers, params["config"])}
    return layers


def _distrust(rights: Rights) -> None:
    """Take no module of ours from where this turn may write from now on, wherever that came from."""
    for folder in (rights.folder, *rights.sandbox.writable):
        if folder:
            distrust(folder)
    if rights.sandbox.kind == "workspace-write":
        if rights.sandbox.slash_tmp:
            distrust_directly_in("/tmp")
        if rights.sandbox.tmpdir:
            distrust_directly_in(os.environ.get("TMPDIR") or "/tmp")
