"""The shape that an answer is asked to have: the JSON schema that is sent, and how the answer is read back.

pydantic is imported when a shape is first made. Nothing here knows a turn.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from codex_jupyter.errors import OptionError, UserError

#: Keys of a JSON schema whose values are schemas by name, lists of schemas, or a schema.
_BY_NAME, _LISTS, _ONE = ("properties", "$defs"), ("anyOf", "allOf", "prefixItems"), ("items",)


@dataclass(frozen=True)
class AnswerShape:
    """What ``turn/start`` is told as ``outputSchema``, and what makes an object of the answer's JSON.

    Attributes:
        name: what the user calls it, for error messages.
        schema: a JSON schema of an object. The runtime sends it as strict, so that each field is required and no other
            is allowed; a field that may be absent is one that may be null.
        validate: JSON text to the object. Raises ``ValueError``.
    """

    name: str
    schema: Mapping[str, Any]
    validate: Callable[[str], Any]

    def read(self, answer: str | None) -> Any:
        """The object that the answer is.

        Raises:
            UserError: there is no answer, or it does not fit.
        """
        if answer is None:
            raise UserError(f"There is no answer to read as {self.name}.", "Ask again.")
        try:
            return self.validate(answer)
        except ValueError as error:
            raise UserError(
                f"The answer does not fit {self.name}: {error}", "Its text is str(result)."
            ) from None


def answer_shape(given: Any) -> AnswerShape:
    """The shape of a pydantic model, a dataclass, a ``TypedDict``, or a JSON schema as a dict.

    Raises:
        OptionError: it is none of them, or not an object's.

    Example:
        >>> from dataclasses import make_dataclass
        >>> shape = answer_shape(make_dataclass("Trip", [("city", str), ("days", int)]))
        >>> shape.schema["required"], shape.read('{"city": "Oslo", "days": 3}')
        (['city', 'days'], Trip(city='Oslo', days=3))
    """
    if isinstance(given, Mapping):
        return _checked(AnswerShape("the schema", dict(given), json.loads))
    from pydantic import PydanticUserError, TypeAdapter

    name = getattr(given, "__name__", type(given).__name__)
    try:
        if not isinstance(given, type):
            raise TypeError(name)
        adapter = TypeAdapter(given)
        schema = adapter.json_schema()
    except (PydanticUserError, TypeError, AttributeError, NameError) as error:
        raise OptionError(
            f"{name} cannot be made a JSON schema: {str(error).splitlines()[0]}",
            "Give a pydantic model, a dataclass, a TypedDict, or a JSON schema as a dict.",
        ) from None
    return _checked(AnswerShape(name, _strict(schema), adapter.validate_json))


def _checked(shape: AnswerShape) -> AnswerShape:
    if shape.schema.get("type") != "object" and "$ref" not in shape.schema:
        raise OptionError(
            f"{shape.name} is not the schema of an object, and an answer has to be one.",
            "Put it into a field of a pydantic model.",
        )
    return shape


def _strict(schema: Any) -> Any:
    """The same schema with each object closed, its fields required and without defaults, as strict output wants it."""
    if not isinstance(schema, Mapping):
        return schema
    made = {key: value for key, value in schema.items() if key != "default"}
    for key in _BY_NAME:
        if key in made:
            made[key] = {name: _strict(inner) for name, inner in made[key].items()}
    for key in _LISTS:
        if key in made:
            made[key] = [_strict(inner) for inner in made[key]]
    for key in _ONE:
        if key in made:
            made[key] = _strict(made[key])
    if "properties" in made:
        made["required"] = list(made["properties"])
        made["additionalProperties"] = False
    return made
