"""A tracer that notices every frame of Python which is neither ours, nor Python's, nor of a library that is let in."""

from __future__ import annotations

import gc
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import codex_jupyter

OURS = str(Path(codex_jupyter.__file__).parent)
OUR_NAME = codex_jupyter.__name__
STANDARD = tuple({sysconfig.get_paths()[key] for key in ("stdlib", "platstdlib")})
SITE = tuple({sysconfig.get_paths()[key] for key in ("purelib", "platlib")})


@contextmanager
def only_ours(*libraries: str, of: CodeType | None = None) -> Iterator[list[str]]:
    """While this lasts, the frames of anybody else are noted, and modules that were imported.

    Args:
        libraries: packages whose Python code may run as well.
        of: the function of the test that looks.
    """
    noted: list[str] = []
    fine = set() if of is None else {of}
    allowed = tuple(f"{site}/{library}/" for site in SITE for library in libraries)

    def profile(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event != "call" or code in fine:
            return
        name = code.co_filename
        standard = name.startswith(STANDARD) and not name.startswith(SITE)
        # What dataclass made of a class of ours, and namedtuple of one of Python's.
        home = str(frame.f_globals.get("__name__"))
        generated = name == "<string>" and home.startswith((OUR_NAME, "namedtuple_TokenInfo"))
        if (
            standard
            or generated
            or name.startswith((OURS, "<frozen ", *allowed))
            or name == __file__
        ):
            fine.add(code)
        else:
            noted.append(f"{code.co_qualname} in {name}:{frame.f_lineno}")

    before, modules = sys.getprofile(), set(sys.modules)
    gc.disable()  # what others left behind ends later, and is none of the looking
    sys.setprofile(profile)
    try:
        yield noted
    finally:
        sys.setprofile(before)
        gc.enable()
        noted += [
            f"import of {name}"
            for name in set(sys.modules) - modules
            if not name.startswith("codex_jupyter")
        ]
