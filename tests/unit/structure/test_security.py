"""`SECURITY.md` claims nothing that no test holds, and no attack is without its claim."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache

import pytest

from tests.environments import ROOT

PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ATTACKS = ROOT / "tests" / "attacks"
HEAD = "| claim | held by |"
#: A test, or a module of tests that all hold the one claim.
HOLDER = re.compile(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`")


def claims() -> dict[str, str]:
    """Each claim of the page -> the cell that names its tests."""
    found: dict[str, str] = {}
    for table in PAGE.split(HEAD + "\n|---|---|\n")[1:]:
        for line in table.splitlines():
            if not line.startswith("|"):
                break
            claim, _, holders = line.strip("| ").partition(" | ")
            assert claim not in found, claim
            found[claim] = holders
    return found


@cache
def functions_of(path: str) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """The tests of a module, by name, read from its source."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {
        node.name: node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }


def attacks() -> list[tuple[str, str]]:
    """Every test of the tier: its file and its name."""
    files = sorted(path.relative_to(ROOT).as_posix() for path in ATTACKS.rglob("test_*.py"))
    return [(file, name) for file in files for name in functions_of(file)]


def test_every_table_of_claims_is_read() -> None:
    assert PAGE.count("| held by |") == PAGE.count(HEAD + "\n|---|---|\n") > 5
    assert len(claims()) > 30


@pytest.mark.parametrize("claim", claims())
def test_a_claim_is_a_sentence_and_names_tests_that_there_are(claim: str) -> None:
    assert claim.endswith(".")
    holders = claims()[claim]
    named = HOLDER.findall(holders)
    assert named and HOLDER.sub("", holders).strip(", ") == "", holders
    for file, name in named:
        assert (ROOT / file).exists(), file
        assert not name or name in functions_of(file), f"{file}::{name}"


def test_every_attack_holds_one_claim_and_says_it() -> None:
    named = Counter(
        (file, name) for cell in claims().values() for file, name in HOLDER.findall(cell)
    )
    assert attacks()
    lines = [f"{file}::{name} holds no claim" for file, name in attacks() if not named[file, name]]
    lines += [
        f"{file}::{name} holds {times} claims: one test a claim"
        for (file, name), times in named.items()
        if times > 1 and file.startswith("tests/attacks/")
    ]
    lines += [
        f"{file}::{name} does not say its claim: it has no docstring"
        for file, name in attacks()
        if not ast.get_docstring(functions_of(file)[name])
    ]
    if lines:
        pytest.fail("\n".join(lines), pytrace=False)


def test_the_page_has_its_parts_and_invents_no_address() -> None:
    for part in (
        "What runs where",
        "An untrusted notebook",
        "A hostile repository",
        "A hostile model",
        "An MCP server",
        "Another widget in the page",
        "A second user on the machine",
        "What is not promised",
        "Reporting a vulnerability",
    ):
        assert f"\n## {part}\n" in PAGE
    assert not re.search(r"[\w.+-]+@[\w-]+\.\w+", PAGE)
    assert "SECURITY.md" in (ROOT / "README.md").read_text(encoding="utf-8")
