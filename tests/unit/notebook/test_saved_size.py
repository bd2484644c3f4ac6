"""What turns add to a notebook file, how its diff reads, and the notebook as Markdown."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace

import nbformat
from nbconvert import MarkdownExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output
from traitlets.config import Config

from codex_jupyter.core.document import Block, Document, Footer, Header, Prose
from codex_jupyter.core.text import Text
from codex_jupyter.notebook import display

ANSWER = "Three duplicated rows; check `id`.\n\nThe rest is as it should be."
SHORT = Document(
    Header(parts=(("model", "gpt-5.5 medium"), ("sandbox", "read-only"), ("approval", "ask"))),
    (Block("a", "answer", body=(Prose(Text.of(ANSWER)),), fold="never"),),
    Footer("ok", "4 s · 1.3k tokens · context 2 %", copy=ANSWER),
    ended=True,
)


def notebook(
    documents: Sequence[Document], formats: tuple[str, ...] = ("html", "markdown", "plain")
) -> nbformat.NotebookNode:
    return new_notebook(
        cells=[
            new_code_cell(
                "%codex What is wrong?",
                id=f"cell-{n}",
                outputs=[
                    new_output(
                        "display_data",
                        data={
                            f"text/{name}": display.bundle(each)[f"text/{name}"] for name in formats
                        },
                    )
                ],
            )
            for n, each in enumerate(documents)
        ]
    )


def size(documents: Sequence[Document], *formats: str) -> int:
    return len(nbformat.writes(notebook(documents, *([formats] if formats else []))))


def test_a_hundred_turns_are_small() -> None:
    assert size([SHORT]) < 3_500  # the file of one cell, all of it
    text = size([SHORT] * 100, "plain")
    assert size([SHORT] * 100) - text < 250_000


def test_another_duration_is_a_line_of_each_format() -> None:
    before, after = (
        nbformat.writes(notebook([replace(SHORT, footer=replace(SHORT.footer, text=text))]))
        for text in ("4 s · 1.3k tokens", "5 s · 1.3k tokens")
    )
    changed = [
        line
        for line in difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
        if line[0] in "+-" and not line.startswith(("+++", "---"))
    ]
    assert len(changed) == 6
    assert max(map(len, changed)) < 250


def test_a_notebook_becomes_markdown_as_the_documentation_says() -> None:
    exporter = MarkdownExporter(
        config=Config(
            NbConvertBase={"display_data_priority": ["text/markdown", "image/png", "text/plain"]}
        )
    )
    text, _ = exporter.from_notebook_node(notebook([SHORT]))
    assert ANSWER in text
    assert "<" not in text
