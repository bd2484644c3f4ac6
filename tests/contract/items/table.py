"""docs/items.md holds a table of what is played here. ``python -m tests.contract.items.table`` writes it anew."""

from __future__ import annotations

from tests.contract.items.every_item import MODELS, PLAYS
from tests.environments import ROOT

PAGE = ROOT / "docs" / "items.md"
START, END = "<!-- played -->", "<!-- /played -->"


def made() -> str:
    """The table, from the plays."""
    heads = [f"{name} (`{slug}`)" for name, slug in MODELS.items()]
    lines = [f"| item | row | {' | '.join(heads)} |", "|" + "---|" * (2 + len(heads))]
    for play in PLAYS:
        cells = ["yes" if models in play.by else "no" for models in MODELS]
        lines.append(f"| `{play.type}` | {play.kind} | {' | '.join(cells)} |")
    reasons = [f"- `{play.type}`: {play.note}." for play in PLAYS if play.note]
    return "\n".join([*lines, "", *reasons])


def written() -> str:
    """The table, as the page has it."""
    return PAGE.read_text().split(START)[1].split(END)[0].strip()


def main() -> None:
    """Write the table into the page."""
    page = PAGE.read_text()
    before, rest = page.split(START)
    PAGE.write_text(f"{before}{START}\n\n{made()}\n\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    main()
