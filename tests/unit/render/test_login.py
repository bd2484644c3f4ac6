"""The sign-in panel's html: what a person needs is there, what they must not keep is not, and nothing is live by mistake."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codex_jupyter.core.document import Block, Document, Footer, Header
from codex_jupyter.render import html, login, markdown, text
from codex_jupyter.render.login import SignInView

URL = "https://auth.example.org/authorize?state=s3cr3t&code_challenge=x"
OPEN = SignInView("browser", url=URL)
DEVICE = SignInView(
    "device", url="https://auth.example.org/device", user_code="ABCD-1234", until_ms=9
)


def test_the_choice_names_three_ways_and_a_remote_kernel_puts_the_code_first() -> None:
    near = login.block(SignInView())
    far = login.block(SignInView(remote=True))
    assert near.index("ChatGPT</button>") < near.index("Device code</button>")
    assert far.index("Device code</button>") < far.index("ChatGPT</button>")
    assert "OPENAI_API_KEY" not in near
    assert "OPENAI_API_KEY" in login.block(SignInView(env_key="OPENAI_API_KEY"))


def test_the_link_opens_elsewhere_and_tells_nobody_where_it_came_from() -> None:
    made = login.block(OPEN)
    assert 'target="_blank"' in made
    assert 'rel="noopener noreferrer"' in made
    assert "state=s3cr3t&amp;code" in made


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "http://evil.example"])
def test_an_address_that_is_no_web_page_is_no_link(url: str) -> None:
    for state in ("browser", "device"):
        assert "href" not in login.block(SignInView(state, url=url))  # type: ignore[arg-type]


def test_what_is_said_cannot_become_markup() -> None:
    hostile = '<img src=x onerror=alert(1)>"'
    every = SignInView(
        url=hostile, user_code=hostile, account=hostile, message=hostile, hint=hostile,
        file=hostile, env_key=hostile, after=hostile,
    )  # fmt: skip
    for state in ("choose", "starting", "browser", "device", "key", "done"):
        assert "<img" not in login.block(replace(every, state=state))


@pytest.mark.parametrize("view", [OPEN, DEVICE, replace(OPEN, message="No.", hint="Try again.")])
def test_what_is_saved_holds_no_address_and_no_code(view: SignInView) -> None:
    above = Document(
        Header(), (Block("e", "error", "Not signed in.", "error"),), Footer("failed"), ended=True
    )
    for document in (login.outcome(view), login.outcome(view, above)):
        for form in (html.document, markdown.document, text.document):
            saved = form(document)
            assert "example.org" not in saved
            assert "ABCD" not in saved
            assert "%codex login" in saved or "Try again." in saved
    assert "s3cr3t" not in repr(view)


def test_what_is_saved_says_who_signed_in() -> None:
    done = SignInView("done", account="Signed in with ChatGPT as ada@example.com.", after="Go on.")
    assert "ada@example.com" in text.document(login.outcome(done))
    assert "Go on." in text.document(login.outcome(done))
