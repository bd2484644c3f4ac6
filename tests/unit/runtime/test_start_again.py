"""A runtime that met another one at its databases is started again, and one that cannot have them is not tried for ever."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from codex_jupyter.errors import RuntimeFailedError
from codex_jupyter.runtime import client
from codex_jupyter.runtime.client import AT_ONCE, NOT_ALONE, Launch, Runtime


def start(monkeypatch: pytest.MonkeyPatch, *failures: Exception) -> tuple[list[float], Any]:
    """The pauses, and what came of it, where the first tries fail like this."""
    left, pauses = list(failures), list[float]()

    async def once(*_: Any) -> str:
        if left:
            raise left.pop(0)
        return "a runtime"

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(Runtime, "_start", once)
    monkeypatch.setattr(client.asyncio, "sleep", sleep)
    try:
        return pauses, asyncio.run(Runtime.start(Launch(), on_batch=lambda _: None))
    except RuntimeFailedError as error:
        return pauses, error


MET = RuntimeFailedError("It ended before it was ready.", f"Error: {NOT_ALONE} under /x")
OTHER = RuntimeFailedError("It ended before it was ready.", "Error: no such model")


def test_it_is_started_again_after_a_moment_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses, runtime = start(monkeypatch, MET, MET)
    assert runtime == "a runtime"
    assert len(pauses) == 2
    for pause, usual in zip(pauses, AT_ONCE, strict=False):
        assert usual / 2 <= pause <= usual * 1.5


def test_what_does_not_pass_is_told_after_a_few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses, error = start(monkeypatch, *[MET] * 20)
    assert (len(pauses), error) == (len(AT_ONCE), MET)


def test_any_other_failure_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert start(monkeypatch, OTHER) == ([], OTHER)
    assert start(monkeypatch, MET, OTHER)[1] == OTHER
