"""``KernelTools``: what a session's turns carry of the notebook, and who answers the agent's tool calls.

The tools themselves are ``reading_tools``, ``document_tools`` and ``running_tools``, who may do what is ``consent``. Every text that leaves passes the
``Cleaner`` here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from codex_jupyter import journal
from codex_jupyter.core.events import CellsChanged, CodeRan, DataSent, Event
from codex_jupyter.core.requests import ToolCall
from codex_jupyter.core.runs import Run
from codex_jupyter.errors import UserError
from codex_jupyter.notebook.workbench.job import Origin
from codex_jupyter.notebook.workbench.shell_state import install
from codex_jupyter.notebook.workbench.tool_context import Reply, ToolContext
from codex_jupyter.notebook.workbench.turn_note import Memory, Note, compose
from codex_jupyter.objects.changes import Snapshot
from codex_jupyter.session.ports import ToolResult

if TYPE_CHECKING:
    from codex_jupyter.notebook.workbench.functions import Offered
    from codex_jupyter.session.engine import Engine
    from codex_jupyter.session.live import LiveTurn
    from codex_jupyter.session.thread import Thread

log = journal.logger("workbench")

STOPPED = (
    "The user stopped your last run_python before it ended; what it did until then stays done."
)


class KernelTools:
    """``session.ports.KernelTools`` for an IPython shell. One for each session.

    Args:
        shell: the user's shell.
        engine: the session's engine.
    """

    def __init__(self, shell: Any, engine: Engine) -> None:
        self.state = install(shell)
        self._shell = shell
        self._engine = engine
        self._context = ToolContext(shell, self.state, engine)
        self._memories: WeakKeyDictionary[Thread, Memory] = WeakKeyDictionary()
        self._threads: WeakKeyDictionary[LiveTurn, Thread] = WeakKeyDictionary()
        self._offered: dict[str, Offered] = {}

    # --- what a thread starts with ----------------------------------------------------------------------------------------

    def tools(self) -> list[dict[str, Any]]:
        """``dynamicTools`` for ``thread/start``."""
        from codex_jupyter.notebook.workbench.tool_schemas import dynamic_tools

        return dynamic_tools([offered.spec for offered in self._offered.values()])

    def instructions(self) -> str:
        """Developer instructions for a new thread."""
        from codex_jupyter.notebook.workbench.tool_schemas import INSTRUCTIONS

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

    def begin(self, live: LiveTurn, thread: Thread) -> dict[str, Any]:
        """A turn is about to start, in the calling thread: what it carries (``context``, ``data``)."""
        self._context.origins[live] = Origin(self._shell)
        self._threads[live] = thread
        if not live.settings.context or live.settings.kernel == "off":
            return {}
        note = self.note(thread)
        told = self.state.proposals.news()
        for proposal in told:
            proposal.told = True
        self._memories[thread] = memory = Memory(
            self._snapshot(),
            self.state.recorder.count,
            proposals=told,
            before=self._known(thread),
        )
        live.subscribe(memory.follow)
        self._tell(live, list(note.sent))
        parts: dict[str, Any] = {}
        if note.text:
            parts["context"] = note.text
        if note.outputs:
            parts["data"] = {"proposed_cells": note.outputs}
        return parts

    async def settled(self, live: LiveTurn) -> None:
        """See ``session.ports.KernelTools``."""
        await self._context.settled(live)

    def note(self, thread: Thread) -> Note:
        """The note that the conversation's next turn would carry; nothing is taken as told. What ``/context`` shows."""
        recorder = self.state.recorder
        note = compose(
            self._known(thread),
            self._snapshot(),
            recorder.cells,
            recorder.count,
            self.state.proposals.news(),
            self._shell.user_ns,
            self._context.hidden,
        )
        redact = self.state.cleaner().text
        note.text, note.outputs = redact(note.text), redact(note.outputs)
        return note

    def _memory_of(self, live: LiveTurn) -> Memory:
        """What the turn's conversation was told; nothing yet when it is new."""
        thread = self._threads.get(live)
        return Memory() if thread is None else self._memories.setdefault(thread, Memory())

    def _known(self, thread: Thread) -> Memory:
        """What the conversation was told by turns that were sent, as far as is known by now."""
        memory = self._memories.get(thread) or Memory()
        while memory.before is not None and memory.sent is not None:
            if memory.sent:
                memory.before = None
            else:
                for proposal in memory.proposals:
                    proposal.told = False
                memory = memory.before
        self._memories[thread] = memory
        return memory

    def _snapshot(self) -> Snapshot:
        return Snapshot(self._shell.user_ns, self._context.hidden)

    # --- calls --------------------------------------------------------------------------------------------------------------

    async def call(self, live: LiveTurn, call: ToolCall) -> ToolResult:
        """Answer one call; on the session's loop. Raises nothing but ``CancelledError``."""
        from codex_jupyter.notebook.workbench.functions import arguments_of

        thread = self._threads.get(live)
        if thread is not None:  # resumed, and as it turns out begun in a notebook
            thread.has_tools = True
        try:
            given = arguments_of(call.arguments)
            reply = await self._dispatch(live, call, given)
        except UserError as error:
            reply = Reply(str(error), success=False)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.exception("the tool %s failed", call.tool)
            reply = Reply(f"The tool failed: {type(error).__name__}.", success=False)
        self._tell(live, reply.sent)
        if reply.run is not None:
            self._record(live, call, reply.run)
        if reply.changes:
            turn, item = live.turn, call.item_id or call.call_id
            changed = CellsChanged(turn.thread_id, turn.turn_id, item, changes=reply.changes)
            self._apply(live, [changed])
        return ToolResult(reply.success, self.state.cleaner().text(reply.text))

    async def _dispatch(self, live: LiveTurn, call: ToolCall, given: dict[str, Any]) -> Reply:
        from codex_jupyter.notebook.workbench import document_tools, reading_tools, running_tools

        match call.tool:
            case "list_variables":
                return await reading_tools.list_variables(self._context, live, call, given)
            case "inspect_variable":
                return await reading_tools.inspect_variable(self._context, live, call, given)
            case "read_cells":
                return await reading_tools.read(self._context, live, call, given)
            case "read_notebook":
                return await document_tools.read_notebook(self._context, live, call, given)
            case "edit_cells":
                return await document_tools.edit_cells(self._context, live, call, given)
            case "run_python" | "run_cells":
                return await self._run(live, call, given)
            case "propose_cells":
                return await running_tools.propose_cells(self._context, live, call, given)
        offered = self._offered.get(call.tool)
        if offered is None:
            raise UserError(f"There is no tool {call.tool!r} here.")
        return await running_tools.call_function(self._context, live, call, offered, given)

    async def _run(self, live: LiveTurn, call: ToolCall, given: dict[str, Any]) -> Reply:
        """Run code; what it changes is no news for the conversation, how a person stopped it is."""
        from codex_jupyter.notebook.workbench import cell_runs, running_tools

        run_ = cell_runs.run_cells if call.tool == "run_cells" else running_tools.run_python
        memory = self._memory_of(live)
        try:
            reply = await run_(
                self._context, live, call, given, lambda run: self._record(live, call, run)
            )
        except asyncio.CancelledError:
            memory.remarks.append(STOPPED)
            raise
        if reply.run is not None:
            if reply.run.ending.kind == "interrupted":
                memory.remarks.append(STOPPED)
            if memory.names is not None:
                memory.names = self._snapshot()
        return reply

    def _record(self, live: LiveTurn, call: ToolCall, run: Run) -> None:
        """What became of code, for those who see its turn; the names and words in it are the user's."""
        redact = self.state.cleaner().text
        ending = replace(run.ending, error=redact(run.ending.error))
        turn = live.turn
        event = CodeRan(
            turn.thread_id,
            turn.turn_id,
            call.item_id or call.call_id,
            run=replace(run, ending=ending),
        )
        self._apply(live, [event])

    def _tell(self, live: LiveTurn, sent: list[str]) -> None:
        """Note for the footer what of the user's data went to the model."""
        if not sent:
            return
        turn = live.turn
        self._apply(live, [DataSent(turn.thread_id, turn.turn_id, what) for what in sent])

    def _apply(self, live: LiveTurn, events: list[Event]) -> None:
        """Change a turn, from whatever thread."""
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
        from codex_jupyter.notebook.workbench.reading_tools import bundle_of
        from codex_jupyter.notebook.workbench.record import Record

        with self.state.recorder.recording(Record(silent=True)):
            return attach(
                prompt,
                names,
                namespace=self._shell.user_ns,
                figures=self.state.figures,
                folder=folder
                or Path(),  # where the kernel is; that may be gone, which the turn will say
                redact=self.state.cleaner().text,
                represent=lambda value: bundle_of(self._shell, value).get("text/plain", ""),
            )

    def attached(self, live: LiveTurn, sent: tuple[str, ...]) -> None:
        """Say in a started turn's footer what was attached to it."""
        self._tell(live, list(sent))

    def fix_prompt(self, words: str = "") -> tuple[str, tuple[str, ...]]:
        """The prompt of ``/fix``, and what of the user's is in it, for the footer.

        Raises:
            UserError: nothing has failed.
        """
        from codex_jupyter.notebook.workbench.fixing import fix_text

        return fix_text(self.state.recorder, words, self.state.cleaner().text)
