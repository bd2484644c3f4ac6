"""A traceback of the agent's code as a display: coloured where that is understood, plain text everywhere."""

from __future__ import annotations


def bundle(text: str) -> dict[str, str]:
    """The mime bundle of a traceback that IPython rendered, terminal colours included; without secrets."""
    from codex_jupyter.core.document import Block, Document, Footer, Header, Terminal
    from codex_jupyter.core.text import Output
    from codex_jupyter.notebook import display
    from codex_jupyter.notebook.workbench.clean_cut import clean
    from codex_jupyter.render import ansi

    text = clean(text)
    plain = ansi.plain(text)
    last = next((line for line in reversed(plain.splitlines()) if line.strip()), "an exception")
    shown = Terminal(Output() + text)
    block = Block(
        "traceback",
        "notice",
        f"Codex's code failed: {last[:160]}",
        "failed",
        body=(shown,),
        fold="body",
        open=True,
    )
    document = Document(Header(), (block,), Footer("none"), ended=True)
    return {**display.bundle(document), "text/plain": f"Codex's code failed:\n{plain}"}
