"""The full output of long commands, for as long as the session lives: heard event by event, kept in files.

A turn keeps the beginning and the end of what a command printed (``core.text.Output``). What lies between is kept here,
without the secrets that are hidden everywhere else: events are heard behind the gate.

What the runtime sends is not always everything (measured, 0.163): a command that is over at once sends no output while
it runs, and its result is cut at 1 MiB; a flood is sent with holes. The result counts what it left out, so it is known
how many bytes never arrived.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from codex_jupyter.core import events as ev
from codex_jupyter.core.events import Event
from codex_jupyter.core.items import Command
from codex_jupyter.core.text import LONG_OUTPUT
from codex_jupyter.errors import UserError
from codex_jupyter.session.spool import Spool

if TYPE_CHECKING:
    from codex_jupyter.core.turn import Turn

#: Seconds that the end of a turn waits for the disk.
PATIENCE = 2.0
#: Finished commands remembered, so that what is said of them twice is not taken for something new.
REMEMBERED = 4096
#: Commands that print at a time; of one that never ends and is older than so many others the rest is not kept.
PRINTING = 256

#: What the runtime puts into a result in the place of what it left out.
_LEFT_OUT = re.compile(r"\n\.\.\. (\d+) bytes omitted \.\.\.\n")

_Key = tuple[str, str, str]


@dataclass(slots=True)
class _Growing:
    """A command that prints: its pieces until it is long, then the name of its file."""

    name: str = ""
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    arrived: int = 0  # bytes, as the runtime sent them


class Outputs:
    """Listens to the events of a session and keeps what long commands print.

    Args:
        limit: bytes of all files together, None for ``spool.LIMIT``; the oldest make room for new ones.
    """

    def __init__(self, limit: int | None = None) -> None:
        self._spool = Spool(limit)
        self._growing: dict[_Key, _Growing] = {}
        self._finished: OrderedDict[_Key, str] = OrderedDict()  # to its process
        self._missing: dict[str, int] = {}

    def kept(self, events: Iterable[Event]) -> Iterator[Event]:
        """The events, and after those that make a command long, one that tells its name.

        Args:
            events: in order, as the gate gives them: without secrets, nothing cut.
        """
        for event in events:
            yield event
            if isinstance(event, ev.OutputAppended):
                yield from self._grew(event)
            elif isinstance(event, ev.ItemStarted) and isinstance(event.item, Command):
                self._began(event, event.item)
            elif isinstance(event, ev.ItemCompleted) and isinstance(event.item, Command):
                yield from self._completed(event)

    def _began(self, event: ev.ItemStarted, command: Command) -> None:
        """Another process under the id of one that is finished prints anew."""
        key = _key(event, command.id)
        if self._finished.get(key, command.process_id) != command.process_id:
            del self._finished[key]

    def _grew(self, event: ev.OutputAppended) -> Iterator[Event]:
        key = _key(event, event.item_id)
        if key not in self._finished:
            growing = self._growing.setdefault(key, _Growing())
            if len(self._growing) > PRINTING:
                self._growing.pop(next(iter(self._growing)))
            growing.arrived += event.size
            yield from self._take(growing, event, event.item_id, event.text)

    def _take(
        self, growing: _Growing, event: Event, item_id: str, text: str
    ) -> Iterator[ev.OutputKept]:
        growing.length += len(text)
        if not text:
            return
        if growing.name:
            self._spool.add(growing.name, text)
            return
        growing.pieces.append(text)
        if growing.length > LONG_OUTPUT:
            growing.name = secrets.token_hex(3)
            _KNOWN[growing.name] = self
            self._spool.add(growing.name, "".join(growing.pieces))
            growing.pieces.clear()
            yield ev.OutputKept(event.thread_id, event.turn_id, item_id, growing.name)

    def _completed(self, event: ev.ItemCompleted) -> Iterator[ev.OutputKept]:
        """The result is right where it is whole; where it is cut, the longer of it and what was sent before."""
        item_id = event.item.id
        key = _key(event, item_id)
        growing = self._growing.pop(key, None) or _Growing()
        if key in self._finished:
            return
        self._finished[key] = getattr(event.item, "process_id", "")
        while len(self._finished) > REMEMBERED:
            self._finished.popitem(last=False)
        found = _LEFT_OUT.search(event.printed)
        left_out = int(found[1]) if found else 0
        result = event.size - (len(found[0]) if found else 0)
        if event.printed and growing.arrived < result + left_out and growing.arrived <= result:
            if growing.name:
                self._spool.anew(growing.name, event.printed)
            else:
                growing.pieces.clear()
                growing.length = 0
                yield from self._take(growing, event, item_id, event.printed)
            missing = left_out
        else:
            missing = max(0, result + left_out - growing.arrived)
        if growing.name and missing:
            self._missing[growing.name] = missing
            yield ev.OutputKept(event.thread_id, event.turn_id, item_id, growing.name, missing)

    async def settled(self, turn: Turn, tell: Callable[[Event], None]) -> None:
        """Wait, for a bounded time, until all is written; tell what of a turn's outputs could not be kept."""
        kept = [entry for entry in turn.entries if isinstance(entry, Command) and entry.kept]
        if kept:
            await asyncio.to_thread(self._spool.flush, PATIENCE)
        for each in kept:
            if lost := self._lost(each.kept):
                why = self._spool.fault
                ids = (turn.thread_id, turn.turn_id, each.id)
                tell(ev.OutputKept(*ids, each.kept, each.missing, lost, why))

    def _lost(self, name: str) -> int:
        """Characters at the end that are not there; -1 for all of them."""
        lost = self._spool.lost(name)
        return -1 if lost and not self._spool.has(name) else lost

    def close(self) -> None:
        """Remove the files."""
        for name in [name for name, owner in tuple(_KNOWN.items()) if owner is self]:
            del _KNOWN[name]
        self._growing.clear()
        self._spool.close()


class FullOutput:
    """Everything that a command printed, as far as it arrived. ``str(output)`` is the text.

    While the command runs it is what was printed so far. Values of secret environment variables read ``[hidden]``, as
    everywhere.

    Attributes:
        path: a file with the text (UTF-8), private to this user; it goes when the kernel ends or the session is closed.
        text: the text, read from the file.
        missing: bytes that the runtime counted and never sent: a command that is over at once sends no more than 1 MiB.
        lost: characters at the end that were not kept: a session keeps 1 GB. ``codex_jupyter.session.spool.LIMIT`` is that
            number of bytes; set it to keep more.

    Example:
        import codex_jupyter as cj
        turn = cj.session().start("Run the slow tests with all their output.")
        turn.result()
        output = turn.output()                       # of the last command; turn.output(0) of the first
        print(sum("warning" in line for line in output.lines()))
    """

    def __init__(self, spool: Spool, name: str, missing: int = 0) -> None:
        self._spool, self._name = spool, name
        self.missing = missing

    def __repr__(self) -> str:
        try:
            with self._open() as file:
                size = file.seek(0, 2)
        except UserError:
            return f"<output {self._name}: not there any more>"
        short = f", {self.missing:,} bytes never arrived" if self.missing else ""
        if self.lost:
            why = f" ({self._spool.fault})" if self._spool.fault else ""
            short += f", {self.lost:,} characters not kept{why}"
        return f"<output {self._name}: {size:,} bytes{short}>"

    def __str__(self) -> str:
        return self.text

    @property
    def path(self) -> Path:
        """The file. Raises ``UserError``: it is gone."""
        path = self._spool.path(self._name)
        if path is None:
            why = "made room for later ones" if self._spool.removed(self._name) else "is gone"
            if self._spool.fault and not self._spool.removed(self._name):
                why = f"was not kept: {self._spool.fault}"
            raise UserError(f"The output {self._name} {why.rstrip('.')}.", "Run the command again.")
        return path

    @property
    def text(self) -> str:
        with self._open() as file:
            return file.read().decode("utf-8", "surrogatepass")

    @property
    def lost(self) -> int:
        return self._spool.lost(self._name)

    def lines(self) -> Iterator[str]:
        """Line by line, without reading all of it at once; each with its line end."""
        with TextIOWrapper(
            self._open(), encoding="utf-8", errors="surrogatepass", newline="\n"
        ) as file:
            yield from file

    def _open(self) -> BinaryIO:
        self.path  # noqa: B018 - says in words what is gone
        try:
            return self._spool.open(self._name)
        except OSError as error:
            raise UserError(
                f"The output {self._name} cannot be read: {error.strerror or error}.",
                "Run the command again.",
            ) from None


def output(name: str) -> FullOutput:
    """The full output that a transcript names; any session's of this kernel.

    Raises:
        UserError: this kernel keeps no such output.

    Example:
        import codex_jupyter as cj
        cj.output("3fa9c1").path                     # a file to search, copy or open in pandas
    """
    owner = _KNOWN.get(name)
    if owner is None:
        raise UserError(
            f"This kernel keeps no output {name!r}.",
            "Full outputs go when the kernel ends or the session is closed. Run the command again.",
        )
    return FullOutput(owner._spool, name, owner._missing.get(name, 0))


def output_of(turn: Turn, which: int | str = -1) -> FullOutput:
    """The full output of one command of a turn; see ``LiveTurn.output``."""
    commands = [entry for entry in turn.entries if isinstance(entry, Command)]
    if isinstance(which, str):
        chosen = next((entry for entry in commands if entry.id == which), None)
    else:
        chosen = commands[which] if -len(commands) <= which < len(commands) else None
    if chosen is None:
        count = f"{len(commands)} command" + "s" * (len(commands) != 1)
        raise UserError(
            f"This turn has no command {which!r}; it has {count}.",
            "Count from 0, or from the end with -1.",
        )
    if chosen.kept:
        return output(chosen.kept)
    name = f"short-{next(_numbers)}"
    _short.anew(name, chosen.output.text)
    return FullOutput(_short, name)


#: Whose session keeps the output of this name.
_KNOWN: dict[str, Outputs] = {}
#: Files of outputs that their turns keep whole, made when somebody asks for one.
_short = Spool()
_numbers = itertools.count(1)


def _key(event: Event, item_id: str) -> _Key:
    return (event.thread_id, event.turn_id, item_id)
