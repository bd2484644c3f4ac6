"""Whether a conversation has the notebook's tools, which are frozen where it began, and what its header says of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from codex_jupyter.runtime.history import StoredThread

#: In the header of a resumed conversation, where it is known that it began without, and where nothing says so.
WITHOUT = "began without notebook tools, so Codex cannot see this kernel: --new starts one that can"
UNKNOWN = "may have begun without notebook tools: --new starts a conversation that has them"


class Offer(Protocol):
    """What a new conversation is given by a notebook."""

    def tools(self) -> list[dict[str, Any]]:
        """``dynamicTools``, frozen for the conversation's life."""
        ...

    def instructions(self) -> str:
        """Developer instructions, or ``""``."""
        ...


def known(thread: StoredThread, offer: Offer | None) -> bool | None:
    """Whether a stored conversation has the tools of this notebook; None where nothing says so. May read a file."""
    from codex_jupyter.runtime.began_with import began_with

    if offer is None:
        return False
    return began_with(thread, frozenset(str(tool.get("name", "")) for tool in offer.tools()))


def notes(has_tools: bool | None, offered: bool) -> tuple[str, ...]:
    """What the header of a turn says of them; ``offered``: there is a notebook that has some."""
    if has_tools or not offered:
        return ()
    return (UNKNOWN,) if has_tools is None else (WITHOUT,)
