"""Objects as the wire might send them: fields and types of the captures, with any value at all in them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.unit.core.captures import load, messages

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.text(alphabet=st.characters(), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


def names_in(value: Any) -> set[str]:
    """Every name of a field in a decoded message."""
    if isinstance(value, dict):
        return set(value) | set().union(*map(names_in, value.values()))
    return set().union(*map(names_in, value)) if isinstance(value, list) else set()


NAMES = sorted(set().union(*(names_in(params) for _, params in messages())))
#: Of the captured items.
TYPES = sorted({row["params"]["item"]["type"] for row in load("items")})
wire_objects = st.dictionaries(
    st.sampled_from(NAMES),
    json_values
    | st.sampled_from(TYPES)
    | st.dictionaries(st.sampled_from(NAMES), json_values, max_size=5),
    max_size=8,
)
