"""What changes the cells of the user before they run: IPython's transformers. Codex's code leaves none behind.

A transformer rewrites the next cell and is gone from the stack when that runs: the cell would have the user's rights and
words that the user did not write.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from codex_jupyter import agent_code


def lists_of(shell: Any) -> list[list[Any]]:
    """Every list of transformers that the shell has, each once."""
    manager = getattr(shell, "input_transformer_manager", None)
    found = [
        getattr(shell, "input_transformers_post", None),
        getattr(shell, "ast_transformers", None),
        *(
            getattr(manager, name, None)
            for name in ("cleanup_transforms", "line_transforms", "token_transformers")
        ),
    ]
    return list({id(one): one for one in found if isinstance(one, list)}.values())


@contextmanager
def kept(shell: Any, *, whole: bool) -> Iterator[None]:
    """The transformers are as they were, afterwards.

    Args:
        shell: whose.
        whole: nobody else can have changed them meanwhile. Else only what was added, and is Codex's by its code, goes.
    """
    before = [(one, list(one)) for one in lists_of(shell)]
    try:
        yield
    finally:
        for one, was in before:
            if whole and one != was:
                one[:] = was
        drop_agents(shell)


def drop_agents(shell: Any) -> bool:
    """Take out what code that Codex ran has put there, whenever it did; whether there was something."""
    dropped = False
    for one in lists_of(shell):
        own = [entry for entry in one if not _is_agents(entry)]
        if len(own) != len(one):
            one[:] = own
            dropped = True
    return dropped


def _is_agents(entry: Any) -> bool:
    """Whether the function, or the class of the object, was defined by code that Codex ran."""
    parts = [entry, getattr(entry, "__func__", None), getattr(entry, "__wrapped__", None)]
    parts += [getattr(entry, "func", None), type(entry).__call__]
    parts += list(vars(type(entry)).values())
    codes = (getattr(part, "__code__", None) for part in parts)
    return any(code is not None and agent_code.defined(code) for code in codes)
