"""The captured wire messages of runtime 0.163 as events, and strategies that bend them."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from codex_jupyter.core import events as ev
from codex_jupyter.core.answerers import person
from codex_jupyter.core.blocks import document
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.document import Block, Document
from codex_jupyter.core.events import Event
from codex_jupyter.core.items import AgentMessage, Command, Notice, UserMessage
from codex_jupyter.core.reduce import reduce
from codex_jupyter.core.requests import Decision, Request
from codex_jupyter.core.rights import Rights, Sandbox
from codex_jupyter.core.turn import Turn, TurnSettings
from codex_jupyter.runtime.translate import translate, translate_request

FOLDER = Path(__file__).parents[2] / "data" / "captures"
SETTINGS = TurnSettings(
    model="gpt-5.5",
    effort="medium",
    rights=Rights(Sandbox("workspace-write"), "/home/ada/churn"),
    home="/home/ada",
)
#: Where the captures were made.
CAPTURED = Turn(settings=TurnSettings(rights=Rights(folder="/workspace")))
Message = tuple[str, dict[str, Any]]


@cache
def load(name: str) -> Any:
    """One file of captures."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def of_one_turn(event: Event) -> Event:
    """The event as if it belonged to the one turn that is looked at."""
    return replace(event, thread_id="t", turn_id="u")


@cache
def messages() -> tuple[Message, ...]:
    """Every captured notification, items included."""
    found: list[Message] = [(f"item/{c['event']}", c["params"]) for c in load("items")]
    for method, rows in load("notifications").items():
        found += [(method, row) for row in rows]
    return tuple(found)


def item_messages(type_: str) -> list[Message]:
    """The captured starts, then completions, of one item type."""
    rows = sorted(
        (c for c in load("items") if c["type"] == type_), key=lambda c: c["event"] != "started"
    )
    return [(f"item/{c['event']}", c["params"]) for c in rows]


def captured(type_: str) -> list[Event]:
    """The captured starts, then completions, of one item type, as events of the one turn."""
    return [of_one_turn(translate(method, params)) for method, params in item_messages(type_)]


def as_captured(type_: str) -> list[str]:
    """The rows that the captures of one item type make, sorted."""
    return sorted(titles(document(play(*captured(type_), turn=CAPTURED))))


def notified(method: str, **params: Any) -> Any:
    """The event of a notification about item ``i`` of the one turn. Untyped: each test knows which class it expects."""
    return translate(method, {"threadId": "t", "turnId": "u", "itemId": "i", **params})


@cache
def requests() -> tuple[Request, ...]:
    """Every captured server request."""
    found = []
    for method, rows in load("server_requests").items():
        for row in rows:
            found.append(translate_request(len(found), method, row["params"], prefix="r"))
    return tuple(found)


@cache
def events() -> tuple[Event, ...]:
    """Every capture as an event of the one turn, and the events that only our own side makes."""
    wire = [of_one_turn(translate(method, params)) for method, params in messages()]
    items = [e.item.id for e in wire if isinstance(e, (ev.ItemStarted, ev.ItemCompleted))]
    t, u = "t", "u"
    ours: list[Event] = [
        ev.StopRequested(t, u),
        ev.LeftoversEnded(t, u, 1, 0),
        ev.LeftoversEnded(t, u, 0, 2),
        ev.DataSent(t, u, "df (5 rows)"),
        ev.RuntimeLost(t, u, "gone"),
        ev.AgentProgressed(t, u, "01a1fd16-ace0-7291-acb0-2701fd2f7c1a", "running", "reads"),
        ev.RawCallSeen(t, u, "call_1", "exec_command", '{"cmd": "touch x"}'),
        ev.RawOutputSeen(t, u, "call_1", "approval policy is Never; reject command"),
        ev.RawCallSeen(t, u, "call_2", "exec", 'await tools.exec_command({cmd: "touch x"})'),
        ev.RawOutputSeen(t, u, "call_2", "Script running with cell ID 1\n"),
        ev.RawCallSeen(t, u, "call_3", "wait", '{"cell_id": "1"}'),
        ev.RawOutputSeen(t, u, "call_3", "Script failed\nrejected by user approval settings"),
        ev.RequestWithdrawn(t, u, "r2", "the runtime no longer waits"),
    ]
    for request in requests():
        ours.append(ev.RequestOpened(t, u, request=request))
        for choice in ("once", "stop"):
            decision = Decision(request.id, choice, "something", person(), "14:02", request.item_id)
            ours.append(ev.RequestAnswered(t, u, decision=decision))
    for item_id in dict.fromkeys(items):  # every kind of delta for every item, right type or wrong
        ours += [
            ev.MessageAppended(t, u, item_id, "text "),
            ev.OutputAppended(t, u, item_id, "out\n"),
            ev.ReasoningAppended(t, u, item_id, 1, "thought "),
            ev.ReasoningAppended(t, u, item_id, 10**9, "", raw=True),
            ev.PlanAppended(t, u, item_id, "step "),
            ev.PatchUpdated(t, u, item_id, (Change("/w/a.py", "update", "@@ -1 +1 @@\n-a\n+b\n"),)),
            ev.ToolProgressed(t, u, item_id, "half"),
            ev.InputTyped(t, u, item_id, "y\n"),
            ev.ImageLoaded(t, u, item_id, "data:image/png;base64,AAAA"),
        ]
    return (*wire, *ours)


# --- bending ----------------------------------------------------------------------------------------------------------

#: As JSON text, so that nothing that was bent once comes back bent.
_JUNK = [
    *("null", "true", "-1", "0", "1e400", "1.5", '""', '"x"', '"inProgress"', r'"\ud800"'),
    *('"a\\nb"', '"a\\u2028b"', "[]", "{}", "[null]", '{"type": 7}', "1" + "0" * 400),
]


@st.composite
def bent(draw: st.DrawFn) -> Event:
    """A captured notification of which some fields, at any depth, were replaced or left out."""
    method, params = messages()[draw(st.integers(0, len(messages()) - 1))]
    value = json.loads(json.dumps(params))
    for _ in range(draw(st.integers(1, 3))):
        _bend(draw, value)
    return of_one_turn(translate(method, value))


def _bend(draw: st.DrawFn, value: Any) -> None:
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = draw(st.sampled_from(keys))
        if isinstance(value[key], (dict, list)) and value[key] and draw(st.integers(0, 3)):
            value = value[key]
            continue
        if isinstance(value, dict) and draw(st.booleans()):
            del value[key]
        else:
            value[key] = json.loads(draw(st.sampled_from(_JUNK)))
        return


@cache
def families() -> tuple[tuple[Event, ...], ...]:
    """The events by what they are about (an item, a request, a call), so that a stream can dwell on a few of them."""
    found: dict[object, list[Event]] = {}
    for event in events():
        about = (
            getattr(event, "item_id", "")
            or getattr(getattr(event, "item", None), "id", "")
            or getattr(getattr(event, "request", None), "id", "")
            or getattr(getattr(event, "decision", None), "request_id", "")
            or getattr(event, "request_id", "")
            or ("call" if hasattr(event, "call_id") else "")
            or "turn"
        )
        found.setdefault(about, []).append(event)
    return tuple(tuple(family) for family in found.values())


def _not_the_end(event: Event) -> bool:
    return not isinstance(event, (ev.TurnCompleted, ev.RuntimeLost))


@st.composite
def streams(draw: st.DrawFn, most: int = 40) -> list[Event]:
    """Any order, subset and repetition of captured and bent events, mostly about the same few things; the turn ends
    somewhere in it, or not at all."""
    families_ = families()
    chosen = [
        families_[i]
        for i in draw(st.lists(st.integers(0, len(families_) - 1), min_size=1, max_size=4))
    ]
    few = [event for family in chosen for event in family if _not_the_end(event)] or list(
        events()[:1]
    )
    rest = [event for event in events() if _not_the_end(event)]
    happened: list[Event] = []
    for where in draw(st.lists(st.integers(0, 5), max_size=most)):
        if where == 5:
            happened.append(draw(bent()))
        else:
            pool = rest if where == 4 else few
            happened.append(pool[draw(st.integers(0, len(pool) - 1))])
    ends = [event for event in events() if not _not_the_end(event)]
    for end in draw(st.lists(st.integers(0, len(ends) - 1), max_size=2)):
        happened.insert(draw(st.integers(0, len(happened))), ends[end])
    return happened


# --- playing ----------------------------------------------------------------------------------------------------------


def play(*happened: Event, turn: Turn | None = None) -> Turn:
    """The turn after these events."""
    state = turn if turn is not None else Turn(settings=SETTINGS)
    for event in happened:
        state = reduce(state, event)
    return state


def shown(*happened: Event) -> Document:
    """The document of the turn after these events."""
    return document(play(*happened))


def only(*happened: Event) -> Block:
    """The one row of that document."""
    (block,) = shown(*happened).blocks
    return block


def statuses(turn: Turn) -> dict[str, str]:
    """The status of each entry, by id."""
    return {entry.id: entry.status for entry in turn.entries}


def started(item: Any) -> ev.ItemStarted:
    return ev.ItemStarted("t", "u", item=item)


def completed(item: Any) -> ev.ItemCompleted:
    return ev.ItemCompleted("t", "u", item=item)


def ended(status: str = "completed", **more: Any) -> ev.TurnCompleted:
    return ev.TurnCompleted("t", "u", status=status, **more)


def said(id: str, text: str) -> ev.MessageAppended:
    return ev.MessageAppended("t", "u", id, text)


def printed(id: str, text: str) -> ev.OutputAppended:
    return ev.OutputAppended("t", "u", id, text)


def prompt(text: str = "go", id: str = "u1") -> UserMessage:
    from codex_jupyter.core.items import InputPart

    return UserMessage(id, parts=(InputPart("text", text),))


def message(id: str, text: str = "", **more: Any) -> AgentMessage:
    from codex_jupyter.core.text import Text

    return AgentMessage(id, text=Text.of(text), **more)


def command(id: str, text: str = "ls", **more: Any) -> Command:
    return Command(id, command=f"/bin/bash -lc '{text}'", cwd=SETTINGS.cwd, **more)


def notice(message: str, level: str = "warning", code: str = "") -> ev.NoticeRaised:
    return ev.NoticeRaised(
        "t", "u", notice=Notice("", "completed", level=level, message=message, code=code)
    )


def titles(document: Document) -> list[str]:
    """One line for each row: its kind, title and measure."""
    return [" | ".join(p for p in (b.kind, b.title, b.meta) if p) for b in document.blocks]
