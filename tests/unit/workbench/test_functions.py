"""Functions as tools: schema, validation, results."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from codex_jupyter.errors import OptionError, UserError
from codex_jupyter.notebook.workbench import functions
from codex_jupyter.notebook.workbench.functions import arguments_of, offer, result_text


class Window(BaseModel):
    days: int


def churn(
    window: Window,
    /,
    kind: Literal["quiet", "gone"],
    limit: Annotated[int, Field(ge=1)] = 10,
    *,
    names: list[str] | None = None,
) -> dict[str, object]:
    """Who leaves.

    Args:
        kind: which of them,
            in one word.
        limit: how many at most.
    """
    return {"days": window.days, "kind": kind, "limit": limit, "names": names}


def test_the_schema_says_what_the_annotations_say() -> None:
    spec = offer(churn).spec
    assert (spec["type"], spec["name"]) == ("function", "churn")
    assert spec["description"].startswith("Who leaves.")
    schema = spec["inputSchema"]
    assert schema["required"] == ["window", "kind"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["kind"]["enum"] == ["quiet", "gone"]
    assert schema["properties"]["kind"]["description"] == "which of them, in one word."
    assert schema["properties"]["limit"]["minimum"] == 1


def test_a_call_is_validated_and_bound() -> None:
    offered = offer(churn)
    assert offered.bind({"window": {"days": 3}, "kind": "quiet", "names": ["a"]})() == {
        "days": 3, "kind": "quiet", "limit": 10, "names": ["a"],
    }  # fmt: skip
    for wrong in (
        {},
        {"window": {"days": "x"}, "kind": "quiet"},
        {"window": {"days": 1}, "kind": "quiet", "more": 1},
    ):
        with pytest.raises(UserError, match="do not fit"):
            offered.bind(wrong)


def test_a_coroutine_function_stays_one() -> None:
    async def double(n: int) -> int:
        """Twice."""
        return 2 * n

    assert asyncio.run(offer(double).bind({"n": 4})()) == 8


def test_what_cannot_be_offered_is_told() -> None:
    def undocumented(n: int) -> int:
        return n

    def untyped(n):
        """Doc."""

    def many(*names: str) -> None:
        """Doc."""

    def strange(value: pytest.Item) -> None:
        """Doc."""

    def run_python(code: str) -> None:
        """Doc."""

    for function, told in (
        (undocumented, "no docstring"),
        (untyped, "has no type"),
        (many, "any number of arguments"),
        (strange, "JSON cannot carry"),
        (run_python, "There is a tool run_python already"),
        (lambda: 1, "cannot be a tool's name"),
    ):
        with pytest.raises(OptionError, match=told):
            offer(function)


def test_where_python_drops_docstrings_a_function_is_offered_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(functions, "DOCSTRINGS", False)

    def price(symbol: str) -> float:
        return 1.0

    assert "without docstrings" in offer(price).spec["description"]


def test_results_are_text_or_json_or_a_repr() -> None:
    assert result_text("as it is") == "as it is"
    assert result_text({"a": [1, None], "w": Window(days=2)}) == '{"a":[1,null],"w":{"days":2}}'
    assert result_text(object()).startswith("<object object")


def test_arguments_are_json_objects() -> None:
    assert arguments_of("") == {}
    for wrong in ("[1]", "{", "nope"):
        with pytest.raises(UserError):
            arguments_of(wrong)


def test_a_coroutine_from_a_plain_function_is_an_error_that_says_what_to_do() -> None:
    async def later() -> int:
        return 1

    def wrapped() -> object:
        """Looks plain, and is not."""
        return later()

    with pytest.raises(TypeError, match="wrapped gave a coroutine: make it with async def"):
        offer(wrapped).bind({})()
