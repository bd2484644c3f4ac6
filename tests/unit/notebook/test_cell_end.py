"""Which frames only end a cell: told of real frames of a real shell."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from codex_jupyter.notebook import cell_end
from codex_jupyter.notebook.wrapped_method import WrappedMethod
from codex_jupyter.session.interrupts import INTERRUPTS


def here() -> Any:
    return sys._getframe(1)


@pytest.mark.parametrize(
    ("code", "ends"),
    [
        ("asked(here())", False),
        ("def f(): return here()\nasked(f())", False),
        ("import json\njson.loads('[1]', object_hook=None, parse_int=lambda n: asked(here()))", False),
        ("ours.wrapped(lambda: None)", True),
        ("%in_a_magic", True),
    ],
)  # fmt: skip
def test_code_of_the_users_is_interrupted_and_what_ends_a_cell_is_not(
    shell: Any, code: str, ends: bool
) -> None:
    told: list[bool] = []
    ends_a_cell = cell_end.ends_a_cell_of(shell)

    class Owner:
        def wrapped(self, _: Any) -> None: ...

    owner = Owner()  # a wrapper of ours is a frame of ours
    WrappedMethod(owner, "wrapped", lambda inner, _: told.append(ends_a_cell(here().f_back)))
    shell.register_magic_function(
        lambda _: told.append(ends_a_cell(here().f_back)), "line", "in_a_magic"
    )
    shell.user_ns.update(asked=lambda frame: told.append(ends_a_cell(frame)), here=here, ours=owner)
    shell.run_cell(code)
    assert told[0] is ends


def test_nothing_of_the_users_runs_while_an_error_is_drawn(shell: Any) -> None:
    told: list[bool] = []
    ends_a_cell = cell_end.ends_a_cell_of(shell)
    WrappedMethod(shell, "_showtraceback", lambda *_: told.append(ends_a_cell(here())))
    shell.run_cell("1/0")
    assert told == [True]


def test_a_terminal_has_its_interrupts_back_after_each_cell(shell: Any) -> None:
    cell_end.install(shell)
    cell_end.install(shell)
    assert shell.events.callbacks["post_run_cell"].count(cell_end._settle) == 1
    cell_end.uninstall(shell)
    assert INTERRUPTS.ending is None
    assert cell_end._settle not in shell.events.callbacks["post_run_cell"]
