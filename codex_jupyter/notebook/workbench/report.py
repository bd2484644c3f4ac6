"""What the model is told of a run: how it ended, what it printed and showed, what it changed. Pure words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_jupyter.notebook.workbench.cells import Reading, record_text
from codex_jupyter.objects.shortening import bounded

if TYPE_CHECKING:
    from codex_jupyter.notebook.workbench.figures import Figures
    from codex_jupyter.notebook.workbench.running import Outcome

ROOM = 20_000


def run_report(outcome: Outcome, figures: Figures, *, limit: float) -> tuple[str, list[str]]:
    """The text of ``run_python``, and what of the user's data is in it for the footer."""
    reading = Reading("")
    told = record_text(outcome.record, figures, reading, stem="figure")
    lines = [ending(outcome, limit), told or "(no output)"]
    if outcome.state != "stuck":
        lines.append(
            f"Variables {outcome.changes}" if outcome.changes else "Variables: none changed"
        )
    sent = ["output of code that Codex ran"] if told else []
    if reading.images:
        sent.append(f"{reading.images} figure{'' if reading.images == 1 else 's'}")
    return bounded("\n".join(lines), ROOM), sent


def call_report(outcome: Outcome, figures: Figures, *, limit: float) -> str:
    """The text of an offered function's call: its result alone where all went well."""
    told = record_text(outcome.record, figures, Reading(""), stem="figure")
    if outcome.state == "ok":
        kinds = {output.kind for output in outcome.record.outputs}
        if kinds <= {"result"} and outcome.record.outputs:
            return outcome.record.outputs[0].data.get("text/plain", "")
        return told
    return f"{ending(outcome, limit)}\n{told}"


def ending(outcome: Outcome, limit: float) -> str:
    """How the run ended, in a sentence or two."""
    after = f"after {outcome.seconds:.1f} s"
    waited = " It had to wait until the kernel was idle." if outcome.waited else ""
    match outcome.state:
        case "ok":
            return f"Finished {after}.{waited}"
        case "failed" if outcome.exiting:
            return f"The code asked to exit {after}; the kernel goes on.{waited}"
        case "failed":
            return f"Failed {after}: {outcome.error}{waited}"
        case "time limit":
            return f"Interrupted by the time limit of {limit:g} s. What it did before stays done.{waited}"
        case "interrupt":
            return f"Interrupted by the user {after}. Stop here and ask what they want."
        case "stop":
            return f"Stopped by the user {after}."
        case "stuck":
            return (
                f"The code could not be interrupted and is STILL RUNNING {after}. The kernel is busy until it ends; "
                "run nothing more in this turn, and tell the user, who may have to restart the kernel."
            )
    return outcome.state
