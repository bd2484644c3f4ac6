"""Signing in: by browser, by device code, by API key. One attempt at a time, as the runtime has it.

Waiting for an attempt is waiting for one future that an arrival resolves: nothing leaks, whoever cancels, times out or
goes away. Addresses, codes and keys are in no repr and in no message.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from codex_jupyter.core.json_fields import text
from codex_jupyter.errors import CodexJupyterError, UserError
from codex_jupyter.runtime.arrivals import LoginCompleted, RuntimeEnded
from codex_jupyter.runtime.callback import Callback, CallbackError
from codex_jupyter.runtime.failures import RuntimeRequestError

if TYPE_CHECKING:
    from codex_jupyter.runtime.api import Api

Way = Literal["browser", "device", "api-key"]

#: Seconds that a device code is good for (observed in the runtime; the wire does not say).
DEVICE_SECONDS = 15 * 60
#: Seconds to start an attempt: two busy ports alone take six.
_START = 30.0
#: Seconds between a cancel and the runtime's word that it is over.
_SETTLE = 3.0
#: Seconds between two looks at the account of a sign-in that succeeded.
_AGAIN = 0.05


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended.

    ``code``: success, cancelled, superseded, taken-over, denied, expired, exchange-failed, network, certificate,
    port-busy, device-disabled, workspace, no-keyring, runtime-ended or failed. ``message`` says it in words, ``hint`` what to try next.
    """

    code: str
    message: str
    hint: str = ""

    @property
    def success(self) -> bool:
        """True when somebody is signed in now."""
        return self.code == "success"


class SignInError(UserError):
    """An attempt could not begin. ``code`` as in ``Outcome``."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.message, outcome.hint)
        self.code = outcome.code


SUCCESS = Outcome("success", "Signed in.")
CANCELLED = Outcome("cancelled", "The sign-in was cancelled.", "Start again with %codex login.")
SUPERSEDED = Outcome(
    "superseded",
    "Another sign-in was started in this kernel, so this one ended.",
    "Go on with the newer one.",
)
TAKEN_OVER = Outcome(
    "taken-over",
    "Another Codex on this machine started its own sign-in, which ended this one.",
    "Finish that one, or start again here with %codex login.",
)
ENDED = Outcome(
    "runtime-ended", "The Codex runtime ended during the sign-in.", "Start again with %codex login."
)

_DEVICE = "Try %codex login --device, or an API key: %codex login --api-key."
#: What the runtime says, in lower case, and what it means.
_MEANINGS: tuple[tuple[tuple[str, ...], Outcome], ...] = (
    (
        ("ca certificate", "certificate verify", "unknownissuer", "invalid peer certificate"),
        Outcome(
            "certificate",
            "The sign-in service's certificate is not trusted here.",
            "Point CODEX_CA_CERTIFICATE at your network's certificate (PEM), then start again.",
        ),
    ),
    (
        ("keyring",),
        Outcome(
            "no-keyring",
            "Codex is told to keep sign-ins in a keyring, and this machine's could not be used.",
            'Set cli_auth_credentials_store = "file" in config.toml, or use a key for this kernel only.',
        ),
    ),
    (
        ("login is restricted to workspace", "must use one of workspace"),
        Outcome(
            "workspace",
            "This account is not of a workspace that may be used here.",
            "Sign in with the account of that workspace.",
        ),
    ),
    (
        ("is already in use", "address in use"),
        Outcome(
            "port-busy",
            "The ports that a browser sign-in needs (1455 and 1457) are taken by other programs.",
            "Close them, or use %codex login --device.",
        ),
    ),
    (
        ("device code login is not enabled",),
        Outcome(
            "device-disabled",
            "Sign-in by device code is switched off for this account or server.",
            "Allow it in ChatGPT's security settings, or use %codex login in the browser.",
        ),
    ),
    (
        ("timed out after 15", "expired"),
        Outcome("expired", "The code has run out.", "Start again for a new one: %codex login."),
    ),
    (
        ("access_denied", "sign-in failed", "denied", "refused by", "refused the"),
        Outcome("denied", "The sign-in was refused.", "Start again and allow it, or use a key."),
    ),
    (
        ("device auth failed with status",),
        Outcome(
            "denied",
            "The code was refused, or it has run out.",
            "Start again for a new one: %codex login --device.",
        ),
    ),
    (
        ("token exchange failed", "failed to exchange", "missing authorization code"),
        Outcome(
            "exchange-failed",
            "The sign-in was allowed, but no key came back for it.",
            "Start again with %codex login; a code works only once.",
        ),
    ),
    (
        (
            "error sending request",
            "connection refused",
            "dns error",
            "failed to connect",
            "network",
            "request failed with status 5",
            "timed out",
        ),
        Outcome(
            "network",
            "The sign-in service could not be reached.",
            "Check the network or the proxy (HTTPS_PROXY), then start again.",
        ),
    ),
)
_ENDED_BY_SOMEBODY = ("login cancelled", "login was not completed", "login canceled")


def explain(error: str) -> Outcome:
    """What the runtime's own words for a failed sign-in mean. They are not repeated: they may hold an address.

    Example:
        >>> explain("Login server error: Login cancelled").code
        'taken-over'
    """
    words = error.lower()
    if any(needle in words for needle in _ENDED_BY_SOMEBODY):
        return TAKEN_OVER
    for needles, outcome in _MEANINGS:
        if any(needle in words for needle in needles):
            return outcome
    return Outcome("failed", "The sign-in failed.", _DEVICE)


def clean_key(key: str) -> str:
    """The key without the blanks around it.

    Raises:
        SignInError: it is empty or no key; the text does not contain it.
    """
    key = key.strip()
    if not key or any(c.isspace() for c in key):
        message = "This is not a key." if key else "The key is empty."
        raise SignInError(Outcome("failed", message, "Nothing was changed. Try again."))
    return key


class Attempt:
    """One sign-in on its way. Made by ``SignIn``; used on its loop.

    Attributes:
        way: browser or device.
        url: the address a person opens.
        user_code: what a person types there (device), else ``""``.
        expires_at: epoch seconds after which the code is void (device), else None.
        outcome: how it ended, or None while it is open.
    """

    def __init__(self, owner: SignIn, way: Way, login_id: str, url: str, user_code: str) -> None:
        self.way = way
        self.login_id = login_id
        self.url = url
        self.user_code = user_code
        self.expires_at = time.time() + DEVICE_SECONDS if way == "device" else None
        self.outcome: Outcome | None = None
        self.callback = Callback.of(url) if way == "browser" else None
        self.end: Outcome | None = None  # what a cancelled completion will mean
        self._owner = owner
        self._done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    def __repr__(self) -> str:
        return f"<sign-in by {self.way}: {self.outcome.code if self.outcome else 'open'}>"

    async def wait(self, timeout: float | None = None) -> Outcome:
        """The outcome, once there is one. May be awaited by many and given up by any of them.

        Raises:
            TimeoutError: not within ``timeout`` seconds; the attempt goes on.
        """
        async with asyncio.timeout(timeout):
            return await asyncio.shield(self._done)

    async def finish(self, address: str) -> Outcome:
        """Complete a browser sign-in with the address that the browser ended on.

        Raises:
            CallbackError: the address is not of this attempt, or nobody waits for it; the text never contains it.
        """
        if self.outcome is not None:
            raise CallbackError(f"This sign-in is over: {self.outcome.message}", self.outcome.hint)
        if self.callback is None:
            raise CallbackError(
                "A sign-in by device code needs no address.", "Type the code on the page instead."
            )
        target = self.callback.accept(address)
        try:
            await asyncio.to_thread(self.callback.relay, target)
        except CallbackError:
            if self.outcome is not None:
                return self.outcome
            raise
        return await self.wait(_START)

    async def cancel(self, because: Outcome = CANCELLED) -> Outcome:
        """End the attempt; an account from before stays. Harmless when it is over."""
        if self.outcome is None:
            self.end = because
            try:
                await self._owner.api.cancel_login(self.login_id, timeout=_SETTLE)
                return await self.wait(_SETTLE)
            except (CodexJupyterError, TimeoutError):
                self.resolve(because)
        return await self.wait()

    def resolve(self, outcome: Outcome) -> None:
        """Set the outcome; the first one counts."""
        if self.outcome is None:
            self.outcome = outcome
            self.url = self.user_code = ""
            if not self._done.done():
                self._done.set_result(outcome)


class SignIn:
    """The sign-ins of one runtime: at most one is open.

    Args:
        api: of a running runtime. Whoever gets its arrivals calls ``hear`` with each ``LoginCompleted`` and with
            ``RuntimeEnded``.
    """

    def __init__(self, api: Api) -> None:
        self.api = api
        self._current: Attempt | None = None
        self._confirmed: asyncio.Task[None] | None = None

    @property
    def current(self) -> Attempt | None:
        """The open attempt, or None. Starting another ends it as ``superseded``."""
        attempt = self._current
        return attempt if attempt is not None and attempt.outcome is None else None

    async def by_browser(self) -> Attempt:
        """Begin a sign-in in the browser.

        Raises:
            SignInError: it cannot begin; the text says why and what to do instead.
            RuntimeFailedError: the runtime has ended.
        """
        answer = await self._start({"type": "chatgpt"})
        return self._open("browser", answer, "authUrl")

    async def by_device(self) -> Attempt:
        """Begin a sign-in by a code that is typed on another device. Raises as ``by_browser``."""
        answer = await self._start({"type": "chatgptDeviceCode"})
        return self._open("device", answer, "verificationUrl")

    async def by_api_key(self, key: str) -> Outcome:
        """Use an API key; where it is kept is decided by how the runtime was started (``account.store_override``).

        The runtime does not check the key. Whatever goes wrong, no text contains it.

        Raises:
            SignInError: the key is empty, or the runtime refused it.
            RuntimeFailedError: the runtime has ended.
        """
        key = clean_key(key)
        before = self.current
        if before is not None:  # the runtime would leave it waiting for a browser
            await before.cancel(SUPERSEDED)
        await self._start({"type": "apiKey", "apiKey": key})
        return SUCCESS

    def hear(self, arrival: object) -> None:
        """Take note of an arrival; anything but the end of an attempt or of the runtime is ignored."""
        attempt = self.current
        if attempt is None:
            return
        if isinstance(arrival, RuntimeEnded):
            attempt.resolve(ENDED)
        elif isinstance(arrival, LoginCompleted) and arrival.login_id == attempt.login_id:
            if arrival.success:
                self._confirmed = asyncio.ensure_future(self._confirm(attempt))
                return
            outcome = explain(arrival.error)
            attempt.resolve(attempt.end or outcome if outcome is TAKEN_OVER else outcome)

    async def _confirm(self, attempt: Attempt) -> None:
        """End it as a success when the account can be read: runtimes up to 0.155 say so a moment before."""
        end = time.monotonic() + _SETTLE
        try:
            # Older ones tell nothing when it can be read.
            while not (await self.api.read_account()).kind and time.monotonic() < end:  # noqa: ASYNC110
                await asyncio.sleep(_AGAIN)
        except CodexJupyterError:
            pass  # that the sign-in succeeded stays true; who reads the account next hears what is wrong
        attempt.resolve(SUCCESS)

    async def _start(self, params: dict[str, str]) -> dict[str, object]:
        before = self.current
        if before is not None:
            before.end = SUPERSEDED
        try:
            answer = await self.api.start_login(params)
        except RuntimeRequestError as error:
            if before is not None:
                before.end = None
            raise SignInError(explain(error.message)) from None
        if before is not None:
            before.resolve(SUPERSEDED)
        return answer

    def _open(self, way: Way, answer: dict[str, object], url: str) -> Attempt:
        attempt = Attempt(
            self, way, text(answer, "loginId"), text(answer, url), text(answer, "userCode")
        )
        self._current = attempt
        return attempt
