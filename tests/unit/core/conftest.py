"""Laws are not stopwatches: no test of this room has a deadline for a single example."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
