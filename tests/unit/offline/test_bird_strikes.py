"""The first tutorial's table, and what the offline model says about it: every figure is the table's own."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from codex_jupyter.offline import Script, write_bird_strikes

Row = dict[str, str]
DAMAGE, PHASE, SIZE = "Effect Amount of damage", "Phase of flight", "Wildlife Size"
SPECIES, COST, SPEED, DATE = "Wildlife Species", "Cost Total $", "Speed IAS in knots", "Flight Date"
FIGURE = re.compile(r"\d[\d,.]*\d|\d")


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    path = write_bird_strikes(tmp_path_factory.mktemp("strikes"))
    return list(csv.DictReader(io.StringIO(path.read_text())))


@pytest.fixture(scope="module")
def clean(rows: list[Row]) -> list[Row]:
    """As the proposed cell cleans it, without pandas."""
    once = dict.fromkeys(tuple(row.items()) for row in rows)
    return [row for row in map(dict, once) if row[DAMAGE] not in ("B", "C")]


def counted(rows: list[Row], by: Callable[[Row], str]) -> Iterator[tuple[str, int, int]]:
    """Each group with its strikes, and those with damage."""
    strikes = Counter(map(by, rows))
    damaged = Counter(by(row) for row in rows if row[DAMAGE] != "None")
    return ((name, strikes[name], damaged[name]) for name in strikes)


def said(name: str) -> str:
    """What the rule of this name answers with."""
    (rule,) = [rule for rule in Script.named("bird_strikes").rules if rule.name == name]
    last = rule.replies[-1]
    assert not callable(last)
    return str(last[-1]["say"])


def test_the_table_is_written_once_and_nobodys_file_is_overwritten(tmp_path) -> None:
    path = write_bird_strikes(tmp_path / "new")
    assert path.is_absolute() and path.name == "bird_strikes.csv"
    assert write_bird_strikes(tmp_path / "new") == path
    path.write_text("mine\n")
    with pytest.raises(FileExistsError, match="not the sample's"):
        write_bird_strikes(tmp_path / "new")
    assert path.read_text() == "mine\n"


def test_the_dirt_is_as_the_model_says(rows: list[Row]) -> None:
    assert len(rows) == 5000
    damage = Counter(row[DAMAGE] for row in rows)
    repeats = len(rows) - len({tuple(row.items()) for row in rows})
    figures = [damage["None"], damage["B"] + damage["C"], repeats, sum(not r[SPEED] for r in rows)]
    assert FIGURE.findall(said("clean: proposed")) == [f"{each:,}" for each in figures]


def test_the_phases_are_as_the_model_says(clean: list[Row]) -> None:
    phases = {name: (n, hit) for name, n, hit in counted(clean, lambda row: row[PHASE])}
    drawn = {name: hit / n for name, (n, hit) in phases.items() if n >= 100}
    worst, mildest = max(drawn, key=drawn.__getitem__), min(drawn, key=drawn.__getitem__)
    left_out = sum(n for n, _ in phases.values() if n < 100)
    text = said("plot: drawn")
    assert (worst, mildest) == ("Climb", "Landing Roll")
    assert "Climbing is the riskiest" in text and "landing roll is the mildest" in text
    shares = [f"{100 * drawn[name]:.0f}" for name in (worst, mildest)]
    assert FIGURE.findall(text) == [
        shares[0], str(phases[worst][0]), shares[1], str(phases[mildest][0]), str(left_out)
    ]  # fmt: skip
    strikes, damaged = phases[worst]
    assert json.loads(said("riskiest: counted")) == {
        "phase": worst, "strikes": strikes, "damaged": damaged
    }  # fmt: skip
    assert phases["Parked"] == (5, 0)
    assert FIGURE.findall(said("fix: proposed")) == ["5"]


def test_the_report_says_what_the_table_has(clean: list[Row]) -> None:
    text = said("report: counted")
    dates = sorted(row[DATE] for row in clean)
    assert dates[0].startswith("1997-08") and dates[-1].startswith("2002-07")
    assert "August 1997 to July 2002" in text
    figures = [f"{len(clean):,}", "1997", "2002", str(sum(r[DAMAGE] != "None" for r in clean))]
    sizes = {name: (n, hit) for name, n, hit in counted(clean, lambda row: row[SIZE])}
    for name in ("Small", "Medium", "Large"):
        strikes, damaged = sizes[name]
        figures += [f"{strikes:,}", f"{100 * damaged / strikes:.0f}"]
    often = [each for each in counted(clean, lambda row: row[SPECIES]) if each[1] >= 50]
    worst, strikes, damaged = max(often, key=lambda each: each[2] / each[1])
    assert worst == "Canada goose" and worst in text
    figures += [str(damaged), str(strikes)]
    months = list(counted(clean, lambda row: row[DATE][5:7]))
    month, strikes, damaged = max(months, key=lambda each: each[2] / each[1])
    assert month == "02" and strikes == min(n for _, n, _ in months)
    figures += [f"{100 * damaged / strikes:.0f}", str(strikes)]
    costs = [int(row[COST]) for row in clean if int(row[COST])]
    figures += [str(len(costs)), f"{sum(costs) / 1e6:.1f}", f"{max(costs) / 1e6:.1f}"]
    assert FIGURE.findall(text) == figures
