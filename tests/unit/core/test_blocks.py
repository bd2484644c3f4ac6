"""How each item type reads, from the captures of runtime 0.163, and how rows are grouped, ordered and folded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codex_jupyter.core import events as ev
from codex_jupyter.core.answerers import PROGRAM, Answerer, person, policy, rule
from codex_jupyter.core.blocks import (
    EDITS_HEAD,
    EDITS_TAIL,
    WORK_HEAD,
    WORK_TAIL,
    DocumentBuilder,
    document,
)
from codex_jupyter.core.checklist import Step
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.document import Checklist, Document, Lines, Patch, Terminal
from codex_jupyter.core.events import Event
from codex_jupyter.core.items import Action, Command, FileChange, Reasoning
from codex_jupyter.core.patch import diff
from codex_jupyter.core.requests import (
    CommandRequest,
    Decision,
    FileChangeRequest,
    Question,
    QuestionsRequest,
)
from codex_jupyter.core.rights import FULL_ACCESS, READ_ONLY, UNAVAILABLE, Rights, Sandbox
from codex_jupyter.core.text import Text
from codex_jupyter.core.turn import Turn, TurnSettings
from codex_jupyter.render import html
from tests.unit.core.captures import (
    SETTINGS,
    command,
    completed,
    ended,
    message,
    only,
    play,
    prompt,
    shown,
    started,
    titles,
)

# --- looks ------------------------------------------------------------------------------------------------------------


def test_a_short_answer() -> None:
    page = shown(
        ev.TurnStarted("t", "u", 0),
        completed(prompt()),
        completed(message("m", "Three duplicated rows.", phase="final_answer")),
        ev.UsageUpdated("t", "u", ev.Usage(total=1300, thread_total=1300, window=64_000)),
        ended(duration_ms=4000),
    )
    assert [value for _, value in page.header.parts] == [
        "gpt-5.5 medium",
        "workspace-write ~/churn",
        "kernel read",
        "ask",
    ]
    assert titles(page) == ["answer"] and page.work == ""
    assert (page.footer.glyph, page.footer.text) == ("ok", "4 s · 1.3k tokens · context 2 %")
    assert page.footer.copy == "Three duplicated rows." and page.ended


def reads(id: str, name: str, **more: object) -> Command:
    action = Action("read", f"cat {name}", name, name)
    return command(id, f"cat {name}", actions=(action,), exit_code=0, **more)


ASK = CommandRequest(
    "r1", item_id="c4", command="/bin/bash -lc 'pip install pyarrow'", cwd=SETTINGS.cwd
)
WORK: list[Event] = [
    ev.TurnStarted("t", "u", 0),
    completed(prompt()),
    started(Reasoning("r", started_ms=0)),
    completed(
        Reasoning("r", summary=(Text.of("**how dates are parsed**\n\nLook."),), ended_ms=6000)
    ),
    completed(reads("c1", "load.py")),
    completed(reads("c2", "test_load.py")),
    completed(command("c3", "pytest -q", status="failed", exit_code=1, duration_ms=2100)),
    completed(
        FileChange(
            "p", changes=(Change(f"{SETTINGS.cwd}/load.py", "update", "@@ -1 +1 @@\n-a\n+b\n"),)
        )
    ),
    started(command("c4", "pip install pyarrow")),
    ev.RequestOpened("t", "u", request=ASK),
]


def test_work_while_it_waits() -> None:
    page = shown(*WORK)
    assert titles(page) == [
        "thought | Thought 6 s: how dates are parsed",
        "explored | Explored load.py, test_load.py",
        "command | pytest -q | exit 1 · 2.1 s",
        "edit | load.py | +1 −1",
        "command | pip install pyarrow",
        "card | Codex asks: run OUTSIDE the sandbox",
    ]
    edit = page.blocks[3]
    assert edit.open and edit.body == (
        Patch((Change("load.py", "update", "@@ -1 +1 @@\n-a\n+b\n"),)),
    )
    assert (page.footer.glyph, page.footer.text, page.footer.since_ms) == (
        "ask",
        "waiting for you",
        0,
    )
    assert page.footer.stoppable and page.work == ""


def test_a_question_beside_the_work_does_not_say_that_the_work_waits() -> None:
    question = Question("a", "Colour", "Which colour?")
    for blocking, told in (
        (True, ("ask", "waiting for you")),
        (False, ("running", "working, and has a question for you")),
    ):
        asked = QuestionsRequest("q", "t", "u", questions=(question,), blocking=blocking)
        foot = shown(ev.TurnStarted("t", "u"), ev.RequestOpened("t", "u", request=asked)).footer
        assert (foot.glyph, foot.text) == told


def test_the_same_afterwards() -> None:
    decision = Decision("r1", "once", "pip install pyarrow", person(), "14:02", "c4")
    page = shown(
        *WORK,
        ev.RequestAnswered("t", "u", decision=decision),
        completed(command("c4", "pip install pyarrow", exit_code=0)),
        completed(message("m", "Fixed.", phase="final_answer")),
        ev.DiffUpdated("t", "u", "diff --git"),
        ended(duration_ms=38_000),
    )
    assert page.work == "Worked 38 s: 1 thought · 4 commands (1 failed)"
    assert [t for b, t in zip(page.blocks, titles(page), strict=True) if b.fold != "work"] == [
        "edit | load.py | +1 −1",
        "decision | You allowed once, 14:02: pip install pyarrow",
        "answer",
    ]
    assert not page.blocks[3].open and page.footer.diff == "diff --git"


def test_interrupted() -> None:
    page = shown(
        completed(command("c", "ls")),
        started(message("m")),
        ev.MessageAppended("t", "u", "m", "The loader reads…"),
        ev.StopRequested("t", "u"),
        ended("interrupted", duration_ms=12_000),
        ev.LeftoversEnded("t", "u", 0, 0),
    )
    assert page.work == "Worked 12 s: 1 command"
    assert titles(page)[1:] == ["answer | unfinished"]
    assert (page.footer.glyph, page.footer.text) == (
        "stopped",
        "Stopped by you · nothing left running",
    )
    assert page.footer.lines == ("The next cell continues; --new starts afresh.",)


@pytest.mark.parametrize(
    ("happened", "text"),
    [
        ([ev.StopRequested("t", "u", "time limit"), ended("interrupted")], "Stopped by the time limit · nothing left running"),
        ([ended("interrupted")], "Interrupted · nothing left running"),
        ([started(command("c")), ended("interrupted")], "Interrupted"),
        ([started(command("c")), ended("interrupted"), ev.LeftoversEnded("t", "u", 0, 2)], "Interrupted · 2 commands still running"),
        ([started(command("c")), ended(duration_ms=2000)], "2 s · 1 command left running"),
        ([ended("failed", message="x", duration_ms=100)], "failed · 0.1 s"),
        ([ended("failed", message="x"), ev.DataSent("t", "u", "df")], "failed"),
        ([ev.StopRequested("t", "u")], "stopping"),
        ([], "starting"),
        ([ev.TurnStarted("t", "u")], "working"),
        ([ev.ErrorReported("t", "u", "Reconnecting... 2/5", will_retry=True)], "Reconnecting... 2/5"),
    ],
)  # fmt: skip
def test_the_footer_says_how_it_stands(happened: list[Event], text: str) -> None:
    assert shown(*happened).footer.text == text


def test_the_footer_lists_what_was_sent() -> None:
    assert shown(ev.DataSent("t", "u", "df (5 rows)")).footer.sent == ("df (5 rows)",)


@pytest.mark.parametrize(
    ("sandbox", "said"),
    [
        (READ_ONLY, "read-only"),
        (Sandbox("workspace-write"), "workspace-write /w"),
        (FULL_ACCESS, "full-access /w"),
        (UNAVAILABLE, "sandbox: unavailable"),
    ],
)
def test_the_header_says_what_may_be_done(sandbox: Sandbox, said: str) -> None:
    rights = Rights(sandbox, "/w", approval="never", kernel="run")
    assert document(Turn(settings=TurnSettings(rights=rights))).header.parts == (
        ("sandbox", said),
        ("kernel", "kernel run"),
        ("approval", "never"),
    )


def test_a_header_says_nothing_of_rights_that_nobody_was_sent() -> None:
    assert document(Turn(settings=TurnSettings(model="m"))).header.parts == (("model", "m"),)


def test_the_offline_model_is_named_in_the_header() -> None:
    assert (
        document(Turn(settings=TurnSettings(offline="offline model"))).header.offline
        == "offline model"
    )


# --- who answers ------------------------------------------------------------------------------------------------------


def kinds(page: Document) -> list[tuple[str, str]]:
    return [(b.kind, b.fold) for b in page.blocks]


def test_phases_tell_answer_from_commentary() -> None:
    page = shown(
        completed(message("a", "Looking.", phase="commentary")),
        completed(message("b", "So far.", phase="partial_answer")),
        completed(message("c", "Done.", phase="final_answer")),
        completed(message("d", "No phase.")),
    )
    assert kinds(page) == [
        ("commentary", "work"),
        ("answer", "never"),
        ("answer", "never"),
        ("commentary", "work"),
    ]


def test_without_phases_the_last_message_is_the_answer() -> None:
    page = shown(
        completed(message("a", "Looking.")),
        completed(command("c")),
        completed(message("b", "Done.")),
    )
    assert kinds(page) == [("commentary", "work"), ("command", "work"), ("answer", "never")]


def test_the_last_words_of_a_turn_without_answer_stay_open() -> None:
    turn = play(completed(message("a", "Looking.", phase="commentary")), completed(command("c")))
    assert kinds(document(turn))[0] == ("commentary", "work")
    assert kinds(document(play(ended("interrupted"), turn=turn)))[0] == ("commentary", "never")


def test_an_empty_message_is_no_row() -> None:
    assert not shown(started(message("m")), completed(Reasoning("r")), ended()).blocks


# --- order and grouping -----------------------------------------------------------------------------------------------


def test_a_run_of_reading_is_one_row_whose_key_stays() -> None:
    turn = play(completed(reads("c1", "a.py")))
    builder = DocumentBuilder()
    first = builder.build(turn)
    assert titles(first) == ["explored | Explored a.py"]
    turn = play(started(reads("c2", "b.py")), turn=turn)
    second = builder.build(turn)
    (row,) = second.blocks
    assert (row.key, row.title, row.glyph) == (
        first.blocks[0].key,
        "Exploring a.py, b.py",
        "running",
    )


def test_reading_that_printed_nothing_yet_has_no_empty_terminal() -> None:
    block = only(started(reads("c1", "a.py")))
    assert block.title == "Exploring a.py"
    assert not any(isinstance(part, Terminal) for part in block.body)


@pytest.mark.parametrize(
    ("between", "rows"),
    [
        (completed(Reasoning("r")), 1),  # nothing to see: does not part them
        (completed(Reasoning("r", summary=(Text.of("**x**\n"),))), 3),
        (completed(command("x", "make", exit_code=0)), 3),
        (completed(reads("x", "f.py", status="failed")), 3),
        (completed(reads("x", "f.py", source="userShell")), 3),
    ],
)
def test_what_parts_a_run_of_reading(between: Event, rows: int) -> None:
    page = shown(completed(reads("c1", "a.py")), between, completed(reads("c2", "b.py")))
    assert len(page.blocks) == rows


def test_what_was_explored_is_named() -> None:
    page = shown(
        completed(command("a", "ls src", actions=(Action("list", "ls src", path="src"),))),
        completed(command("b", "rg TODO src", actions=(Action("search", "rg", path="src", query="TODO"),), exit_code=1, status="failed")),
        *(completed(reads(f"c{i}", f"{i}.py")) for i in range(4)),
    )  # fmt: skip
    assert titles(page) == ["explored | Explored src/, “TODO” in src, 0.py, 1.py and 2 more"]


def test_long_explorations_go_on_in_the_next_row() -> None:
    page = shown(*(completed(reads(f"c{i}", f"{i}.py")) for i in range(45)), ended())
    assert [b.kind for b in page.blocks] == ["explored"] * 3 and page.work == "Worked: 45 commands"


def test_a_decision_stands_after_what_it_decided_and_else_where_it_was_asked() -> None:
    page = shown(
        completed(reads("c1", "a.py")),
        ev.RequestOpened("t", "u", request=replace(ASK, id="q", item_id="")),
        completed(reads("c2", "b.py")),
        ev.RequestAnswered("t", "u", decision=Decision("q", "submit", "Which?", person(), "9:00")),
        ev.RequestAnswered("t", "u", decision=Decision("x", "decline", "rm", policy("nobody is asked", "-a never"), "9:01", "c2")),
        completed(message("m", "Done.")),
    )  # fmt: skip
    assert titles(page) == [
        "explored | Explored a.py",
        "decision | You answered, 9:00: Which?",
        "explored | Explored b.py",
        "decision | Declined by policy (nobody is asked, -a never), 9:01: rm",
        "answer",
    ]


@pytest.mark.parametrize(
    ("choice", "by", "said"),
    [
        ("session", person(), "You allowed for this session, 9:00: x"),
        ("stop", person("another tab"), "You, in another tab, declined and stopped, 9:00: x"),
        ("always", person(), "You allowed always (a rule was written), 9:00: x"),
        ("once", rule("edit files under /w"), "Allowed by your rule for this session (edit files under /w), 9:00: x"),
        ("once", rule("run `f(x)` in /w"), "Allowed by your rule for this session (run `f(x)` in /w), 9:00: x"),
        ("once", policy("kernel code runs without asking", "-k run"), "Allowed by policy (kernel code runs without asking, -k run), 9:00: x"),
        ("once", PROGRAM, "Answered by a program (allowed once), 9:00: x"),
        ("skip", person(), "You skipped, 9:00: x"),
    ],
)  # fmt: skip
def test_decisions_say_who_and_when(choice: str, by: Answerer, said: str) -> None:
    decision = Decision("r", choice, "x", by, "9:00")  # type: ignore[arg-type]
    block = only(ev.RequestAnswered("t", "u", decision=decision))
    assert (block.title, block.fold) == (said, "body")


def test_a_withdrawn_request_is_told() -> None:
    page = shown(ev.RequestOpened("t", "u", request=ASK), ended("interrupted"))
    assert titles(page) == ["decision | Not answered (the turn ended): pip install pyarrow"]


def test_the_checklist_stands_above_the_answer() -> None:
    page = shown(
        ev.PlanUpdated("t", "u", "why", (Step("a", "completed"), Step("b", "pending"))),
        completed(command("c")),
        completed(message("m", "Done.")),
    )
    assert titles(page) == ["command | ls", "checklist | Plan | 1 of 2 done", "answer"]
    assert page.blocks[1].body == (
        Checklist("why", (Step("a", "completed"), Step("b", "pending"))),
    )


# --- single rows ------------------------------------------------------------------------------------------------------


def test_an_error_says_what_happened_and_what_to_do() -> None:
    page = shown(
        ended("failed", message='{"error": {"message": "No such model"}}', code="badRequest")
    )
    (block,) = page.blocks
    assert (block.kind, block.title, block.fold) == (
        "error",
        "The provider did not accept the request: No such model.",
        "never",
    )
    assert isinstance(block.body[-1], Lines) and "-m" in block.body[-1].lines[0]


# --- long turns -------------------------------------------------------------------------------------------------------


def test_two_thousand_items_are_bounded_and_counted() -> None:
    turn = Turn(settings=SETTINGS)
    for i in range(1000):
        code = 1 if i % 10 == 0 else 0
        turn = play(
            completed(
                command(
                    f"c{i}", f"make {i}", exit_code=code, status="failed" if code else "completed"
                )
            ),
            completed(FileChange(f"p{i}", changes=(Change(f"/w/{i}", "add", "x\n"),))),
            turn=turn,
        )
    turn = play(completed(message("m", "Done.")), ended(duration_ms=5000), turn=turn)
    page = document(turn)
    assert len(turn.entries) == 2001
    assert len(page.blocks) == WORK_HEAD + WORK_TAIL + EDITS_HEAD + EDITS_TAIL + 3
    by_key = {b.key: b for b in page.blocks}
    assert by_key["omitted:work"].title == "600 more steps not shown here: 600 commands (60 failed)"
    assert by_key["omitted:edits"].title == "800 more file changes not shown here"
    assert by_key["omitted:edits"].meta == "+800"
    assert page.work == "Worked 5 s: 1,000 commands (100 failed)"


def test_what_did_not_change_is_the_very_same_row() -> None:
    turn = Turn(settings=SETTINGS)
    for i in range(600):
        made = reads(f"c{i}", f"{i}.py") if i % 3 else command(f"c{i}", "make", exit_code=0)
        turn = play(completed(made), turn=turn)
    turn = play(started(message("m", "He")), turn=turn)
    builder = DocumentBuilder()
    page = builder.build(turn)
    for event in (
        ev.MessageAppended("t", "u", "m", "llo"),
        started(command("d", "make")),
        ev.OutputAppended("t", "u", "d", "x"),
        completed(command("d", "make", exit_code=0)),
    ):
        after = play(event, turn=turn)
        next_page = builder.build(after)
        changed = [b for b in next_page.blocks if not any(b is old for old in page.blocks)]
        assert len(changed) <= 2, event
        assert len(diff(page.blocks, next_page.blocks)) <= 2
        turn, page = after, next_page
    assert builder.build(replace(turn)).blocks is page.blocks


def test_the_end_closes_what_was_open_also_in_unchanged_rows() -> None:
    turn = play(*WORK)
    builder = DocumentBuilder()
    builder.build(turn)
    after = play(ended(), turn=turn)
    assert builder.build(after) == document(after)
    assert not document(after).blocks[3].open


def test_absurd_numbers_are_shown_and_do_not_raise() -> None:
    huge = 10**400
    page = shown(
        completed(command("c", exit_code=huge, duration_ms=huge)),
        ev.UsageUpdated("t", "u", ev.Usage(total=huge, thread_total=huge, window=1)),
        ev.LimitsUpdated("t", "u", ev.Limits(primary=ev.Window(1e308, huge, huge))),
        ended("failed", message="x", code="usageLimitExceeded", duration_ms=huge, at_ms=-huge),
    )
    assert page.ended and "%" in page.footer.text


def test_a_change_of_files_has_its_place_among_the_folded_work() -> None:
    page = shown(
        completed(command("c1")),
        completed(FileChange("p", changes=(Change("/w/a", "add", "x\n"),))),
        completed(command("c2")),
        ended(),
    )
    folded = page.folded
    assert folded is not None
    assert [(b.kind, bool(b.body)) for b in folded.blocks if b.kind == "edit"] == [("edit", False)]
    assert [b.kind for b in folded.blocks] == ["command", "edit", "command"]
    (outside,) = (b for b in page.unfolded if b.kind == "edit")
    assert outside.body
    alone = shown(
        completed(FileChange("p", changes=(Change("/w/a", "add", "x\n"),))), ended()
    ).folded
    assert alone is None


DIFF = "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+b\n"


@pytest.mark.parametrize(("times", "shown_by_rows"), [(1, True), (2, False)])
def test_a_diff_is_listed_once(times: int, shown_by_rows: bool) -> None:
    change = Change("/w/a", "update", "@@ -1 +1 @@\n-a\n+b\n")
    edits = [completed(FileChange(f"p{n}", changes=(change,))) for n in range(times)]
    page = shown(*edits, ev.DiffUpdated("t", "u", diff=DIFF), ended())
    assert page.footer.diff
    assert page.footer.diff_is_shown is shown_by_rows
    assert ("Diff: " in html.document(page)) is not shown_by_rows


def test_a_diff_of_files_that_no_row_names_is_listed() -> None:
    change = Change("/w/a", "update", "@@ -1 +1 @@\n-a\n+b\n")
    both = DIFF + DIFF.replace("/a", "/b")
    page = shown(
        completed(FileChange("p", changes=(change,))), ev.DiffUpdated("t", "u", diff=both), ended()
    )
    assert not page.footer.diff_is_shown


def test_a_row_folds_while_its_card_is_open_and_opens_again() -> None:
    long = Command("c", command="x = 1; " * 40)
    change = FileChange("p", changes=(Change("/a.py", "add", "x\n"),))
    open_turn = Turn(state="running", entries=(long, change))
    rows = {block.key: block.open for block in document(open_turn).blocks}
    assert rows["item:p"]
    asked = (
        CommandRequest("1", item_id="c", command=long.command),
        FileChangeRequest("2", item_id="p", changes=change.changes),
    )
    asking = document(replace(open_turn, requests=asked))
    assert [block.open for block in asking.blocks if block.card is None] == [False, False]
    # A request that does not say what would run leaves the row as it is.
    unsaid = document(replace(open_turn, requests=(CommandRequest("1", item_id="c"),)))
    assert {b.key: b.open for b in unsaid.blocks if b.card is None} == rows
