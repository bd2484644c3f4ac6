"""A small project with a failing check, for the tutorials and the first things to ask.

Three files: a table of customers, a loader that forgets the time zone, and a check that notices. Standard library
only, so that the check runs with any Python 3.11.
"""

from __future__ import annotations

from pathlib import Path

_MARK = "Sample project"

_LOAD = f'''"""{_MARK}: read the customer table."""

import csv
from datetime import datetime
from pathlib import Path


def load(path: str) -> list[dict]:
    """One dict per customer: id, plan, and when they were last seen (UTC)."""
    with Path(path).open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["last_seen"] = datetime.fromisoformat(row["last_seen"])
    return rows
'''

_CHECK = f'''"""{_MARK}: does the loader give what the churn report needs? Run it with python3."""

from datetime import datetime, timezone

from load import load

NOW = datetime(2026, 3, 1, tzinfo=timezone.utc)

customers = load("customers.csv")
assert len(customers) == 5
quiet = [c["id"] for c in customers if (NOW - c["last_seen"]).days > 30]
assert quiet == ["c2", "c5"], quiet
print("2 checks passed: quiet customers are", ", ".join(quiet))
'''

_CUSTOMERS = """id,plan,last_seen
c1,team,2026-02-27T08:15:00
c2,solo,2025-12-19T17:40:00
c3,team,2026-02-11T11:05:00
c4,solo,2026-02-28T22:30:00
c5,team,2026-01-03T06:55:00
"""

FILES = {"customers.csv": _CUSTOMERS, "load.py": _LOAD, "check.py": _CHECK}
"""The files of the sample, by name."""


def write_project(folder: str | Path) -> Path:
    """Write the sample into ``folder`` (made if need be), as it is before anybody fixed it.

    Returns:
        The folder, absolute.

    Raises:
        FileExistsError: the folder holds files of these names that are not the sample's. Nothing was written.
    """
    folder = Path(folder).expanduser().absolute()
    for name in FILES:
        path = folder / name
        if path.exists() and not _ours(path):
            raise FileExistsError(f"{path} is not the sample's; choose another folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _ours(path: Path) -> bool:
    text = path.read_text(encoding="utf-8", errors="replace")
    return text == FILES[path.name] or text.startswith(f'"""{_MARK}')
