"""A number names what a person has seen under it, and nothing that came later."""

from __future__ import annotations

from codex_jupyter.session.numbers import Numbers


def test_a_number_is_given_once_also_when_what_it_named_is_gone() -> None:
    numbers: Numbers[str] = Numbers()
    assert [numbers.show(thing) for thing in ("a", "b", "a")] == [1, 2, 1]
    numbers.gone("a")
    assert numbers.show("c") == 3
    assert numbers.show("a") == 4, "the same again is another"
    numbers.gone("b")
    numbers.gone("c")
    numbers.gone("a")
    assert numbers.show("d") == 5


def test_what_is_gone_is_still_what_its_number_means() -> None:
    numbers: Numbers[str] = Numbers()
    numbers.show("a")
    numbers.gone("a")
    numbers.show("b")
    assert (numbers.meant(1), numbers.meant(2)) == ("a", "b")
    assert (numbers.shown("a"), numbers.shown("b")) == (0, 2)


def test_what_was_not_shown_has_no_number() -> None:
    numbers: Numbers[str] = Numbers()
    numbers.show("a")
    assert [numbers.meant(number) for number in (0, -1, 2, 10**9)] == [None] * 4
    assert numbers.shown("b") == 0
    numbers.gone("b")
