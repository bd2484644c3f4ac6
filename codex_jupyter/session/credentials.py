"""Whose account a session's runtime works with: the machine's ``auth.json``, or a key that this kernel alone holds.

Says when a running runtime works with somebody else's account and has to be started anew: the machine's account was
changed by another process (a runtime never notices, measured), or a key was given to this kernel or taken away. How
one signs in is ``signing_in``. Keys are in no repr and in no message.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_jupyter.runtime.client import Launch, Runtime


#: Shorter values would be hidden where they occur by chance.
SHORTEST = 8


class KernelKeys:
    """API keys that this process holds and no file, one for each ``auth.json`` that they stand in for.

    Attributes:
        seen: every key and token that this process was given or worked with, also after it was dropped: what is shown,
            saved and told to Codex is cleaned of them. Replaced whole when one more is known.
    """

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}
        self.seen: frozenset[str] = frozenset()
        self._guard = threading.Lock()

    def __repr__(self) -> str:
        return f"<{len(self._keys)} keys>"

    def of(self, codex_home: str | None) -> str:
        """The key, or ``""``."""
        return self._keys.get(_place(codex_home), "")

    def hold(self, codex_home: str | None, key: str) -> None:
        """Hold a key until the process ends or ``drop``; every session with this CODEX_HOME uses it."""
        self.see(key)
        with self._guard:
            self._keys[_place(codex_home)] = key

    def see(self, *secrets: str) -> None:
        """Know keys or tokens, so that they are hidden from now on."""
        with self._guard:
            new = {secret for secret in secrets if len(secret) >= SHORTEST} - self.seen
            if new:
                self.seen |= new

    def drop(self, codex_home: str | None) -> bool:
        """Forget the key; False when there was none."""
        with self._guard:
            return self._keys.pop(_place(codex_home), None) is not None


#: The keys of this process: all its sessions share them.
KERNEL_KEYS = KernelKeys()


class Credentials:
    """What one session's runtime was started with, and whether that still holds. Used on the session's loop.

    Attributes:
        aside: the kernel's key is put aside, because somebody signs in for the machine.
        stale: the running runtime has read something that was taken back since; a new one has not.
    """

    def __init__(self) -> None:
        self.aside = False
        self.stale = False
        self._key = ""
        self._signature: tuple[int, int, int] | None = None
        self._identity = ""

    def key(self, launch: Launch) -> str:
        """The kernel's key that a runtime of this launch should use, ``""`` for the machine's account."""
        return "" if self.aside else KERNEL_KEYS.of(launch.codex_home)

    def prepare(self, launch: Launch) -> Launch:
        """The launch of a runtime that is about to start, which keeps the kernel's key in its memory only.

        From here on that runtime is meant by ``outdated``: what changes while it starts has changed for it, too.
        """
        from codex_jupyter.runtime.account import store_override

        self._key = self.key(launch)
        self.stale = False
        self.settle(launch)
        if not self._key:
            return launch
        overrides = (*launch.config_overrides, store_override("ephemeral"))
        return replace(launch, config_overrides=overrides)

    async def supply(self, runtime: Runtime) -> None:
        """Give the runtime that was started with ``prepare`` the key it was prepared for, and no other: it would be written.

        Raises:
            SignInError, RuntimeFailedError: it did not take the key.
        """
        from codex_jupyter.runtime.api import Api
        from codex_jupyter.runtime.sign_in import SignIn

        if self._key:
            await SignIn(Api(runtime)).by_api_key(self._key)

    def settle(self, launch: Launch) -> None:
        """The runtime itself changed the machine's account: what is there now is what it works with."""
        from codex_jupyter.runtime.account import auth_identity, auth_secrets, auth_signature

        KERNEL_KEYS.see(*auth_secrets(launch.codex_home))
        self._signature = auth_signature(launch.codex_home)
        self._identity = auth_identity(launch.codex_home)

    def outdated(self, launch: Launch) -> bool:
        """Whether the running runtime works with another account, or other rules, than a new one would."""
        return self.stale or self.other_account(launch)

    def other_account(self, launch: Launch) -> bool:
        """Whether the running runtime works with another account than a new one would."""
        from codex_jupyter.runtime.account import auth_identity, auth_secrets, auth_signature

        if self.key(launch) != self._key:
            return True
        if self._key:
            return False  # it does not read the file
        signature = auth_signature(launch.codex_home)
        if signature == self._signature:
            return False
        KERNEL_KEYS.see(*auth_secrets(launch.codex_home))
        if auth_identity(launch.codex_home) != self._identity:
            return True
        self._signature = (
            signature  # the same account with fresh tokens, which a runtime fetches by itself
        )
        return False


def _place(codex_home: str | None) -> str:
    from codex_jupyter.runtime.account import auth_file

    return str(auth_file(codex_home))
