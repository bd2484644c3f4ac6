"""Files that a Markdown text names: a link where Jupyter can open one, else its path as text.

What a link says is what it opens: where the words of the source's link are not the file's own name, they stay words and the
path behind them is the link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from codex_jupyter.core.file_links import CODE, LONGEST, WORDS, same_file
from codex_jupyter.core.titles import short_path
from codex_jupyter.render.characters import dropped
from codex_jupyter.render.markup import element
from codex_jupyter.render.sanitize import fragment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

    from codex_jupyter.core.file_links import Files

#: What the page opens in Jupyter (``js/src/open_file.js``).
OPENED = "cj-open"
#: Addresses that a browser opens.
OPENS = re.compile(r"(?:https?|mailto):", re.IGNORECASE)


def linked(html: str, files: Files | None, path: str, line: int | None = None) -> str:
    """Html that names a file, as a link to it where it is offered."""
    href = files.address(path, line) if files else ""
    return fragment(element("a", html, OPENED, href=href)) if href else html


def settled(children: list[Token], files: Files | None) -> list[Token]:
    """The tokens of a paragraph with every link and image as it is drawn."""
    result: list[Token] = []
    # Links that are open: the file that one names, None for an address; and where it begins.
    opened: list[tuple[str | None, int]] = []
    for token in children:
        if token.type == "link_open":
            href = str(token.attrs.get("href", ""))
            kept = bool(OPENS.match(href))
            opened.append((None if kept else href, len(result)))
            if kept:
                result.append(token)
        elif token.type == "link_close":
            target, start = opened.pop() if opened else (None, 0)
            if target is None:
                result.append(token)
            else:
                result[start:] = _reference(result[start:], target, files)
        elif token.type == "image":
            result += _image(token, linked=bool(opened))
        elif opened or files is None:
            result.append(token)
        else:
            result += _named(token, files)
    return result


def _reference(label: list[Token], target: str, files: Files | None) -> list[Token]:
    """A link of the source that names a file, or nothing that can be opened."""
    said = "".join(token.content for token in label)
    path = _plain(target)
    href = files.address(path) if files else ""
    if href and files and same_file(said, path):
        return _link(label, href)
    if href and files:
        return [
            *label,
            _words(" ("),
            *_link([_words(short_path(path, files.cwd))], href),
            _words(")"),
        ]
    if target in said or target.startswith(("#", "data:")):
        return label
    return [*label, _words(f" ({path})")]


def _named(token: Token, files: Files) -> list[Token]:
    """Words or code outside of links, with the files that they name as links."""
    if token.type == "code_inline":
        whole = len(token.content) <= LONGEST and CODE.fullmatch(token.content)
        href = files.address(token.content) if whole else ""
        return _link([token], href) if href else [token]
    if token.type != "text":
        return [token]
    return list(_parts(token, files))


def _parts(token: Token, files: Files) -> Iterator[Token]:
    text, done = token.content, 0
    for found in WORDS.finditer(text):
        href = files.address(found[0])
        if not href:
            continue
        if found.start() > done:
            yield _words(text[done : found.start()])
        yield from _link([_words(found[0])], href)
        done = found.end()
    if done == 0:
        yield token
    elif done < len(text):
        yield _words(text[done:])


def _image(token: Token, *, linked: bool) -> list[Token]:
    source = str(token.attrs.get("src", ""))
    name = token.content or "image"
    if linked or not OPENS.match(source):
        return [_words(f"[image: {name}]")]
    return _link([_words(name)], source, "")


def _link(label: Sequence[Token], href: str, classes: str = OPENED) -> list[Token]:
    from markdown_it.token import Token

    attrs: dict[str, str | int | float] = {"href": href}
    if classes:
        attrs["class"] = classes
    return [Token("link_open", "a", 1, attrs=attrs), *label, Token("link_close", "a", -1)]


def _words(text: str) -> Token:
    from markdown_it.token import Token

    return Token("text", "", 0, content=text)


def _plain(target: str) -> str:
    return dropped(unquote(target))[:300]
