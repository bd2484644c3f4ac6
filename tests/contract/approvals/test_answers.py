"""Each request and each answer, given from code to a turn of a session, with the effect checked in the world."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from codex_jupyter.core import answerers
from codex_jupyter.core import items as it
from codex_jupyter.core import requests as rq
from codex_jupyter.core.answerers import PROGRAM, Answerer, person, policy
from codex_jupyter.core.decisions import MASKED
from codex_jupyter.core.raw import Raw
from codex_jupyter.core.requests import Answer
from codex_jupyter.core.turn import Turn
from codex_jupyter.errors import UserError
from codex_jupyter.offline import Request, Rule, ask, call, javascript, patch, run, say
from codex_jupyter.runtime.arrivals import RequestArrived
from codex_jupyter.session.live import NOBODY, LiveTurn
from codex_jupyter.session.waiting import finish

from .asked import (
    DONE,
    answered,
    asked,
    by_hand,
    ended,
    rule,
    saved,
    shared,
    text_of,
    touching,
    waiting,
)  # fmt: skip

PATCH = "*** Begin Patch\n*** Add File: new.txt\n+hello\n*** End Patch"
MCP_DEMO = Path(__file__).parents[1] / "runtime" / "mcp_demo.py"


def said(turn: Turn) -> str:
    return str([i for i in turn.entries if isinstance(i, it.AgentMessage)][-1].text)


def in_every_format(turn: Turn, *words: str) -> None:
    """The words stand in what is saved as html, as Markdown and as text."""
    for name, content in saved(turn).items():
        if name == "md":
            content = re.sub(r"\\([^\w\s])", r"\1", content)  # Markdown escapes some characters
        for word in words:
            assert word in content, f"{word!r} is not in the {name}:\n{content}"


# --- commands ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "made", "state", "record"),
    [
        ("once", True, "completed", "You allowed once"),
        ("session", True, "completed", "You allowed for this session"),
        ("always", True, "completed", "You allowed always (a rule was written)"),
        ("decline", False, "completed", "You declined"),
        ("stop", False, "interrupted", "You declined and stopped"),
    ],
)
def test_a_command(
    folder: Path, scratch: Path, choice: Any, made: bool, state: str, record: str
) -> None:
    target = scratch / "made"
    place = asked if choice == "always" else shared  # what is allowed for ever outlasts a session
    with place(folder, rule("go", touching(target))) as a:
        live = a.start()
        request = waiting(live)
        assert isinstance(request, rq.CommandRequest)
        assert (request.reason, request.rule) == ("to keep a record", ("touch", str(target)))
        assert not target.exists()
        turn = answered(live, choice)
        assert (target.exists(), turn.state) == (made, state)
        assert (str(target) in a.rules_file) is (choice == "always")
        (decision,) = turn.decisions
        assert (decision.by, decision.choice) == (person("panel"), choice)
        assert datetime.fromisoformat(decision.at).utcoffset() is not None
        in_every_format(turn, f"{record}, {decision.at[11:16]}", f"touch {target}")
        assert (decision.where, decision.outside) == (str(folder), "read-only")
        where = str(folder).replace(str(Path.home()), "~")
        in_every_format(turn, "to keep a record", where, "the sandbox (read-only)")
        assert turn.stopped_by == ("you" if choice == "stop" else "")


def test_a_rule_that_was_written_answers_without_a_card(folder: Path, scratch: Path) -> None:
    target = scratch / "made"
    with asked(folder, rule("go", touching(target))) as a:
        answered(a.start(), "always")
        target.unlink()
        assert a.finished(new=True).decisions == ()
        assert target.exists()


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "made", "state"),
    [
        ("once", True, "completed"),
        ("session", True, "completed"),
        ("decline", False, "completed"),
        ("stop", False, "interrupted"),
    ],
)
def test_a_file_change(folder: Path, choice: Any, made: bool, state: str) -> None:
    with shared(folder, rule("go", patch(PATCH))) as a:
        live = a.start()
        request = waiting(live)
        assert isinstance(request, rq.FileChangeRequest)
        assert request.paths == (str(folder / "new.txt"),)
        assert not (folder / "new.txt").exists()
        turn = answered(live, choice)
        assert ((folder / "new.txt").exists(), turn.state) == (made, state)
        in_every_format(turn, "edit new.txt")


# --- more rights ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", ["once", "session", "decline"])
def test_more_rights(folder: Path, scratch: Path, choice: Any) -> None:
    outside = scratch / "outside"
    outside.mkdir()
    wanted = {"file_system": {"write": [str(outside)]}}
    rules = (
        rule("again", run(f"touch {outside}/again; true"), end=DONE),
        rule(
            "go",
            call("request_permissions", {"reason": "Need it", "permissions": wanted}),
            run(f"touch {outside}/made; true"),
            end=DONE,
        ),
    )
    with shared(folder, *rules, config={"features.request_permissions_tool": True}) as a:
        live = a.start()
        request = waiting(live)
        assert isinstance(request, rq.PermissionsRequest)
        assert (request.write, request.reason) == ((str(outside),), "Need it")
        turn = answered(live, choice)
        assert (outside / "made").exists() is (choice != "decline")
        in_every_format(turn, f"more rights: write {str(outside).replace(str(Path.home()), '~')}")
        a.finished("again")
        assert not (outside / "again").exists(), "what was given for a turn ends with it"


# --- questions --------------------------------------------------------------------------------------------------------

COLOR = {
    "id": "color",
    "header": "Color",
    "question": "Which?",
    "options": [{"label": "Red", "description": "warm"}, {"label": "Blue", "description": "cold"}],
}
PASSPHRASE = {
    "id": "word",
    "header": "Passphrase",
    "question": "The passphrase?",
    "isSecret": True,
    "options": [{"label": "None", "description": ""}, {"label": "Unknown", "description": ""}],
}


@pytest.mark.parametrize(
    ("choice", "values", "told"),
    [
        ("submit", {"color": "Blue"}, {"color": {"answers": ["Blue"]}}),
        ("submit", {"color": ["teal, rather"]}, {"color": {"answers": ["teal, rather"]}}),
        ("skip", None, {}),
    ],
)
def test_a_question(folder: Path, choice: Any, values: Any, told: dict[str, Any]) -> None:
    with shared(folder, rule("go", ask(COLOR))) as a:
        live = a.start()
        request = waiting(live)
        assert isinstance(request, rq.QuestionsRequest)
        assert [label for label, _ in request.questions[0].options] == ["Red", "Blue"]
        turn = answered(live, choice, values)
        assert json.loads(said(turn))["answers"] == told
        (decision,) = turn.decisions
        given = told["color"]["answers"][0] if told else ""
        assert decision.answers == ((("Which?", (given,)),) if told else ())
        in_every_format(
            turn, "You answered" if told else "You skipped", f"Which?{given and ' → '}{given}"
        )


def test_what_is_typed_into_a_secret_question_is_in_no_transcript(folder: Path) -> None:
    word = "correct-horse-battery"
    with shared(folder, rule("go", ask(PASSPHRASE), end=DONE)) as a:
        turn = answered(a.start(), "submit", {"word": word})
        assert word in a.model.server.requests[-1].output  # the model was told
        for content in saved(turn).values():
            assert word not in content
            assert "The passphrase?" in content
        assert word not in repr(turn)
        assert turn.decisions[0].answers == (("The passphrase?", (MASKED,)),)


# --- MCP --------------------------------------------------------------------------------------------------------------


def mcp(record: Path) -> dict[str, Any]:
    return {
        "mcp_servers.demo.command": sys.executable,
        "mcp_servers.demo.args": [str(MCP_DEMO), str(record)],
    }


def mcp_rule(name: str) -> Rule:
    return rule(name, call(name, {}, namespace="mcp__demo"))


@pytest.mark.parametrize(("choice", "ran"), [("once", 1), ("session", 2), ("decline", 0)])
def test_an_mcp_tool(folder: Path, scratch: Path, choice: Any, ran: int) -> None:
    record = scratch / "record"
    with asked(folder, mcp_rule("danger"), config=mcp(record)) as a:
        live = a.start("danger")
        assert isinstance(waiting(live), rq.McpToolRequest)
        assert not record.exists()
        turn = answered(live, choice)
        in_every_format(turn, "danger")
        again = a.start("danger")
        if choice == "session":
            ended(again)
            (decision,) = again.turn.decisions
            assert decision.by == answerers.rule("use demo/danger")
        else:
            answered(again, "decline")
        assert (record.read_text().count("danger") if record.exists() else 0) == ran


@pytest.mark.parametrize(
    ("word", "choice", "content", "action"),
    [
        ("form", "submit", '{"name": "Ada"}', "accept"),
        ("form", "decline", "", "decline"),
        ("url", "once", "", "accept"),
        ("url", "decline", "", "decline"),
    ],
)
def test_what_an_mcp_server_asks(
    folder: Path, scratch: Path, word: str, choice: Any, content: str, action: str
) -> None:
    with asked(folder, mcp_rule(word), config=mcp(scratch / "record")) as a:
        turn = answered(a.start(word), choice, content=content)
        (called,) = (i for i in turn.entries if isinstance(i, it.McpToolCall))
        heard = json.loads(called.result[0].value)
        assert heard["action"] == action
        (decision,) = (d for d in turn.decisions if d.kind in ("form", "page"))
        assert decision.answers == ((("Name", ("Ada",)),) if content else ())
        if content:
            assert heard["content"] == {"name": "Ada"}
            in_every_format(turn, "Ada")


def test_a_form_that_does_not_fit_its_schema_is_refused_and_still_waits(
    folder: Path, scratch: Path
) -> None:
    with asked(folder, mcp_rule("form"), config=mcp(scratch / "record")) as a:
        live = a.start("form")
        request = waiting(live)
        for content, why in (
            ("{}", "Name is needed."),
            ('{"name": ""}', "Name is needed."),
            ('{"name": 7}', "Name is a text."),
            ("[]", "The form is not filled in."),
        ):
            answer = partial(live.control.answer, request.id, Answer("submit", content=content))
            told = a.session.engine.thread.run(partial(answer, PROGRAM))
            assert (told.kind, told.why) == ("refused", why)
            assert live.answer(request.id, "submit", content=content) == "refused"
        assert live.pending and not live.done
        turn = answered(live, "submit", {"name": "Ada"})  # by field, without any JSON
        (called,) = (i for i in turn.entries if isinstance(i, it.McpToolCall))
        assert json.loads(called.result[0].value)["content"] == {"name": "Ada"}
        assert [d.choice for d in turn.decisions] == ["submit"]


# --- nobody is asked --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("interactive", "options", "why"),
    [
        (True, {"approval": "never"}, policy("nobody is asked", "-a never")),
        (False, {}, policy(f"nobody is here to approve it: {NOBODY}")),
    ],
)
def test_where_nobody_is_asked_it_is_declined_and_seen(
    folder: Path, scratch: Path, interactive: bool, options: dict[str, Any], why: Answerer
) -> None:
    target = scratch / "made"
    rules = (rule("go", touching(target), patch(PATCH), ask(COLOR), end=DONE),)
    with shared(folder, *rules, interactive=interactive) as a:
        turn = a.finished(**options)
        assert turn.state == "completed"
        assert not target.exists() and not (folder / "new.txt").exists()
        assert [d.choice for d in turn.decisions] == ["decline", "decline", "skip"]
        assert {d.by for d in turn.decisions} == {why}
        in_every_format(turn, f"touch {target}", "edit new.txt", "Which?", "Done.")
        assert text_of(turn).count(f"by {why}, ") == 3
        in_every_format(
            turn, "To allow it without being asked: ", "Say in the prompt what you want"
        )


def test_a_program_that_answers_itself_says_so(folder: Path, scratch: Path) -> None:
    target = scratch / "made"
    with shared(folder, rule("go", touching(target), end=DONE), interactive=False) as a:
        live = a.start(interactive=True)
        turn = by_program(live, "once")
        assert target.exists()
        assert [d.by for d in turn.decisions] == [PROGRAM]
        in_every_format(turn, "Answered by a program (allowed once)")
        assert "You" not in text_of(turn)
        target.unlink()
        a.session.presenter = None
        assert [d.choice for d in a.finished().decisions] == ["decline"]
        by_program(a.start(interactive=True), "once")
        assert target.exists()
        turn = by_program(a.start(interactive=True), "stop")
        assert (turn.state, turn.stopped_by) == ("interrupted", "a program")


def by_program(live: LiveTurn, choice: Any) -> Turn:
    assert live.answer(waiting(live).id, choice) == "accepted"
    return ended(live)


def test_where_a_page_could_ask_a_program_can_say_that_nobody_answers(
    folder: Path, scratch: Path
) -> None:
    target = scratch / "made"
    with shared(folder, rule("go", touching(target), end=DONE)) as a:
        (decision,) = a.finished(interactive=False).decisions
        assert decision.by == policy(f"nobody is here to approve it: {NOBODY}")
        assert not target.exists()


# --- too late, and withdrawn ------------------------------------------------------------------------------------------


def test_the_first_answer_wins_and_later_ones_are_told_so(folder: Path, scratch: Path) -> None:
    target = scratch / "made"
    with shared(folder, rule("go", touching(target))) as a:
        live = a.start()
        request = waiting(live)
        assert live.answer(request.id, "submit") == "refused"
        assert by_hand(live, request.id, "decline", place="another tab") == "accepted"
        assert live.answer(request.id, "once") == "late"
        turn = ended(live)
        assert not target.exists()
        assert [d.by for d in turn.decisions] == [person("another tab")]
        in_every_format(turn, "You, in another tab, declined")


def test_an_interrupt_closes_the_card(folder: Path, scratch: Path) -> None:
    target = scratch / "made"
    with shared(folder, rule("go", touching(target))) as a:
        live = a.start()
        request = waiting(live)
        live.interrupt()
        turn = ended(live)
        assert (turn.state, turn.requests, a.session.pending) == ("interrupted", (), ())
        assert [w.request_id for w in turn.withdrawn] == [request.id]
        in_every_format(turn, "Not answered")
        assert live.answer(request.id, "once") == "late"
        assert not target.exists()


def test_the_death_of_the_runtime_closes_the_card(folder: Path, scratch: Path) -> None:
    target = scratch / "made"
    with asked(folder, rule("go", touching(target))) as a:
        live = a.start()
        request = waiting(live)
        runtime = a.session.engine.runtime
        assert runtime is not None and runtime.pid is not None
        os.kill(runtime.pid, signal.SIGKILL)
        turn = ended(live)
        assert (turn.state, turn.requests, a.session.pending) == ("failed", (), ())
        assert live.answer(request.id, "once") == "late"
        in_every_format(turn, "Not answered")
        assert answered(a.start(), "once").state == "completed"
        assert target.exists()


def test_two_requests_of_one_turn_wait_side_by_side(folder: Path, scratch: Path) -> None:
    first, second = scratch / "first", scratch / "second"
    source = (
        "const one = (c) => tools.exec_command({cmd: c, sandbox_permissions: 'require_escalated',"
        " justification: 'Needed.'});"
        f" await Promise.allSettled([one('touch {first}'), one('touch {second}')]); text('both');"
    )
    with shared(folder, rule("go", javascript(source))) as a:
        live = a.start(model="gpt-6-astra")
        waiting(live, 1)
        by_command = {r.command: r.id for r in live.pending if isinstance(r, rq.CommandRequest)}
        (later,) = (v for k, v in by_command.items() if str(second) in k)
        (earlier,) = (v for k, v in by_command.items() if str(first) in k)
        assert live.answer(later, "once") == "accepted"
        assert live.answer(earlier, "decline") == "accepted"
        ended(live)
        assert (first.exists(), second.exists()) == (False, True)


def test_an_unknown_request_is_refused_and_shown(folder: Path) -> None:
    """No runtime of today sends one: what a newer one might ask goes in where the runtime's arrivals do."""
    with shared(folder, rule("go", run("true"), ask(COLOR), end=DONE)) as a:
        live = a.start()
        question = waiting(live)
        strange = rq.UnknownRequest(
            "strange", live.turn.thread_id, live.turn.turn_id, method="item/new"
        )
        arrivals = [RequestArrived(987654, Raw(strange))]
        a.session.engine.thread.post(lambda: list(a.session.engine.arriving.receive(arrivals)))
        assert live.answer(question.id, "skip") == "accepted"
        turn = ended(live)
        assert [d.choice for d in turn.decisions if d.request_id == "strange"] == ["decline"]
        in_every_format(turn, "item/new")


# --- the reviewer -----------------------------------------------------------------------------------------------------


def test_a_refusal_of_the_reviewer_is_shown_and_can_be_overruled(
    folder: Path, scratch: Path
) -> None:
    def reviewed(request: Request) -> list[Any]:
        """Allows what the runtime says that the user approved."""
        outcome = "allow" if "manually approved a specific action" in request.text else "deny"
        told = {"outcome": outcome, "risk_level": "high", "user_authorization": "low"}
        return [say(json.dumps({**told, "rationale": "It writes outside."}))]

    target = scratch / "made"
    reviewer = Rule("review", [reviewed], when={"subagent": "guardian"})
    go = rule("go", touching(target), end=DONE)
    with shared(folder, reviewer, go) as a:
        live = a.start(approval="auto-review")
        finish(live, 60)
        assert not target.exists()
        (review,) = (i for i in live.turn.entries if isinstance(i, it.Review))
        assert (review.verdict, review.retried) == ("denied", False)
        in_every_format(live.turn, "The automatic reviewer refused", "It writes outside.")
        live.retry_review(review.id)
        in_every_format(live.turn, "You overruled this", "Answered by a program (allowed once)")
        with pytest.raises(UserError, match="overruled before"):
            live.retry_review(review.id)
        a.finished("go again", approval="auto-review")
        assert target.exists()
