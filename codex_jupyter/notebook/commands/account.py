"""``/login``, ``/logout``, ``/account`` and ``/usage``: who is signed in, and what is left."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from codex_jupyter.errors import UserError
from codex_jupyter.notebook import presence
from codex_jupyter.notebook.command import Caller, Flag, TypedCommand, command
from codex_jupyter.notebook.frontend import kind_of
from codex_jupyter.notebook.in_force import set_by, state_table
from codex_jupyter.notebook.login_ways import place_of
from codex_jupyter.notebook.notice import show
from codex_jupyter.settings import SETTINGS, Choice, Options

if TYPE_CHECKING:
    from codex_jupyter.core.events import Limits, Window
    from codex_jupyter.notebook.login_panel import First
    from codex_jupyter.session.signing_in import Standing

HEADLESS = UserError(
    "Nobody is here to sign in: this runs without a person.",
    "Sign in once with %codex login in a live notebook on this machine, or give this kernel a key: "
    'codex_jupyter.session().use_api_key(os.environ["OPENAI_API_KEY"])',
)


@command(
    "login",
    group="Account",
    help="sign in to ChatGPT, or with an API key",
    flags=(
        Flag("--device", "with a code on another device"),
        Flag("--api-key", "with a key, typed into a hidden field"),
        Flag("--no-browser", "show the address instead of opening a browser"),
    ),
    refuses_keys=True,
)
def login(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Sign in: a panel in a page, prompts in a console.

    Raises:
        UserError: nobody is there to sign in, or the offline model would not keep the account.
        SignInError: the sign-in failed (consoles wait for it; a panel tells it).
    """
    kind = kind_of(caller.shell)
    if presence.absence(caller.shell):
        raise UserError(HEADLESS.message, HEADLESS.hint)
    session = caller.session()
    session.refuse_lost_sign_in()
    if kind == "page":
        from codex_jupyter.notebook.login_panel import LoginPanel

        LoginPanel(session, first=first_step(typed.flags)).show()
        return
    from codex_jupyter.notebook.login_prompts import sign_in_by_prompts

    standing = sign_in_by_prompts(caller.shell, session, first_step(typed.flags), typed.flags)
    if standing is not None:
        show(str(standing), glyph="ok", offline=session.engine.offline)


def first_step(flags: frozenset[str]) -> First:
    """Where the options of ``/login`` lead at once."""
    if "device" in flags:
        return "device"
    if "api-key" in flags:
        return "key"
    return "browser" if "no-browser" in flags else "choose"


@command(
    "logout",
    group="Account",
    help="sign out",
)
def logout(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Forget the kernel's own key, or else sign the machine out."""
    session = caller.session()
    before = session.account()
    after = session.logout()
    if not before.account.kind:
        title = "Nobody was signed in."
    elif before.kept == "kernel":
        title = "This kernel has forgotten its key."
    else:
        title = "Signed out on this machine."
    lines = (f"{after} %codex /logout again signs that out too.",) if after.account.kind else ()
    show(title, glyph="ok", offline=session.engine.offline, lines=lines)


@command(
    "account",
    group="Account",
    help="who is signed in, plan and limits",
    takes="[refresh]",
    offers=(Choice("refresh", "fetch a new token first"),),
)
def account(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Who is signed in, the plan, what is left, the model. ``refresh`` fetches a new token first."""
    words = typed.args.strip()
    if words not in ("", "refresh"):
        raise UserError("/account takes no argument except refresh.", "%codex /account refresh")
    session = caller.session()
    standing = session.account(refresh=words == "refresh")
    signed_in = bool(standing.account.kind) or not standing.account.needed
    rows = [*account_rows(standing), *model_rows(caller)]
    show(
        str(standing),
        table=state_table([(name, value, typed_for(name)) for name, value in rows]),
        glyph="ok" if signed_in else "failed",
        offline=session.engine.offline,
        lines=() if signed_in else ("Sign in: %codex login",),
    )


@command(
    "usage",
    group="Account",
    help="tokens and limits",
)
def usage(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Tokens of this kernel's last turn, and what is left of the account's limits."""
    session = caller.session()
    standing = session.account()
    rows: list[tuple[str, str]] = []
    spent = session.last.turn.usage if session.last is not None else None
    if spent is not None:
        rows.append(("last turn", f"{spent.total:,} tokens"))
        if spent.thread_total:
            rows.append(("this conversation", f"{spent.thread_total:,} tokens"))
    last = session.last.turn if session.last is not None else None
    rows += limit_rows(standing.limits or (last.limits if last is not None else None))
    error = last.error if last is not None else None
    if error is not None and error.code == "usageLimitExceeded":
        title = f"The usage limit was reached: {error.message}"
    elif rows:
        title = "Usage"
    else:
        title = "Nothing has been used yet." if last is None else "Nobody has told any figures yet."
    show(
        title,
        rows=rows,
        offline=session.engine.offline,
    )


def account_rows(standing: Standing) -> list[tuple[str, str]]:
    """Labelled facts about who is signed in and what is left."""
    who = standing.account
    rows = [("plan", who.plan)] if who.plan else []
    if who.kind:
        where = "this kernel's memory" if standing.kept == "kernel" else place_of(standing)
        rows.append(("kept in", where))
    return rows + limit_rows(standing.limits)


def typed_for(name: str) -> str:
    """What is typed to change a row of the account, or ``""``."""
    if name == "kept in":
        return "/login, /logout"
    return set_by(SETTINGS[name]) if name in SETTINGS else ""


def limit_rows(limits: Limits | None) -> list[tuple[str, str]]:
    """What is left of each limit, and when it starts afresh."""
    if limits is None:
        return []
    windows = (("limit", limits.primary), ("longer limit", limits.secondary))
    rows = [(name, _left(window)) for name, window in windows if window is not None]
    return rows + ([("credits", limits.credits)] if limits.credits not in ("", "0") else [])


def _left(window: Window) -> str:
    parts = [f"{max(0.0, 100 - window.used_percent):.0f} % left"]
    if window.minutes:
        hours = window.minutes / 60
        parts.append(f"of {hours:g} h" if hours < 48 else f"of {hours / 24:g} days")
    if window.resets_at:
        when = time.localtime(window.resets_at)
        today = time.localtime()[:3] == when[:3]
        parts.append(time.strftime("resets %H:%M" if today else "resets %d %b %H:%M", when))
    return ", ".join(parts)


def model_rows(caller: Caller) -> list[tuple[str, str]]:
    """Which model answers, and who serves it, as the runtime is configured."""
    session = caller.session()
    config = session.configuration()
    settings, _ = session.effective()
    rows = [
        ("model", settings.model or config.get("model") or "Codex's default"),
        ("provider", settings.provider or config.get("model_provider") or "openai"),
    ]
    return [(name, str(value)) for name, value in rows]
