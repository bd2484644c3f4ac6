"""The harness itself, on real kernels: what other tests build on must tell the truth."""

from __future__ import annotations

import pytest

from tests.environments import ROOT
from tests.kernel.live_kernel import LiveKernel
from tests.processes import ended


@pytest.mark.both_kernels("cells")
def test_a_cell_ends_with_its_streams_results_and_number(kernel: LiveKernel) -> None:
    cell = kernel.run("import sys\nprint('out')\nprint('err', file=sys.stderr)\n1 + 1")

    assert cell.ok
    assert cell.stdout == "out\n"
    assert cell.stderr == "err\n"
    assert [d["text/plain"] for d in cell.displays] == ["2"]
    assert kernel.run("2").count == cell.count + 1


def test_an_update_replaces_what_was_displayed(kernel: LiveKernel) -> None:
    first = kernel.run("h = display('before', display_id=True)")
    kernel.run("h.update('after')")

    assert [d["text/plain"] for d in first.displays] == ["'after'"]


def test_the_environments_are_what_their_names_say(
    newest_kernel: LiveKernel, oldest_kernel: LiveKernel
) -> None:
    version = "__import__('ipykernel').__version__"

    assert oldest_kernel.value(version) == "'6.29.5'"
    assert newest_kernel.value(version).startswith("'7.")
    # The working tree is what is tested.
    for kernel in (newest_kernel, oldest_kernel):
        assert kernel.value("__import__('codex_jupyter').__path__[0]") == repr(
            str(ROOT / "codex_jupyter")
        )


@pytest.mark.both_kernels("interrupts")
def test_an_interrupt_ends_a_running_cell(kernel: LiveKernel) -> None:
    cell = kernel.begin("import time\nprint('started', flush=True)\ntime.sleep(600)")
    cell.until(lambda c: "started" in c.stdout, "the cell to start")
    kernel.interrupt()

    assert cell.wait().error[0] == "KeyboardInterrupt"
    assert kernel.run("'alive'").ok


@pytest.mark.both_kernels("prompts")
def test_prompts_are_answered_in_order(kernel: LiveKernel) -> None:
    kernel.answer("Ada", lambda prompt: prompt.upper())
    cell = kernel.run("a = input('name? ')\nb = input('again? ')")

    assert cell.ok
    assert kernel.value("(a, b)") == "('Ada', 'AGAIN? ')"
    assert [p["content"]["prompt"] for p in kernel.prompts] == ["name? ", "again? "]


@pytest.mark.both_kernels("prompts")
def test_without_a_front_end_a_prompt_fails(headless_kernel: LiveKernel) -> None:
    assert headless_kernel.run("input('name? ')").error[0] == "StdinNotImplementedError"


@pytest.mark.both_kernels("subshells")
def test_messages_reach_a_widget_and_come_back(kernel: LiveKernel) -> None:
    kernel.run(
        "import anywidget\n"
        "w = anywidget.AnyWidget(_esm='export default {}')\n"
        "w.on_msg(lambda _, content, buffers: w.send({'echo': content}))\n"
        "w"
    )
    comm = kernel.comm()
    kernel.send_custom(comm, {"type": "hello"})

    kernel.until(lambda: comm.custom, "the echo")
    assert comm.custom == [{"echo": {"type": "hello"}}]


def test_a_subshell_takes_messages_while_a_cell_blocks(newest_kernel: LiveKernel) -> None:
    kernel = newest_kernel
    kernel.run(
        "import threading, anywidget\n"
        "clicked = threading.Event()\n"
        "w = anywidget.AnyWidget(_esm='export default {}')\n"
        "w.on_msg(lambda *_: clicked.set())\n"
        "w.comm._reply_subshell_for = None\n"
        "w"
    )
    subshell = kernel.subshell()
    cell = kernel.begin("print('waiting', flush=True)\nassert clicked.wait(60)")
    cell.until(lambda c: "waiting" in c.stdout, "the cell to wait")
    kernel.send_custom(kernel.comm(), {"type": "click"}, subshell=subshell)

    assert cell.wait().ok


@pytest.mark.own_kernel("it ends it")
def test_a_kernel_leaves_no_process_behind(newest_kernel: LiveKernel) -> None:
    newest_kernel.run("import subprocess\nchild = subprocess.Popen(['sleep', '600'])")
    (child,) = newest_kernel.descendants("sleep 600")
    process = newest_kernel.process
    newest_kernel.close()

    assert ended(process)
    assert ended(child)


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "JUPYTERHUB_API_TOKEN"])
def test_no_secret_of_the_machine_reaches_a_kernel(
    name: str, monkeypatch: pytest.MonkeyPatch, start_kernel
) -> None:
    monkeypatch.setenv(name, "secret")

    assert start_kernel().value(f"__import__('os').environ.get('{name}')") == "None"
