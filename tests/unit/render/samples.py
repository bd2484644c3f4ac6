"""Documents with every kind of block and body: what the golden files and the corpora are rendered from."""

from __future__ import annotations

import base64
import struct
import zlib

from codex_jupyter.core.checklist import Step
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.document import (
    Block,
    Card,
    Checklist,
    Code,
    Document,
    Exact,
    ExactFacts,
    ExactPatch,
    Facts,
    Field,
    Finding,
    Findings,
    Footer,
    Header,
    Lines,
    Link,
    Option,
    Patch,
    Picture,
    Plain,
    Prose,
    Table,
    Terminal,
    UnifiedDiff,
)
from codex_jupyter.core.text import Output, Text


def png(width: int = 240, height: int = 60) -> str:
    """A small picture as a ``data:`` URL: two colours, made here so that no binary file is needed."""
    row = b"\x00" + b"\x2d\x7f\xf9" * (width // 2) + b"\xf9\xa8\x2d" * (width - width // 2)

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(row * height)
    raw = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(raw).decode()


UPDATE = "@@ -1,2 +1,2 @@\n def load(s):\n-    return pd.to_datetime(s)\n+    return pd.to_datetime(s, utc=True)\n"
TURN_DIFF = (
    "diff --git a/load.py b/load.py\n--- a/load.py\n+++ b/load.py\n"
    + UPDATE
    + "diff --git a/new.py b/new.py\n"
    "new file mode 100644\n--- /dev/null\n+++ b/new.py\n@@ -0,0 +1,2 @@\n+import pandas as pd\n+print(1 < 2)\n"
)
MARKDOWN = """\
Fixed: the dates were **naive**. It costs $5 and then $10; `$HOME` stays.

| column | nulls |
|:-------|------:|
| `id`   |     0 |
| date   |    12 |

1. Parse with `utc=True`
   - nested *item*
2. Run the tests: <https://docs.pytest.org>

- [x] done
- [ ] to do

> A quote with ~~struck~~ text.

```python
def load(path: str) -> "DataFrame":
    # every date in UTC
    return pd.read_csv(path, parse_dates=["date"]).head(10)
```

Maths: $\\bar{x} = \\frac{1}{n}\\sum_i x_i$ and

$$
\\sigma^2 = E[(X-\\mu)^2]
$$

See [the loader](src/load.py:12) and [the docs](https://pandas.pydata.org/).
"""
PYTEST = (
    "\x1b[1m============ test session starts ============\x1b[0m\n"
    "collecting ...\rcollected 3 items\n\n"
    "test_load.py \x1b[32m.\x1b[0m\x1b[31mF\x1b[0m\x1b[33ms\x1b[0m\n"
    "\x1b[31m\x1b[1mE       AssertionError: naive\x1b[0m  see \x1b]8;;https://e.org/x\x1b\\the log\x1b]8;;\x1b\\\n"
    "\x1b[44m info \x1b[0m \x1b[7minverse\x1b[0m \x1b[38;5;208morange\x1b[0m \x1b[2mdim\x1b[0m\n"
    "\x1b[31m1 failed\x1b[0m, \x1b[32m1 passed\x1b[0m in 2.1s\n"
)


def change(path: str = "load.py") -> Change:
    return Change(path, "update", UPDATE)


COMMAND_CARD = Card(
    request_id="r1",
    title="Codex asks: run OUTSIDE the sandbox",
    emphasis="OUTSIDE the sandbox",
    facts=(("in", "~/churn"), ("why", "parquet reader")),
    body=(Exact("pip install pyarrow", "command", "bash", typed=True),),
    options=(
        Option("once", "Allow once", "This time only.", "a", primary=True),
        Option("session", "This session", "This very command, until the kernel ends.", "s"),
        Option("decline", "Decline", "Codex is told no and continues.", "d"),
        Option("stop", "Decline and stop", "The turn ends.", "x"),
        Option(
            "always",
            "Always",
            "Writes a rule that the CLI will follow too.",
            "w",
            confirm="From now on every front end runs `pip install`, unasked.",
        ),
    ),
    footnote="Nothing runs until you answer",
)
QUESTION_CARD = Card(
    request_id="r2",
    title="Codex asks: 2 questions",
    fields=(
        Field(
            "scope",
            "Which scope?",
            "choice",
            "Where the fix goes.",
            (("a", "Only the loader", "small"), ("b", "Everything", "")),
            free_text=True,
            required=True,
        ),
        Field("token", "API token", "secret", "Never saved."),
        Field("retries", "Retries", "integer", default="3"),
        Field("verbose", "Say more", "boolean", default="true"),
        Field("tags", "Tags", "choices", options=(("x", "X", ""), ("y", "Y", ""))),
        Field("name", "Name"),
    ),
    options=(Option("submit", "Send", primary=True), Option("skip", "Skip", "No answer.")),
    footnote="Codex waits for your answer",
)

#: One block of every kind, by a name for its golden files.
BLOCKS: dict[str, Block] = {
    "prompt": Block(
        "prompt",
        "prompt",
        "You added",
        "user",
        body=(Plain("also check the <tests>"),),
        fold="never",
    ),
    "commentary": Block(
        "commentary", "commentary", body=(Prose(Text.of("I'll read the *loader* first.")),)
    ),
    "thought": Block(
        "thought",
        "thought",
        "Thought 6 s: how dates are parsed",
        "think",
        label="thought",
        body=(Prose(Text.of("**How dates are parsed**\n\nProbably naive.")),),
    ),
    "explored": Block(
        "explored",
        "explored",
        "Explored load.py, test_load.py",
        "ok",
        "2 commands",
        body=(
            Code("cat load.py", "bash", typed=True),
            Terminal(Output.of("import pandas as pd\n")),
        ),
    ),
    "command": Block(
        "command",
        "command",
        "pytest -q",
        "failed",
        "exit 1 · 2.1 s",
        "command",
        body=(Terminal(Output.of(PYTEST)),),
        code_title=True,
    ),
    "running": Block(
        "running",
        "command",
        "make all",
        "running",
        body=(Terminal(Output.of("".join(f"step {n}\n" for n in range(1, 9))), live=True),),
        open=True,
        code_title=True,
    ),
    "edit": Block(
        "edit",
        "edit",
        "load.py",
        "edit",
        "+1 −1",
        "file change",
        (Patch((change(),)),),
        "body",
        True,
    ),
    "edits": Block(
        "edits",
        "edit",
        "load.py, new.py, old.py → moved.py",
        "edit",
        "+3 −2",
        "file change",
        (
            Patch(
                (
                    change(),
                    Change("new.py", "add", "a = 1\nb = '<b>'\n"),
                    Change("gone.py", "delete", "x = 1\n"),
                    Change("old.py", "update", "", "moved.py"),
                )
            ),
        ),
        "body",
    ),
    "tool": Block(
        "tool",
        "tool",
        'db/query(sql="select 1")',
        "ok",
        "1.2 s",
        "tool call",
        (Code('{\n  "sql": "select 1"\n}', "json"), Plain("1 row"), Picture(png(), "a plot")),
        code_title=True,
    ),
    "search": Block(
        "search",
        "search",
        "Searched “pandas utc”",
        "search",
        body=(Lines(("pandas to_datetime utc", "naive dates")), Link("https://pandas.pydata.org/")),
    ),
    "table": Block(
        "table",
        "notice",
        "Allowed until this kernel ends",
        "info",
        body=(
            Table(
                ("", "rule", "used", "to take it back"),
                (
                    ("1", "run `git status | head`", "12", "/permissions revoke 1"),
                    ("2", "call <db/query> with a | b", "3", "/permissions revoke 2"),
                ),
                typed=frozenset({3}),
                right=frozenset({0, 2}),
            ),
        ),
        fold="never",
    ),
    "image": Block(
        "image",
        "image",
        "Looked at plot.png",
        "image",
        body=(Picture(png(), "plot.png", "~/plot.png"),),
    ),
    "agent": Block(
        "agent",
        "agent",
        "Started an agent: check the tests",
        "agent",
        "gpt-5.5",
        body=(Lines(("ada: running",)),),
    ),
    "review": Block(
        "review",
        "review",
        "Review: 1 finding",
        "review",
        body=(Findings((Finding("[P1] Naive dates", "They *fail* in `load`.", "load.py", 3, 5),)),),
        fold="never",
    ),
    "compaction": Block("compaction", "compaction", "The conversation was summarised", "info"),
    "hook": Block(
        "hook",
        "hook",
        "Hook preToolUse",
        "ok",
        "0.1 s",
        body=(
            Facts(
                (("source", "user"), ("entry", "fine")),
            ),
        ),
    ),
    "sleep": Block("sleep", "sleep", "Waited 5 s", "sleep"),
    "notice": Block(
        "notice",
        "notice",
        "Reconnecting 2/5",
        "retry",
        label="retry",
        body=(Plain("stream closed"),),
        fold="never",
    ),
    "unknown": Block(
        "unknown", "unknown", "futureItem", "unknown", body=(Code('{"a": 1}', "json"),)
    ),
    "plan": Block(
        "plan",
        "plan",
        "Proposed plan",
        "plan",
        body=(Prose(Text.of("1. Read\n2. Fix")),),
        fold="never",
    ),
    "checklist": Block(
        "checklist",
        "checklist",
        "Plan",
        "plan",
        "1 of 3 done",
        body=(
            Checklist(
                "First the loader.",
                (Step("Read", "completed"), Step("Fix", "in_progress"), Step("Test", "pending")),
            ),
        ),
        fold="body",
        open=True,
    ),
    "decision": Block(
        "decision",
        "decision",
        "You allowed once, 14:02: pip install pyarrow",
        "allowed",
        label="decision",
        body=(
            Facts(
                (
                    ("in", "/home/ada/churn"),
                    ("outside of", "the sandbox (workspace-write)"),
                    ("why", "to read parquet"),
                    ("answered by", "you, in this tab, 2026-05-04 14:02:31 +02:00"),
                )
            ),
        ),
        fold="body",
    ),
    "decision-unasked": Block(
        "decision-unasked",
        "decision",
        "Declined by policy (nobody is here to approve it: the input is no terminal), 14:02: rm -r build",
        "declined",
        label="decision",
        body=(
            Facts((("outside of", "the sandbox (read-only)"),)),
            Lines(("To allow it without being asked: `-s workspace-write`.",), advice=True),
        ),
        fold="body",
        open=True,
    ),
    "declined": Block(
        "declined",
        "decision",
        "The automatic reviewer refused: rm -rf build",
        "declined",
        "risk: high",
        "automatic review",
        (Plain("It deletes files outside the folder."),),
        "never",
        True,
        retry="rev1",
    ),
    "refused": Block(
        "refused",
        "refused",
        "Refused: cat /etc/shadow",
        "declined",
        label="refused",
        body=(Plain("The sandbox stopped it."),),
        fold="never",
    ),
    "error": Block(
        "error",
        "error",
        "No such model: gpt-9",
        "error",
        label="error",
        body=(Plain("HTTP 400"), Lines(("%codex /model shows the models there are.",))),
        fold="never",
        open=True,
    ),
    "answer": Block(
        "answer",
        "answer",
        label="answer",
        body=(Prose(Text.of(MARKDOWN)),),
        fold="never",
        open=True,
    ),
    "turn_diff": Block(
        "turn_diff", "edit", "The turn", "edit", body=(UnifiedDiff(TURN_DIFF),), fold="body"
    ),
    "allowed": Block(
        "allowed",
        "decision",
        "You allowed once, 14:02: touch x",
        "allowed",
        body=(
            Exact("touch x\u200b\n\n\n\n\nls", "command", "bash", typed=True),
            ExactPatch(
                (Change("a.py", "update", "@@ -1 +1 @@\n-a\n+b  \n"), Change("b", "add", "x"))
            ),
            ExactFacts((("in", "~/churn"), ("why", "to keep a record"))),
        ),
        fold="body",
    ),
    "card": Block("card", "card", "Codex asks", "ask", fold="never", open=True, card=COMMAND_CARD),
    "questions": Block(
        "questions", "card", "Codex asks", "ask", fold="never", open=True, card=QUESTION_CARD
    ),
}

HEADER = Header(
    (
        ("model", "gpt-5.5 high"),
        ("sandbox", "workspace-write ~/churn"),
        ("kernel", "kernel read"),
        ("approval", "ask"),
    )
)
RUNNING = Footer("ask", "waiting for you", since_ms=1_795_246_956_000, stoppable=True)
DONE = Footer(
    "ok",
    "38 s · 8.1k tokens · context 6 %",
    copy="Fixed: the dates were naive.",
    diff=TURN_DIFF,
    sent=("df (5 rows)",),
)
STOPPED = Footer(
    "stopped",
    "Stopped by you · nothing left running",
    lines=("The next cell continues; --new starts afresh.",),
)


def running() -> Document:
    """Work in progress with an open question, as looks.md draws it."""
    names = ("thought", "explored", "command", "edit", "running", "card")
    return Document(HEADER, tuple(BLOCKS[n] for n in names), RUNNING)


def finished() -> Document:
    """The same, afterwards."""
    names = ("thought", "explored", "command", "edit", "decision", "answer")
    blocks = tuple(BLOCKS[n] for n in names)
    return Document(HEADER, blocks, DONE, "Worked 38 s: 1 thought · 3 commands (1 failed)", True)


def everything(*, ended: bool = False) -> Document:
    """Every kind of block, in one transcript that is offline."""
    header = Header(HEADER.parts, "offline model", ("sandbox: probed",))
    foot = STOPPED if ended else RUNNING
    work = "Worked 12 s: 1 thought · 2 commands" if ended else ""
    return Document(header, tuple(BLOCKS.values()), foot, work, ended)
