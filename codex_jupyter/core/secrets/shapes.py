"""What keys, tokens and passwords look like wherever they stand: the shapes of values. Names are ``names.py``.

Every shape fails within a bounded number of steps from where it may begin and takes what it matches whole, so that looking
for all of them is linear in the text. A text is looked through only when it has a mark of a shape in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

#: Longest key that is taken for one.
_MOST = 8_000
#: So near to the end of a growing text a private key may go on: a gap, the last line, the line that ends it.
_NEAR = 250

#: (what of, marks of which one has to be there, what it looks like)
_KEYS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("Anthropic, OpenAI, Stripe and their like", ("sk-", "sk_", "rk-", "rk_", "sess-", "sess_", "pk_", "pk-"),
     r"(?P<guess>(?:sk|rk|sess|pk)[-_](?=[A-Za-z_-]{0,60}\d)[A-Za-z0-9_-]{8,}+)"),
    ("GitHub", ("gh", "github_pat_"), r"gh[pousr]_[A-Za-z0-9]{20,255}+ | github_pat_[A-Za-z0-9_]{20,255}+"),
    ("GitLab", ("gl",), r"gl(?:pat|dt|rt|cbt|ptt|soat|ft|imt|agent)-[A-Za-z0-9_.-]{16,300}+"),
    ("Slack", ("xox", "xapp-"), r"xox[abceoprs]-[A-Za-z0-9-]{10,300}+ | xapp-[A-Za-z0-9-]{10,300}+"),
    ("AWS", ("AKIA", "ASIA", "ABIA", "ACCA"), r"(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}(?![0-9A-Za-z])"),
    ("Google", ("AIza", "ya29.", "GOCSPX-", "1//0"),
     rf"AIza[0-9A-Za-z_-]{{30,100}}+ | ya29\.[0-9A-Za-z_-]{{20,{_MOST}}}+ | GOCSPX-[A-Za-z0-9_-]{{20,80}}+"
     r" | 1//0[A-Za-z0-9_-]{30,300}+"),
    ("Azure", ("Q~",), r"[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,40}+"),
    ("Hugging Face", ("hf_", "api_org_"), r"(?:hf|api_org)_[A-Za-z0-9]{20,100}+"),
    ("package registries", ("npm_", "pypi-", "rubygems_", "dckr_pat_"),
     r"npm_[A-Za-z0-9]{20,100}+ | pypi-[A-Za-z0-9_-]{20,400}+ | rubygems_[a-f0-9]{32,64}+"
     r" | dckr_pat_[A-Za-z0-9_-]{20,100}+"),
    ("webhooks", ("whsec_", "hooks.slack.com/", "/api/webhooks/"),
     r"whsec_[A-Za-z0-9+/=]{16,100}+ | hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_-]{16,200}+"
     r" | discord(?:app)?\.com/api/webhooks/\d{6,30}/[A-Za-z0-9_-]{20,200}+"),
    ("mail", ("SG.", "key-"), r"SG\.[A-Za-z0-9_-]{16,80}+\.[A-Za-z0-9_-]{16,80}+ | key-[0-9a-f]{32}(?![0-9A-Za-z])"),
    ("clouds and databases", ("do", "dapi", "hvs.", "hvb.", "tskey-", "sbp_", "dp."),
     r"do[opr]_v1_[a-f0-9]{20,100}+ | dapi[0-9a-f]{32}(?:-\d)?(?![0-9A-Za-z]) | hv[sb]\.[A-Za-z0-9_-]{24,300}+"
     r" | tskey-[a-z]{2,12}-[A-Za-z0-9-]{16,100}+ | sbp_[0-9a-f]{40} | dp\.(?:pt|st|ct|sa)\.[A-Za-z0-9]{30,100}+"),
    ("shops", ("shp", "sq0"), r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32} | sq0(?:atp|csp)-[A-Za-z0-9_-]{22,60}+"),
    ("models", ("gsk_", "xai-", "pplx-", "nvapi-", "lsv2_", "r8_", "tvly-"),
     r"gsk_[A-Za-z0-9]{30,100}+ | xai-[A-Za-z0-9]{40,120}+ | pplx-[A-Za-z0-9]{30,100}+ | nvapi-[A-Za-z0-9_-]{40,120}+"
     r" | lsv2_(?:pt|sk)_[A-Za-z0-9_]{20,120}+ | r8_[A-Za-z0-9]{30,60}+ | tvly-[A-Za-z0-9-]{20,80}+"),
    ("work", ("ATATT3", "lin_api_", "ntn_", "secret_", "PMAK-", "sntrys_"),
     r"ATATT3[A-Za-z0-9_=-]{40,400}+ | lin_api_[A-Za-z0-9]{30,80}+ | ntn_[A-Za-z0-9]{30,80}+ | secret_[A-Za-z0-9]{43}"
     r" | PMAK-[A-Za-z0-9-]{40,80}+ | sntrys_[A-Za-z0-9_=+/]{30,300}+"),
    ("Telegram", (":AA",), r"\d{8,10}:AA[A-Za-z0-9_-]{32,36}+"),
    ("age", ("AGE-SECRET-KEY-1",), r"AGE-SECRET-KEY-1[0-9A-Z]{50,64}+"),
    ("JSON web tokens", ("eyJ",), r"eyJ[A-Za-z0-9_-]{10,1000}+\.[A-Za-z0-9_-]{6,}+(?:\.[A-Za-z0-9_-]*+)?"),
)  # fmt: skip

_KEY_MARKS = tuple(mark for _, marks, _ in _KEYS for mark in marks)
#: No letter or digit before it; what JSON writes for a line's end ends in a letter.
_START = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))"
_KEY = re.compile(_START + "(?:" + " | ".join(shape for _, _, shape in _KEYS) + ")", re.VERBOSE)

#: ``scheme://user:password@host``; a variable or a placeholder in the place of the password is none.
_URL = re.compile(
    r"://[^\s/:@'\"`<>\\]{0,200}+:(?P<value>(?![$%{<*\[])[^\s/@'\"`<>\\|;&$]{1,1000}+)(?=@)"
)
#: ``Authorization: Bearer ...`` and the like, also without the name of the header.
_SCHEME = re.compile(
    r"(?:(?<=[Bb]earer )|(?<=BEARER )|(?<=[Bb]asic )|(?<=BASIC ))"
    r"(?=[A-Za-z._~+/-]{0,60}[0-9=])[A-Za-z0-9._~+/-]{8,}+={0,2}"
)
#: ``curl -u user:password``
_USER = r"(?:(?<=\s-u )|(?<=\s--user )|(?<=--user=)|(?<=--proxy-user ))[\"']?"
_LOGIN = re.compile(
    _USER + r"[^\s:\"'$`]{1,100}+:"
    r"(?P<value>(?=[^\s\"'`]{0,60}\d)(?=[^\s\"'`]{0,60}[A-Za-z])[^\s\"'`;|&$<>]{4,200}+)"
)

_BEGIN = r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
#: Between the lines of a key: line ends, also as JSON writes them, indentation, the marks of diffs and of numbered lines.
_GAP = r"(?:\\[nrt]|[\s\"',|>]|(?<=[\n\r])(?:\+|-(?!-{4}[^-]))|(?<![A-Za-z0-9+/=])\d{1,5}(?=[\t:| ]):?){1,40}"
#: A private key with all its lines; one that breaks off, as far as it goes.
_PEM = re.compile(
    rf"{_BEGIN}(?:{_GAP}(?:[A-Za-z-]{{3,20}}:[^\n\r\\]{{0,200}}+|[A-Za-z0-9+/=]{{16,20000}}+|=[A-Za-z0-9+/]{{4}}))"
    rf"{{0,600}}(?:{_GAP}(?:[A-Za-z0-9+/=]{{1,16}}+{_GAP})?-----END [A-Z0-9 ]{{0,40}}PRIVATE KEY(?: BLOCK)?-----)?"
)

#: What may still become one of these when more text comes: where it begins.
_OPEN_LOGIN = re.compile(_USER + r"[^\s\"'`]*+\Z")
_OPEN_PEM = re.compile(r"-----BEGIN[A-Z0-9 ]{0,60}+-{0,5}+\Z")


def spans(text: str, start: int = 0) -> Iterator[tuple[int, int, int]]:
    """Where the text holds something shaped like a key, a token or a password in an address, from ``start`` on: where what
    it is recognised by begins, where the secret itself begins and ends."""
    if any(mark in text for mark in _KEY_MARKS):
        for match in _KEY.finditer(text, start):
            if match["guess"] is None or _like_a_key(match["guess"]):
                yield match.start(), *match.span()
    if "://" in text:
        for match in _URL.finditer(text, start):
            yield match.start(), *match.span("value")
    if "PRIVATE KEY" in text:
        for match in _PEM.finditer(text, start):
            yield match.start(), *match.span()
    lowered = text.lower()
    if "bearer" in lowered or "basic" in lowered:
        for match in _SCHEME.finditer(text, start):
            yield match.start(), *match.span()
    if "-u" in text:
        for match in _LOGIN.finditer(text, start):
            yield match.start(), *match.span("value")


def open_from(text: str, start: int = 0) -> int:
    """Where something begins at the end of a growing text that may still become a secret; the length when nothing does.

    What consists of the characters of keys alone is not looked for: whoever grows a text holds its last word back.
    """
    end = len(text)
    line = max(text.rfind("\n", start), text.rfind("\r", start)) + 1
    found = _OPEN_LOGIN.search(text, max(start, line, end - _MOST)) if "-u" in text else None
    held = found.start() if found else end
    if "-----BEGIN" in text:
        at = text.rfind("-----BEGIN", start)
        if at >= 0:
            pem = _PEM.match(text, at)
            if _OPEN_PEM.match(text, at) or (
                pem and pem.end() >= end - _NEAR and not _ended(pem[0])
            ):
                held = min(held, at)
    return held


def _ended(pem: str) -> bool:
    return "-----END" in pem and pem.endswith("-----")


def _like_a_key(text: str) -> bool:
    """``sk-proj-abcdefghij0123456789``, and not ``sk-learn-contrib-2024``: a part of it is long and has a digit."""
    return len(text) >= 40 or any(
        len(part) >= 10 and any(c.isdigit() for c in part) for part in re.split("[-_]", text)
    )


def key_shaped(text: str) -> bool:
    """Whether a text holds something shaped like the key or the token of a service.

    Example:
        >>> key_shaped("login sk-proj-0123456789"), key_shaped("sk-learn"), key_shaped("http://ada:hunter2@db")
        (True, False, False)
    """
    return any(
        match["guess"] is None or _like_a_key(match["guess"]) for match in _KEY.finditer(text)
    )


def secret_value(value: str) -> bool:
    """Whether a text holds something shaped like a key, a token or a password in an address.

    Example:
        >>> secret_value("ghp_" + "a1" * 15), secret_value("postgres://ada:hunter22@db/x"), secret_value("sk-learn")
        (True, True, False)
    """
    return next(spans(value), None) is not None
