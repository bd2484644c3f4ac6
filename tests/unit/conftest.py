"""Laws are not stopwatches: how long an example takes says how busy the machine is, and nothing of the code."""

from __future__ import annotations

import gc

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave what the collected tests consist of out of every later search for garbage: it lives to the end."""
    gc.collect()
    gc.freeze()
