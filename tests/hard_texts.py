"""Texts that are hard on whoever reads them, of any length: one row for each kind, by what might look too far or too often.

``HARD`` is read by the unit tests that count, and by ``scripts/linear.py``, which measures.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable

Maker = Callable[[int], str]


def _of(unit: str, before: str = "") -> Maker:
    """``unit`` again and again behind ``before``."""
    return lambda length: (before + unit * (max(0, length - len(before)) // len(unit) + 1))[:length]


def _nested(open_: str, inner: str, close: str) -> Maker:
    def make(length: int) -> str:
        depth = max(1, (length - len(inner)) // (len(open_) + len(close)))
        return open_ * depth + inner + close * depth

    return make


def _stairs(mark: str, most: int) -> Maker:
    """Lists within lists, each level deeper than the one before, and anew at the deepest."""
    steps = "".join(f"{'  ' * level}{mark} level {level}\n" for level in range(most))
    return _of(steps)


def _json_in_json(length: int) -> str:
    inner = json.dumps({"name": "value", "text": 'a "quoted" word', "n": [1, 2, 3]})
    for _ in range(4):
        inner = json.dumps({"inner": inner})
    return json.dumps([inner] * max(1, length // len(json.dumps(inner))))


def _base64_run(length: int) -> str:
    made = random.Random(7).randbytes(min(length, 400_000))
    return _of(base64.b64encode(made).decode())(length)


def _diff(length: int) -> str:
    hunk = "@@ -{0},3 +{0},3 @@\n same\n-old {0}\n+new {0}\n same\n"
    head = "diff --git a/f.py b/f.py\n--- a/f.py\n+++ b/f.py\n"
    made, size, at = [head], len(head), 1
    while size < length:
        made.append(hunk.format(at))
        size += len(made[-1])
        at += 10
    return "".join(made)[:length]


def _files(length: int) -> str:
    one = "diff --git a/{0}.py b/{0}.py\nnew file mode 100644\n--- /dev/null\n+++ b/{0}.py\n@@ -0,0 +1 @@\n+x\n"
    made, size, at = [], 0, 0
    while size < length:
        made.append(one.format(f"f{at}"))
        size += len(made[-1])
        at += 1
    return "".join(made)[:length]


def _wide_table(length: int) -> str:
    """One row of as many columns as fit, and its alignment."""
    columns = max(2, length // 12)
    return "|" + " a |" * columns + "\n|" + "---|" * columns + "\n|" + " b |" * columns + "\n"


#: What a terminal obeys.
TERMINAL: dict[str, Maker] = {
    "C1 string begins": _of("\x90"),
    "C1 strings of every kind": _of("\x90\x98\x9d\x9e\x9f"),
    "C1 string with text": _of("\x90a"),
    "C1 CSI": _of("\x9b31m"),
    "C1 CSI half": _of("\x9b"),
    "C1 OSC half": _of("\x9d8;;http://a"),
    "ESC": _of("\x1b"),
    "CSI half": _of("\x1b["),
    "CSI with many numbers": _of("1;", "\x1b["),
    "CSI numbers without end": _of("\x1b[1;2;3"),
    "OSC link half": _of("\x1b]8;;http://a"),
    "OSC link": _of("\x1b]8;;http://a\x1b\\a\x1b]8;;\x1b\\"),
    "OSC without end": _of("a", "\x1b]0;"),
    "DCS without end": _of("a\n", "\x1bP"),
    "DCS half": _of("\x1bPa"),
    "APC, SOS, PM": _of("\x1b_a\x1bXa\x1b^a"),
    "charset half": _of("\x1b("),
    "colours": _of("\x1b[31ma\x1b[0mb"),
    "colours, short lines": _of("\x1b[38;5;196ma\x1b[0m\n"),
    "carriage returns": _of("a\r"),
    "progress": _of("\r 10%|####      | 12/120 [00:01<00:11]"),
    "progress, many": _of("\r" + "a" * 5_000),
    "backspaces": _of("a\b"),
    "backspaces only": _of("\b"),
    "cursor up": _of("a\n\x1b[A"),
    "cursor up far": _of("\x1b[200A\n"),
    "cursor home": _of("a\x1b[H"),
    "cursor far right": _of("\x1b[2000Gx"),
    "cursor far right, lines": _of("\x1b[2000Gx\n"),
    "erase screen": _of("a\x1b[2J"),
    "erase screen, far down": _of("\x1b[2J\x1b[999;999Ha"),
    "erase above": _of("\n\x1b[1J"),
    "erase below": _of("\n\x1b[A\x1b[J"),
    "erase line": _of("\x1b[1Ka"),
    "delete characters": _of("a\r\x1b[P"),
    "insert lines": _of("\x1b[1000L"),
    "save and restore": _of("\x1b7\x1b8a"),
    "alternate screen": _of("\x1b[?1049ha\x1b[?1049l"),
    "form feeds": _of("\x0c\x0b"),
    "NUL": _of("\0"),
    "escapes as text": _of("\\x1b[31m\\u001b["),
    "unicode as text": _of("\\u0041"),
    "backslashes": _of("\\"),
}

#: What Markdown is made of.
MARKDOWN: dict[str, Maker] = {
    "nested lists": _stairs("-", 40),
    "nested numbers": _stairs("1.", 30),
    "list": _of("- a\n"),
    "loose list": _of("- a\n\n"),
    "list markers on a line": _of("- "),
    "numbers on a line": _of("1. "),
    "quotes": _of("> a\n"),
    "quotes deep": _of("> "),
    "quotes and lists": _of("> - "),
    "table": _of("| a | b |\n", "| a | b |\n|---|---|\n"),
    "table, wide": _wide_table,
    "table head again and again": _of("| a |\n|---|\n"),
    "pipes": _of("|"),
    "emphasis": _of("***"),
    "emphasis open": _of("*a "),
    "emphasis open, low": _of("_a "),
    "emphasis mixed": _of("*a **b _c __d "),
    "emphasis closed": _of("**a** "),
    "emphasis alternating": _of("a**b*c*d"),
    "strikes": _of("~~a "),
    "tildes": _of("~"),
    "brackets": _of("["),
    "brackets closed": _nested("[", "a", "]"),
    "links open": _of("[a]("),
    "links": _of("[a](https://e.org/a) "),
    "links in links": _nested("[", "a", "](b)"),
    "images open": _of("!["),
    "images": _of("![a](a.png) "),
    "link title open": _of('[a](b "'),
    "link angle open": _of("[a](<b"),
    "references": _of("[a]: b\n"),
    "footnotes": _of("[^1]"),
    "fences": _of("```\na\n"),
    "fences closed": _of("```python\nx = 1\n```\n"),
    "fence without end": _of("x = 1\n", "```python\n"),
    "fence, long line": _of("x = 1; ", "```python\n"),
    "fence growing": lambda n: "\n".join("`" * (3 + i) for i in range(int((2 * n) ** 0.5)))[:n],
    "ticks": _of("`"),
    "ticks of many lengths": lambda n: " ".join("`" * (i + 1) for i in range(int((2 * n) ** 0.5)))[
        :n
    ],
    "code spans open": _of("`a "),
    "code indented": _of("    a\n"),
    "headings": _of("# a\n"),
    "headings below": _of("a\n===\n"),
    "equals": _of("="),
    "rules": _of("---\n"),
    "dashes": _of("-"),
    "dollars": _of("$"),
    "maths open": _of("$a "),
    "maths": _of("$x^2$ "),
    "maths block": _of("$$\nx^2\n$$\n"),
    "maths block open": _of("$$\n"),
    "maths brackets": _of("\\(a"),
    "maths braces": _of("{", "$$"),
    "html": _of("<b>a</b>"),
    "html open": _of("<a "),
    "html comment": _of("<!-- "),
    "angles": _of("<"),
    "addresses": _of("http://a.b "),
    "address long": _of("a", "http://"),
    "address open": _of("http://"),
    "address with brackets": _of(")", "http://a"),
    "address with points": _of(".", "http://a"),
    "autolinks": _of("<http://a"),
    "mail": _of("a@b.c "),
    "entities": _of("&amp;"),
    "entities half": _of("&a"),
    "escapes": _of("\\*"),
    "tasks": _of("- [ ] a\n"),
    "line breaks": _of("a  \n"),
    "trailing blanks": _of("a" + " " * 200 + "\n"),
    "paragraph without end": _of("word "),
    "paragraph of lines": _of("word\n"),
}

#: What may be a secret.
SECRETS: dict[str, Maker] = {
    "dots": _of("a."),
    "dots of keys": _of("a.a-a_"),
    "equals and letters": _of("a=b "),
    "equals tight": _of("a="),
    "base64": _base64_run,
    "base64 of a key": _of("LS0tLS1CRUdJTi"),
    "hex": _of("0123456789abcdef"),
    "PEM head": _of("-----BEGIN RSA PRIVATE KEY-----\n"),
    "PEM head half": _of("-----BEGIN "),
    "PEM without end": _of("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n", "-----BEGIN PRIVATE KEY-----\n"),
    "PEM on a line": _of("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "-----BEGIN PRIVATE KEY-----"),
    "PEM heads of headers": _of("a: b\n", "-----BEGIN PRIVATE KEY-----\n"),
    "PEM diff": _of("+MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n", "-----BEGIN PRIVATE KEY-----\n"),
    "PuTTY": _of("Private-Lines: 12\n"),
    "key prefixes": _of("sk-"),
    "keys": _of("sk-proj-0123456789abcdef "),
    "key without end": _of("a1", "sk-"),
    "prefixes of every kind": _of("ghp_ xoxb- AKIA AIza hf_ npm_ SG. eyJ "),
    "JWT": _of("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx."),
    "JWT heads": _of("eyJ"),
    "JWT without end": _of("a", "eyJ"),
    "underscores": _of("a_"),
    "underscored words": _of("abc_def_"),
    "Telegram": _of("1234567890:AA"),
    "Discord": _of("M"),
    "Azure": _of("8Q~"),
    "office": _of("office.com/webhook"),
    "digits": _of("1"),
    "AC": _of("AC0123456789abcdef0123456789abcdef"),
    "passwords": _of("password="),
    "passwords of words": _of("password "),
    "passwords with values": _of("password=hunter2 "),
    "passwords with colons": _of("password: "),
    "passwords, table": _of("password  |  "),
    "passwords, quoted": _of("password='"),
    "passwords, triple": _of("password='''a"),
    "passwords, block": _of("password: |\n"),
    "passwords, escaped": _of('\\"password\\": \\"'),
    "passwords deep escaped": _of('password=\\\\\\"'),
    "password without end": _of("a", "password="),
    "password without end, quoted": _of("a ", 'password="'),
    "password of words": _of("WORD words ", "DB_PASSWORD="),
    "passwords of variables": _of("A_PASSWORD=a "),
    "password in a sentence": _of("the password for a is "),
    "stems": _of("passkeytoken"),
    "stem with dots": _of("key.token-"),
    "tokens": _of("token:"),
    "names long": _of("api_key_"),
    "cookies": _of("Cookie: a=bcdef; "),
    "cookies without end": _of("a=bcde; ", "Cookie: "),
    "bearer": _of("Bearer "),
    "bearer without end": _of("a", "Authorization: Bearer "),
    "basic": _of("basic auth="),
    "addresses with users": _of("://a:"),
    "addresses with passwords": _of("http://a:b1@c "),
    "address password without end": _of("a", "http://u:"),
    "address password with ats": _of("@a", "http://u:p"),
    "address password with slashes": _of("/a", "http://u:p"),
    "netrc": _of("machine a.b "),
    "netrc whole": _of("machine a.b login c password d\n"),
    "netrc, blanks": _of("machine a.b \n  "),
    "pgpass": _of("a:5432:"),
    "pgpass lines": _of("localhost:5432:db:user:pa\n"),
    "colons": _of("a:"),
    "mysql": _of("mysql -p"),
    "mysql words": _of("mysql "),
    "curl": _of("curl -u a:"),
    "curls": _of("curl "),
    "docker login": _of("docker login -p "),
    "options": _of(" --password "),
    "tags": _of("<password>"),
    "tags open": _of("<password a"),
    "pairs": _of('{"name": "password", "value": '),
    "pairs of names": _of("name=password,"),
    "arguments": _of('"--password", '),
    "auth": _of("auth=("),
    "braces": _of("PWD={"),
    "connection": _of("Server=a;Password=b;"),
    "mnemonic": _of("seed phrase "),
    "mnemonic words": _of("word ", "seed phrase: "),
    "digest": _of("Digest username="),
    "other languages": _of("пароль: "),
    "cuts": _of("…"),
    "cuts in words": _of("... 12 bytes omitted ..."),
    "values known": _of("correct-horse-battery"),
    "values known half": _of("correct-horse-bat"),
    "values known folded": _of("correct-\n  horse-"),
    "JSON in JSON": _json_in_json,
    "JSON": _of('{"a":"b"},', "["),
    "JSON deep": _nested("[", "1", "]"),
    "JSON deep objects": _nested('{"a":', "1", "}"),
    "JSON with secrets": _of('{"token":"abcdef123456"},', "["),
    "data address": _of("AAAA", "data:image/png;base64,"),
}

#: What a diff, a name, a path or anything else is made of.
PLAIN: dict[str, Maker] = {
    "words": _of("The quick brown fox jumps over the lazy dog. "),
    "lines": _of("line of a log, 12:01:02 INFO all is well\n"),
    "one character": _of("a"),
    "one long line of blanks": _of(" "),
    "tabs": _of("\t"),
    "newlines": _of("\n"),
    "line ends of windows": _of("\r\n"),
    "short lines": _of("a\n"),
    "blank lines between": _of("a\n\n\n\n"),
    "combining": _of("\u0301", "e"),
    "combining, each": _of("e\u0301"),
    "zero width": _of("a\u200b"),
    "zero width only": _of("\u200d"),
    "directional": _of("\u202ea\u202c"),
    "right to left": _of("שלום "),
    "look-alikes": _of("pаypal "),
    "wide": _of("漢字"),
    "emoji": _of("👩\u200d👩\u200d👧"),
    "lone surrogates": _of("\ud800a"),
    "private": _of("\ue000\U000e0041"),
    "line separators": _of("a\u2028\u2029"),
    "diff": _diff,
    "diff of files": _files,
    "diff added": _of("+a\n"),
    "diff hunks": _of("@@ -1 +1 @@\n"),
    "diff heads": _of("diff --git a/a b/a\n"),
    "patch of the runtime": _of("*** Update File: a.py\n@@\n-a\n+b\n", "*** Begin Patch\n"),
    "path": _of("/a"),
    "path up": _of("../"),
    "path of windows": _of("\\a"),
    "name": _of("a b"),
    "shell": _of("a; b && c | "),
    "shell, quoted": _of("'a'"),
    "shell, here": _of("<<EOF\n"),
    "shell, substituted": _nested("$(", "a", ")"),
    "python": _of("def f(x):\n    return x + 1\n"),
    "python, brackets": _of("("),
    "python, strings": _of('"""'),
    "csv": _of("1,2,3\n"),
    "quotes": _of("'"),
    "quotes double": _of('"'),
    "semicolons": _of(";"),
    "percent": _of("%41"),
    "ellipsis": _of("..."),
    "bytes omitted": _of("\n... 12 bytes omitted ...\n"),
    "refused": _of("exec_command failed: rejected by user approval settings "),
}

HARD: dict[str, Maker] = {
    f"{family}: {name}": make
    for family, table in (
        ("terminal", TERMINAL),
        ("markdown", MARKDOWN),
        ("secrets", SECRETS),
        ("plain", PLAIN),
    )
    for name, make in table.items()
}
#: Values that ``secrets: values known`` has in it.
KNOWN = (
    "correct-horse-battery",
    "tr0ub4dor&3 of\nmore than one line\n-----\nand-another-long-line",
    "s3cr3t!",
)
