"""Signing in through a session: attempts that any thread or loop may hold, keys, and who is signed in.

At most one attempt is open in this process: starting another ends the first, whichever session it belongs to. Waiting
is waiting for one future on the session's loop; who gives up waiting leaves nothing behind. Addresses, codes and keys
are in no repr and in no message. What the runtime says and means is ``runtime.sign_in``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from codex_jupyter import agent_code
from codex_jupyter.errors import BusyError, CodexJupyterError, UserError
from codex_jupyter.session import terminal
from codex_jupyter.session.credentials import KERNEL_KEYS

if TYPE_CHECKING:
    from codex_jupyter.core.events import Limits
    from codex_jupyter.runtime.account import Account
    from codex_jupyter.runtime.client import Launch, Runtime
    from codex_jupyter.runtime.sign_in import Attempt, Outcome
    from codex_jupyter.session.supplier import RuntimeHolder

T = TypeVar("T")

#: ``browser``: by an address to open. ``device``: by a code to type on another device.
Way = Literal["browser", "device"]
#: ``kernel``: in the memory of this kernel's runtimes only. ``machine``: in the runtime's own file.
Keep = Literal["kernel", "machine"]

#: Seconds between two looks of a waiting coroutine, so that an interrupt of an async cell gets through.
LOOK = 0.2

#: ipykernel's, which is not imported here.
_NO_STDIN = "StdinNotImplementedError"

PASTE = "Paste the address the browser ended on (hidden): "
KEY = "API key (hidden): "


@dataclass(frozen=True, slots=True)
class Standing:
    """Who is signed in, as far as a session's runtime knows.

    ``kept`` is ``"kernel"`` for a key that only this kernel holds, else ``"machine"``; ``file`` is where the machine's
    sign-in lies if ``store`` is ``file`` (others: ``keyring``, ``auto``, ``ephemeral``). ``limits`` is None where there
    are none to read.
    """

    account: Account
    kept: Keep
    file: str
    limits: Limits | None = None
    store: str = "file"

    @property
    def machine_place(self) -> str:
        """Where the machine's sign-in is kept, in words that go behind *kept in*."""
        if self.store == "keyring":
            return "this machine's keyring"
        if self.store == "auto" and not Path(self.file).exists():
            return f"this machine's keyring, or {self.file} where there is none"
        if self.store == "ephemeral":
            return "Codex's memory, as configured: it is gone with its runtime"
        return self.file

    def __str__(self) -> str:
        who = self.account
        if not who.kind:
            return "Not signed in." if who.needed else "No account is needed here."
        if who.kind == "apiKey":
            kernel = self.kept == "kernel"
            where = "for this kernel only" if kernel else f"kept in {self.machine_place}"
            return f"Signed in with an API key, {where}."
        plan = f", plan {who.plan}" if who.plan else ""
        return f"Signed in with ChatGPT as {who.email or 'an unnamed account'}{plan}."


class LoginAttempt:
    """One sign-in on its way. Made by ``await session.start_login()``; usable from any loop.

    Its repr hides the address and the code.

    Example:
        attempt = await session.start_login()
        await attempt.finish()          # asks for the address in a hidden field
    """

    def __init__(self, signing_in: SigningIn, attempt: Attempt) -> None:
        self._signing_in = signing_in
        self._attempt = attempt
        self._over: asyncio.Task[Standing] = asyncio.ensure_future(signing_in.follow(attempt))
        self._over.add_done_callback(lambda task: task.cancelled() or task.exception())

    def __repr__(self) -> str:
        state = self.outcome.code if self.outcome else "open"
        return f"<sign-in by {self.way}: {state}>"

    @property
    def way(self) -> Way:
        """browser or device."""
        return "device" if self._attempt.way == "device" else "browser"

    @property
    def url(self) -> str:
        """The address to open, ``""`` once it is over. It lets whoever opens it sign in: show it to nobody else."""
        return self._attempt.url

    @property
    def user_code(self) -> str:
        """What is typed there (device), else ``""``."""
        return self._attempt.user_code

    @property
    def expires_at(self) -> float | None:
        """Epoch seconds after which the code is void (device), else None."""
        return self._attempt.expires_at

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, or None while it is open."""
        return self._attempt.outcome

    async def wait(self) -> Standing:
        """Wait until somebody has signed in.

        Raises:
            SignInError: it ended otherwise; the text says how and what to do next.
        """
        return await self._signing_in.hop(self._wait())

    async def finish(self, callback_url: str | None = None) -> Standing:
        """Complete a browser sign-in whose browser could not reach this machine.

        Args:
            callback_url: the address that the browser ended on; None asks for it in a hidden field. One that is
                written into a cell stays there, a spent one-time code.

        Raises:
            CallbackError: the address is not of this attempt; the attempt goes on.
            SignInError: the sign-in failed.
            UserError: nobody can be asked here.
        """
        if callback_url is None:
            if self.way == "device":
                return await self.wait()
            callback_url = ask_hidden(PASTE)
        return await self._signing_in.hop(self._finish(callback_url))

    async def cancel(self) -> None:
        """Give it up; an account from before stays. Harmless when it is over."""
        from codex_jupyter.runtime.sign_in import CANCELLED

        await self._signing_in.hop(self.end(CANCELLED))

    # On the session's loop ---------------------------------------------------------------------------------------

    async def end(self, because: Outcome) -> None:
        """End it, and say why."""
        await self._attempt.cancel(because)
        await asyncio.wait([self._over])

    async def _wait(self) -> Standing:
        return await asyncio.shield(self._over)

    async def _finish(self, callback_url: str) -> Standing:
        try:
            await self._attempt.finish(callback_url)
        except TimeoutError:
            raise UserError(
                "The sign-in took the address, but has not answered yet.",
                "Wait a moment, then look with %codex account.",
            ) from None
        return await self._wait()


class SigningIn:
    """Everything about accounts that a session can do. All coroutines may be awaited on any loop.

    Args:
        engine: of the session.
    """

    #: The attempt that is open in this process, whichever session it belongs to.
    current: LoginAttempt | None = None

    def __init__(self, engine: RuntimeHolder) -> None:
        self._engine = engine

    async def hop(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run on the session's loop, from any; giving up here gives up there."""
        future = asyncio.wrap_future(self._engine.thread.submit(coroutine))
        try:
            while not future.done():
                await asyncio.wait([future], timeout=LOOK)
        except asyncio.CancelledError:
            future.cancel()
            raise
        return future.result()

    async def start(self, way: Way = "browser") -> LoginAttempt:
        """Begin a sign-in. One that is open in this process ends as superseded.

        Raises:
            SignInError: it cannot begin; the text says why and what to do instead.
            BusyError: a turn runs with the kernel's own key.
            RuntimeFailedError: the runtime could not be started.
        """
        agent_code.refuse("sign in or out")
        before = SigningIn.current
        if before is not None and before.outcome is None and before._signing_in is not self:
            from codex_jupyter.runtime.sign_in import SUPERSEDED

            await before._signing_in.hop(before.end(SUPERSEDED))
        attempt = await self.hop(self._start(way))
        SigningIn.current = attempt
        return attempt

    async def use_key(self, key: str, keep: Keep = "kernel") -> Standing:
        """Work with an API key from the next turn on. The runtime does not check it.

        Args:
            key: the key.
            keep: ``"kernel"``: all sessions of this kernel, until it ends; ``"machine"``: in the runtime's file.

        Raises:
            SignInError: this is no key.
            BusyError: ``machine``, while a turn runs with the kernel's own key.
            RuntimeFailedError: the runtime could not be started.
        """
        agent_code.refuse("sign in or out")
        return await self.hop(self._use_key(key, keep))

    async def standing(self, *, refresh: bool = False, limits: bool = False) -> Standing:
        """Who is signed in, and what is left.

        Args:
            refresh: have the runtime fetch a new token first.
            limits: ask for the limits, too.

        Raises:
            UserError: the refresh was refused.
            RuntimeFailedError: the runtime could not be started.
        """
        return await self.hop(self._standing(refresh, limits))

    async def logout(self) -> Standing:
        """Forget the kernel's own key, or else the machine's account. Returns who is signed in then."""
        agent_code.refuse("sign in or out")
        return await self.hop(self._logout())

    # On the session's loop ---------------------------------------------------------------------------------------

    @property
    def _launch(self) -> Launch:
        from codex_jupyter.runtime.client import Launch

        return self._engine.supplier.launch or Launch()

    async def _start(self, way: Way) -> LoginAttempt:
        await self._machine_runtime()
        sign_in = self._engine.supplier.sign_in
        assert sign_in is not None
        try:
            begun = await (sign_in.by_device() if way == "device" else sign_in.by_browser())
        except BaseException:
            self._restore()
            raise
        return LoginAttempt(self, begun)

    def _restore(self) -> None:
        """The kernel's own key holds again, unless somebody still signs in for the machine."""
        if not self._engine.supplier.signing_in:
            self._engine.supplier.credentials.aside = False

    async def _machine_runtime(self) -> Runtime:
        """A runtime that keeps a sign-in for the machine; the kernel's own key is put aside for it."""
        engine = self._engine
        engine.supplier.credentials.aside = True
        try:
            runtime = await engine.ensure_runtime()
            signing_in = engine.supplier.signing_in
            if (
                not signing_in
                and engine.busy
                and engine.supplier.credentials.other_account(self._launch)
            ):
                raise BusyError(
                    "A turn is running with another account than this machine's.",
                    "Sign in when it has ended, or stop it: %codex /stop.",
                )
        except BaseException:  # it did not start, or the person gave up waiting for it
            self._restore()
            raise
        return runtime

    async def follow(self, attempt: Attempt) -> Standing:
        """Wait for the end of an attempt, and see to what follows from it."""
        from codex_jupyter.runtime.sign_in import SignInError

        outcome = await attempt.wait()
        self._restore()
        if not outcome.success:
            raise SignInError(outcome)
        KERNEL_KEYS.drop(self._launch.codex_home)
        self._engine.supplier.credentials.settle(self._launch)
        return await self._standing(False, False)

    async def _use_key(self, key: str, keep: Keep) -> Standing:
        from codex_jupyter.runtime.account import Account
        from codex_jupyter.runtime.sign_in import SUPERSEDED, clean_key

        key, engine, home = clean_key(key), self._engine, self._launch.codex_home
        KERNEL_KEYS.see(key)
        if SigningIn.current is not None and SigningIn.current.outcome is None:
            before = SigningIn.current
            await before._signing_in.hop(before.end(SUPERSEDED))
        if keep == "machine":
            await self._machine_runtime()
            assert engine.supplier.sign_in is not None
            try:
                await engine.supplier.sign_in.by_api_key(key)
                KERNEL_KEYS.drop(home)
            finally:
                engine.supplier.credentials.aside = False
            engine.supplier.credentials.settle(self._launch)
        else:
            KERNEL_KEYS.hold(home, key)
            engine.supplier.credentials.aside = False
            if engine.busy:  # the turn that runs goes on as it began; the next one uses the key
                return await self._describe(Account(kind="apiKey"), None)
        return await self._standing(False, False)

    async def _standing(self, refresh: bool, limits: bool) -> Standing:
        from codex_jupyter.runtime.api import Api
        from codex_jupyter.runtime.failures import RuntimeRequestError

        api = Api(await self._engine.ensure_runtime())
        try:
            account = await api.read_account(refresh=refresh)
        except RuntimeRequestError:
            raise UserError(
                "The sign-in could not be refreshed.", "Sign in again: %codex login."
            ) from None
        left = await api.read_limits() if limits and account.kind else None
        return await self._describe(account, left)

    async def _describe(self, account: Account, limits: Limits | None) -> Standing:
        from codex_jupyter.runtime.account import auth_file, store_of, written_store
        from codex_jupyter.runtime.api import Api

        home, runtime = self._launch.codex_home, self._engine.runtime
        kept: Keep = "kernel" if KERNEL_KEYS.of(home) else "machine"
        # A runtime that holds the kernel's key was told to write nothing: ask what is written instead.
        if kept == "machine" and runtime is not None:
            store = store_of(await Api(runtime).read_config())
        else:
            store = written_store(home)
        return Standing(account, kept, str(auth_file(home)), limits, store)

    async def _logout(self) -> Standing:
        if not KERNEL_KEYS.drop(self._launch.codex_home):
            await (await self._engine.api()).logout()
            self._engine.supplier.credentials.settle(self._launch)
        return await self._standing(False, False)


def ask_hidden(prompt: str) -> str:
    """Ask the person in a field that shows only dots, so that nothing of it is saved.

    Raises:
        UserError: nobody can be asked here, or the field was closed.
    """
    import getpass

    try:
        # A kernel puts its own in the place of Python's, which takes the next line of a script for an answer.
        if getattr(getpass.getpass, "__module__", "") != "getpass":
            return getpass.getpass(prompt)
        return terminal.line(prompt, secret=True)
    except (EOFError, OSError):
        pass
    except Exception as error:
        if type(error).__name__ != _NO_STDIN:
            raise
    raise UserError("Nobody is here to answer.", "Run this in a notebook, a console or a terminal.")


def failure_of(error: BaseException) -> tuple[str, str]:
    """What happened and what to do next, for an error of any coroutine here. Never contains a secret."""
    if isinstance(error, CodexJupyterError):
        return error.message, error.hint
    return f"Unexpected: {type(error).__name__}.", "Start again with %codex login."
