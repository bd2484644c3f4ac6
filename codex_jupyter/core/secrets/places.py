r"""Secrets that are known by the place where they stand: the third word of a line of ``.netrc``, the end of one of
``.pgpass``, behind ``mysql -p``, between the tags of ``<password>``, in a pair of name and value, in a sentence that says
what the password is.

Each rule is a pattern that begins with a trigger and reaches a bounded number of characters, so that looking for all of them
is linear in the text, and so that a growing text has to be held from its last triggers only. Shapes of values are
``shapes.py``, values right behind a name ``assigned.py``.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from codex_jupyter.core.secrets.assigned import could_be
from codex_jupyter.core.secrets.names import (
    WORDS,
    named_secret,
    strength_in_text,
    words_of,
)

#: Longest value, and longest way from a trigger to it.
_MOST, _WAY = 400, 260
#: Characters before ``start`` that whoever grows a text keeps.
KEPT = 80
#: So far behind the beginning of its trigger a rule can still find something.
REACH = _MOST + _WAY + 80

_SHELL = re.compile(r"[\s;|&$<>()`]")
_PLAIN_WORD = re.compile(r"[A-Za-z_@*&.][A-Za-z_.-]*\Z|-")
_LAST = frozenset(["key", "keys", "pass"])
_METHODS = re.compile(
    r"(?i)(?:sha|md|utf|base|oauth|argon|pbkdf|aes|rsa|python|http|level|step|line|v)[-_]?\d\w*\Z"
)


def _named(match: re.Match[str], value: str) -> bool:
    """The name says that the value is a secret."""
    name = match["name"]
    telling = strength_in_text(name)
    if telling is None and name.isupper() and named_secret(name):
        telling = True
    quoted = match.string[match.start("value") - 1] in "\"'>"
    return telling is not None and could_be(value, telling, quoted=quoted)


def _named_block(match: re.Match[str], value: str) -> bool:
    """The name says so, and the value is all of the next line."""
    telling = strength_in_text(match["name"])
    return telling is not None and could_be(value, telling, quoted=True)


def _paired(match: re.Match[str], value: str) -> bool:
    """As ``_named``, where the value may be the next name of a list of names."""
    name = match["name"]
    last = words_of(name)[-1:]
    telling = bool(strength_in_text(name)) and last and (last[0] in WORDS or last[0] in _LAST)
    return bool(telling) and _mixed(match, value)


def _mixed(_: re.Match[str], value: str) -> bool:
    """It looks like something that was made up: no word, no number, no name of a method."""
    if _PLAIN_WORD.match(value) or _METHODS.match(value) or value.strip("\"'`*_.,:|-") == "":
        return False
    telling = any(c.isdigit() for c in value) or any(c in "!#%^&+=?~$" for c in value[1:-1])
    return telling and any(c.isalpha() for c in value) and could_be(value, True, quoted=True)


def _possible(_: re.Match[str], value: str) -> bool:
    return could_be(value, True, quoted=True)


def _login(_: re.Match[str], value: str) -> bool:
    """``user:password`` in base64, as Docker and npm keep it."""
    try:
        decoded = base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    return b":" in decoded[1:] and decoded.isascii() and decoded.decode().isprintable()


def _always(_: re.Match[str], value: str) -> bool:
    return bool(value)


class _Rule(NamedTuple):
    marks: tuple[str, ...]  # in lower case; one of them has to be in the text
    trigger: re.Pattern[str]  # what the pattern begins with
    pattern: re.Pattern[str]
    test: Callable[[re.Match[str], str], bool]
    alive: re.Pattern[
        str
    ]  # what may stand between a trigger and the end of a text that still grows


#: A line; some words; one word; some words, also on several lines; the next line.
_LINE = re.compile(rf"[^\n\r]{{0,{_WAY + _MOST}}}\Z")
_WORDS = re.compile(r"[^\n\r ]{0,400}(?: [^\n\r ]{0,400}){0,9}\Z")
_WORD = re.compile(r"[ \t|│┃:=：＝\"'`]{0,45}\n?[ \t]{0,20}[\"'`]?[^\s]{0,400}\Z")
_SPREAD = re.compile(r"[^\s]{0,400}(?:\s{1,60}[^\s]{0,400}){0,7}\Z")
_BLOCK = re.compile(r"[+-]?[ \t]{0,20}[^\n\r]{0,400}\Z")
_SENTENCE = re.compile(r"[^0-9\r]{0,260}\Z")


#: In a text within a text backslashes stand before them.
_QUOTE, _ANY = r"[\"']", r"[\"'`]"


def _rule(
    marks: str,
    trigger: str,
    rest: str,
    test: Callable[[re.Match[str], str], bool],
    alive: re.Pattern[str] = _LINE,
) -> _Rule:
    flags = re.IGNORECASE | re.MULTILINE
    trigger, rest = (
        part.replace(_QUOTE, rf"(?:\\{{0,7}}{_QUOTE})").replace(_ANY, rf"(?:\\{{0,7}}{_ANY})")
        for part in (trigger, rest)
    )
    return _Rule(
        tuple(marks.split(" ")),
        re.compile(trigger, flags),
        re.compile(trigger + rest, flags),
        test,
        alive,
    )


_WORDY = r"[^\s\"'`,;|<>(){}\[\]]"
_VALUE = rf"(?P<value>[^\s\"'`]{{1,{_MOST}}})"
_QUOTABLE = rf"(?:\\{{0,3}}'(?P<single>[^'\n\\]{{1,{_MOST}}})\\{{0,3}}'|\\{{0,3}}\"(?P<double>[^\"\n\\]{{1,{_MOST}}})\\{{0,3}}\"|(?P<plain>[^\s\"'`]{{1,{_MOST}}}))"
_NAME = r"(?P<name>[A-Za-z0-9_.-]{3,60})"


def _options(mark: str, program: str, option: str) -> _Rule:
    return _rule(mark, rf"\b{program}\b", rf"[^\n\r;|&]{{0,120}}?\s{option}{_QUOTABLE}", _possible)


RULES: tuple[_Rule, ...] = (
    # .netrc, also spread over lines
    _rule("machine", r"\bmachine[\s+]{1,20}(?=(?:[^\s.]{1,60}\.[^\s]{1,60}|localhost)\s)", r"[^\s]{1,100}[\s+]{1,20}(?:login|user)[\s+]{1,20}[^\s]{1,60}[\s+]{1,20}"
          rf"(?:account[\s+]{{1,20}}[^\s]{{1,40}}[\s+]{{1,20}})?password[\s+]{{1,20}}{_VALUE}", _possible, _SPREAD),
    _rule("machine", r"\bmachine[\s+]{1,20}(?=(?:[^\s.]{1,60}\.[^\s]{1,60}|localhost)\s)", rf"[^\s]{{1,100}}[\s+]{{1,20}}password[\s+]{{1,20}}{_VALUE}", _possible, _SPREAD),
    _rule("login", r"\blogin[\s+]{1,20}", rf"[^\s]{{1,60}}[\s+]{{1,20}}password[\s+]{{1,20}}{_VALUE}", _mixed, _SPREAD),
    # .pgpass: host:port:database:user:password
    _rule(":", r"(?:^[+-]?|(?<=\"|'))(?:\*|[a-z0-9][a-z0-9.-]{0,100}):(?:\*|\d{4,5}):", rf"[\w*.-]{{1,60}}:[\w*.@-]{{1,60}}:(?P<value>[^\s:/\"'][^\s\"']{{3,{_MOST}}})(?=[\"']?$|[\"'])",
          _possible),
    # Options of programs that take a password
    _options("mysql", r"mysql(?:dump|admin|import|sh)?", "(?-i:-p)(?=[^\\s-])"),
    _options("sshpass", "sshpass", r"-p[ \t]{0,4}"),
    _options("redis-cli", "redis-cli", r"-a[ \t]{1,4}"),
    _options("login", r"(?:docker|podman|helm|az|oc|skopeo|buildah|nerdctl)\s{1,4}(?:registry\s{1,4})?login", r"-p[ \t]{1,4}"),
    _options("openssl", "openssl", "pass:"),
    _options("keytool", "keytool", "-(?:store|key)pass[ \t]{1,4}"),
    _options("mongo", "mongo(?:sh|dump|restore|export|import)?", r"-p[ \t]{1,4}"),
    _options("smbclient", "smbclient", "-U[ \t]{0,4}[^\\s%]{1,60}%"),
    _options("setenv", "setenv(?=\\s{1,4}\\w{0,60}(?:pass|secret|token|key))", r"\w{3,60}[ \t]{1,4}"),
    _rule("sqlplus", r"\bsqlplus\b", rf"[^\n\r;|&]{{0,60}}?\s[\w$#]{{1,60}}/(?P<value>[^\s@/'\"]{{3,{_MOST}}})(?:@|\s|$)", _possible),
    _rule("jdbc:oracle", r"jdbc:oracle:\w{2,6}:", rf"[\w$#]{{1,60}}/(?P<value>[^\s@/'\"]{{3,{_MOST}}})@", _possible),
    _rule("curl", r"\bcurl\b", rf"[^\n\r;|&]{{0,180}}?\s(?:-u[ \t]{{0,4}}|--(?:proxy-)?user[ =])(?:\\{{0,3}}'[^'\s:]{{1,60}}:(?P<single>[^'\n\\]{{1,{_MOST}}})\\{{0,3}}'"
          rf"|\"[^\"\s:]{{1,60}}:(?P<double>[^\"\n]{{1,{_MOST}}})\"|[^\s\"':$]{{1,60}}:(?P<plain>[^\s\"'`]{{3,{_MOST}}}))", _possible),
    # Tags, and pairs of a name and a value
    _rule("pass secret token key pwd", r"<(?=[\w.:-]{0,60}(?:pass|secret|token|key|pwd))(?P<name>[a-z][\w.:-]{2,60})(?=[\s>])", rf"[^<>\n]{{0,120}}>(?P<value>[^<>\n]{{1,{_MOST}}})</", _named),
    _rule("value", rf"\b(?:name|key)\\?[\"']?[ \t]{{0,8}}[:=][ \t]{{0,8}}\\?[\"']?{_NAME}\\?[\"']?",
          rf"[,\s+]{{1,60}}\\?[\"']?(?:value|Value)\\?[\"']?[ \t]{{0,8}}[:=][ \t]{{0,8}}\\?[\"']?(?P<value>[^\s\"'<>,}}\\]{{1,{_MOST}}})", _named, _SPREAD),
    _rule("pass secret token key pwd", r"[\"'](?:--?)?(?=[A-Za-z0-9_-]{0,40}(?:pass|secret|token|key|pwd))(?P<name>[A-Za-z][A-Za-z0-9_-]{2,40})[\"'][ \t]{0,4},", rf"\s{{0,20}}[\"'](?P<value>[^\"'\s]{{4,{_MOST}}})[\"']", _paired, _WORD),
    _rule("pass", r"(?<![\w.-])(?P<name>[\w-]{0,30}pass(?:word|wd|phrase|code)[\w-]{0,20})(?:[ \t]{0,20}[|│┃][ \t]{0,20}|\t[ \t]{0,20}|[ \t]{2,20})",
          rf"(?P<value>{_WORDY}{{5,{_MOST}}})", _paired, _WORD),
    _rule("pass", r"(?<![\w.-])(?P<name>[\w-]{0,30}(?:pass(?:word|wd|phrase|code)|secret|token))[\"']?[ \t]{0,4}:[ \t]{0,4}[|>][+-]?[ \t]{0,4}\r?\n",
          rf"[+-]?[ \t]{{1,20}}(?P<value>[^\n\r]{{1,{_MOST}}})", _named_block, _BLOCK),
    # Code that signs in
    _rule("auth= auth( .login( usernamepassword", r"(?:\bauth=|BasicAuth|DigestAuth|\.login|UsernamePassword)\(", rf"\s{{0,20}}[\"'][^\"'\n]{{1,80}}[\"']\s{{0,4}},\s{{0,20}}"
          rf"(?:password\s{{0,2}}=\s{{0,2}})?(?P<quote>[\"'])(?P<value>[^\"'\n]{{1,{_MOST}}})(?P=quote)", _possible),
    _rule("ac", r"\bAC[0-9a-f]{32}\b", r"[\"']?[\s,:]{1,6}(?:auth_?token[\s=:]{1,4})?[\"']?(?P<value>[0-9a-f]{32})\b", _possible, _SPREAD),
    # Signed headers, and what is kept in base64
    _rule("digest", r"\bdigest[ \t]{1,4}(?=username=)", rf"(?P<value>[^\n\r]{{1,{_MOST}}})", _possible),
    _rule("auth", r"(?<![A-Za-z0-9])_?auth[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?", rf"(?P<value>[A-Za-z0-9+/]{{8,{_MOST}}}={{0,2}})(?![\w+/=.(-])", _login, _WORD),
    # What a sentence says
    _rule("pass", r"\bpass(?:word|phrase|code)\b", r"(?: (?:for|of|on|to) [\w@.'-]{1,40}(?: [\w@.'-]{1,40})?)? (?:is|was|to|as|changed to|set to)(?: now)?:?[ \t]{1,4}"
          rf"[\"'`*(]{{0,3}}(?P<value>{_WORDY}{{5,{_MOST}}})", _mixed, _WORDS),
    _rule("key", r"\b(?:api|secret|access|auth)[ -](?:key|token)\b", r"(?: (?:for|of|on|to) [\w@.'-]{1,40}(?: [\w@.'-]{1,40})?)? (?:is|was)(?: now)?:?[ \t]{1,4}"
          rf"[\"'`*(]{{0,3}}(?P<value>{_WORDY}{{5,{_MOST}}})", _mixed, _WORDS),
    # The words of a wallet
    _rule("mnemonic phrase", r"\b(?:mnemonic|(?:seed|recovery|secret)[ _-]phrase)\b", r"[\"']?(?: is)?[ \t]{0,4}[:=]?[ \t\n]{0,4}[\"'`]?(?P<value>(?:[a-z]{3,8}[ ,]{1,2}){11,23}[a-z]{3,8})",
          _always, _SENTENCE),
    # Other languages
    _rule("passwort kennwort wachtwoord passe contrase senha hasło parola пароль 密码 密碼 口令 パスワード 비밀번호",
          r"(?:passwort|kennwort|wachtwoord|mot de passe|contrase(?:ñ|n)a|senha|hasło|parola|пароль|密码|密碼|口令|パスワード|비밀번호)",
          r"[\"']?[ \t]{0,4}[:=：＝][ \t]{0,4}[\"'`]?(?P<value>[^\s\"'`,;(){}\[\]]{4,400})", _mixed, _WORD),
    _rule("＝", r"(?:password|passwd|secret|token)", rf"[ \t]{{0,4}}[：＝][ \t]{{0,4}}(?P<value>{_WORDY}{{4,{_MOST}}})", _mixed, _WORD),
)  # fmt: skip


def spans(text: str, start: int = 0, *, acts: bool = False) -> Iterator[tuple[int, int, int]]:
    """Where such secrets are, from ``start`` on: where their trigger begins, where the secret itself begins and ends.

    Args:
        text: any text.
        start: where to begin; a trigger may lie before it.
        acts: the text is a command or code that somebody is asked to allow: what a shell would run is not hidden.

    Example:
        >>> text = "machine api.example login ada password correcthorse"
        >>> [text[a:b] for _, a, b in spans(text)]
        ['correcthorse']
    """
    lowered = text.lower()
    for rule in RULES:
        if not any(mark in lowered for mark in rule.marks):
            continue
        at = _first(start)
        while (match := rule.pattern.search(text, at)) is not None:
            at = max(rule.trigger.match(text, match.start()).end(), match.start() + 1)  # type: ignore[union-attr]
            begin, end = _value_in(match)
            if begin < start:
                continue
            if acts and (cut := _SHELL.search(text, begin, end)) is not None:
                end = cut.start()
            if (
                end > begin
                and "[hidden]" not in text[begin:end]
                and rule.test(match, text[begin:end])
            ):
                yield match.start(), begin, end
                at = max(at, end)


def open_from(text: str, start: int = 0) -> int:
    """From where on a growing text has to be held, as one of its triggers may still bring a secret; else its length."""
    end = held = len(text)
    near = max(_first(start), end - REACH)
    lowered = text[near:].lower()
    for rule in RULES:
        if not any(mark in lowered for mark in rule.marks):
            continue
        for match in rule.trigger.finditer(text, near):
            if match.start() >= held:
                break
            if rule.alive.match(text, match.end()):
                held = min(held, max(start, match.start()))
                break
    return held


def _first(start: int) -> int:
    """What stands before the first of the characters that were kept of what was given out is not known."""
    return 0 if start < KEPT else 1


def _value_in(match: re.Match[str]) -> tuple[int, int]:
    """Where the value is, whichever way of quoting it has."""
    for name in ("single", "double", "plain", "value"):
        if name in match.re.groupindex and match[name] is not None:
            return match.span(name)
    raise AssertionError(match.re.pattern)
