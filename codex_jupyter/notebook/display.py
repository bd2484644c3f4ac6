"""Turns as mime bundles, and how a bundle reaches its cell from any thread.

The bundle is what stays in the file: html, Markdown and real plain text of one document. Nothing live here.
"""

from __future__ import annotations

import contextvars
from dataclasses import replace
from typing import Any

from codex_jupyter.core.document import Document

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


def checkpoint(document: Document, place: str) -> dict[str, str]:
    """The static bundle of a turn that goes on, for the file: the transcript so far, and that there was more to come.

    Args:
        document: the transcript so far.
        place: the page's panel of this name stands over the html while it lives (``Channel.place``).
    """
    footer = replace(document.footer, glyph="info", text=GOING_ON, lines=(GOING_ON_MORE,))
    data = bundle(replace(document, footer=footer))
    return {**data, "text/html": f'<div class="cj-place-{place}">{data["text/html"]}</div>'}


def quieted(document: Document) -> Document:
    """The document as ``--quiet`` shows it: no header, no work, the answer and what must not be hidden."""
    blocks = tuple(b for b in document.blocks if b.kind in QUIET_KINDS)
    return replace(document, blocks=blocks, work="")


def publish(data: dict[str, Any], display_id: str, *, update: bool = False) -> None:
    """Show ``data`` under ``display_id`` or replace what stands there; in the calling cell."""
    from IPython.display import publish_display_data

    publish_display_data(data, metadata={}, transient={"display_id": display_id}, update=update)


def publish_anywhere(data: dict[str, Any], display_id: str) -> None:
    """Replace what stands under ``display_id`` from any thread, also after its cell has ended.

    In an empty context the update is bound to no cell, so it is neither dropped nor moved to the latest one.
    """
    contextvars.Context().run(publish, data, display_id, update=True)


def publish_once(document: Document) -> None:
    """Show a document for good in the calling cell, as headless runners want it: one display, never updated."""
    from IPython.display import publish_display_data

    publish_display_data(bundle(document), metadata={})
