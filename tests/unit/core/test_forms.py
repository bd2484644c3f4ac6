"""Filled forms against their schemas: what is typed becomes JSON, and what does not fit is told in words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_jupyter.core.forms import form_content, form_fault

SCHEMA = json.dumps(
    {
        "properties": {
            "name": {"type": "string", "title": "Your name", "minLength": 2, "maxLength": 5},
            "age": {"type": "integer", "minimum": 18, "maximum": 99},
            "share": {"type": "number"},
            "sure": {"type": "boolean"},
            "color": {"type": "string", "enum": ["red", "blue"]},
            "days": {"type": "array", "items": {"enum": ["Mon", "Tue"]}},
        },
        "required": ["name"],
    }
)


@pytest.mark.parametrize(
    ("filled", "fault"),
    [
        ({"name": "Ada"}, ""),
        ({"name": "Ada", "age": 41, "share": 0.5, "sure": False, "color": "red", "days": ["Mon"]}, ""),
        ({"name": "Ada", "age": None, "days": []}, ""),
        ({}, "Your name is needed."),
        ({"name": "A"}, "Your name is at least 2 characters."),
        ({"name": "Augusta"}, "Your name is at most 5 characters."),
        ({"name": 7}, "Your name is a text."),
        ({"name": "Ada", "age": "forty"}, "age is a whole number."),
        ({"name": "Ada", "age": 41.5}, "age is a whole number."),
        ({"name": "Ada", "age": True}, "age is a whole number."),
        ({"name": "Ada", "age": 7}, "age is at least 18."),
        ({"name": "Ada", "age": 107}, "age is at most 99."),
        ({"name": "Ada", "age": 10**400}, "age is at most 99."),
        ({"name": "Ada", "age": float("inf")}, "age is a whole number."),
        ({"name": "Ada", "age": float("nan")}, "age is a whole number."),
        ({"name": "Ada", "share": "half"}, "share is a number."),
        ({"name": "Ada", "sure": "perhaps"}, "sure is yes or no."),
        ({"name": "Ada", "color": "green"}, "color is chosen from what is offered."),
        ({"name": "Ada", "color": ["red"]}, "color is chosen from what is offered."),
        ({"name": "Ada", "days": "Mon"}, "days is chosen from what is offered."),
        ({"name": "Ada", "days": ["Sun"]}, "days is chosen from what is offered."),
        ([], "The form is not filled in."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(filled: Any, fault: str) -> None:
    assert form_fault(SCHEMA, json.dumps(filled)) == fault


def test_what_is_typed_gets_the_type_of_its_field() -> None:
    typed = (
        ("name", ("Ada",)),
        ("age", ("41",)),
        ("share", ("half",)),
        ("sure", ("true",)),
        ("days", ("Mon", "Tue")),
        ("color", ()),
    )
    assert json.loads(form_content(SCHEMA, typed)) == {
        "name": "Ada",
        "age": 41,
        "share": "half",
        "sure": True,
        "days": ["Mon", "Tue"],
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "properties", "type", "enum", "x"]), inner)
    ),
    max_leaves=12,
)


@given(JSON, JSON)
def test_any_schema_and_any_content_get_a_verdict(schema: Any, content: Any) -> None:
    assert isinstance(form_fault(json.dumps(schema), json.dumps(content)), str)
    assert isinstance(form_fault("{", "{"), str)
