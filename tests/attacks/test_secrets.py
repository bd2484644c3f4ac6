"""Secrets that Codex reads, says, asks for and writes are in nothing that is shown, saved, logged or told.

Every payload of the corpus goes through one runtime and one kernel at once, and through every way in that the model has; then
everything that came out is searched: each message of the kernel (html, Markdown, plain text, comm, streams, tracebacks),
each file, each list, and what the notebook's tools told the model.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

from codex_jupyter import offline
from codex_jupyter.core.secrets import Cleaner
from codex_jupyter.offline import Rule, Script, fail, patch, plan, run, say, think
from tests.browser.lab_notebook import LabNotebook
from tests.kernel.conftest import StartKernel
from tests.kernel.live_kernel import Execution
from tests.kernel.workbench_script import tool
from tests.unit.core.secret_corpus import HIDDEN

#: What may stay of all of them, each for itself: a part that is in it tells nothing.
ORDINARY = "\n".join(Cleaner().text(text) for text, _ in HIDDEN)
#: Each with the parts that must not come out.
PAYLOADS = [
    (text, [p for p in parts if len(p) >= 6 and p not in ORDINARY]) for text, parts in HIDDEN
]
PAYLOADS = [(text, parts) for text, parts in PAYLOADS if parts]
#: Those that are hidden in changes and code that somebody is asked to allow, too, where only single words are.
SINGLE = "\n\n".join(
    t for t, parts in PAYLOADS if not any(p in Cleaner().text(t, acts=True) for p in parts)
)
ALL = "\n\n".join(text for text, _ in PAYLOADS) + "\n"
LOOSE = "correct-horse-battery-9"
KEY = "sk-proj-" + "a1B2c3D4" * 5
LOAD = "%load_ext codex_jupyter"


def left_in(text: str) -> list[str]:
    """The payloads of which a part is in the text, also where it is JSON in JSON."""
    looked_at = (text, text.replace("\\\\", "\\").replace('\\"', '"').replace("\\n", "\n"))
    found = [p for _, parts in PAYLOADS for p in parts if any(p in each for each in looked_at)]
    return found + [each for each in (LOOSE, KEY) if each in text]


def came_out(execution: Execution, *, ran: bool = False) -> Iterator[str]:
    """All that a cell sent, but the cell itself; where code ran in the kernel (``ran``), without what that code printed."""
    for message in execution.messages:
        kind, data = message["msg_type"], message["content"].get("data", {})
        printed = kind == "stream" or (kind == "display_data" and "text/html" not in data)
        if kind not in ("execute_input", "status") and not (ran and printed):
            yield json.dumps(message["content"], ensure_ascii=False)
    yield json.dumps(execution.reply or {}, ensure_ascii=False)


def script() -> Script:
    """Turns in which the model reads, says, thinks, plans, writes, asks for and runs every payload."""
    lines = "".join(f"+{line}\n" for line in SINGLE.split("\n"))
    added = f"*** Begin Patch\n*** Add File: copy.txt\n{lines}*** End Patch\n"
    return Script.of(
        Rule(
            "read",
            [
                [think(ALL, chunk=9), run("cat secrets.txt")],
                [say(ALL, chunk=11), plan([(f"use {KEY}", "pending")])],
                [patch(added)],
                [run(f"curl -H 'Authorization: Bearer {KEY}' -u ada:hunter2 x", escalate=True, justification=SINGLE)],
                [tool("list_variables"), tool("inspect_variable", name="notes")],
                [tool("read_cells", last=4), tool("inspect_variable", name="settings")],
                [tool("run_python", code=f"password = 'hunter2-{LOOSE}'\nprint(notes)\nprint(settings)\nnotes")],
                [tool("run_python", code="raise ValueError(notes)")],
                [say(ALL, phase="final_answer", chunk=13)],
            ],
        ),
        Rule("refused", [[fail(400, f"bad key {KEY}, {ALL[:3000]}")]], repeat=True),
        Rule("any", [[say("Done.", phase="final_answer")]], repeat=True),
    )  # fmt: skip


#: What is looked at afterwards, in this order.
CELLS = (
    "%codex /transcript",
    "%codex /transcript talk.html",
    "%codex /transcript talk.md",
    "%codex /transcript talk.txt",
    f"%codex /name about {KEY}",
    "%codex /threads",
    "%codex /pending",
    "%codex /status",
    "%codex /context",
    "%codex /settings",
    "%codex /ps",
    "%codex /diff",
    "%codex refused",
    "%codex /doctor",
    "%codex /logs log.txt",
    "result = turn.result(); print(result, repr(result), result.items, result.turn, result.error, turn)",
    "print(turn.output(0).text, open(turn.output(0).path).read() if turn.output(0).path else '')",
    "import codex_jupyter as cj; print(cj.session().pending, cj.session().threads() if hasattr(cj.session(), 'threads') else '')",
    "cj.session().run('refused')",
    "raise cj.UserError(str(turn.result().error))",
)


def test_no_payload_comes_out_of_any_exit(
    start_kernel: StartKernel, model: offline.Offline, scratch: Path
) -> None:
    """No secret of the corpus that Codex reads, says, thinks, plans, writes, asks for or runs comes out anywhere."""
    folder = scratch / "work"
    folder.mkdir(exist_ok=True)
    (folder / "secrets.txt").write_text(ALL, "utf-8")
    model.server.script = script()
    kernel = start_kernel(environ={"SERVICE_CREDS": LOOSE}, stdin=False)
    kernel.run(LOAD)
    own = "notes = open('secrets.txt', encoding='utf-8').read(); settings = {'password': 'hunter2', 'dsn': 'postgres://ada:hunter22@db/x'}"
    assert kernel.run(own).ok
    kernel.run("print(notes)")  # the user's own cell: saved as Jupyter saves it
    first = kernel.run("turn = %codex -s workspace-write -k run read the files")
    exits = list(came_out(first, ran=True))
    ways = sum(1 for each in exits if "[hidden]" in each)
    assert ways >= 1, "nothing was drawn"
    cells: list[Execution] = [first]
    for source in CELLS:
        cells.append(kernel.run(source))
        exits += came_out(cells[-1])
    files = [folder / name for name in ("talk.html", "talk.md", "talk.txt", "log.txt")]
    for file in files:
        if file.exists():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
            exits.append(file.read_text("utf-8"))
    assert (folder / "talk.html").exists() and (folder / "log.txt").exists()
    told = [str(output) for request in model.server.requests if "input" in request.body
            for output in request.outputs if "notes" in str(output) or "cell" in str(output)]  # fmt: skip
    exits += [text for text in told if "secrets.txt" not in text or "Bearer" not in text]
    leaks = sorted({(number, part) for number, text in enumerate(exits) for part in left_in(text)})
    assert leaks == [], leaks
    assert len(PAYLOADS) >= 150 and len(exits) >= 25, (len(PAYLOADS), len(exits))


def test_no_payload_is_in_the_page_or_in_the_file_that_it_saves(
    open_notebook: Any, model: offline.Offline
) -> None:
    """No secret that Codex reads, says or writes is in the page while the turn runs, nor in the notebook that is saved then."""
    said = [say(ALL, chunk=17), run("cat secrets.txt")]
    model.server.script = Script.of(
        Rule("read", [said, [say(ALL, phase="final_answer", chunk=19)]], repeat=True)
    )
    write = f"from pathlib import Path\nPath('talk').mkdir()\nwritten = Path('talk/secrets.txt').write_text({ALL!r}, 'utf-8')"
    notebook: LabNotebook = open_notebook([LOAD, "%codex -C talk read it"])
    notebook.run_in_kernel(write)
    notebook.run(0)
    seen: list[str] = []
    notebook.begin(1)
    notebook.output(1).get_by_text("[hidden]").first.wait_for(state="attached")
    seen.append(notebook.output(1).inner_html())
    notebook.wait_idle(1)
    seen += [notebook.output(1).inner_html(), json.dumps(notebook.save()["cells"][1]["outputs"])]
    assert "[hidden]" in seen[-1] and "[hidden]" in seen[-2]
    assert [part for text in seen for part in left_in(text.replace("&amp;", "&"))] == []
    nbformat.validate(nbformat.from_dict(notebook.save()))
