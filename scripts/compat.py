"""Runs the contract tests and the headless kernel tests on the oldest and the newest SDK and on the newest binary.

    python scripts/compat.py                  all three, and when all passed writes docs/versions.md
    python scripts/compat.py --sdk 0.157.1    one SDK, with the binary that it came with
    python scripts/compat.py --binary 0.169.0 one binary of npm, under the newest SDK

The oldest is the one that pyproject.toml names. The newest are what the package registries have today, and
codex_jupyter/runtime/versions.py says which were the newest when somebody last looked: where they differ, the last lines
say what to change. Everything is downloaded by pip and npm, from the registries that they are configured to use.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import environment

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "build" / "reports"
KEPT = ROOT / "build" / "compat"
PAGE = ROOT / "docs" / "versions.md"
PACKAGE = "@openai/codex"
#: What is run on each: everything that speaks with the runtime and needs no page.
TESTS = (
    "tests/contract",
    "tests/kernel/test_headless.py",
    "tests/kernel/test_other_versions.py",
    "tests/kernel/test_commands.py",
)
#: Tests of the one SDK that the other tests run on, and of the package as it is built.
LEFT_OUT = ("tests/contract/test_packaging.py",)
_TARGETS = {("Linux", "x86_64"): "linux-x64", ("Linux", "aarch64"): "linux-arm64", ("Darwin", "arm64"): "darwin-arm64"}  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """An SDK and a binary; ``binary`` is ``""`` for the one that the SDK came with."""

    sdk: str
    binary: str = ""

    @property
    def words(self) -> str:
        """``SDK 0.163.0, binary 0.171.0``."""
        return f"SDK {self.sdk}" + (f", binary {self.binary}" if self.binary else "")

    @property
    def folder(self) -> Path:
        """Its environment."""
        return ROOT / ".venvs" / f"codex-{self.sdk}{'-with-' + self.binary if self.binary else ''}"


@dataclass(frozen=True)
class Verdict:
    """What the tests found, and which methods the binary names."""

    passed: int
    failed: tuple[str, ...]
    methods: frozenset[str]
    #: Those that failed beside the others, and passed when they were run once more alone.
    again: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether something ran and all of it passed."""
        return self.passed > 0 and not self.failed


def printed(*command: str | Path) -> str:
    """What a command prints; ends the program where it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stderr.strip()}")
    return done.stdout


def oldest_sdk() -> str:
    """The oldest SDK that pyproject.toml allows."""
    found = re.search(r'"openai-codex>=([\d.]+)', (ROOT / "pyproject.toml").read_text())
    assert found is not None, "pyproject.toml names no oldest SDK"
    return found[1] + ".0" * (2 - found[1].count("."))


def newest_sdk() -> str:
    """The newest SDK that the registry has."""
    listed = printed(sys.executable, "-m", "pip", "index", "versions", "openai-codex")
    return listed.split("(", 1)[1].split(")", 1)[0]


def newest_binary() -> str:
    """The newest binary that the registry has."""
    return json.loads(printed("npm", "view", PACKAGE, "dist-tags.latest", "--json"))


def make(pair: Pair) -> Path:
    """The interpreter of an environment with this pair, made afresh."""
    environment.make_venv(pair.folder)
    python = pair.folder / "bin" / "python"
    pinned = [f"openai-codex=={pair.sdk}"]
    environment.install(python, ["--editable", ".[offline]", "--group", "compat", *pinned])
    if pair.binary:
        put_binary(python, pair.binary)
    return python


def put_binary(python: Path, version: str) -> None:
    """Put a binary of npm where the SDK's own was, with what stands beside it."""
    target = _TARGETS.get((platform.system(), platform.machine()))
    if target is None:
        sys.exit(f"there is no {PACKAGE} for {platform.system()} {platform.machine()}")
    KEPT.mkdir(parents=True, exist_ok=True)
    named = f"{PACKAGE}@{version}-{target}"
    packed = (
        KEPT / printed("npm", "pack", "--silent", "--pack-destination", KEPT, named).split()[-1]
    )
    unpacked = KEPT / f"{version}-{target}"
    shutil.rmtree(unpacked, ignore_errors=True)
    shutil.unpack_archive(packed, unpacked)
    (vendor,) = (unpacked / "package" / "vendor").iterdir()
    where = "import codex_cli_bin, os; print(os.path.dirname(codex_cli_bin.__file__))"
    package = Path(printed(python, "-c", where).strip())
    for new in vendor.iterdir():
        old = package / new.name
        # What is there may be one file with the installer's cache: it is replaced, never written to.
        shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
        (shutil.copytree if new.is_dir() else shutil.copy2)(new, old)


def run(pair: Pair) -> Verdict:
    """Run the tests on a pair."""
    print(f"\n##### {pair.words} {'#' * 30}", flush=True)
    python = make(pair)
    beside = ("--cache-clear", "--numprocesses=2", "--dist=worksteal")
    passed, failed = tried(python, pair, "first", *beside, *TESTS)
    again: tuple[str, ...] = ()
    if passed and failed:
        print(f"\n{len(failed)} once more, alone", flush=True)
        more, still = tried(python, pair, "second", "--last-failed", *TESTS)
        if more + len(still) == len(failed):
            again, failed = tuple(name for name in failed if name not in still), still
            passed += len(again)
    named = json.loads(printed(python, __file__, "--methods"))
    return Verdict(passed, failed, frozenset(named), again)


def tried(python: Path, pair: Pair, which: str, *arguments: str) -> tuple[int, tuple[str, ...]]:
    """Run pytest: how many passed, and the names of the others."""
    report = REPORTS / f"compat-{pair.folder.name}-{which}.xml"
    report.unlink(missing_ok=True)
    REPORTS.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [
            str(python), "-m", "pytest", "-q", f"--junitxml={report}", "-o", f"cache_dir={KEPT / pair.folder.name}",
            *arguments, *(f"--ignore={path}" for path in LEFT_OUT),
        ],
        cwd=ROOT, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    if not report.exists():
        return 0, ("no test ran",)
    passed, bad = 0, []
    for case in ElementTree.parse(report).iter("testcase"):
        kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
        passed += not kinds
        if kinds:
            bad.append(f"{case.get('classname')}::{case.get('name')}")
    return passed, tuple(bad)


async def methods() -> frozenset[str]:
    """Those that the binary of this environment names."""
    from codex_jupyter.runtime.api import Api
    from codex_jupyter.runtime.client import Runtime
    from codex_jupyter.runtime.launch import Launch

    with tempfile.TemporaryDirectory(dir=Path.home()) as home:
        runtime = await Runtime.start(Launch(codex_home=home), on_batch=lambda arrivals: None)
        try:
            return await Api(runtime).methods()
        finally:
            await runtime.close()


def later() -> Iterator[tuple[str, str]]:
    """(version, what) of everything that a test says an older runtime cannot do: the marks ``since``."""
    for file in sorted((ROOT / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.since":
                version, what = map(ast.literal_eval, node.args)
                yield version, what


def page(verdicts: dict[Pair, Verdict]) -> str:
    """The table of versions by what they have, as a page."""
    sys.path.insert(0, str(ROOT))
    from codex_jupyter.runtime.versions import FEATURES, OLDEST, newer

    head = [pair.words for pair in verdicts]
    lines = [
        "# Versions of Codex", "",
        f"The SDK from {OLDEST} on works, and the binary that came with it, or one of your own (`codex_bin`).",
        "An SDK or a binary that is newer than what is named here is tried as it is: what it says that is unknown is shown as",
        "unknown and what it asks is declined; an SDK in which a name has moved that is needed is refused with a sentence, and so",
        "is a binary that does not confirm what a turn may do. `%codex /doctor` says what the one that runs lacks.",
        "",
        f"Written by `make compat`, which last ran on {date.today():%d %B %Y}.",
        "",
        f"| | {' | '.join(head)} |",
        f"|---|{'---|' * len(head)}",
        f"| tests passed | {' | '.join(str(v.passed) for v in verdicts.values())} |",
    ]  # fmt: skip
    for version, what in sorted(set(later())):
        has = ["no" if newer(version, pair.sdk) else "yes" for pair in verdicts]
        lines.append(f"| {what} | {' | '.join(has)} |")
    for feature in FEATURES:
        has = ["yes" if v.methods.issuperset(feature.methods) else "no" for v in verdicts.values()]
        lines.append(f"| {feature.words} | {' | '.join(has)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run, print a table, write the page when everything passed."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument(
        "--methods", action="store_true", help="print the methods of this environment's binary"
    )
    parser.add_argument("--sdk", help="one SDK, with its own binary")
    parser.add_argument("--binary", help="one binary of npm, under the newest SDK")
    wanted = parser.parse_args()
    if wanted.methods:
        print(json.dumps(sorted(asyncio.run(methods()))))
        return 0
    newest = newest_sdk()
    if wanted.sdk or wanted.binary:
        pairs = [Pair(wanted.sdk or newest, wanted.binary or "")]
    else:
        pairs = [Pair(oldest_sdk()), Pair(newest), Pair(newest, newest_binary())]
    verdicts = {pair: run(pair) for pair in pairs}
    for pair, verdict in verdicts.items():
        print(f"\n{'ok    ' if verdict.ok else 'FAILED'} {pair.words}: {verdict.passed} passed")
        for name in verdict.failed:
            print(f"       {name}")
        for name in verdict.again:
            print(f"       passed when it was run once more: {name}")
    good = all(verdict.ok for verdict in verdicts.values())
    if good and len(pairs) > 1:
        PAGE.write_text(page(verdicts))
        print(f"\nwrote {PAGE.relative_to(ROOT)}")
        said = (ROOT / "codex_jupyter" / "runtime" / "versions.py").read_text()
        for name, version in (("NEWEST_SDK", newest), ("NEWEST_BINARY", pairs[-1].binary)):
            if f'{name} = "{version}"' not in said:
                print(f"codex_jupyter/runtime/versions.py: {name} is {version} now")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
