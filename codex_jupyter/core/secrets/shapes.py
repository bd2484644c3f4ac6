"""What keys, tokens and passwords look like wherever they stand: the shapes of values. Names are ``names.py``.

Every shape fails within a bounded number of steps from where it may begin and takes what it matches whole, so that looking
for all of them is linear in the text. A text is looked through only when it has a mark of a shape in it.
"""

from __future__ import annotations

import itertools
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
    ("Slack", ("xox", "xapp-"), r"xox[abcdeoprs]-[A-Za-z0-9%+/=-]{10,400}+ | xoxe\.xox[bp]-[A-Za-z0-9-]{10,300}+ | xapp-[A-Za-z0-9-]{10,300}+"),
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
    ("Telegram", (":AA",), r"(?:bot)?\d{8,10}:AA[A-Za-z0-9_-]{32,36}+"),
    ("Twilio, Mailchimp, Brevo", ("SK", "-us", "xkeysib-"), r"SK[0-9a-f]{32}(?![0-9A-Za-z]) | [0-9a-f]{32}-us\d{1,2}(?![0-9A-Za-z])"
     r" | xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    ("Discord", ("M", "N", "O"), r"[MNO][A-Za-z0-9_-]{23,28}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,45}+"),
    ("Meta, Square, Firebase", ("EAA", "APA91b"), r"EAA[A-Za-z0-9_-]{40,400}+ | AAAA[A-Za-z0-9_-]{7}:APA91b[A-Za-z0-9_-]{20,300}+"),
    ("Yandex, Alibaba, Tencent", ("AQVN", "t1.", "LTAI", "AKID"), r"AQVN[A-Za-z0-9_-]{35,40}+ | t1\.[A-Za-z0-9_-]{20,100}+\.[A-Za-z0-9_-]{40,200}+"
     r" | LTAI[A-Za-z0-9]{16,24}+ | AKID[A-Za-z0-9]{30,40}+"),
    ("builds", ("glsa_", "CFPAT-", "pul-", "sntryu_", ".atlasv1.", "AKCp", "fm1", "fm2", "rnd_", "HRKU-", "NRAK-", "pscale_", "napi_", "pat"),
     r"glsa_[A-Za-z0-9]{32}_[a-fA-F0-9]{8} | CFPAT-[A-Za-z0-9_-]{30,60}+ | pul-[0-9a-f]{40} | sntryu_[a-f0-9]{40,80}+"
     r" | [A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{40,90}+ | AKCp[A-Za-z0-9]{50,90}+ | fm[12][ar]?_[A-Za-z0-9+/=]{20,2000}+"
     r" | rnd_[A-Za-z0-9]{28,40}+ | HRKU-[A-Za-z0-9_-]{30,70}+ | NRAK-[A-Z0-9]{27} | pscale_[a-z]{2,6}_[A-Za-z0-9_.-]{30,80}+"
     r" | napi_[a-z0-9]{40,80}+ | pat[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    ("more models", ("fw_", "tgp_v1_", "BSA", "A3-"), r"fw_[A-Za-z0-9]{22,60}+ | tgp_v1_[A-Za-z0-9_-]{30,80}+ | BSA(?=[A-Za-z_-]{0,20}\d)[A-Za-z0-9_-]{22,30}(?![\w-])"
     r" | A3-[A-Z0-9]{6}(?:-[A-Z0-9]{5,11}){3,5}"),
    ("webhooks of Microsoft and IFTTT", ("office.com/webhook", "/with/key/"), r"[\w.-]{0,60}office\.com/webhook(?:b2)?/[\w@/.-]{20,500}+"
     r" | with/key/[A-Za-z0-9_-]{20,80}+"),
    ("keys in base64", ("LS0tLS1CRUdJTi",), r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{0,30}?(?:UFJJVkFUR|BSSVZBVE|QUklWQVR)[A-Za-z0-9+/=]{16,20000}+"),
    ("whoever writes a word, a line and a key", ("_",), r"(?P<other>[A-Za-z][A-Za-z0-9]{1,9}_(?:[A-Za-z0-9]{1,8}_)?[A-Za-z0-9]{32,200}+)(?![\w-])"),
    ("age", ("AGE-SECRET-KEY-1",), r"AGE-SECRET-KEY-1[0-9A-Z]{50,64}+"),
    ("JSON web tokens", ("eyJ",), r"eyJ[A-Za-z0-9_-]{10,1000}+\.[A-Za-z0-9_-]{6,}+(?:\.[A-Za-z0-9_-]*+)?"),
)  # fmt: skip

_KEY_MARKS = tuple(mark for _, marks, _ in _KEYS for mark in marks)
#: No letter or digit before it; what JSON writes for a line's end ends in a letter.
_START = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))"
_KEY = re.compile(_START + "(?:" + " | ".join(shape for _, _, shape in _KEYS) + ")", re.VERBOSE)

#: ``scheme://user:password@host``; a variable or a placeholder in the place of the password is none.
_URL = re.compile(
    r"://[^\s/:@'\"`<>\\]{0,200}+:(?:(?P<value>(?![$%{<*\[])[^\s/@'\"`<>\\|;&$]{1,1000}+(?:@(?=[^\s/'\"`<>]{1,200}@)[^\s/@'\"`<>]{1,200}+){0,3})(?=@)"
    # one with a slash in it; what stands before the slash is no port
    r"|(?!\d{0,5}(?:[/?#]|\Z))(?P<slashed>(?![$%{<*\[])[^\s@'\"`<>\\|;&$]{1,200}+)(?=@[A-Za-z0-9]))"
)
#: ``scheme://token@host``
_USERS = re.compile(r"://(?=[A-Za-z_-]{0,60}\d)(?P<value>[A-Za-z0-9_-]{20,200}+)(?=@)")
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
_GAP = r"(?:\\[nrt]|[\s\"',|>]|(?<=[\n\r])(?:\+{1,3}|-(?!-{4}[^-]))|(?<![A-Za-z0-9+/=])\d{1,5}(?=[\t:| ]):?){1,40}"
#: A private key with all its lines; one that breaks off, as far as it goes.
_PEM = re.compile(
    rf"{_BEGIN}(?:[A-Za-z0-9+/]{{16,20000}}+={{0,2}})?(?:{_GAP}(?:[A-Za-z-]{{3,20}}:[^\n\r\\]{{0,200}}+|[A-Za-z0-9+/=]{{16,20000}}+|=[A-Za-z0-9+/]{{4}}))"
    rf"{{0,600}}(?:(?:{_GAP}(?:[A-Za-z0-9+/=]{{1,16}}+{_GAP})?)?-----END [A-Z0-9 ]{{0,40}}PRIVATE KEY(?: BLOCK)?-----)?"
)
#: The private lines of a key as PuTTY keeps it.
_PUTTY = re.compile(
    r"Private-Lines: \d{1,3}(?P<value>(?:\s{1,20}[+-]{0,2}[A-Za-z0-9/][A-Za-z0-9+/=]{0,63}+(?=\s|\Z)){1,200})"
)
_OPEN_PUTTY = re.compile(
    r"Private-Lines: ?(?:\d{1,3}(?:\s{1,20}[+-]{0,2}[A-Za-z0-9/][A-Za-z0-9+/=]{0,63}+){0,200}\s{0,20}[+-]{0,2})?\Z"
)

#: What may still become one of these when more text comes: where it begins.
_OPEN_LOGIN = re.compile(_USER + r"[^\s\"'`]*+\Z")
_OPEN_PEM = re.compile(r"-----BEGIN[A-Z0-9 ]{0,60}+-{0,5}+\Z")


def spans(text: str, start: int = 0) -> Iterator[tuple[int, int, int]]:
    """Where the text holds something shaped like a key, a token or a password in an address, from ``start`` on: where what
    it is recognised by begins, where the secret itself begins and ends."""
    if any(mark in text for mark in _KEY_MARKS):
        for match in _KEY.finditer(text, start):
            if _is_key(match):
                yield match.start(), *match.span()
    if "://" in text:
        for match in _USERS.finditer(text, start):
            yield match.start(), *match.span("value")
        for match in _URL.finditer(text, start):
            yield match.start(), *match.span("value" if match["value"] is not None else "slashed")
    if "Private-Lines" in text:
        for match in _PUTTY.finditer(text, start):
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
    if "Private-Lines" in text:
        at = text.rfind("Private-Lines", start)
        if at >= 0 and _OPEN_PUTTY.match(text, at):
            held = min(held, at)
    return held


def _ended(pem: str) -> bool:
    return "-----END" in pem and pem.endswith("-----")


def _is_key(match: re.Match[str]) -> bool:
    if match["other"] is not None:
        return _made_up(match["other"])
    return match["guess"] is None or _like_a_key(match["guess"])


def _made_up(text: str) -> bool:
    """Whether what stands behind the prefix has small and capital letters and digits all over; a hash and a name do not."""
    body = re.split("[_-]", text)[-1]
    kinds = ["d" if c.isdigit() else "u" if c.isupper() else "l" for c in body]
    changes = sum(a != b for a, b in itertools.pairwise(kinds))
    return min(map(kinds.count, "dul")) >= 3 and changes >= len(body) // 3


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
    return any(map(_is_key, _KEY.finditer(text)))


def secret_value(value: str) -> bool:
    """Whether a text holds something shaped like a key, a token or a password in an address.

    Example:
        >>> secret_value("ghp_" + "a1" * 15), secret_value("postgres://ada:hunter22@db/x"), secret_value("sk-learn")
        (True, True, False)
    """
    return next(spans(value), None) is not None
