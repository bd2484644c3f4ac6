"""Turns as mime bundles, and how a bundle reaches its cell from any thread.

The bundle is what stays in the file: html, Markdown and real plain text of one document. Nothing live here, and nothing
that remembers.
"""

from __future__ import annotations

import contextvars
import uuid
from dataclasses import replace
from typing import Any

from codex_jupyter import journal
from codex_jupyter.core.document import Block, Document, Terminal
from codex_jupyter.notebook import kernel_internals, printing
from codex_jupyter.notebook.frontend import kind_of
from codex_jupyter.notebook.screen import screen

log = journal.logger("notebook")

#: Kinds of block that ``--quiet`` keeps: the answer, and whatever must never be hidden.
QUIET_KINDS = frozenset({"answer", "error", "refused", "decision", "card"})

GOING_ON = "still going on when this was saved"
GOING_ON_MORE = "What came after that is not in this file."


def bundle(document: Document) -> dict[str, str]:
    """The static mime bundle of a document: ``text/html``, ``text/markdown`` and ``text/plain``."""
    from codex_jupyter.render import html, markdown, text

    return {
        "text/html": html.document(document),
        "text/markdown": markdown.document(document),
        "text/plain": text.document(document),
    }


def going_on(document: Document) -> Document:
    """The transcript of a turn that goes on, as a reader of the file needs it: that there was more to come.

    What a running command printed is there as it is of one that has ended: it may be all that is left of it.
    """
    footer = replace(document.footer, glyph="info", text=GOING_ON, lines=(GOING_ON_MORE,))
    blocks = tuple(map(_whole, document.blocks))
    return replace(document, footer=footer, blocks=blocks)


def _whole(block: Block) -> Block:
    if not any(isinstance(part, Terminal) and part.live for part in block.body):
        return block
    body = tuple(
        replace(part, live=False) if isinstance(part, Terminal) else part for part in block.body
    )
    return replace(block, body=body)


def covered_bundle(
    document: Document, panel_id: str, number: int, *, alone: bool = False
) -> dict[str, str]:
    """The static bundle of a document, over whose html the page shows the panel of this id while that lives.

    ``number`` counts the copies, so that a page sees whether its notebook has the newest. ``alone``: the panel is told nothing meanwhile, so that a page which has one all the same shows this.
    """
    data = bundle(document)
    names = f"cj-copy-of-{panel_id} cj-copy-{number}{' cj-copy-alone' if alone else ''}"
    return {**data, "text/html": f'<div class="{names}">{data["text/html"]}</div>'}


def quieted(document: Document) -> Document:
    """The document as ``--quiet`` shows it: no header, no work, the answer and what must not be hidden."""
    blocks = tuple(b for b in document.blocks if b.kind in QUIET_KINDS)
    return replace(document, blocks=blocks, work="")


def publish(data: dict[str, Any], display_id: str, *, update: bool = False) -> None:
    """Show ``data`` under ``display_id`` or replace what stands there; in the calling cell."""
    _publish(data, {"display_id": display_id}, update=update)


def publish_anywhere(data: dict[str, Any], display_id: str) -> None:
    """Replace what stands under ``display_id`` from any thread, also after its cell has ended.

    In an empty context the update is bound to no cell, so it is neither dropped nor moved to the latest one.
    """
    contextvars.Context().run(publish, data, display_id, update=True)


class CellOutput:
    """The one output of a cell: put there once, and replaced from any thread, also after the cell has ended.

    Attributes:
        display_id: by which the front end knows it.
    """

    def __init__(self) -> None:
        self.display_id = uuid.uuid4().hex

    def show(self, data: dict[str, Any]) -> None:
        """Put it into the calling cell."""
        publish(data, self.display_id)

    def replace(self, data: dict[str, Any]) -> None:
        """Show this instead, from any thread."""
        publish_anywhere(data, self.display_id)

    def replace_in_cell(self, data: dict[str, Any]) -> None:
        """Show this instead; in the thread of the cell, while it runs."""
        publish(data, self.display_id, update=True)


def publish_once(document: Document) -> None:
    """Show a document for good in the calling cell, as headless runners want it: one display, never updated.

    In a terminal or console it is as wide as that, and in its colours.
    """
    from IPython.core.getipython import get_ipython

    data, shell = bundle(document), get_ipython()
    if shell is not None and kind_of(shell) in ("console", "terminal"):
        from codex_jupyter.render import text

        it = screen(shell)
        data["text/plain"] = text.document(document, width=it.width, color=it.color, fills=it.known)
    _publish(data, {}, update=False)


def _publish(data: dict[str, Any], transient: dict[str, Any], *, update: bool) -> None:
    """Through the notebook's own display machinery; where that fails, which may be a hook of the user's, past it."""
    from IPython.core.getipython import get_ipython
    from IPython.display import publish_display_data

    try:
        publish_display_data(data, metadata={}, transient=transient, update=update)
    except Exception as error:
        shell = get_ipython()
        if shell is None or kernel_internals.kernel_of(shell) is None:
            raise
        kernel_internals.send_display(shell.display_pub, data, transient, update=update)
        log.warning("the display machinery failed", exc_info=error)
        printing.theirs("A display hook", error, "What Codex shows was sent past it.")
