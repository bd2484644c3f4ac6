"""The style sheet: whole for the page's panel, and for a saved output the rules that something in it can meet.

A saved output brings its own sheet, and a page holds many outputs. Each sheet holds for what stands beside it alone
(``@scope``: under the parent of the ``<style>``), so that what one leaves out cannot change the order of rules in
another.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

#: Everything from here on dresses controls, which saved html has none of.
LIVE_ONLY = "/* Live only"

#: Characters of a line of several rules.
LINE = 320

_TAG = re.compile(r"<([a-z][a-z0-9]*)")
_CLASSES = re.compile(r'class="([^"]*)"')
_VARIABLE = re.compile(r"var\((--cj-[a-z]+)")
#: Of a selector: what decides whether it can meet an element, and what never does.
_CHOICES = re.compile(r":is\(([^()]*)\)")
_PART = re.compile(r":{1,2}[a-z-]+\(|\.[a-z][a-z0-9-]*|\[[^]]*]|:{1,2}[a-z-]+|[a-z][a-z0-9]*|\)|,")


@dataclass(frozen=True, slots=True)
class Rule:
    """``selectors { body }``; ``condition`` is the at-rule around it or ``""``."""

    selectors: tuple[str, ...]
    body: str
    condition: str = ""


@lru_cache(maxsize=1)
def whole() -> str:
    """The sheet of the page's panel, without comments and needless white space."""
    return _compressed(_source())


def of(html: str) -> str:
    """The sheet of a saved output: what its tags and classes can meet, several short rules on a line.

    Args:
        html: the output, made by ``markup.element``; the sheet goes beside it into an element of their own.

    Example:
        >>> sheet = of('<div class="cj"><div class="cj-header">Codex</div></div>')
        >>> ".cj-header{" in sheet, ".cj-prose" in sheet, "--cj-plus" in sheet
        (True, False, False)
    """
    there = {f".{name}" for found in _CLASSES.findall(html) for name in found.split()}
    there.update(_TAG.findall(html))
    kept = list(_kept(_rules(), there))
    variables = _needed(kept)
    lines: list[str] = []
    for condition, rules in _lines(kept):
        line = "".join(_spelled(rule, variables) for rule in rules)
        lines.append(f"{condition}{{{line}}}" if condition else line)
    return "\n".join(["@scope{", *_packed(lines), "}"])


def _packed(rules: list[str]) -> list[str]:
    """The rules on as few lines as are needed to keep each readable: in a file of JSON a line costs a dozen characters."""
    lines = [""]
    for rule in filter(None, rules):
        if lines[-1] and len(lines[-1]) + len(rule) > LINE:
            lines.append("")
        lines[-1] += rule
    return lines


def _lines(rules: list[Rule]) -> Iterator[tuple[str, list[Rule]]]:
    """(condition, rules) of each line: a rule by itself, or those under one condition."""
    for condition, under in itertools.groupby(rules, lambda rule: rule.condition):
        if condition:
            yield condition, list(under)
        else:
            yield from (("", [rule]) for rule in under)


def _spelled(rule: Rule, variables: set[str]) -> str:
    declared = (each for each in rule.body.split(";") if not _is_unread(each, variables))
    body = ";".join(declared)
    return f"{','.join(rule.selectors)}{{{body}}}" if body else ""


def _is_unread(declaration: str, variables: set[str]) -> bool:
    return declaration.startswith("--") and declaration.partition(":")[0] not in variables


def _kept(rules: tuple[Rule, ...], there: set[str]) -> Iterator[Rule]:
    for rule in rules:
        selectors = tuple(_pruned(each, there) for each in rule.selectors if _meets(each, there))
        if selectors:
            yield Rule(selectors, rule.body, rule.condition)


def _needed(rules: list[Rule]) -> set[str]:
    """The variables that these rules read, and those that these are made of."""
    values = {
        name: value
        for rule in rules
        for name, _, value in (each.partition(":") for each in rule.body.split(";"))
        if name.startswith("--")
    }
    wanted = {
        name
        for rule in rules
        for each in rule.body.split(";")
        if not each.startswith("--")
        for name in _VARIABLE.findall(each)
    }
    while more := {n for w in wanted for n in _VARIABLE.findall(values.get(w, ""))} - wanted:
        wanted |= more
    return wanted


@lru_cache(maxsize=1024)
def _alternatives(selector: str) -> tuple[tuple[frozenset[str], ...], ...]:
    """What a selector needs: of each of these groups, one alternative whose parts are all there."""
    groups: list[tuple[frozenset[str], ...]] = []
    needed: set[str] = set()
    stack: list[tuple[str, list[set[str]]]] = []
    for part in _PART.findall(selector):
        if part.endswith("("):
            stack.append((part, [set()]))
        elif part == ")":
            opened, choices = stack.pop()
            if opened == ":is(" and not stack:
                groups.append(tuple(map(frozenset, choices)))
        elif part == ",":
            stack[-1][1].append(set())
        elif part[0] not in "[:":
            (stack[-1][1][-1] if stack else needed).add(part)
    return (frozenset(needed),), *groups


def _meets(selector: str, there: set[str]) -> bool:
    """Whether the selector can meet an element. Doubt is a yes; ``:not`` and ``:has`` are never asked."""
    return all(any(each <= there for each in group) for group in _alternatives(selector))


def _pruned(selector: str, there: set[str]) -> str:
    """The selector without the choices of ``:is`` that meet nothing.

    All of one ``:is`` weigh the same in the cascade where they are spelled alike, so that it weighs what it did.
    """

    def prune(found: re.Match[str]) -> str:
        choices = found[1].split(",")
        if len({re.sub(r"[a-z0-9-]+", "x", each) for each in choices}) > 1:
            return found[0]
        kept = [each for each in choices if set(_PART.findall(each)) <= there]
        return kept[0] if len(kept) == 1 else f":is({','.join(kept)})"

    return _CHOICES.sub(prune, selector)


@lru_cache(maxsize=1)
def _rules() -> tuple[Rule, ...]:
    """The rules of the saved part, in their order."""
    css = _compressed(_source().partition(LIVE_ONLY)[0])
    rules: list[Rule] = []
    condition = ""
    for opened, body, closed in re.findall(r"([^{}]+)\{(?:([^{}]*)\})?|(\})", css):
        if closed:
            condition = ""
        elif opened.startswith("@"):
            condition = opened
        else:
            selectors = tuple(_reaching_out(each) for each in _split(opened))
            rules.append(Rule(selectors, body, condition))
    return tuple(rules)


def _reaching_out(selector: str) -> str:
    """A selector that begins outside of the output, at what says whether the page is light or dark."""
    around, outside, rest = selector.rpartition("] ")
    return f"{around}{outside}:scope {rest}" if selector.startswith("[data-jp-") else selector


def _split(selectors: str) -> Iterator[str]:
    """The selectors of a list: a comma in parentheses parts nothing."""
    depth, begin = 0, 0
    for at, character in enumerate(selectors):
        depth += (character == "(") - (character == ")")
        if character == "," and not depth:
            yield selectors[begin:at]
            begin = at + 1
    yield selectors[begin:]


@lru_cache(maxsize=1)
def _source() -> str:
    return resources.files("codex_jupyter.render").joinpath("transcript.css").read_text("utf-8")


def _compressed(css: str) -> str:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r" ?([{};,>]) ?", r"\1", css)
    css = css.replace(" !important", "!important")
    return re.sub(r"(?<=[{;(])([a-z-]+): ", r"\1:", css).replace(";}", "}").strip()
