"""Runs the benchmarks and prints each row beside its ratio to the benchmark's first row."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import bench


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all; return the process's exit status."""
    known = sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if m.name != "__main__")
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    for name in names or known:
        module = importlib.import_module(f"bench.{name}")
        rows = module.measure()
        print(f"\n{name}: {(module.__doc__ or '').splitlines()[0]}")
        for row in rows:
            ratio = row.amount / rows[0].amount
            print(f"  {row.what:<44} {row.amount:10.3f} {row.unit:<6} {ratio:7.2f} x")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
