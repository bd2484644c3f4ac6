"""The saved copy of a running turn, as a page receives it: static, renewed while the turn goes on, replaced at its end."""

from __future__ import annotations

import pytest

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, run, say, wait
from tests.kernel.live_kernel import Execution, LiveKernel
from tests.kernel.test_approvals import begin_in_a_page, in_a_page

VIEW = "application/vnd.jupyter.widget-view+json"
STATIC = {"text/html", "text/markdown", "text/plain"}
GOING_ON = "still going on when this was saved"


@pytest.fixture
def script(model: offline.Offline) -> offline.Offline:
    model.server.script = Script.of(
        Rule(
            "held",
            [
                [run("printf 'counted-%d\\n' 17")],
                [
                    say("Half of it is done.", phase="commentary"),
                    wait("gate"),
                    say("All of it is done.", phase="final_answer"),
                ],
            ],
        )
    )
    return model


def shown(cell: Execution) -> dict[str, str]:
    """The one output of the cell as it stands."""
    (only,) = cell.displays
    return only


def say_hello(kernel: LiveKernel, **fields: object) -> None:
    """As a page does that is heard while the cell waits."""
    message = {"type": "hello", "view": "v", "have": 0, **fields}
    kernel.send_custom(kernel.comm(), message, subshell=kernel.subshell())


@pytest.mark.both_kernels("subshells")
def test_a_page_that_can_takes_its_place_over_a_copy(
    kernel: LiveKernel, script: offline.Offline
) -> None:
    kernel.run("%load_ext codex_jupyter")
    first = in_a_page(kernel, "%codex -b -s read-only Do it")
    assert VIEW in shown(first)
    panel = kernel.comm().state["panel_id"]
    kernel.send_custom(kernel.comm(), {"type": "hello", "view": "v", "have": 0, "covers": True})
    kernel.until(lambda: "Half of it" in shown(first).get("text/plain", ""), "a copy")
    assert set(shown(first)) == STATIC
    assert f'class="cj-copy-of-{panel} ' in shown(first)["text/html"]
    for text in shown(first).values():
        assert "counted" in text and GOING_ON in text

    # From now on it is known what the page can do: no widget view even for a moment.
    second = in_a_page(kernel, "%codex -b --new -s read-only Do it, too")
    updates = [m["content"]["data"] for m in second.messages if m["msg_type"] == "display_data"]
    assert [set(data) for data in updates] == [STATIC]

    script.server.release("gate")
    for cell in (first, second):
        kernel.until(lambda cell=cell: "All of it" in shown(cell)["text/plain"], "the end")
        assert set(shown(cell)) == STATIC
        assert "cj-copy-of" not in shown(cell)["text/html"]
        assert not any(GOING_ON in text for text in shown(cell).values())


def test_a_page_that_cannot_keeps_its_widget(
    newest_kernel: LiveKernel, script: offline.Offline
) -> None:
    kernel = newest_kernel
    kernel.run("%load_ext codex_jupyter")
    cell = in_a_page(kernel, "%codex -b -s read-only Do it")
    kernel.send_custom(kernel.comm(), {"type": "hello", "view": "v", "have": 0})
    kernel.until(lambda: "Half of it" in str(kernel.comm().custom), "the stream")
    assert VIEW in shown(cell)
    script.server.release("gate")
    kernel.until(lambda: "All of it" in shown(cell).get("text/plain", ""), "the end")
    assert set(shown(cell)) == STATIC


@pytest.mark.parametrize("covers", [True, False])
def test_what_stays_of_a_waiting_turn_is_published_once(
    newest_kernel: LiveKernel, script: offline.Offline, covers: bool
) -> None:
    kernel = newest_kernel
    kernel.run("%load_ext codex_jupyter")
    cell = begin_in_a_page(kernel, "%codex -s read-only Do it")
    say_hello(kernel, covers=covers)
    kernel.until(lambda: "Half of it" in str(kernel.comm().custom), "the stream")
    script.server.release("gate")
    cell.wait()
    # A whole turn later, whatever the first one had under way has happened.
    assert in_a_page(kernel, "%codex -q -s read-only Do it again").ok
    (first,) = {each["transient"]["display_id"] for each in cell.of("display_data")}
    finals = [
        data
        for message in kernel.iopub
        if message["msg_type"] in ("display_data", "update_display_data")
        and message["content"]["transient"]["display_id"] == first
        and "All of it" in (data := message["content"]["data"]).get("text/plain", "")
        and "cj-copy-of" not in data["text/html"]
    ]
    assert len(finals) == 1 and finals[0] == shown(cell)


def test_a_page_that_comes_late_takes_over_from_static_output(
    newest_kernel: LiveKernel, script: offline.Offline
) -> None:
    kernel = newest_kernel
    kernel.run("%load_ext codex_jupyter")
    cell = begin_in_a_page(kernel, "%codex -s read-only Do it")
    kernel.until(lambda: cell.displays, "the panel")
    kernel.until(lambda: "Half of it" in shown(cell)["text/plain"], "static output")
    assert set(shown(cell)) == STATIC and "anywidget" not in shown(cell)["text/plain"]
    ready = {"type": "ready", "covers": False}
    kernel.send_custom(kernel.comm(), ready, subshell=kernel.subshell())
    kernel.until(lambda: VIEW in shown(cell), "the view again")
    say_hello(kernel)
    kernel.until(lambda: "Half of it" in str(kernel.comm().custom), "the stream")
    script.server.release("gate")
    cell.wait()
    assert set(shown(cell)) == STATIC and "All of it" in shown(cell)["text/plain"]
