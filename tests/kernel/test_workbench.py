"""The live kernel as Codex's workbench, through the real runtime: looking, running, and what stays as it was."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from codex_jupyter import offline
from codex_jupyter.offline import javascript
from tests.kernel.live_kernel import Execution, LiveKernel
from tests.kernel.workbench_script import LOAD, calls, last, python, told, tool
from tests.waiting import until

#: What a cell leaves behind in IPython.
TRACES = (
    "(list(In), sorted(Out), repr(_), get_ipython().execution_count, "
    "len(list(get_ipython().history_manager.get_range(0))), repr(__import__('sys').last_value))"
)


def load(kernel: LiveKernel, *cells: str) -> None:
    kernel.run(LOAD)
    for source in cells:
        assert kernel.run(source).ok


def failed_outputs(cell: Execution) -> list[dict[str, Any]]:
    return cell.of("error")


@pytest.mark.own_kernel("it ends it")
def test_the_model_lists_inspects_reads_runs_draws_and_proposes(
    kernel: LiveKernel, model: offline.Offline
) -> None:
    load(
        kernel,
        "import pandas as pd\ndf = pd.DataFrame({'price': [1.5, 2.5, 4.0], 'kind': list('aba')})\nAPI_KEY = 'sk-proj-abcdefghij0123456789'",
        "print('three prices'); df.price.sum()",
    )
    model.server.script = calls(
        tool("list_variables"),
        tool("inspect_variable", name="df['price']"),
        tool("read_cells", last=1),
        tool("run_python", code="total = df.price.sum() * 2\nprint('counted')\ntotal"),
        tool(
            "run_python",
            code="import matplotlib.pyplot as plt\nplt.plot(df.price)\nplt.title('Prices');",
        ),
        tool("propose_cells", cells=["df.describe()", "df.head()"]),
    )
    cell = kernel.run("%codex -k run What is in my data?")
    assert cell.ok, cell.traceback
    listed, inspected, read, ran, drew, proposed = told(model)[-6:]
    assert "df: pandas.DataFrame, 3 rows × 2 columns" in listed
    assert "API_KEY: str; [hidden]" in listed
    assert "sk-proj" not in json.dumps([r.body for r in model.server.requests if "input" in r.body])
    assert "min 1.5, mean 2.66667, max 4" in inspected
    assert "three prices" in read
    assert "8.0" in read
    assert "counted" in ran
    assert "16.0" in ran
    assert "new: total" in ran
    (path,) = [line.split()[1] for line in drew.splitlines() if line.startswith("image: ")]
    assert Path(path).read_bytes().startswith(b"\x89PNG")
    assert "Proposed 2 cells" in proposed
    assert kernel.value("float(total)") == "16.0"
    assert cell.stdout.count("counted\n") >= 1
    assert any("image/png" in data for data in cell.displays)
    assert not cell.of("execute_result")
    assert cell.reply is not None
    assert cell.reply["payload"] == [
        {"source": "set_next_input", "text": "df.describe()", "replace": False}
    ]
    for part in ("previews of", "df['price'] (3 rows)", "cell 3's output", "1 figure"):
        assert part in cell.text
    assert Path(path).stat().st_mode & 0o077 == 0
    kernel.control("shutdown_request", {"restart": False})
    until(lambda: not Path(path).parent.exists(), "the figures to be removed at exit")


@pytest.mark.both_kernels("cells")
def test_a_run_leaves_no_trace_of_a_cell(kernel: LiveKernel, model: offline.Offline) -> None:
    load(kernel, "x = 20", "x + 1")
    kernel.run("1/0")
    kernel.run(
        "fired = []\nfor e in ('pre_run_cell', 'post_run_cell', 'pre_execute', 'post_execute'):\n"
        "    get_ipython().events.register(e, lambda *a, e=e: fired.append(e))"
    )
    model.server.script = calls(
        tool("run_python", code="before = len(fired)\nx + 5"),
        tool("run_python", code="raise RuntimeError('the agent tries again')"),
        tool(
            "run_python",
            code="since = len(fired) - before\n%precision 3\n!echo from the shell\n1/3",
        ),
    )
    first = ast.literal_eval(kernel.value(TRACES))
    cell = kernel.run("%codex -k run go")
    after = ast.literal_eval(kernel.value(TRACES))
    assert cell.ok
    assert failed_outputs(cell) == []
    # The cell with the prompt itself is all that was added.
    assert (after[0][:-1], after[1], after[2], after[5]) == (first[0], first[1], first[2], first[5])
    assert after[0][-1].endswith("'-k run go'), None)[1]")
    assert (after[3], after[4]) == (first[3] + 1, first[4] + 1)
    assert kernel.value("since") == "0"
    one, two, three = told(model)[-3:]
    assert "25" in one
    assert "the agent tries again" in two
    assert "Traceback" in two
    assert "from the shell" in three
    assert "0.333" in three
    assert any("the agent tries again" in data.get("text/plain", "") for data in cell.displays)


@pytest.mark.parametrize("answer", ["y", "n"])
def test_running_asks_under_read_and_looking_does_not(
    newest_kernel: LiveKernel, model: offline.Offline, answer: str
) -> None:
    kernel = newest_kernel
    load(kernel, "x = 1")
    model.server.script = calls(tool("list_variables"), tool("run_python", code="x = 2"))
    kernel.answer(answer)
    cell = kernel.run("%codex go")
    assert cell.ok, cell.traceback
    assert len(kernel.prompts) == 1
    assert kernel.value("x") == ("2" if answer == "y" else "1")
    assert ("changed: x" if answer == "y" else "the user declined") in last(model)


def test_allowing_for_the_session_asks_once(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    load(kernel, "x = 1")
    model.server.script = calls(*(tool("run_python", code="x += 1") for _ in range(3)))
    kernel.answer("s")
    assert kernel.run("%codex go").ok
    assert len(kernel.prompts) == 1
    assert kernel.value("x") == "4"


def test_nobody_to_ask_means_nothing_runs(
    headless_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = headless_kernel
    load(kernel, "x = 1")
    model.server.script = python("x = 2")
    cell = kernel.run("%codex go")
    assert cell.ok
    assert kernel.value("x") == "1"
    assert "not run" in last(model)
    assert kernel.run("%codex -k run go").ok
    assert kernel.value("x") == "2"


def test_without_a_page_the_open_notebook_is_out_of_reach_and_that_is_said(
    headless_kernel: LiveKernel, model: offline.Offline
) -> None:
    load(headless_kernel, "x = 1")
    model.server.script = calls(tool("read_notebook"))
    cell = headless_kernel.run("%codex go")
    assert cell.ok
    assert "no page shows it" in last(model) and "read_cells shows the cells that ran" in last(
        model
    )
    assert "of the open notebook" not in cell.text


def test_off_means_off(newest_kernel: LiveKernel, model: offline.Offline) -> None:
    kernel = newest_kernel
    load(kernel, "secretive = 1")
    model.server.script = calls(
        tool("list_variables"), tool("read_cells"), tool("inspect_variable", name="secretive"), tool("read_notebook"),
        tool("edit_cells", changes=[{"op": "delete", "id": "a", "hash": "h"}]),
    )  # fmt: skip
    kernel.answer("n", "n", "n", "n", "n")
    assert kernel.run("%codex -k off go").ok
    for answer in told(model)[-5:]:
        assert "secretive" not in answer and "not looked at" in answer
    assert "secretive" not in json.dumps(
        [r.body for r in model.server.requests if "input" in r.body][:1]
    )


def test_a_foreign_repr_is_asked_for_and_survived(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    load(
        kernel,
        "import time\nclass Loud:\n    def __init__(self): self.calls = 0; self.size = 7\n"
        "    def __repr__(self):\n        self.calls += 1; print('printed by repr'); return 'loud and clear'\n"
        "class Slow:\n    def __repr__(self): time.sleep(600)\n"
        "class Broken:\n    def __repr__(self): raise SystemExit\n"
        "loud, slow, broken = Loud(), Slow(), Broken()",
    )
    model.server.script = calls(
        *(tool("inspect_variable", name=n) for n in ("loud", "loud", "slow", "broken"))
    )
    kernel.answer("n", "s")
    cell = kernel.run("%codex go")
    assert cell.ok, cell.traceback
    declined, allowed, slow, broken = told(model)[-4:]
    assert "size: int; 7" in declined
    assert "loud and clear" not in declined
    assert "loud and clear" in allowed
    assert "took longer than 5 s" in slow
    assert "failed: SystemExit" in broken
    assert kernel.value("loud.calls") == "1"
    assert "printed by repr\n" not in cell.stdout.replace("    printed by repr\n", "")


def test_a_tool_that_does_not_fit_is_answered_in_words(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    load(kernel, "df = 1")
    model.server.script = calls(
        tool("inspect_variable", name="dff"),
        tool("inspect_variable", name="df.x()"),
        tool("run_python"),
        tool("propose_cells", cells=[]),
    )
    assert kernel.run("%codex -k run go").ok
    misspelt, expression, empty, nothing = told(model)[-4:]
    assert "Did you mean df?" in misspelt
    assert "expression" in expression
    assert "has to be a text" in empty
    assert "list of the cells' code" in nothing


@pytest.mark.parametrize(
    "code",
    ["%codex hello", "%%codex\nhello", "import codex_jupyter as cj\ncj.session().run('hello')"],
)
def test_a_nested_prompt_is_refused_clearly(
    newest_kernel: LiveKernel, model: offline.Offline, code: str
) -> None:
    kernel = newest_kernel
    load(kernel)
    model.server.script = python(code)
    assert kernel.run("%codex -k run go").ok
    assert "cannot start another turn" in last(model) or "cannot start a turn" in last(model)


@pytest.mark.both_kernels("the loop")
def test_await_works_while_a_cell_waits_and_cells_behave_afterwards(
    kernel: LiveKernel, model: offline.Offline
) -> None:
    load(kernel, "import asyncio")
    model.server.script = python(
        "r = await asyncio.gather(asyncio.sleep(0.01, 'a'), asyncio.sleep(0.01, 'b'))\nr"
    )
    cell = kernel.run("%codex -k run go")
    assert cell.ok, cell.traceback
    assert "['a', 'b']" in last(model)
    after = kernel.run("print(await asyncio.sleep(0.01, 'still awaits'))")
    assert after.stdout == "still awaits\n"
    assert kernel.run("%codex -k run go again").ok
    assert kernel.run("1 + 1").displays == [{"text/plain": "2"}]


def test_the_users_open_figure_is_left_alone(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    load(kernel, "import matplotlib.pyplot as plt")
    model.server.script = python("plt.figure(); plt.plot([3, 4]); 'drawn'")
    cell = kernel.run(
        "mine = plt.figure(); plt.plot([1, 2])\n%codex -k run go\nprint(plt.fignum_exists(mine.number))"
    )
    assert cell.ok, cell.traceback
    assert "True\n" in cell.stdout
    pictures = [
        m
        for m in cell.messages
        if m["msg_type"] == "display_data" and "image/png" in m["content"]["data"]
    ]
    assert len(pictures) == 2


def test_what_is_attached_is_what_was_named(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    (kernel.folder / "notes.txt").write_text("hello")
    load(kernel, "import pandas as pd\ndf = pd.DataFrame({'a': range(100)})\nother = 'not named'")
    wrong = kernel.run("%codex --with dff go")
    assert wrong.error[0] == "OptionError"
    assert "Did you mean df?" in wrong.traceback
    assert not [r for r in model.server.requests if "input" in r.body]
    model.server.script = calls()
    cell = kernel.run("%codex --with df,notes.txt Explain @df, @nothing and ada@example.com")
    assert cell.ok, cell.traceback
    body = json.dumps([r.body for r in model.server.requests if "input" in r.body][-1])
    assert "100 rows" in body
    assert "not named" not in body
    assert "df (5 rows), notes.txt" in cell.text
    load(
        kernel,
        "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1, 2])\nplt.close()",
    )
    cell = kernel.run("%codex Explain @figure")
    assert "figure (image)" in cell.text
    sent = [r.body for r in model.server.requests if "input" in r.body][-1]["input"]
    pictures = [p for m in sent for p in m.get("content") or () if p.get("type") == "input_image"]
    assert [p["image_url"].startswith("data:image/png;base64,") for p in pictures] == [True]
    assert "[image: figure-1.png]" in cell.text
    assert "codex-figures-" not in str(cell.displays)


def test_the_note_tells_what_changed_since_the_last_turn(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    load(kernel, "alpha = 1\nbeta = 2")
    model.server.script = calls()

    def note() -> str:
        body = [r.body for r in model.server.requests if "input" in r.body][-1]
        pieces = json.dumps(body, ensure_ascii=False).split("<notebook>")[1:]
        return pieces[-1].split("</notebook>")[0] if pieces else ""

    kernel.run("%codex first")
    assert "alpha (int)" in note()
    kernel.run("beta = 3\ngamma = 'sk-proj-abcdefghij0123456789'\ndel alpha")
    kernel.run("1/0")
    before = len(model.server.requests)
    kernel.run("%codex second")
    assert len(model.server.requests) > before
    second = note()
    for part in ("new: gamma", "changed: beta", "deleted: alpha", "failed with ZeroDivisionError"):
        assert part in second
    assert "codex" not in second.lower().replace("%codex", "codex") or "%codex" not in second
    assert "sk-proj" not in second
    kernel.run("%config CodexMagics.context = False")
    kernel.run("delta = 1")
    kernel.run("%codex third")
    assert "delta" not in json.dumps(
        [r.body for r in model.server.requests if "input" in r.body][-1]
    )


NO_TOOLS = "without notebook tools"


@pytest.mark.own_kernel("it restarts it")
def test_a_resumed_conversation_says_that_it_has_no_tools_where_that_is_true(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    load(kernel, "x = 7")
    model.server.script = calls()
    assert kernel.run("%codex hello").ok
    assert kernel.run("%codex /name first").ok
    assert kernel.run("%codex /new").ok
    assert kernel.run("%codex second").ok
    assert kernel.run("%codex /resume first").ok
    assert NO_TOOLS not in kernel.run("%codex what now?").text

    # Another kernel finds it out from what the runtime keeps.
    kernel.restart()
    load(kernel, "x = 7")
    assert NO_TOOLS not in kernel.run("%codex /resume first").text
    resumed = kernel.run("%codex what now?")
    assert "kernel read" in resumed.text and NO_TOOLS not in resumed.text

    # Where nothing says so, it is said until a call shows that it has them.
    kernel.restart()
    kernel.run("from codex_jupyter.runtime import began_with as b; b.began_with = lambda *_: None")
    load(kernel, "x = 7")
    assert "may have begun without" in kernel.run("%codex /resume first").text
    assert "may have begun without" in kernel.run("%codex what now?").text
    model.server.script = calls(tool("list_variables"))
    assert kernel.run("%codex look").ok
    assert "x: int; 7" in last(model)
    assert NO_TOOLS not in kernel.run("%codex and now?").text

    # One that began without, as in another program.
    kept = [
        path for path in model.codex_home.glob("sessions/**/*.jsonl") if "hello" in path.read_text()
    ]
    first, rest = kept[0].read_text().split("\n", 1)
    meta = json.loads(first)
    tools = meta["payload"].pop("dynamic_tools")
    assert [tool["name"] for tool in tools] == ["notebook"]
    kernel.restart()
    kept[0].write_text(json.dumps(meta) + "\n" + rest)
    load(kernel, "x = 7")
    assert "began without notebook tools" in kernel.run("%codex /resume first").text
    told = kernel.run("%codex what now?").text
    assert "began without notebook tools" in told and "kernel read" not in told


@pytest.mark.parametrize("how", ["thread", "default"])
def test_the_limit_for_the_kernel_holds_for_a_thread_or_by_default(
    newest_kernel: LiveKernel, model: offline.Offline, how: str
) -> None:
    kernel = newest_kernel
    load(kernel, "x = 1")
    chosen = (
        "%codex /permissions -k run" if how == "thread" else "%config CodexMagics.kernel = 'run'"
    )
    assert kernel.run(chosen).ok
    model.server.script = python("x += 1")
    assert kernel.run("%codex go").ok
    assert kernel.value("x") == "2"
    assert not kernel.prompts
    kernel.answer("n")
    assert kernel.run("%codex -k read go").ok
    assert kernel.value("x") == "2"


def test_functions_of_the_user_are_tools(newest_kernel: LiveKernel, model: offline.Offline) -> None:
    kernel = newest_kernel
    load(
        kernel,
        "import codex_jupyter as cj\nsession = cj.session()\n%codex /status\n"
        "@session.tool\ndef churn(days: int, kind: str = 'quiet') -> dict:\n"
        "    '''Customers that left.'''\n    print('looked up')\n    return {'days': days, 'kind': kind}",
    )
    model.server.script = calls(tool("churn", days=3), tool("churn", days="many"))
    cell = kernel.run("%codex --new -k run go")
    assert cell.ok, cell.traceback
    good, bad = told(model)[-2:]
    assert '{"days":3,"kind":"quiet"}' in good
    assert "do not fit" in bad
    assert "looked up\n" in cell.stdout


def test_fix_asks_about_the_real_exception(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    load(kernel, "rows = [1, 2, 0]\nDB_PASSWORD = 'correct-horse-9'")
    model.server.script = calls(
        tool("propose_cells", cells=["total = sum(1 / r for r in rows if r)"])
    )
    assert kernel.run("%codex /fix").error[0] == "UserError"
    kernel.run(
        "def half(r):\n    return 1 / r\ntotal = sum(half(r) for r in rows)  # correct-horse-9"
    )
    cell = kernel.run("%codex /fix Keep it short.")
    assert cell.ok, cell.traceback
    prompt = [r for r in model.server.requests if "input" in r.body][-1].prompt
    for part in ("ZeroDivisionError", "return 1 / r", "Keep it short.", "rows: list, 3 entries"):
        assert part in prompt
    assert "correct-horse-9" not in prompt
    for sent in ("cell 4's source and traceback", "values that it names"):
        assert sent in cell.text
    assert cell.reply is not None
    assert cell.reply["payload"][0]["text"] == "total = sum(1 / r for r in rows if r)"


def test_code_mode_models_use_the_same_tools(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    load(kernel, "prices = [1.5, 2.5, 4.0]", "print('three prices')")
    model.server.script = calls(
        tool("list_variables"),
        tool("inspect_variable", name="prices"),
        tool("read_cells", last=1),
        javascript(
            'const made = await tools.notebook__run_python({code: "total = sum(prices)\\ntotal"});\n'
            'const drew = await tools.notebook__run_python({code: "import matplotlib.pyplot as plt; plt.plot(prices);"});\n'
            "text(JSON.stringify(made)); text(JSON.stringify(drew));\n"
            'text(JSON.stringify(await tools.notebook__propose_cells({cells: ["total"]})));'
        ),
    )
    cell = kernel.run("%codex --new -m gpt-6-astra -k run go")
    assert cell.ok, cell.traceback
    listed, inspected, read, ran = told(model)[-4:]
    assert "prices: list, 3 entries" in listed
    assert "2: 4.0" in inspected
    assert "three prices" in read
    assert "8.0" in ran
    assert "new: total" in ran
    assert "open it with view_image" in ran
    assert "base64" not in ran
    assert "Proposed 1 cell" in ran
    assert kernel.value("total") == "8.0"
    body = json.dumps(next(r.body for r in model.server.requests if "input" in r.body))
    assert "notebook__run_python" in body
    assert "Never edit the notebook's own .ipynb file" in body


def test_what_can_be_awaited_is_a_value_like_any_other(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    load(
        kernel,
        "import asyncio\nclass Job:\n"
        "    def __await__(self): return asyncio.sleep(600).__await__()\n"
        "    def __repr__(self): return 'a job of mine'\njob = Job()",
    )
    model.server.script = calls(tool("inspect_variable", name="job"))
    cell = kernel.run("%codex -k run What is job?")
    assert cell.ok, cell.traceback
    assert "a job of mine" in last(model)


def test_what_a_subshells_console_runs_is_no_cell_of_the_notebook(
    newest_kernel: LiveKernel,
) -> None:
    kernel = newest_kernel
    load(kernel, "import threading\ngo = threading.Event()")
    cell = kernel.begin("print('waits', flush=True)\nassert go.wait(600)\nprint('goes on')")
    cell.until(lambda c: "waits" in c.stdout, "the cell to wait")
    aside = kernel.client.session.msg(
        "execute_request", {"code": "print('aside'); go.set()", "silent": False}
    )
    aside["header"]["subshell_id"] = kernel.subshell()
    kernel.client.shell_channel.send(aside)
    assert cell.wait().ok
    kernel.run("x = 1")
    seen = "[(c.state, ''.join(o.text for o in c.outputs)) for c in get_ipython()._codex_jupyter_state.recorder.cells]"
    assert ast.literal_eval(kernel.value(seen))[-2:] == [("ok", "waits\ngoes on\n"), ("ok", "")]


def test_code_of_the_agent_gives_no_command(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    load(kernel, "x = 1")
    model.server.script = python("get_ipython().run_cell('%codex /permissions -s full-access')")
    assert kernel.run("%codex -k run go").ok
    assert "Code that Codex runs, or started, cannot use %codex" in last(model)
    assert "full-access" not in kernel.run("%codex /permissions").text


def test_context_shows_all_that_the_next_turn_is_told(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    load(kernel)
    model.server.script = calls(tool("propose_cells", cells=["print('printed by a proposal')"]))
    assert kernel.run("%codex propose").ok
    kernel.run("print('printed by a proposal')")
    assert "printed by a proposal" in kernel.run("%codex /context").text
    assert kernel.run("%codex /permissions -k off").ok
    shown = kernel.run("%codex /context").text
    assert "nothing about the notebook" in shown
    assert "proposed cell" not in shown


def test_what_a_turn_that_was_never_sent_carried_is_told_by_the_next(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    load(kernel, "orders = [1, 2]")
    model.server.script = calls(tool("propose_cells", cells=["total = sum(orders)"]))
    assert not kernel.run("%codex -p no-such-profile hello").ok
    assert "orders (list)" in kernel.run("%codex /context").text
    assert kernel.run("%codex propose").ok
    assert "orders (list)" in str(model.server.requests[-1].body)
    kernel.run("total = sum(orders)")
    assert not kernel.run("%codex -C no-such-folder hello").ok
    assert not kernel.run("%codex -c model_verbosity=low hello").ok  # not in the middle of a thread
    model.server.script = calls()
    assert kernel.run("%codex hello").ok
    assert "Your proposed cell 1 was run" in str(model.server.requests[-1].body)
