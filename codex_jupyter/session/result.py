"""What a turn comes to: the fields of the SDK's ``TurnResult``, and the answer as its text."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from codex_jupyter.core.items import AgentMessage
from codex_jupyter.core.turn import Turn

if TYPE_CHECKING:
    from codex_jupyter.session.answer_shape import AnswerShape
    from codex_jupyter.session.outputs import FullOutput


class Result:
    """The outcome of a turn. ``str(result)`` is the answer.

    Attributes:
        id: the turn's id.
        thread_id: its thread.
        status: the SDK's ``TurnStatus``.
        error: the SDK's ``TurnError`` or None.
        started_at, completed_at: epoch seconds, or None.
        duration_ms: milliseconds, or None.
        final_response: the answer, or None.
        items: the SDK's ``ThreadItem`` objects, read from the thread's history when first asked for.
        usage: the SDK's ``ThreadTokenUsage``, or None.
        parsed: the validated object when an output schema was given, else None. Reading it raises ``UserError`` when
            the answer does not fit.
        turn: everything else, as the panel shows it.
    """

    def __init__(
        self, turn: Turn, load_items: Callable[[], list[Any]], shape: AnswerShape | None = None
    ) -> None:
        self.turn = turn
        self.id = turn.turn_id
        self.thread_id = turn.thread_id
        self.duration_ms = turn.duration_ms
        self.started_at = None if turn.started_ms is None else turn.started_ms // 1000
        self.completed_at = None if turn.ended_ms is None else turn.ended_ms // 1000
        self.final_response = final_response(turn)
        self._shape = shape
        self._load_items = load_items
        self._items: list[Any] | None = None

    @property
    def status(self) -> Any:
        from codex_jupyter.runtime import results

        return results.status(self.turn)

    @property
    def error(self) -> Any:
        from codex_jupyter.runtime import results

        return results.error(self.turn)

    @property
    def usage(self) -> Any:
        from codex_jupyter.runtime import results

        return results.usage(self.turn)

    @cached_property
    def parsed(self) -> Any:
        return None if self._shape is None else self._shape.read(self.final_response)

    @property
    def items(self) -> list[Any]:
        if self._items is None:
            self._items = self._load_items()
        return self._items

    def output(self, which: int | str = -1) -> FullOutput:
        """The full output of one command, by its place among the turn's commands or its id; see ``LiveTurn.output``.

        Example:
            result = codex_jupyter.session().run("Run the tests with all their output.")
            result.output(0).path                        # a file with everything that the first command printed
        """
        from codex_jupyter.session.outputs import output_of

        return output_of(self.turn, which)

    def __str__(self) -> str:
        return self.final_response or ""

    def __repr__(self) -> str:
        answer = str(self)
        head = answer if len(answer) <= 60 else answer[:59] + "…"
        return f"<codex result, {self.turn.state}: {head!r}>"


def final_response(turn: Turn) -> str | None:
    """The answer of a turn: the last message marked final, else the last one without a phase."""
    unmarked: str | None = None
    for entry in reversed(turn.entries):
        if isinstance(entry, AgentMessage) and entry.status != "aborted":
            if entry.phase == "final_answer":
                return str(entry.text)
            if entry.phase is None and unmarked is None:
                unmarked = str(entry.text)
    return unmarked
