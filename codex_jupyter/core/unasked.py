"""What nobody was asked about, in few rows: after the turn, all that one policy or one rule allowed stands in one."""

from __future__ import annotations

from dataclasses import replace

from codex_jupyter.core.document import Block, Body, Lines
from codex_jupyter.core.records import clock
from codex_jupyter.core.requests import Decision
from codex_jupyter.core.titles import flat, one_line
from codex_jupyter.core.turn import Turn


def together(blocks: tuple[Block, ...], turn: Turn) -> tuple[Block, ...]:
    """The rows of an ended turn, those of one policy or rule that allowed several things joined where its first stands.

    What was refused, and what a person answered, keeps its own row. Nothing is left out: each record stands whole in
    the joined row's body.
    """
    groups: dict[str, list[Decision]] = {}
    for record in turn.decisions:
        if record.by.kind in ("policy", "rule") and record.choice == "once" and not record.note:
            groups.setdefault(str(record.by), []).append(record)
    groups = {by: records for by, records in groups.items() if len(records) > 1}
    if not groups:
        return blocks
    rows = {block.key: block for block in blocks}
    made: dict[str, Block | None] = {}
    for by, records in groups.items():
        keys = [key for record in records if (key := f"decision:{record.request_id}") in rows]
        made |= dict.fromkeys(keys)
        if keys:
            made[keys[0]] = _joined(rows[keys[0]], by, records, rows)
    return tuple(row for block in blocks if (row := made.get(block.key, block)) is not None)


def _joined(first: Block, by: str, records: list[Decision], rows: dict[str, Block]) -> Block:
    times = [clock(record.at) for record in records if record.at]
    when = f", {' to '.join(dict.fromkeys((times[0], times[-1])))}" if times else ""
    body: list[Body] = []
    for record in records:
        row = rows.get(f"decision:{record.request_id}")
        at = f"{clock(record.at)} " if record.at else ""
        body.append(Lines((f"{at}{one_line(record.asked, 300)}",)))
        body += row.body if row else ()
    return replace(
        first,
        title=flat(f"Allowed {len(records):,} times by {by}{when}"),
        body=tuple(body),
    )
