"""Rules for a session, what is said or refused before a turn is sent, and secrets that stay out of everything."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from codex_jupyter.core import answerers
from codex_jupyter.core import requests as rq
from codex_jupyter.core.blocks import document
from codex_jupyter.core.cards import card
from codex_jupyter.core.document import Card
from codex_jupyter.core.policy import describe_rule
from codex_jupyter.errors import OptionError, UserError
from codex_jupyter.offline import call, patch, run, say
from codex_jupyter.render import html
from codex_jupyter.session.lasting import lasting, take_back
from tests.waiting import GENEROUS

from .asked import DONE, answered, asked, ended, rule, saved, shared, text_of, touching, waiting

MCP_DEMO = Path(__file__).parents[1] / "runtime" / "mcp_demo.py"
SECRET = "s3cr3t-Value-0123456789"


def adding(name: str) -> Any:
    return patch(f"*** Begin Patch\n*** Add File: {name}\n+hello\n*** End Patch")


# --- rules ------------------------------------------------------------------------------------------------------------


def test_a_command_allowed_for_the_session_is_listed_and_can_be_taken_back(
    folder: Path, scratch: Path
) -> None:
    target = scratch / "made"
    with shared(folder, rule("go", touching(target), end=DONE)) as a:
        answered(a.start(), "session")
        broker = a.session.engine.broker
        (made,) = broker.rules
        assert (made.kind, made.where) == ("command", str(folder))
        target.unlink()
        turn = a.finished()
        assert target.exists()
        (decision,) = turn.decisions
        assert decision.by.kind == "rule" and decision.by.words.startswith("run `touch")
        assert "Allowed by your rule for this session" in text_of(turn)
        a.session.engine.thread.run(lambda: a.session.engine.broker.revoke(made))
        assert broker.rules == ()
        target.unlink()
        live = a.start()
        waiting(live)  # asked again, also by the runtime
        answered(live, "decline")
        assert not target.exists()


def test_the_first_edit_offers_the_folder_and_later_ones_are_not_asked(
    folder: Path, scratch: Path
) -> None:
    outside = scratch / "outside.txt"
    (
        folder / "sub"
    ).mkdir()  # the runtime cannot make folders under read-only, whoever allowed the edit
    rules = (
        rule("second", adding("sub/second.txt"), end=DONE),
        rule("outside", adding(str(outside)), end=DONE),
        rule("first", adding("first.txt"), end=DONE),
    )
    with shared(folder, *rules) as a:
        live = a.start("first")
        request = waiting(live)
        offered = {o.choice: o for o in card(request, live.turn).options}
        assert offered["session"].label == "Allow edits in this folder"
        assert "in this notebook" in offered["session"].explains
        answered(live, "session")
        second = a.finished("second", new=True)
        (decision,) = second.decisions
        assert "edit files under" in decision.by.words
        assert (folder / "sub" / "second.txt").exists(), text_of(second)
        beyond = a.start("outside")
        assert isinstance(waiting(beyond), rq.FileChangeRequest)
        answered(beyond, "decline")
        assert not outside.exists()


def test_a_link_out_of_the_folder_is_not_in_the_folder(folder: Path, scratch: Path) -> None:
    elsewhere = scratch / "elsewhere"
    elsewhere.mkdir()
    (folder / "link").symlink_to(elsewhere)
    rules = (
        rule("linked", adding("link/new.txt"), end=DONE),
        rule("go", adding("a.txt"), end=DONE),
    )
    with shared(folder, *rules) as a:
        answered(a.start("go"), "session")
        live = a.start("linked")
        names = (str(folder / "link/new.txt"), str(elsewhere / "new.txt"))
        assert getattr(waiting(live), "paths", ()) == names
        answered(live, "decline")
        assert list(elsewhere.iterdir()) == []


def test_a_rule_answers_what_already_waits(folder: Path) -> None:
    rules = (rule("one", adding("one.txt"), end=DONE), rule("two", adding("two.txt"), end=DONE))
    with asked(folder, *rules) as a:
        first, second = a.start("one", thread="one"), a.start("two", thread="two")
        waiting(second)
        answered(first, "session")
        (decision,) = ended(second).decisions
        assert decision.by.kind == "rule"
        assert (folder / "two.txt").exists()


@dataclass(frozen=True)
class Lastingly:
    """Something that can be allowed for the session, and how one sees that it was done."""

    rule: Callable[[Path], Any]
    described: str
    done: Callable[[Path], bool]
    undo: Callable[[Path], None]


IN_SESSION = {
    "command": Lastingly(
        lambda where: rule("go", touching(where / "made"), end=DONE),
        "run `touch",
        lambda where: (where / "made").exists(),
        lambda where: (where / "made").unlink(),
    ),
    "file outside": Lastingly(
        lambda where: rule("go", adding(str(where / "made.txt")), end=DONE),
        "edit ",
        lambda where: (where / "made.txt").exists(),
        lambda where: (where / "made.txt").unlink(),
    ),
    "rights": Lastingly(
        lambda where: rule(
            "go",
            call(
                "request_permissions",
                {"reason": "Need it", "permissions": {"file_system": {"write": [str(where)]}}},
            ),
            run(f"touch {where}/made; true"),
            end=DONE,
        ),
        "get more permissions: write ",
        lambda where: (where / "made").exists(),
        lambda where: (where / "made").unlink(),
    ),
    "mcp tool": Lastingly(
        lambda where: rule("go", call("danger", {}, namespace="mcp__demo"), end=DONE),
        "use demo/danger",
        lambda where: (where / "record").exists(),
        lambda where: (where / "record").unlink(),
    ),
}


@pytest.mark.parametrize("what", IN_SESSION.values(), ids=IN_SESSION)
def test_for_the_session_is_a_rule_of_ours_and_the_runtime_remembers_nothing(
    folder: Path, scratch: Path, tmp_path: Path, what: Lastingly
) -> None:
    # No rule covers what lies below a folder whose name begins with a dot, as the scratch folder may.
    outside = (tmp_path if what is IN_SESSION["file outside"] else scratch) / "outside"
    outside.mkdir()
    config = {
        "features.request_permissions_tool": True,
        "mcp_servers.demo.command": sys.executable,
        "mcp_servers.demo.args": [str(MCP_DEMO), str(outside / "record")],
    }
    with asked(folder, what.rule(outside), config=config) as a:
        before = {p: p.read_bytes() for p in allowing_files(a.model.codex_home)}
        answered(a.start(), "session")
        assert what.done(outside)
        what.undo(outside)
        (made,) = a.session.engine.broker.rules
        assert describe_rule(made).startswith(what.described)
        turn = a.finished()
        assert what.done(outside), text_of(turn)
        assert {d.by for d in turn.decisions} == {answerers.rule(describe_rule(made))}
        what.undo(outside)
        a.session.engine.thread.run(lambda: a.session.engine.broker.revoke(made))
        live = a.start()
        waiting(live)  # in the same conversation, on the same runtime: it remembers nothing
        answered(live, "decline")
        assert not what.done(outside)
        assert {p: p.read_bytes() for p in allowing_files(a.model.codex_home)} == before
        assert lasting(a.model.codex_home) == []


def allowing_files(home: Path) -> list[Path]:
    """Where the runtime writes what is allowed for ever."""
    return [home / "config.toml", *(home / "rules").glob("*")]


@pytest.mark.parametrize("kind", ["command", "mcp tool"])
def test_what_was_allowed_for_ever_is_listed_with_its_file_and_can_be_taken_back(
    folder: Path, scratch: Path, kind: str
) -> None:
    what = IN_SESSION[kind]
    config = {
        "mcp_servers.demo.command": sys.executable,
        "mcp_servers.demo.args": [str(MCP_DEMO), str(scratch / "record")],
    }
    with asked(folder, what.rule(scratch), config=config) as a:
        home = a.model.codex_home
        mine = 'prefix_rule(pattern=["git", "status"], decision="allow")\n# mine\n'
        (home / "rules").mkdir(exist_ok=True)
        (home / "rules" / "default.rules").write_text(mine)
        answered(a.start(), "always")
        what.undo(scratch)
        (always,) = (each for each in lasting(home) if "git" not in each.words)
        assert always.file == home / (
            "config.toml" if kind == "mcp tool" else "rules/default.rules"
        )
        assert str(always) in (
            "use demo/danger",
            f"run commands that begin with `touch {scratch}/made`",
        )
        assert a.finished().decisions == () and what.done(scratch)
        what.undo(scratch)
        runtime = a.session.engine.runtime
        a.session.engine.call(take_back(a.session.engine, always))
        assert [each.words for each in lasting(home)] == [("git", "status")]
        left = (home / "rules" / "default.rules").read_text()
        assert left.startswith(mine)  # where the rule stood is a comment: nothing else moved
        assert left.removeprefix(mine).strip() in ("", "# taken back in a notebook")
        live = a.start()  # the same conversation, on a runtime that has not read it
        waiting(live)
        assert a.session.engine.runtime is not runtime
        answered(live, "decline")
        assert not what.done(scratch)
        if kind == "command":
            with pytest.raises(UserError, match="gone already"):
                a.session.engine.call(take_back(a.session.engine, always))


# --- before anything is sent ------------------------------------------------------------------------------------------


def test_the_home_folder_itself_wants_to_be_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.chdir(folder)
    with asked(folder, rule("go", run("touch made"), end=DONE)) as a:
        live = a.start(cwd=None, sandbox="workspace-write")
        with pytest.raises(OptionError, match="-C"):
            live.result(GENEROUS)
        assert a.model.server.requests == [] or len(list(a.model.server.requests)) == 0
        assert a.finished(sandbox="workspace-write").state == "completed"
        assert (folder / "made").exists()


def test_full_access_is_said_once_in_words(folder: Path, scratch: Path) -> None:
    target = scratch / "made"
    with asked(folder, rule("go", run(f"touch {target}"), end=DONE)) as a:
        first = a.finished(sandbox="full-access", approval="never")
        assert target.exists()
        assert "with all your rights" in text_of(first)
        assert "with all your rights" not in text_of(a.finished(sandbox="full-access"))


def test_without_a_sandbox_each_command_is_asked_for(folder: Path, scratch: Path) -> None:
    from codex_cli_bin import bundled_codex_path

    broken = scratch / "codex-without-sandbox"
    broken.write_text(
        "#!/bin/sh\n"
        'if [ "$1" = sandbox ]; then echo "bwrap: setting up uid map: Permission denied" >&2; exit 1; fi\n'
        f'exec "{bundled_codex_path()}" "$@"\n'
    )
    broken.chmod(0o755)
    first, second = scratch / "first", scratch / "second"
    rules = (rule("go", run(f"touch {first}"), run(f"touch {second}"), end=DONE),)
    with asked(folder, *rules, codex_bin=str(broken)) as a:
        live = a.start(approval="auto-review")
        request = waiting(live)
        shown = html.document(document(live.turn), live=True)
        assert "sandbox: unavailable" in shown and "WITHOUT a sandbox" in shown
        assert "setting up uid map" in shown
        assert "full-access" not in shown and "full access" not in shown.lower()
        assert live.answer(request.id, "once") == "accepted"
        answered_one = request.id
        from tests.waiting import until

        until(lambda: live.pending and live.pending[0].id != answered_one, "the second request")
        turn = answered(live, "decline")
        assert (first.exists(), second.exists()) == (True, False)
        assert [d.choice for d in turn.decisions] == ["once", "decline"]


def test_the_card_of_kernel_code_says_whose_rights_it_has() -> None:
    made: Card = card(rq.KernelRequest("k", code="import os"))
    assert "with your rights, outside the sandbox" in made.title


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_a_secret_is_hidden_in_every_state_and_format(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_PASSWORD", SECRET)
    (folder / "token.txt").write_text(f"password: {SECRET}\n")
    moves = rule(
        "go",
        run("cat token.txt; env"),
        end=[say(f"It is {SECRET}, is it not?", chunk=4, phase="final_answer")],
    )
    with asked(folder, moves) as a:
        states: list[str] = []
        live = a.start()
        live.subscribe(lambda turn: states.append(repr(turn)))
        turn = ended(live)
        assert turn.state == "completed"
        assert (
            SECRET in a.model.server.requests[-1].output
        )  # from the file; the model reads what it is given
        assert a.model.server.requests[-1].output.count(SECRET) == 1  # and not from the environment
        for content in saved(turn).values():
            assert SECRET not in content
            assert "[hidden]" in content
        assert len(states) > 3
        for state in states:
            assert SECRET not in state
            assert "s3cr3t" not in state and "0123456789" not in state


def test_an_allowed_variable_reaches_commands(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_PASSWORD", SECRET)
    with asked(folder, rule("go", run("printenv DB_PASSWORD"))) as a:
        a.finished()
        assert SECRET not in a.model.server.requests[-1].output
        a.finished(allow_env=("DB_PASSWORD",), new=True)
        assert SECRET in a.model.server.requests[-1].output
