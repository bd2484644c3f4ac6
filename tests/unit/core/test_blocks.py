"""How each item type reads, from the captures of runtime 0.163, and how rows are grouped, ordered and folded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codex_jupyter.core import events as ev
from codex_jupyter.core.blocks import (
    EDITS_HEAD,
    EDITS_TAIL,
    WORK_HEAD,
    WORK_TAIL,
    DocumentBuilder,
    document,
)
from codex_jupyter.core.document import (
    Block,
    Checklist,
    Code,
    Document,
    Findings,
    Lines,
    Patch,
    Picture,
    Plain,
    Prose,
    Terminal,
)
from codex_jupyter.core.events import Event
from codex_jupyter.core.items import (
    Action,
    AgentMessage,
    Change,
    Command,
    DynamicToolCall,
    FileChange,
    HookRun,
    ImageGeneration,
    InputPart,
    Reasoning,
    Review,
    ReviewExited,
    Step,
    UnknownItem,
    UserMessage,
)
from codex_jupyter.core.patch import diff
from codex_jupyter.core.requests import CommandRequest, Decision
from codex_jupyter.core.rights import FULL_ACCESS, READ_ONLY, UNAVAILABLE, Rights, Sandbox
from codex_jupyter.core.text import Output, Text
from codex_jupyter.core.turn import Turn, TurnSettings
from codex_jupyter.runtime.translate import translate
from tests.unit.core.captures import (
    SETTINGS,
    command,
    completed,
    ended,
    item_messages,
    message,
    messages,
    notice,
    of_one_turn,
    play,
    prompt,
    started,
    titles,
)

CAPTURED = TurnSettings(rights=Rights(folder="/workspace"))


def captured(type_: str) -> list[Event]:
    return [of_one_turn(translate(method, params)) for method, params in item_messages(type_)]


def shown(*happened: Event) -> Document:
    return document(play(*happened))


def only(*happened: Event) -> Block:
    (block,) = shown(*happened).blocks
    return block


# --- each item type, as captured --------------------------------------------------------------------------------------

GOLDEN = {
    "userMessage": [],  # the cell's own prompt is not repeated
    "agentMessage": ["commentary", "answer", "answer", "commentary"],
    "reasoning": ["thought | Thought: Thinking hard"],
    "plan": ["plan | Proposed plan"],
    "commandExecution": [
        "command | echo rev; sleep 0.5; echo x",
        "command | echo a | declined",
        "command | echo a; sleep 30 | ended early · 1.3 s",
    ],
    "fileChange": [
        "edit | h17.txt | +1 · new",
        "edit | /var/outside/c.txt | +1 · new · not written",
    ],
    "mcpToolCall": ["tool | demo/image()", "tool | demo/danger() | failed"],
    "dynamicToolCall": [
        'tool | kernel_run(code="1") | failed · 1 s',
        'tool | kernel_run(code="1")',
    ],
    "collabAgentToolCall": [
        "agent | Started an agent: @@default say hi from child | mock-model",
        "agent | Waited for agents",
    ],
    "subAgentActivity": [
        "agent | Agent helper finished",
        "agent | Agent helper started | gpt-6.1-sol",
    ],
    "webSearch": ["search | Searched rust tokio"],
    "imageView": ["image | Looked at red.png"],
    "imageGeneration": ["image | Image: x"],
    "sleep": ["sleep | Waited 0.7 s"],
    "enteredReviewMode": ["review | Review: current changes"],
    "exitedReviewMode": ["review | Review finished"],
    "contextCompaction": ["compaction | Conversation summarised to make room"],
    "hookPrompt": ["hook | A hook told the model"],
    "functionCallOutput": ["tool | Given to the model: jupyter/notebook"],
}


@pytest.mark.parametrize("type_", GOLDEN)
def test_each_item_type_reads_as_it_should(type_: str) -> None:
    turn = play(*captured(type_), turn=Turn(settings=CAPTURED))
    by_title = sorted(titles(document(turn)))
    assert by_title == sorted(GOLDEN[type_])


def test_every_captured_item_type_is_covered() -> None:
    captured_types = {
        p["item"]["type"] for m, p in messages() if m.startswith("item/") and "item" in p
    }
    assert captured_types == set(GOLDEN) and len(GOLDEN) == 19


@pytest.mark.parametrize("type_", sorted(set(GOLDEN) - {"userMessage"}))
def test_a_started_item_is_shown_as_running_or_not_yet(type_: str) -> None:
    starts = [e for e in captured(type_) if isinstance(e, ev.ItemStarted)]
    for block in document(play(*starts, turn=Turn(settings=CAPTURED))).blocks:
        assert block.key and block.kind


def test_bodies_hold_what_came() -> None:
    blocks = {
        type_: document(play(*captured(type_), turn=Turn(settings=CAPTURED))).blocks
        for type_ in GOLDEN
    }
    thought = blocks["reasoning"][0]
    assert [str(p.text) for p in thought.body if isinstance(p, Prose)] == [
        "**Thinking hard**\n\nfirst section.",
        "second section.",
        "raw thought",
    ]
    (terminal,) = blocks["commandExecution"][0].body
    assert (
        isinstance(terminal, Terminal) and terminal.output.text == "rev\nx\n" and not terminal.live
    )
    picture, words = blocks["mcpToolCall"][0].body
    assert isinstance(picture, Picture) and picture.data.startswith("data:image/png;base64,")
    assert words == Plain("an image")
    (generated,) = blocks["imageGeneration"][0].body
    assert isinstance(generated, Picture) and generated.data and generated.path.endswith(".png")
    (viewed,) = blocks["imageView"][0].body
    assert viewed == Picture("", "red.png", "red.png")
    code = blocks["dynamicToolCall"][0].body[0]
    assert code == Code("1", "python")


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


def test_the_same_afterwards() -> None:
    decision = Decision("r1", "once", "pip install pyarrow", "you", "14:02", "c4")
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


def test_questions_without_a_request_are_shown() -> None:
    block = only(
        completed(AgentMessage("m", phase="final_answer", questions=(("Which?", ("Red", "Blue")),)))
    )
    assert block.glyph == "ask" and block.body == (Lines(("Which?", "• Red", "• Blue")),)


def test_a_steer_and_its_attachments() -> None:
    page = shown(
        completed(
            UserMessage(
                "u1", parts=(InputPart("text", "go"), InputPart("local_image", "", "/w/a.png"))
            )
        ),
        completed(message("m", "x", phase="commentary")),
        completed(
            UserMessage(
                "u2", parts=(InputPart("text", "faster"), InputPart("mention", "notes", "/n"))
            )
        ),
    )
    own, _, steer = page.blocks
    assert (own.title, own.body) == ("You attached", (Picture("", "a.png", "/w/a.png"),))
    assert steer.title == "You added" and steer.body == (
        Plain("faster"),
        Lines(("mention: notes",)),
    )


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
        ev.RequestAnswered("t", "u", decision=Decision("q", "submit", "Which?", "you", "9:00")),
        ev.RequestAnswered("t", "u", decision=Decision("x", "decline", "rm", "policy: nobody is asked (-a never)", "9:01", "c2")),
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
        ("session", "you", "You allowed for this session, 9:00: x"),
        ("stop", "you, in another tab", "You, in another tab, declined and stopped, 9:00: x"),
        ("always", "you", "You allowed always (a rule was written), 9:00: x"),
        ("once", "your rule for this session: edit files under /w", "Allowed by your rule for this session (edit files under /w), 9:00: x"),
        ("once", "your rule for this session: run `f(x)` in /w", "Allowed by your rule for this session (run `f(x)` in /w), 9:00: x"),
        ("once", "policy: kernel code runs unasked (-k run)", "Allowed by policy (kernel code runs unasked, -k run), 9:00: x"),
        ("once", "program", "Allowed once by program, 9:00: x"),
        ("skip", "you", "You skipped, 9:00: x"),
    ],
)  # fmt: skip
def test_decisions_say_who_and_when(choice: str, by: str, said: str) -> None:
    decision = Decision("r", choice, "x", by, "9:00")  # type: ignore[arg-type]
    block = only(ev.RequestAnswered("t", "u", decision=decision))
    assert (block.title, block.fold) == (said, "never")


def test_a_withdrawn_request_is_told() -> None:
    page = shown(ev.RequestOpened("t", "u", request=ASK), ended("interrupted"))
    assert titles(page) == ["decision | Not answered (the turn ended): pip install pyarrow"]


def test_a_declined_command_folds_only_when_a_decision_tells_of_it() -> None:
    declined = completed(command("c", "rm x", status="declined"))
    assert shown(declined).blocks[0].fold == "body"
    told = ev.RequestAnswered("t", "u", decision=Decision("r", "decline", "rm x", "you", "", "c"))
    assert shown(declined, told).blocks[0].fold == "work"


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


@pytest.mark.parametrize(
    ("item", "title", "meta", "glyph"),
    [
        (command("c", "make", exit_code=0, duration_ms=999), "make", "", "ok"),
        (command("c", "make", exit_code=0, duration_ms=61_000), "make", "1 min 1 s", "ok"),
        (command("c", "make", exit_code=2), "make", "exit 2", "failed"),
        (Command("c", "completed", command="plain words"), "plain words", "", "ok"),
        (
            Command("c", "completed", command="/bin/bash -lc 'unclosed"),
            "/bin/bash -lc 'unclosed",
            "",
            "ok",
        ),
        (Command("c", "completed", command=""), "a command", "", "ok"),
        (command("c", "a\nb"), "a …", "", "ok"),
    ],
)
def test_commands(item: Command, title: str, meta: str, glyph: str) -> None:
    block = only(completed(item))
    assert (block.title, block.meta, block.glyph, block.code_title) == (title, meta, glyph, True)


def test_a_long_command_is_whole_in_its_body() -> None:
    block = only(completed(command("c", "a\nb")))
    assert block.body == (Code("a\nb", "bash", typed=True),)


def test_a_live_command_shows_its_terminal() -> None:
    block = only(started(command("c", "make")), ev.OutputAppended("t", "u", "c", "x\n"))
    assert block.body == (Terminal(Output.of("x\n"), live=True),) and block.open


def test_an_interrupted_command_is_stopped_not_failed() -> None:
    page = shown(
        started(command("c", "sleep 30")),
        ended("interrupted"),
        completed(command("c", "sleep 30", status="failed", exit_code=-1, duration_ms=1300)),
    )
    assert (page.blocks[0].glyph, page.blocks[0].meta) == (
        "stopped",
        "stopped · 1.3 s",
    )


def test_thinking_shows_its_newest_headline() -> None:
    turn = play(ev.ReasoningAppended("t", "u", "r", 0, "**Reading"))
    assert titles(document(turn)) == ["thought | Thinking"]
    turn = play(
        ev.ReasoningAppended("t", "u", "r", 0, " code**\n\nx"), ev.ReasoningAppended("t", "u", "r", 1, "**Fixing**"), turn=turn
    )  # fmt: skip
    assert titles(document(turn)) == ["thought | Thinking: Fixing"]


def test_a_patch_of_many_files_and_a_move() -> None:
    changes = tuple(Change(f"/home/ada/churn/{n}.py", "add", "x\ny") for n in "abcd")
    block = only(completed(FileChange("p", changes=changes)))
    assert (block.title, block.meta) == ("a.py, b.py, c.py and 1 more", "+8")
    moved = Change("/home/ada/churn/a.py", "update", "", "/home/ada/b.py")
    assert only(completed(FileChange("p", changes=(moved,)))).title == "a.py → ~/b.py"


def test_findings_of_a_review_stand_for_the_message_that_repeats_them() -> None:
    text = (
        "Looks off.\n\nFull review comments:\n\n- [P1] Bug in loader — /home/ada/churn/b.py:1-2\n  It fails.\n  Twice.\n\n"
        "- [P2] Other — dash — /a/c d.py:7-7\n  Body two."
    )
    page = shown(completed(ReviewExited("v", review=text)), completed(message("m", text)), ended())
    (review,) = page.blocks
    assert review.title == "Review finished: 2 findings"
    said, findings = review.body
    assert (
        isinstance(said, Prose)
        and str(said.text) == "Looks off."
        and isinstance(findings, Findings)
    )
    first, second = findings.findings
    assert (first.title, first.file, first.first, first.last) == (
        "[P1] Bug in loader",
        "b.py",
        1,
        2,
    )
    assert first.body == "It fails.\nTwice." and (second.title, second.file) == (
        "[P2] Other — dash",
        "/a/c d.py",
    )


def test_a_review_without_findings_leaves_the_word_to_the_message() -> None:
    page = shown(completed(ReviewExited("v", review="Fine.")), completed(message("m", "Fine.")))
    assert titles(page) == ["review | Review finished", "answer"] and page.blocks[0].body == ()
    assert only(completed(ReviewExited("v", review="Fine."))).body == (Prose(Text.of("Fine.")),)


def test_a_denied_review_can_be_overruled_once() -> None:
    denied = Review(
        "v", "completed", verdict="denied", action="rm -r x", risk="high", rationale="No."
    )
    block = only(ev.ReviewReported("t", "u", review=denied))
    assert (block.title, block.fold, block.retry) == (
        "The automatic reviewer refused: rm -r x",
        "never",
        "v",
    )
    assert block.meta == "risk: high" and block.body == (Plain("No."),)
    again = only(ev.ReviewReported("t", "u", review=replace(denied, retried=True)))
    assert again.retry == "" and isinstance(again.body[-1], Lines)
    allowed = replace(denied, verdict="approved")
    assert only(ev.ReviewReported("t", "u", review=allowed)).retry == ""


def test_hooks_that_worked_fold_and_those_that_did_not_show() -> None:
    ok = HookRun("h", "completed", event="stop", entries=(("context", "x"),), duration_ms=1500)
    block = only(ev.HookReported("t", "u", run=ok))
    assert (block.title, block.meta, block.fold) == ("Hook stop", "1.5 s", "work")
    assert block.body == (Lines(("context: x",)),)
    assert only(ev.HookReported("t", "u", run=replace(ok, status="declined"))).fold == "body"


@pytest.mark.parametrize(
    ("level", "kind", "fold", "glyph"),
    [("info", "notice", "work", "info"), ("warning", "notice", "body", "warning"), ("error", "error", "never", "error")],
)  # fmt: skip
def test_notices(level: str, kind: str, fold: str, glyph: str) -> None:
    block = only(notice("Mind the gap", level=level))
    assert (block.kind, block.fold, block.glyph, block.title) == (kind, fold, glyph, "Mind the gap")


def test_a_live_retry_is_seen_and_a_past_one_folds() -> None:
    retry = ev.ErrorReported("t", "u", "Reconnecting... 1/5", "dns", will_retry=True)
    assert only(retry).fold == "never"
    assert shown(retry, started(message("m", "x"))).blocks[0].fold == "work"


def test_an_unknown_item_is_a_labelled_block() -> None:
    block = only(completed(UnknownItem("x", type="hologram", raw='{"type": "hologram"}')))
    assert (block.kind, block.title) == ("unknown", "Unknown item: hologram")
    assert block.body == (Code('{\n  "type": "hologram"\n}', "json"),)


def test_an_error_says_what_happened_and_what_to_do() -> None:
    page = shown(
        ended("failed", message='{"error": {"message": "No such model"}}', code="badRequest")
    )
    (block,) = page.blocks
    assert (block.kind, block.title, block.fold) == ("error", "No such model", "never")
    assert isinstance(block.body[-1], Lines) and "-m" in block.body[-1].lines[0]


@pytest.mark.parametrize(
    "source",
    [
        "data:image/svg+xml;base64,AAAA",
        "data:text/html,<script>",
        "https://example.com/x.png",
        "javascript:x",
    ],
)
def test_only_raster_data_is_a_picture(source: str) -> None:
    from codex_jupyter.core.items import Content

    call = DynamicToolCall(
        "d", "completed", tool="plot", result=(Content("image", source),), success=True
    )
    (picture,) = only(completed(call)).body
    assert isinstance(picture, Picture) and picture.data == ""


def test_a_failed_drawing_says_so() -> None:
    block = only(completed(ImageGeneration("i", "failed", prompt="cat", failure="blocked")))
    assert (block.glyph, block.meta, block.body) == ("failed", "failed", (Plain("blocked"),))


def test_agents_show_what_is_known_of_them() -> None:
    turn = play(*captured("subAgentActivity"))
    turn = play(
        ev.AgentProgressed(
            "t", "u", "01a1fd16-ace0-7291-acb0-2701fd2f7c1a", "running", "reads load.py"
        ),
        turn=turn,
    )
    rows = [b for b in document(turn).blocks if b.title.endswith("started")]
    assert [b.body for b in rows] == [(Lines(("helper: running · reads load.py",)),)]


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
