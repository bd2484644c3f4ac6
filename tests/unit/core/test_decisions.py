"""What the record of an answer keeps, and how it reads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from codex_jupyter.core import answerers
from codex_jupyter.core import requests as rq
from codex_jupyter.core.answerers import PROGRAM, Answerer, person, policy, rule
from codex_jupyter.core.decisions import MASKED, MOST_CHARACTERS, answers, decided
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.document import Block, ExactFacts, Facts, Lines
from codex_jupyter.core.events import RequestOpened, RequestWithdrawn
from codex_jupyter.core.records import decision as row
from codex_jupyter.core.records import withdrawn
from codex_jupyter.core.reduce import reduce
from codex_jupyter.core.requests import Answer
from codex_jupyter.core.rights import UNAVAILABLE, Rights, Sandbox
from codex_jupyter.core.secrets.cleaner import Cleaner
from codex_jupyter.core.secrets.fields import cleaned
from codex_jupyter.core.turn import Turn, TurnSettings

AT = "2026-05-04T14:02:31+02:00"
RIGHTS = Rights(folder="/w", sandbox=Sandbox("workspace-write", writable=("/w",)))
TURN = Turn(settings=TurnSettings(rights=RIGHTS, home="/home/ada"))
COMMAND = rq.CommandRequest("r", command="pip install pyarrow", cwd="/w", reason="to read parquet")


def told(block: Block) -> dict[str, str]:
    """The labelled lines that the row unfolds to."""
    return dict(
        row for part in block.body if isinstance(part, Facts | ExactFacts) for row in part.rows
    )


def drawn(request: rq.Request, choice: Any = "once", by: Answerer = person("panel")) -> Block:  # noqa: B008
    return row(decided(request, TURN, Answer(choice), by, AT))


def test_a_command_keeps_where_outside_of_what_why_and_who_answered_when() -> None:
    block = drawn(COMMAND)
    assert block.title == "You allowed once, 14:02: pip install pyarrow"
    assert told(block) == {
        "in": "/w",
        "outside of": "the sandbox (workspace-write)",
        "why": "to read parquet",
        "answered by": "you, in this tab, 2026-05-04 14:02:31 +02:00",
    }
    assert (block.fold, block.open) == ("body", False)


@pytest.mark.parametrize(
    ("request_", "outside"),
    [
        (COMMAND, "workspace-write"),
        (rq.FileChangeRequest("r", paths=("/w/a",)), "workspace-write"),
        (rq.KernelRequest("r", code="1"), "workspace-write"),
        (rq.KernelRequest("r", action="edit"), ""),
        (rq.McpToolRequest("r", server="demo"), "workspace-write"),
        (rq.CommandRequest("r", command="x", permissions='{"network": {"enabled": true}}'), ""),
        (rq.CommandRequest("r", command="x", network_host="example.org"), ""),
        (rq.PermissionsRequest("r", network=True), ""),
        (rq.QuestionsRequest("r"), ""),
    ],
)
def test_what_leaves_the_sandbox_says_which(request_: rq.Request, outside: str) -> None:
    assert decided(request_, TURN, Answer("decline"), person(), AT).outside == outside


def test_where_there_is_no_sandbox_the_record_says_so() -> None:
    turn = Turn(settings=TurnSettings(rights=Rights(folder="/w", sandbox=UNAVAILABLE)))
    made = row(decided(COMMAND, turn, Answer("once"), person(), AT))
    assert told(made)["outside of"] == "no sandbox: there is none here"


@pytest.mark.parametrize(
    ("request_", "choice", "said"),
    [
        (rq.PermissionsRequest("r", network=True), "once", "You allowed for this turn"),
        (rq.PermissionsRequest("r", network=True), "session", "You allowed for this session"),
        (rq.PermissionsRequest("r", network=True), "decline", "You declined"),
        (COMMAND, "stop", "You declined and stopped"),
        (rq.UrlRequest("r", server="demo", url="https://e.org"), "once", "You confirmed that the page was opened"),
    ],
)  # fmt: skip
def test_for_how_long_is_said_as_it_is(request_: rq.Request, choice: Any, said: str) -> None:
    assert drawn(request_, choice).title.startswith(f"{said}, 14:02: ")


def test_changes_that_were_accepted_in_part_are_named() -> None:
    changes = (Change("cell [3]", "update", "@@"), Change("cell [4]", "delete", "x\n"))
    request = rq.KernelRequest("r", action="edit", changes=changes)
    made = decided(request, TURN, Answer("submit", (("changes", ("2",)),)), person(), AT)
    assert made.answers == (("accepted", ("cell [4]",)),)
    assert row(made).title.startswith("You accepted in part, 14:02: change cell [3], cell [4] → cell [4]")  # fmt: skip


@pytest.mark.parametrize(
    ("by", "said", "answered"),
    [
        (person("panel"), "You allowed once", "you, in this tab"),
        (person("another tab"), "You, in another tab, allowed once", "you, in another tab"),
        (person("prompt"), "You allowed once", "you, at a prompt of the cell"),
        (person("terminal"), "You allowed once", "you, at the terminal"),
        (person("/pending"), "You, with /pending, allowed once", "you, with /pending"),
        (PROGRAM, "Answered by a program (allowed once)", "a program"),
        (rule("run `x` in /w"), "Allowed by your rule for this session (run `x` in /w)",  ""),
        (policy("kernel code runs without asking", "-k run"), "Allowed by policy (kernel code runs without asking, -k run)", ""),
        (Answerer("reviewer"), "Allowed once by the automatic reviewer", "the automatic reviewer"),
    ],
    ids=lambda value: str(value),
)  # fmt: skip
def test_who_answered_is_said(by: Answerer, said: str, answered: str) -> None:
    block = drawn(COMMAND, by=by)
    assert block.title == f"{said}, 14:02: pip install pyarrow"
    when = "2026-05-04 14:02:31 +02:00"
    (kept,) = (value for name, value in told(block).items() if name.startswith("answered"))
    assert kept == (f"{answered}, {when}" if answered else when)


@pytest.mark.parametrize("kind", ["program", "rule", "policy", "reviewer"])
@pytest.mark.parametrize("choice", ["once", "session", "always", "decline", "stop", "submit"])
def test_you_are_named_for_nothing_that_you_did_not_answer(kind: Any, choice: Any) -> None:
    """Whatever the answer, the row begins with "You" for a person alone."""
    assert not drawn(COMMAND, choice, Answerer(kind, words="you, yourself")).title.startswith("You")


@pytest.mark.parametrize(
    ("request_", "how"),
    [
        (COMMAND, "-s full-access"),
        (rq.FileChangeRequest("r", paths=("/x",)), "-s workspace-write"),
        (rq.KernelRequest("r", code="1"), "-k run"),
        (rq.KernelRequest("r", action="edit"), "-k edit"),
        (rq.KernelRequest("r", action="edit", always="why"), "answer there"),
        (rq.McpToolRequest("r", server="demo"), "mcp_servers.demo.default_tools_approval_mode"),
        (rq.QuestionsRequest("r"), "in the prompt"),
        (rq.FormRequest("r"), "JupyterLab"),
        (rq.UrlRequest("r"), "JupyterLab"),
    ],
)
def test_what_nobody_was_asked_says_how_to_allow_it(request_: rq.Request, how: str) -> None:
    block = drawn(request_, "decline", policy("nobody is here to approve it"))
    (advice,) = (part for part in block.body if isinstance(part, Lines) and part.advice)
    assert how in advice.lines[0] and "JupyterLab" in advice.lines[0] and block.open


@pytest.mark.parametrize("by", [person("panel"), PROGRAM, rule("x")], ids=str)
def test_what_somebody_declined_needs_no_advice(by: Answerer) -> None:
    assert decided(COMMAND, TURN, Answer("decline"), by, AT).note == ""


def test_what_is_allowed_from_now_on_is_said() -> None:
    made = decided(COMMAND, TURN, Answer("session"), person(), AT, "run `x` in /w")
    assert told(row(made))["allowed from now on"] == "run `x` in /w"


# --- what was answered ---------------------------------------------------------------------------------------------------

QUESTIONS = rq.QuestionsRequest(
    "q",
    questions=(
        rq.Question("c", "Colour", "Which colour?", (("Red", "warm"), ("Blue", ""))),
        rq.Question("s", "Word", "The word?", secret=True),
        rq.Question("o", "Word", "Which one?", (("None", ""), ("Other", "")), secret=True),
        rq.Question("p", "", "What is the database password?"),
        rq.Question("t", "Token", "Which token?", (("The old token", ""), ("The new one", ""))),
        rq.Question("n", "Name", ""),
    ),
)


def test_answers_stand_with_their_question_and_secret_ones_are_masked() -> None:
    given = (
        ("c", ("Red", "rather teal")),
        ("s", ("hunter2",)),
        ("o", ("Other", "hunter3")),
        ("p", ("hunter4",)),
        ("t", ("The old token", "hunter5")),
        ("n", ("Ada",)),
        ("never asked", ("hunter6",)),
    )
    made = decided(QUESTIONS, TURN, Answer("submit", given), person("panel"), AT)
    assert made.answers == (
        ("Which colour?", ("Red", "rather teal")),
        ("The word?", (MASKED,)),
        ("Which one?", (MASKED, MASKED)),
        ("What is the database password?", (MASKED,)),
        ("Which token?", ("The old token", MASKED)),
        ("Name", ("Ada",)),
    )
    assert "hunter" not in repr(made)
    block = row(made)
    assert block.title.startswith("You answered, 14:02: Which colour?; The word?")
    assert f"→ Red, rather teal; {MASKED}" in block.title
    assert told(block)["Which colour?"] == "Red, rather teal"


def test_what_was_not_answered_is_not_recorded() -> None:
    assert answers(QUESTIONS, Answer("skip", (("c", ("Red",)),))) == ()
    assert answers(QUESTIONS, Answer("submit", (("c", ()), ("n", ("",))))) == ()


SCHEMA = json.dumps(
    {
        "properties": {
            "name": {"type": "string", "title": "Your name"},
            "age": {"type": "integer"},
            "kinds": {"type": "array", "items": {"enum": ["a", "b"]}},
            "word": {"type": "string", "format": "password"},
            "hidden": {"type": "string", "writeOnly": True},
            "api_key": {"type": "string"},
            "agree": {"type": "boolean"},
            "empty": {"type": "string"},
        }
    }
)


def test_a_form_is_recorded_by_its_labels_and_secret_fields_are_masked() -> None:
    content = {
        "name": "Ada", "age": 41, "kinds": ["a", "b"], "word": "hunter1", "hidden": "hunter2", "api_key": "hunter3",
        "agree": False, "empty": "", "password_of_another": "hunter4", "deep": {"token": "hunter5"},
    }  # fmt: skip
    form = rq.FormRequest("f", server="demo", message="Who?", schema=SCHEMA)
    made = decided(form, TURN, Answer("submit", content=json.dumps(content)), person(), AT)
    kept = cleaned(made, Cleaner())  # as the event that carries it is
    assert kept.answers[:7] == (
        ("Your name", ("Ada",)),
        ("age", ("41",)),
        ("kinds", ("a", "b")),
        ("word", (MASKED,)),
        ("hidden", (MASKED,)),
        ("api_key", (MASKED,)),
        ("agree", ("false",)),
    )
    assert "hunter" not in repr(kept)


@pytest.mark.parametrize("content", ["", "[]", "{", '"x"', "null", "[" * 100_000])
def test_a_form_that_is_none_is_recorded_without_answers(content: str) -> None:
    assert answers(rq.FormRequest("f", schema=SCHEMA), Answer("submit", content=content)) == ()


def test_a_long_answer_is_cut() -> None:
    ((_, (kept,)),) = answers(QUESTIONS, Answer("submit", (("n", ("x" * 100_000,)),)))
    assert len(kept) == MOST_CHARACTERS + 2


def test_an_answer_with_line_breaks_stays_in_its_row() -> None:
    given = Answer("submit", (("n", ("one\nYou allowed once, 14:02: rm -rf /",)),))
    block = row(decided(QUESTIONS, TURN, given, person(), AT))
    assert "\n" not in block.title


def test_what_nobody_answered_keeps_where_and_why() -> None:
    turn = reduce(Turn("t", "u", "running"), RequestOpened("t", "u", request=COMMAND))
    turn = reduce(turn, RequestWithdrawn("t", "u", "r", "Codex no longer waits for it"))
    block = withdrawn(turn.withdrawn[0])
    assert block.title == "Not answered (Codex no longer waits for it): pip install pyarrow"
    assert told(block) == {"in": "/w", "why": "to read parquet"}


def test_every_kind_of_request_has_a_record() -> None:
    for kind, name in rq.KINDS.items():
        made = decided(kind("r"), TURN, Answer("decline"), answerers.policy("x"), AT)
        assert made.kind == name and row(made).title
