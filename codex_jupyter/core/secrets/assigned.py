"""Values that stand behind a telling name: ``password = "..."``, ``"token": "..."``, ``DB_PASSWORD=...``, ``--api-key ...``.

Names are ``names.py``. Here is where such a value begins and ends, and which values are none: calls, variables, types,
placeholders, plain words where the name does not say otherwise. Linear: from a name at most some thousand characters are
looked at, and none twice for the same kind of quote.

Possessive repetition stands behind single characters only: of groups, Python 3.11.2 (Debian 12's own) gets it wrong. What
a group repeats is written so that no text can be read in two ways, and giving back finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codex_jupyter.core.secrets.names import named_secret, strength_in_text, telling_name

#: Beginnings of words that tell of a secret; whether the whole name does is asked afterwards.
_STEMS = (
    *("pass", "pwd", "secret", "token", "key", "cred", "cookie", "dsn", "bearer", "jwt", "webhook", "authorization"),
    *("auth", "otp", "conn", "url", "sig"),
)  # fmt: skip
_IDENTIFIER = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
#: Longest part of a name before and behind its stem, and longest value.
_SIDE, _MOST = 60, 4_000
#: Characters of a value that decide whether it can be a secret.
_DECIDES = 200

_STEM = re.compile(rf"(?i:{'|'.join(_STEMS)})[A-Za-z0-9_.-]{{0,{_SIDE}}}+")
_BEHIND = re.compile(
    r"(?:\\{0,3}[\"'`])?\]?(?P<gap>[ \t]{0,20}+)(?P<sign>=>|:=|[=!]={0,2}+|:(?![:/]))?[ \t]{0,20}+"
)
#: All that may come between a name and its value, and nothing after it yet.
_OPEN_BEHIND = re.compile(
    r"(?:\\{0,3}[\"'`]?)\]?[ \t]{0,20}+[=!:]{0,3}+>?[ \t]{0,20}+(?:[A-Za-z]{0,2}\\{0,3})\Z"
)
_QUOTED = re.compile(
    rf"(?P<quote>\\{{0,3}}[\"'`])(?P<value>(?:(?!(?P=quote))(?:\\.|[^\n\r\\])){{0,{_MOST}}})(?P=quote)"
)
_OPENS_QUOTE = re.compile(r"[A-Za-z]{0,2}\\{0,3}[\"'`]")
_PREFIX = re.compile(
    r"(?:\([ \t\n]{0,20}(?=[rbfuRBFU]{0,2}\\{0,3}[\"']))?(?:[rbfuRBFU]{1,2}(?=[\"']))?"
)
_OPEN_PREFIX = re.compile(
    r"(?:\([ \t\n]{0,20}[rbfuRBFU]{0,2}\\{0,3}|[rbfuRBFU]{0,2}(?:(?:\\{0,3}\"){1,2}|(?:\\{0,3}'){1,2})\\{0,3})\Z"
)
#: A string over several lines.
_TRIPLE = re.compile(
    r"(?P<quote>(?:\\{0,3}\"){3}|(?:\\{0,3}'){3})(?P<value>[\s\S]{1,400}?)(?P=quote)"
)
_OPENS_TRIPLE = re.compile(r"(?:\\{0,3}\"){3}|(?:\\{0,3}'){3}")
#: ``PWD={...};``, as ODBC has it.
_BRACED = re.compile(r"\{(?P<value>[^{}\s\"']{3,200})\}(?=[;\"'\s]|\Z)")
_OPEN_BRACED = re.compile(r"\{[^{}\s\"']{0,200}\}?\Z")
_SCHEME = re.compile(r"(?i:bearer|basic|token|digest|apikey|negotiate)[ \t]{1,4}+")
_CHARACTER = r"[^\s\"'`,;&|<>(){}\[\]$\\]"
_PLAIN = re.compile(rf"{_CHARACTER}{{1,{_MOST}}}+")
_REST = re.compile(rf"{_CHARACTER}*+")
#: More plain words up to the line's end: ``DB_PASSWORD=correct horse``.
_WORDS = re.compile(r"(?: [A-Za-z0-9!?,_']{1,40}+){0,20}")
#: ``a=b; c=d`` behind the name of a header.
_COOKIES = re.compile(
    r"[A-Za-z0-9_.%-]{1,80}+=[^\s;,\"'`|&$<>()]{4,4000}+(?:; {0,2}[A-Za-z0-9_.%-]{1,80}+=[^\s;,\"'`|&$<>()]{1,4000}+){0,60}"
)
_OPEN_COOKIES = re.compile(r"[A-Za-z0-9_.%-]{0,80}+(?:=[^\s;,\"'`|&$<>()]{0,3}+)?\Z")
_OPEN_MORE_COOKIES = re.compile(r"(?:; {0,2}[A-Za-z0-9_.%-]{0,80}+=?)?\Z")
_LINE_START = re.compile(r"(?:\A|[\n\r]|\\n)(?:export |set |declare -x |[ \t]{0,8}- )?\Z")

_SETTING = frozenset(
    [
        "0",
        "1",
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "none",
        "null",
        "nil",
        "undefined",
        "auto",
        "default",
        "enabled",
        "disabled",
        "required",
        "optional",
        "always",
        "never",
        "str",
        "string",
        "bytes",
        "int",
        "integer",
        "float",
        "bool",
        "boolean",
        "number",
        "text",
        "any",
        "object",
        "unknown",
        "void",
        "self",
        "cls",
        "pass",
        "todo",
        "tbd",
        "example",
        "changeme",
        "hidden",
        "redacted",
        "removed",
        "masked",
        "missing",
        "empty",
        "unset",
        "secret",
        "password",
        "token",
        "key",
        "value",
        "your_password",
        "basic",
        "bearer",
        "digest",
        "header",
        "headers",
        "cookie",
        "sensitive",
        "write-only",
    ]
)
_PLACEHOLDER = re.compile(
    r"(?i)\A(?:<[^>]*>?|\[[^\]]*\]?|\{[^}]*\}?|\$.*|%.*|x{3,}|\*+|\.{2,}|…+|_+|-+|#.*|your[-_ ].*|my[-_]?(?:password|secret|token|key)"
    r"|.*\$\{.*|.*\{\{.*|.*\$\(.*|.*[({][\w.]+[)}].*|\w+\(.*|os\.environ.*|env\[.*|process\.env.*)\Z",
    re.DOTALL,
)
_NAME = re.compile(r"[A-Za-z_@*&.][A-Za-z_.-]*\Z")
_NAME_WITH_DIGITS = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+\Z")
_ADDRESS = re.compile(r"(?i)\A[a-z][a-z0-9+.-]*://[^\s@?#]*\Z")
_PLACE = re.compile(r"\A(?:~|\.{0,2}/|[A-Za-z]:[\\/])")

#: What is between a name and the end of a growing text, when its value may still come.
OPEN = -1


def spans(text: str, start: int = 0, *, acts: bool = False) -> Iterator[tuple[int, int, int]]:
    """Where values of telling names stand, from ``start`` on: where the name begins, where its value begins and ends.

    Args:
        text: any text.
        start: where to begin; what lies before is looked at, but nothing there is found.
        acts: the text is a command or code that somebody is asked to allow: no value goes beyond its first word, so that
            nothing that would run is hidden.
    """
    return _values(text, start, acts, final=True)


def open_from(text: str, start: int = 0, *, acts: bool = False) -> int:
    """Where the first name begins whose value may still come or go on, at the end of a growing text; else its length."""
    for name, _, end in _values(text, start, acts, final=False):
        if end == OPEN:
            return name
    return len(text)


def has_stem(text: str) -> bool:
    """Whether there is a word in the text that a telling name could have."""
    lowered = text.lower()
    return any(stem in lowered for stem in _STEMS)


def _values(text: str, start: int, acts: bool, *, final: bool) -> Iterator[tuple[int, int, int]]:
    if not has_stem(text):
        return
    at = start
    while (match := _STEM.search(text, at)) is not None:
        at = max(match.end(), match.start() + 1)
        first = _beginning(text, match.start())
        name = text[first : match.end()].rstrip(".-")
        behind = _BEHIND.match(text, match.end())
        assert behind is not None  # it matches nothing, too
        value = behind.end()
        if not final and _OPEN_BEHIND.match(text, match.end()):
            yield first, first, OPEN
            return
        sign = behind["sign"]
        option = sign is None and bool(behind["gap"]) and text[first - 2 : first] == "--"
        if name[:2] == "--":
            option, name = sign is None and bool(behind["gap"]), name[2:]
        if sign is None and not option:
            continue
        telling = _telling(text, first, name)
        if telling is None:
            continue
        found = _value(text, name, first, value, telling, acts, sign, final)
        if found is None:
            continue
        if isinstance(found, int):
            yield first, first, OPEN
            return
        for begin, end in found:
            yield first, begin, end
        at = max(at, found[-1][1])


def _beginning(text: str, at: int) -> int:
    """Where the name begins that has its stem at ``at``; what JSON writes for a line's end is no part of it."""
    window = text[max(0, at - _SIDE) : at]
    first = at - (len(window) - len(window.rstrip(_IDENTIFIER)))
    while first < at and text[first] in ".-" and text[first : first + 2] != "--":
        first += 1
    if first < at and text[first] in "nrt" and first and text[first - 1] == "\\":
        first += 1
    return first


def _telling(text: str, first: int, name: str) -> bool | None:
    if name.lower().endswith(("sig", "signature")):  # of a signed address, or of a signed request
        signed = text[first - 1 : first] in ("?", "&", ";")
        return True if signed or (name == "Signature" and text[first - 2 : first] == ", ") else None
    if name in ("PWD", "OLDPWD") and text[first - 1 : first] != ";":
        return None
    telling = strength_in_text(name)
    # ``AUTH_X=``, ``*_PASS=`` and the like are what only variables are called.
    variable = name.isupper() and text[first + len(name) : first + len(name) + 1] == "="
    if telling is None and variable and named_secret(name):
        return telling_name(name) and not name.endswith(("_URL", "_URI"))
    return telling


def _value(
    text: str,
    name: str,
    first: int,
    at: int,
    telling: bool,
    acts: bool,
    sign: str | None,
    final: bool,
) -> list[tuple[int, int]] | int | None:
    """The values of a name from ``at`` on as a list of (start, end), ``OPEN``, or None: there is none."""
    length = len(text)
    if "cookie" in name.lower() and sign is not None:
        return _cookies(text, at, final)
    if not final and _OPEN_PREFIX.match(text, at):
        return OPEN
    if sign == "=" and text[at : at + 1] == "{":
        return _braced(text, first, at, telling, acts, final)
    at = _PREFIX.match(text, at).end()  # type: ignore[union-attr]
    if _OPENS_TRIPLE.match(text, at):
        triple = _TRIPLE.match(text, at)
        if triple is None:
            return OPEN if not final and length - at < 410 else None
        return [triple.span("value")] if could_be(triple["value"], telling, quoted=True) else None
    quoted = _QUOTED.match(text, at)
    if quoted is not None:
        value = quoted["value"]
        if quoted["quote"][-1] == "`" and (acts or " " in value):  # a command in a shell
            return None
        behind = text[quoted.end() : quoted.end() + 1]
        if not could_be(value, telling, quoted=True) or behind in ("[", "("):
            return None
        begin, end = quoted.span("value")
        scheme = _SCHEME.match(value)
        begin += scheme.end() if scheme else 0
        return [(begin, end)] if end > begin else None
    opens = _OPENS_QUOTE.match(text, at)
    if opens is not None:
        if not final and length - at < _MOST and not _ends_line(text, at):
            return OPEN
        at = opens.end()
    scheme = _SCHEME.match(text, at)
    if scheme is not None:
        if not final and scheme.end() == length:
            return OPEN
        if _PLAIN.match(text, scheme.end()):
            at = scheme.end()
    plain = _PLAIN.match(text, at)
    if plain is None:
        return None
    end = plain.end()
    if not final and end == length and end - at < _MOST:
        return OPEN
    tight = (
        sign == "="
        and text[at - 1 : at] == "="
        and text[first + len(name) : first + len(name) + 1] == "="
    )
    variable = tight and name.replace(".", "_").isupper()
    value = plain[0].rstrip(".:!?") if not variable else plain[0]
    if variable and not acts and _LINE_START.search(text[max(0, first - 16) : first]):
        words = _WORDS.match(text, end)
        assert words is not None
        if not final and text[words.end() :] in ("", " "):
            return OPEN
        if text[words.end() : words.end() + 1] in ("", "\n", "\r"):
            end = words.end()
            value = text[at:end]
    if text[end : end + 1] in ("(", "[", "{") and not variable:
        return None
    # ``?token=...&``, ``Password=...;``
    parameter = sign == "=" and (
        text[first - 1 : first] in tuple("?&;") or text[end : end + 1] == ";"
    )
    if scheme is None and not could_be(value, telling, quoted=parameter, variable=variable):
        return (
            [(end, end)] if len(value) > 5 * _DECIDES else None
        )  # what is in so long a one is not looked at again
    if len(value) == _MOST:  # decided by its beginning, hidden to its end
        return [(at, _REST.match(text, end).end())]  # type: ignore[union-attr]
    return [(at, at + len(value))]


def _braced(
    text: str, first: int, at: int, telling: bool, acts: bool, final: bool
) -> list[tuple[int, int]] | int | None:
    """``PWD={...};``; what is in braces in a template or in code is the name of something."""
    if not final and _OPEN_BRACED.match(text, at):
        return OPEN
    braced = _BRACED.match(text, at)
    if braced is None:
        return None
    listed = text[first - 1 : first] == ";" or text[braced.end() : braced.end() + 1] == ";"
    if acts or not listed or not could_be(braced["value"], telling, quoted=False):
        return None
    return [braced.span("value")]


def _cookies(text: str, at: int, final: bool) -> list[tuple[int, int]] | int | None:
    """``Cookie: a=b; c=d``: all of its pairs."""
    opens = _OPENS_QUOTE.match(text, at)
    at = opens.end() if opens else at
    pairs = _COOKIES.match(text, at)
    if not final and (
        _OPEN_MORE_COOKIES.match(text, pairs.end()) if pairs else _OPEN_COOKIES.match(text, at)
    ):
        return OPEN
    return [pairs.span()] if pairs else None


def _ends_line(text: str, at: int) -> bool:
    return "\n" in text[at : at + _MOST] or "\r" in text[at : at + _MOST]


def could_be(value: str, telling: bool, *, quoted: bool, variable: bool = False) -> bool:
    """Whether this can be the value of a secret.

    Args:
        value: without its quotes.
        telling: the name says that whatever this is, it is a secret.
        quoted: it is a string; otherwise it may be anything that code or settings have behind a name.
        variable: it stands behind ``NAME=``, as in an environment file.

    Example:
        >>> could_be("hunter2", True, quoted=False), could_be("getpass", True, quoted=False)
        (True, False)
    """
    value = value[:_DECIDES].strip()
    if not value or "[hidden]" in value or value.lower() in _SETTING or _PLACEHOLDER.match(value):
        return False
    if quoted and value.count(" ") > 5:  # a sentence about it
        return False
    if telling:
        if quoted or variable:
            return len(value) >= (3 if quoted else 1)
        if _NAME.match(value) or _NAME_WITH_DIGITS.match(value):
            return False
        return len(value) >= 4
    if _ADDRESS.match(value) or _PLACE.match(value) or (" " in value and not quoted):
        return False
    digits = sum(c.isdigit() for c in value)
    words = all(c.isalpha() or c in "_- " for c in value)
    if words and not (variable and len(value) >= 16):
        return len(value) >= 24 and not _NAME.match(value)
    if digits == len(value.replace(".", "").replace("-", "")):
        return digits >= 6 and (quoted or variable)
    if not quoted and not variable and (_NAME_WITH_DIGITS.match(value) or len(value) < 6):
        return False
    return (bool(digits) and len(value) >= 4) or len(value) >= 16
