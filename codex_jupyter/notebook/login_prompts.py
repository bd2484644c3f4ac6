"""Signing in where there is no page: consoles and terminals. Prompts, one step after the other, in the cell's thread.

Keys and pasted addresses are typed into hidden fields. The address to open and the device code are printed: a text front
end has no other way to show them, and both are void once the sign-in is over.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from codex_jupyter.core.spelled import on_one_line
from codex_jupyter.errors import UserError
from codex_jupyter.notebook import kernel_internals, login_ways, presence, stdin_prompt
from codex_jupyter.notebook.presence import Line
from codex_jupyter.runtime.binary import absolute_entries
from codex_jupyter.runtime.child import undisturbed
from codex_jupyter.session.signing_in import KEY

if TYPE_CHECKING:
    from codex_jupyter.notebook.login_panel import First
    from codex_jupyter.session.session import Session
    from codex_jupyter.session.signing_in import LoginAttempt, Standing, Way


def sign_in_by_prompts(
    shell: Any, session: Session, first: First, flags: frozenset[str]
) -> Standing | None:
    """Sign in by prompts; returns who is signed in then, None when nothing was chosen.

    Raises:
        SignInError: it failed; the text says how and what to do next.
        KeyboardInterrupt: given up; the attempt has been cancelled.
    """
    kernel = kernel_internals.kernel_of(shell)
    line = presence.line_of(shell)

    try:
        if first == "choose":
            first = _choose(line)
        if first == "choose":
            return None
        if first == "key":
            return _by_key(session, line)
        return _by_attempt(
            session, line, "device" if first == "device" else "browser", kernel, flags
        )
    except EOFError:
        raise UserError("The sign-in was cancelled. Nothing was changed.") from None


def _choose(line: Line) -> First:
    ways: list[tuple[First, str]] = [
        ("browser", "ChatGPT, in a browser on this machine"),
        ("device", "a code, on any device"),
        ("key", "an API key"),
    ]
    if login_ways.is_remote():
        ways.insert(0, ways.pop(1))
    print("Sign in to Codex with:")
    for number, (_, label) in enumerate(ways, 1):
        print(f"  {number}  {label}")
    while True:
        typed = line(f"1 to {len(ways)}, or nothing to leave it: ").strip()
        if not typed:
            return "choose"
        if typed.isdecimal() and 1 <= int(typed) <= len(ways):
            return ways[int(typed) - 1][0]


def _by_key(session: Session, line: Line) -> Standing:
    return session.use_api_key(line(KEY, secret=True))


def _by_attempt(
    session: Session, line: Line, way: Way, kernel: Any, flags: frozenset[str]
) -> Standing:
    engine, signing_in = session.engine, session.signing_in
    attempt = engine.call(signing_in.start(way))
    try:
        tell(attempt)
        if way == "browser":
            if "no-browser" not in flags and not login_ways.is_remote() and kernel is None:
                _open_browser(attempt.url)
            else:
                _offer_paste(session, attempt, line)
        return engine.call(attempt.wait())
    except BaseException:
        engine.call(attempt.cancel())
        raise


def _open_browser(url: str) -> None:
    """Open a page; browsers are looked for by name, in a process of its own that does not look into the folder."""
    path = os.pathsep.join(absolute_entries(os.environ.get("PATH", os.defpath)))
    show = "import sys, webbrowser; webbrowser.open(sys.argv[1])"
    env = {**os.environ, "PATH": path or os.defpath}
    subprocess.run(undisturbed([sys.executable, "-I", "-c", show, url]), env=env, check=False)


def tell(attempt: LoginAttempt) -> None:
    """Print where to go and what to type there."""
    print(f"Open {on_one_line(attempt.url)}")
    if attempt.way == "device":
        print(f"and type this code there, within 15 minutes: {on_one_line(attempt.user_code)}")
    else:
        print("If the browser runs on this machine, the sign-in completes by itself.")


def _offer_paste(session: Session, attempt: LoginAttempt, line: Line) -> None:
    """Take a pasted address, as often as it takes; a browser that gets through ends the prompt."""
    prompt = "If the browser ended on a page it cannot open, paste its address (hidden): "
    while attempt.outcome is None:
        try:
            address = line(prompt, secret=True, withdrawn=lambda: attempt.outcome is not None)
        except stdin_prompt.Withdrawn:
            return
        if not address.strip():
            return
        try:
            session.engine.call(attempt.finish(address))
            return
        except UserError as error:
            if attempt.outcome is not None:
                raise
            print(on_one_line(f"{error.message} {error.hint}".strip(), "prose"))
        except asyncio.CancelledError:
            return
