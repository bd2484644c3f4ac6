"""A session signs in to the offline issuer through the real runtime: each way, each failure, and who learns of it.

A browser sign-in comes back to ports 1455 and 1457, which belong to the whole machine: a file lock keeps these tests
apart from other runs.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from codex_jupyter import offline
from codex_jupyter.core.blocks import document
from codex_jupyter.errors import BusyError, NotSignedInError, UserError
from codex_jupyter.offline import Offline, Rule, Script, say, wait
from codex_jupyter.offline import run as shell
from codex_jupyter.render import html, text
from codex_jupyter.session.credentials import KERNEL_KEYS
from codex_jupyter.session.gate import cleaner_of
from codex_jupyter.session.session import Session
from codex_jupyter.session.signing_in import Keep, LoginAttempt, SigningIn, Standing
from tests.login_ports import login_ports
from tests.waiting import GENEROUS, until

SCRIPT = Script.of(
    Rule("slow", [[wait("go"), say("Slow.", phase="final_answer")]], when={"contains": "slow"}),
    Rule("any", [[say("Done.", phase="final_answer")]]),
)
KEY = "sk-test-0123456789abcdefghij"


@pytest.fixture
def ports() -> Iterator[None]:
    with login_ports():
        yield


@pytest.fixture
def stand_in(scratch: Path) -> Iterator[Offline]:
    with offline.start(SCRIPT, codex_home=scratch / "codex", needs_account=True) as started:
        yield started


@pytest.fixture
def open_session(stand_in: Offline, scratch: Path) -> Iterator[Callable[..., Session]]:
    """Sessions on the same machine account; ``launch`` changes theirs."""
    from codex_jupyter.runtime.client import Launch

    with ExitStack() as stack:

        def open_(name: str = "main") -> Session:
            session = Session(name)
            session.engine.supplier.launch = Launch(
                config_overrides=tuple(stand_in.config_overrides),
                env=dict(stand_in.env),
                codex_home=str(stand_in.codex_home),
                cwd=str(scratch),
            )
            stack.callback(session.close)
            return session

        yield open_
        KERNEL_KEYS.drop(str(stand_in.codex_home))


@pytest.fixture
def session(open_session: Callable[..., Session]) -> Session:
    return open_session()


def run(coroutine: Awaitable[Standing]) -> Standing:
    async def body() -> Standing:
        return await coroutine

    return asyncio.run(body())


def ask(session: Session) -> str:
    return str(session.run("hello", cwd=Path.home()))


def kept(stand_in: Offline) -> dict:
    return json.loads((stand_in.codex_home / "auth.json").read_text())


def issuer_of(stand_in: Offline) -> offline.LoginIssuer:
    assert stand_in.issuer is not None
    return stand_in.issuer


# Each way ----------------------------------------------------------------------------------------------------------


def test_without_an_account_nothing_is_sent_and_with_one_the_same_session_goes_on(
    session: Session, stand_in: Offline, ports: None
) -> None:
    with pytest.raises(NotSignedInError, match="Nothing was sent"):
        ask(session)
    assert not stand_in.server.requests
    pid = session.engine.runtime.pid if session.engine.runtime else 0

    async def sign_in() -> tuple[LoginAttempt, str, Standing]:
        attempt = await session.start_login()
        url = attempt.url
        waiting = asyncio.ensure_future(attempt.wait())
        await asyncio.to_thread(issuer_of(stand_in).visit, url)
        return attempt, url, await waiting

    attempt, url, standing = asyncio.run(sign_in())
    assert str(standing) == "Signed in with ChatGPT as ada@example.com, plan plus."
    assert url not in repr(attempt) + repr(vars(attempt))
    assert (attempt.url, repr(attempt)) == ("", "<sign-in by browser: success>")
    assert ask(session) == "Done."
    assert session.engine.runtime is not None
    assert session.engine.runtime.pid == pid, "its own sign-in is no reason for a new runtime"


def test_a_pasted_address_completes_it_after_one_that_belongs_elsewhere(
    session: Session, stand_in: Offline, ports: None
) -> None:
    async def sign_in() -> Standing:
        attempt = await session.start_login()
        address = issuer_of(stand_in).callback(attempt.url)
        state = address.split("state=")[1].split("&")[0]
        for wrong in ("http://localhost:1455/elsewhere", address.replace(state, "another"), "x"):
            with pytest.raises(UserError) as refused:
                await attempt.finish(wrong)
            assert state not in str(refused.value)
            assert attempt.outcome is None
        return await attempt.finish(address)

    assert run(sign_in()).account.email == "ada@example.com"
    assert ask(session) == "Done."


def test_a_device_code(session: Session, stand_in: Offline) -> None:
    async def sign_in() -> Standing:
        attempt = await session.start_login("device")
        code = attempt.user_code
        assert attempt.url.endswith("/codex/device")
        assert attempt.expires_at is not None
        assert code not in repr(attempt)
        issuer_of(stand_in).approve(code)
        return await attempt.finish()

    assert run(sign_in()).account.plan == "plus"
    assert ask(session) == "Done."


def test_a_key_for_this_kernel_is_in_no_file_and_serves_every_session(
    open_session: Callable[..., Session], stand_in: Offline
) -> None:
    first, second = open_session("first"), open_session("second")
    with pytest.raises(NotSignedInError):
        ask(second)
    standing = first.use_api_key(KEY)
    assert (standing.account.kind, standing.kept) == ("apiKey", "kernel")
    assert KEY not in repr(KERNEL_KEYS) + repr(standing) + repr(vars(first))
    assert ask(first) == "Done."
    assert ask(second) == "Done."
    assert not (stand_in.codex_home / "auth.json").exists()
    bearers = {r.headers["authorization"] for r in stand_in.server.requests}
    assert bearers == {f"Bearer {KEY}"}
    found = [
        path
        for path in stand_in.codex_home.rglob("*")
        if path.is_file() and KEY.encode() in path.read_bytes()
    ]
    assert not found
    assert not first.logout().account.kind
    with pytest.raises(NotSignedInError):
        ask(second)


def test_a_key_for_this_machine_is_kept_by_the_runtime(session: Session, stand_in: Offline) -> None:
    standing = session.use_api_key(f"  {KEY}\n", keep="machine")
    assert standing.kept == "machine"
    assert standing.file == str(stand_in.codex_home / "auth.json")
    assert kept(stand_in)["OPENAI_API_KEY"] == KEY
    assert (stand_in.codex_home / "auth.json").stat().st_mode & 0o777 == 0o600
    assert ask(session) == "Done."


@pytest.mark.parametrize("keep", ["kernel", "machine"])
def test_a_key_that_was_given_is_hidden_in_what_is_shown_saved_and_told(
    open_session: Callable[..., Session], stand_in: Offline, scratch: Path, keep: Keep
) -> None:
    key = f"gateway.{keep}.K3y0123456789"  # of no shape that would be known
    given, other = open_session("given"), open_session("other")
    given.use_api_key(key, keep=keep)
    note = scratch / "note.txt"
    note.write_text(f"the key is {key}, keep it\n")
    stand_in.server.script = Script.of(
        Rule("read", [[shell(f"cat {note}")], [say(f"It is {key}.", chunk=7)]])
    )
    for session in (given, other):
        live = session.start("read the note", cwd=scratch)
        live.result(GENEROUS)
        whole = document(live.turn)
        for shown in (html.document(whole), text.document(whole), repr(live.turn)):
            assert key not in shown and f"gateway.{keep}" not in shown
        assert "[hidden]" in text.document(whole)
    assert cleaner_of({}, {}).text(f"a {key} b") == "a [hidden] b", "what the workbench tells"
    given.logout()
    assert given.engine.gate.text(key) == "[hidden]", "it was a secret once"


def test_the_tokens_of_a_sign_in_are_hidden_too(session: Session, stand_in: Offline) -> None:
    async def sign_in() -> Standing:
        attempt = await session.start_login("device")
        issuer_of(stand_in).approve(attempt.user_code)
        return await attempt.wait()

    run(sign_in())
    tokens = kept(stand_in)["tokens"]
    for name in ("id_token", "access_token", "refresh_token"):
        assert session.engine.gate.text(f"<{tokens[name]}>") == "<[hidden]>", name
    before = tokens["access_token"]
    session.account(refresh=True)
    ask(session)
    after = kept(stand_in)["tokens"]["access_token"]
    assert after != before
    assert session.engine.gate.text(f"<{after}>") == "<[hidden]>"


@pytest.mark.parametrize(
    ("store", "before", "after"),
    [
        ("file", "auth.json", "auth.json"),
        ("auto", "this machine's keyring, or ", "auth.json"),
        ("ephemeral", "Codex's memory", "Codex's memory"),
        ("keyring", "this machine's keyring", None),
    ],
)
def test_it_names_the_place_that_is_used_and_no_file_that_is_not(
    open_session: Callable[..., Session],
    stand_in: Offline,
    store: str,
    before: str,
    after: str | None,
) -> None:
    from dataclasses import replace

    session = open_session()
    assert session.engine.supplier.launch is not None
    chosen = (
        *session.engine.supplier.launch.config_overrides,
        f'cli_auth_credentials_store="{store}"',
    )
    session.engine.supplier.launch = replace(
        session.engine.supplier.launch, config_overrides=chosen
    )
    file = stand_in.codex_home / "auth.json"

    def said(standing: Standing) -> str:
        assert str(file) in standing.machine_place or store in ("ephemeral", "keyring")
        return standing.machine_place.replace(str(file), "auth.json")

    assert said(session.account()).startswith(before)
    if after is None:  # this machine has none, as servers have none
        with pytest.raises(UserError, match="keyring") as refused:
            session.use_api_key(KEY, keep="machine")
        assert 'cli_auth_credentials_store = "file"' in refused.value.hint
        assert str(session.use_api_key(KEY)).endswith("for this kernel only.")
        return
    standing = session.use_api_key(KEY, keep="machine")
    assert said(standing).startswith(after) and said(standing) in str(standing).replace(
        str(file), "auth.json"
    )
    assert file.exists() is (after == "auth.json")


@pytest.mark.parametrize("key", ["", "   ", "sk-two words"])
def test_what_is_no_key_changes_nothing(session: Session, key: str) -> None:
    with pytest.raises(UserError) as refused:
        session.use_api_key(key)
    assert "two" not in str(refused.value)
    with pytest.raises(NotSignedInError):
        ask(session)


# Each failure ------------------------------------------------------------------------------------------------------


async def end_of(attempt: LoginAttempt) -> str:
    with pytest.raises(UserError) as ended:
        await attempt.wait()
    assert ended.value.hint
    assert attempt.outcome is not None
    assert attempt.url == attempt.user_code == ""
    return attempt.outcome.code


@pytest.mark.parametrize("how", ["deny", "expire"])
def test_a_device_code_that_is_refused_or_runs_out(
    session: Session, stand_in: Offline, how: str
) -> None:
    async def sign_in() -> str:
        attempt = await session.start_login("device")
        getattr(issuer_of(stand_in), how)(attempt.user_code)
        return await end_of(attempt)

    assert asyncio.run(sign_in()) == "denied"


def test_a_browser_sign_in_that_is_refused_or_not_exchanged(
    session: Session, stand_in: Offline, ports: None
) -> None:
    issuer = issuer_of(stand_in)

    async def sign_in() -> str:
        attempt = await session.start_login()
        await asyncio.to_thread(issuer.visit, attempt.url)
        return await end_of(attempt)

    issuer.grants.consent = "deny"
    assert asyncio.run(sign_in()) == "denied"
    issuer.grants.consent = "grant"
    issuer.fail("token", 400, {"error": "invalid_grant"})
    assert asyncio.run(sign_in()) == "exchange-failed"


@pytest.mark.parametrize(("status", "code"), [(404, "device-disabled"), (500, "network")])
def test_device_codes_that_the_service_does_not_give(
    session: Session, stand_in: Offline, status: int, code: str
) -> None:
    issuer_of(stand_in).fail("usercode", status)
    with pytest.raises(UserError) as refused:
        asyncio.run(_start(session, "device"))
    assert refused.value.hint
    assert getattr(refused.value, "code", "") == code
    assert not session.engine.supplier.credentials.aside


async def _start(session: Session, way: str = "browser") -> LoginAttempt:
    return await session.start_login(way)  # type: ignore[arg-type]


def test_ports_that_other_programs_hold(session: Session, ports: None) -> None:
    with ExitStack() as stack:
        for port in (1455, 1457):
            taken = stack.enter_context(socket.socket())
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.0.1", port))
            taken.listen()
        with pytest.raises(UserError) as refused:
            asyncio.run(_start(session))
    assert "1455" in refused.value.message
    assert "--device" in refused.value.hint


def test_another_process_that_takes_the_sign_in_over(
    open_session: Callable[..., Session], ports: None
) -> None:
    ours, theirs = open_session("ours"), open_session("theirs")

    async def both() -> str:
        attempt = await ours.start_login()
        SigningIn.current = None  # as another process would: it does not know of this attempt
        other = await theirs.start_login()
        ended = await end_of(attempt)
        await other.cancel()
        return ended

    assert asyncio.run(both()) == "taken-over"


# One at a time -------------------------------------------------------------------------------------------------------


def test_a_second_attempt_ends_the_first_in_any_session_and_a_cancel_leaves_nothing_waiting(
    open_session: Callable[..., Session], ports: None
) -> None:
    first, second = open_session("first"), open_session("second")
    napping, woken = threading.Event(), threading.Event()
    never: list[asyncio.Event] = []  # held, or the nap would be collected as garbage

    async def nap() -> None:
        never.append(asyncio.Event())
        napping.set()
        try:
            await never[0].wait()
        finally:
            woken.set()

    async def sign_in() -> None:
        one = await first.start_login("device")
        two = await first.start_login("browser")
        assert await end_of(one) == "superseded"
        three = await second.start_login("device")
        assert await end_of(two) == "superseded"
        waiting = asyncio.ensure_future(three.wait())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(three.wait()), 0.3)
        given_up = asyncio.ensure_future(second.signing_in.hop(nap()))
        await asyncio.to_thread(napping.wait, 30)
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        assert await asyncio.to_thread(woken.wait, 10), (
            "who gives up waiting here gives up on the session's loop, too"
        )
        await three.cancel()
        await three.cancel()
        with pytest.raises(UserError, match="cancelled"):
            await waiting
        assert await end_of(three) == "cancelled"

    asyncio.run(sign_in())
    for each in (first, second):
        assert not each.engine.supplier.credentials.aside
        tasks = each.engine.call(_tasks())
        assert not [t for t in tasks if "follow" in t or "wait" in t], tasks


async def _tasks() -> list[str]:
    current = asyncio.current_task()
    return [str(t.get_coro()) for t in asyncio.all_tasks() if t is not current]


# Who learns of it ----------------------------------------------------------------------------------------------------


def test_another_process_signs_in_and_out_and_the_thread_goes_on(
    open_session: Callable[..., Session], stand_in: Offline
) -> None:
    ours, theirs = open_session("ours"), open_session("theirs")
    ours.use_api_key(KEY, keep="machine")
    ask(ours)
    thread, runtime = ours.thread().id, ours.engine.runtime
    other = "sk-other-0123456789abcdefgh"
    theirs.use_api_key(other, keep="machine")
    assert ask(ours) == "Done."
    assert ours.engine.runtime is not runtime
    assert ours.thread().id == thread
    last = stand_in.server.requests[-1]
    assert last.headers["authorization"] == f"Bearer {other}"
    assert json.dumps(last.body["input"]).count('"hello"') == 2, "the thread was resumed"
    theirs.logout()
    with pytest.raises(NotSignedInError):
        ask(ours)


def test_a_runtime_is_not_exchanged_under_a_running_turn(
    open_session: Callable[..., Session], stand_in: Offline
) -> None:
    session = open_session()
    session.use_api_key(KEY)
    live = session.start("slow", cwd=Path.home())
    until(lambda: stand_in.server.requests, "the turn to reach the model")
    runtime = session.engine.runtime
    with pytest.raises(BusyError):
        asyncio.run(_start(session, "device"))
    session.use_api_key("sk-newer-0123456789abcdef")
    assert session.engine.runtime is runtime
    stand_in.server.release("go")
    assert str(live.result(GENEROUS)) == "Slow."
    assert ask(session) == "Done."
    assert (
        stand_in.server.requests[-1].headers["authorization"].endswith("sk-newer-0123456789abcdef")
    )


def test_a_failed_sign_in_keeps_the_account_from_before(
    session: Session, stand_in: Offline
) -> None:
    session.use_api_key(KEY)

    async def sign_in() -> None:
        attempt = await session.start_login("device")
        await attempt.cancel()

    asyncio.run(sign_in())
    assert ask(session) == "Done."
    assert stand_in.server.requests[-1].headers["authorization"] == f"Bearer {KEY}"


def test_refreshing_limits_and_signing_out(session: Session, stand_in: Offline) -> None:
    issuer = issuer_of(stand_in)

    async def sign_in() -> Standing:
        attempt = await session.start_login("device")
        issuer.approve(attempt.user_code)
        return await attempt.wait()

    run(sign_in())
    assert ask(session) == "Done."
    runtime = session.engine.runtime
    standing = session.account(refresh=True)
    assert "refresh" in [asked.place for asked in issuer.asked]
    assert standing.limits is not None
    assert standing.limits.primary is not None
    assert standing.limits.primary.used_percent == 42
    assert ask(session) == "Done."
    assert session.engine.runtime is runtime, (
        "fresh tokens of the same account are no other account"
    )
    issuer.fail("refresh", 401, {"error": {"code": "refresh_token_expired"}})
    assert not session.logout().account.kind
    assert "revoke" in [asked.place for asked in issuer.asked]


def test_where_nobody_can_be_asked_it_says_so(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("getpass.getpass", refuse)
    with pytest.raises(UserError, match="Nobody is here to answer"):
        session.use_api_key()
