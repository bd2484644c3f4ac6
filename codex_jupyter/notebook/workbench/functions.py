"""The user's own functions as tools: ``@session.tool``. Schema and validation from the annotations, by pydantic."""

from __future__ import annotations

import inspect
import itertools
import json
import re
import sys
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from codex_jupyter.errors import OptionError, UserError
from codex_jupyter.notebook.workbench.tool_schemas import NAMES

#: Whether Python keeps docstrings: ``python -OO`` does not. What a function is described by then.
DOCSTRINGS = sys.flags.optimize < 2
STRIPPED = "A function of the user's. Python runs without docstrings here (-OO), so its name and arguments are all there is."

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
#: Characters of a result that is given back.
ROOM = 16_000


@dataclass(frozen=True)
class Offered:
    """A function that the agent may call.

    Attributes:
        name: as the model knows it.
        spec: its entry in ``dynamicTools``.
        function: what is called.
        arguments: the pydantic model of its parameters.
        serial: counts what was offered in this process: a function that is offered anew is another one.
    """

    name: str
    spec: dict[str, Any]
    function: Callable[..., Any]
    arguments: Any
    serial: int = field(default_factory=itertools.count(1).__next__)
    _code: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_code", _code_of(self.function))

    @property
    def identity(self) -> str:
        """Which function this is, for a rule that covers it; ``""`` once it does something else than when it was offered."""
        now = _code_of(self.function)
        same = all(part is was for part, was in zip(now, self._code, strict=True))
        return f"function {self.serial}" if same else ""

    def bind(self, given: dict[str, Any]) -> Callable[[], Any]:
        """The call with these arguments, validated.

        Raises:
            UserError: they do not fit; the text says how, for the model.
        """
        from pydantic import ValidationError

        try:
            held = self.arguments.model_validate(given)
        except ValidationError as error:
            told = "; ".join(
                f"{'.'.join(map(str, e['loc'])) or 'arguments'}: {e['msg']}" for e in error.errors()
            )
            raise UserError(f"The arguments do not fit: {told}.") from None
        values = {
            name: getattr(held, name)
            for name in type(held).model_fields
            if name in held.model_fields_set
        }
        positional = [
            values.pop(p.name)
            for p in inspect.signature(self.function).parameters.values()
            if p.kind is p.POSITIONAL_ONLY and p.name in values
        ]
        function = self.function
        if inspect.iscoroutinefunction(function):

            async def awaited() -> Any:
                return await function(*positional, **values)

            return awaited

        def called() -> Any:
            value = function(*positional, **values)
            if inspect.iscoroutine(value):
                value.close()
                raise TypeError(
                    f"{self.name} gave a coroutine: make it with async def, so that it is awaited"
                )
            return value

        return called


def _code_of(function: Callable[..., Any]) -> tuple[Any, ...]:
    """What a function does, as far as it can be seen: its code, and what that is given."""
    inner = inspect.unwrap(function)
    return tuple(
        getattr(one, name, None)
        for one in (function, inner)
        for name in ("__code__", "__defaults__", "__kwdefaults__", "__closure__")
    )


def offer(function: Callable[..., Any]) -> Offered:
    """A typed, documented function as a tool.

    Raises:
        OptionError: it cannot be one; the text says what to change.

    Example:
        >>> def double(n: int) -> int:
        ...     '''Twice a number.'''
        ...     return 2 * n
        >>> offered = offer(double)
        >>> offered.spec["inputSchema"]["properties"]["n"]["type"], offered.bind({"n": 21})()
        ('integer', 42)
    """
    from pydantic import ConfigDict, Field, create_model
    from pydantic.errors import PydanticUserError

    name = getattr(function, "__name__", "")
    if not _NAME.fullmatch(name):
        raise OptionError(f"{name!r} cannot be a tool's name.", "Offer a function made with def.")
    if name in NAMES:
        raise OptionError(f"There is a tool {name} already.", "Give the function another name.")
    doc = inspect.cleandoc(function.__doc__ or "")
    if not doc and not DOCSTRINGS:
        doc = STRIPPED
    if not doc:
        raise OptionError(
            f"{name} has no docstring.", "Say in it what the function does: the agent reads it."
        )
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except Exception as error:
        raise OptionError(f"The annotations of {name} cannot be read: {error}.") from None
    described = _described(doc)
    fields: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise OptionError(f"{name} takes any number of arguments.", "Name each parameter.")
        if parameter.name not in hints:
            raise OptionError(
                f"Parameter {parameter.name} of {name} has no type.", "Annotate it, such as n: int."
            )
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[parameter.name] = (
            hints[parameter.name],
            Field(default, description=described.get(parameter.name)),
        )
    try:
        config = ConfigDict(extra="forbid", arbitrary_types_allowed=False)
        arguments = create_model(name, __config__=config, **fields)
        schema = arguments.model_json_schema()
    except (PydanticUserError, TypeError, NameError, ValueError) as error:
        raise OptionError(
            f"A parameter of {name} has a type that JSON cannot carry.", str(error).splitlines()[0]
        ) from None
    schema.pop("title", None)
    spec = {"type": "function", "name": name, "description": doc[:2_000], "inputSchema": schema}
    return Offered(name, spec, function, arguments)


def result_text(value: Any) -> str:
    """What the model is told of a function's result: text as it is, else JSON, else its repr. May run foreign code."""
    from pydantic_core import to_json

    if type(value) is str:
        return value[:ROOM]
    try:
        return to_json(value, indent=None).decode()[:ROOM]
    except ValueError:  # not serialisable
        return repr(value)[:ROOM]


def arguments_of(text: str) -> dict[str, Any]:
    """A call's arguments.

    Raises:
        UserError: they are no JSON object.
    """
    try:
        given = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        raise UserError("The arguments are not JSON.") from None
    if not isinstance(given, dict):
        raise UserError("The arguments are not a JSON object.")
    return given


def _described(doc: str) -> dict[str, str]:
    """Parameters as a Google-style ``Args:`` section describes them."""
    found: dict[str, str] = {}
    inside, last = False, ""
    for line in doc.splitlines():
        if re.fullmatch(r"(Args|Arguments|Parameters):\s*", line):
            inside = True
        elif inside and line and not line[0].isspace():
            break
        elif inside and (match := re.match(r" {2,8}(\w+)(?: \([^)]*\))?: (.*)", line)):
            last = match[1]
            found[last] = match[2].strip()
        elif inside and last and line.strip():
            found[last] += " " + line.strip()
    return found
