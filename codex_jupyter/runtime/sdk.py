"""Whether the installed SDK can be stood on. Looked at before a runtime is started."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable

from codex_jupyter.errors import RuntimeFailedError
from codex_jupyter.runtime import private_names, versions


def must_be_there(moved: Callable[[], str] = private_names.moved) -> None:
    """See that the SDK has every name that ``tap.py`` uses.

    Args:
        moved: looks; tests put another in its place.

    Raises:
        RuntimeFailedError: there is no SDK, or it has moved one; the text names it and the newest SDK that works.
    """
    try:
        name = moved()
    except ModuleNotFoundError as error:
        if error.name != "openai_codex":
            raise
        raise RuntimeFailedError(
            "The Codex SDK is not installed.", "Install it: pip install openai-codex."
        ) from None
    if name:
        raise RuntimeFailedError(*versions.sdk_moved(installed(), name))


def installed() -> str:
    """The version of the installed SDK, ``""`` where nothing tells."""
    try:
        return importlib.metadata.version("openai-codex")
    except importlib.metadata.PackageNotFoundError:
        return ""
