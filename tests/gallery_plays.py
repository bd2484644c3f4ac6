"""What the gallery plays: a cell for each of the nineteen item types, and one for each thing around them.

The item types and what the model does for them come from the contract tests (``every_item``); what has no item type of
its own is scripted here. Nothing here opens a browser.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from codex_jupyter.offline import (
    Rule,
    Script,
    answered_by,
    ask,
    call,
    cut,
    fail,
    limits,
    patch,
    plan,
    run,
    say,
    search,
    think,
    wait,
)
from tests.contract.items import every_item
from tests.contract.items.every_item import MODELS

#: The class of models that can produce all nineteen.
MODEL = MODELS["code mode"]
DO = "%codex -s workspace-write -C churn --new"


@dataclass(frozen=True)
class Shown:
    """One picture of the gallery.

    Attributes:
        name: of the picture, and of the step that drives it where running is not enough.
        title: what the notebook says above it.
        cells: the code; the picture is of the first.
    """

    name: str
    title: str
    cells: tuple[str, ...]


def _item(type: str, *cells: str, options: str = "") -> Shown:
    made = cells or (f"{DO}{options} Show me this item: {type}.",)
    return Shown(type, f"`{type}`", made)


SIGN_IN = Shown(
    "signed-in", "Signing in to the offline issuer", ("%load_ext codex_jupyter", "%codex login")
)
SHAPE = '''import codex_jupyter as cj

@cj.session().tool
def shape(name: str) -> str:
    "The shape of a table."
    return "3 rows by 4 columns"'''
PLAN = (
    'result = cj.session().run("Show me this item: plan.", new=True, cwd="churn", '
    'work={"mode": "plan"})'
)
GIVEN = """turn = cj.session().last.turn
output = {"namespace": "jupyter", "name": "notebook", "output": "NameError: name 'df' is not defined"}
told = {"threadId": turn.thread_id, "input": [], "toolOutput": output}
_ = cj.session().engine.call(cj.session().engine.runtime.request("turn/start", told))"""

ITEMS = (
    _item(
        "userMessage",
        f"{DO} -b -i churn/chart.png Show me this item: userMessage.",
        "%codex /steer Only the last month.",
    ),
    _item("agentMessage"),
    _item("reasoning"),
    _item("plan", PLAN),
    _item("commandExecution"),
    _item("fileChange"),
    _item("mcpToolCall"),
    _item("dynamicToolCall", options=" -k run"),
    _item("collabAgentToolCall", f"{DO} -m gpt-5.5 Show me this item: collabAgentToolCall."),
    _item("subAgentActivity"),
    _item("webSearch"),
    _item("imageView"),
    _item("imageGeneration"),
    _item("sleep"),
    Shown(
        "enteredReviewMode",
        "`enteredReviewMode` and `exitedReviewMode`",
        ("%codex -C churn --new /review look at load.py",),
    ),
    _item("contextCompaction", options=" -c model_auto_compact_token_limit=200000"),
    _item("hookPrompt", options=" -c bypass_hook_trust=true"),
    _item("functionCallOutput", f"{DO} -b Show me this item: functionCallOutput.", GIVEN),
)

LIVE = (
    Shown(
        "job",
        "A whole job: thoughts, a checklist, exploring, a failing check, a fix",
        (f"{DO} Fix the failing check.",),
    ),
    Shown("approval", "A request for approval", (f"{DO} Keep a record.",)),
    Shown("question", "A question", (f"{DO} Which colour?",)),
    Shown("retry", "A connection that breaks, and is made again", (f"{DO} Go on.",)),
    Shown("stopped", "Stopped in the middle", (f"{DO} Wait for it.",)),
)

AROUND = (
    Shown("kernel", "A tool of the notebook's own", (f"{DO} -k run Look at my table.",)),
    Shown("refused", "A command that the policy refuses", (f"{DO} -a never Install it.",)),
    Shown("notices", "Limits, and another model than asked for", (f"{DO} Say which model.",)),
    Shown("output", "Colours and a progress bar", (f"{DO} Show the colours.",)),
    Shown("long", "A long output", (f"{DO} Count.",)),
    Shown("markdown", "An answer in Markdown", (f"{DO} Explain.",)),
    Shown("failed", "A turn that fails", (f"{DO} Use a wrong model.",)),
)

FIX = (
    "*** Begin Patch\n*** Update File: load.py\n@@\n def parse(text):\n"
    "-    return datetime.fromisoformat(text)\n"
    "+    return datetime.fromisoformat(text).astimezone(UTC)\n*** End Patch"
)
COLOURS = (
    r"printf '\033[1;32m✓\033[0m \033[32m12 passed\033[0m, \033[31m1 failed\033[0m, "
    r"\033[33m2 skipped\033[0m\n'; for i in 20 60 100; do printf '\rbuilding %3d %%' $i; done; echo; "
    r"printf '\033[7m inverse \033[0m \033[4munderlined\033[0m \033[1mbold\033[0m \033[2mdim\033[0m "
    r"\033[44m on blue \033[0m \033[95mmagenta\033[0m\n'"
)
MARKDOWN = """## What I found

The dates are **naive**: `parse` drops the zone, so a comparison costs you an hour, or $5 a day. See
[the manual](https://docs.python.org/3/library/datetime.html).

| month | rows | cost |
|:---|---:|---:|
| March | 1,204 | $12 |
| April | 980 | $9 |

1. Read them as UTC
   - in the loader
   - and in its test
2. Compare

- [x] a test that fails
- [ ] the fix

```python
def parse(text: str) -> datetime:
    # every date has a zone now
    return datetime.fromisoformat(text).astimezone(UTC)
```

> The mean is $\\bar{x} = \\frac{1}{n}\\sum_i x_i$.
"""
QUESTION = {
    "id": "colour",
    "header": "Colour",
    "question": "Which colour should the chart have?",
    "options": [
        {"label": "Blue", "description": "As on the report's cover"},
        {"label": "Orange", "description": "Easier to tell apart in print"},
    ],
}
DONE = [say("Done.", phase="final_answer")]
#: Ends only with the turn.
NEVER = "sleep 98763"


def _when(prompt: str, *replies: Any) -> Rule:
    return Rule(prompt, list(replies), {"contains": prompt})


def script() -> Script:
    """What the model does for every cell."""
    around = (
        _when(
            "Fix the failing check",
            [
                think(
                    "**How dates are parsed**\n\nThe loader may drop the zone; I look at it first."
                ),
                plan([["Look", "in_progress"], ["Fix", "pending"], ["Check", "pending"]]),
            ],
            [
                run("cat load.py"),
                say("I look at the loader and run the check.", phase="commentary"),
            ],
            [run("ls")],
            [run("echo 'E   assert naive == aware' ; echo '1 failed in 0.02s'; exit 1")],
            [
                plan([["Look", "completed"], ["Fix", "in_progress"], ["Check", "pending"]]),
                patch(FIX),
            ],
            [run("for i in 1 2 3 4 5 6 7; do echo \"tests/test_$i.py .\"; done; echo '7 passed'")],
            [
                plan([["Look", "completed"], ["Fix", "completed"], ["Check", "completed"]]),
            ],
            [wait("job"), say("Fixed: the dates were naive. Tests pass.", phase="final_answer")],
        ),
        _when(
            "Keep a record",
            [
                run(
                    "echo looked >> ../record.txt",
                    escalate=True,
                    justification="The record lies beside the project.",
                    prefix_rule=["echo", "looked"],
                )
            ],
            DONE,
        ),
        _when("Which colour", [ask(QUESTION)], DONE),
        _when(
            "Look at my table",
            [
                call(
                    "run_python",
                    {"code": "rows = [1, 2, 3]\nprint(sum(rows))"},
                    namespace="notebook",
                )
            ],
            DONE,
        ),
        _when(
            "Install it", [run("pip install pyarrow", escalate=True, justification="Parquet")], DONE
        ),
        _when(
            "Go on",
            [say("I begin with the loader.", phase="commentary"), cut()],
            [wait("retried"), *DONE],
        ),
        _when(
            "Say which model",
            [limits(primary=92, secondary=40), answered_by("gpt-5.4"), *DONE],
        ),
        _when("Show the colours", [run(COLOURS)], [search("pytest progress bar"), *DONE]),
        _when("Count", [run("seq 1 40000")], DONE),
        _when("Explain", [say(MARKDOWN, phase="final_answer")]),
        _when(
            "Wait for it",
            [
                say("I start the server.", phase="commentary"),
                run(f"seq 1 9; {NEVER}", yield_ms=400),
            ],
            [say("The loader reads each file, and then ", phase="final_answer", gate="never")],
        ),
        _when(
            "Use a wrong model",
            [fail(400, {"error": {"message": "The model `nope` does not exist.", "code": "x"}})],
        ),
    )
    return Script.of(*_rules(), *around)


def _rules() -> list[Rule]:
    """The rules of the item types. The older agent tools are the direct model's, and the notebook offers its own tool."""
    older = [
        Rule(rule.name, rule.replies, {**rule.when, "model": MODELS["direct"]})
        for rule in every_item.script("direct").rules
        if rule.name == "collabAgentToolCall"
    ]
    offered = Rule(
        "dynamicToolCall",
        [[call("shape", {"name": "df"}, namespace="notebook")], DONE],
        {"contains": "this item: dynamicToolCall"},
    )
    return [*older, offered, *every_item.script("code mode").rules]


def settings() -> dict[str, Any]:
    """The runtime's settings under which all of it works."""
    return {**every_item.settings(), "tools.update_plan.enabled": True}
