"""What a turn is asked to do: a prompt, a review or a summary. Each begins with the rights that it is handed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from codex_jupyter.core.rights import Rights
    from codex_jupyter.runtime.api import Api
    from codex_jupyter.runtime.threads import Model


class Work(Protocol):
    """One way to begin a turn.

    ``asks`` says whether the runtime asks for what it does beyond the rights it is handed.
    """

    asks: ClassVar[bool]

    async def begin(self, api: Api, thread_id: str, rights: Rights, model: Model) -> str:
        """Begin it; the turn's id, or ``""`` where the turn's first event is the first to tell."""
        ...


@dataclass(frozen=True, slots=True)
class Ask:
    """A prompt of the user's, with what goes along: the parts of ``runtime.threads.Prompt`` by name.

    ``context`` may be one text, which is then the notebook's.
    """

    text: str
    parts: Mapping[str, Any]
    asks: ClassVar[bool] = True

    async def begin(self, api: Api, thread_id: str, rights: Rights, model: Model) -> str:
        from codex_jupyter.runtime.threads import Prompt

        parts = dict(self.parts)
        context = parts.pop("context", None) or {}
        if isinstance(context, str):
            context = {"notebook": context}
        prompt = Prompt(self.text, context=context, **parts)
        return await api.start_turn(thread_id, rights, model, prompt)


@dataclass(frozen=True, slots=True)
class Review:
    """A review of changes; ``target`` as ``Api.start_review`` takes it."""

    target: Mapping[str, str]
    #: A review has an agent of its own, which is told never to ask (measured).
    asks: ClassVar[bool] = False

    async def begin(self, api: Api, thread_id: str, rights: Rights, model: Model) -> str:
        return await api.start_review(thread_id, rights, model, self.target)


@dataclass(frozen=True, slots=True)
class Compact:
    """A summary of the conversation in place of what it remembers."""

    asks: ClassVar[bool] = True

    async def begin(self, api: Api, thread_id: str, rights: Rights, model: Model) -> str:
        await api.start_compaction(thread_id, rights, model)
        return ""


def work_of(prompt: str, parts: Mapping[str, Any]) -> Work:
    """The work that parts stand for: ``review`` holds a target, ``compact`` is true, everything else is a prompt's."""
    if "review" in parts:
        return Review(parts["review"])
    if parts.get("compact"):
        return Compact()
    return Ask(prompt, parts)
