"""The SDK's private names that the tap leans on: when one of these tests fails, ``runtime/tap.py`` must be mended."""

from __future__ import annotations

import importlib
import inspect

import pytest

from codex_jupyter.runtime.private_names import PRIVATE_NAMES
from codex_jupyter.runtime.tap import Tap

#: Spelled out once more, so that nobody adds to what we lean on in passing.
PINNED = {
    ("openai_codex.api.AsyncCodex", "_client"),
    ("openai_codex.async_client.AsyncCodexClient", "_sync"),
    ("openai_codex.client.CodexClient", "_approval_handler"),
    ("openai_codex.client.CodexClient", "_coerce_notification"),
    ("openai_codex.client.CodexClient", "_handle_server_request"),
    ("openai_codex.client.CodexClient", "_router"),
    ("openai_codex.client.CodexClient", "_subscribe_turn_notifications"),
    ("openai_codex.client.CodexClient", "_write_message"),
    ("openai_codex._message_router.MessageRouter", "_global_notifications"),
    ("openai_codex._message_router.MessageRouter", "_turn_states"),
    ("openai_codex._message_router.MessageRouter", "fail_all"),
    ("openai_codex._message_router.MessageRouter", "has_goal"),
    ("openai_codex._message_router.MessageRouter", "route_notification"),
    ("openai_codex._message_router.MessageRouter", "route_response"),
}


def made(owner: str) -> object:
    module, _, name = owner.rpartition(".")
    return getattr(importlib.import_module(module), name)()


def test_nothing_is_leaned_on_in_passing() -> None:
    assert {(owner, name) for owner, names in PRIVATE_NAMES.items() for name in names} == PINNED


@pytest.mark.parametrize(("owner", "name"), sorted(PINNED))
def test_the_name_is_there(owner: str, name: str) -> None:
    assert hasattr(made(owner), name)


def test_what_we_replace_is_called_as_before() -> None:
    from openai_codex.client import CodexClient

    for name in ("start", "close", "request", "register_turn_notifications", "_write_message"):
        ours, theirs = getattr(Tap, name), getattr(CodexClient, name)
        assert list(inspect.signature(ours).parameters) == list(
            inspect.signature(theirs).parameters
        )


def test_the_async_client_asks_only_the_client_below() -> None:
    """Whatever ``AsyncCodexClient`` does goes through ``_sync``, which is what makes the exchange possible."""
    from openai_codex.async_client import AsyncCodexClient

    assert set(vars(AsyncCodexClient())) == {"_sync"}


def test_the_sdk_still_accepts_by_itself() -> None:
    """Why the handler is replaced. If this fails the SDK has learned to ask, and the tap may be simplified."""
    from openai_codex.client import CodexClient

    asked = {"method": "item/commandExecution/requestApproval", "params": {}}
    assert CodexClient()._handle_server_request(asked) == {"decision": "accept"}
