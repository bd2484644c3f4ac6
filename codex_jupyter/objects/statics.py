"""Looking at objects without running any of their code.

Everything goes through C-level slots of ``type`` and ``object``: no ``__getattr__``, no property, no ``__class__`` lie, no
metaclass trick and no ``__eq__`` of a foreign key is ever called. Only questions here, no words for people.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_OF_TYPE: Any = vars(type)
_NAME = _OF_TYPE["__name__"]
_QUALNAME = _OF_TYPE["__qualname__"]
_MODULE = _OF_TYPE["__module__"]
_MRO = _OF_TYPE["__mro__"]
_CLASS_DICT = _OF_TYPE["__dict__"]
_MODULE_DICT: Any = dict(vars(types.ModuleType))["__dict__"]

MISSING: Any = object()
"""What a look-up returns that found nothing (None may be a value)."""


def class_name(cls: type) -> str:
    """The bare name of a class."""
    return _exact_text(_NAME.__get__(cls))


def qualified_name(cls: type) -> str:
    """The name of a class with the classes and functions around it."""
    return _exact_text(_QUALNAME.__get__(cls))


def module_of(cls: type) -> str:
    """The module a class says it is from, or ``""`` where it says nothing sensible."""
    return _exact_text(_MODULE.__get__(cls))


def mro(cls: type) -> tuple[type, ...]:
    """The classes that attribute look-up goes through."""
    return _MRO.__get__(cls) or (cls,)


def class_items(cls: type) -> Iterator[tuple[str, Any]]:
    """What stands in the body of one class, by exact names."""
    for key, value in list(_CLASS_DICT.__get__(cls).items()):
        if type(key) is str:
            yield key, value


def class_attribute(cls: type, name: str) -> Any:
    """What a class or one of its bases holds under a name, as it stands there, or ``MISSING``."""
    for owner in mro(cls):
        for key, value in class_items(owner):
            if key == name:
                return value
    return MISSING


def instance_dict(obj: Any) -> dict[str, Any] | None:
    """The attributes an object itself holds, by exact names, or None where it has no ordinary dictionary."""
    if derives(type(obj), types.ModuleType):
        return plain_keys(_MODULE_DICT.__get__(obj) or {})
    for owner in mro(type(obj)):
        for key, value in class_items(owner):
            if key == "__dict__":
                if not one_of(type(value), types.GetSetDescriptorType, types.MemberDescriptorType):
                    return None  # shadowed by something that would run
                found = value.__get__(obj)
                return plain_keys(found) if type(found) is dict else None
    return None


def slots(obj: Any) -> dict[str, Any]:
    """The attributes an object holds in ``__slots__``."""
    found: dict[str, Any] = {}
    for owner in mro(type(obj)):
        for key, value in class_items(owner):
            if type(value) is types.MemberDescriptorType and key not in (*found, "__dict__"):
                try:
                    found[key] = value.__get__(obj)
                except AttributeError:
                    continue
    return found


def attributes(obj: Any) -> dict[str, Any]:
    """All attributes that an object itself holds."""
    return {**slots(obj), **(instance_dict(obj) or {})}


def plain_keys(mapping: dict[Any, Any]) -> dict[str, Any]:
    """The entries of a dict whose keys are exact strings; reading it calls no ``__hash__`` or ``__eq__``."""
    return {key: value for key, value in snapshot(mapping) if type(key) is str}


def snapshot(mapping: dict[Any, Any]) -> list[tuple[Any, Any]]:
    """The entries of an exact dict (or a subclass, by dict's own method), although another thread may write to it."""
    for _ in range(8):
        try:
            return list(dict.items(mapping))
        except RuntimeError:  # changed while it was read
            continue
    return []


def one_of(cls: type, *kinds: type) -> bool:
    """Whether a class is one of these. ``in`` would ask the ``__eq__`` of its metaclass."""
    return any(cls is kind for kind in kinds)


class ByType(Generic[T]):
    """A mapping from classes, which asks no ``__hash__`` or ``__eq__`` of their metaclasses.

    Example:
        >>> ByType({int: "a number"}).of(int)
        'a number'
    """

    def __init__(self, entries: Mapping[type, T]) -> None:
        self._entries = {id(cls): (cls, value) for cls, value in entries.items()}

    def of(self, cls: type) -> T | None:
        """What stands for a class, or None."""
        found = self._entries.get(id(cls))
        return None if found is None else found[1]


def derives(cls: type, base: type) -> bool:
    """``issubclass`` that asks no ``__subclasscheck__``."""
    return any(entry is base for entry in mro(cls))


def loaded(module: str, name: str) -> Any:
    """What an imported module holds under a (dotted) name, or ``MISSING``; imports nothing, calls no ``__getattr__``."""
    held: Any = sys.modules.get(module, MISSING)
    if held is MISSING or not derives(type(held), types.ModuleType):
        return MISSING
    first, *rest = name.split(".")
    held = plain_keys(_MODULE_DICT.__get__(held)).get(first, MISSING)
    for part in rest:
        if not derives(type(held), type):
            return MISSING
        held = next((v for k, v in class_items(held) if k == part), MISSING)
    return held


def is_type(obj: Any, module: str, name: str) -> bool:
    """Whether the exact type of ``obj`` is that class of an imported library; subclasses are not."""
    cls = type(obj)
    if class_name(cls) != name.rpartition(".")[2]:
        return False
    return loaded(module, name) is cls


def genuine(cls: type, *libraries: str) -> bool:
    """Whether a class really is one of these libraries': its module holds it under its name.

    A class that merely claims to be from there is not, nor is a subclass somebody else made.
    """
    module = module_of(cls)
    if module.partition(".")[0] not in libraries:
        return False
    return loaded(module, qualified_name(cls)) is cls


def type_title(cls: type) -> str:
    """A class as a person names it: ``int``, ``pandas.DataFrame``, ``Point`` (from the notebook itself).

    Example:
        >>> import pathlib
        >>> type_title(int), type_title(pathlib.PurePosixPath)
        ('int', 'pathlib.PurePosixPath')
    """
    module, name = module_of(cls), qualified_name(cls).rpartition("<locals>.")[2]
    if module in ("builtins", "__main__", ""):
        return name or "object"
    root = module.partition(".")[0]
    if root != module and loaded(root, name) is cls:
        module = root
    return f"{module}.{name}"


def _exact_text(value: Any) -> str:
    if type(value) is not str:
        return ""
    return value if len(value) <= 200 else value[:199] + "…"
