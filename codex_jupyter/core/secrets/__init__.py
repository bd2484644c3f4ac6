"""What a secret looks like, and how text is cleaned of it. Pure; the one home of both.

    names.py      names that tell of a secret: of variables, of what is assigned
    shapes.py     what keys, tokens and passwords in addresses look like
    assigned.py   values behind telling names
    places.py     values that stand where secrets do: in files of passwords, behind options, in sentences
    plain.py      text without a terminal's escape sequences, and the way back
    cleaner.py    text without secrets, whole or growing
    variables.py  which environment variables are secrets, and what of them is hidden
    in_steps.py   the same for long texts, in steps
    fields.py     dataclasses without secrets: every text of every field, but for a table of exceptions
    withheld.py   whether what is hidden of a request may be more than a secret

What is hidden, and what is not promised, is told in docs/secrets.md.
"""

from codex_jupyter.core.secrets.cleaner import Cleaner, Growing
from codex_jupyter.core.secrets.names import any_secret, secret_name
from codex_jupyter.core.secrets.plain import HIDDEN
from codex_jupyter.core.secrets.shapes import secret_value
from codex_jupyter.core.secrets.variables import is_secret, secret_values

__all__ = [
    "HIDDEN",
    "Cleaner",
    "Growing",
    "any_secret",
    "is_secret",
    "secret_name",
    "secret_value",
    "secret_values",
]
