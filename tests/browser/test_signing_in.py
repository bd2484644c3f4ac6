"""Signing in from a notebook in real JupyterLab: every way, a reload in the middle, a cancel, and no secret anywhere after."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from codex_jupyter import offline
from codex_jupyter.offline import Offline, Script, say
from tests.browser.conftest import OpenNotebook
from tests.browser.lab_notebook import LabNotebook
from tests.login_ports import login_ports
from tests.waiting import until

LOAD = "%load_ext codex_jupyter"
KEY = "sk-test-0123456789abcdefghij"
WHO = "Signed in with ChatGPT as ada@example.com, plan plus."
VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_STATES = (
    "import ipywidgets.widgets.widget as w; "
    "print([each.get_state() for each in list(w._instances.values())])"
)


@pytest.fixture
def model(scratch: Path) -> Iterator[Offline]:
    """An offline model that asks for an account. Alone on this machine with the ports of browser sign-ins."""
    script = Script.reply([say("Here I am.", phase="final_answer")])
    with login_ports():
        with offline.start(script, codex_home=scratch / "codex", needs_account=True) as running:
            yield running


def press(panel: Locator, name: str) -> None:
    panel.get_by_role("button", name=name, exact=True).click()


def link_of(panel: Locator) -> str:
    link = panel.get_by_role("link").first
    expect(link).to_be_visible()
    assert link.get_attribute("target") == "_blank"
    assert "noopener" in (link.get_attribute("rel") or "")
    return link.get_attribute("href") or ""


def saved_text(notebook: LabNotebook, number: int) -> str:
    """The text of what stands in the place of a panel that has ended; the page hears of it a moment after the panel."""

    def shown() -> dict[str, Any]:
        (output,) = [o for o in notebook.outputs(number) if o["output_type"] == "display_data"]
        return output["data"] if "text/html" in output["data"] else {}

    data = until(shown, "the panel to become text")
    assert set(data) == {"text/html", "text/markdown", "text/plain"}
    return "".join(data["text/plain"])


def test_gallery_every_way_to_sign_in_leaves_no_secret(
    open_notebook: OpenNotebook, model: Offline, chromium: Browser, scratch: Path
) -> None:
    issuer = model.issuer
    assert issuer is not None
    cells = [
        LOAD,
        "%codex hello",
        "%codex login",
        "%codex logout",
        "%codex login --no-browser",
        "%codex /logout",
        "%codex login --device",
        "%codex logout",
        "%codex login --api-key",
        "%codex hello",
        "%codex account",
    ]
    notebook = open_notebook(cells, environ={"OPENAI_API_KEY": "sk-environ-0123456789abcdef"})
    notebook.run(0)

    # A turn that lacks an account offers the ways; a cancel leads back to them.
    notebook.begin(1)
    offer = notebook.output(1)
    expect(offer).to_contain_text("Not signed in. Nothing was sent.")
    expect(offer).to_contain_text("OPENAI_API_KEY is set here")
    notebook.wait_idle(1)
    notebook.screenshot("no-account", 1)
    press(offer, "Device code")
    expect(offer).to_contain_text("type this code")
    press(offer, "Cancel")
    expect(offer).to_contain_text("The sign-in was cancelled.")
    notebook.screenshot("signing-in-cancelled", 1)

    # By address, followed in another window, with a reload in between.
    notebook.run(2)
    panel = notebook.output(2)
    notebook.screenshot("gallery-signing-in", 2)
    press(panel, "ChatGPT")
    url = link_of(panel)
    assert url.startswith(issuer.url)
    notebook.screenshot("signing-in-chatgpt", 2)
    notebook.save()
    notebook.reload()
    panel = notebook.output(2)
    expect(panel.get_by_role("link", name="Open the sign-in page")).to_have_attribute("href", url)
    issuer.grants.consent = "ask"
    window = chromium.new_context(ignore_https_errors=True)
    page = window.new_page()
    page.goto(url)
    page.get_by_role("link").first.click()
    page.wait_for_url("http://127.0.0.1:1455/success**")
    window.close()
    issuer.grants.consent = "grant"
    expect(panel).to_contain_text(WHO)  # the panel itself: a reloaded page no longer knows displays
    notebook.screenshot("signing-in-done", 2)
    kept = notebook.save()["cells"][2]["outputs"]
    neutral = "Codex sign-in. %codex account says who is signed in."
    assert ["".join(output["data"]["text/plain"]) for output in kept] == [neutral]
    assert all(set(output["data"]) <= {"text/plain", VIEW} for output in kept)
    notebook.run(3)
    expect(notebook.output(3)).to_contain_text("Signed out on this machine.")

    # By the address that a browser elsewhere ended on.
    notebook.run(4)
    panel = notebook.output(4)
    address = issuer.callback(link_of(panel))
    panel.locator("summary").click()
    field = panel.get_by_label("The address it ended on")
    field.fill("http://localhost:1455/auth/callback?code=x&state=another")
    press(panel, "Finish with this address")
    expect(panel).to_contain_text("its state is not ours")
    expect(field).to_have_value("")
    notebook.screenshot("signing-in-pasted", 4)
    field.fill(address)
    press(panel, "Finish with this address")
    expect(panel).to_contain_text(WHO)
    assert WHO in saved_text(notebook, 4)
    notebook.run(5)

    # By a code on another device.
    notebook.run(6)
    panel = notebook.output(6)
    code = panel.locator(".cj-usercode")
    expect(code).to_be_visible()
    expect(panel).to_contain_text(
        re.compile(r"14:\d\d")
    )  # "time left" before it is the stylesheet's
    notebook.screenshot("gallery-signing-in-device", 6)
    press(panel, "Copy the code")
    assert notebook.page.evaluate("navigator.clipboard.readText()") == code.inner_text()
    issuer.approve(code.inner_text())
    expect(panel).to_contain_text(WHO)
    assert WHO in saved_text(notebook, 6)
    notebook.run(7)

    # By a key that this kernel alone holds.
    notebook.run(8)
    panel = notebook.output(8)
    panel.get_by_label("Your key").fill(KEY)
    notebook.screenshot("signing-in-key", 8)
    press(panel, "Use this key")
    expect(panel).to_contain_text("Signed in with an API key, for this kernel only.")
    assert not (model.codex_home / "auth.json").exists()
    notebook.run(9)
    expect(notebook.output(9)).to_contain_text("Here I am.")
    notebook.run(10)
    expect(notebook.output(10)).to_contain_text("this kernel's memory")
    notebook.screenshot("signing-in-account", 10)

    states = notebook.run_in_kernel(WIDGET_STATES)
    assert "_esm" in states
    saved = json.dumps(notebook.save())
    secrets = [*issuer.secrets, KEY, "sk-environ-0123456789abcdef", url, address]
    assert len(issuer.secrets) > 12
    files = [p for root in (scratch, notebook.file.parent) for p in root.rglob("*") if p.is_file()]
    assert any("history.sqlite" in p.name for p in files)
    assert any(p.name.startswith("rollout") for p in files)
    contents = {p: p.read_bytes() for p in files}
    for secret in secrets:
        assert secret not in saved
        assert secret not in states
        assert secret not in "".join(notebook.record.console)
        leaked = [p.name for p, content in contents.items() if secret.encode() in content]
        assert not leaked, f"a secret lies in {leaked}"
    assert not notebook.record.errors


def test_a_remote_kernel_that_cannot_hear_subshells_offers_the_device_code_first(
    open_notebook: OpenNotebook, model: Offline
) -> None:
    issuer = model.issuer
    assert issuer is not None
    cells = [
        LOAD,
        "%codex login",
        "%codex logout",
        "%codex login",
        "%codex logout",
        "import codex_jupyter\nawait codex_jupyter.session().start_login('device')",
    ]
    key = "sk-environ-0123456789abcdef"
    notebook = open_notebook(
        cells,
        kernel="ipykernel-6.29",
        environ={"JUPYTERHUB_USER": "ada", "OPENAI_API_KEY": key},
    )
    notebook.run(0)
    notebook.run(1)
    panel = notebook.output(1)
    expect(panel.get_by_role("button").first).to_have_text("Device code")
    issuer.fail("usercode", 404)
    press(panel, "Device code")
    expect(panel).to_contain_text("Sign-in by device code is switched off")
    notebook.screenshot("signing-in-failed", 1)
    issuer.mend()
    press(panel, "Device code")
    code = panel.locator(".cj-usercode")
    issuer.approve(code.inner_text())
    expect(panel).to_contain_text(WHO)

    # A key of the environment is used for this kernel only, and only when somebody says so.
    notebook.run(2)
    notebook.run(3)
    expect(notebook.output(3)).to_contain_text("OPENAI_API_KEY is set here")
    assert not (model.codex_home / "auth.json").exists()
    press(notebook.output(3), "Use it, for this kernel only")
    expect(notebook.output(3)).to_contain_text("Signed in with an API key, for this kernel only.")
    assert not (model.codex_home / "auth.json").exists()
    notebook.run(4)

    # A program begins a sign-in: the page shows its code, the cell's value does not.
    notebook.run(5)
    panel = notebook.output(5)
    code = panel.locator(".cj-usercode")
    typed = code.inner_text()
    expect(panel).to_contain_text("<sign-in by device: open>")
    assert typed not in notebook.run_in_kernel(WIDGET_STATES)
    issuer.approve(typed)
    expect(panel).to_contain_text(WHO)
    saved = json.dumps(notebook.save())
    for secret in (*issuer.secrets, key, typed):
        assert secret not in saved
