"""What is typed arrives: each trap of IPython's, run in a real shell with a magic that records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import no_var_expand

from codex_jupyter.notebook import cell_text

KEY = "sk-proj-4bQ9xT7mZ2nL5vR8"


@dataclass
class Recorder:
    """A magic of the same name and signature as ours that keeps what it was given."""

    shell: InteractiveShell
    calls: list[tuple[str, str | None]] = field(default_factory=list)
    result: Any = "the result"

    def __post_init__(self) -> None:
        @no_var_expand
        def codex(line: str, cell: str | None = None) -> Any:
            self.calls.append((line, cell))
            return self.result

        register: Any = self.shell.register_magic_function  # a trait, as pyright sees it
        register(codex, "line_cell", "codex")

    def of(self, raw: str, **how: Any) -> list[tuple[str, str | None]]:
        """The calls that running `raw` made; the cell must succeed and show no result."""
        self.calls.clear()
        result = self.shell.run_cell(raw, **how)
        result.raise_error()
        assert result.result is None
        return list(self.calls)


@pytest.fixture(scope="module")
def module_recorder(shared_shell: InteractiveShell) -> Recorder:
    cell_text.install(shared_shell)
    return Recorder(shared_shell)


@pytest.fixture
def recorder(module_recorder: Recorder) -> Recorder:
    module_recorder.calls.clear()
    return module_recorder


TRAPS = [
    "what is y?",
    "what is y??",
    "what is {y}?",
    "?",
    '{"a": 1}',
    "{x} ${x} $x $HOME {{x}} {",
    'say "hello',
    "don't",
    "'''",
    '"""',
    "a -v --model x -- b",
    "C:\\temp\\",
    "one \\",
    "\\n is not a newline",
    "two  blanks   and\ta tab",
    " a leading blank",
    "0777 0b12 1_ 3abc 5e",
    "(unclosed [",
    "closed) ]}",
    "# a comment?",
    "a = b",
    "= b",
    "%codex",
    "%%codex",
    "!ls",
    "paste this",
    "日本語 🙂 e\u0301 ‮ €",
    "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg",
    "a\x00b",
    "a\ud800b",
    "/status",
    ";",
    "x;",
    "lambda: 0",
]


@pytest.mark.parametrize("text", TRAPS)
class TestALine:
    def test_alone(self, recorder: Recorder, text: str) -> None:
        assert recorder.of(f"%codex {text}") == [(text, None)]

    def test_with_a_newline_and_trailing_blanks(self, recorder: Recorder, text: str) -> None:
        assert recorder.of(f"%codex {text}  \t\n") == [(text, None)]
        assert recorder.of(f"%codex {text}\r\n") == [(text, None)]

    def test_several_and_under_comments(self, recorder: Recorder, text: str) -> None:
        raw = f"# it's\n\n%codex {text}\n%codex second?\n  # \n%codex {text}"
        assert recorder.of(raw) == [(text, None), ("second?", None), (text, None)]

    def test_assigned(self, recorder: Recorder, text: str) -> None:
        assert recorder.of(f"r = %codex {text}") == [(text, None)]
        assert recorder.shell.user_ns["r"] == "the result"

    def test_among_code(self, recorder: Recorder, text: str) -> None:
        if "\x00" in text or "\ud800" in text:
            return  # Python's tokenizer refuses the cell, as it does without us
        raw = f"x = 1\nif x:\n    %codex {text}\n    d = {{}}\n    d['k'] = %codex {text}\ny = 2"
        assert recorder.of(raw) == [(text, None), (text, None)]
        assert recorder.shell.user_ns["d"] == {"k": "the result"}
        assert recorder.shell.user_ns["y"] == 2

    def test_inside_time_and_capture(self, recorder: Recorder, text: str) -> None:
        assert recorder.of(f"%%capture said\n%codex {text}\n") == [(text, None)]
        if "\x00" not in text and "\ud800" not in text:
            raw = f"%%time\nx = 1\n%codex {text}\nif x:\n    %codex {text}\n"
            assert recorder.of(raw) == [(text, None)] * 2


BODIES = [
    "hello",
    "hello\n",
    "\n\nhello\n\n\n",
    "  indented\n    more",
    "\tindented with a tab",
    ">>> x = 1\n... y\n>>> z",
    "In [1]: x\n   ...: y",
    "a\r\nb\r\n",
    "a\r\nb\r",
    "trailing blanks  \n  ",
    "%%codex\nagain",
    "%codex again?",
    "what is y?",
    "{x} ${x} $HOME {",
    "'''\"\"\"",
    "don't",
    "!ls\n?x\n%time 1",
    "C:\\temp\\",
    "one \\\ntwo \\\n",
    "a\x00b \ud800 \u2028 \x85",
    "get_ipython().run_line_magic('x') paste",
    "--model x -- y",
    "/status",
    "# only a comment",
    " ",
]


@pytest.mark.parametrize("body", BODIES)
class TestACell:
    @pytest.mark.parametrize(
        "above",
        ["", "\n", "  \n\t\n", "# why\n", "#!/bin/sh\n  # and why\n\n", "# %%\r\n\r\n", "  ", "\t"],
    )
    def test_body(self, recorder: Recorder, above: str, body: str) -> None:
        assert recorder.of(f"{above}%%codex\n{body}") == [("", body)]
        assert recorder.of(f"{above}%%codex -m x  {{y}}? \n{body}") == [("-m x  {y}?", body)]
        assert recorder.of(f"{above}%%codex\t-q\r\n{body}") == [("-q", body)]

    def test_nested(self, recorder: Recorder, body: str) -> None:
        recorder.shell.user_ns["raw"] = f"%%codex -q\n{body}"
        raw = "get_ipython().run_cell(raw)\nNone"
        assert recorder.of(raw) == [("-q", body)]

    def test_awaited_cell(self, recorder: Recorder, body: str) -> None:
        raw = f"%%codex -q\n{body}"
        shell = recorder.shell
        coro = shell.run_cell_async(raw, transformed_cell=shell.transform_cell(raw))
        recorder.calls.clear()
        with pytest.raises(StopIteration):
            coro.send(None)
        assert recorder.calls == [("-q", body)]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=60,
)
@given(st.text(), st.text(min_size=1))
@example("\u2028", "\u2028")
@example("-q \x1c", "\x1c")
def test_any_text_arrives(recorder: Recorder, line: str, body: str) -> None:
    one_line = line.replace("\r", "").replace("\n", "")
    assert recorder.of(f"%%codex {one_line}\n{body}") == [(one_line.rstrip(), body)]
    assert recorder.of(f"%codex {one_line}") == [(one_line.rstrip(), None)]
    assert recorder.of(f"%codex {one_line}\nx = 1") == [(one_line.rstrip(), None)]


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("%%codex", ""),
        ("%%codex\n", ""),
        ("%%codex --help", "--help"),
        ("# why\n%%codex what is {y}?\n", "what is {y}?"),
        ("%codex", ""),
        ("%codex\n", ""),
    ],
)
def test_a_cell_with_only_its_first_line(recorder: Recorder, raw: str, line: str) -> None:
    assert recorder.of(raw) == [(line, None)]


def test_a_backslash_at_the_end_of_a_line_does_not_take_the_next_line(recorder: Recorder) -> None:
    raw = "%codex see C:\\temp\\\nx = 1\nr = %codex and C:\\\ny = 2"
    assert recorder.of(raw) == [("see C:\\temp\\", None), ("and C:\\", None)]
    assert recorder.shell.user_ns["x"], recorder.shell.user_ns["y"] == (1, 2)


def test_text_in_strings_comments_and_expressions_is_left_alone(recorder: Recorder) -> None:
    raw = (
        's = """\n%codex in a string?\nr = %codex x\n%%codex\n"""\n'
        "# %codex in a comment?\n"
        "codex = 3\n"
        "m = 5 %codex\n"
        "n = (7\n%codex)\n"
        "o = f'{m=} {{'\n"
    )
    assert recorder.of(raw) == []
    names = recorder.shell.user_ns
    assert names["s"] == "\n%codex in a string?\nr = %codex x\n%%codex\n"
    assert (names["m"], names["n"]) == (2, 1)


def test_a_long_comment_above_other_code_is_passed_over_at_once(recorder: Recorder) -> None:
    raw = "# a comment\r\n\r\n" * 200  # a search that forks at each line end would never return
    assert recorder.of(f"{raw}x = 1") == []
    assert recorder.of(f"{raw}%%codex\nhi") == [("", "hi")]


def test_a_cell_magic_inside_another(recorder: Recorder) -> None:
    assert recorder.of("%%time\n%%codex -q\n  it's (") == [("-q", "  it's (")]
    assert recorder.of("%%capture said\n\n%%codex -q\n  it's (\n") == [("-q", "  it's (\n")]


@pytest.mark.parametrize("around", ["%time", "%timeit -n1 -r1", "%prun -q", "# why\n\n%time  "])
@pytest.mark.parametrize("text", ["what is y?", "it's {y}", 'say "x" \\n', "", "a; b?"])
def test_a_line_magic_around_it_gets_python(
    recorder: Recorder, around: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert recorder.of(f"{around} %codex {text}".rstrip()) == [(text.rstrip(), None)]
    assert "not found" not in capsys.readouterr().out


def test_pasted_prompts_are_taken_off_code(recorder: Recorder) -> None:
    assert recorder.of(">>> %codex why?\n>>> x = 1") == [("why?", None)]
    assert recorder.of("In [3]: %codex why?") == [("why?", None)]
    recorder.calls.clear()
    recorder.shell.run_cell("In [3]: %%codex\n   ...: why?")
    assert recorder.calls == [("", "why?\n")]  # IPython's own reading: the prompts are gone


def test_a_semicolon_an_alias_and_other_names_stay_ipythons(recorder: Recorder) -> None:
    shell = recorder.shell
    for raw in ("%codexx hi", "%codex, hi", "%%codexx\nhi"):
        recorder.calls.clear()
        result = shell.run_cell(raw)
        assert result.error_in_exec is not None
        assert recorder.calls == []


def test_help_about_the_magic_still_opens(
    recorder: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    for raw in ("%codex?", "?%codex", "%%codex?"):
        assert recorder.of(raw) == []
        assert "Docstring" in capsys.readouterr().out


def test_a_cell_magic_below_code_is_told_and_nothing_runs(
    recorder: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    recorder.shell.user_ns.pop("x", None)
    result = recorder.shell.run_cell("x = 1\n%%codex\nwhat is x?")
    assert result.error_before_exec is not None
    assert "first line of its cell" in capsys.readouterr().err
    assert "x" not in recorder.shell.user_ns
    assert recorder.calls == []


def test_the_call_keeps_its_result_only_when_it_is_assigned(recorder: Recorder) -> None:
    shell = recorder.shell
    raws = ("%codex a", "%%codex\na", "x = 1\n%codex a", "r = %codex a", "%%codex a")
    before = dict(shell.user_ns["_oh"])
    for interactivity in ("last_expr", "all"):
        shell.ast_node_interactivity = interactivity
        try:
            assert [shell.run_cell(raw).result for raw in raws] == [None] * len(raws)
        finally:
            shell.ast_node_interactivity = "last_expr"
    assert shell.user_ns["_oh"] == before
    assert shell.user_ns["r"] == "the result"


def test_history_holds_what_was_typed(recorder: Recorder) -> None:
    shell = recorder.shell
    history = shell.history_manager
    assert history is not None
    typed = [
        "# why\n%%codex -q\n  {x}?\r\n",
        "%codex what is y?",
        "r = %codex paste this in?",
        "%%codex\npaste that, get_ipython().run_line_magic('a', 'b')",
    ]
    before = len(history.input_hist_raw)
    for raw in typed:
        assert len(recorder.of(raw, store_history=True)) == 1
    # IPython takes newlines off the end of what it stores.
    assert list(history.input_hist_raw[before:]) == [raw.rstrip("\n") for raw in typed]
    assert all("run_" in parsed for parsed in history.input_hist_parsed[before:])


def test_events_see_the_raw_text(recorder: Recorder) -> None:
    seen: list[str] = []

    def before(info: Any) -> None:
        seen.append(info.raw_cell)

    recorder.shell.events.register("pre_run_cell", before)
    raw = "# why\n%%codex\nhi"
    recorder.of(raw)
    recorder.shell.events.unregister("pre_run_cell", before)
    assert seen == [raw]


def test_a_silent_cell_keeps_its_bytes_too(recorder: Recorder) -> None:
    assert recorder.of("%%codex\n>>> hi", silent=True) == [("", ">>> hi")]


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ("%codex what is y?", "complete"),
        ("%codex it's (", "complete"),
        ("%codex C:\\", "complete"),
        ("r = %codex C:\\", "complete"),
        ("x = 1\n%codex C:\\", "complete"),
        ("%%codex", "incomplete"),
        ("%%codex\n", "incomplete"),
        ("%%codex\n  foo", "incomplete"),
        ("%%codex\nfoo\n", "incomplete"),
        ("%%codex\nfoo\n\n", "complete"),
        ("# why\n%%codex\nfoo\n", "incomplete"),
        ("# why\n%%codex\nfoo \\\n\n", "complete"),
        ("x = 1\n%%codex\nhi", "invalid"),
        ("if x:\n    %codex why?", "incomplete"),
        ("if x:\n    %codex why?\n\n", "complete"),
        ("s = '''\n%codex a\\", "incomplete"),
        ("for x in y:", "incomplete"),
        ("x = 1 +", "invalid"),
        ("x = 1 + \\", "incomplete"),
        ("%%time\nx", "incomplete"),
    ],
)
def test_the_terminal_knows_when_a_cell_ends(recorder: Recorder, cell: str, status: str) -> None:
    assert recorder.shell.input_transformer_manager.check_complete(cell)[0] == status
    assert recorder.shell.check_complete(cell)[0] == status


def test_the_terminal_keeps_the_indentation_of_a_body(recorder: Recorder) -> None:
    check = recorder.shell.input_transformer_manager.check_complete
    assert check("%%codex\n  foo") == ("incomplete", 2)
    assert check("%%codex\nfoo") == ("incomplete", 0)


def test_install_is_idempotent_and_leaves_no_trace(shell: InteractiveShell) -> None:
    manager = shell.input_transformer_manager
    mine = lambda lines: lines  # noqa: E731
    shell.input_transformers_cleanup.insert(0, mine)
    before = (dict(vars(manager)), list(manager.token_transformers))
    before[0].pop("token_transformers")
    cell_text.install(shell)
    cell_text.install(shell)
    assert Recorder(shell).of("%codex why?") == [("why?", None)]
    cell_text.uninstall(shell)
    cell_text.uninstall(shell)
    after = (dict(vars(manager)), list(manager.token_transformers))
    after[0].pop("token_transformers")
    assert after == before
    assert mine in shell.input_transformers_cleanup
    cell_text.install(shell)
    assert Recorder(shell).of("%codex why?") == [("why?", None)]


def test_another_wrapper_on_top_survives_uninstall(shell: InteractiveShell) -> None:
    manager = shell.input_transformer_manager
    cell_text.install(shell)
    ours = manager.transform_cell
    seen: list[str] = []

    def theirs(cell: str) -> str:
        seen.append(cell)
        return ours(cell)

    manager.transform_cell = theirs  # type: ignore[method-assign]
    cell_text.uninstall(shell)
    assert manager.transform_cell is theirs
    assert manager.transform_cell("x = 1") == "x = 1\n"
    assert "run_cell_magic" in manager.transform_cell("%%codex\nhi")  # IPython's own again
    cell_text.install(shell)
    assert Recorder(shell).of("# why\n%%codex\nhi") == [("", "hi")]
    assert seen[-1] == "(get_ipython().run_cell_magic('codex', '', 'hi'), None)[1]\n"


def test_other_transformers_run_on_the_cells_of_ours(recorder: Recorder) -> None:
    seen: list[str] = []

    def theirs(lines: list[str]) -> list[str]:
        seen.append("".join(lines))
        return lines

    recorder.shell.input_transformers_cleanup.append(theirs)
    recorder.of("%%codex\nhi")
    assert "run_cell_magic" in seen[0]
    recorder.shell.input_transformers_cleanup.remove(theirs)


@pytest.mark.parametrize(
    "raw",
    [
        f"%codex login {KEY}",
        f"x = 1\n%codex login --api-key {KEY}",
        f"r = %codex /login {KEY}",
        f"%%codex login\n{KEY}",
        f"# mine\n%%codex login {KEY}",
        f"%%codex login {KEY}\nbody",
        f"if 1:\n    %codex -m {KEY} hi",
    ],
)
def test_a_typed_key_reaches_neither_the_magic_nor_the_transformed_source(
    recorder: Recorder, raw: str
) -> None:
    assert KEY not in recorder.shell.transform_cell(raw)
    (call,) = recorder.of(raw)
    assert call == ("login --api-key [removed]", None)


def test_an_interrupt_of_the_rewriting_is_the_cells(shell: InteractiveShell) -> None:
    """What a kernel is interrupted in outside of a cell's code, it never replies to."""

    def interrupted(lines: list[str]) -> list[str]:
        raise KeyboardInterrupt

    cell_text.install(shell)
    shell.input_transformers_cleanup.append(interrupted)
    result = shell.run_cell("%codex hello")
    assert isinstance(result.error_in_exec, KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        shell.transform_cell("x = 1")
