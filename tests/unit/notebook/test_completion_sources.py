"""What completion looks up in a kernel: it starts nothing, and waits for nothing but a running runtime's models."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from codex_jupyter.errors import RuntimeFailedError
from codex_jupyter.notebook.completion_sources import PATIENCE, CompletionSources
from codex_jupyter.session import registry as module
from codex_jupyter.session.session import Model
from codex_jupyter.settings import Choice


class Held:
    """A session whose runtime may run, and which answers or fails when it is asked for models."""

    def __init__(self, *, alive: bool | None, outcome: Any = ()) -> None:
        runtime = None if alive is None else SimpleNamespace(alive=alive)
        self.engine = SimpleNamespace(runtime=runtime)
        self.known_models: tuple[Model, ...] = ()
        self.threads = dict.fromkeys(("main", "aside"))
        self.asked: list[float] = []
        self._outcome = outcome

    def models(self, timeout: float) -> list[Model]:
        self.asked.append(timeout)
        if isinstance(self._outcome, Exception):
            raise self._outcome
        self.known_models = self._outcome
        return list(self._outcome)


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> Any:
    def hold(*sessions: Held) -> CompletionSources:
        monkeypatch.setattr(module, "sessions", lambda: sessions)
        return CompletionSources(None)

    return hold


MODELS = (Model("b", "the second"), Model("a", ""))


@pytest.mark.parametrize("alive", [None, False])
def test_a_key_press_starts_no_runtime(hold: Any, alive: bool | None) -> None:
    session = Held(alive=alive, outcome=MODELS)
    assert hold(session).models() == []
    assert session.asked == []


def test_a_running_runtime_is_asked_once_and_not_for_long(hold: Any) -> None:
    session = Held(alive=True, outcome=MODELS)
    sources = hold(session)
    for _ in range(2):
        assert sources.models() == [Choice("b", "the second"), Choice("a", "")]
    assert session.asked == [PATIENCE]


@pytest.mark.parametrize("error", [TimeoutError(), RuntimeFailedError("gone")])
def test_a_runtime_that_does_not_answer_offers_nothing(hold: Any, error: Exception) -> None:
    other = Held(alive=True, outcome=MODELS)
    assert hold(Held(alive=True, outcome=error)).models() == []
    assert len(hold(Held(alive=True, outcome=error), other).models()) == 2


def test_conversations_of_every_session_are_offered(hold: Any) -> None:
    offered = hold(Held(alive=None), Held(alive=None)).conversations()
    assert [choice.value for choice in offered] == ["aside", "main"]
