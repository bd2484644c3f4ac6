"""The words in which a person says how far Codex may go: ``-s``, ``-a``, ``-k``. What they come to is ``rights.py``."""

from __future__ import annotations

from typing import Literal

#: The sandboxes that can be named.
NamedSandbox = Literal["read-only", "workspace-write", "full-access"]
#: Who decides about what goes beyond it.
Approval = Literal["ask", "untrusted", "auto-review", "never"]
#: How far Codex may go in this kernel before that.
KernelAccess = Literal["off", "read", "edit", "run"]
