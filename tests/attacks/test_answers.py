"""Answers: a rule covers what it says, an answer is a person's and meant, and Codex's own code has no rights but its turn's."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from codex_jupyter import offline
from codex_jupyter.core import items as it
from codex_jupyter.core import requests as rq
from codex_jupyter.offline import Rule, Script, call, patch, run, say
from tests.attacks.agent_payload import LEFT_BEHIND, PAYLOAD, PREPARED, WAYS
from tests.browser.conftest import OpenNotebook
from tests.browser.lab_notebook import LabNotebook
from tests.contract.approvals.asked import asked, ended, rule, waiting
from tests.kernel.live_kernel import LiveKernel
from tests.kernel.workbench_script import calls, tool
from tests.waiting import until

LOAD = "%load_ext codex_jupyter"
DONE = [say("Done.", phase="final_answer")]


def asks(path: Path) -> list[Any]:
    return [run(f"touch {path}", escalate=True, justification="to keep a record")]


def ran(model: offline.Offline, word: str) -> bool:
    """Whether somebody prompted with this word; what the model itself sent as code comes back in every request."""
    return any(word in prompt for request in model.server.requests for prompt in request.prompts)


# --- what Codex's code may do ---------------------------------------------------------------------------------------


@pytest.mark.own_kernel("hostile code works in it")
def test_code_that_codex_runs_gains_no_right(
    newest_kernel: LiveKernel, model: offline.Offline, scratch: Path
) -> None:
    """Codex's code and what it started begins, steers and answers nothing, and changes no setting, rule or sign-in."""
    kernel, made = newest_kernel, scratch / "made"
    model.server.script = Script.of(
        Rule("first", [asks(made), DONE], when={"contains": "first"}),
        Rule(
            "go", [[tool("run_python", code=PAYLOAD, timeout=100)], DONE], when={"contains": "go"}
        ),
        Rule("any", [DONE], repeat=True),
    )
    assert kernel.run(LOAD).ok
    prepared = kernel.run(PREPARED)
    assert prepared.ok, prepared.traceback
    until(lambda: kernel.value("len(session.pending)") == "1", "a request")
    cell = kernel.run("%codex -k run go")
    assert cell.ok, cell.traceback
    assert kernel.value("'log' in globals()") == "True", cell.text
    for left in LEFT_BEHIND:
        kernel.run(left)  # what is refused on the way may be shown as the cell's error
    complete = f"all((way, 'ended') in log and log[way, 'ended'] != 'begun' for way in {WAYS[1:]})"
    until(lambda: kernel.value(complete) == "True", "every way to have been tried")
    log = ast.literal_eval(kernel.value("dict(log)"))
    through = {key: said for key, said in log.items() if "Codex runs" not in said}
    assert not through, "\n".join(f"{key}: {said}" for key, said in through.items())
    assert len(log) >= 400, len(log)
    assert kernel.value("len(session.pending), session.engine.broker.rules") == "(1, ())"
    assert (
        kernel.value("session.effective()[0].sandbox, session.effective()[0].kernel")
        == "(None, 'read')"
    )
    assert not made.exists()
    # What changes cells was taken away, also by code that came later.
    kernel.run("get_ipython().input_transformers_post.append(changer)")
    assert not kernel.run("1 + 1").ok
    assert kernel.run("1 + 1").ok
    kernel.run("get_ipython().magics_manager.magics['line']['codex'] = instead")
    kernel.run("%codex hello")
    kernel.run("get_ipython().run_line_magic('codex', 'hello')")
    kernel.run("get_ipython().magics_manager.magics['line']['codex'] = inner")
    assert not ran(model, "EVIL")
    # A program of the person's own does answer, and is recorded as one.
    assert kernel.run("answered = asks.answer(session.pending[0][1].id, 'once')").ok
    until(made.exists, "the command")
    assert kernel.value("answered, asks.turn.decisions[0].by.kind") == "('accepted', 'program')"


# --- what a rule covers -----------------------------------------------------------------------------------------------


def test_a_rule_for_a_function_covers_that_function(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    """Allowed for the session, one function of the user runs unasked; another, or another of the same name, does not."""
    kernel = newest_kernel
    price = "@session.tool\ndef price(n: int) -> int:\n    '''A price.'''\n    return n"
    kernel.run(f"{LOAD}\nimport codex_jupyter as cj\nsession = cj.session()")
    kernel.run(f"{price}\n@session.tool\ndef sell(n: int) -> int:\n    '''Sells.'''\n    return n")
    model.server.script = calls(
        tool("price", n=1), tool("price", n=2), tool("sell", n=1), tool("run_python", code="x = 1")
    )
    kernel.answer("s", "n", "n")
    assert kernel.run("%codex go").ok
    assert len(kernel.prompts) == 3, "price once, sell, run_python"
    assert (
        "call your function price, as it is defined now" in kernel.run("%codex /permissions").text
    )
    model.server.script = calls(tool("price", n=3))
    kernel.run(price)
    kernel.answer("n")
    assert kernel.run("%codex go").ok
    assert len(kernel.prompts) == 4, "defined anew: another function"
    kernel.run("def evil(n): return -n\nprice.__code__ = evil.__code__")
    kernel.answer("n")
    assert kernel.run("%codex go").ok
    assert len(kernel.prompts) == 5
    assert "No rule 7 was listed" in kernel.run("%codex /permissions revoke 7").traceback


def test_a_rule_for_a_folder_leaves_out_what_others_run(folder: Path, scratch: Path) -> None:
    """Edits allowed in a folder cover no hook, no start-up file, no link and no program; each is asked about."""
    names = [".git/hooks/pre-commit", ".envrc", ".GIT/config", "sub/.vscode/tasks.json", "AGENTS.md", "sitecustomize.py",
             "pandas.py", "linked.txt", "twice.txt", "run.sh"]  # fmt: skip
    (scratch / "outside.txt").write_text("old\n")
    (folder / "linked.txt").symlink_to(scratch / "outside.txt")
    (folder / "deep").mkdir()
    (folder / "first.txt").write_text("old\n")
    (folder / "twice.txt").hardlink_to(folder / "first.txt")
    (folder / "run.sh").write_text("old\n")
    (folder / "run.sh").chmod(0o755)

    def change(name: str) -> Any:
        if (folder / name).exists():
            return patch(f"*** Begin Patch\n*** Update File: {name}\n@@\n-old\n+new\n*** End Patch")
        return patch(f"*** Begin Patch\n*** Add File: {name}\n+new\n*** End Patch")

    ordinary = rule("ordinary", change("one.py"), change("deep/two.py"), end=DONE)
    with asked(folder, ordinary, *(rule(f"<{n}>", change(n), end=DONE) for n in names)) as a:
        live = a.start("ordinary", sandbox="read-only")
        assert live.answer(waiting(live).id, "session") == "accepted"
        turn = ended(live)
        assert len(turn.decisions) == 2, "the second unasked, by the rule"
        assert (folder / "deep/two.py").exists()
        for name in names:
            live = a.start(f"<{name}>", sandbox="read-only")
            request = waiting(live)
            assert live.answer(request.id, "session") == "refused", name
            assert live.answer(request.id, "decline") == "accepted"
            ended(live)
        assert not (folder / ".envrc").exists() and not (folder / ".git/hooks").exists()
        assert (scratch / "outside.txt").read_text() == "old\n"


# --- tools of MCP servers ---------------------------------------------------------------------------------------------


def test_an_mcp_server_cannot_approve_its_own_tools(folder: Path, scratch: Path) -> None:
    """An approval that a server made up is drawn as its form and makes no rule; a rule for a tool covers no look-alike."""
    record, server = scratch / "record", Path(__file__).with_name("mcp_forger.py")
    config = {
        "mcp_servers.demo.command": sys.executable,
        "mcp_servers.demo.args": [str(server), str(record)],
    }
    look_alike = 'danger" or "x'
    used = [
        rule(f"<{name}>", call(name, {}, namespace="mcp__demo"), end=DONE)
        for name in ("read", "danger")
    ]
    with asked(folder, *used, config=config) as a:
        live = a.start("<read>")
        for number in range(3):
            request = waiting(live)
            assert isinstance(request, rq.FormRequest if number < 2 else rq.McpToolRequest), number
            if number == 2:  # about the call that runs: once, and without a rule
                assert live.answer(request.id, "session") == "refused"
                assert live.answer(request.id, "always") == "refused"
            for choice in ("once", "session", "always"):
                if number < 2:
                    assert live.answer(request.id, choice) == "refused"
            assert live.answer(request.id, "decline") == "accepted"
            if number < 2:
                until(
                    lambda old=request: [r.id for r in live.pending] not in ([], [old.id]),
                    "the next",
                )
        ended(live)
        assert a.session.engine.broker.rules == ()
        live = a.start("<danger>")
        request = waiting(live)
        assert isinstance(request, rq.McpToolRequest) and request.tool == "danger"
        assert live.answer(request.id, "session") == "accepted"
        ended(live)
        assert record.read_text().splitlines() == ["read", "danger"]
        (made,) = a.session.engine.broker.rules
        other = rq.McpToolRequest("r", server="demo", tool=look_alike, persist=("session",))
        from codex_jupyter.core.policy import Ask, Policy, decide

        assert decide(Policy(rules=(made,), interactive=True), other) == Ask()
        again = ended(a.start("<danger>"))
        assert [d.choice for d in again.decisions] == ["once"]
        (called,) = (item for item in again.entries if isinstance(item, it.McpToolCall))
        assert called.server == "demo"


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_a_number_means_what_was_listed(
    newest_kernel: LiveKernel, model: offline.Offline, scratch: Path
) -> None:
    """`/pending N` answers the request that was listed as N, or none: not one that has taken its place since."""
    kernel, first, second = newest_kernel, scratch / "first.txt", scratch / "second.txt"
    model.server.script = Script.of(
        Rule("first", [asks(first), DONE], when={"contains": "first"}),
        Rule("second", [asks(second), DONE], when={"contains": "second"}),
    )
    kernel.run(f"{LOAD}\nimport codex_jupyter as cj\nsession = cj.session()")
    waits = "len(session.pending)"

    def starts(word: str) -> None:
        assert kernel.run(f"turn = session.start('{word}', interactive=True)").ok
        until(lambda: kernel.value(waits) == "1", "a request")

    starts("first")
    for unseen in (
        "1 allow",
        "allow",
        "2 allow",
        "0 allow",
        "9999999999999999999999 allow",
        "١ allow",
    ):
        assert "Nothing was answered" in kernel.run(f"%codex /pending {unseen}").traceback, unseen
    assert "1. " in kernel.run("%codex /pending").text
    assert kernel.run("turn.answer(session.pending[0][1].id, 'decline'); turn.result()").ok
    starts("second")
    for stale in ("1 allow", "1 session", "allow"):
        assert "Nothing was answered" in kernel.run(f"%codex /pending {stale}").traceback, stale
    assert not first.exists() and not second.exists()
    assert "2. " in kernel.run("%codex /pending").text
    assert "no longer waits" in kernel.run("%codex /pending 1 allow").traceback
    assert kernel.run("%codex /pending 2 allow").ok
    until(second.exists, "the command")
    assert not first.exists()


# --- the page ---------------------------------------------------------------------------------------------------------


def card(notebook: LabNotebook) -> Locator:
    return notebook.page.locator(".jp-OutputArea-output form[data-cj-request]")


def test_a_press_that_was_not_meant_allows_nothing(
    open_notebook: OpenNotebook, model: offline.Offline, scratch: Path
) -> None:
    """A letter after a click on text, a modified or held key, a press of a script and a forged message allow nothing."""
    made = scratch / "made"
    model.server.script = Script.of(Rule("ask", [asks(made), DONE]))
    notebook = open_notebook([LOAD, "%codex -b keep a record"])
    notebook.run(0)
    notebook.run(1)
    expect(card(notebook)).to_contain_text("to keep a record")
    page, keys = notebook.page, notebook.page.keyboard
    allow = card(notebook).get_by_role("button", name="Allow once")
    expect(allow).to_be_enabled()
    # Text of the card: the letters are nobody's, neither the card's nor JupyterLab's.
    cells = page.locator(".jp-Cell").count()
    card(notebook).get_by_text("to keep a record").click()
    keys.press("a")
    # A script moves the focus, and a key that was meant for something else follows.
    for key in ("a", "s", "Enter", " ", "w"):
        card(notebook).get_by_role("button", name="Allow once").focus()
        keys.press(key)
    # The person has the focus there, but the key is no plain one.
    for key in ("Control+a", "Alt+a", "Shift+A", "Meta+a"):
        allow.evaluate("e => e.focus()")
        keys.press("Tab")
        keys.press("Shift+Tab")
        keys.press(key)
    keys.down("b")
    keys.up("b")
    allow.evaluate(
        "e => { e.click(); e.dispatchEvent(new MouseEvent('click', {bubbles: true, detail: 1})); }"
    )
    allow.evaluate("e => e.form.requestSubmit()")
    allow.evaluate("e => e.dispatchEvent(new KeyboardEvent('keydown', {key: 'a', bubbles: true}))")
    assert not made.exists()
    # A message over the panel's own comm, with the ids that stand in the page, but not with the key of a view.
    request = card(notebook).get_attribute("data-cj-request")
    forged = notebook.run_in_kernel(
        "from ipywidgets import Widget\nimport gc\n"
        "panels = [w for w in gc.get_objects() if type(w).__name__ == 'PanelWidget' and w.comm]\n"
        f"for panel in panels:\n    for view in ('', 'v', panel.panel_id):\n        for key in ('', 'k' * 32, view):\n"
        "            panel._handle_custom_msg({'type': 'intent', 'id': view + key, 'view': view, 'key': key,\n"
        f"                'intent': {{'kind': 'answer', 'request': {request!r}, 'choice': 'once'}}}}, [])\n"
        "print(len(panels))"
    )
    assert int(forged.strip().splitlines()[-1]) >= 1
    said = notebook.run_in_kernel("import codex_jupyter as cj\nprint(len(cj.session().pending))")
    assert said.strip().endswith("1") and not made.exists()
    assert page.locator(".jp-Cell").count() == cells
    # And what a person means is an answer.
    allow.click()
    until(made.exists, "the command")
    expect(page.locator(".jp-Notebook")).to_contain_text("You allowed once")
