"""A number names what a person has seen under it, and nothing that came later."""

from __future__ import annotations

from codex_jupyter.session.numbers import KNOWN, Numbers


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


def test_numbers_of_long_ago_are_forgotten_and_never_given_again() -> None:
    numbers: Numbers[str] = Numbers()
    for n in range(KNOWN + 2):
        assert numbers.show(f"thing {n}") == n + 1
    assert numbers.meant(1) is numbers.meant(2) is None and numbers.meant(3) == "thing 2"
    assert numbers.show("thing 0") == KNOWN + 3 and numbers.meant(1) is None


def test_what_came_again_keeps_its_number_when_the_old_one_is_forgotten() -> None:
    numbers: Numbers[str] = Numbers()
    numbers.show("again")
    numbers.gone("again")
    assert numbers.show("again") == 2
    for n in range(KNOWN - 1):
        numbers.show(f"thing {n}")
    assert numbers.meant(1) is None and numbers.shown("again") == 2
