"""Scripts: which prompt gets which replies, as data that a notebook, a tutorial or a test brings along.

A script is an ordered list of rules. A rule says *when* it holds and what the model then does: one reply, a list of
moves (see ``moves``), for each request of that turn. Codex asks again after every tool call, so a job of three
commands and an answer has four replies. The first rule that holds is the one that speaks. No sockets here.

As JSON::

    {"about": "What this script is for.",
     "rules": [
       {"name": "greet",
        "when": {"contains": "hello"},
        "replies": [[{"run": "whoami"}], [{"say": "Hello.", "phase": "final_answer"}]]}]}

``when`` may hold any of these, and all that it holds must be true:

    contains   the prompt has this text in it, in any case
    equals     the prompt is this text, white space at its ends aside
    regex      the prompt has a match of this pattern
    output     the last tool output, which this request brings, has a match of this pattern
    context    the developer text has this in it
    model      the model asked for
    subagent   who asks: ``review``, ``guardian``, ...; without it, the agent itself (and the agents it spawned)
    kind       why: ``turn`` (the default), ``compaction``, ...

In Python a rule may also carry a ``test``, and replies may be computed from the request:

    >>> from codex_jupyter.offline.moves import say
    >>> script = Script.of(Rule("echo", [lambda request: [say(request.prompt.upper())]]))
    >>> script.rules[0].name
    'echo'
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import moves as _moves
from .moves import Move
from .request import Request

Reply = Sequence[Move] | Callable[[Request], Sequence[Move]]
"""The moves of one reply, or a function of the request that computes them."""

_CONDITIONS = (
    "contains",
    "equals",
    "regex",
    "output",
    "context",
    "model",
    "subagent",
    "kind",
)
_PATTERNS = ("regex", "output")
_RULE_FIELDS = ("name", "when", "replies", "repeat", "prompt")
_SCRIPT_FIELDS = ("about", "rules")
_SPAWNED = "collab_spawn"


class ScriptError(ValueError):
    """A script that cannot be played; the message names the rule, the reply and the move."""


@dataclass(frozen=True, eq=False)
class Rule:
    """When it holds, and what the model then does.

    Args:
        name: how errors and the log call it.
        replies: one list of moves for each request of the turn.
        when: the conditions (see the module); an empty one always holds.
        test: a further condition, in Python.
        repeat: go on giving the last reply when the replies run out. A last reply that fails always does, because
            the runtime asks again after most failures.
        prompt: the prompt to show where the script lists what it knows; ``contains`` or ``equals`` if not given, and none
            where ``when`` has an ``output``.

    Raises:
        ScriptError: something in it cannot be played.
    """

    name: str
    replies: Sequence[Reply]
    when: Mapping[str, str] = field(default_factory=dict)
    test: Callable[[Request], bool] | None = None
    repeat: bool = False
    prompt: str = ""

    def __post_init__(self) -> None:
        for key, value in self.when.items():
            if key not in _CONDITIONS:
                raise self._error(
                    f"'when' has no condition {key!r}; known: " + ", ".join(_CONDITIONS)
                )
            if not isinstance(value, str):
                raise self._error(f"'when': {key!r} must be text, not {value!r}")
            if key in _PATTERNS:
                try:
                    re.compile(value)
                except re.error as problem:
                    raise self._error(f"'when': {key!r} is not a pattern: {problem}") from problem
        if not isinstance(self.replies, Sequence) or not self.replies:
            raise self._error("'replies' must be a list with one list of moves per reply")
        for number, reply in enumerate(self.replies, 1):
            if not callable(reply):
                self.check(reply, number)

    def check(self, reply: object, number: int) -> None:
        """Whether ``reply`` can be played as the reply of this ``number``.

        Raises:
            ScriptError: it cannot.
        """
        if isinstance(reply, (str, Mapping)) or not isinstance(reply, Sequence):
            raise self._error(f"reply {number} must be a list of moves, not {reply!r}")
        ended = False
        for place, move in enumerate(reply, 1):
            try:
                _moves.check(move)
            except ValueError as problem:
                raise self._error(f"reply {number}, move {place}: {problem}") from None
            if ended:
                raise self._error(f"reply {number}, move {place}: the move before ends the reply")
            ended = _moves.ends_reply(move)

    def holds(self, request: Request) -> bool:
        """Whether this rule is the one for ``request``."""
        when = self.when
        if when.get("kind", "turn") != request.kind:
            return False
        asker = request.subagent
        if when.get("subagent") != asker and not ("subagent" not in when and asker == _SPAWNED):
            return False
        prompt = request.prompt
        checks = (
            "contains" not in when or when["contains"].casefold() in prompt.casefold(),
            "equals" not in when or when["equals"].strip() == prompt.strip(),
            "regex" not in when or re.search(when["regex"], prompt) is not None,
            "model" not in when or when["model"] == request.model,
            "context" not in when or when["context"] in request.context,
            "output" not in when
            or (request.after_tool and re.search(when["output"], request.output) is not None),
        )
        return all(checks) and (self.test is None or self._passes(self.test, request))

    def _passes(self, test: Callable[[Request], bool], request: Request) -> bool:
        try:
            return test(request)
        except Exception as problem:
            raise self._error(f"its test failed: {type(problem).__name__}: {problem}") from problem

    def reply(self, request: Request, number: int) -> Sequence[Move] | None:
        """The moves of reply ``number`` (from 0), or ``None`` when there are no more.

        Raises:
            ScriptError: the function that computes the reply failed, or its moves cannot be played.
        """
        if number >= len(self.replies):
            number = len(self.replies) - 1
            if not (self.repeat or _fails(self.replies[number])):
                return None
        chosen = self.replies[number]
        if not callable(chosen):
            return chosen
        try:
            computed = chosen(request)
        except Exception as problem:
            raise self._error(
                f"reply {number + 1} could not be computed: {type(problem).__name__}: {problem}"
            ) from problem
        self.check(computed, number + 1)
        return computed

    @property
    def shown_prompt(self) -> str:
        """The prompt a reader could type to reach this rule, or ``""``; one that answers to a tool's output goes on with a turn."""
        if "subagent" in self.when or self.when.get("kind", "turn") != "turn":
            return ""
        if "output" in self.when:
            return self.prompt
        return self.prompt or self.when.get("equals") or self.when.get("contains") or ""

    def _error(self, problem: str) -> ScriptError:
        return ScriptError(f"rule {self.name!r}: {problem}")


@dataclass(frozen=True)
class Script:
    """An ordered list of rules. Make one with :meth:`of`, :meth:`from_dict` or :meth:`load`."""

    rules: tuple[Rule, ...] = ()
    about: str = ""

    @classmethod
    def of(cls, *rules: Rule, about: str = "") -> Script:
        """A script of these rules, in this order."""
        return cls(rules, about)

    @classmethod
    def reply(cls, *replies: Reply, name: str = "any prompt") -> Script:
        """A script that answers every prompt with these replies. Handy in a test."""
        return cls((Rule(name, replies),))

    @classmethod
    def from_dict(cls, data: object) -> Script:
        """A script from plain data, as JSON holds it.

        Raises:
            ScriptError: naming the rule that cannot be played.
        """
        if not isinstance(data, Mapping):
            raise ScriptError('a script is an object such as {"rules": [...]}')
        _known(data, _SCRIPT_FIELDS, "the script")
        listed = data.get("rules")
        if not isinstance(listed, list):
            raise ScriptError("the script needs a list of 'rules'")
        rules = tuple(_rule(entry, number) for number, entry in enumerate(listed, 1))
        return cls(rules, str(data.get("about", "")))

    @classmethod
    def load(cls, path: str | Path) -> Script:
        """A script from a JSON file.

        Raises:
            ScriptError: the file cannot be read, is no JSON, or holds a rule that cannot be played.
        """
        try:
            data = json.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as problem:
            raise ScriptError(f"cannot read the script {path}: {problem.strerror}") from problem
        except ValueError as problem:
            raise ScriptError(f"the script {path} is not JSON: {problem}") from problem
        try:
            return cls.from_dict(data)
        except ScriptError as problem:
            raise ScriptError(f"{path}: {problem}") from None

    @classmethod
    def named(cls, name: str) -> Script:
        """A script that comes with the package, such as ``"quickstart"``.

        Raises:
            ScriptError: there is none of that name; the message lists those there are.
        """
        folder = Path(__file__).with_name("scripts")
        known = sorted(path.stem for path in folder.glob("*.json"))
        if name not in known:
            raise ScriptError(f"there is no script {name!r}; known: {', '.join(known)}")
        return cls.load(folder / f"{name}.json")

    def find(self, request: Request) -> Rule | None:
        """The first rule that holds."""
        return next((rule for rule in self.rules if rule.holds(request)), None)

    def __add__(self, other: Script) -> Script:
        """Both scripts' rules, this one's first."""
        return Script(self.rules + other.rules, self.about or other.about)


def _fails(reply: Reply) -> bool:
    return not callable(reply) and bool(reply) and _moves.ends_reply(reply[-1])


def _rule(entry: object, number: int) -> Rule:
    if not isinstance(entry, Mapping):
        raise ScriptError(f"rule {number} must be an object, not {entry!r}")
    name = entry.get("name", str(number))
    if not isinstance(name, str):
        raise ScriptError(f"rule {number}: 'name' must be text, not {name!r}")
    _known(entry, _RULE_FIELDS, f"rule {name!r}")
    when, replies = entry.get("when", {}), entry.get("replies")
    repeat, prompt = entry.get("repeat", False), entry.get("prompt", "")
    if not isinstance(when, Mapping):
        raise ScriptError(
            f'rule {name!r}: \'when\' must be an object such as {{"contains": "hello"}}'
        )
    if not isinstance(replies, list):
        raise ScriptError(
            f"rule {name!r}: 'replies' must be a list with one list of moves per reply"
        )
    if not isinstance(repeat, bool) or not isinstance(prompt, str):
        raise ScriptError(f"rule {name!r}: 'repeat' is true or false, and 'prompt' is text")
    return Rule(name, replies, when, repeat=repeat, prompt=prompt)


def _known(entry: Mapping[str, Any], fields: Sequence[str], place: str) -> None:
    for name in entry:
        if name not in fields:
            raise ScriptError(f"{place} has no field {name!r}; known: {', '.join(fields)}")
