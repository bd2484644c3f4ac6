"""What of our files lies where this test's are: what other processes keep meanwhile on the machine is theirs."""

from __future__ import annotations

from codex_jupyter import places


def kept_here() -> list[places.Kept]:
    """As ``places.kept``, below the folder that is used now."""
    base = places.base()
    return [one for one in places.kept() if one.path.is_relative_to(base)]
