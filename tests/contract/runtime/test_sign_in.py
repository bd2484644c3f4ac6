"""Each way to sign in to the offline issuer and each way to fail, through the real runtime."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest

from codex_jupyter.offline import LoginIssuer, Script, say
from codex_jupyter.runtime import account
from codex_jupyter.runtime.api import Api
from codex_jupyter.runtime.arrivals import AccountChanged, LoginCompleted, RuntimeEnded
from codex_jupyter.runtime.callback import CallbackError
from codex_jupyter.runtime.client import Runtime
from codex_jupyter.runtime.sign_in import SignIn, SignInError
from tests.login_ports import login_ports

from .driver import DEADLINE, Driver, driven, on_a_loop

SCRIPT = Script.reply([say("Done.", phase="final_answer")])


class Desk:
    """A driver, its sign-ins, and the issuer with the person before it."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.sign_in = SignIn(Api(driver.runtime))
        driver.hear = self.sign_in.hear
        assert driver.offline.issuer is not None
        self.issuer: LoginIssuer = driver.offline.issuer

    async def visit(self, url: str) -> None:
        """What a browser does; that it may end at a page of refusal is the browser's affair."""

        def go() -> None:
            with suppress(OSError):
                self.issuer.visit(url)

        await asyncio.to_thread(go)

    async def account(self) -> account.Account:
        return await Api(self.driver.runtime).read_account()


@asynccontextmanager
async def desk(folder: Path, *, browser: bool = True, **options: Any) -> AsyncIterator[Desk]:
    """A desk; one at which nobody signs in by ``browser`` does not wait for the ports."""
    with login_ports() if browser else nullcontext():
        async with driven(folder, SCRIPT, needs_account=True, **options) as driver:
            yield Desk(driver)


@on_a_loop
async def test_in_the_browser(folder: Path) -> None:
    async with desk(folder) as at:
        assert (await at.account()).missing
        attempt = await at.sign_in.by_browser()
        assert at.sign_in.current is attempt and attempt.url.startswith(at.issuer.url)
        await at.visit(attempt.url)
        assert (await attempt.wait(DEADLINE)).success
        who = await at.account()
        assert (who.kind, who.email, who.plan) == ("chatgpt", "ada@example.com", "plus")
        assert not who.missing and at.sign_in.current is None
        left = await Api(at.driver.runtime).read_limits()
        assert left is not None and left.primary is not None and left.primary.used_percent == 42
        await Api(at.driver.runtime).read_account(refresh=True)
        assert "refresh" in [asked.place for asked in at.issuer.asked]
        assert at.driver.of(AccountChanged)[-1].auth_mode == "chatgpt"
        turn = await at.driver.turn(await at.driver.thread(), "hello")
        assert (await at.driver.completed(turn)).status == "completed"


@on_a_loop
async def test_by_device_code(folder: Path) -> None:
    async with desk(folder, browser=False) as at:
        attempt = await at.sign_in.by_device()
        assert attempt.user_code in at.issuer.secrets
        assert attempt.url == f"{at.issuer.url}/codex/device"
        assert attempt.expires_at is not None
        with pytest.raises(CallbackError, match="needs no address"):
            await attempt.finish("http://localhost:1455/auth/callback?code=c&state=s")
        at.issuer.approve(attempt.user_code)
        assert (await attempt.wait(DEADLINE)).success
        assert (await at.account()).email == "ada@example.com"


@on_a_loop
async def test_by_a_pasted_address(folder: Path) -> None:
    async with desk(folder) as at:
        attempt = await at.sign_in.by_browser()
        address = await asyncio.to_thread(at.issuer.callback, attempt.url)
        state = attempt.callback.state if attempt.callback else ""
        with pytest.raises(CallbackError) as refused:
            await attempt.finish(address.replace(state, "another"))
        assert attempt.outcome is None and state not in str(refused.value)
        assert (await attempt.finish(address)).success
        assert (await at.account()).kind == "chatgpt"
        with pytest.raises(CallbackError, match="is over"):
            await attempt.finish(address)


@pytest.mark.parametrize("store", ["ephemeral", "file"])
@on_a_loop
async def test_by_api_key(folder: Path, store: Any) -> None:
    async with desk(folder, browser=False, overrides=(account.store_override(store),)) as at:
        home = at.driver.offline.codex_home
        for wrong in ("", "  ", "two words"):
            with pytest.raises(SignInError):
                await at.sign_in.by_api_key(wrong)
        assert (await at.sign_in.by_api_key(" sk-hunter2-key\n")).success
        assert (await at.account()).kind == "apiKey"
        assert await Api(at.driver.runtime).read_limits() is None
        kept = account.auth_file(home)
        assert kept.exists() is (store == "file")
        found = [p for p in home.rglob("*") if p.is_file() and b"sk-hunter2-key" in p.read_bytes()]
        assert found == ([kept] if store == "file" else [])
        before = account.auth_signature(home)
        assert (before is not None) is (store == "file")
        await at.driver.turn(await at.driver.thread(), "hello")
        told = at.driver.offline.server.requests[-1].headers["authorization"]
        assert told == "Bearer sk-hunter2-key"
        await Api(at.driver.runtime).logout()
        assert (await at.account()).missing
        assert account.auth_signature(home) is None


@on_a_loop
async def test_a_key_ends_an_open_attempt(folder: Path) -> None:
    async with desk(folder) as at:
        attempt = await at.sign_in.by_browser()
        assert (await at.sign_in.by_api_key("sk-hunter2-key")).success
        assert (await attempt.wait(DEADLINE)).code == "superseded"


@on_a_loop
async def test_cancelled_by_the_person(folder: Path) -> None:
    async with desk(folder) as at:
        for begin in (at.sign_in.by_browser, at.sign_in.by_device):
            attempt = await begin()
            assert (await attempt.cancel()).code == "cancelled"
            assert (await attempt.cancel()).code == "cancelled"
            assert at.sign_in.current is None
        assert (await at.account()).missing


@on_a_loop
async def test_a_second_attempt_tells_the_first(folder: Path) -> None:
    async with desk(folder) as at:
        first = await at.sign_in.by_browser()
        second = await at.sign_in.by_device()
        assert (await first.wait(DEADLINE)).code == "superseded"
        assert at.sign_in.current is second
        at.issuer.approve(second.user_code)
        assert (await second.wait(DEADLINE)).success


@on_a_loop
async def test_another_process_takes_the_attempt_over(folder: Path) -> None:
    async with desk(folder) as at:
        first = await at.sign_in.by_browser()
        other = await Runtime.start(at.driver.launch(), on_batch=lambda _batch: None)
        try:
            second = await SignIn(Api(other)).by_browser()
            assert second.callback == first.callback or second.callback is not None
            assert (await first.wait(DEADLINE)).code == "taken-over"
        finally:
            await other.close()


@on_a_loop
async def test_refused_on_the_page(folder: Path) -> None:
    async with desk(folder) as at:
        at.issuer.grants.consent = "deny"
        attempt = await at.sign_in.by_browser()
        await at.visit(attempt.url)
        assert (await attempt.wait(DEADLINE)).code == "denied"
        for settle in ("deny", "expire"):
            attempt = await at.sign_in.by_device()
            getattr(at.issuer, settle)(attempt.user_code)
            assert (await attempt.wait(DEADLINE)).code == "denied"


@on_a_loop
async def test_allowed_but_no_key_comes_back(folder: Path) -> None:
    async with desk(folder) as at:
        at.issuer.fail("token", 400, {"error": "invalid_grant"})
        attempt = await at.sign_in.by_browser()
        await at.visit(attempt.url)
        assert (await attempt.wait(DEADLINE)).code == "exchange-failed"
        at.issuer.mend()
        attempt = await at.sign_in.by_browser()
        await at.visit(attempt.url)
        assert (await attempt.wait(DEADLINE)).success


@pytest.mark.parametrize(("status", "code"), [(404, "device-disabled"), (500, "network")])
@on_a_loop
async def test_device_codes_that_cannot_begin(folder: Path, status: int, code: str) -> None:
    async with desk(folder, browser=False) as at:
        at.issuer.fail("usercode", status)
        with pytest.raises(SignInError) as failed:
            await at.sign_in.by_device()
        assert failed.value.code == code and failed.value.hint
        assert at.sign_in.current is None


@on_a_loop
async def test_no_network(folder: Path) -> None:
    nowhere = {"CODEX_APP_SERVER_LOGIN_ISSUER": "https://127.0.0.1:1"}
    async with desk(folder, browser=False, env=nowhere) as at:
        with pytest.raises(SignInError) as failed:
            await at.sign_in.by_device()
        assert failed.value.code == "network"


@on_a_loop
async def test_a_failed_attempt_keeps_the_account_from_before(folder: Path) -> None:
    async with desk(folder) as at:
        await at.sign_in.by_api_key("sk-hunter2-key")
        attempt = await at.sign_in.by_browser()
        await attempt.cancel()
        assert (await at.account()).kind == "apiKey"


@on_a_loop
async def test_the_runtime_dies_during_an_attempt(folder: Path) -> None:
    async with desk(folder) as at:
        attempt = await at.sign_in.by_browser()
        os.kill(at.driver.runtime.pid, signal.SIGKILL)
        assert (await attempt.wait(DEADLINE)).code == "runtime-ended"
        assert at.driver.of(RuntimeEnded)


@on_a_loop
async def test_whoever_gives_up_waiting_leaks_nothing(folder: Path) -> None:
    """Waits that time out or are cancelled leave no task behind, and swallow no completion."""
    async with desk(folder, browser=False) as at:
        attempt = await at.sign_in.by_device()
        with pytest.raises(TimeoutError):
            await attempt.wait(0)
        waits = [asyncio.ensure_future(attempt.wait()) for _ in range(5)]
        await asyncio.sleep(0)
        for wait in waits[:4]:
            wait.cancel()
        await asyncio.gather(*waits[:4], return_exceptions=True)
        assert attempt.outcome is None
        at.issuer.approve(attempt.user_code)
        assert (await waits[4]).success
        assert (await attempt.wait(0)).success
        assert asyncio.all_tasks() == {asyncio.current_task()}


@on_a_loop
async def test_the_sdks_own_sign_in_works_beside_ours(folder: Path) -> None:
    async with desk(folder) as at:
        codex = at.driver.runtime.codex
        router = codex._client._sync._router
        handle = await codex.login_chatgpt()
        waiting = asyncio.ensure_future(handle.wait())
        await at.visit(handle.auth_url)
        assert (await waiting).success
        ours = await at.sign_in.by_browser()
        await at.visit(ours.url)
        assert (await ours.wait(DEADLINE)).success
        assert router._pending_login_notifications == {}


@on_a_loop
async def test_no_secret_is_in_what_we_show(folder: Path) -> None:
    async with desk(folder) as at:
        shown: list[str] = []
        attempts = [await at.sign_in.by_browser()]
        shown.append(repr(attempts[0]) + repr(attempts[0].callback))
        await at.visit(attempts[0].url)
        await attempts[0].wait(DEADLINE)
        attempts.append(await at.sign_in.by_device())
        shown.append(repr(attempts[1]))
        at.issuer.deny(attempts[1].user_code)
        outcome = await attempts[1].wait(DEADLINE)
        shown += [repr(outcome), *map(repr, at.driver.of(LoginCompleted, AccountChanged))]
        shown.append(repr(at.driver.runtime))
        text = "\n".join(shown)
        assert not [secret for secret in at.issuer.secrets if secret in text]
        # What an attempt knew is forgotten with its end.
        del text, shown
        gc.collect()
        assert [a.url + a.user_code for a in attempts] == ["", ""]
