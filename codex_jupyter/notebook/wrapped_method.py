"""Putting a function around one method of one living object, and taking it off again.

IPython offers no hook at two places we need (the text of a cell before its clean-up, the history
before it is written), so a method of the shell's own object is wrapped there. Others may wrap the
same method before or after us: what they did stays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MISSING = object()


class WrappedMethod:
    """One wrapped method. ``around`` is called as ``around(inner, *args, **kwargs)`` until `undo`.

    Example:
        >>> class Greeter:
        ...     def greet(self, name): return f"hello {name}"
        >>> greeter = Greeter()
        >>> wrapped = WrappedMethod(greeter, "greet", lambda inner, name: inner(name.upper()))
        >>> greeter.greet("you")
        'hello YOU'
        >>> wrapped.undo()
        >>> greeter.greet("you"), "greet" in vars(greeter)
        ('hello you', False)
    """

    def __init__(self, owner: Any, name: str, around: Callable[..., Any]) -> None:
        self._owner = owner
        self._name = name
        self._before = vars(owner).get(name, MISSING)
        self._active = True
        inner = getattr(owner, name)

        def outer(*args: Any, **kwargs: Any) -> Any:
            if not self._active:
                return inner(*args, **kwargs)
            return around(inner, *args, **kwargs)

        self._outer = outer
        setattr(owner, name, outer)

    def undo(self) -> None:
        """Take the wrapper off; where somebody wrapped it in turn, it stays and only passes
        through."""
        self._active = False
        if vars(self._owner).get(self._name) is not self._outer:
            return
        if self._before is MISSING:
            delattr(self._owner, self._name)
        else:
            setattr(self._owner, self._name, self._before)
