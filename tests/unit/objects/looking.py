"""Everything that is done to an object without asking, and what tells that somebody's code ran meanwhile.

No library of others is imported here: a process that looks at objects of one library need not load them all.
"""

from __future__ import annotations

from typing import Any

from codex_jupyter.objects.changes import Snapshot
from codex_jupyter.objects.details import describe, needs_own_code
from codex_jupyter.objects.drawing import drawable
from codex_jupyter.objects.lookup import resolve
from codex_jupyter.objects.preview import preview
from codex_jupyter.objects.summary import summarize
from codex_jupyter.objects.variables import list_names, listing_text

#: What somebody's code tells where it runs; put together, so that its source does not say it.
RAN = "CODE " + "RAN"

#: Whose Python code may run while their own objects are looked at. Not pandas', not matplotlib's, not PIL's.
LET_IN = ("polars", "numpy", "pyarrow")


def look(value: Any) -> str:
    """Everything that is done to an object without asking."""
    namespace = {"value": value, "box": {"in": [value]}}
    before = Snapshot(namespace)
    told = [listing_text(list_names(namespace)), describe(value, "value"), preview(value)]
    told += [summarize(value).preview, describe(resolve(namespace, "box['in']"), "in")]
    needs_own_code(value)
    drawable(value)
    before.until(Snapshot(namespace))
    return "\n".join(told)
