"""What is declared of each option is whole, and what type checkers and signatures repeat agrees with it."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any, Literal, get_args, get_type_hints

import pytest

from codex_jupyter.session.session import Session
from codex_jupyter.settings import (
    ALL_OPTIONS,
    APPROVALS,
    EFFORTS,
    GROUPS,
    KERNEL_ACCESS,
    OPTIONS_BY_NAME,
    SANDBOXES,
    SETTINGS,
    TYPED_OPTIONS,
    Option,
    Options,
    Scope,
    Settings,
    Source,
    TurnOptions,
)
from codex_jupyter.settings.kinds import OneOf, Setting

LITERALS = {
    "sandbox": SANDBOXES,
    "approval": APPROVALS,
    "kernel": KERNEL_ACCESS,
    "effort": EFFORTS,
}


def test_every_field_declares_an_option_and_every_spelling_is_one_options() -> None:
    assert set(SETTINGS) == {field.name for field in dataclasses.fields(Settings)}
    own = {field.name for field in dataclasses.fields(Options)} - {"settings"}
    assert {option.field for option in ALL_OPTIONS} == own | set(SETTINGS)
    spellings = [name for option in TYPED_OPTIONS for name in option.names]
    assert len(spellings) == len(set(spellings)) == len(OPTIONS_BY_NAME)


@pytest.mark.parametrize("option", ALL_OPTIONS, ids=lambda option: option.field)
def test_an_option_is_declared_whole(option: Option) -> None:
    assert option.help and not option.help.endswith(".")
    assert option.group in GROUPS
    assert option.scope in get_args(Scope)
    assert option.names or option.trait, "nobody could set it"
    assert isinstance(option.offers, tuple) or option.offers in get_args(Source)
    assert bool(option.metavar) != option.is_flag
    assert not option.trait or option.field in SETTINGS
    for choice in (*option.choices, *option.kind.unoffered):
        assert choice.meaning == option.meaning(choice.value)
        assert option.read(choice.value) == choice.value
    for alias, value in option.kind.aliases.items():
        assert option.read(alias) == value
    default = {**vars(Settings()), **vars(Options())}[option.field]
    assert default == option.default


def test_the_safest_value_is_offered_first() -> None:
    assert OPTIONS_BY_NAME["-s"].choices[0].value == "read-only"
    assert OPTIONS_BY_NAME["-a"].choices[0].value == "ask"
    assert OPTIONS_BY_NAME["-k"].choices[0].value == "off"


@pytest.mark.parametrize("field", LITERALS)
def test_the_values_of_a_type_are_those_that_are_accepted(field: str) -> None:
    kind = SETTINGS[field].kind
    assert {choice.value for choice in (*kind.choices, *kind.unoffered)} == set(LITERALS[field])


def test_a_value_that_the_type_does_not_have_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="not those of"):
        OneOf("MODE", Scope, {"turn": "this turn"})
    with pytest.raises(ValueError, match="alias"):
        OneOf("MODE", Literal["a"], {"a": "one"}, aliases={"b": "c"})


def test_type_checkers_know_the_keywords_that_are_declared() -> None:
    settings = {keyword for option in SETTINGS.values() for keyword in option.keywords}
    assert set(get_type_hints(TurnOptions)) == settings
    others = {
        keyword
        for option in ALL_OPTIONS
        if option.field not in SETTINGS
        for keyword in option.keywords
    }
    for method in (Session.run, Session.start):
        parameters = inspect.signature(method).parameters
        assert others <= set(parameters)
        assert parameters["options"].annotation == "Unpack[TurnOptions]"


@pytest.mark.parametrize("option", SETTINGS.values(), ids=lambda option: option.field)
def test_type_checkers_accept_what_a_setting_holds(option: Option) -> None:
    """A value of the field's type can be given by its keyword, and None chooses nothing."""
    held = get_type_hints(Settings)[option.field]
    hints = get_type_hints(TurnOptions)
    for keyword in option.keywords:
        accepted = get_args(hints[keyword])
        assert type(None) in accepted
        if option.repeatable or isinstance(option.kind, Setting):
            continue
        for one in _alternatives(held):
            assert any(_covers(wide, one) for wide in accepted), (keyword, one)


def _alternatives(hint: Any) -> tuple[Any, ...]:
    """The members of a union, or the type itself."""
    return get_args(hint) if type(None) in get_args(hint) else (hint,)


def _covers(wide: Any, narrow: Any) -> bool:
    if wide == narrow:
        return True
    wide = getattr(wide, "__origin__", wide)
    return isinstance(wide, type) and isinstance(narrow, type) and issubclass(narrow, wide)
