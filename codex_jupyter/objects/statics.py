"""Looking at objects without running any of their code.

Everything goes through C-level slots of ``type`` and ``object``: no ``__getattr__``, no property, no ``__class__`` lie, no
metaclass trick and no ``__eq__`` of a foreign key is ever called. Only questions here, no words for people.
"""

from __future__ import annotations

import operator
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
_SUBCLASSES = _OF_TYPE["__subclasses__"]
_FLAGS = _OF_TYPE["__flags__"]
_MODULE_DICT: Any = dict(vars(types.ModuleType))["__dict__"]

MISSING: Any = object()
"""What a look-up returns that found nothing (None may be a value)."""


def class_name(cls: type) -> str:
    """The bare name of a class."""
    return text(_NAME.__get__(cls))


def qualified_name(cls: type) -> str:
    """The name of a class with the classes and functions around it."""
    return text(_QUALNAME.__get__(cls))


def module_of(cls: type) -> str:
    """The module a class says it is from, or ``""`` where it says nothing sensible."""
    return text(_MODULE.__get__(cls))


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


def member(obj: Any, name: str) -> Any:
    """What an object of a library's exact type holds under a name, in its dictionary or in C, or ``MISSING``.

    Only for objects whose type is known: reading a field of a type written in C runs that type's C code, nothing else.
    """
    found = class_attribute(type(obj), name)
    if one_of(type(found), types.GetSetDescriptorType, types.MemberDescriptorType):
        try:
            return found.__get__(obj)
        except AttributeError:
            return MISSING
    return (instance_dict(obj) or {}).get(name, MISSING)


def attributes(obj: Any) -> dict[str, Any]:
    """All attributes that an object itself holds."""
    return {**slots(obj), **(instance_dict(obj) or {})}


def plain_keys(mapping: dict[Any, Any]) -> dict[str, Any]:
    """The entries of a dict whose keys are exact strings; reading it calls no ``__hash__`` or ``__eq__``."""
    return {key: value for key, value in entries(mapping) if type(key) is str}


def snapshot(mapping: dict[Any, Any]) -> list[tuple[Any, Any]]:
    """The entries of an exact dict (or a subclass, by dict's own method), although another thread may write to it."""
    for _ in range(8):
        try:
            return list(dict.items(mapping))
        except RuntimeError:  # changed while it was read
            continue
    return []


def entries(mapping: dict[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """Like ``snapshot``, for many thousands: makes no object for each entry, which would set off garbage collections."""
    for _ in range(8):
        keys, values, again = (
            list(dict.keys(mapping)),
            list(dict.values(mapping)),
            list(dict.keys(mapping)),
        )
        if len(keys) == len(values) == len(again) and not any(map(operator.is_not, keys, again)):
            return zip(keys, values, strict=True)
    return iter(())


def one_of(cls: type, *kinds: type) -> bool:
    """Whether a class is one of these. ``in`` would ask the ``__eq__`` of its metaclass."""
    for kind in kinds:  # noqa: SIM110 - asked of every value that is looked at, where a generator costs most
        if cls is kind:
            return True
    return False


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
    entries = snapshot(_MODULE_DICT.__get__(held) or {})
    held = next((v for k, v in entries if type(k) is str and k == first), MISSING)
    for part in rest:
        if not derives(type(held), type):
            return MISSING
        held = next((v for k, v in class_items(held) if k == part), MISSING)
    return held


def imported(module: str) -> Any:
    """The module of that name, if it was imported and is an ordinary one, else None."""
    held: Any = sys.modules.get(module)
    return held if type(held) is types.ModuleType else None


def module_scope(module: str) -> Any:
    """The dictionary of an imported module itself, for comparing by identity, or None."""
    held = imported(module)
    return None if held is None else _MODULE_DICT.__get__(held)


#: Classes of libraries that were found to be what they say; a class that was is so for good.
_FOUND: dict[tuple[str, str], type] = {}


_HEAP = 1 << 9


def static(cls: type) -> bool:
    """Whether a class is written in C and cannot be changed: nobody can have made it, or put a method into it."""
    return not _FLAGS.__get__(cls) & _HEAP


def is_class(cls: type, module: str, name: str) -> bool:
    """Whether a class is the one that an imported library holds under this name."""
    if _FOUND.get((module, name)) is cls:
        return True
    if class_name(cls) != name.rpartition(".")[2] or loaded(module, name) is not cls:
        return False
    _FOUND[module, name] = cls
    return True


def is_type(obj: Any, module: str, name: str) -> bool:
    """Whether the exact type of ``obj`` is that class of an imported library; subclasses are not."""
    return is_class(type(obj), module, name)


def genuine(cls: type, *libraries: str) -> bool:
    """Whether a class really is one of these libraries': its module holds it under its name.

    A class that merely claims to be from there is not, nor is a subclass somebody else made.
    """
    module = module_of(cls)
    if module.partition(".")[0] not in libraries:
        return False
    return is_class(cls, module, qualified_name(cls))


def subclasses(cls: type) -> Iterator[type]:
    """All classes that are derived from a class now, by whoever made them."""
    waiting = [cls]
    while waiting:
        for found in _SUBCLASSES(waiting.pop()):
            waiting.append(found)
            yield found


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


def text(value: Any) -> str:
    """A text that is exactly one, bounded; ``""`` for anything else, whose methods would be somebody's."""
    if type(value) is not str:
        return ""
    return value if len(value) <= 200 else value[:199] + "…"


def length(value: Any) -> int:
    """How many entries an exact ``range``, ``list``, ``tuple``, ``dict`` or their like has; 0 for anything else."""
    cls = type(value)
    return cls.__len__(value) if one_of(cls, range, list, tuple, dict, set, frozenset, str) else 0
