"""A wrapper goes on and comes off, whoever else wraps the same method."""

from __future__ import annotations

from collections.abc import Callable

from codex_jupyter.notebook.wrapped_method import WrappedMethod


class Greeter:
    def greet(self, name: str) -> str:
        return f"hello {name}"


def loud(inner: Callable[[str], str], name: str) -> str:
    return inner(name).upper()


def twice(inner: Callable[[str], str], name: str) -> str:
    return inner(name) * 2


def test_on_and_off() -> None:
    greeter = Greeter()
    wrapped = WrappedMethod(greeter, "greet", loud)
    assert greeter.greet("x") == "HELLO X"
    wrapped.undo()
    assert greeter.greet("x") == "hello x"
    assert vars(greeter) == {}
    wrapped.undo()
    assert Greeter().greet("x") == "hello x"


def test_inner_and_outer_come_off_in_any_order() -> None:
    greeter = Greeter()
    first = WrappedMethod(greeter, "greet", loud)
    second = WrappedMethod(greeter, "greet", twice)
    assert greeter.greet("x") == "HELLO XHELLO X"
    first.undo()
    assert greeter.greet("x") == "hello xhello x"
    second.undo()
    assert greeter.greet("x") == "hello x"


def test_an_attribute_that_was_there_comes_back() -> None:
    greeter = Greeter()
    theirs = lambda name: f"hi {name}"  # noqa: E731
    greeter.greet = theirs  # type: ignore[method-assign]
    wrapped = WrappedMethod(greeter, "greet", loud)
    assert greeter.greet("x") == "HI X"
    wrapped.undo()
    assert greeter.greet is theirs
