"""Objects whose every touch is noticed: what looks at them without permission fails the test."""

from __future__ import annotations

from typing import Any

#: What was called of the objects below, by name.
TOUCHED: list[str] = []


class TouchedError(Exception):
    """Raised by whatever is touched; the list tells where it was swallowed."""


def touched(name: str) -> None:
    TOUCHED.append(name)
    raise TouchedError(f"{name} was called")


class Meta(type):
    """A metaclass that answers every question about its classes itself."""

    def __getattribute__(cls, name: str) -> Any:
        touched(f"Meta.__getattribute__ {name}")

    def __instancecheck__(cls, instance: Any) -> bool:
        touched("Meta.__instancecheck__")
        return True

    def __subclasscheck__(cls, subclass: Any) -> bool:
        touched("Meta.__subclasscheck__")
        return True

    def __repr__(cls) -> str:
        touched("Meta.__repr__")
        return ""

    def __eq__(cls, other: object) -> bool:
        touched("Meta.__eq__")
        return True

    def __hash__(cls) -> int:
        touched("Meta.__hash__")
        return 1


def methods(**more: Any) -> dict[str, Any]:
    names = [
        "__repr__",
        "__str__",
        "__format__",
        "__eq__",
        "__hash__",
        "__len__",
        "__iter__",
        "__getattr__",
        "__getattribute__",
        "__bool__",
        "__sizeof__",
        "__getitem__",
        "__contains__",
        "__call__",
        "__dir__",
        "__reduce__",
        "__int__",
        "__float__",
        "__index__",
        "_repr_html_",
        "_repr_mimebundle_",
        "_ipython_display_",
        "_repr_pretty_",
        "__array__",
        "__dataframe__",
        "__del_not__",
        "items",
        "keys",
        "values",
    ]

    def make(name: str) -> Any:
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            touched(name)

        return method

    return {name: make(name) for name in names} | more


Touchy = Meta(
    "Touchy",
    (),
    methods(__module__="__main__", __class__=property(lambda self: touched("__class__"))),
)
Liar = type(
    "DataFrame",
    (),
    methods(
        __module__="pandas.core.frame",
        __class__=property(lambda self: dict),
        __qualname__="DataFrame",
    ),
)
Dict = type("Dict", (dict,), methods(__module__="__main__"))
Text = type("Text", (str,), methods(__module__="__main__"))
List = type("List", (list,), methods(__module__="__main__"))
Number = type("Number", (int,), methods(__module__="__main__"))
Tuple = type(
    "Tuple",
    (tuple,),
    methods(__module__="__main__", _fields=property(lambda self: touched("_fields"))),
)
Error = type(
    "Error",
    (Exception,),
    methods(__module__="__main__", args=property(lambda self: touched("args"))),
)
Shadowed = type(
    "Shadowed",
    (),
    methods(
        __module__="__main__",
        __dict__=property(lambda self: touched("__dict__")),
        __slots__=("held",),
    ),
)


class Key(str):
    """A dictionary key that takes over comparisons."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        touched("Key.__eq__")
        return True

    def __hash__(self) -> int:
        return hash(str.__str__(self))


def all_of_them() -> dict[str, Any]:
    """One of each, by name."""
    new = object.__new__
    loop: dict[str, Any] = {"a": 1}
    loop["self"] = loop
    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]
    return {
        "touchy": new(Touchy),
        "touchy_class": Touchy,
        "liar": new(Liar),
        "mapping": dict.__new__(Dict),
        "text": str.__new__(Text, "x" * 1000),
        "sequence": list.__new__(List),
        "number": int.__new__(Number, 3),
        "pair": tuple.__new__(Tuple, (1, 2)),
        "error": Exception.__new__(Error, "boom"),
        "shadowed": new(Shadowed),
        "nested": {"inside": [new(Touchy)], "more": (new(Liar), {"deep": new(Touchy)})},
        "loop": loop,
        "deep": deep,
        "huge": "x" * 50_000_000,
        "number_of_many_digits": 10**50_000,
    }
