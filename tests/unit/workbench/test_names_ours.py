"""A cell that could start Codex, or change what it may do, is always asked about."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

import codex_jupyter
from codex_jupyter.notebook.workbench.cell_source import names_ours
from codex_jupyter.session.session import Session


class Hostile:
    """Every way to look at it runs its code."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError("looked at")


NAMESPACE: dict[str, Any] = {
    "cj": codex_jupyter,
    "Session": Session,
    "go": Session.run,
    "half": partial(Session.run),
    "make": codex_jupyter.session,
    "x": 1,
    "np": pytest,
    "odd": Hostile(),
}


@pytest.mark.parametrize(
    "source",
    [
        "%codex hello", "%%codex -s full-access\ngo", "x = %codex hello", "import codex_jupyter", "%CODEX", "get_ipython().run_line_magic(m, 'x')",
        "ip.run_cell(text)", "ip.run_line_magic('c' + 'odex', '')", "%config CodexMagics.kernel = 'run'", "  %run other.ipynb", "%load_ext other",
        "%alias_magic c codex", "cj.session()", "s = make()", "go(s, 'hello')", "half('x')", "Session('x')",
    ],
)  # fmt: skip
def test_it_could_reach_us(source: str) -> None:
    assert names_ours(source, NAMESPACE)


@pytest.mark.parametrize(
    "source", ["x = 1", "# a title", "np.mean(x)", "odd", "%matplotlib inline", "%time x", "!ls", "'%config' in text", "running = 3", ""]
)  # fmt: skip
def test_it_could_not(source: str) -> None:
    assert not names_ours(source, NAMESPACE)
