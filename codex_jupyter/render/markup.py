"""Elements as strings: the one place where tags and attributes are written, so that escaping cannot be forgotten.

Contents are html that is already safe; attribute values are text and are escaped here.
"""

from __future__ import annotations

import re

from codex_jupyter.render.characters import escape, exact, shown
from codex_jupyter.render.dollars import unpaired

#: Styles that JupyterLab keeps in an untrusted notebook, where it drops ``<style>``. Saved html carries them in the
#: element so that it stays legible; live html relies on the style sheet.
QUIET = "opacity:.75"
LITERAL = "white-space:pre-wrap"
WRAPPED = "white-space:pre-wrap;overflow-wrap:anywhere"
WRAPPED_ROWS = f"font-family:monospace;{WRAPPED}"
INDENTED = "margin-left:1em"
FRAMED = (
    "border:1px solid rgba(128,128,128,.6);border-left-width:4px;padding:.5em .8em;margin:.5em 0"
)
ADDED = "background-color:rgba(46,160,67,.18)"
REMOVED = "background-color:rgba(248,81,73,.18)"
UNMARKED = "list-style:none;padding-left:0;margin:0"
SCROLLING = "max-height:30em;overflow:auto"
#: Class and style of a row of a diff by its sign; of any other row.
LOOKS = {"+": ("cj-plus", ADDED), "-": ("cj-minus", REMOVED), " ": ("cj-same", None)}
HUNK = ("cj-hunk", QUIET)

_CODE = re.compile(r"`([^`]+)`")


def element(
    tag: str, content: str = "", classes: str = "", /, **attributes: str | bool | None
) -> str:
    """``<tag class=… …>content</tag>``. Underscores in names become hyphens; ``None`` and false leave one out.

    Example:
        >>> element("a", "x", "cj-link", href="https://e.org/?a&b", aria_label='"')
        '<a class="cj-link" href="https://e.org/?a&amp;b" aria-label="&quot;">x</a>'
    """
    parts = [tag]
    if classes:
        parts.append(f'class="{escape(classes)}"')
    for name, value in attributes.items():
        name = name.rstrip("_").replace("_", "-")
        if value is True:
            parts.append(name)
        elif value is not None and value is not False:
            parts.append(f'{name}="{escape(value)}"')
    opened = f"<{' '.join(parts)}>"
    return opened if tag in ("input", "img", "br") else f"{opened}{content}</{tag}>"


def text(value: str) -> str:
    """Text as html; control and deceptive characters are spelled out, and no dollar opens maths."""
    return unpaired(escape(shown(value)))


def exact_text(value: str) -> str:
    """Text that a person judges (a command, a path) as html: invisible characters are spelled out, too."""
    return unpaired(escape(exact(value)))


def advice(value: str) -> str:
    """Our own words as html; what stands between backticks is code.

    Example:
        >>> advice("Sign in: `%codex login`.")
        'Sign in: <code>%codex login</code>.'
    """
    return _CODE.sub(r"<code>\1</code>", text(value))


#: An option of a command: browsers break lines behind each hyphen, and ``--`` at the end of a line is something else.
_OPTION = re.compile(r"(?<!\S)--?\w")
_TAGGED = re.compile(r"(<[^>]*>)")


def options_whole(html: str) -> str:
    """A command's html whose options keep their hyphens and first letter on one line.

    Example:
        >>> options_whole("ls --all")
        'ls <span class="cj-whole">--a</span>ll'
    """
    parts = _TAGGED.split(html)
    parts[::2] = [_OPTION.sub(r'<span class="cj-whole">\g<0></span>', part) for part in parts[::2]]
    return "".join(parts)


#: A date, a range, a negative number: browsers break lines behind their hyphens as well.
_HYPHENED = re.compile(r"-\d")
#: Characters of a cell of a table that is never broken; a longer one is text.
WHOLE = 40


def is_whole(cell: str) -> bool:
    """Whether a cell of a table holds numbers that a line break would take apart.

    Example:
        >>> is_whole("2025-11-28"), is_whole("-5"), is_whole("well-known")
        (True, True, False)
    """
    return len(cell) <= WHOLE and bool(_HYPHENED.search(cell))


def verbatim(value: str) -> str:
    """Text as html for where MathJax never looks, or nobody: preformatted text, what a button copies."""
    return escape(shown(value))


def literal(content: str, classes: str, saved: bool) -> str:
    """Preformatted html. The inner ``code`` keeps a first newline from being swallowed by a parser."""
    style = SCROLLING if saved else None
    return element("pre", f"<code>{content}</code>", classes, style=style)


def folded(summary: str, content: str, classes: str, opened: bool = False, **more: str) -> str:
    """A line that opens."""
    return element(
        "details", f"<summary>{summary}</summary>{content}", classes, open=opened, **more
    )


def more(hidden: int) -> str:
    """The line that counts the rows that are left out; nothing where none is."""
    return element("div", f"… {hidden:,} more …", "cj-omitted") if hidden > 0 else ""
