"""``Raw``: what the runtime said, before anybody may show it.

Everything that leaves ``runtime/`` is raw. Renderers, cards, files, logs and titles take plain values, so they cannot take
it: it has nothing to draw, and it says nothing of itself. Two doors lead out. The session's gate cleans it, for whatever is
shown, saved, logged or told; ``exact`` gives what it is to who acts on it: a policy decides about the exact command, a reply
names the exact permissions, a tool runs the exact code. A test holds who uses the second door.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NoReturn, TypeVar

T = TypeVar("T")


class Raw(Generic[T]):
    """Words of the runtime that may hold secrets. Cannot be changed, compared by what it holds, copied or saved.

    Example:
        >>> str(Raw("password=hunter2")), f"{Raw(['a'])}"
        ('<raw str>', '<raw list>')
    """

    __slots__ = ("_said_raw",)
    _said_raw: T

    def __init__(self, content: T) -> None:
        _put(self, content)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("What is raw cannot be changed.")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("What is raw cannot be changed.")

    def __repr__(self) -> str:
        return f"<raw {type(self._said_raw).__name__}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("What is raw is neither copied nor saved: clean it first.")


#: One is made for each event of a stream, and frozen dataclasses are made slowly.
_put: Callable[[Raw, object], None] = Raw.__dict__["_said_raw"].__set__


def exact(raw: Raw[T]) -> T:
    """What the runtime said, to the byte: to decide about it, to answer it or to run it, and never to show it.

    Example:
        >>> exact(Raw("rm -r build"))
        'rm -r build'
    """
    return raw._said_raw
