"""The code cells of the notebook's file as it was last saved. Read, never written: the open notebook is the page's."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

#: Bytes of a file that is looked into; a larger one is taken for unknown.
LARGEST = 20_000_000


@dataclass(frozen=True)
class SavedCells:
    """The sources of the code cells, without white space at their ends, and when they were saved (epoch seconds; 0: unknown)."""

    sources: frozenset[str] = frozenset()
    at: float = 0.0


def saved_cells(path: str | None = None) -> SavedCells:
    """What the file holds; nothing where there is none, it is no notebook, or it is too large.

    Args:
        path: the notebook's file; as the Jupyter server named it to this kernel when None.
    """
    file = Path(os.environ.get("JPY_SESSION_NAME", "") if path is None else path)
    try:
        facts = file.stat()
        if file.suffix != ".ipynb" or facts.st_size > LARGEST:
            return SavedCells()
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return SavedCells()
    return SavedCells(frozenset(source.strip() for source in sources), facts.st_mtime)
