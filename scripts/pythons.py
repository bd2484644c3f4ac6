"""Runs the unit and contract tiers on every Python of this machine that the package may run on, and prints a table.

    python scripts/pythons.py             every one that is found
    python scripts/pythons.py 3.13 3.14   these

When everything passed, what ran is recorded in scripts/pythons.json: README and pyproject.toml claim these versions and no
others (tests/unit/scripts/test_pythons.py).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "build" / "reports"
RECORD = ROOT / "scripts" / "pythons.json"
TIERS = ("unit", "contract")
#: What is looked for. One that is not here is said to be missing.
WANTED = ("3.11", "3.12", "3.13", "3.14")
#: Where the installers of interpreters put them, below a home or the root.
PLACES = (
    ".pyenv/versions/*/bin",
    ".local/share/uv/python/*/bin",
    ".local/share/mise/installs/python/*/bin",
    ".asdf/installs/python/*/bin",
    "miniconda3/bin",
    "miniforge3/bin",
)
IDENTIFY = (
    "import platform, sys; print(platform.python_implementation(), platform.python_version(), "
    "sys.version_info.releaselevel, sys.prefix == sys.base_prefix); print(sys.executable)"
)


@dataclass(frozen=True)
class Python:
    """An interpreter: ``3.11.2``, and where it is."""

    version: str
    path: Path

    @property
    def minor(self) -> str:
        """``3.11``."""
        return ".".join(self.version.split(".")[:2])


def candidates() -> Iterator[Path]:
    """Everything that may be an interpreter, those that a person gets by name first."""
    folders = [Path(part) for part in os.environ.get("PATH", "").split(os.pathsep) if part]
    folders += [Path("/usr/bin"), Path("/usr/local/bin")]
    for place in PLACES:
        folders += sorted(Path.home().glob(place))
    folders += [*sorted(Path("/opt").glob("*/bin")), Path(sys.base_prefix) / "bin"]
    for folder in folders:
        for minor in WANTED:
            yield folder / f"python{minor}"
        yield folder / "python3"


def found() -> list[Python]:
    """The released CPythons of this machine that are wanted, oldest first, each version once."""
    by_version: dict[str, Python] = {}
    for path in candidates():
        if not os.access(path, os.X_OK):
            continue
        asked = subprocess.run(
            [str(path), "-I", "-c", IDENTIFY],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        kind, _, executable = asked.stdout.strip().partition("\n")
        words = kind.split()
        if len(words) != 4 or (words[0], *words[2:]) != ("CPython", "final", "True"):
            continue  # a shim of no version, another implementation, a preview, an environment
        python = Python(words[1], Path(executable))
        if python.minor in WANTED:
            by_version.setdefault(python.version, python)
    return sorted(by_version.values(), key=lambda python: _numbers(python.version))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def run(python: Python) -> dict[str, str]:
    """Make its environment and run the tiers in it; what each found, in a few words."""
    print(f"\n##### Python {python.version}, {python.path} {'#' * 20}", flush=True)
    made = subprocess.run(
        [str(python.path), "scripts/environment.py", "python"],
        cwd=ROOT, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    if made.returncode:
        return dict.fromkeys(TIERS, "no environment")
    for tier in TIERS:
        (REPORTS / f"{tier}.json").unlink(missing_ok=True)
    inside = ROOT / ".venvs" / f"python-{python.version}" / "bin" / "python"
    subprocess.run(
        [str(inside), "scripts/tiers.py", *TIERS],
        cwd=ROOT, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    return {tier: _verdict(REPORTS / f"{tier}.json") for tier in TIERS}


def _verdict(file: Path) -> str:
    if not file.exists():
        return "FAILED: no report"
    told = json.loads(file.read_text())
    outcome, seconds = told["outcome"], told["took"]["clock"]
    passed, failed = outcome["passed"], outcome["failed"]
    if passed and not (failed or outcome["skipped"] or outcome["why"]):
        return f"ok, {passed} passed in {seconds:.0f} s"
    return f"FAILED: {passed} passed, {failed} failed {outcome['why']}".rstrip()


def table(verdicts: dict[Python, dict[str, str]], here: set[str]) -> str:
    """A line for each version that ran, and one for each that is wanted and not ``here``."""
    rows = [("Python", *TIERS, "interpreter")]
    rows += [(p.version, *(of[tier] for tier in TIERS), str(p.path)) for p, of in verdicts.items()]
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines += [f"{minor}: no interpreter found" for minor in WANTED if minor not in here]
    return "\n".join(lines)


def main(names: list[str]) -> int:
    """Run on all that are found, or on those whose version begins with one of the names."""
    here = found()
    pythons = [p for p in here if not names or any(_is(p, name) for name in names)]
    if not pythons:
        print(f"no interpreter found of {', '.join(names or WANTED)}", file=sys.stderr)
        return 1
    verdicts = {python: run(python) for python in pythons}
    print(f"\n{table(verdicts, {python.minor for python in here})}", flush=True)
    good = all(told.startswith("ok") for each in verdicts.values() for told in each.values())
    if good and not names:
        record: dict[str, list[str]] = {}
        for python in pythons:
            record.setdefault(python.minor, []).append(python.version)
        RECORD.write_text(json.dumps(record, indent=1) + "\n")
    return 0 if good else 1


def _is(python: Python, name: str) -> bool:
    return python.version == name or python.version.startswith(f"{name}.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
