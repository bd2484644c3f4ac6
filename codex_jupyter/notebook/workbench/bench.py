"""``Workbench``: answers the agent's tool calls for one session, on its loop.

Who may do what is decided here and nowhere else: looking is free under ``-k read`` and ``run``, everything that runs
foreign code asks the broker, under ``-k off`` everything does. Every text that leaves passes the ``Redactor``.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from codex_jupyter.core.events import DataSent
from codex_jupyter.core.requests import KernelRequest, ToolCall
from codex_jupyter.errors import UserError
from codex_jupyter.notebook.workbench.shared import install
from codex_jupyter.session.presentation import ToolResult

if TYPE_CHECKING:
    from codex_jupyter.notebook.workbench.context import Memory, Note
    from codex_jupyter.notebook.workbench.functions import Offered
    from codex_jupyter.notebook.workbench.running import Origin, Outcome, Work
    from codex_jupyter.session.engine import Engine
    from codex_jupyter.session.live import LiveTurn

#: Seconds that looking may take, and that the repr of a foreign object may.
LOOK, REPR = 20.0, 5.0
_requests = itertools.count(1)


@dataclass
class Reply:
    """What a tool gives back before secrets are taken out. ``sent``: what of the user's data is in it."""

    text: str
    success: bool = True
    sent: list[str] = field(default_factory=list)


class Workbench:
    """``session.presentation.Workbench`` for an IPython shell. One for each session.

    Args:
        shell: the user's shell.
        engine: the session's engine.
    """

    def __init__(self, shell: Any, engine: Engine) -> None:
        self.bench = install(shell)
        self._shell = shell
        self._engine = engine
        self._origins: WeakKeyDictionary[LiveTurn, Origin] = WeakKeyDictionary()
        self._memories: dict[str, Memory] = {}
        self._offered: dict[str, Offered] = {}
        self.last_note: Note | None = None

    # --- what a thread starts with ----------------------------------------------------------------------------------------

    def tools(self) -> list[dict[str, Any]]:
        """``dynamicTools`` for ``thread/start``."""
        from codex_jupyter.notebook.workbench.specs import dynamic_tools

        return dynamic_tools([offered.spec for offered in self._offered.values()])

    def instructions(self) -> str:
        """Developer instructions for a new thread."""
        from codex_jupyter.notebook.workbench.specs import INSTRUCTIONS

        return INSTRUCTIONS

    def offer(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Offer a function to the agent, from the next new thread on. Returns the function: use it as a decorator.

        Raises:
            OptionError: it is not typed or documented, or its name is taken by a tool of ours.
        """
        from codex_jupyter.notebook.workbench.functions import offer

        offered = offer(function)
        self._offered[offered.name] = offered
        return function

    # --- what a turn starts with ------------------------------------------------------------------------------------------

    def begin(self, live: LiveTurn) -> dict[str, Any]:
        """A turn is about to start, in the calling thread: what it carries (``context``, ``data``)."""
        from codex_jupyter.notebook.workbench.running import Origin

        self._origins[live] = Origin(self._shell)
        if not live.settings.context or live.settings.kernel == "off":
            return {}
        name = live.turn.settings.thread_name
        note = self.last_note = self.note(name)
        for proposal in self.bench.proposals.news():
            proposal.told = True
        self._remember(name)
        self._memories[name].remarks.clear()
        self._tell(live, list(note.sent))
        parts: dict[str, Any] = {}
        if note.text:
            parts["context"] = note.text
        if note.outputs:
            parts["data"] = {"proposed_cells": note.outputs}
        return parts

    def context(self, live: LiveTurn) -> str:
        """The text of the note that a turn carries."""
        return self.begin(live).get("context", "")

    def note(self, thread: str = "") -> Note:
        """The note that the conversation's next turn would carry; nothing is taken as told. What ``/context`` shows."""
        from codex_jupyter.notebook.workbench.context import Memory, compose

        recorder = self.bench.recorder
        note = compose(
            self._memories.get(thread) or Memory(),
            self._snapshot(),
            recorder.cells,
            recorder.count,
            self.bench.proposals.news(),
            self._shell.user_ns,
            self._hidden,
        )
        redact = self.bench.redactor().text
        note.text, note.outputs = redact(note.text), redact(note.outputs)
        return note

    def _remember(self, thread: str) -> None:
        from codex_jupyter.notebook.workbench.context import Memory

        memory = self._memories.setdefault(thread, Memory())
        memory.names, memory.cells = self._snapshot(), self.bench.recorder.count

    def _remark(self, live: LiveTurn, text: str) -> None:
        """Something that the conversation's next turn is to know."""
        from codex_jupyter.notebook.workbench.context import Memory

        self._memories.setdefault(live.turn.settings.thread_name, Memory()).remarks.append(text)

    def _snapshot(self) -> Any:
        from codex_jupyter.notebook.workbench.changes import Snapshot

        return Snapshot(self._shell.user_ns, self._hidden)

    @property
    def _hidden(self) -> dict[str, Any]:
        return getattr(self._shell, "user_ns_hidden", None) or {}

    # --- calls --------------------------------------------------------------------------------------------------------------

    async def call(self, live: LiveTurn, call: ToolCall) -> ToolResult:
        """Answer one call; on the session's loop. Raises nothing but ``CancelledError``."""
        from codex_jupyter.notebook.workbench.functions import arguments_of

        try:
            given = arguments_of(call.arguments)
            reply = await self._dispatch(live, call, given)
        except UserError as error:
            reply = Reply(str(error), success=False)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            reply = Reply(f"The tool failed: {type(error).__name__}.", success=False)
        self._tell(live, reply.sent)
        return ToolResult(reply.success, self.bench.redactor().text(reply.text))

    async def _dispatch(self, live: LiveTurn, call: ToolCall, given: dict[str, Any]) -> Reply:
        match call.tool:
            case "list_variables":
                return await self._list(live, call, given)
            case "inspect_variable":
                return await self._inspect(live, call, given)
            case "read_cells":
                return await self._read(live, call, given)
            case "run_python":
                return await self._run(live, call, given)
            case "propose_cells":
                return await self._propose(live, call, given)
        offered = self._offered.get(call.tool)
        if offered is None:
            raise UserError(f"There is no tool {call.tool!r} here.")
        return await self._call_function(live, call, offered, given)

    async def _list(self, live: LiveTurn, call: ToolCall, given: dict[str, Any]) -> Reply:
        from codex_jupyter.notebook.workbench.listing import list_names, listing_text

        await self._may_look(live, call)
        match = text_of(given, "match")

        def look() -> Reply:
            listing = list_names(self._shell.user_ns, self._hidden)
            count = len(listing.variables)
            return Reply(
                listing_text(listing, match=match),
                sent=[f"previews of {count} variable{'' if count == 1 else 's'}"] if count else [],
            )

        return await in_time(look)

    async def _inspect(self, live: LiveTurn, call: ToolCall, given: dict[str, Any]) -> Reply:
        from codex_jupyter.notebook.workbench.figures import draws_strangers, is_figure, is_image
        from codex_jupyter.notebook.workbench.inspecting import inspection, strange
        from codex_jupyter.notebook.workbench.naming import resolve
        from codex_jupyter.notebook.workbench.tables import table_of

        await self._may_look(live, call)
        name = text_of(given, "name", needed=True)

        def look() -> tuple[Any, Reply, bool]:
            value = resolve(self._shell.user_ns, name)
            table = table_of(value)
            rows = min(5, table.rows) if table is not None and table.rows else 0
            sent = f"{name} ({rows} row{'' if rows == 1 else 's'})" if rows else name
            drawn = is_figure(value) or is_image(value)
            foreign = draws_strangers(value) if is_figure(value) else strange(value)
            return value, Reply(inspection(value, name), sent=[sent]), (foreign or drawn)

        value, reply, more = await in_time(look)
        if not more or given.get("attributes_only") is True:
            return reply
        drawn = is_figure(value) or is_image(value)
        if drawn and not (is_figure(value) and draws_strangers(value)):
            return await self._look_by_running(live, call, value, reply, name, ask=False)
        return await self._look_by_running(live, call, value, reply, name, ask=True)

    async def _look_by_running(
        self, live: LiveTurn, call: ToolCall, value: Any, reply: Reply, name: str, *, ask: bool
    ) -> Reply:
        """Add what only the object's own code (or drawing it) can tell."""
        from codex_jupyter.notebook.workbench.cells import Reading, record_text
        from codex_jupyter.notebook.workbench.running import Runner, call_work
        from codex_jupyter.notebook.workbench.statics import type_title

        if ask:
            refused = await self._ask(
                live, call, "inspect", code=f"repr({name})  # code of {type_title(type(value))}"
            )
            if refused:
                reply.text += f"\nIts own representation was not asked for: {refused}"
                return reply
        runner = Runner(self._shell, self.bench.recorder, self.bench.main)
        work = call_work(runner, lambda: value, silent=True, show=self._represent)
        outcome = await self._run_work(live, work, limit=REPR)
        told = record_text(outcome.record, self.bench.figures, Reading(""), stem=name)
        match outcome.state:
            case "ok":
                reply.text += f"\nIts own representation:\n{told}" if ask else f"\n{told}"
            case "stuck":
                reply.text += "\nIts own representation did not end and cannot be interrupted: the kernel is busy with it."
            case "time limit":
                reply.text += (
                    f"\nIts own representation took longer than {REPR:g} s, so it was stopped."
                )
            case _:
                reply.text += f"\nIts own representation failed: {outcome.error or outcome.state}"
        return reply

    def _represent(self, value: Any) -> dict[str, Any]:
        """What IPython would show of a value, as text and as an image. On the main thread, guarded."""
        from codex_jupyter.notebook.workbench.figures import picture_of

        picture = picture_of(value)
        if picture is not None:
            return {"text/plain": "drawn now", "image/png": picture}
        wanted = ("text/plain", "text/markdown", "image/png", "image/jpeg")
        data, _ = self._shell.display_formatter.format(value, include=wanted)
        return data

    async def _read(self, live: LiveTurn, call: ToolCall, given: dict[str, Any]) -> Reply:
        from codex_jupyter.notebook.workbench.cells import RECENT, read_cells

        await self._may_look(live, call)
        numbers = [n for n in given.get("numbers") or () if type(n) is int]
        last = given.get("last")
        history = self._shell.user_ns.get("In")

        def look() -> Reply:
            reading = read_cells(
                list(self.bench.recorder.cells),
                self.bench.figures,
                numbers=numbers,
                last=last if type(last) is int else RECENT,
                history=list(history) if type(history) is list else [],
            )
            sent = [f"cell {number}'s output" for number in dict.fromkeys(reading.cells)]
            return Reply(reading.text, sent=sent)

        return await in_time(look)

    async def _run(self, live: LiveTurn, call: ToolCall, given: dict[str, Any]) -> Reply:
        from codex_jupyter.notebook.workbench.report import run_report
        from codex_jupyter.notebook.workbench.running import Runner, code_work
        from codex_jupyter.notebook.workbench.specs import LIMIT, LONGEST

        code = text_of(given, "code", needed=True)
        limit = given.get("timeout")
        seconds = float(limit) if isinstance(limit, (int, float)) and limit > 0 else LIMIT
        refused = await self._ask(live, call, "run", code=code)
        if refused:
            return Reply(f"The code was not run: {refused}", success=False)
        runner = Runner(self._shell, self.bench.recorder, self.bench.main)
        try:
            outcome = await self._run_work(
                live, code_work(runner, code), limit=min(seconds, LONGEST)
            )
        except asyncio.CancelledError:
            self._remark(live, "Your last run_python was stopped by the user before it ended.")
            raise
        if outcome.state == "interrupt":
            self._remark(live, "The user interrupted your last run_python.")
        if live.settings.context:
            self._remember(live.turn.settings.thread_name)
        text, sent = run_report(outcome, self.bench.figures, limit=min(seconds, LONGEST))
        return Reply(text, success=outcome.state == "ok", sent=sent)

    async def _run_work(self, live: LiveTurn, work: Work, *, limit: float) -> Outcome:
        from codex_jupyter.notebook.workbench.running import Origin, Runner

        origin = self._origins.get(live) or Origin(self._shell)

        def waits() -> None:
            self._engine.note(
                live,
                "info",
                "Code waits until the kernel is idle."
                if self.bench.main.has_loop
                else "Code waits for a cell that waits.",
                "" if self.bench.main.has_loop else "turn.result() in the prompt lets it run.",
            )

        runner = Runner(self._shell, self.bench.recorder, self.bench.main)
        return await runner.run(live, origin, work, limit=limit, waits=waits)

    async def _propose(self, live: LiveTurn, call: ToolCall, given: dict[str, Any]) -> Reply:
        from codex_jupyter.notebook.workbench.proposals import LONGEST, MOST

        await self._may_look(live, call)
        cells = given.get("cells")
        if (
            type(cells) is not list
            or not cells
            or not all(type(c) is str and c.strip() for c in cells)
        ):
            raise UserError("`cells` has to be a list of the cells' code.")
        if len(cells) > MOST or any(len(c) > LONGEST for c in cells):
            raise UserError(
                f"At most {MOST} cells of {LONGEST:,} characters can be proposed at a time."
            )
        origin = self._origins.get(live)
        insertable = bool(live.waiters) and origin is not None and origin.kind != "headless"
        proposals = self.bench.proposals.propose(cells, batch=live.number, insertable=insertable)
        count = f"{len(proposals)} cell{'' if len(proposals) == 1 else 's'}"
        if insertable:
            how = "The first one appears below when this turn ends, each further one when the one before has run."
        else:
            how = "They are shown in the transcript for the user to copy; nothing can be inserted into the notebook here."
        return Reply(
            f"Proposed {count}. {how} Nothing has run yet; you are told when the user runs them."
        )

    async def _call_function(
        self, live: LiveTurn, call: ToolCall, offered: Offered, given: dict[str, Any]
    ) -> Reply:
        from codex_jupyter.notebook.workbench.functions import result_text
        from codex_jupyter.notebook.workbench.report import call_report
        from codex_jupyter.notebook.workbench.running import Runner, call_work
        from codex_jupyter.notebook.workbench.specs import LIMIT

        bound = offered.bind(given)
        arguments = ", ".join(f"{k}={v!r}" for k, v in given.items())
        refused = await self._ask(live, call, "call", code=f"{offered.name}({arguments})")
        if refused:
            return Reply(f"The function was not called: {refused}", success=False)
        runner = Runner(self._shell, self.bench.recorder, self.bench.main)
        work = call_work(
            runner, bound, silent=False, show=lambda value: {"text/plain": result_text(value)}
        )
        outcome = await self._run_work(live, work, limit=LIMIT)
        return Reply(
            call_report(outcome, self.bench.figures, limit=LIMIT),
            success=outcome.state == "ok",
            sent=[f"{offered.name}'s result"],
        )

    # --- consent --------------------------------------------------------------------------------------------------------------

    async def _may_look(self, live: LiveTurn, call: ToolCall) -> None:
        """Looking is free, but under ``-k off``.

        Raises:
            UserError: refused.
        """
        if live.settings.kernel in ("read", "run"):
            return
        refused = await self._ask(live, call, "look")
        if refused:
            raise UserError(f"The notebook was not looked at: {refused}")

    async def _ask(self, live: LiveTurn, call: ToolCall, action: str, code: str = "") -> str:
        """Ask for consent; returns why not, or ``""``."""
        request = KernelRequest(
            id=f"kernel-{next(_requests)}",
            thread_id=live.turn.thread_id,
            turn_id=live.turn.turn_id,
            item_id=call.call_id or call.item_id,
            action=action,
            code=code,
            tool=call.tool,
        )
        answer = await self._engine.broker.ask(live, request)
        if answer.choice in ("once", "session", "always"):
            return ""
        if answer.choice == "stop":
            live.interrupt("you")
        by = self._engine.broker.answered_by(request.id)
        if by.startswith("policy"):
            return f"{by.removeprefix('policy: ')}. Do not try again in this turn; say what you would have run."
        return "the user declined. Go on without it, or ask what they prefer."

    def _tell(self, live: LiveTurn, sent: list[str]) -> None:
        """Note for the footer what of the user's data went to the model."""
        if not sent:
            return
        turn = live.turn
        events = [DataSent(turn.thread_id, turn.turn_id, what) for what in sent]
        if self._engine.thread.inside:
            self._engine.apply(live, events)
        else:
            self._engine.thread.post(self._engine.apply, live, events)

    # --- for commands and options -----------------------------------------------------------------------------------------------

    def attach(self, prompt: str, names: tuple[str, ...] = (), folder: Path | None = None) -> Any:
        """``mentions.attach`` with this shell's variables; in the cell's thread.

        Raises:
            OptionError: a name of ``--with`` is nothing.
        """
        from codex_jupyter.notebook.workbench.mentions import attach
        from codex_jupyter.notebook.workbench.recorder import Record

        with self.bench.recorder.recording(Record(silent=True)):
            return attach(
                prompt,
                names,
                namespace=self._shell.user_ns,
                figures=self.bench.figures,
                folder=folder or Path.cwd(),
                redact=self.bench.redactor().text,
                represent=lambda value: self._represent(value).get("text/plain", ""),
            )

    def attached(self, live: LiveTurn, sent: tuple[str, ...]) -> None:
        """Say in a started turn's footer what was attached to it."""
        self._tell(live, list(sent))

    def fix_prompt(self, words: str = "") -> str:
        """The prompt of ``/fix``.

        Raises:
            UserError: nothing has failed.
        """
        from codex_jupyter.notebook.workbench.fixing import fix_text

        return fix_text(self.bench.recorder, words, self.bench.redactor().text)


def text_of(given: dict[str, Any], name: str, *, needed: bool = False) -> str:
    """A text among a call's arguments.

    Raises:
        UserError: it is needed and not there, or is no text.
    """
    value = given.get(name)
    if value is None and not needed:
        return ""
    if type(value) is not str or (needed and not value.strip()):
        raise UserError(f"`{name}` has to be a text.")
    return value


async def in_time(look: Callable[[], Any]) -> Any:
    """Look in a worker thread, for a bounded time.

    Raises:
        UserError: it took too long.
    """
    try:
        return await asyncio.wait_for(asyncio.to_thread(look), LOOK)
    except TimeoutError:
        raise UserError(f"Looking took longer than {LOOK:g} s, so it was given up.") from None
