"""Runs the tiers in order, says what each found and how long it took, and closes with one line.

    python scripts/tiers.py              all of them
    python scripts/tiers.py check unit   these
    python scripts/tiers.py --quick      what every commit is checked by: no page, no process, no growth, types of the package

A tier that cannot run, that finds no test, or that skips one has failed: silence is not success.

Times are told twice: seconds on the clock, which depend on what else the machine does, and seconds of processor time of
what the tier started and saw end, which depend on it less.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from need_node import complaint as node_complaint

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "build" / "reports"
BIN = Path(sys.executable).parent
SUMMARY = "=== summary"
TESTS_WITH_A_TIER = (
    "tests/contract", "tests/kernel", "tests/attacks", "tests/faults", "tests/browser", "tests/notebooks",
)  # fmt: skip

CHECKS: dict[str, list[str]] = {
    "ruff check": [str(BIN / "ruff"), "check", "."],
    "ruff format": [str(BIN / "ruff"), "format", "--check", "."],
    "pyright": [str(BIN / "pyright"), "--pythonpath", sys.executable],
    "import-linter": [str(BIN / "lint-imports"), "--no-cache"],
    "js lint": ["npm", "--prefix", "js", "run", "--silent", "lint"],
    "js types": ["npm", "--prefix", "js", "run", "--silent", "typecheck"],
}


@dataclass(frozen=True)
class Outcome:
    """What a tier found. `why` says what made it fail beyond its failing tests."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    why: str = ""

    @property
    def ok(self) -> bool:
        """Whether something ran and all of it passed."""
        return self.passed > 0 and not (self.failed or self.skipped or self.why)


def run(command: list[str]) -> int:
    """Run a command in the repository without standard input; its output is the reader's."""
    print(f"$ {' '.join(part.replace(str(ROOT) + '/', '') for part in command)}", flush=True)
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode


def check(package_alone: bool = False) -> Outcome:
    """Lint, format, types and layers of both halves; the types of the package alone take half as long."""
    commands = dict(CHECKS)
    if package_alone:
        commands["pyright"] = [*commands["pyright"], "codex_jupyter"]
    results = {name: run(command) == 0 for name, command in commands.items()}
    broken = [name for name, ok in results.items() if not ok]
    return Outcome(passed=len(results) - len(broken), failed=len(broken), why=", ".join(broken))


def counted(report: Path, status: int) -> Outcome:
    """Read a JUnit report; trust neither a report without a test nor a status without a report."""
    if not report.exists():
        return Outcome(failed=1, why=f"ended with status {status} before it reported a test")
    passed = failed = skipped = 0
    for case in ElementTree.parse(report).iter("testcase"):
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            failed += 1
        elif "skipped" in kinds:
            skipped += 1
        else:
            passed += 1
    why = []
    if not passed + failed:
        why.append("no test ran")
    if skipped:
        why.append(f"{skipped} skipped: here nothing may be")
    if status and not failed:
        why.append(f"ended with status {status}")
    return Outcome(passed, failed, skipped, "; ".join(why))


PYTEST_OPTIONS = ["-q", "--durations=5", "--durations-min=2"]

# Tests that wait for processes leave a core idle: these tiers run so many at once.
WORKERS = {"unit": 2, "contract": 2, "kernel": 3, "attacks": 3, "faults": 3, "browser": 3}

# The attacks' pages share one JupyterLab, in one worker (tests/attacks/conftest.py).
DISTRIBUTION = {"attacks": "loadgroup"}


def pytest(tier: str, *arguments: str) -> Outcome:
    """Run pytest with a report."""
    report = REPORTS / f"{tier}.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", *PYTEST_OPTIONS, f"--junitxml={report}"]
    if workers := WORKERS.get(tier):
        how = DISTRIBUTION.get(tier, "worksteal")
        command += [f"--numprocesses={workers}", f"--dist={how}"]
    return counted(report, run([*command, *arguments]))


def unit(*arguments: str) -> Outcome:
    """Our own code alone."""
    return pytest("unit", "tests", *(f"--ignore={path}" for path in TESTS_WITH_A_TIER), *arguments)


def notebooks() -> Outcome:
    """nbval over the notebooks, and the demo."""
    report = REPORTS / "notebooks.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "scripts/notebooks.py", *PYTEST_OPTIONS, f"--junitxml={report}"]
    return counted(report, run(command))


def js() -> Outcome:
    """The page half's own tests."""
    report = REPORTS / "js.xml"
    report.unlink(missing_ok=True)
    os.environ["JS_TEST_REPORT"] = str(report)
    return counted(report, run(["npm", "--prefix", "js", "run", "--silent", "test:report"]))


def sandbox_complaint() -> str:
    """Why the runtime's sandbox cannot work here, or ``""``. Without it every command fails."""
    if not shutil.which("unshare"):
        return ""  # util-linux is missing: the tests themselves will tell
    probe = subprocess.run(["unshare", "-Ur", "true"], capture_output=True, text=True, check=False)
    if probe.returncode == 0:
        return ""
    return (
        "the runtime's sandbox needs user namespaces, and this machine refuses them: "
        + probe.stderr.strip()
    )


def made(*targets: str) -> str:
    """Let make provide what a tier stands on; say what it could not, or ``""``."""
    status = run(["make", "--no-print-directory", f"PYTHON={sys.executable}", *targets])
    return f"`make {' '.join(targets)}` failed" if status else ""


@dataclass(frozen=True)
class Tier:
    """A name, the tests, and what stands in the way of running them."""

    run: Callable[[], Outcome]
    obstacle: Callable[[], str] = lambda: ""


TIERS: dict[str, Tier] = {
    "check": Tier(check, node_complaint),
    "js": Tier(js, lambda: node_complaint() or made("chromium")),
    "unit": Tier(unit),
    "contract": Tier(lambda: pytest("contract", "tests/contract"), sandbox_complaint),
    "kernel": Tier(
        lambda: pytest("kernel", "tests/kernel"), lambda: sandbox_complaint() or made("envs")
    ),
    "attacks": Tier(
        lambda: pytest("attacks", "tests/attacks"),
        lambda: sandbox_complaint() or made("envs", "chromium"),
    ),
    "faults": Tier(
        lambda: pytest("faults", "tests/faults"),
        lambda: sandbox_complaint() or made("envs", "chromium"),
    ),
    "browser": Tier(
        lambda: pytest("browser", "tests/browser"),
        lambda: sandbox_complaint() or made("envs", "chromium"),
    ),
    "notebooks": Tier(notebooks, sandbox_complaint),
}

#: What `make quick` runs: half the time for nearly all that is found.
QUICK: dict[str, Tier] = {
    "quick-check": Tier(lambda: check(package_alone=True), node_complaint),
    "quick-unit": Tier(lambda: unit("-m", "not growth")),
}

# Tiers that leave a core idle, each with those that may run beside it: the first that is wanted and has not begun.
BESIDE = {
    "quick-check": ("quick-unit",), "check": ("js", "unit"), "unit": ("contract",), "browser": ("notebooks",),
}  # fmt: skip


@dataclass(frozen=True)
class Took:
    """How long a tier took, in seconds."""

    clock: float
    processor: float


class Beside:
    """A tier in a process of its own; what it printed is shown when its turn comes."""

    def __init__(self, name: str) -> None:
        self._found = REPORTS / f"{name}.json"
        self._log = REPORTS / f"{name}.log"
        self._found.unlink(missing_ok=True)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, __file__, name],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def finish(self) -> tuple[Outcome, Took]:
        """Wait for it; what it found and how long it took."""
        status = self._process.wait()
        print(
            f"\n{self._log.read_text(errors='replace').partition(SUMMARY)[0].strip()}", flush=True
        )
        if not self._found.exists():
            return Outcome(failed=1, why=f"ended with status {status} and no word"), Took(0, 0)
        found = json.loads(self._found.read_text())
        return Outcome(**found["outcome"]), Took(**found["took"])


def processor() -> float:
    """Seconds of processor time of all processes that were started from here and have been seen to end."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run_tier(name: str) -> tuple[Outcome, Took]:
    """Run a tier here; what it found and how long it took."""
    print(f"\n=== {name} {'=' * (70 - len(name))}", flush=True)
    start, before = time.monotonic(), processor()
    tier = (TIERS | QUICK)[name]
    obstacle = tier.obstacle()
    cannot = Outcome(failed=1, why=f"CANNOT RUN: {obstacle}")
    outcome = cannot if obstacle else tier.run()
    return outcome, Took(time.monotonic() - start, processor() - before)


def main(names: list[str]) -> int:
    """Run the named tiers; return the process's exit status."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    rows: list[tuple[str, Outcome, Took]] = []
    beside: dict[str, Beside] = {}
    done: set[str] = set()
    for name in names:
        if name not in beside:
            for other in BESIDE.get(name, ()):
                if other in names and other not in beside and other not in done:
                    beside[other] = Beside(other)
                    break
        outcome, took = beside[name].finish() if name in beside else run_tier(name)
        done.add(name)
        rows.append((name, outcome, took))
        found = {"outcome": asdict(outcome), "took": asdict(took)}
        (REPORTS / f"{name}.json").write_text(json.dumps(found))

    print(f"\n{SUMMARY} {'=' * 63}")
    for name, outcome, took in rows:
        mark = "ok    " if outcome.ok else "FAILED"
        counts = f"{outcome.passed} passed, {outcome.failed} failed"
        times = f"{took.clock:6.1f} s ({took.processor:5.1f} s of processor time)"
        print(f"{mark} {name:<11} {times}   {counts}   {outcome.why}".rstrip())
    bad = sum(not outcome.ok for _, outcome, _ in rows)
    passed = sum(outcome.passed for _, outcome, _ in rows)
    # A tier that failed for another reason than a test counts as one failure.
    failed = sum(max(outcome.failed, int(not outcome.ok)) for _, outcome, _ in rows)
    if len(rows) > 1:
        print(f"       {'together':<11} {time.monotonic() - start:6.1f} s")
    print(f"\n{passed} passed, {failed} failed", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    wanted = list(QUICK) if sys.argv[1:] == ["--quick"] else sys.argv[1:] or list(TIERS)
    if unknown := [name for name in wanted if name not in TIERS | QUICK]:
        sys.exit(f"no tier named {', '.join(unknown)}; there are {', '.join(TIERS)}")
    sys.exit(main(wanted))
