"""Names of the SDK that are used although they are private: all of them in ``tap.py``, each pinned by a contract test."""

from __future__ import annotations

#: What is used of the SDK beyond its public names (openai-codex 0.163). Everything else of ``CodexClient`` that touches
#: the process is replaced in ``tap.py``: ``start``, ``close``, ``_write_message``.
PRIVATE_NAMES = {
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
