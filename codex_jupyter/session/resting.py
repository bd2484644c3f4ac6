"""In which folder a conversation rests."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_jupyter.settings import Settings


def resting_in(usual: Settings, now: Settings) -> Settings:
    """What a turn without options would have, in the folder of this one where the kernel's own folder is gone."""
    if usual.cwd:
        return usual
    try:
        os.getcwd()
    except FileNotFoundError:
        return replace(usual, cwd=now.cwd)
    return usual
