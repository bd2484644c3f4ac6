"""Injects every fault of tests/faults, prints a row for each with what it took, and writes docs/faults.md.

    python scripts/faults.py             all
    python scripts/faults.py -k provider what pytest's -k chooses; the page is left as it is

One after the other, so that the seconds are those of the fault; each has a bound, with slack for a busy machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "build" / "reports" / "faults-measured.xml"
PAGE = ROOT / "docs" / "faults.md"
SUBSYSTEMS = ("provider", "runtime", "configuration", "disk", "kernel", "page")


@dataclass(frozen=True)
class Row:
    """A fault, whether it went as it should, and the seconds until the user got a word."""

    fault: dict[str, Any]
    passed: bool
    seconds: float

    @property
    def order(self) -> int:
        """The place of its subsystem."""
        return SUBSYSTEMS.index(self.fault["subsystem"])


def run(arguments: list[str]) -> None:
    """Run the tests with their bounds."""
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.unlink(missing_ok=True)
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", f"--junitxml={REPORT}", "tests/faults", *arguments],
        cwd=ROOT, stdin=subprocess.DEVNULL, check=False,
        env={**os.environ, "CODEX_JUPYTER_FAULTS": "1"},
    )  # fmt: skip


def read() -> list[Row]:
    """The rows of the report, by subsystem."""
    found = []
    for case in ElementTree.parse(REPORT).iter("testcase"):
        told = {p.get("name"): p.get("value") or "" for p in case.iter("property")}
        bad = {child.tag for child in case} & {"failure", "error", "skipped"}
        if "fault" in told:
            found.append(Row(json.loads(told["fault"]), not bad, float(told.get("seconds") or 0)))
    return sorted(found, key=lambda row: row.order)


def page(rows: list[Row]) -> str:
    """The table as a page."""
    lines = [
        "# What goes wrong, and what is then seen", "",
        "Each row is injected into the real runtime, kernel or page by `make faults`, which wrote this: what a person sees, what is",
        "kept, what goes on, and the seconds from the fault to the word about it, with the bound that is asserted. A part of the",
        "rows runs in `make test` as well, without the seconds.",
        "",
        "| | injected | seen | kept | goes on | seconds (bound) |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for row in rows:
        fault = row.fault
        cells = [
            *(fault[name] for name in ("subsystem", "injected", "seen", "kept", "goes_on")),
            f"{row.seconds:.1f} ({fault['within']:g})",
        ]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Run, print, and write the page when all rows ran and went well."""
    run(arguments)
    if not REPORT.exists():
        print("no test ran")
        return 1
    rows = read()
    print()
    for row in rows:
        mark = "pass" if row.passed else "FAIL"
        fault = row.fault
        print(f"{mark} {row.seconds:5.1f} s  {fault['subsystem']:<13} {fault['injected']}")
    bad = sum(not row.passed for row in rows)
    told = ", ".join(
        f"{n} {name}" for name, n in Counter(r.fault["subsystem"] for r in rows).items()
    )
    print(f"\n{len(rows) - bad} of {len(rows)} went as they should ({told})")
    if bad or not rows:
        return 1
    if not arguments:
        PAGE.write_text(page(rows))
        print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
