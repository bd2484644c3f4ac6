"""Names of the SDK that are used although they are private: all of them in ``tap.py``, each pinned by a contract test.

They are looked up before a runtime is started on an SDK. One that moved is said in a sentence; nothing half works.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from codex_jupyter import journal

log = journal.logger("runtime")

#: What is used of the SDK beyond its public names, the same from openai-codex 0.154 to 0.163. Everything else of
#: ``CodexClient`` that touches the process is replaced in ``tap.py``: ``start``, ``close``, ``_write_message``.
PRIVATE_NAMES: Mapping[str, tuple[str, ...]] = {
    "openai_codex.api.AsyncCodex": ("_client",),
    "openai_codex.async_client.AsyncCodexClient": ("_sync",),
    "openai_codex.client.CodexClient": (
        "_approval_handler",
        "_coerce_notification",
        "_handle_server_request",
        "_router",
        "_subscribe_turn_notifications",
        "_write_message",
    ),
    "openai_codex._message_router.MessageRouter": (
        "_global_notifications",  # by tests: it must not grow, and neither must the next
        "_turn_states",
        "fail_all",
        "has_goal",
        "route_notification",
        "route_response",
    ),
}

#: What ``tap.py`` replaces of ``CodexClient``, with the parameters that the SDK calls it with.
REPLACED: Mapping[str, tuple[str, ...]] = {
    "start": (),
    "close": (),
    "request": ("method", "params", "response_model"),
    "register_turn_notifications": ("turn_id",),
    "register_login_notifications": ("login_id",),
    "_subscribe_turn_notifications": ("turn_id",),
    "_handle_server_request": ("msg",),
    "_write_message": ("payload",),
}

#: What ``tap.py`` imports by its public name.
PUBLIC_NAMES: Mapping[str, tuple[str, ...]] = {
    "openai_codex": ("AsyncCodex",),
    "openai_codex.client": ("CodexClient", "CodexConfig"),
    "openai_codex.errors": ("CodexError", "TransportClosedError"),
}


def moved(load: Callable[[str], Any] = importlib.import_module) -> str:
    """The first name that the installed SDK does not have where it is looked for, ``""`` when all are there.

    Args:
        load: imports a module by its name.

    Raises:
        ModuleNotFoundError: there is no SDK at all.

    Example:
        >>> moved()
        ''
    """
    load("openai_codex")
    for module, names in PUBLIC_NAMES.items():
        for name in names:
            if not hasattr(_loaded(load, module), name):
                return f"{module}.{name}"
    for owner, names in PRIVATE_NAMES.items():
        module, _, name = owner.rpartition(".")
        try:
            made = getattr(_loaded(load, module), name)()
        except Exception as error:  # it is gone, or is made in another way
            log.warning("%s of the SDK cannot be made", owner, exc_info=error)
            return owner
        for private in names:
            if not hasattr(made, private):
                return f"{owner}.{private}"
    client = load("openai_codex.client").CodexClient
    for name, parameters in REPLACED.items():
        if _parameters(client, name) != parameters:
            return f"openai_codex.client.CodexClient.{name}"
    return ""


def _loaded(load: Callable[[str], Any], module: str) -> Any:
    try:
        return load(module)
    except ModuleNotFoundError:
        return None


def _parameters(owner: Any, name: str) -> tuple[str, ...] | None:
    try:
        return tuple(inspect.signature(getattr(owner, name)).parameters)[1:]
    except (AttributeError, TypeError, ValueError):
        return None
