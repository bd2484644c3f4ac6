"""Html read back by a real parser, and what a transcript may contain at all."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from codex_jupyter.render import style_sheet

VOID = {"input", "img", "br", "hr"}
TAGS = {
    *[
        "a",
        "b",
        "blockquote",
        "br",
        "code",
        "del",
        "details",
        "div",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "span",
        "strong",
    ],
    *["summary", "table", "tbody", "td", "th", "thead", "tr", "ul"],
}
CONTROLS = {"button", "fieldset", "form", "input", "label", "legend", "template"}
ATTRIBUTES = {
    "a": {"href", "title", "target", "rel"},
    "ol": {"start"},
    "img": {"src", "alt"},
    "details": {"open"},
    "div": {"role", "aria-label", "title"},
    "li": {"aria-label"},
    "span": {"title", "aria-hidden"},
}
#: Our own attributes on our own elements, in live html only.
LIVE = re.compile(
    r"data-cj-[a-z]+(-[a-z]+)?|type|name|value|checked|required|step|placeholder|autocomplete|spellcheck|"
    r"method|role|aria-label|aria-keyshortcuts|aria-expanded|aria-hidden|title|hidden"
)
#: What MathJax would begin or end a formula with; where it never looks; where a formula is meant.
MARK = re.compile(r"\$|\\[(\[]|\\begin\{")
UNREAD = {"pre", "code", "template"}
MATHS = "cj-math"
CLASS = re.compile(r"cj|cj-[a-z0-9-]+|mathjax_(ignore|process)|tex2jax_(ignore|process)")


@dataclass
class Page(HTMLParser):
    """Collects what the parser found, and complains about everything that may not be there."""

    live: bool = False
    complaints: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    #: Of each open element, whether dollars in it are nobody's or maths.
    free: list[bool] = field(default_factory=lambda: [False])
    text: list[str] = field(default_factory=list)
    controls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    styles: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS and not (self.live and tag in CONTROLS):
            self.complaints.append(f"<{tag}>")
        for name, value in attrs:
            self._attribute(tag, name, value or "")
        if any(name.startswith("data-cj-") for name, _ in attrs):
            self.controls.append((tag, {n: v or "" for n, v in attrs}))
        if tag not in VOID:
            self.open.append(tag)
            named = dict(attrs).get("class") or ""
            self.free.append(self.free[-1] or tag in UNREAD or MATHS in named.split())

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name == "class":
            bad = [c for c in value.split() if not CLASS.fullmatch(c)]
            self.complaints += [f"class {c}" for c in bad]
        elif name == "style" and not self.live:
            self.styles.add(value)
        elif name == "href":
            if not re.match(r"(https?://|mailto:)", value, re.IGNORECASE):
                self.complaints.append(f"href {value!r}")
        elif name == "src":
            if not re.fullmatch(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+", value):
                self.complaints.append(f"src {value[:60]!r}")
        elif name == "tabindex":  # what scrolls can be scrolled by keys
            if not (self.live and value == "0" and tag in ("pre", "div")):
                self.complaints.append(f"{tag} {name}={value[:60]!r}")
        elif name not in ATTRIBUTES.get(tag, ()) and not (self.live and LIVE.fullmatch(name)):
            self.complaints.append(f"{tag} {name}={value[:60]!r}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.complaints.append(f"</{tag}> closes nothing")
        self.free = self.free[: len(self.open) + 1]

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if not self.free[-1] and len(data) > 1 and MARK.search(data):
            self.complaints.append(f"maths in {data[:60]!r}")

    def handle_comment(self, data: str) -> None:
        self.complaints.append(f"comment {data!r}")

    def handle_decl(self, decl: str) -> None:
        self.complaints.append(f"declaration {decl!r}")

    def unknown_decl(self, data: str) -> None:
        self.complaints.append(f"declaration {data!r}")

    def handle_pi(self, data: str) -> None:
        self.complaints.append(f"instruction {data!r}")


def read(html: str, *, live: bool = False) -> Page:
    """The page of ``html``; its complaints include elements that were left open."""
    page = Page(live=live)
    page.feed(html)
    page.close()
    page.complaints += [f"<{tag}> is not closed" for tag in page.open]
    return page


def text(html: str) -> str:
    """Only the text."""
    return "".join(read(html, live=True).text)


def without_sheet(saved: str) -> str:
    """Saved html without the one style sheet that it brings, which is ours."""
    found = re.fullmatch(r"<div><style>\n(.*?)\n</style>\n(.*)\n</div>", saved, re.DOTALL)
    assert found, saved[:200]
    sheet, rest = found.groups()
    assert sheet == style_sheet.of(rest)
    return rest
