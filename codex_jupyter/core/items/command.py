"""A shell command."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from codex_jupyter.core.block_parts import bounded, duration, key
from codex_jupyter.core.deltas import Delta, OutputAppended
from codex_jupyter.core.document import Block, Body, Code, Facts, Glyph, Lines, Terminal
from codex_jupyter.core.item import Common, Context, DeltaRule, Growth, Item, Kind, Wire
from codex_jupyter.core.json_fields import Json, rows, table, text, whole
from codex_jupyter.core.refusals import BY_THE_SANDBOX, WRITE_HINT, by_the_sandbox
from codex_jupyter.core.text import OUTPUT_EDGE, Output
from codex_jupyter.core.titles import one_line, short_path, unwrap

#: Most typed inputs that are kept.
MOST_INPUTS = 500
#: An old command keeps only this many characters of its output at each edge.
OLD_OUTPUT_EDGE = 8 * 1024


@dataclass(frozen=True, slots=True)
class Action:
    """What the runtime takes a command to be. ``kind``: read, list, search or unknown."""

    kind: str
    command: str = ""
    name: str = ""
    path: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True)
class Command(Item):
    """A shell command. ``source``: agent, userShell, unifiedExecStartup or unifiedExecInteraction.

    ``stdin`` is what was typed into its terminal, in order. ``late`` is set when output came after the turn's end.
    ``kept`` is the name under which the full output is kept while the kernel lives, or ``""``; ``missing`` counts bytes
    of it that never arrived, ``lost`` and ``fault`` say what of it could not be kept, and why.
    """

    command: str = ""
    cwd: str = ""
    actions: tuple[Action, ...] = ()
    output: Output = field(default_factory=Output)
    exit_code: int | None = None
    duration_ms: int | None = None
    process_id: str = ""
    source: str = "agent"
    stdin: tuple[str, ...] = ()
    late: bool = False
    kept: str = ""
    lost: int = 0
    fault: str = ""
    missing: int = 0


@dataclass(frozen=True, slots=True)
class OutputKept(Delta):
    """The full output of a command is kept under ``name``; ``missing`` bytes of it never arrived.

    ``lost`` characters at its end could not be kept, -1 when nothing could; ``fault`` says why.
    """

    name: str = ""
    missing: int = 0
    lost: int = 0
    fault: str = ""


@dataclass(frozen=True, slots=True)
class InputTyped(Delta):
    """The agent typed into a command's terminal."""

    text: str = ""


_ACTION_KINDS = {"read": "read", "listFiles": "list", "search": "search"}


def read(source: Json, common: Common) -> Command:
    """A ``commandExecution`` of the wire."""
    return Command(
        **common,
        command=text(source, "command"),
        cwd=text(source, "cwd"),
        actions=tuple(_action(a) for a in rows(source.get("commandActions"))),
        output=Output.whole(text(source, "aggregatedOutput")),
        exit_code=whole(source, "exitCode"),
        duration_ms=whole(source, "durationMs"),
        process_id=text(source, "processId"),
        source=text(source, "source", "agent"),
    )


def _action(wire: object) -> Action:
    action = table(wire)
    return Action(
        kind=_ACTION_KINDS.get(text(action, "type"), "unknown"),
        command=text(action, "command"),
        name=text(action, "name"),
        path=text(action, "path"),
        query=text(action, "query"),
    )


def _read_output(thread: str, turn: str, p: Json) -> OutputAppended:
    return OutputAppended(thread, turn, text(p, "itemId"), text(p, "delta"))


def _read_input(thread: str, turn: str, p: Json) -> InputTyped:
    return InputTyped(thread, turn, text(p, "itemId"), text(p, "stdin"))


def with_output(item: Command, event: OutputAppended) -> Command:
    """The command with more output."""
    return replace(item, output=item.output + event.text) if event.text else item


def with_output_kept(item: Command, event: OutputKept) -> Command:
    """The command whose full output can be asked for."""
    told = (event.name, event.missing, event.lost, event.fault)
    if (item.kept, item.missing, item.lost, item.fault) == told:
        return item
    return replace(item, kept=event.name, missing=event.missing, lost=event.lost, fault=event.fault)


def with_input(item: Command, event: InputTyped) -> Command:
    """The command into whose terminal the agent typed."""
    return replace(item, stdin=(*item.stdin, event.text)[-MOST_INPUTS:]) if event.text else item


def _late(item: Command) -> Command:
    return item if item.late else replace(item, late=True)


def _aged(item: Command) -> Command:
    shorter = item.output.trimmed(OLD_OUTPUT_EDGE)
    return item if shorter is item.output else replace(item, output=shorter)


def block(item: Command, context: Context, role: str) -> Block | None:
    """The command, what it printed and how it ended; ``role`` is ``refused`` when no decision tells of a declined one."""
    live = item.status == "in_progress"
    words = unwrap(item.command)
    title = one_line(words, 160) or "a command"
    body: list[Body] = []
    if title != words and words:
        body.append(Code(bounded(words), "bash", typed=True))
    if item.cwd and context.cwd and item.cwd != context.cwd:
        body.append(Facts((("in", short_path(item.cwd, context.cwd, context.home)),)))
    if item.stdin:
        typed = [f"typed: {one_line(repr(t)[1:-1], 200)}" for t in item.stdin[-20:]]
        body.append(Lines(tuple(typed)))
    if item.output:
        body.append(Terminal(item.output, live=live))
    if item.kept and (item.output.omitted or len(item.output) > OUTPUT_EDGE):
        body.append(where_kept(item))
    glyph, meta = _outcome(item, context)
    blocked = glyph == "failed" and by_the_sandbox(item.output)
    if blocked:
        meta = f"{meta} · {BY_THE_SANDBOX}"
        body += [Lines((WRITE_HINT,), advice=True)] if context.sandbox == "read-only" else []
    labels = {"userShell": "your command"}
    return Block(
        key(item),
        "command",
        title,
        glyph,
        meta,
        labels.get(item.source, "command"),
        tuple(body),
        "body" if blocked or role == "refused" else "work",
        open=live,
        code_title=True,
    )


def _outcome(item: Command, context: Context) -> tuple[Glyph, str]:
    took = duration(item, item.duration_ms)
    if item.status == "in_progress":
        return "running", "still running after the turn" if item.late and context.ended else ""
    if item.status == "declined":
        return "declined", "declined"
    if item.status == "aborted":
        if context.ended == "completed" and not context.leftovers:
            return "running", "left running"
        return "stopped", "stopped" if context.ended else "not finished"
    failed = item.status == "failed" or item.exit_code not in (None, 0)
    parts = []
    if failed:
        known = item.exit_code is not None and item.exit_code >= 0
        parts.append(f"exit {item.exit_code}" if known else "ended early")
    glyph: Glyph = "failed" if failed else "ok"
    if failed and context.ended == "interrupted" and (item.exit_code or 0) < 0:
        glyph, parts = "stopped", ["stopped"]
    if took:
        parts.append(took)
    if item.late and glyph != "stopped":
        parts.append("after the turn")
    return glyph, " · ".join(parts)


def where_kept(item: Command) -> Lines:
    """How to get what a long output's row leaves out; true for as long as the kernel that ran it lives."""
    why = f": {item.fault}" if item.fault else ""
    if item.lost < 0:
        return Lines((f"More of this output could not be kept{why}",), advice=True)
    what = "More of this output" if item.missing or item.lost else "The full output"
    gaps = [
        *((f"{item.missing:,} bytes of it never arrived",) if item.missing else ()),
        *((f"its last {item.lost:,} characters could not be kept{why}",) if item.lost else ()),
    ]
    short = f" ({'; '.join(gaps)})" if gaps else ""
    how = f'import codex_jupyter as cj; cj.output("{item.kept}")'
    return Lines((f"{what} is kept until the kernel ends{short}: `{how}`",), advice=True)


COMMAND = Kind(
    item=Command,
    wire=Wire(
        type="commandExecution",
        read=read,
        notifications={
            "item/commandExecution/outputDelta": _read_output,
            "item/commandExecution/terminalInteraction": _read_input,
        },
    ),
    growth=Growth(
        deltas=(
            DeltaRule(OutputAppended, with_output),
            DeltaRule(InputTyped, with_input, whenever=True),
            DeltaRule(OutputKept, with_output_kept, begins=False, whenever=True),
        ),
        longest_stays=True,
        late=_late,
        aged=_aged,
    ),
    block=block,
)
