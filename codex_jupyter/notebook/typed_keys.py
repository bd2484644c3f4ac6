"""Keys typed where they would be saved, and how they are refused. What one looks like is ``core/secrets``.

A notebook, the history database and ``In`` keep what is typed into a cell. A key must not be there,
so it is refused where it is recognised. Nothing here repeats the text it looked at. Pure.
"""

from __future__ import annotations

from typing import Any

from codex_jupyter.errors import SecretOnLineError
from codex_jupyter.settings import Option


def looks_like_key(text: str) -> bool:
    """True for text that holds something shaped like an API key or a token.

    Example:
        >>> looks_like_key("sk-proj-0123456789"), looks_like_key("sk-learn")
        (True, False)
    """
    # Here, since loading the extension needs none of it.
    from codex_jupyter.core.secrets.shapes import key_shaped

    return key_shaped(text)


def secret_on_line() -> SecretOnLineError:
    """The refusal of a key typed into a cell. It never contains the key."""
    return SecretOnLineError(
        "A key typed into a cell is saved in the notebook and in the history, so it was not used.",
        "Run `%codex login --api-key`: it asks for the key in a hidden field. Then delete the key "
        "from this cell, and consider it seen.",
    )


def read_value(option: Option, text: str) -> Any:
    """The value that a typed text stands for, if it is no key.

    Raises:
        OptionError: ``text`` is not a value of this option; the hint says what is.
        SecretOnLineError: ``text`` holds something shaped like a key, which the notebook would save.
    """
    if looks_like_key(text):
        raise secret_on_line()
    return option.read(text)
