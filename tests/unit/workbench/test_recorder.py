"""What cells and the agent's code print and show, on a real shell in this process."""

from __future__ import annotations

import contextvars
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from codex_jupyter.errors import TurnFailedError, UserError
from codex_jupyter.notebook.workbench import execution
from codex_jupyter.notebook.workbench import record as record_module
from codex_jupyter.notebook.workbench.cells import STREAM, Reading, read_cells, record_text
from codex_jupyter.notebook.workbench.figures import Figures
from codex_jupyter.notebook.workbench.fixing import fix_text
from codex_jupyter.notebook.workbench.record import OUTPUTS, TEXT, Record
from codex_jupyter.notebook.workbench.shell_state import ShellState, install, uninstall


def cell(state: ShellState, code: str) -> Any:
    state.shell.run_cell(code, store_history=True)
    return state.recorder.cells[-1]


def run(state: ShellState, code: str) -> tuple[execution.Execution, str]:
    prepared = execution.prepare(state.shell, state.recorder, code, "<codex 1>")
    if not prepared.error:
        coroutine = execution.run(state.shell, state.recorder, prepared)
        (execution.drive_nested if prepared.awaits else execution.drive)(coroutine)
    return prepared, record_text(prepared.record, Figures(), Reading(""), stem="figure")


def test_a_cell_is_remembered_with_all_it_put_out(state: ShellState) -> None:
    one = cell(state, "import sys\nprint('out')\nprint('err', file=sys.stderr)\n{'a': 1}")
    assert (one.number, one.state, one.ours) == (1, "ok", False)
    assert [(o.kind, o.text) for o in one.outputs[:2]] == [("stdout", "out\n"), ("stderr", "err\n")]
    assert one.outputs[2].data["text/plain"] == "{'a': 1}"


def test_a_failed_cell_keeps_its_traceback_without_colours(state: ShellState) -> None:
    one = cell(state, "def f():\n    return 1 / 0\nf()")
    assert (one.state, one.error) == ("failed", "ZeroDivisionError")
    (error,) = [o for o in one.outputs if o.kind == "error"]
    assert "division by zero" in error.text
    assert "\x1b" not in error.text


def test_a_syntax_error_is_a_failure_too(state: ShellState) -> None:
    assert cell(state, "1 +").error == "SyntaxError"


def test_what_magics_of_ours_show_is_not_the_cells(state: ShellState) -> None:
    def codex(line: str) -> None:
        with state.recorder.muted():
            print("panel")

    state.shell.register_magic_function(codex, "line", "codex")
    one = cell(state, "x = 1\n%codex explain x\nprint(x)")
    assert one.source == "x = 1\nprint(x)"
    assert "".join(o.text for o in one.outputs) == "1\n"
    assert cell(state, "%codex why?").ours
    assert [n.number for n in state.recorder.cells if not n.ours] == [1]


def test_output_of_the_sessions_threads_is_not_the_cells(state: ShellState) -> None:
    state.shell.user_ns["work"] = lambda: print("streamed")
    one = cell(
        state,
        "import threading\nt = threading.Thread(target=work, name='codex-main'); t.start(); t.join()",
    )
    assert one.outputs == []
    two = cell(state, "t = threading.Thread(target=work); t.start(); t.join()")
    assert two.outputs[0].text == "streamed\n"


def test_streams_are_bounded_and_keep_both_ends() -> None:
    record = Record()
    for n in range(100_000):
        record.write("stdout", f"{n}\n")
    (output,) = record.outputs
    assert len(output.text) <= 2 * TEXT
    assert output.text.startswith("0\n1\n")
    assert output.text.endswith("99999\n")
    assert output.dropped > 0
    for n in range(OUTPUTS + 5):
        record.show({"text/plain": str(n)})
    assert len(record.outputs) == OUTPUTS
    assert record.left_out == 6
    assert record.outputs[-1].data == {"text/plain": str(OUTPUTS + 4)}


def test_displays_are_updated_and_cleared(state: ShellState) -> None:
    one = cell(
        state,
        "from IPython.display import display, clear_output\n"
        "h = display('old', display_id='x'); h.update('new')\nclear_output()\nh = display('third', display_id='y')",
    )
    assert [o.data["text/plain"] for o in one.outputs] == ["'third'"]
    cell(state, "h.update('fourth')")
    assert [o.data["text/plain"] for o in one.outputs] == ["'fourth'"]


def test_streams_are_as_before_when_nothing_runs(state: ShellState) -> None:
    write = sys.stdout.write
    cell(state, "print('x')")
    run(state, "print('y')")
    assert sys.stdout.write == write


def test_uninstalling_leaves_the_shell_as_it_was(shell: Any) -> None:
    before = {name: vars(shell.display_pub).get(name) for name in ("publish", "clear_output")}
    install(shell)
    install(shell)
    uninstall(shell)
    assert {name: vars(shell.display_pub).get(name) for name in before} == before
    assert "_showtraceback" not in vars(shell)
    assert not [
        f
        for e in ("pre_run_cell", "post_run_cell")
        for f in shell.events.callbacks[e]
        if "workbench" in f.__module__
    ]


# --- which cell, and what of it ---------------------------------------------------------------------------------------------


def ours_fails(state: ShellState) -> None:
    """A magic of ours that ends in an error of ours."""

    def codex(line: str) -> None:
        raise TurnFailedError("The provider is down.")

    state.shell.register_magic_function(codex, "line", "codex")


def fix(state: ShellState) -> str:
    return fix_text(state.recorder, "", lambda text: text)[0]


def test_fix_talks_of_a_cell_and_of_its_own_error(state: ShellState) -> None:
    ours_fails(state)
    cell(state, "x = 1\n%nosuchmagic inline")
    cell(state, "%codex why?")
    cell(state, "y = 2\n%codex why?")
    prompt = fix(state)
    assert (
        "%nosuchmagic inline" in prompt
        and "UsageError: " in prompt
        and "nosuchmagic` not found" in prompt
    )
    assert "TurnFailedError" not in prompt and "y = 2" not in prompt


def test_fix_after_a_usage_error_does_not_take_the_values_of_an_older_failure(
    state: ShellState,
) -> None:
    cell(state, "def half(secret_of_old):\n    return secret_of_old / 0\nhalf(3)")
    assert "secret_of_old = 3" in fix(state) or "secret_of_old" in fix(state)
    cell(state, "%nosuchmagic")
    assert "secret_of_old" not in fix(state)


def test_an_error_of_ours_alone_is_nothing_to_fix(state: ShellState) -> None:
    ours_fails(state)
    sys.last_value = TurnFailedError("of ours")
    try:
        cell(state, "y = 2\n%codex why?")
        with pytest.raises(UserError, match="nothing to fix"):
            fix(state)
    finally:
        del sys.last_value


def test_a_cell_that_runs_another_is_one_cell_whole(state: ShellState) -> None:
    one = cell(
        state,
        "print('before')\nget_ipython().run_cell('a = 1; print(a)')\nget_ipython().run_cell('1/0', store_history=True)\n"
        "print('after')\nraise KeyError('k')",
    )
    assert len(state.recorder.cells) == 1
    assert (one.state, one.error) == ("failed", "KeyError")
    assert [o.kind for o in one.outputs] == ["stdout", "error", "stdout", "error"]
    assert one.outputs[0].text == "before\n1\n" and one.outputs[2].text == "after\n"
    two = cell(state, "print('next')")
    assert (two.state, [o.text for o in two.outputs]) == ("ok", ["next\n"])


def test_a_cell_whose_end_is_never_told_does_not_swallow_the_next(state: ShellState) -> None:
    state.recorder._begun(type("Info", (), {"raw_cell": "lost"}))
    one = cell(state, "print('x')")
    lost = state.recorder.cells[0]
    assert (lost.state, lost.outputs) == ("failed", [])
    assert (one.state, [o.text for o in one.outputs]) == ("ok", ["x\n"])


def test_the_newest_outputs_and_every_error_are_kept(state: ShellState) -> None:
    one = cell(
        state,
        "from IPython.display import display\nfor n in range(70): display(n)\nget_ipython().run_cell('1/0')\n"
        "for n in range(70, 200): display(n)\nraise KeyError('last')",
    )
    shown = [o.data.get("text/plain") for o in one.outputs if o.kind == "display"]
    errors = [o.text.splitlines()[-1] for o in one.outputs if o.kind == "error"]
    assert shown[0] == "0" and shown[-1] == "199"
    assert errors == ["ZeroDivisionError: division by zero", "KeyError: 'last'"]
    assert len(one.outputs) == OUTPUTS and one.left_out == 202 - OUTPUTS
    assert "KeyError: 'last'" in fix(state)


def test_of_a_live_plot_the_last_frames_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_module, "IMAGES", 10)
    record = Record()
    for n in range(80):
        record.show({"image/png": f"{n:04}"})
    assert [o.data["image/png"] for o in record.outputs][-3:] == [None, "0078", "0079"]
    record.update({"image/png": "x" * 8}, "")
    record.show({"image/png": "first"}, display_id="plot")
    for n in range(80):
        record.update({"image/png": f"{n:04}"}, "plot")
    assert record.outputs[-1].data["image/png"] == "0079"


def test_what_codex_runs_clears_its_own_output_and_not_the_cell_that_shows_the_turn(
    state: ShellState, capsys: pytest.CaptureFixture[str]
) -> None:
    clear = (
        "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('stays')"
    )
    _, told = run(state, clear)
    assert "stays" in told and "gone" not in told
    assert "\x1b[2K" not in capsys.readouterr().out  # what a terminal's line is cleared by
    cell(state, clear)
    assert "\x1b[2K" in capsys.readouterr().out


def test_output_that_waits_to_be_cleared_goes_with_the_next(state: ShellState) -> None:
    one = cell(
        state,
        "from IPython.display import clear_output, display\nfor n in range(9):\n    clear_output(wait=True)\n    print(n)\n"
        "clear_output(wait=True)",
    )
    assert [o.text for o in one.outputs] == ["8\n"]


def test_a_progress_bar_is_one_line_and_a_warning_between_is_kept(state: ShellState) -> None:
    one = cell(
        state,
        "import sys\nfor n in range(900):\n    print(f'\\r{n} of 900 ' + '#' * (n // 10), end='')\n"
        "    if n == 450: print('\\nWARNING: half of it is empty')\nprint()",
    )
    reading = read_cells([one], Figures())
    assert "WARNING: half of it is empty" in reading.text and "899 of 900" in reading.text
    assert "448 of 900" not in reading.text and len(reading.text) < 800


@pytest.mark.parametrize("pieces", [1, 3, 1000])
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("abc\rx", "xbc"),
        ("abc\rxy\rz\nnext", "zyc\nnext"),
        ("abc\r\nnext", "abc\nnext"),
        ("abc\r", "abc"),
        ("10 %\b\b\b\b20 %", "20 %"),
        ("\b\bx\n\by", "x\ny"),
        ("a\n\n\rb", "a\n\nb"),
    ],
)
def test_a_stream_is_kept_as_a_cell_shows_it(text: str, shown: str, pieces: int) -> None:
    step = max(1, len(text) // pieces)
    kept = ""
    for start in range(0, len(text), step):
        kept = record_module.written(kept, text[start : start + step])
    assert record_module.written(kept, "\n").rstrip("\n") == shown


# --- the agent's code -----------------------------------------------------------------------------------------------------


def test_code_runs_in_the_users_namespace_and_leaves_no_trace(
    state: ShellState, capsys: pytest.CaptureFixture[str]
) -> None:
    cell(state, "x = 20\nx + 1")
    shell = state.shell
    before = (
        list(shell.user_ns["In"]),
        dict(shell.user_ns["Out"]),
        shell.user_ns["_"],
        shell.execution_count,
    )
    fired: list[str] = []
    for event in ("pre_run_cell", "post_run_cell", "pre_execute", "post_execute"):
        shell.events.register(event, lambda *_, event=event: fired.append(event))
    capsys.readouterr()
    prepared, told = run(state, "y = x + 1\nprint('hello')\n_, y")
    assert prepared.error == ""
    assert shell.user_ns["y"] == 21
    assert told == "stdout:\nhello\nvalue:\n(21, 21)"
    assert capsys.readouterr().out == "hello\n(21, 21)\n"
    assert (
        list(shell.user_ns["In"]),
        dict(shell.user_ns["Out"]),
        shell.user_ns["_"],
        shell.execution_count,
    ) == before
    assert fired == []
    assert len(state.recorder.cells) == 1


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("1 + 1;", ""),
        ("1 + 1  # shown", "value:\n2"),
        ("None", ""),
        ("x: int = 3", ""),
        ("%precision 2\n1/3", "0.33"),
        ("!echo from the shell", "from the shell"),
        ("%%bash\necho from bash", "from bash"),
        ("from IPython.display import Markdown, display\ndisplay(Markdown('# T'))", "display:"),
        ("import asyncio\nawait asyncio.sleep(0, 'awaited')", "awaited"),
        ("files = !echo one\nfiles[0]", "one"),
        ("print?", "print"),
    ],
)
def test_everything_a_cell_may_hold_works(state: ShellState, code: str, told: str) -> None:
    prepared, shown = run(state, code)
    assert prepared.error == ""
    assert told in shown
    assert told or not shown


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("1/0", "ZeroDivisionError: division by zero"),
        ("def f(:", "SyntaxError: invalid syntax"),
        ("raise KeyError('k')", "KeyError: 'k'"),
        ("%nosuchmagic", "UsageError"),
        ("import asyncio\nawait asyncio.sleep(0)\n1/0", "ZeroDivisionError"),
        ("class E(Exception):\n    def __str__(self): raise SystemExit\nraise E", "E"),
        ("exit()", ""),
        ("raise SystemExit", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise BaseException('b')", "BaseException: b"),
    ],
)
def test_failures_are_displays_and_never_escape(state: ShellState, code: str, error: str) -> None:
    sys.last_value = before = ValueError("the user's own")
    try:
        prepared, _ = run(state, code)
        assert error in prepared.error
        assert sys.last_value is before
    finally:
        del sys.last_value


def test_a_traceback_shows_the_code_and_nothing_of_ours(state: ShellState) -> None:
    _, told = run(state, "def half(n):\n    return n / 0\nhalf(3)")
    assert "return n / 0" in told
    assert "<codex 1>" in told
    assert "execution.py" not in told


@pytest.mark.parametrize(
    "code",
    [
        "%codex hello",
        "x = 1\n%codex hello",
        "%%codex\nhello",
        "get_ipython().run_line_magic('codex', 'x')",
    ],
)
def test_a_nested_prompt_is_refused_before_anything_runs(state: ShellState, code: str) -> None:
    from codex_jupyter.notebook import cell_text

    cell_text.install(state.shell)
    try:
        prepared, _ = run(state, f"{code}")
    finally:
        cell_text.uninstall(state.shell)
    assert "cannot start another turn" in prepared.error
    assert "x" not in state.shell.user_ns


def test_future_statements_do_not_stay(state: ShellState) -> None:
    flags = state.shell.compile.flags
    run(state, "from __future__ import annotations\ny: nonsense = 1")
    assert state.shell.compile.flags == flags


def test_a_silent_record_reaches_no_cell(
    state: ShellState, capsys: pytest.CaptureFixture[str]
) -> None:
    record = Record(silent=True)
    with state.recorder.recording(record):
        print("whispered")
        state.shell.display_pub.publish(data={"text/plain": "shown"}, metadata={})
    assert capsys.readouterr().out == ""
    assert [o.kind for o in record.outputs] == ["stdout", "display"]


def test_only_new_figures_are_shown_and_the_users_stay_open(state: ShellState) -> None:
    import matplotlib
    import matplotlib.pyplot as plt

    before = matplotlib.get_backend()
    plt.switch_backend("module://matplotlib_inline.backend_inline")
    try:
        mine = plt.figure()
        state.shell.user_ns["plt"] = plt
        prepared, _ = run(state, "f = plt.figure(); f.add_subplot().plot([1]);")
        assert [o.kind for o in prepared.record.outputs] == ["display"]
        assert plt.fignum_exists(mine.number)
        assert plt.get_fignums() == [mine.number]
    finally:
        plt.close("all")
        plt.switch_backend(before)


# --- reading --------------------------------------------------------------------------------------------------------------


def test_cells_are_read_by_number_or_the_last_ones(state: ShellState) -> None:
    for n in range(1, 8):
        cell(state, f"print('output {n}')")
    figures = Figures()
    last = read_cells(list(state.recorder.cells), figures, last=2)
    assert last.cells == [6, 7]
    assert "output 6" in last.text
    assert "output 5" not in last.text
    chosen = read_cells(list(state.recorder.cells), figures, numbers=[2, 99])
    assert "output 2" in chosen.text
    assert "Cell [99]: there is no such cell" in chosen.text


def test_a_figure_of_a_cell_becomes_a_private_file(state: ShellState) -> None:
    one = cell(
        state,
        "from IPython.display import Image, display\n"
        "import base64; display(Image(base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==')))",
    )
    figures = Figures()
    try:
        reading = read_cells([one], figures)
        (line,) = [line for line in reading.text.splitlines() if line.startswith("image: ")]
        path = line.split()[1]
        assert Path(path).read_bytes().startswith(b"\x89PNG")
        assert "iVBOR" not in reading.text.replace(one.source, "")
        assert reading.images == 1
    finally:
        figures.remove()
    assert not threading.current_thread().name.startswith("codex-")


def test_a_figure_that_is_shown_as_an_svg_is_read_as_a_picture(state: ShellState) -> None:
    import matplotlib.pyplot as plt
    from IPython.core.pylabtools import select_figure_formats

    select_figure_formats(state.shell, {"svg"})
    try:
        one = cell(
            state,
            "from matplotlib.figure import Figure\nfrom IPython.display import display\nf = Figure(); f.add_subplot().plot([1, 2])\ndisplay(f)",
        )
        (shown,) = one.outputs
        assert shown.data["image/svg+xml"] is None and shown.data["image/png"].startswith(
            b"\x89PNG"
        )
        figures = Figures()
        try:
            assert "image: " in read_cells([one], figures).text
        finally:
            figures.remove()
        other = cell(
            state,
            "from IPython.display import SVG\ndisplay(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>'))",
        )
        assert "image/png" not in other.outputs[0].data
    finally:
        select_figure_formats(state.shell, {"png"})
        plt.close("all")


def test_cells_from_before_are_read_from_history(state: ShellState) -> None:
    reading = read_cells([], Figures(), history=["", "x = 1", "%codex hello"])
    assert "Cell [1] (its output was not recorded)" in reading.text
    assert "hello" not in reading.text


def test_what_the_user_does_while_code_awaits_is_left_alone(
    state: ShellState, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[int] = []
    monkeypatch.setattr(state.shell, "ask_exit", lambda: left.append(1), raising=False)
    monkeypatch.setattr(sys, "last_value", None, raising=False)
    theirs = ValueError("of a cell that ran meanwhile")

    def meanwhile() -> None:
        state.shell.ask_exit()
        sys.last_value = theirs

    state.shell.user_ns["in_a_cell"] = lambda: contextvars.Context().run(meanwhile)
    prepared, _ = run(state, "import asyncio\nawait asyncio.sleep(0)\nin_a_cell()\n1 / 0")
    assert prepared.error.startswith("ZeroDivisionError")
    assert left == [1] and not prepared.exiting
    assert sys.last_value is theirs


def test_what_is_long_is_cleaned_before_it_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a secret at the place of a cut is not found any more: it would be told."""
    secret = "s3cr3t-0123456789-abcdef"
    monkeypatch.setenv("SOME_TOKEN", secret)
    for before in range(TEXT // 2 - len(secret), TEXT // 2 + 1):
        record = Record()
        record.write("stdout", "." * before + secret + "." * (2 * TEXT))
        record.write("stderr", "." * (2 * TEXT) + secret + "." * before)
        assert "s3cr3t" not in record.outputs[0].text
        assert "abcdef" not in record.outputs[1].text
    for before in range(TEXT - len(secret), TEXT + 1):
        record = Record()
        record.show({"text/plain": "." * before + secret + "." * TEXT})
        record.fail("." * TEXT + secret + "." * before)
        assert "s3cr3t" not in record.outputs[0].data["text/plain"]
        assert "abcdef" not in record.outputs[1].text


def test_what_is_told_of_a_long_output_is_cleaned_before_it_is_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secret = "s3cr3t-0123456789-abcdef"
    monkeypatch.setenv("SOME_TOKEN", secret)
    for before in range(STREAM // 2 - len(secret), STREAM // 2 + 1):
        record = Record()
        record.write("stdout", "." * before + secret + "." * STREAM)
        told = record_text(record, Figures(), Reading(""), stem="figure")
        assert "s3cr3t" not in told
