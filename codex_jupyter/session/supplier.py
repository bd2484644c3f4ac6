"""The runtime of a session: started when first needed, and anew when it died or the account changed. On the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from codex_jupyter.errors import NotSignedInError, RuntimeFailedError
from codex_jupyter.session.credentials import Credentials
from codex_jupyter.trusted_imports import before_turn, import_early

if TYPE_CHECKING:
    from codex_jupyter.runtime.api import Api
    from codex_jupyter.runtime.client import Launch, Runtime
    from codex_jupyter.runtime.probe import Verdict
    from codex_jupyter.runtime.sign_in import SignIn
    from codex_jupyter.runtime.transport import Transport
    from codex_jupyter.session.loop import LoopThread


@dataclass(frozen=True, slots=True)
class Ready:
    """A runtime that is ready for a turn.

    ``environment`` names the variables that its commands see although they look secret; ``sandbox_reason`` says why the
    sandbox does not work on this machine.
    """

    transport: Transport
    codex_home: str | None = None
    sandbox_works: bool = True
    sandbox_reason: str = ""
    environment: tuple[str, ...] = ()


class RuntimeSupplier:
    """Holds the one runtime, how it is to be launched, and what it was launched with.

    Attributes:
        launch: how the next runtime is started, or None: as the SDK would.
        runtime: the runtime, or None while none was needed; it may have ended.
        sign_in: the sign-ins of the runtime that runs.
        sandbox: whether the runtime's sandbox works on this machine, once it was tried.
        credentials: what the runtime is signed in with.
        environment: names of variables that the running runtime was started to show to commands.
    """

    def __init__(
        self, receive: Callable[[list[Any]], None], clean: Callable[[str], str] | None = None
    ) -> None:
        """``clean`` takes secrets out of what a runtime says when it refuses or cannot start."""
        self.launch: Launch | None = None
        self.runtime: Runtime | None = None
        self.sign_in: SignIn | None = None
        self.sandbox: Verdict | None = None
        self.credentials = Credentials()
        self.environment: tuple[str, ...] = ()
        self._ready = False  # the runtime was started to the end and has what it needs
        self._closed = 0  # how often; a runtime that was starting then is not wanted any more
        self._receive = receive
        self._clean = clean
        self._starting = asyncio.Lock()

    async def ensure(
        self, busy: Callable[[], bool], environment: tuple[str, ...] | None = None
    ) -> Runtime:
        """The running runtime, started if need be; never exchanged while ``busy``.

        Args:
            busy: whether something runs on the runtime that would end with it.
            environment: names of variables that its commands may see, beside those of ``launch``; None: as they are.

        Raises:
            RuntimeFailedError: it could not be started; the text says why.
            SignInError: it did not take the key that this kernel holds.
        """
        from codex_jupyter.runtime.client import Launch

        async with self._starting:
            launch = self.launch or Launch()
            wanted = self.environment if environment is None else environment
            if self._ready and self.runtime is not None and self.runtime.alive:
                same = wanted == self.environment and not self.credentials.outdated(launch)
                if same or busy():
                    return self.runtime
            self._ready = False
            while True:
                if self.runtime is not None:
                    await self.runtime.close()
                started = await self._start(launch, wanted)
                if not self.credentials.outdated(launch):  # nothing changed while it started
                    break
            await self.credentials.supply(started)
            self._ready = True
            return started

    async def _start(self, launch: Launch, environment: tuple[str, ...]) -> Runtime:
        from codex_jupyter.runtime.api import Api
        from codex_jupyter.runtime.client import Runtime
        from codex_jupyter.runtime.probe import sandbox_works
        from codex_jupyter.runtime.sign_in import SignIn

        before_turn()
        early = asyncio.ensure_future(asyncio.to_thread(import_early))
        self.environment = environment
        allowed = (*launch.allowed_env, *environment)
        wanted = replace(self.credentials.prepare(launch), allowed_env=allowed)
        verdict = asyncio.ensure_future(sandbox_works(launch))
        # Held from the moment it runs: who gives up here leaves it to be ended by the next one.
        closed = self._closed
        started = await Runtime.start(wanted, on_batch=self._receive, clean=self._clean)
        await early
        if closed != self._closed:
            await started.close()
            raise RuntimeFailedError("The session was closed while its runtime started.")
        self.runtime = started
        self.sign_in = SignIn(Api(started))
        self.sandbox = await verdict
        return started

    async def prepare(self, busy: Callable[[], bool], environment: tuple[str, ...]) -> Ready:
        """``ensure`` for a turn, with what the turn has to know of the runtime."""
        runtime = await self.ensure(busy, environment)
        launch, verdict = self.launch, self.sandbox
        return Ready(
            runtime,
            codex_home=launch.codex_home if launch else None,
            sandbox_works=verdict is None or verdict.works,
            sandbox_reason=verdict.reason if verdict else "",
            environment=self.environment,
        )

    async def require_account(self, transport: Transport) -> None:
        """See that a runtime has the account that it needs.

        Raises:
            NotSignedInError: it has none; nothing was sent.
        """
        from codex_jupyter.runtime.api import Api

        if (await Api(transport).read_account()).missing:
            raise NotSignedInError(
                "Not signed in. Nothing was sent.",
                "Sign in with %codex login, then run this cell again.",
            )

    @property
    def signing_in(self) -> bool:
        """Whether somebody signs in through this runtime now."""
        return self.sign_in is not None and self.sign_in.current is not None

    def account_changed(self, arrival: Any) -> None:
        """The runtime itself signed somebody in or out, or is gone: no reason to start it anew."""
        from codex_jupyter.runtime.client import Launch

        self.credentials.settle(self.launch or Launch())
        if self.sign_in is not None:
            self.sign_in.hear(arrival)

    async def close(self) -> None:
        """End the runtime, also one that is still starting, once it has."""
        self._closed += 1
        runtime, self.runtime = self.runtime, None
        if runtime is not None:
            await runtime.close()


class RuntimeHolder(Protocol):
    """Who holds a session's runtime: its engine, as signing in sees it."""

    thread: LoopThread
    supplier: RuntimeSupplier

    @property
    def runtime(self) -> Runtime | None:
        """The runtime, or None while none was needed."""
        ...

    @property
    def busy(self) -> bool:
        """Whether the runtime cannot be exchanged now."""
        ...

    async def ensure_runtime(self) -> Runtime:
        """The running runtime, started if need be."""
        ...

    async def api(self) -> Api:
        """Its methods."""
        ...
