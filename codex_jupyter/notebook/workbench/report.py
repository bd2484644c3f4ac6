"""What the model is told of a run, made last and from the fields of its ``Run``. Pure words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_jupyter.core.runs import Ending, Run, ending_text
from codex_jupyter.notebook.workbench.cells import Reading, record_text
from codex_jupyter.notebook.workbench.clean_cut import clean_bounded
from codex_jupyter.notebook.workbench.tool_context import Reply

if TYPE_CHECKING:
    from codex_jupyter.notebook.workbench.figures import Figures
    from codex_jupyter.notebook.workbench.job import Outcome

ROOM = 20_000


def run_report(outcome: Outcome, figures: Figures) -> Reply:
    """What ``run_python`` gives back: how the code ended, what it printed and showed, what it changed."""
    reading = Reading("")
    told = record_text(outcome.record, figures, reading, stem="figure")
    run = Run(outcome.ending, outcome.changes, bool(told), reading.images)
    lines = [ending_for_model(run.ending), told or "(no output)"]
    if run.ending.kind != "stuck":
        lines.append(f"Variables {run.changes}" if run.changes else "Variables: none changed")
    sent = ["output of code that Codex ran"] if run.printed else []
    if run.figures:
        sent.append(f"{run.figures} figure{'' if run.figures == 1 else 's'}")
    return Reply(clean_bounded("\n".join(lines), ROOM), run.ending.kind == "ok", sent, run)


def run_of(outcome: Outcome) -> Run:
    """What became of a run that nobody is told of in words."""
    return Run(outcome.ending, outcome.changes, bool(outcome.record.outputs))


def call_report(outcome: Outcome, figures: Figures) -> str:
    """The text of an offered function's call: its result alone where all went well."""
    told = record_text(outcome.record, figures, Reading(""), stem="figure")
    if outcome.ending.kind == "ok":
        kinds = {output.kind for output in outcome.record.outputs}
        if kinds <= {"result"} and outcome.record.outputs:
            return outcome.record.outputs[0].data.get("text/plain", "")
        return told
    return f"{ending_for_model(outcome.ending)}\n{told}"


def ending_for_model(ending: Ending) -> str:
    """How a run ended, with what the model is to do about it."""
    match ending.kind:
        case "interrupted":
            return f"{ending_text(ending)} Stop here and ask what they want."
        case "stuck":
            return f"{ending_text(ending)} Run nothing more in this turn, and tell the user, who may have to restart the kernel."
    return ending_text(ending)
