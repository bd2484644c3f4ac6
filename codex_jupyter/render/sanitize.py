"""The second lock: whatever html was made from foreign text passes this allow-list before anyone places it.

The first lock is that the engines never produce anything else. No ids, no data attributes, no styles, no forms, no
images, classes with our prefix only; so no text can become a control, run, load or look like the page around it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import nh3

TAGS = frozenset(
    [
        "a",
        "b",
        "blockquote",
        "br",
        "code",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "span",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    ]
)
SCHEMES = frozenset({"http", "https", "mailto"})
#: MathJax 3 (JupyterLab) and MathJax 2 (nbconvert) look for these; everything else is marked as not theirs.
MATHS = "mathjax_process tex2jax_process"
NO_MATHS = "mathjax_ignore tex2jax_ignore"
_CLASS = re.compile(r"cj-[a-z0-9-]+|mathjax_process|tex2jax_process")
_ABSOLUTE = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
#: Below the notebook's folder or beside it (``core/file_links.py``): no scheme, no host, no root.
_FILE = re.compile(r"(?:\.\./)*[\w.~%-]+(?:/[\w.~%-]+)*(?:#line=\d{1,7})?", re.ASCII)
_START = re.compile(r"[0-9]{1,9}")


def fragment(html: str) -> str:
    """``html`` with everything removed that is not on the list; links open elsewhere, without opener.

    Example:
        >>> fragment('<p id=x class="cj-a b" onclick=y>hi<script>z</script></p>')
        '<p class="cj-a">hi</p>'
    """
    return _cleaner().clean(html)


@lru_cache(maxsize=1)
def _cleaner() -> nh3.Cleaner:
    import nh3

    return nh3.Cleaner(
        tags=set(TAGS),
        clean_content_tags={"script", "style", "template", "iframe", "math", "svg"},
        attributes={"*": {"class"}, "a": {"href", "title"}, "ol": {"start"}},
        attribute_filter=_attribute,
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        strip_comments=True,
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        kept = [each for each in value.split() if _CLASS.fullmatch(each)]
        return " ".join(kept) or None
    if name == "href":
        return value if _ABSOLUTE.match(value) or _FILE.fullmatch(value) else None
    if name == "start":
        return value if _START.fullmatch(value) else None
    return value
