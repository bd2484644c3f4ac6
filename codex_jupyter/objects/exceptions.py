"""What an exception says of itself, without running its own code: its class and its plain arguments. Pure."""

from __future__ import annotations

from typing import Any

from codex_jupyter.objects import statics
from codex_jupyter.objects.preview import preview

#: What every exception was given, whatever its class makes of the name.
_ARGS: Any = BaseException.__dict__["args"]


def line_of(error: BaseException) -> str:
    """The last line of its traceback, as far as that needs no code of its class.

    Example:
        >>> line_of(ValueError("no", 3))
        "ValueError: 'no', 3"
    """
    words = ", ".join(preview(each, 400) for each in _ARGS.__get__(error)[:4])
    return f"{statics.type_title(type(error))}: {words}"
