"""Documents full of hostile strings: public corpora and a few of our own, in every field of every kind of block.

Made once; the kernel of the notebook under test reads them from a file.
"""

from __future__ import annotations

from dataclasses import replace

from codex_jupyter.core.document import Block, Document, Footer, Header, Prose
from codex_jupyter.core.text import Text
from tests.unit.render.test_corpora import document, payloads

#: Besides the corpora, whose payloads open dialogs or ask for addresses: these leave a mark in the page.
CANARIES = tuple(
    form.replace("CANARY", "window.cjCanary=1")
    for form in (
        "<script>CANARY</script>",
        "<img src=x onerror=CANARY>",
        "<svg onload=CANARY><animate onbegin=CANARY attributeName=x dur=1s>",
        "<details open ontoggle=CANARY><summary>x</summary></details>",
        "<iframe srcdoc='<script>parent.CANARY</script>'></iframe>",
        "<a href='javascript:CANARY' autofocus onfocus=CANARY>x</a>",
        "[x](javascript:CANARY)",
        "![x](https://evil.example/pixel.png?CANARY)",
        "![x](javascript:CANARY)",
        "<style>@import 'https://evil.example/CANARY.css'</style>",
        "$\\href{javascript:CANARY}{x}$",
        "$$\\unicode{<img src=x onerror=CANARY>}$$",
        "`a`<img src=x onerror=CANARY>```",
        "\x1b]8;;javascript:CANARY\x07link\x1b]8;;\x07",
        "</template></style></pre><img src=x onerror=CANARY>",
    )
)
#: Each string comes into so many different fields.
ROUNDS = 2


def words() -> tuple[str, ...]:
    """Every hostile string, once."""
    return tuple(dict.fromkeys([*CANARIES, *(p for p in payloads() if p.strip())]))


def documents(*, ended: bool) -> list[Document]:
    """Documents that hold each string in ``ROUNDS`` different fields, and each as Markdown."""
    found, made = words(), []
    for round_number in range(ROUNDS):
        start = round_number * (len(found) // ROUNDS + 17)
        feed = iter(found[start:] + found[:start])
        left = True
        while left:
            given: list[str] = []

            def hostile(feed=feed, given=given) -> str:
                word = next(feed, "")
                given.append(word)
                return word or "harmless"

            made.append(document(hostile, ended=ended))
            left = bool(given[-1])
    made.append(Document(Header(), prose(), Footer("ok"), "", ended))
    return made


def prose(share: float = 1.0) -> tuple[Block, ...]:
    """Every string as Markdown, a hundred to a block; ``share`` of each block, as one that is still being written."""
    found = words()
    blocks = []
    for number in range(0, len(found), 100):
        whole = "\n\n".join(found[number : number + 100])
        text = Text.of(whole[: int(len(whole) * share)])
        body = (Prose(text, streaming=share < 1),)
        blocks.append(Block(f"prose{number}", "answer", body=body, fold="never", open=True))
    return tuple(blocks)


def whole(*, ended: bool) -> Document:
    """One document with the rows of all of them."""
    made = documents(ended=ended)
    blocks = tuple(
        replace(block, key=f"d{number}-{block.key}", card=None if ended else block.card)
        for number, each in enumerate(made)
        for block in each.blocks
    )
    return replace(made[0], blocks=blocks, ended=ended)


def streaming(live: Document, share: float) -> Document:
    """The document with its Markdown still being written, so much of it there."""
    written = {block.key: block for block in prose(share)}
    blocks = tuple(
        replace(written[block.key.partition("-")[2]], key=block.key)
        if block.key.partition("-")[2] in written
        else block
        for block in live.blocks
    )
    return replace(live, blocks=blocks)
