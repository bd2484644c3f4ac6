"""How many examples a property is tried with: few where every commit is checked, many in ``make fuzz``."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

#: So many times the usual number of examples.
TIMES = int(os.environ.get("CODEX_JUPYTER_FUZZ", "1"))


def examples(count: int) -> settings:
    """The settings of a property that is tried ``count`` times, and by ``make fuzz`` many times as often.

    Args:
        count: examples of one run of the unit tier; together the properties take some seconds there.
    """
    return settings(
        max_examples=count * TIMES,
        deadline=None,
        derandomize=TIMES == 1,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
