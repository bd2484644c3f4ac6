"""``%config CodexMagics.<name>``: the defaults of the options that have one, as traits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from traitlets import Bool, Float, TraitType, Unicode
from traitlets.config import Configurable

from codex_jupyter import agent_code
from codex_jupyter.settings import SETTINGS, Option
from codex_jupyter.settings.kinds import Flag, Names, Seconds

WITH_TRAIT = tuple(option for option in SETTINGS.values() if option.trait)


class _Guarded:
    """A trait whose value Codex's code cannot choose: it is a setting of all turns to come."""

    def validate(self, obj: Any, value: Any) -> Any:
        """As the trait does it. Raises ``UserError``: the calling code is Codex's."""
        agent_code.refuse("change a setting")
        return super().validate(obj, value)  # type: ignore[misc]


class _Switch(_Guarded, Bool):
    pass


class _Time(_Guarded, Float):
    pass


class _Text(_Guarded, Unicode):
    pass


def trait_of(option: Option) -> TraitType[Any, Any]:
    """The trait that holds an option's default; its own default chooses nothing.

    Example:
        >>> trait_of(SETTINGS["kernel"]).help
        'How far into this kernel: off, read, edit, run; empty means: read.'
    """
    help = f"{option.help[:1].upper()}{option.help[1:]}"
    if option.choices:
        help += f": {', '.join(choice.value for choice in option.choices)}"
    if isinstance(option.kind, Flag):
        return _Switch(option.default, help=f"{help}.").tag(config=True)
    if isinstance(option.kind, Seconds):
        return _Time(0.0, help=f"{help}; 0 means never.").tag(config=True)
    empty = f"; empty means: {option.when_unset}" if option.when_unset else ""
    return _Text("", help=f"{help}{empty}.").tag(config=True)


Defaults: Any = type(
    "Defaults",
    (Configurable,),
    {
        "__doc__": "A trait for each option that has a default of its own.",
        "__module__": __name__,
        **{option.field: trait_of(option) for option in WITH_TRAIT},
    },
)


class Configured(Mapping[str, Any]):
    """The traits that were set as a layer of settings, read anew each time.

    Args:
        defaults: who holds them.
    """

    def __init__(self, defaults: Any) -> None:
        self._defaults = defaults

    def __getitem__(self, field: str) -> Any:
        """What was chosen, or None where nothing was."""
        option = SETTINGS[field]
        value = getattr(self._defaults, field)
        if value == trait_of(option).default_value:
            return None
        if isinstance(option.kind, Names):
            return tuple(value.replace(",", " ").split())
        return value

    def __iter__(self) -> Iterator[str]:
        return (option.field for option in WITH_TRAIT)

    def __len__(self) -> int:
        return len(WITH_TRAIT)
