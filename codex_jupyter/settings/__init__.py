"""What a user can set: every option declared once, and the layers that make a turn's settings.

A bottom room: it imports ``errors`` and the standard library, and every room may import it. ``declared`` is the
declaration, ``option`` what an option is, ``kinds`` the kinds of values, ``layers`` who wins.
"""

from __future__ import annotations

from codex_jupyter.settings.declared import (
    ALL_OPTIONS,
    APPROVALS,
    EFFORTS,
    GROUPS,
    KERNEL_ACCESS,
    OPTIONS_BY_NAME,
    SANDBOXES,
    SETTINGS,
    TYPED_OPTIONS,
    Approval,
    Effort,
    KernelAccess,
    Options,
    Sandbox,
    Settings,
    TurnOptions,
)
from codex_jupyter.settings.kinds import Choice
from codex_jupyter.settings.layers import layer
from codex_jupyter.settings.option import CELL, Option, Scope, Source, did_you_mean

__all__ = [
    "ALL_OPTIONS",
    "APPROVALS",
    "CELL",
    "EFFORTS",
    "GROUPS",
    "KERNEL_ACCESS",
    "OPTIONS_BY_NAME",
    "SANDBOXES",
    "SETTINGS",
    "TYPED_OPTIONS",
    "Approval",
    "Choice",
    "Effort",
    "KernelAccess",
    "Option",
    "Options",
    "Sandbox",
    "Scope",
    "Settings",
    "Source",
    "TurnOptions",
    "did_you_mean",
    "layer",
]
