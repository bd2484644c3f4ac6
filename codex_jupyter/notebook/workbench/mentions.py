"""``--with df,fig,path`` and ``@name`` in a prompt: exactly these of the user's things, attached to one turn.

Tables go as schema and sample, figures and images as image files, files as mentions, anything else by its repr. In the
cell's own thread: what was named by the user may be drawn and represented, which runs its code as the cell's would, for a
bounded time.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codex_jupyter import journal
from codex_jupyter.errors import OptionError, UserError
from codex_jupyter.notebook.workbench.drawing import picture_of
from codex_jupyter.notebook.workbench.figures import Figures
from codex_jupyter.notebook.workbench.time_limit import TimeLimitError, time_limit
from codex_jupyter.objects import statics
from codex_jupyter.objects.details import describe, needs_own_code
from codex_jupyter.objects.figures import is_figure, is_image
from codex_jupyter.objects.lookup import UnknownNameError, resolve
from codex_jupyter.objects.preview import hidden
from codex_jupyter.objects.shortening import bounded
from codex_jupyter.objects.tables import table_of

log = journal.logger("workbench")

#: Things attached to one turn, characters of one and of all.
MOST, ROOM, ALL = 20, 6_000, 30_000
#: Seconds that a thing's own representation may take.
REPR = 5.0

#: Where a mention begins, and what may stand behind its name.
_SIGN = re.compile(r"(?<![\w@`])@")
_INDEXES = re.compile(r"(?:\[(?:'[^'\n]*'|\"[^\"\n]*\"|-?\d+)\])*")
#: What a path has besides names.
_OF_PATHS = frozenset("./~-")


@dataclass
class Attached:
    """What to add to a turn.

    Attributes:
        work: keys as ``runtime.threads.turn_params`` takes them: data, images, mentions.
        sent: what of the user's goes with it, for the footer.
    """

    work: dict[str, Any] = field(default_factory=dict)
    sent: tuple[str, ...] = ()


def attach(
    prompt: str,
    names: Sequence[str],
    *,
    namespace: dict[str, Any],
    figures: Figures,
    folder: Path,
    redact: Callable[[str], str],
    represent: Callable[[Any], str] = repr,
) -> Attached:
    """Attach what was named.

    Args:
        prompt: its ``@names`` are looked up; one that is nothing stays text.
        names: of ``--with``; each must be something.
        namespace: the kernel's variables.
        figures: where images are written.
        folder: what relative paths are relative to.
        redact: takes secrets out of a text.
        represent: the repr of a foreign object; what it raises is survived.

    Raises:
        OptionError: a name of ``--with`` is neither a variable nor a file. Nothing was sent.
    """
    found: dict[str, Any] = {}
    for name in names:
        thing = _look_up(name, namespace, folder)
        if thing is None:
            raise OptionError(
                f"--with {name}: there is no such variable or file. Nothing was sent.",
                _near(name, namespace, folder),
            )
        found[name] = thing
    for name in mentioned(prompt):
        thing = _look_up(name, namespace, folder)
        if thing is not None and not (type(thing) is _Variable and _is_code_word(name, namespace)):
            found.setdefault(name, thing)
    return _attached(dict(list(found.items())[:MOST]), figures, redact, represent)


def mentioned(prompt: str) -> list[str]:
    """The ``@words`` of a prompt, without the sign and without punctuation at their end.

    Example:
        >>> mentioned("Compare @df and @load.py. Mail ada@example.com, not @")
        ['df', 'load.py']
    """
    found = (_name_at(prompt, sign.end()) for sign in _SIGN.finditer(prompt))
    return list(dict.fromkeys(name for each in found if (name := each.rstrip("./-~"))))


def _name_at(text: str, start: int) -> str:
    """The name or path that begins there, with constant indexes behind it: whatever Python takes for a name."""
    if text[start : start + 1] == "-":
        return ""
    end = start
    while end < len(text) and (
        text[end] in _OF_PATHS
        or text[end].isidentifier()
        or (end > start and f"_{text[end]}".isidentifier())
    ):
        end += 1
    behind = _INDEXES.match(text, end)
    return text[start : behind.end()] if behind is not None and end > start else ""


@dataclass(frozen=True)
class _Variable:
    value: Any


@dataclass(frozen=True)
class _File:
    path: Path


def _look_up(name: str, namespace: dict[str, Any], folder: Path) -> _Variable | _File | None:
    try:
        return _Variable(resolve(namespace, name))
    except UserError:
        pass
    try:
        path = Path(os.path.abspath(folder / os.path.expanduser(name)))
        return (
            _File(path)
            if path.is_file() or (path.is_dir() and ("/" in name or os.sep in name))
            else None
        )
    except OSError:
        return None


def _is_code_word(name: str, namespace: dict[str, Any]) -> bool:
    """``@pytest.fixture`` in a prompt is a decorator, not a mention of data."""
    first = type(statics.plain_keys(namespace).get(name.partition(".")[0]))
    return statics.derives(first, types.ModuleType) or first is types.BuiltinFunctionType


def _near(name: str, namespace: dict[str, Any], folder: Path) -> str:
    files: list[str] = []
    with contextlib.suppress(OSError):
        files = [entry.name for entry in os.scandir(folder) if entry.is_file()][:500]
    close = difflib.get_close_matches(name, files, n=3, cutoff=0.7)
    hint = ""
    try:
        resolve(namespace, name)
    except UnknownNameError as error:
        hint = error.hint if error.hint.startswith(("Did you mean", "It ha")) else ""
    except UserError:
        pass
    if close and ("." in name or not hint):
        return f"Did you mean {' or '.join(close)}?"
    return hint or "Check the name: variables and files can be attached."


def _attached(
    found: dict[str, Any],
    figures: Figures,
    redact: Callable[[str], str],
    represent: Callable[[Any], str],
) -> Attached:
    data: dict[str, str] = {}
    images: list[str] = []
    mentions: list[tuple[str, str]] = []
    sent: list[str] = []
    room = ALL
    for name, thing in found.items():
        if type(thing) is _File:
            mentions.append((name, str(thing.path)))
            sent.append(name)
            continue
        value, missing = thing.value, ""
        if is_figure(value) or is_image(value):
            picture, missing = _drawn(value)
            path = figures.add(picture, name) if picture else None
            if path is not None:
                images.append(str(path))
                sent.append(f"{name} (image)")
                continue
            missing = missing or figures.fault or "it is too large"
        text = _told(name, value, represent)
        if missing:
            text += f"\nThere is no image of it: {missing}."
        text = redact(text)[: min(ROOM, room)]
        room -= len(text)
        if text:
            data[_key(name, data)] = text
            sent.append(f"{name} (no image: {missing})" if missing else _sent(name, value))
    work: dict[str, Any] = {}
    if data:
        work["data"] = data
    if images:
        work["images"] = tuple(images)
    if mentions:
        work["mentions"] = tuple(mentions)
    return Attached(work, tuple(sent))


def _told(name: str, value: Any, represent: Callable[[Any], str]) -> str:
    about = describe(value, name, room=ROOM)
    if not needs_own_code(value) or hidden(name, value):
        return about
    try:
        with time_limit(REPR):
            told = represent(value)
    except TimeLimitError:
        return f"{about}\nIts own repr took longer than {REPR:g} s, so it was stopped."
    except (Exception, SystemExit) as error:
        log.debug("a value's own repr raised %s", type(error).__name__)
        return f"{about}\nIts own repr raised {type(error).__name__}."
    return f"{about}\nIts own repr:\n{bounded(told, ROOM // 2)}" if type(told) is str else about


def _drawn(value: Any) -> tuple[bytes | None, str]:
    """The picture of a figure or an image, or why there is none."""
    try:
        with time_limit(REPR):
            return picture_of(value), ""
    except TimeLimitError:
        return None, f"drawing it took longer than {REPR:g} s"
    except (Exception, SystemExit) as error:
        log.debug("a value could not be drawn", exc_info=error)
        return None, f"drawing it raised {type(error).__name__}"


def _sent(name: str, value: Any) -> str:
    if hidden(name, value):
        return f"{name} (hidden)"
    table = table_of(value)
    if table is not None and table.rows:
        return f"{name} ({min(5, table.rows)} row{'' if table.rows == 1 else 's'})"
    return name


def _key(name: str, taken: Mapping[str, str]) -> str:
    """A name that can be part of a tag."""
    clean = re.sub(r"\W+", "_", name).strip("_")[:60] or "value"
    key, number = clean, 2
    while key in taken:
        key, number = f"{clean}_{number}", number + 1
    return key
