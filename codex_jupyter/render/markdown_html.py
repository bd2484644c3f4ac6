"""The one Markdown engine: CommonMark, tables, strikethrough, task lists, bare addresses, maths, highlighted code.

Html in the source is text. Only http, https and mailto are links, and files that Jupyter can open (``file_references.py``);
images never load, they become links. Reference definitions (``[1]: https://…``) are off: without them a block's html depends
on nothing that comes later, which is what lets a stream settle. The result has passed the sanitiser.
"""

from __future__ import annotations

import itertools
import logging
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from codex_jupyter.render import file_references, maths
from codex_jupyter.render.bounds import BODY_HTML, BODY_TEXT, Cut, cut
from codex_jupyter.render.characters import dropped, escape
from codex_jupyter.render.dollars import unpaired
from codex_jupyter.render.highlight import highlight
from codex_jupyter.render.markup import is_whole
from codex_jupyter.render.sanitize import fragment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

    from codex_jupyter.core.file_links import Files

    InlineRule = Callable[[StateInline, bool], bool]

#: Brackets of one paragraph that may turn out not to be links, before no more are looked at.
BRACKETS = 200
#: Levels of lists and quotes; what lies deeper is text, where the parser would drop it.
DEEPEST = 56

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
#: ``load.py:12``, ``C:\x`` and ``src/a.py#L3`` are files, not schemes.
_FILE = re.compile(r"(?:[a-z]:[\\/]|[^:/?#]*\.[a-z0-9_]+:\d)", re.IGNORECASE)
_ADDRESS = re.compile(r"//[^\s<>\"`\x00-\x1f\x7f]+")
#: Languages that the page may write behind a fence again.
_NAME = re.compile(r"[A-Za-z0-9-]{1,20}")
_TASK = re.compile(r"\[([ xX])\]\s")
_FENCE = re.compile(r"^ {0,3}(`{3,}(?=[^`]*$)|~{3,})(.*)$", re.MULTILINE)


def render(text: str, files: Files | None = None) -> str:
    """Markdown as sanitised html, all of it. ``files``: what its paths mean; None offers none to open.

    Example:
        >>> render("*a* <b>")
        '<p><em>a</em> &lt;b&gt;</p>'
    """
    return draw(parse(text, files))


def bounded(text: str, files: Files | None = None) -> str:
    """Like ``render``, but at most about ``BODY_HTML`` characters: start and end of the text, the middle counted."""
    limit = BODY_TEXT
    while True:
        parts = cut(text, limit)
        html = render(parts.head, files)
        if parts.omitted:
            # The end of a text that was cut inside a code block is still code.
            tail = open_fence(parts.head) + parts.tail
            html += f"\n{omitted(parts)}{render(tail, files)}"
        if len(html) <= BODY_HTML or limit < 1024:
            return html
        limit //= 2


def omitted(parts: Cut) -> str:
    """The line that stands for what was left out, with its newline; ``""`` where nothing was."""
    return f'<p class="cj-omitted">{escape(parts.said)}</p>\n' if parts.omitted else ""


def parse(text: str, files: Files | None = None) -> list[Token]:
    """The tokens of a Markdown text."""
    return _engine().parse(dropped(text), {"files": files})


def draw(tokens: Sequence[Token]) -> str:
    """Sanitised html of whole top-level blocks."""
    if not tokens:
        return ""
    engine = _engine()
    return fragment(engine.renderer.render(list(tokens), engine.options, {})).strip("\n")


def open_fence(text: str) -> str:
    """The line that opened the code block in which ``text`` ends, or ``""``."""
    opened = ""
    mark = ""
    for found in _FENCE.finditer(text):
        fence, info = found[1], found[2]
        if not mark:
            mark, opened = fence, f"{fence}{info}\n"
        elif fence.startswith(mark) and not info.strip():
            mark = opened = ""
    return opened


@lru_cache(maxsize=1)
def _engine() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import image, link

    # It tells its log each rule that it tries: thousands of lines where the notebook's own logging listens to all.
    told = logging.getLogger("markdown_it")
    if told.level == logging.NOTSET:
        told.setLevel(logging.INFO)
    engine = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST + 4})
    engine.enable(["table", "strikethrough"]).disable(["reference", "html_block", "html_inline"])
    engine.validateLink = _admitted  # type: ignore[method-assign]
    engine.block.ruler.before("table", "cj_deep", _deep)
    engine.inline.ruler.at("link", _sparing(link))
    engine.inline.ruler.at("image", _sparing(image))
    engine.inline.ruler.before("autolink", "cj_address", _address)
    engine.core.ruler.push("cj_tasks", _tasks)
    engine.core.ruler.push("cj_links", _links)
    maths.install(engine)
    engine.add_render_rule("text", _text)
    engine.add_render_rule("fence", _fence)
    engine.add_render_rule("code_block", _fence)
    engine.add_render_rule("table_open", _table_open)
    engine.add_render_rule("table_close", _table_close)
    return engine


def _admitted(url: str) -> bool:
    """Addresses that may stand in a link or an image; all others stay the text they were written as."""
    url = url.strip()
    if file_references.OPENS.match(url) or url.lower().startswith("data:image/"):
        return True
    return not _SCHEME.match(url) or bool(_FILE.match(url))


def _deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if silent or state.level < DEEPEST:
        return False
    opened = state.push("paragraph_open", "p", 1)
    inline = state.push("inline", "", 0)
    opened.map = inline.map = [start, end]
    inline.content = state.getLines(start, end, state.blkIndent, False).strip()
    inline.children = []
    state.push("paragraph_close", "p", -1)
    state.line = end
    return True


def _sparing(rule: InlineRule) -> InlineRule:
    """A rule that gives up after many misses in one paragraph: each looks far ahead, and ``[[[[…`` would take minutes."""

    def spare(state: StateInline, silent: bool) -> bool:
        missed = state.cache.get(-1, 0)  # the parser's own keys are places, from 0 on
        if state.src[state.pos] not in "[!" or missed >= BRACKETS:
            return False
        found = rule(state, silent)
        if not found:
            state.cache[-1] = missed + 1
        return found

    return spare


def _address(state: StateInline, silent: bool) -> bool:
    """A bare http or https address becomes a link; what ends a sentence stays outside."""
    if state.linkLevel > 0 or state.src[state.pos] != ":":
        return False
    last = state.pending[-6:]  # of a long paragraph all of it is still pending
    scheme = next((s for s in ("https", "http") if last.lower().endswith(s)), "")
    if not scheme:
        return False
    before = last[: -len(scheme)][-1:]
    found = _ADDRESS.match(state.src, state.pos + 1, state.posMax)
    if before.isalnum() or found is None:
        return False
    rest = _trimmed(found[0])
    if len(rest) <= 2:
        return False
    if not silent:
        url = state.pending[-len(scheme) :] + ":" + rest
        state.pending = state.pending[: -len(scheme)]
        token = state.push("link_open", "a", 1)
        token.attrs = {"href": state.md.normalizeLink(url)}
        token.info = "auto"
        state.push("text", "", 0).content = url
        state.push("link_close", "a", -1)
    state.pos += 1 + len(rest)
    return True


def _trimmed(rest: str) -> str:
    closes = rest.count(")") - rest.count("(")  # how many more there are than were opened
    end = len(rest)
    while end:
        if rest[end - 1] == ")" and closes > 0:
            closes -= 1
        elif rest[end - 1] not in "?!.,:;*_~'|\\]}":
            break
        end -= 1
    return rest[:end]


def _tasks(state: StateCore) -> None:
    """``- [ ] text`` and ``- [x] text``: a sign instead of a form's checkbox, which a saved page would not keep."""
    tokens = state.tokens
    for item, inline in zip(tokens, tokens[2:], strict=False):
        if item.type != "list_item_open" or inline.type != "inline" or not inline.children:
            continue
        text = inline.children[0]
        task = _TASK.match(text.content) if text.type == "text" else None
        if task:
            text.content = ("☐ " if task[1] == " " else "☑ ") + text.content[task.end() :]
            item.attrSet("class", "cj-task")


def _links(state: StateCore) -> None:
    """Links to files become links of Jupyter or their text, images links. A cell's alignment, and that its numbers stay
    whole, become classes."""
    for token, following in itertools.zip_longest(state.tokens, state.tokens[1:]):
        if token.type == "inline" and token.children:
            token.children = file_references.settled(token.children, state.env.get("files"))
        elif token.type in ("th_open", "td_open"):
            style = str(token.attrs.pop("style", ""))
            if style.startswith("text-align:") and style != "text-align:left":
                token.attrJoin("class", f"cj-{style.removeprefix('text-align:')}")
            if following is not None and is_whole(following.content):
                token.attrJoin("class", "cj-whole")


def _text(_self: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    return unpaired(escape(tokens[index].content))


def _fence(_self: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    token = tokens[index]
    language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
    named = language.lower() if _NAME.fullmatch(language) else ""
    classes = f"cj-code cj-lang-{named}" if named else "cj-code"
    return f'<pre class="{classes}"><code>{highlight(token.content, language)}</code></pre>\n'


def _table_open(_self: Any, _tokens: Any, _index: int, _options: Any, _env: Any) -> str:
    return '<div class="cj-wide"><table>\n'


def _table_close(_self: Any, _tokens: Any, _index: int, _options: Any, _env: Any) -> str:
    return "</table></div>\n"
