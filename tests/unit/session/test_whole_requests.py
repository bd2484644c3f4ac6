"""What is asked is whole before it is asked: the patch of the very item of the very agent, and nothing hidden that runs."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from codex_jupyter.core import requests as rq
from codex_jupyter.core.answerers import person
from codex_jupyter.core.asked import choices
from codex_jupyter.core.blocks import DocumentBuilder
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.document import Block
from codex_jupyter.core.events import ItemCompleted, ItemStarted
from codex_jupyter.core.items import Command, FileChange, SubAgentActivity
from codex_jupyter.core.items.file_change import PatchUpdated
from codex_jupyter.core.rights import Rights
from codex_jupyter.core.secrets.withheld import hides_more
from codex_jupyter.core.turn import Turn, TurnSettings
from codex_jupyter.session.children import REMEMBERED_PATCHES, Patches
from codex_jupyter.session.routes import Routes
from tests.unit.session.test_broker import asking, opened

HARMLESS, HARM = (Change("notes.txt", "add", "hello\n"),), (Change("/etc/passwd", "add", "x\n"),)


def routes() -> Routes[Any]:
    """A turn on ``parent`` that wrote a harmless patch as item ``i``, and its agent ``helper`` on ``child``."""
    made: Routes[Any] = Routes()
    own = FileChange("i", changes=HARMLESS)
    made.activate("parent", SimpleNamespace(turn=Turn("parent", "u", "running", entries=(own,))))
    begun = SubAgentActivity("s", agent_thread_id="child", agent_path="/root/helper")
    made.place(ItemStarted("parent", "u", item=begun))
    return made


def test_a_childs_patch_is_its_own_and_never_that_of_another_thread() -> None:
    known = routes()
    asks = rq.FileChangeRequest("r", thread_id="child", item_id="i")
    assert known.changes_of(asks) == ()  # the parent has an item of this very id
    known.place(ItemStarted("child", "v", item=FileChange("i", changes=HARM)))
    assert known.changes_of(asks) == HARM and known.agent_of(asks) == "helper"
    own = rq.FileChangeRequest("r", thread_id="parent", turn_id="u", item_id="i")
    assert known.changes_of(own) == HARMLESS and known.agent_of(own) == ""


def test_what_a_childs_patch_became_is_what_is_asked_for() -> None:
    known = routes()
    known.place(ItemStarted("child", "v", item=FileChange("j", changes=HARMLESS)))
    known.place(PatchUpdated("child", "v", "j", HARM))
    assert known.changes_of(rq.FileChangeRequest("r", thread_id="child", item_id="j")) == HARM


def test_an_item_that_is_no_patch_or_not_there_shows_nothing() -> None:
    known = routes()
    known.place(ItemStarted("child", "v", item=Command("c", command="ls")))
    for thread, item in (("child", "c"), ("child", ""), ("parent", "c"), ("stranger", "i")):
        request = rq.FileChangeRequest("r", thread_id=thread, item_id=item)
        assert known.changes_of(request) == ()
        assert choices(request) == ("decline", "stop")


def test_remembered_patches_are_bounded() -> None:
    patches = Patches()
    for number in range(3 * REMEMBERED_PATCHES):
        patches.look(ItemStarted("c", "u", item=FileChange(str(number), changes=HARM)))
        patches.look(ItemCompleted("c", "u", item=FileChange("x", changes=HARM)))
    assert patches.of("c", "0") == () and patches.of("c", str(3 * REMEMBERED_PATCHES - 1)) == HARM


@pytest.mark.parametrize(
    ("exact", "shown", "more"),
    [
        ("ls", "ls", False),
        ("curl -u ada:hunter2 x", "curl -u ada:[hidden] x", False),
        ("A=abc123 B=def456 ls", "A=[hidden] B=[hidden] ls", False),
        ("T='$(touch x)' true", "T='[hidden]' true", True),
        ("T=`touch x`", "T=[hidden]", True),
        ("T=a;touch${IFS}x", "T=[hidden]", True),
        ("T=a\ntouch x", "T=[hidden]", True),
        ("T=a&&ls|sh", "T=[hidden]", True),
        ("T=a touch x", "T=[hidden]", True),
        ("echo [hidden]", "echo [hidden]", False),
        ("one", "two", True),
        ("one two", "one", True),
        (json.dumps({"token": "abc123def"}), '{"token": "[hidden]"}', False),
        (json.dumps({"token": "a b; rm -r x"}), '{"token": "[hidden]"}', True),
        (json.dumps({"a": 1, "b": 2}), '{"a": 1}', True),
        (json.dumps({"pin": 123456}), '{"pin": "[hidden]"}', False),
    ],
)
def test_what_is_hidden_is_a_word_or_cannot_be_allowed(exact: str, shown: str, more: bool) -> None:
    assert hides_more(exact, shown) is more
    asked, cleaned = rq.CommandRequest("r", command=exact), rq.CommandRequest("r", command=shown)
    assert hides_more(asked, cleaned) is more


@pytest.mark.parametrize(
    "script", ["PASSWORD='$(touch x)' true", "API_TOKEN='a; touch x' sh -c \"$API_TOKEN\""]
)
def test_code_behind_a_telling_name_is_shown_or_cannot_be_allowed(script: str) -> None:
    request = rq.CommandRequest("r", "t", "u", command=script, cwd="/w")
    asker = asking()
    desk = opened(asker, request)
    ((_, shown),) = desk.open_requests()
    assert isinstance(shown, rq.CommandRequest)
    if "[hidden]" in shown.command:
        assert choices(shown) == ("decline", "stop")
        assert desk.answer("r", rq.Answer("once"), person()).kind == "refused"
        assert asker.told == []
    else:
        assert shown.command == script


def test_a_click_on_what_is_not_drawn_whole_allows_nothing() -> None:
    asker = asking()
    desk = opened(asker, rq.FileChangeRequest("r", "t", "u", paths=("/etc/passwd",)))
    for choice in ("once", "session", "always", "submit"):
        assert desk.answer("r", rq.Answer(choice), person()).kind == "refused"  # type: ignore[arg-type]
    assert asker.told == [] and asker.turn.decisions == ()
    assert desk.answer("r", rq.Answer("decline"), person()).kind == "accepted"


def test_the_record_keeps_all_that_was_asked() -> None:
    command = "touch a\n" + "\n" * 60 + "touch b\u200b"
    asker = asking()
    opened(
        asker, rq.CommandRequest("r", "t", "u", command=command, cwd="/w", reason="to see")
    ).answer("r", rq.Answer("once"), person())
    (decision,) = asker.turn.decisions
    assert decision.exact is not None
    assert decision.exact.words[0].text == command
    assert decision.exact.facts == (("in", "/w"), ("why", "to see"))


def test_the_row_of_a_patch_folds_while_its_card_is_open() -> None:
    item = FileChange("i", "in_progress", changes=HARMLESS)
    request = rq.FileChangeRequest("r", item_id="i", changes=HARMLESS, paths=("/w/notes.txt",))
    settings = TurnSettings(rights=Rights(folder="/w"))
    plain = Turn("t", "u", "running", settings, entries=(item,))
    builder = DocumentBuilder()

    def row(turn: Turn) -> Block:
        return next(b for b in builder.build(turn).blocks if b.key == "item:i")

    assert row(plain).open
    asks = Turn("t", "u", "running", settings, entries=(item,), requests=(request,))
    assert not row(asks).open
    again = Turn("t", "u", "running", settings, entries=(item,), requests=(request,), diff="x")
    assert row(again) is row(asks) or not row(again).open
    assert row(plain).open
