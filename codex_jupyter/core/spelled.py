"""Text spelled out: whatever a reader could overlook or take for something else stands there as a mark.

What somebody is asked to allow is drawn through here, in every format. A mark is ``⟨…⟩``; angle brackets of the text itself are
marked, too, so that what is drawn has one meaning only and leads back to the exact text. Marked are characters that nobody
sees, blanks that are not spaces, spaces at the end of a line and long runs of them, tabs, empty lines in numbers, letters
that pass for others, and words that run from right to left. All else stays as it is.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

#: How closely a text is looked at. ``command``: a shell runs it; ``code``: anything else that is exact (code, a path, an
#: address, JSON); ``prose``: words for a reader, in which signs and whole words of other scripts stay as they are.
Manner = Literal["command", "code", "prose"]

#: So many spaces inside a line are counted instead of drawn; so many where a line begins.
SPACES, INDENT = 5, 33
#: So many empty lines are counted instead of drawn.
EMPTY_LINES = 3

_NAMES = {
    0x00: "NUL", 0x07: "BEL", 0x08: "BS", 0x0B: "VT", 0x0C: "FF", 0x0D: "CR", 0x1B: "ESC", 0x7F: "DEL", 0x85: "NEL",
    0x9B: "CSI", 0xA0: "NBSP", 0xAD: "soft hyphen", 0x200B: "zero width space", 0x200E: "left-to-right mark",
    0x200F: "right-to-left mark", 0x202D: "left-to-right override", 0x202E: "right-to-left override",
    0x2800: "braille blank", 0x3164: "hangul filler", 0xFEFF: "zero width no-break space",
}  # fmt: skip
#: Letters and signs that fonts draw as nothing or as a blank, though Unicode calls them letters or signs.
_BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\U0001d159"
)
#: Variation selectors.
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
#: Letters of other scripts that are drawn as a Latin letter, a digit or a sign of a shell is. Whole words of them are marked.
_LOOK_ALIKE = frozenset(
    "АВЕЅІЈКМНОРСТУХаеорсухіјѕһԁԛԝѵѴүҮӏӀӕɡɑɩʋ"  # Cyrillic, and Latin of phonetics
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαγικνορτυχωϲϳ"  # Greek
    "օսոհցքցաԼՕՍ"  # Armenian
    "ᎪᎫᎬᎳᎷᎻᏀᏃᏟᏢᏦᏚᎥᎠᎡᎢ"  # Cherokee
    "ꓐꓑꓒꓓꓔꓖꓗꓙꓚꓜꓝꓞꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ"  # Lisu
    "ıȷɪʀɢʜʟɴʙʏᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢꜱǀǃ"  # Latin without a dot, small capitals, clicks
)
#: Signs that are drawn as one of a shell's, beside those that are compatible forms of one.
_SIGNS = frozenset(
    "‘’‚‛“”„‟′″‵‶ʹʺʻʼʽˈˊˋ˴´`‹›«»˂˃ᐸᐳ∖⧵⧹╱╲∕⁄⟋⟍∣❘¦ǀ‖∗⁎✱∼˜∶꞉ː։׃˸‒–—―‐‑−⁻˗¬․‥‧·•﹒。،؛٫٬⌃ˆ⁀﹩＄⍟❨❩❪❫❬❭❮❯❰❱❲❳❴❵"
) - frozenset("`")
#: Letters of Chinese and Japanese that beside ASCII are taken for a dash, a bar or a nought.
_STROKES = frozenset("一ー丨丶ノ〇亅")
#: Signs of Chinese and Japanese that mean nothing to a shell, behind their letters.
_WIDE = frozenset("，：！？（）")
_COMMON_LATIN = frozenset("ßẞæÆœŒøØłŁđĐðÐþÞħĦŧŦŋŊəƏ")
_WORD = re.compile(r"[^\W\d_][\w\u0300-\u036f]*|[\w]+")
_ODD = re.compile(
    rf"[^\n -~]|[ ]{{{SPACES},}}|[ ]{{1,{SPACES - 1}}}(?=\n|\Z)"
    rf"|\n{{{EMPTY_LINES + 1},}}|\A\n|\n{{1,{EMPTY_LINES}}}\Z"
)
_LINES_OF_SPACES = re.compile(rf"(?<=\n)( +)\n(?:\1\n){{{EMPTY_LINES - 1},}}")
#: Where a word of a shell is a command, as far as can be told from what is before it.
_COMMAND = re.compile(
    r"(?:\A|[\n;&|({`!])[ \t]*(?:(?:sudo|env|exec|command|time|nohup|xargs)[ \t]+|\w+=\S*[ \t]+)*\Z"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text as it is (``mark`` false), or a mark: ``shown`` is drawn, ``means`` is the exact text that it stands for."""

    shown: str
    means: str
    mark: bool = False


def spelled(text: str, manner: Manner = "code") -> str:
    """The text with its marks, as one string.

    Example:
        >>> spelled("ls\\u200b" + " " * 400 + "; rm -r ~")
        'ls⟨U+200B zero width space⟩⟨␣×400⟩; rm -r ~'
    """
    return "".join(piece.shown for piece in pieces(text, manner))


def pieces(text: str, manner: Manner = "code") -> tuple[Piece, ...]:
    """The text in pieces; joined, what they mean is the text, and what they show is drawn.

    Example:
        >>> [piece.shown for piece in pieces("a\\tb") if piece.mark]
        ['⟨⇥⟩']
    """
    if text.isascii() and text.isprintable() and "  " not in text and not text.endswith(" "):
        return (Piece(text, text),) if text else ()
    made: list[Piece] = []
    at = 0
    for start, end, shown in _marks(text, manner):
        if start > at:
            made.append(Piece(text[at:start], text[at:start]))
        made.append(Piece(f"⟨{shown}⟩", text[start:end], True))
        at = end
    if at < len(text):
        made.append(Piece(text[at:], text[at:]))
    return tuple(made)


def invisible(character: str) -> bool:
    """Whether one character is drawn as nothing, as a blank, or makes others be drawn elsewhere; spaces and breaks are not.

    Example:
        >>> invisible("\\u3164"), invisible("é")
        (True, False)
    """
    if character in " \n":
        return False
    category = unicodedata.category(character)
    return (
        category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp")
        or character in _BLANK
        or _SELECTORS.match(character) is not None
    )


def _marks(text: str, manner: Manner) -> list[tuple[int, int, str]]:
    """(start, end, words) of everything that is marked, in order."""
    suspects = frozenset() if text.isascii() else _suspects(text, manner)
    marks: list[tuple[int, int, str]] = []
    skip = 0
    lines = {found.start(): found for found in _LINES_OF_SPACES.finditer(text)}
    for at, end in _candidates(text, lines):
        if at < skip:
            continue
        counted = lines.get(at)
        if counted is not None:
            number = (counted.end() - at) // (len(counted[1]) + 1)
            marks.append((at, counted.end() - 1, f"{number:,} lines of ␣×{len(counted[1])}"))
            skip = counted.end() - 1
            continue
        marked = bool(marks) and marks[-1][1] == at
        mark = _mark(text, at, end, manner == "prose", suspects, marked)
        if mark is not None:
            marks.append(mark)
            skip = mark[1]
    return marks


def _candidates(text: str, lines: dict[int, re.Match[str]]) -> list[tuple[int, int]]:
    found = {match.start(): match.end() for match in _ODD.finditer(text)}
    for at in lines:
        found[at] = lines[at].end()
    return sorted(found.items())


def _mark(
    text: str, at: int, end: int, prose: bool, suspects: frozenset[int], marked: bool
) -> tuple[int, int, str] | None:
    """The mark for what stands at ``at``, or None: it is drawn as it is. ``marked``: behind another mark."""
    first = text[at]
    if first == " ":
        return _spaces(text, at, end, marked)
    if first == "\n":
        return _breaks(text, at, end)
    if first == "\t" or invisible(first) or first in "⟨⟩":
        while end < len(text) and text[end] == first:
            end += 1
        times = f" ×{end - at:,}" if end - at > 1 else ""
        return at, end, f"⇥{times.strip()}" if first == "\t" else _name(first) + times
    if not prose and unicodedata.bidirectional(first) in ("R", "AL"):
        end = at
        while end < len(text) and unicodedata.bidirectional(text[end]) in ("R", "AL", "NSM"):
            end += 1
        if not any(invisible(c) for c in text[at:end]):
            return at, end, f"rtl {text[at:end]} rtl"
        return at, at + 1, f"{first} {_code(first)}"
    if at in suspects or _deceives(text, at, prose):
        carrier = "◌" if unicodedata.category(first) in ("Mn", "Me") else ""
        return at, at + 1, f"{carrier}{first} {_code(first)}"
    return None


def _spaces(text: str, at: int, end: int, marked: bool) -> tuple[int, int, str] | None:
    while end < len(text) and text[end] == " ":
        end += 1
    length = end - at
    trailing = end == len(text) or text[end] == "\n"
    leading = at == 0 or (text[at - 1] == "\n" and not marked)
    if not trailing and length < (INDENT if leading else SPACES):
        return None
    return at, end, f"␣×{length:,}" if length > 1 else "␣"


def _breaks(text: str, at: int, end: int) -> tuple[int, int, str] | None:
    """Breaks that a reader would not see: where the text begins or ends, and many of them."""
    while end < len(text) and text[end] == "\n":
        end += 1
    length = end - at
    if at == 0 or end == len(text):
        return at, end, f"⏎×{length:,}" if length > 1 else "⏎"
    return (at + 1, end - 1, f"{length - 1:,} empty lines") if length > EMPTY_LINES else None


def _suspects(text: str, manner: Manner) -> frozenset[int]:
    """Where letters of words stand that pass for others: in a word of several scripts, in one of look-alikes, in a command."""
    found: set[int] = set()
    for word in _WORD.finditer(text):
        if word[0].isascii():
            continue
        at, letters = word.start(), word[0]
        latin = any(c.isascii() and c.isalpha() for c in letters)
        scripts = {_script(c) for c in letters if c.isalpha()} - {"CJK"}
        mixed = len(scripts - {"LATIN"}) > 1 or (latin and scripts > {"LATIN"})
        foreign = [i for i, c in enumerate(letters) if not c.isascii()]
        alike = all(letters[i] in _LOOK_ALIKE for i in foreign)
        if mixed:
            found |= {at + i for i in foreign if _script(letters[i]) not in ("LATIN", "CJK")}
        if manner == "prose":
            continue
        if alike or (manner == "command" and _COMMAND.search(text, max(0, at - 200), at)):
            found |= {at + i for i in foreign}
    return frozenset(found)


def _deceives(text: str, at: int, prose: bool) -> bool:
    """Whether one visible character passes for another, or for none, wherever it stands."""
    c = text[at]
    category = unicodedata.category(c)
    if category in ("Mn", "Me"):
        return _script(c) == "COMBINING"
    if prose:
        return False
    if c in _SIGNS or category == "Pd":
        return True
    if c in _STROKES:
        near = (text[at - 1 : at] if at else "") + text[at + 1 : at + 2]
        return any("!" <= other <= "~" for other in near)
    if category.startswith("L") and _script(c) == "LATIN" and c not in _COMMON_LATIN:
        whole = unicodedata.normalize("NFD", c)
        if c in _LOOK_ALIKE or not whole[0].isascii():
            return True
        return any(unicodedata.combining(part) == 220 for part in whole[1:])
    if c in _WIDE and at and _script(text[at - 1]) == "CJK":
        return False
    whole = unicodedata.normalize("NFKC", c)
    return whole != c and any(part.isascii() for part in whole) and c != "…"


@lru_cache(maxsize=4096)
def _script(c: str) -> str:
    """The script of a letter, by its name: ``LATIN``, ``CYRILLIC``; ``""`` where there is none."""
    words = unicodedata.name(c, "").split(" ", 1)
    first = words[0]
    if first in ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO"):
        return "CJK"  # they are written together
    return "LATIN" if first in ("FEMININE", "MASCULINE") else first


def _name(c: str) -> str:
    point = ord(c)
    name = _NAMES.get(point)
    if name is not None and point < 0x100 and name.isupper():
        return name if point != 0xA0 else f"{_code(c)} {name}"
    name = name or unicodedata.name(c, "").lower()
    return f"{_code(c)} {name}".strip() if c not in "⟨⟩" else _code(c)


def _code(c: str) -> str:
    return f"U+{ord(c):04X}"


def on_one_line(text: str, manner: Manner = "code") -> str:
    """The text with its marks on one line, its breaks as ``⏎``; not cut.

    Example:
        >>> on_one_line("ls\\nrm\\tx")
        'ls⏎rm⟨⇥⟩x'
    """
    return spelled(text, manner).replace("\n", "⏎")
