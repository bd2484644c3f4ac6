"""Random cells on a real shell, nested, failing, interrupted, awaiting, with threads, against a simple oracle."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codex_jupyter.notebook.workbench.record import OUTPUTS
from codex_jupyter.notebook.workbench.shell_state import install, uninstall

WORDS = st.sampled_from(["a", "bb", "ccc"])
SIMPLE = st.one_of(
    st.tuples(st.just("print"), WORDS),
    st.tuples(st.just("warn"), WORDS),
    st.tuples(st.just("show"), WORDS),
    st.tuples(st.just("thread"), WORDS),
    st.tuples(st.just("await"), WORDS),
    st.tuples(st.just("clear"), WORDS),
    st.tuples(st.just("many"), WORDS),
)
ENDS = st.sampled_from(
    [
        "",
        "",
        "1/0",
        "raise KeyboardInterrupt",
        "%nosuchmagic",
        "%codex fail",
        "%codex well",
        "(((",
        "7",
    ]
)


def cell_of(inside: Any) -> Any:
    return st.tuples(st.just("cell"), st.lists(inside, max_size=5), ENDS)


CELLS = st.lists(cell_of(st.recursive(SIMPLE, cell_of, max_leaves=6)), min_size=1, max_size=4)
ERRORS = {"1/0": "ZeroDivisionError", "raise KeyboardInterrupt": "KeyboardInterrupt", "%nosuchmagic": "UsageError", "%codex fail": "UserError", "(((": "SyntaxError"}  # fmt: skip


def source(cell: Any) -> str:
    """The code of a cell."""
    _, steps, end = cell
    lines = []
    for step in steps:
        match step:
            case ("print", word):
                lines.append(f"print({word!r})")
            case ("warn", word):
                lines.append(f"print({word!r}, file=sys.stderr)")
            case ("show", word):
                lines.append(f"display({word!r})")
            case ("many", word):
                lines.append(f"for _ in range(40): display({word!r})")
            case ("thread", word):
                lines.append(
                    f"t = threading.Thread(target=print, args=({word!r},)); t.start(); t.join()"
                )
            case ("await", word):
                lines.append(f"await asyncio.sleep(0); print({word!r})")
            case ("clear", _):
                lines.append("clear_output()")
            case _:
                lines.append(f"inner = get_ipython().run_cell({source(step)!r})")
    return "\n".join([*lines, end])


def awaits(cell: Any) -> bool:
    """A shell cannot run a loop in a loop: what awaits is not run by another cell."""
    return any(step[0] == "await" or (step[0] == "cell" and awaits(step)) for step in cell[1])


def expected(cell: Any, *, whole: bool = True) -> list[tuple[str, str]]:
    """What a cell puts out, in order: kind and text, streams together."""
    _, steps, end = cell
    if end == "(((":
        return [("error", "SyntaxError")]
    out: list[tuple[str, str]] = []
    for step in steps:
        match step:
            case ("print" | "thread" | "await", word):
                out.append(("stdout", f"{word}\n"))
            case ("warn", word):
                out.append(("stderr", f"{word}\n"))
            case ("show", word):
                out.append(("display", repr(word)))
            case ("many", word):
                out += [("display", repr(word))] * 40
            case ("clear", _):
                out.append(("clear", ""))
            case _:
                out += expected(step, whole=False)
    if end == "7":
        out.append(("result", "7"))
    elif end == "%nosuchmagic":
        out.append(("stderr", "UsageError"))
        out += [("error", "UsageError")] if whole else []
    elif end in ERRORS:
        out.append(("error", ERRORS[end]))
    return out


def kept(out: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Cleared, streams merged, the middle left out."""
    merged: list[tuple[str, str]] = []
    for kind, text in out:
        if kind == "clear":
            merged = []
        elif merged and kind in ("stdout", "stderr") and merged[-1][0] == kind:
            merged[-1] = (kind, merged[-1][1] + text)
        else:
            merged.append((kind, text))
            if len(merged) > OUTPUTS:
                middle = range(OUTPUTS // 2, OUTPUTS)
                del merged[next((n for n in middle if merged[n][0] != "error"), middle[0])]
    return merged


def told(output: Any) -> tuple[str, str]:
    if output.kind == "error":
        return "error", output.text.strip().splitlines()[-1].split(":")[0].rpartition(".")[2]
    if output.kind in ("display", "result"):
        return output.kind, output.data["text/plain"]
    return output.kind, "".join(
        "UsageError" if "UsageError" in line else line
        for line in output.text.splitlines(keepends=True)
    )


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(CELLS)
def test_each_cell_is_told_whole_and_as_itself(shell: Any, cells: Any) -> None:
    from codex_jupyter.errors import UserError

    state = install(shell)
    try:

        def codex(line: str) -> None:
            with state.recorder.muted():
                print("of ours")
            if line == "fail":
                raise UserError("of ours")

        shell.register_magic_function(codex, "line", "codex")
        shell.run_cell(
            "import asyncio, sys, threading\nfrom IPython.display import clear_output, display"
        )
        ran = [
            cell
            for cell in cells
            if source(cell) and not any(step[0] == "cell" and awaits(step) for step in cell[1])
        ]
        for number, cell in enumerate(ran, 1):
            shell.run_cell(source(cell), store_history=True)
            one = state.recorder.cells[-1]
            assert state.recorder.count == number + 1
            assert [told(output) for output in one.outputs] == kept(expected(cell)), source(cell)
            assert (one.state, one.error) == (
                ("failed", ERRORS[cell[2]]) if cell[2] in ERRORS else ("ok", "")
            )
            assert one.by_us == (cell[2] == "%codex fail")
        assert not state.recorder._running and not state.recorder._streams
        blamed = [cell for cell in ran if cell[2] in ERRORS and cell[2] != "%codex fail"]
        failure = state.recorder.failure
        assert (failure[0].source if failure else None) == (source(blamed[-1]) if blamed else None)
    finally:
        uninstall(shell)
