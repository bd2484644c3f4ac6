"""A sign-in is a success when its account can be read, and not before; nothing waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

import pytest

from codex_jupyter.errors import RuntimeFailedError
from codex_jupyter.runtime import sign_in
from codex_jupyter.runtime.account import Account
from codex_jupyter.runtime.arrivals import LoginCompleted, RuntimeEnded
from codex_jupyter.runtime.sign_in import SignIn

NOBODY = Account(needed=True)
ADA = Account(kind="chatgpt", email="ada@example.com", plan="plus")


class ScriptedApi:
    """Answers each look at the account with the next of what it was given; an error is raised."""

    def __init__(self, accounts: Iterable[Account | Exception]) -> None:
        self._accounts: Iterator[Account | Exception] = iter(accounts)
        self.looks = 0

    async def start_login(self, params: dict[str, str]) -> dict[str, object]:
        return {"loginId": "1", "verificationUrl": "https://issuer.example", "userCode": "ABCD"}

    async def read_account(self, *, refresh: bool = False) -> Account:
        self.looks += 1
        answer = next(self._accounts)
        if isinstance(answer, Exception):
            raise answer
        return answer


def signed_in(accounts: Iterable[Account | Exception], *, ended: bool = False) -> tuple[str, int]:
    """(code, looks) of a sign-in that the runtime says succeeded."""
    api = ScriptedApi(accounts)

    async def attempt() -> str:
        signing_in = SignIn(api)  # pyright: ignore[reportArgumentType]
        begun = await signing_in.by_device()
        signing_in.hear(LoginCompleted("1", True, ""))
        assert begun.outcome is None, "a success before anybody looked"
        if ended:
            signing_in.hear(RuntimeEnded("It is gone."))
        return (await begun.wait(10)).code

    return asyncio.run(attempt()), api.looks


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "_AGAIN", 0)


def test_it_is_over_when_the_account_can_be_read() -> None:
    assert signed_in([ADA]) == ("success", 1)
    assert signed_in([NOBODY, NOBODY, ADA]) == ("success", 3)


def test_an_account_that_never_shows_does_not_hold_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "_SETTLE", 0)
    assert signed_in([NOBODY]) == ("success", 1)


def test_an_account_that_cannot_be_read_does_not_hold_it_up() -> None:
    assert signed_in([RuntimeFailedError("It is gone.", "")]) == ("success", 1)


def test_a_runtime_that_ends_meanwhile_is_what_counts() -> None:
    assert signed_in([ADA], ended=True)[0] == "runtime-ended"
