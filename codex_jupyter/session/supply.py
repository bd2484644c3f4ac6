"""The runtime of a session: started when first needed, and anew when it died or the account changed. On the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from codex_jupyter.errors import RuntimeFailedError
from codex_jupyter.session.credentials import Credentials

if TYPE_CHECKING:
    from codex_jupyter.runtime.client import Launch, Runtime
    from codex_jupyter.runtime.probe import Verdict
    from codex_jupyter.runtime.sign_in import SignIn


class Supply:
    """Holds the one runtime, how it is to be launched, and what it was launched with."""

    def __init__(self, receive: Callable[[list[Any]], None]) -> None:
        self.launch: Launch | None = None
        self.runtime: Runtime | None = None
        self.sign_in: SignIn | None = None
        self.sandbox: Verdict | None = None
        self.credentials = Credentials()
        #: Names of variables that the next runtime's commands may see, beside those of `launch`.
        self.allowed_env: tuple[str, ...] = ()
        self._started_with_env: tuple[str, ...] = ()
        self._ready = False  # the runtime was started to the end and has what it needs
        self._closed = 0  # how often; a runtime that was starting then is not wanted any more
        self._receive = receive
        self._starting = asyncio.Lock()

    async def ensure(self, busy: Callable[[], bool], exchanged: Callable[[], None]) -> Runtime:
        """The running runtime, started if need be; never exchanged while ``busy``.

        Args:
            busy: whether something runs on the runtime that would end with it.
            exchanged: called before another one starts: what the old one had loaded is gone.

        Raises:
            RuntimeFailedError: it could not be started; the text says why.
            SignInError: it did not take the key that this kernel holds.
        """
        from codex_jupyter.runtime.client import Launch

        allowed_env = self.allowed_env  # another turn may ask for others while this one waits
        async with self._starting:
            launch = self.launch or Launch()
            if self._ready and self.runtime is not None and self.runtime.alive:
                same_env = allowed_env == self._started_with_env
                if busy() or (same_env and not self.credentials.outdated(launch)):
                    return self.runtime
            self._ready = False
            while True:
                if self.runtime is not None:
                    await self.runtime.close()
                exchanged()
                started = await self._start(launch, allowed_env)
                if not self.credentials.outdated(launch):  # nothing changed while it started
                    break
            await self.credentials.supply(started)
            self._ready = True
            return started

    async def _start(self, launch: Launch, allowed_env: tuple[str, ...]) -> Runtime:
        from codex_jupyter.runtime.client import Runtime
        from codex_jupyter.runtime.probe import sandbox_works
        from codex_jupyter.runtime.sign_in import SignIn

        self._started_with_env = allowed_env
        allowed = (*launch.allowed_env, *allowed_env)
        wanted = replace(self.credentials.prepare(launch), allowed_env=allowed)
        verdict = asyncio.ensure_future(sandbox_works(launch))
        # Held from the moment it runs: who gives up here leaves it to be ended by the next one.
        closed = self._closed
        started = await Runtime.start(wanted, on_batch=self._receive)
        if closed != self._closed:
            await started.close()
            raise RuntimeFailedError("The session was closed while its runtime started.")
        self.runtime = started
        self.sign_in = SignIn(started)
        self.sandbox = await verdict
        return started

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
