"""Tables of pyarrow as data."""

from __future__ import annotations

from typing import Any

from codex_jupyter.objects import statics
from codex_jupyter.objects.arrow_values import arrow_column, foreign_types
from codex_jupyter.objects.columns import Column
from codex_jupyter.objects.shortening import cut
from codex_jupyter.objects.table import COLUMNS, Table

#: Columns of a table whose bytes are added up.
COUNTED = 1_000


def arrow_table(obj: Any) -> Table | None:
    """The table that one of pyarrow's tables or record batches is, or None."""
    kinds = ("Table", "RecordBatch")
    if not any(statics.is_type(obj, "pyarrow.lib", kind) for kind in kinds):
        return None
    width = obj.num_columns
    if foreign_types():
        return Table(obj.num_rows, (), width)
    schema = obj.schema
    columns: list[Column] = []
    for i in range(min(width, COLUMNS)):
        field = schema.field(i)
        columns.append(arrow_column(cut(field.name, 60), field.type, lambda i=i: obj.column(i)))
    size = int(obj.nbytes) if width <= COUNTED else None
    return Table(obj.num_rows, tuple(columns), width, size)


def arrow_select(table: Any, position: int) -> Any:
    """One column of a table, as a table."""
    return table.select([position])
