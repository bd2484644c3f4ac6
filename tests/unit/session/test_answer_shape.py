"""What is sent for a model, a dataclass or a schema, and what its answers are read as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from codex_jupyter.errors import OptionError, UserError
from codex_jupyter.session.answer_shape import answer_shape


class Stop(BaseModel):
    place: str
    nights: int | None = None


class Trip(BaseModel):
    stops: list[Stop]
    price: float = 0.0


@dataclass
class Point:
    x: int
    y: int


class Named(TypedDict):
    name: str


def closed(schema: Any) -> bool:
    if isinstance(schema, list):
        return all(map(closed, schema))
    if not isinstance(schema, dict):
        return True
    if "properties" in schema:
        if schema["additionalProperties"] is not False:
            return False
        if schema["required"] != list(schema["properties"]):
            return False
    return "default" not in schema and all(map(closed, schema.values()))


@pytest.mark.parametrize(
    ("given", "answer", "read"),
    [
        (
            Trip,
            '{"stops": [{"place": "Oslo", "nights": null}], "price": 2}',
            Trip(stops=[Stop(place="Oslo")], price=2),
        ),
        (Point, '{"x": 1, "y": 2}', Point(1, 2)),
        (Named, '{"name": "a"}', {"name": "a"}),
    ],
)
def test_each_object_of_it_is_closed_and_read_back(given: Any, answer: str, read: Any) -> None:
    shape = answer_shape(given)
    assert closed(shape.schema)
    assert shape.read(answer) == read


def test_a_schema_is_sent_as_it_is() -> None:
    given = {"type": "object", "properties": {"a": {"type": "string"}}}
    shape = answer_shape(given)
    assert shape.schema == given
    assert shape.read('{"a": "b"}') == {"a": "b"}


@pytest.mark.parametrize(
    "given", [int, list, 3, "Trip", object(), {"type": "array"}, Trip(stops=[])]
)
def test_what_is_no_objects_schema_is_refused(given: Any) -> None:
    with pytest.raises(OptionError):
        answer_shape(given)


@pytest.mark.parametrize("answer", [None, "", "Oslo", '{"x": 1}', '{"x": 1, "y": "far"}'])
def test_an_answer_that_does_not_fit_is_told(answer: str | None) -> None:
    with pytest.raises(UserError, match="Point"):
        answer_shape(Point).read(answer)
