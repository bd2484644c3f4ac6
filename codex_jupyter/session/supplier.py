"""The runtime of a session: started when first needed, and anew when it died or the account changed. On the loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from codex_jupyter import places
from codex_jupyter.core import configuration, system_errors
from codex_jupyter.errors import (
    BusyError,
    ConfigurationError,
    NotSignedInError,
    RuntimeFailedError,
)
from codex_jupyter.session.credentials import Credentials
from codex_jupyter.session.loop import PerLoop
from codex_jupyter.session.remarks import Remarks
from codex_jupyter.trusted_imports import before_turn, import_early

if TYPE_CHECKING:
    from codex_jupyter.core.items import Notice
    from codex_jupyter.runtime.api import Api
    from codex_jupyter.runtime.client import Launch, Runtime
    from codex_jupyter.runtime.probe import Verdict
    from codex_jupyter.runtime.sign_in import SignIn
    from codex_jupyter.runtime.transport import Transport
    from codex_jupyter.session.loop import LoopThread


#: Seconds that a turn waits for a sandbox that did not answer when the runtime started.
AGAIN = 1.0
#: Seconds that a runtime which nobody else uses gets to answer; one that does not is replaced.
ANSWERS_IN = 8.0


@dataclass(frozen=True, slots=True)
class Needs:
    """What a turn needs its runtime to be.

    ``environment`` names the variables that commands may see although they look secret. ``codex_bin`` is the executable, as
    ``runtime.binary.locate`` takes it; None leaves it to ``CODEX_BIN`` and to the launch.
    """

    environment: tuple[str, ...] = ()
    codex_bin: str | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """A runtime that is ready for a turn.

    ``environment`` names the variables that its commands see although they look secret; ``sandbox`` says whether the
    sandbox works on this machine; ``own`` is the version and the path of the user's own executable; ``remarks`` takes what it
    said outside every turn.
    """

    transport: Transport
    codex_home: str | None
    sandbox: Verdict
    environment: tuple[str, ...] = ()
    own: tuple[str, str] = ("", "")
    remarks: Callable[[], tuple[Notice, ...]] = tuple


class RuntimeSupplier:
    """Holds the one runtime, how it is to be launched, and what it was launched with.

    Attributes:
        launch: how the next runtime is started, or None: as the SDK would.
        runtime: the runtime, or None while none was needed; it may have ended.
        sign_in: the sign-ins of the runtime that runs.
        sandbox: whether the runtime's sandbox works on this machine, once it was tried.
        credentials: what the runtime is signed in with.
        needs: what the running runtime was started for.
        usual: what a turn without options would need, for a runtime that is started for something else.
        remarks: what the running runtime said outside every turn.
    """

    def __init__(
        self,
        receive: Callable[[list[Any]], Iterator[None] | None],
        clean: Callable[[str], str] | None = None,
    ) -> None:
        """``clean`` takes secrets out of what a runtime says when it refuses or cannot start."""
        self.launch: Launch | None = None
        self.runtime: Runtime | None = None
        self.sign_in: SignIn | None = None
        self.sandbox: Verdict | None = None
        self.credentials = Credentials()
        self.needs = Needs()
        self.usual: Callable[[], Needs] = Needs
        self.remarks = Remarks()
        self._replaced_for = ""
        self._ready = False  # the runtime was started to the end and has what it needs
        self._closed = 0  # how often; a runtime that was starting then is not wanted any more
        self._receive = receive
        self._clean = clean
        self._starting = PerLoop(asyncio.Lock)

    async def ensure(self, busy: Callable[[], bool], needs: Needs | None = None) -> Runtime:
        """The running runtime, started if need be; never exchanged while ``busy``.

        Args:
            busy: whether something runs on the runtime that would end with it.
            needs: what it has to be, beside what ``launch`` says; None: as it is.

        Raises:
            BusyError: another executable runs, and works.
            RuntimeFailedError: it could not be started; the text says why.
            SignInError: it did not take the key that this kernel holds.
        """
        from codex_jupyter.runtime.client import Launch

        async with self._starting.here:
            launch = self.launch or Launch()
            wanted = self._resolved(needs)
            if self._ready and self.runtime is not None and self.runtime.alive:
                same = wanted == self.needs and not self.credentials.outdated(launch)
                if same and not self.remarks.misconfigured:  # which may be mended by now
                    return self.runtime
                if busy():
                    self._must_be(wanted)
                    return self.runtime
            self._ready = False
            why, self._replaced_for = self._replaced_for or _died_of(self.runtime), ""
            while True:
                if self.runtime is not None:
                    await self.runtime.close()
                started = await self._start(launch, wanted)
                if not self.credentials.outdated(launch):  # nothing changed while it started
                    break
            await self.credentials.supply(started)
            if why:
                self.remarks.say(f"{why} A new one was started.")
            self._ready = True
            return started

    def _resolved(self, needs: Needs | None) -> Needs:
        """What is needed, with the executable that ``CODEX_BIN`` names where the turn names none."""
        if needs is None:
            needs = self.usual() if self.runtime is None else self.needs
        return replace(needs, codex_bin=needs.codex_bin or os.environ.get("CODEX_BIN") or None)

    def _must_be(self, wanted: Needs) -> None:
        """See that a runtime that works, and so is not exchanged, is the executable that is wanted."""
        if wanted.codex_bin != self.needs.codex_bin:
            raise BusyError(
                f"This turn is to run on {wanted.codex_bin or 'the Codex that came with the SDK'}, and work is under way on "
                f"{self.needs.codex_bin or 'the one that came with the SDK'}. Nothing was sent.",
                "Wait for it or stop it, or use another session: codex_jupyter.session(name).",
            )

    async def _start(self, launch: Launch, needs: Needs) -> Runtime:
        from codex_jupyter.runtime.api import Api
        from codex_jupyter.runtime.client import Runtime
        from codex_jupyter.runtime.probe import try_sandbox
        from codex_jupyter.runtime.sign_in import SignIn

        before_turn()
        # What this runtime's commands know as TMPDIR, whatever the kernel sets later.
        places.keep_out_of(os.environ.get("TMPDIR", ""), launch.env.get("TMPDIR", ""))
        early = asyncio.ensure_future(asyncio.to_thread(import_early))
        # To a runtime with a home of its own, as the offline model's has, the user's would look like a project's settings.
        theirs = frozenset({str(Path.home() / ".codex")} if launch.codex_home else ())
        self.needs, self.remarks = needs, Remarks(theirs)
        launch = self._launched(launch)
        allowed = (*launch.allowed_env, *needs.environment)
        wanted = replace(self.credentials.prepare(launch), allowed_env=allowed)
        verdict = asyncio.ensure_future(try_sandbox(launch))
        # Held from the moment it runs: who gives up here leaves it to be ended by the next one.
        closed = self._closed
        started = await Runtime.start(wanted, on_batch=self._receive, clean=self._clean)
        if few := system_errors.few_files(started.files):
            self.remarks.say(f"Codex can fail in odd ways in this kernel: {few[0]}.", few[1])
        await early
        if closed != self._closed:
            await started.close()
            raise RuntimeFailedError("The session was closed while its runtime started.")
        self.runtime = started
        self.sign_in = SignIn(Api(started))
        self.sandbox = await verdict
        return started

    def _launched(self, launch: Launch) -> Launch:
        """A launch of the executable that is needed."""
        binary = self.needs.codex_bin
        return replace(launch, codex_bin=binary) if binary else launch

    async def prepare(
        self, busy: Callable[[], bool], needs: Needs, claim: Callable[[], None]
    ) -> Ready:
        """``ensure`` for a turn, with what the turn has to know of the runtime.

        Args:
            busy, needs: as for ``ensure``.
            claim: says that the turn uses the runtime from now on.

        Raises:
            NotSignedInError, ConfigurationError: see ``require_account``.
            RuntimeTimeoutError: the runtime, which others use too, does not answer.
        """
        from codex_jupyter.runtime.failures import RuntimeTimeoutError

        runtime = await self.ensure(busy, needs)
        alone = not busy()
        claim()
        try:
            await self.require_account(runtime, ANSWERS_IN if alone else None)
        except (RuntimeTimeoutError, RuntimeFailedError) as error:
            late = isinstance(error, RuntimeTimeoutError)
            closed = runtime.ended is not None and runtime.ended.expected
            if (late and not alone) or (not late and closed):
                raise
            late_for = f"The Codex runtime did not answer for {ANSWERS_IN:g} s."
            self._replaced_for = late_for if late else _died_of(runtime) or error.message
            await runtime.close()
            runtime = await self.ensure(lambda: False, needs)
            await self.require_account(runtime)
        launch = self.launch
        return Ready(
            runtime,
            codex_home=launch.codex_home if launch else None,
            sandbox=await self.verdict(),
            environment=self.needs.environment,
            own=runtime.own,
            remarks=self.remarks.take,
        )

    async def verdict(self) -> Verdict:
        """Whether the sandbox works here. What could not be told is asked again, which waits a moment at most."""
        from codex_jupyter.runtime.client import Launch
        from codex_jupyter.runtime.probe import try_sandbox

        if self.sandbox is None or self.sandbox.state == "unknown":
            self.sandbox = await try_sandbox(self._launched(self.launch or Launch()), AGAIN)
        return self.sandbox

    async def require_account(self, transport: Transport, timeout: float | None = None) -> None:
        """See that a runtime has the configuration of the user, and the account that it needs.

        Args:
            transport: the runtime.
            timeout: seconds that it gets to answer.

        Raises:
            ConfigurationError: it goes on with its defaults.
            NotSignedInError: it has no account; nothing was sent.
            RuntimeTimeoutError: it does not answer.
        """
        from codex_jupyter.runtime.api import PATIENCE, Api

        missing = (await Api(transport).read_account(timeout=timeout or PATIENCE)).missing
        if reason := self.remarks.misconfigured:  # it says so before it answers
            raise ConfigurationError(configuration.sentence(reason), configuration.STEP)
        if missing:
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


def _died_of(runtime: Runtime | None) -> str:
    """How a runtime ended by itself, ``""`` where it did not."""
    ended = runtime.ended if runtime is not None else None
    return ended.message if ended is not None and not ended.expected else ""


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
