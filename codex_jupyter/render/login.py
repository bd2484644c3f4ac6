"""The sign-in panel as html, from what is known about a sign-in: pure, and live only.

The address and the code are in this html because a person needs them; it travels as a message and is never saved. What
is saved in its place is ``outcome``, which has neither.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from codex_jupyter.core.document import Block, Document, Facts, Footer, Header
from codex_jupyter.render.markup import element, text, verbatim

#: choose: three ways. starting: the runtime was asked. browser, device, key: one way. done: somebody is signed in.
State = Literal["choose", "starting", "browser", "device", "key", "done"]

#: The key of the one block.
KEY = "login"


@dataclass(frozen=True, slots=True)
class SignInView:
    """What the panel shows.

    Attributes:
        state: which of its faces.
        remote: the kernel runs on another machine than the browser, as far as one can tell.
        env_key: the name of an environment variable that holds a key, or ``""``.
        file: where the runtime keeps a sign-in for the machine, as people write it.
        url, user_code: of the open attempt.
        until_ms: when the code runs out, ms since 1970.
        account: who is signed in, as a sentence, or ``""``.
        glyph, message, hint: how the last step ended; ``""`` when there is nothing to say.
        after: what to do once somebody is signed in.
        offline: the label of the offline model, or ``""``.
    """

    state: State = "choose"
    remote: bool = False
    env_key: str = ""
    file: str = ""
    url: str = ""
    user_code: str = ""
    until_ms: int = 0
    account: str = ""
    glyph: Literal["failed", "info"] = "failed"
    message: str = ""
    hint: str = ""
    after: str = ""
    offline: str = ""

    def __repr__(self) -> str:
        return f"<sign-in view: {self.state}>"


def block(view: SignInView) -> str:
    """The panel's one block."""
    face = {
        "choose": _choose,
        "starting": _starting,
        "browser": _browser,
        "device": _device,
        "key": _key,
        "done": _done,
    }[view.state](view)
    card = element("div", face, "cj-card cj-login", id=f"login-{view.state}")
    return element(
        "div", card, "cj-block", data_cj_key=KEY, role="group", aria_label="Sign in to Codex"
    )


def outcome(view: SignInView, above: Document | None = None) -> Document:
    """What is saved once it is over: who signed in and how, or that nobody did.

    Args:
        view: the last state.
        above: the failed turn that the panel stood in for.
    """
    if view.state == "done":
        line = Block(KEY, "notice", view.account, "ok", fold="never", open=True)
        hint = view.after
    else:
        title = view.message or "Not signed in: this sign-in was not finished."
        line = Block(KEY, "notice", title, "info", fold="never", open=True)
        hint = view.hint or "Sign in: %codex login"
    body = (Facts((("next", hint),)),) if hint else ()
    said = Block(line.key, line.kind, line.title, line.glyph, body=body, fold="never", open=True)
    if above is not None:
        return Document(above.header, (*above.blocks, said), above.footer, ended=True)
    return Document(Header(offline=view.offline), (said,), Footer("none"), ended=True)


# The faces -------------------------------------------------------------------------------------------------------


def _choose(view: SignInView) -> str:
    ways = [("browser", "ChatGPT"), ("device", "Device code"), ("key", "API key")]
    if view.remote:
        ways.insert(0, ways.pop(1))
    buttons = [
        _button(choice, label, primary=number == 0) for number, (choice, label) in enumerate(ways)
    ]
    parts = [_title("Sign in to Codex"), _said(view)]
    if view.account:
        parts.append(_note(f"{view.account} Signing in again replaces that."))
    parts.append(element("div", "".join(buttons), "cj-options"))
    if view.remote:
        why = "This kernel runs on another machine: a device code works from anywhere."
    else:
        why = "ChatGPT opens a page in this browser; a device code works from any other device."
    parts.append(_note(why))
    if view.env_key:
        use = _button("env-key", "Use it, for this kernel only")
        said = element("span", f"{element('code', text(view.env_key))} is set here:")
        parts.append(element("div", f"{said} {use}", "cj-line"))
    return "".join(parts)


def _starting(view: SignInView) -> str:
    return _title("Sign in to Codex") + _waiting("Asking Codex to begin")


def _browser(view: SignInView) -> str:
    link = element(
        "a",
        "Open the sign-in page",
        "cj-button cj-primary",
        href=_web(view.url),
        target="_blank",
        rel="noopener noreferrer",
        referrerpolicy="no-referrer",
    )
    pasted = _form(
        "address",
        element(
            "label",
            "The address it ended on "
            + element(
                "input",
                "",
                "cj-input",
                type="text",
                name="address",
                required=True,
                autocomplete="off",
                spellcheck="false",
                data_cj_secret=True,
                placeholder="http://localhost:1455/auth/callback?…",
            ),
        ),
        [_submit("finish", "Finish with this address")],
    )
    help_ = element(
        "details",
        element("summary", "The browser ended on a page that it could not open?")
        + _note(
            "That happens when this kernel runs on another machine. Copy the whole address from the "
            "browser's address bar and paste it here; it is used once and not kept."
        )
        + pasted,
        open=view.remote or bool(view.message),
        data_cj_fold="pasted",
    )
    return (
        _title("Sign in with ChatGPT")
        + element("div", link + _copy(view.url, "Copy the link"), "cj-options")
        + _waiting("Waiting for you to sign in there")
        + _said(view)
        + help_
        + element(
            "div",
            _button("device", "Use a device code instead") + _button("cancel", "Cancel"),
            "cj-options",
        )
    )


def _device(view: SignInView) -> str:
    link = element(
        "a", text(view.url), href=_web(view.url), target="_blank", rel="noopener noreferrer"
    )
    code = element("code", text(view.user_code), "cj-usercode")
    left = element("span", "", "cj-left", data_cj_until=str(view.until_ms))
    return (
        _title("Sign in with a device code")
        + element(
            "div",
            f"{element('span', f'1. On any device, open {link}')} {_copy(view.url, 'Copy the link')}",
            "cj-line",
        )
        + element("div", element("span", "2. Sign in there, and type this code:"), "cj-line")
        + element("div", code + _copy(view.user_code, "Copy the code"), "cj-line cj-coderow")
        + _waiting("Waiting for you to type it", left)
        + _said(view)
        + _note(
            "Type it only on that page. Never share this code: it gives access to your account."
        )
        + element("div", _button("cancel", "Cancel"), "cj-options")
    )


def _key(view: SignInView) -> str:
    field = element(
        "label",
        "Your key "
        + element(
            "input",
            "",
            "cj-input",
            type="password",
            name="key",
            required=True,
            autocomplete="off",
            spellcheck="false",
        ),
    )
    choices = element(
        "fieldset",
        element("legend", "Where Codex keeps it")
        + _radio("kernel", "this kernel only", "in memory; gone when the kernel ends", True)
        + _radio("machine", "this machine", f"in {view.file}, readable by your user alone", False),
        "cj-field",
    )
    return (
        _title("Sign in with an API key")
        + _said(view)
        + _form(
            "key",
            field + choices,
            [_submit("use-key", "Use this key"), _button("cancel", "Cancel")],
        )
        + _note("Nothing of it goes into the notebook. The key is not checked until the next turn.")
    )


def _done(view: SignInView) -> str:
    mark = element("span", "✓", "cj-glyph", aria_hidden="true")
    line = element("div", f"{mark} {element('span', text(view.account), 'cj-title')}", "cj-line")
    return element("div", line, "cj-ok") + (_note(view.after) if view.after else "")


# Parts -----------------------------------------------------------------------------------------------------------


def _title(words: str) -> str:
    return element("div", text(words), "cj-cardtitle")


def _note(words: str) -> str:
    return element("div", text(words), "cj-note")


def _said(view: SignInView) -> str:
    """How the last step ended, with the next one."""
    if not view.message:
        return ""
    sign = "✗" if view.glyph == "failed" else "ℹ"
    mark = element("span", sign, "cj-glyph", aria_hidden="true")
    line = element("div", f"{mark} {element('span', text(view.message), 'cj-title')}", "cj-line")
    kind = "cj-failed" if view.glyph == "failed" else "cj-info"
    hint = element("div", text(view.hint), "cj-note") if view.hint else ""
    return element("div", line + hint, f"{kind} cj-saidlogin", role="status")


def _waiting(words: str, more: str = "") -> str:
    spin = element("span", "", "cj-glyph cj-spin", aria_hidden="true")
    return element("div", f"{spin} {element('span', text(words) + more)}", "cj-line cj-waits")


def _button(choice: str, label: str, *, primary: bool = False) -> str:
    return element(
        "button",
        text(label),
        "cj-button cj-primary" if primary else "cj-button",
        type="button",
        data_cj_intent=json.dumps({"kind": "login", "choice": choice}),
        data_cj_busy="One moment…",
    )


def _submit(choice: str, label: str) -> str:
    return element(
        "button",
        text(label),
        "cj-button cj-primary",
        type="submit",
        data_cj_choice=choice,
        data_cj_busy="One moment…",
    )


def _form(name: str, content: str, buttons: list[str]) -> str:
    row = element("div", "".join(buttons), "cj-options")
    return element(
        "form",
        content + row,
        "cj-loginform",
        id=f"login-form-{name}",
        data_cj_form="login",
        method="dialog",  # submitting it can lead nowhere
        autocomplete="off",
    )


def _copy(value: str, label: str) -> str:
    content = text(label) + element("template", verbatim(value))
    return element("button", content, "cj-button", type="button", data_cj_copy="")


def _radio(value: str, label: str, explains: str, checked: bool) -> str:
    box = element("input", "", "", type="radio", name="keep", value=value, checked=checked)
    said = f"{box} {text(label)}" + element("span", f" {text(explains)}", "cj-note")
    return element("label", said, "cj-choice")


def _web(url: str) -> str | None:
    """The address, if a page may link to it."""
    return url if url.startswith(("https://", "http://localhost", "http://127.0.0.1")) else None
