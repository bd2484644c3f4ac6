"""A turn is steered while the model speaks. Of the runtime that comes with the SDK: older ones wait for the end of its words."""

from __future__ import annotations

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, say, wait
from tests.kernel.live_kernel import LiveKernel


def test_a_turn_is_steered_while_the_model_speaks(
    newest_kernel: LiveKernel, model: offline.Offline
) -> None:
    later = "Only the last month."
    model.server.script = Script.of(
        Rule("more", [[say("So it is.", phase="final_answer")]], when={"contains": later}),
        Rule("endless", [[say("I begin.", phase="commentary"), wait("never")]]),
    )
    kernel = newest_kernel
    kernel.run("%load_ext codex_jupyter")
    assert kernel.run("turn = %codex -b Summarise").ok
    model.server.wait_until_held("never")
    steered = kernel.run(f"%codex /steer {later}")
    assert steered.ok, steered.text
    assert kernel.run("print(turn.result())").stdout.endswith("So it is.\n")
