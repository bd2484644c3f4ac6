"""The messages between kernel and page, as ``docs/protocol.md`` names them: made and read here, nowhere else.

Mirrors ``js/src/wire.js``. What a page sends is checked and becomes a frozen object; what does not fit becomes None.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

#: What names a view or an intent: made up by the page, and sent back to it.
_NAME = re.compile(r"[ -~]{0,200}")


@dataclass(frozen=True, slots=True)
class Ready:
    """The page has loaded the panel's module; there may be no view yet.

    ``covers``: it could show a view over a saved copy of the transcript.
    """

    covers: bool = False


@dataclass(frozen=True, slots=True)
class Hello:
    """A view was rendered; ``have`` is the last number of a batch it has seen.

    ``covers``: it could stand over a saved copy of the transcript. ``key``: what its later messages carry; a view makes it
    up, tells the kernel alone and puts it nowhere else. ``reaches``: it can reach the notebook that it stands in.
    """

    view: str
    have: int
    covers: bool = False
    key: str = field(default="", repr=False)
    reaches: bool = False


@dataclass(frozen=True, slots=True)
class Resync:
    """A view missed something after number ``have``."""

    view: str
    have: int
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of life. ``hidden``: the tab is in the background, where the next may take more than a minute."""

    view: str
    hidden: bool = False
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Bye:
    """The view is gone: its page was closed or reloaded, or its output cleared. Not every page gets to say it."""

    view: str
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class WantCopy:
    """The notebook of this view has an older copy of the transcript than the kernel has published."""

    view: str
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Replied:
    """What a view says to the question with this number about its notebook."""

    id: str
    view: str
    reply: dict[str, Any] = field(default_factory=dict, repr=False)  # the user's own cells
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Intent:
    """What a person did. ``kind`` and ``body`` as the protocol lists them; ``id`` makes repeats harmless."""

    id: str
    view: str
    kind: str
    body: dict[str, Any] = field(
        default_factory=dict, repr=False
    )  # may hold what was typed: keep it out of logs
    key: str = field(default="", repr=False)


#: What a view says; its key comes along.
OfView = Hello | Resync | Beat | Bye | WantCopy | Replied | Intent


def read(content: Any) -> Ready | OfView | None:
    """A page's message, or None for anything that is not one."""
    if not isinstance(content, dict):
        return None
    view, key = _text(content.get("view")), _text(content.get("key"))
    if not _NAME.fullmatch(view):
        return None
    have = content.get("have", 0)
    have = have if isinstance(have, int) else 0
    match content.get("type"):
        case "ready":
            return Ready(content.get("covers") is True)
        case "hello":
            covers, reaches = content.get("covers") is True, content.get("reaches") is True
            return Hello(view, have, covers, key, reaches)
        case "resync":
            return Resync(view, have, key)
        case "beat":
            return Beat(view, content.get("hidden") is True, key)
        case "bye":
            return Bye(view, key)
        case "want_copy":
            return WantCopy(view, key)
        case "replied":
            reply, number = content.get("reply"), content.get("id")
            if isinstance(reply, dict) and isinstance(number, str) and _NAME.fullmatch(number):
                return Replied(number, view, reply, key)
        case "intent":
            intent, name = content.get("intent"), content.get("id")
            if isinstance(intent, dict) and isinstance(name, str) and _NAME.fullmatch(name):
                return Intent(name, view, _text(intent.get("kind")), intent, key)
    return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def batch(seq: int, ops: list[dict[str, Any]]) -> dict[str, Any]:
    """What changed; numbers go up by one."""
    return {"type": "batch", "seq": seq, "ops": ops}


def snapshot(seq: int, parts: dict[str, Any]) -> dict[str, Any]:
    """Everything, as of the batch with this number."""
    return {"type": "snapshot", "seq": seq, **parts}


def welcome(view: str, seq: int, now: int) -> dict[str, Any]:
    """``now`` is this machine's clock, ms since 1970: the page's may differ."""
    return {"type": "welcome", "view": view, "seq": seq, "now": now}


def heard(view: str, seq: int) -> dict[str, Any]:
    """A view's beat arrived, and this is the number of the last batch."""
    return {"type": "heard", "view": view, "seq": seq}


def copied(number: int) -> dict[str, Any]:
    """The copy with this number was published as the turn's output; the last one is what stays."""
    return {"type": "copied", "number": number}


def copy(number: int, data: dict[str, Any]) -> dict[str, Any]:
    """The copy with this number, for a notebook that did not get it."""
    return {"type": "copy", "number": number, "data": data}


def ask(view: str, question_id: str, question: dict[str, Any]) -> dict[str, Any]:
    """A question to one view about the notebook that it stands in."""
    return {"type": "ask", "view": view, "id": question_id, "question": question}


def ack(intent_id: str, outcome: str, message: str = "") -> dict[str, Any]:
    """An intent arrived: ``accepted``, ``late`` or ``refused``; ``message`` is for the reader."""
    return {"type": "ack", "id": intent_id, "outcome": outcome, "message": message}


def answer_of(body: dict[str, Any]) -> tuple[str, str, dict[str, list[str]], str]:
    """An ``answer`` intent's request id, choice, values by field and form content (JSON text).

    A content that JSON has no words for, ``NaN`` say, is ``"null"``: that fills no form.
    """
    values = body.get("values")
    clean = {
        str(key): [_value(v) for v in (value if isinstance(value, list) else [value])]
        for key, value in (values if isinstance(values, dict) else {}).items()
    }
    content = body.get("content")
    return (
        _text(body.get("request")),
        _text(body.get("choice")),
        clean,
        _json(content) if isinstance(content, dict) else "",
    )


def _value(value: object) -> str:
    """What a control of a form holds is a text; what else a page may send is read as JSON has it."""
    return value if isinstance(value, str) else _json(value)


def _json(value: object) -> str:
    try:
        return json.dumps(value, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        return "null"
