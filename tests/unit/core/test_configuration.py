"""Which remarks on the configuration are said: nothing is passed over but what is no fault, and homes of Codex."""

from __future__ import annotations

import pytest

from codex_jupyter.core.configuration import worth_saying
from codex_jupyter.core.items import Notice

# As runtime 0.163 sends it.
LINE = """
    {}. {}
       To load project-local config, hooks, and exec policies, add {} as a trusted project in /h/config.toml."""
HOME, PROJECT = "/home/ada/.codex", "/home/ada/churn/.codex"


def untrusted(*folders: str) -> Notice:
    lines = "".join(LINE.format(n, f, f) for n, f in enumerate(folders, 1))
    head = (
        "Project-local config, hooks, and exec policies are disabled in the following folders until"
    )
    told = f"{head} the project is trusted, but skills still load.{lines}\n"
    return Notice("1", level="warning", message=told, code="configWarning")


@pytest.mark.parametrize(
    ("folders", "homes", "said"),
    [
        ((HOME,), {HOME}, False),
        ((PROJECT,), {HOME}, True),
        ((HOME, PROJECT), {HOME}, True),
        ((HOME,), set(), True),
        ((), {HOME}, True),
    ],
)
def test_only_homes_of_codex_are_passed_over(
    folders: tuple[str, ...], homes: set[str], said: bool
) -> None:
    assert worth_saying(untrusted(*folders), homes) == said


def test_other_remarks_are_said_wherever_they_lie() -> None:
    other = Notice("1", level="warning", message=f"Odd:\n    1. {HOME}", code="configWarning")
    assert worth_saying(other, {HOME})
    bundled = "Codex could not find bubblewrap; it will use the bundled bubblewrap meanwhile."
    assert not worth_saying(Notice("1", level="warning", message=bundled))
    assert not worth_saying(Notice("1", level="info", message="Hello."))
