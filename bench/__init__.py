"""Benchmarks. Each module here but `__main__` is one; `python -m bench [NAME ...]` runs them.

A benchmark is a module with a docstring that says what it measures, and a function `measure()` that
returns its rows, the baseline first. What is printed is the ratio to the baseline: seconds belong to
one machine, ratios travel.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measured thing: what, how much, in which unit (smaller is better)."""

    what: str
    amount: float
    unit: str
