"""What became of code that the agent ran in the user's kernel: data, in no language. ``notebook_blocks`` draws it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Changes:
    """Names of variables that code made, changed and deleted, in the order in which they stand in the namespace."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.deleted)

    def __str__(self) -> str:
        parts = [
            f"{word} {', '.join(names[:20])}"
            + (f" and {len(names) - 20} more" if len(names) > 20 else "")
            for word, names in (
                ("new:", self.new),
                ("changed:", self.changed),
                ("deleted:", self.deleted),
            )
            if names
        ]
        return "; ".join(parts)
