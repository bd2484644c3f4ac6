"""A patch: what happens to which files."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from codex_jupyter.core.block_parts import key, patch
from codex_jupyter.core.deltas import Delta, OutputAppended, Replaces
from codex_jupyter.core.diffs import Change, line_counts, total
from codex_jupyter.core.document import Block, Body, Glyph, Terminal
from codex_jupyter.core.item import Common, Context, DeltaRule, Growth, Item, Kind, Wire
from codex_jupyter.core.json_fields import Json, rows, table, text
from codex_jupyter.core.text import Output
from codex_jupyter.core.titles import short_path


@dataclass(frozen=True, slots=True)
class FileChange(Item):
    """A patch: what happens to which files."""

    changes: tuple[Change, ...] = ()
    output: Output = field(default_factory=Output)


@dataclass(frozen=True, slots=True)
class PatchUpdated(Delta, Replaces):
    """A patch's changes so far, as the model writes it (each one whole)."""

    changes: tuple[Change, ...] = ()


def read(source: Json, common: Common) -> FileChange:
    """A ``fileChange`` of the wire."""
    return FileChange(**common, changes=_read_changes(source.get("changes")))


def _read_changes(wire: object) -> tuple[Change, ...]:
    found = []
    for row in rows(wire):
        change = table(row)
        kind = table(change.get("kind"))
        found.append(
            Change(
                path=text(change, "path"),
                kind=text(kind, "type", "update"),
                diff=text(change, "diff"),
                moved_to=text(kind, "move_path"),
            )
        )
    return tuple(found)


def _read_output(thread: str, turn: str, p: Json) -> OutputAppended:
    return OutputAppended(thread, turn, text(p, "itemId"), text(p, "delta"))


def _read_patch(thread: str, turn: str, p: Json) -> PatchUpdated:
    return PatchUpdated(thread, turn, text(p, "itemId"), _read_changes(p.get("changes")))


def with_output(item: FileChange, event: OutputAppended) -> FileChange:
    """The patch that printed something."""
    return replace(item, output=item.output + event.text) if event.text else item


def with_changes(item: FileChange, event: PatchUpdated) -> FileChange:
    """The patch as it is by now."""
    return item if item.changes == event.changes else replace(item, changes=event.changes)


def block(item: FileChange, context: Context, role: str) -> Block | None:
    """The files, how many lines change, and the diffs."""
    live = item.status == "in_progress"
    names = []
    for change in item.changes:
        name = short_path(change.path, context.cwd, context.home)
        moved = short_path(change.moved_to, context.cwd, context.home)
        names.append(f"{name} → {moved}" if moved else name)
    title = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    parts = [line_counts(*total(item.changes))] if item.changes else []
    if len(item.changes) == 1:
        parts += {"add": ["new"], "delete": ["deleted"]}.get(item.changes[0].kind, [])
    glyph: Glyph = "edit"
    if item.status in ("failed", "declined"):
        glyph = item.status
        parts.append("not written")
    elif item.status == "aborted":
        glyph = "stopped"
        parts.append("not written")
    elif live:
        glyph = "running"
    body: list[Body] = [patch(item.changes, context.cwd, context.home)] if item.changes else []
    if item.output:
        body.append(Terminal(item.output))
    return Block(
        key(item),
        "edit",
        title or ("Writing a patch" if live else "A patch"),
        glyph,
        " · ".join(parts),
        "file change",
        tuple(body),
        "body",
        open=not context.ended,
    )


FILE_CHANGE = Kind(
    item=FileChange,
    wire=Wire(
        type="fileChange",
        read=read,
        notifications={
            "item/fileChange/outputDelta": _read_output,
            "item/fileChange/patchUpdated": _read_patch,
        },
    ),
    growth=Growth(
        deltas=(
            DeltaRule(OutputAppended, with_output, begins=False),
            DeltaRule(PatchUpdated, with_changes),
        ),
        streamed=True,
        longest_stays=True,
    ),
    block=block,
)
