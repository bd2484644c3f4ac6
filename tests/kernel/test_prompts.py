"""A prompt reaches the model as it was typed: through a real kernel, the real runtime, to the byte.

One kernel runs all the prompts of a test, each a turn; what the model was asked is compared. What
IPython does to each of them in this process is in tests/unit/notebook/test_cell_text.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, say
from tests.kernel.live_kernel import LiveKernel

LOAD = "%load_ext codex_jupyter"
KEY = "sk-proj-4bQ9xT7mZ2nL5vR8"

TRAPS = [
    "what is y?",
    "what is {x}, ${x}, $HOME and {{y}} {",
    '{"a": 1}',
    'say "hello',
    "don't",
    "why does -v --model x -- fail?",
    "- a bullet -q",
    "C:\\temp\\",
    "two  blanks   and\ta tab",
    "/etc/hosts is broken",
    "login to the database fails, why?",
    "'''",
    "%codex in a prompt",
    "0777 (unclosed [",
    "日本語 🙂 e\u0301 \u2028 a\x85b",
]

BODIES = [
    ">>> x = 1\n... y",
    "In [1]: x\n   ...: y",
    "  indented\n    more\n",
    "a\r\nb\r",
    "no final newline",
    "\n\nfinal newlines\n\n",
    "%%codex\n%codex what is y?\n!ls",
    "--model x\n/status",
    "{x} $HOME '''\n\\\n",
]


def asked(model: offline.Offline) -> list[str]:
    """The prompt of each request that reached the model, in order."""
    return [request.prompt for request in model.server.requests if "input" in request.body]


def mismatches(
    kernel: LiveKernel, model: offline.Offline, cells: Sequence[tuple[str, str]]
) -> list[tuple[str, str, list[str]]]:
    """The cells whose prompt did not arrive as the second of each pair says."""
    model.server.script = Script.of(Rule("any", [[say("ok", phase="final_answer")]]))
    kernel.run(LOAD)
    wrong = []
    for raw, prompt in cells:
        before = len(asked(model))
        cell = kernel.run(raw)
        arrived = asked(model)[before:]
        if not cell.ok or arrived != [prompt] or cell.of("execute_result"):
            wrong.append((raw, prompt, arrived))
    return wrong


@pytest.mark.both_kernels("cells")
def test_lines_arrive_as_they_were_typed(kernel: LiveKernel, model: offline.Offline) -> None:
    cells = [(f"%codex -q {text}  ", text) for text in TRAPS]
    cells += [
        ("x = 1\nif x:\n    r = %codex -q what is {x}?", "what is {x}?"),
        ("%%time\n%codex -q it's (timed?", "it's (timed?"),
        ("# why?\n\n%codex -q -m gpt-5.5 why?\n", "why?"),
        ("%codex -q --  --new", " --new"),
    ]
    assert mismatches(kernel, model, cells) == []


@pytest.mark.both_kernels("cells")
def test_cells_arrive_as_they_were_typed(kernel: LiveKernel, model: offline.Offline) -> None:
    cells = [(f"%%codex -q\n{body}", body) for body in BODIES]
    cells += [
        ("# why?\n\n%%codex -q\n  hi", "  hi"),
        ("   %%codex -q\n   hi", "   hi"),
        ("%%codex -q Explain {this}:\n  x = 1\n", "Explain {this}:\n  x = 1\n"),
        ("%%codex -q what is y?", "what is y?"),
    ]
    assert mismatches(kernel, model, cells) == []


def test_help_prints_help_and_nothing_else(kernel: LiveKernel, model: offline.Offline) -> None:
    kernel.run(LOAD)
    for raw in ("%codex --help", "%%codex --help", "%%codex -h\nand a body", "%codex -q --help me"):
        cell = kernel.run(raw)
        assert cell.ok
        assert cell.stdout.startswith("%codex [options] PROMPT")
        assert cell.displays == []
    assert asked(model) == []


def test_a_mistake_is_one_block_and_sends_nothing(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel = newest_kernel
    kernel.run(LOAD)
    for raw, says in (
        ("%codex --modle x hi", "--model"),
        ("%codex -x hi", "-- -x"),
        ("%codex --timeout soon hi", "90"),
        ("%codex /statsu", "/status"),
        ("x = 1\n%%codex\nhi", "first line of its cell"),
    ):
        cell = kernel.run(raw)
        assert not cell.ok
        said = cell.traceback + cell.stderr
        assert says in said
        assert "site-packages" not in said
        assert "codex_jupyter/" not in said
    assert asked(model) == []


@pytest.mark.both_kernels("cells")
def test_a_typed_key_is_refused_and_kept_nowhere(
    kernel: LiveKernel, model: offline.Offline
) -> None:
    kernel.run(LOAD)
    cell = kernel.run(f"%codex login {KEY}")
    assert cell.error[0] == "SecretOnLineError"
    assert KEY not in cell.text + cell.traceback
    kept = (
        "[In, _ih, _i, _ii, globals().get('_i2'), list(get_ipython().history_manager.get_tail(9))]"
    )
    assert KEY not in kernel.value(f"repr({kept})")
    assert "[removed]" in kernel.value(f"repr({kept})")
    assert asked(model) == []


def test_completion_reaches_the_front_end(kernel: LiveKernel) -> None:
    kernel.run(LOAD)
    kernel.run("a_table = 1")
    assert kernel.complete("%codex -s wor") == ["workspace-write"]
    assert kernel.complete("%codex --timeo") == ["--timeout"]
    assert "a_table" in kernel.complete("%%codex\nlook at @a_ta")
    assert kernel.complete("%codex /statu") == ["status"]
