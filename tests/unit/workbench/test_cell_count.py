"""A cell that Codex runs counts as the user's, in IPython's own shell."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell

from codex_jupyter.notebook.workbench.cell_count import keep_value, next_number


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    made = InteractiveShell()
    assert made.history_manager is not None
    made.history_manager.enabled = False
    yield made
    made.reset()


def run(shell: InteractiveShell, code: str) -> int | None:
    return shell.run_cell(code, store_history=True).execution_count


def test_it_takes_the_next_number_between_two_cells(shell: InteractiveShell) -> None:
    assert run(shell, "1") == 1
    number = next_number(shell, "'x'", "'x'")
    keep_value(shell, number, "x", {"text/plain": "'x'"})
    assert run(shell, "3") == 3
    assert shell.user_ns["In"][1:] == ["1", "'x'", "3"]
    assert shell.user_ns["Out"] == {1: 1, 2: "x", 3: 3}
    assert (shell.user_ns["_2"], shell.user_ns["__"]) == ("x", "x")


def test_cells_that_run_while_one_waits_come_after_it_and_it_keeps_its_own(
    shell: InteractiveShell,
) -> None:
    told: list[int] = []

    def nested() -> None:
        for code in ("'a'", "'b'"):
            number = next_number(shell, code, code)
            keep_value(shell, number, code, {})
            told.append(number)

    shell.user_ns["nested"] = nested

    async def kernel(code: str) -> tuple[int | None, int]:
        """The number of a cell, and the one that ipykernel replies with at once."""
        result = shell.run_cell(code, store_history=True)
        return result.execution_count, shell.execution_count - 1

    async def session() -> list[tuple[int | None, int]]:
        replies = []
        for code in ("1", "nested()", "4"):
            replies.append(await kernel(code))
            await asyncio.sleep(0)  # the next request comes later
        return replies

    assert asyncio.run(session()) == [(1, 1), (2, 2), (5, 5)]
    assert told == [3, 4]
    assert shell.user_ns["In"][1:] == ["1", "nested()", "'a'", "'b'", "4"]
    assert shell.user_ns["Out"] == {1: 1, 3: "'a'", 4: "'b'", 5: 4}


def test_out_itself_and_a_user_s_own_underscore_are_left_alone(shell: InteractiveShell) -> None:
    run(shell, "_ = 'mine'")
    number = next_number(shell, "Out", "Out")
    keep_value(shell, number, shell.user_ns["Out"], {})
    keep_value(shell, number, 1, {})
    assert shell.user_ns["_"] == "mine"
    assert shell.user_ns["Out"] == {2: 1}
