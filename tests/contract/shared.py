"""Runtimes that tests use one after the other, where they look at neither the start, the end nor the settings of one.

Whoever is lent one begins conversations of its own. What lasts beyond a conversation is reset before each test (what the
model was asked, its gates) or may not change (the files of the home); a runtime that is not as it was is not lent again.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from codex_jupyter.offline import Offline, Script
from codex_jupyter.offline.model import Gates

T = TypeVar("T")


class Pool(Generic[T]):
    """What is kept for the next test, by the settings that it was started with."""

    def __init__(self) -> None:
        self._kept: dict[str, T] = {}

    def take(self, config: Mapping[str, Any] | None) -> T | None:
        """One with these settings, or None. It is nobody else's meanwhile."""
        return self._kept.pop(_key(config), None)

    def keep(self, config: Mapping[str, Any] | None, what: T) -> None:
        """Have it lent again."""
        key = _key(config)
        assert key not in self._kept, "two at once with the same settings"
        self._kept[key] = what

    def empty(self) -> list[T]:
        """All that is kept, which is kept no more."""
        kept, self._kept = self._kept, {}
        return list(kept.values())


def _key(config: Mapping[str, Any] | None) -> str:
    return json.dumps(dict(config or {}), sort_keys=True)


class Home:
    """The files of a home that hold for every conversation, as they were when the runtime had started."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._before = self._read()

    def check(self) -> None:
        """Raise ``AssertionError`` where a test left something behind for the next one."""
        now = self._read()
        changed = sorted(
            str(name)
            for name in now.keys() | self._before
            if now.get(name) != self._before.get(name)
        )
        assert not changed, f"{changed} changed: this test needs a runtime of its own"

    def _read(self) -> dict[Path, bytes]:
        named = (self._path / name for name in ("config.toml", "auth.json", "AGENTS.md"))
        rules = (self._path / "rules").glob("**/*")
        return {
            path.relative_to(self._path): path.read_bytes()
            for path in itertools.chain(named, rules)
            if path.is_file()
        }


def begin_anew(model: Offline, script: Script | None) -> None:
    """The model as one that has just started: nothing asked of it, each gate shut. Replies that still wait are let go."""
    server = model.server
    server.gates.close()
    server.gates = Gates()
    with server._turns_lock:
        server._turns.clear()
    with server._arrived:
        server._requests.clear()
    server.script = script or Script.named("quickstart")


def names(prefix: str) -> Callable[[], str]:
    """Gives a name that no test had before."""
    numbers = itertools.count(1)
    return lambda: f"{prefix}-{next(numbers)}"
