"""Tables with a type of Arrow that is somebody's: for a process of its own, since Arrow is looked into only where there is none.

Run as a module it looks at all of them, and prints what ran.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from tests.unit.objects.looking import LET_IN, RAN, look
from tests.unit.objects.only_ours import only_ours

MAKERS: list[Any] = []


def maker(make: Any) -> Any:
    MAKERS.append(make)
    return make


class Label(pa.ExtensionType):
    """Brought to life by its own code wherever Arrow names it."""

    def __init__(self) -> None:
        super().__init__(pa.int64(), "tests.label")

    def __arrow_ext_serialize__(self) -> bytes:
        return b""

    @classmethod
    def __arrow_ext_deserialize__(cls, storage: Any, serialized: Any) -> Any:
        return cls()

    def __arrow_ext_scalar_class__(self) -> Any:
        return LabelScalar

    def __str__(self) -> str:
        return RAN

    __repr__ = __str__


class LabelScalar(pa.ExtensionScalar):
    def as_py(self, **kwargs: Any) -> Any:
        return RAN


def labels() -> Any:
    return pa.ExtensionArray.from_storage(Label(), pa.array([1, 2]))


@maker
def arrow_of_a_type_of_its_own() -> Any:
    return pa.table({"a": labels()})


@maker
def arrow_of_a_type_of_its_own_in_lists() -> Any:
    return pa.table({"a": pa.ListArray.from_arrays([0, 1, 2], labels()), "n": [1, 2]})


@maker
def arrow_of_a_type_of_its_own_in_structs() -> Any:
    inner = pa.StructArray.from_arrays([labels()], names=["x"])
    return pa.RecordBatch.from_arrays([pa.ListArray.from_arrays([0, 1, 2], inner)], names=["a"])


@maker
def pandas_over_arrow_of_a_type_of_its_own() -> Any:
    lists = pa.ListArray.from_arrays([0, 1, 2], labels())
    return pd.DataFrame({"a": pd.Series(pd.arrays.ArrowExtensionArray(lists)), "n": [1, 2]})


if __name__ == "__main__":
    for make in MAKERS:
        value = make()
        with only_ours(*LET_IN, of=look.__code__) as noted:
            told = look(value)
        print(make.__name__, noted, RAN in told, "columns" in told or "column" in told)
