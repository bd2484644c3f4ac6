"""How each of the nineteen item types comes about: a script for the offline model, the settings it takes, who can.

The contract tests and the gallery play from here. Models differ in the tools that the runtime offers them: ``direct``
ones call each tool, those in ``code mode`` write JavaScript that does, and to a model it does not know (``unknown``) the
runtime offers a fallback set.
"""

from __future__ import annotations

import base64
import json
import shlex
import struct
import sys
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codex_jupyter.core import items as it
from codex_jupyter.offline import (
    Rule,
    Script,
    call,
    find_in_page,
    open_page,
    patch,
    run,
    say,
    search,
    think,
    usage,
    view,
    wait,
)
from codex_jupyter.session.ports import ToolResult

#: Classes of models, and a slug of each.
MODELS = {"direct": "gpt-5.5", "code mode": "gpt-6-astra", "unknown": "mock-model"}
ALL = frozenset(MODELS)
DONE = [say("Done.", phase="final_answer")]

FINDINGS = {
    "findings": [
        {
            "title": "[P1] Dates are naive",
            "body": "`parse` drops the time zone, so comparisons across zones are wrong.",
            "confidence_score": 0.9,
            "priority": 1,
            "code_location": {
                "absolute_file_path": "/project/load.py",
                "line_range": {"start": 3, "end": 4},
            },
        }
    ],
    "overall_correctness": "patch is incorrect",
    "overall_explanation": "One date is read without its zone.",
    "overall_confidence_score": 0.8,
}


def picture(width: int = 96, height: int = 48) -> bytes:
    """A small PNG: a band of colours."""
    rows = b"".join(
        b"\0" + b"".join(bytes((40 + 2 * x, 90 + 2 * y, 200 - x)) for x in range(width))
        for y in range(height)
    )

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def data_url(png: bytes) -> str:
    """A picture as an address that holds it."""
    return "data:image/png;base64," + base64.b64encode(png).decode()


@dataclass(frozen=True)
class Play:
    """How one item type comes about.

    Attributes:
        type: the protocol's name of it.
        item: the class that it becomes.
        kind: the kind of block that shows it.
        words: what a reader of every format finds.
        by: the classes of models that can produce it.
        replies: what the model does; ``{class: replies}`` where they differ.
        note: what the table says about it.
        start: "turn"; "review" for ``review/start``; "steer" or "tool output" for what joins a running turn.
        work: parts of the turn.
        config: settings of its thread.
    """

    type: str
    item: type
    kind: str
    words: tuple[str, ...]
    replies: Any
    by: frozenset[str] = ALL
    note: str = ""
    start: str = "turn"
    work: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)

    @property
    def prompt(self) -> str:
        """What asks for it."""
        return f"Show me this item: {self.type}."

    def played_by(self, models: str) -> Any:
        """The replies of a model of this class."""
        return self.replies[models] if isinstance(self.replies, dict) else self.replies


#: Runs whenever the model wants to stop, and asks it to go on after one that says "Counted.".
HOOK = (
    "import json,sys; asked=json.load(sys.stdin); again='Also say how many rows there are.'; "
    "counted='Counted.' in str(asked.get('last_assistant_message')); "
    "print(json.dumps({'decision': 'block', 'reason': again} if counted else {}))"
)
HOOK_COMMAND = f"{shlex.quote(sys.executable)} -c {shlex.quote(HOOK)}"

PATCH = (
    "*** Begin Patch\n*** Update File: load.py\n@@\n def parse(text):\n"
    "-    return datetime.fromisoformat(text)\n+    return datetime.fromisoformat(text).astimezone(UTC)\n"
    "*** Add File: notes.txt\n+Dates are aware now.\n*** End Patch"
)
LOAD = "from datetime import UTC, datetime\n\n\ndef parse(text):\n    return datetime.fromisoformat(text)\n"
COMMAND = r"printf '\033[32mok\033[0m 3 passed\n'; echo '1 failed: test_dates' >&2; exit 3"

_SPAWNS_V1 = [
    [call("spawn_agent", {"message": "child: count the rows"}, namespace="multi_agent_v1")],
    [
        call(
            "wait_agent",
            {"targets": ["{{agent_id}}"], "timeout_ms": 10_000},
            namespace="multi_agent_v1",
        )
    ],
    DONE,
]
_SPAWNS_V2 = [
    [
        call(
            "spawn_agent",
            {"task_name": "counter", "message": "child: count the rows", "fork_turns": "none"},
            namespace="collaboration",
        )
    ],
    [call("wait_agent", {"timeout_ms": 10_000}, namespace="collaboration")],
    DONE,
]

PLAYS = (
    Play(
        "userMessage",
        it.UserMessage,
        "prompt",
        ("Only the last month.",),
        [
            [say("I read all of it.", phase="commentary"), wait("steered")],
            [say("Only the last month, then.", phase="final_answer")],
        ],
        start="steer",
        work={"images": [data_url(picture())], "mentions": [("load.py", "load.py")]},
    ),
    Play(
        "agentMessage",
        it.AgentMessage,
        "answer",
        ("The table", "42"),
        [
            [
                say("I look at the table first.", phase="commentary"),
                say("The table:\n\n| n | cost |\n|---|---|\n| 42 | $5 |\n", phase="final_answer"),
            ]
        ],
    ),
    Play(
        "reasoning",
        it.Reasoning,
        "thought",
        ("Looking at the loader",),
        [
            [
                think(["**Looking at the loader**\n\nIt drops the zone.", "**Next**\n\nA test."]),
                *DONE,
            ]
        ],
    ),
    Play(
        "plan",
        it.Plan,
        "plan",
        ("Make the dates aware",),
        [[say("<proposed_plan>\n# Make the dates aware\n\n1. Test\n2. Fix\n</proposed_plan>\n")]],
        work={"mode": "plan"},
    ),
    Play(
        "commandExecution",
        it.Command,
        "command",
        ("exit 3", "3 passed"),
        [[run(COMMAND)], DONE],
    ),
    Play(
        "fileChange",
        it.FileChange,
        "edit",
        ("load.py", "notes.txt", "astimezone(UTC)"),
        [[patch(PATCH)], DONE],
    ),
    Play(
        "mcpToolCall",
        it.McpToolCall,
        "tool",
        ("demo", "chart", "three rows"),
        [[call("chart", {"rows": 3}, namespace="mcp__demo")], DONE],
    ),
    Play(
        "dynamicToolCall",
        it.DynamicToolCall,
        "tool",
        ("shape", "3 rows by 4"),
        [[call("shape", {"name": "df"})], DONE],
    ),
    Play(
        "collabAgentToolCall",
        it.CollabAgentCall,
        "agent",
        ("Waited for agents",),
        {"direct": _SPAWNS_V1, "unknown": _SPAWNS_V1, "code mode": _SPAWNS_V2},
        note="in code mode only for the wait; starting an agent is a `subAgentActivity` there",
    ),
    Play(
        "subAgentActivity",
        it.SubAgentActivity,
        "agent",
        ("counter",),
        _SPAWNS_V2,
        by=frozenset({"code mode"}),
        note="the other models have the older agent tools, whose items are `collabAgentToolCall`",
    ),
    Play(
        "webSearch",
        it.WebSearch,
        "search",
        ("naive datetime",),
        [
            [
                search(["naive datetime", "datetime astimezone"]),
                open_page("https://docs.python.org/3/library/datetime.html"),
                find_in_page("aware", "https://docs.python.org/3/library/datetime.html"),
                *DONE,
            ]
        ],
    ),
    Play("imageView", it.ImageView, "image", ("chart.png",), [[view("chart.png")], DONE]),
    Play(
        "imageGeneration",
        it.ImageGeneration,
        "image",
        ("a band of colours",),
        [[call("imagegen", {"prompt": "a band of colours"}, namespace="image_gen")], DONE],
        note="needs an account: the tests sign in to the offline issuer",
    ),
    Play(
        "sleep",
        it.Sleep,
        "sleep",
        ("0.3 s",),
        [[call("sleep", {"duration_ms": 300}, namespace="clock")], DONE],
        by=frozenset({"code mode"}),
        note="only code-mode models are offered the clock",
    ),
    Play(
        "enteredReviewMode",
        it.ReviewEntered,
        "review",
        ("look at load.py",),
        [[say(json.dumps(FINDINGS))]],
        start="review",
    ),
    Play(
        "exitedReviewMode",
        it.ReviewExited,
        "review",
        ("Dates are naive", "load.py"),
        [[say(json.dumps(FINDINGS))]],
        start="review",
    ),
    Play(
        "contextCompaction",
        it.Compaction,
        "compaction",
        ("ompact",),
        [
            [usage(input=900_000, output=10), run("true")],
            DONE,
        ],
        config={"model_auto_compact_token_limit": 200_000},
    ),
    Play(
        "hookPrompt",
        it.HookPrompt,
        "hook",
        ("how many rows",),
        [[say("Counted.")], [say("There are 3 rows.", phase="final_answer")]],
        config={"bypass_hook_trust": True},
        note="from a `Stop` hook in the user's configuration",
    ),
    Play(
        "functionCallOutput",
        it.FunctionOutput,
        "tool",
        ("NameError",),
        [
            [say("I wait for the cell.", phase="commentary"), wait("told")],
            [say("I see the error.", phase="final_answer")],
        ],
        start="tool output",
    ),
)


def script(models: str) -> Script:
    """What a model of this class answers to the prompt of each play; it also tries what it has no tool for."""
    rules = [
        Rule(
            "child",
            [[say("There are 3 rows.", phase="final_answer")]],
            {"contains": "child: count"},
        ),
        Rule("review", [[say(json.dumps(FINDINGS))]], {"subagent": "review"}),
        Rule("compaction", [[say("A summary of the work so far.")]], {"kind": "compaction"}),
    ]
    rules += [
        Rule(play.type, play.played_by(models), {"contains": play.prompt})
        for play in PLAYS
        if play.start != "review"
    ]
    return Script.of(*rules)


def write_project(folder: Path) -> Path:
    """The files that the plays are about."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "load.py").write_text(LOAD)
    (folder / "chart.png").write_bytes(picture())
    return folder


def settings() -> dict[str, Any]:
    """The runtime's settings under which every play works."""
    server = Path(__file__).with_name("mcp_charts.py")
    return {
        "mcp_servers.demo.command": sys.executable,
        "mcp_servers.demo.args": [str(server)],
        "hooks.Stop": [{"hooks": [{"type": "command", "command": HOOK_COMMAND}]}],
    }


class Shapes:
    """Offers one tool, as ``session.ports.KernelTools`` says."""

    def tools(self) -> list[dict[str, Any]]:
        wants = {"type": "object", "properties": {"name": {"type": "string"}}}
        about = "The shape of a table."
        return [{"type": "function", "name": "shape", "description": about, "inputSchema": wants}]

    async def call(self, live: Any, call: Any) -> ToolResult:
        return ToolResult(True, "3 rows by 4 columns", (data_url(picture()),))

    def instructions(self) -> str:
        return ""

    def begin(self, live: Any, thread: object) -> dict[str, Any]:
        return {}

    def attach(self, prompt: str, names: tuple[str, ...] = (), folder: Path | None = None) -> Any:
        return None

    def attached(self, live: Any, sent: tuple[str, ...]) -> None:
        return None

    async def settled(self, live: Any) -> None:
        pass

    def offer(self, function: Any) -> Any:
        return function
