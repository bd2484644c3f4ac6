"""A turn in flight, as its user holds it: watch, wait, answer, steer, stop.

``LiveTurn`` is a handle: its ``turn`` is written on the session's loop alone, and what it is told to do goes to its
``TurnControl``. Anything may be called from any thread.
"""

from __future__ import annotations

import asyncio
import itertools
import queue
import threading
from collections.abc import Callable, Coroutine, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol

from codex_jupyter import journal
from codex_jupyter.core.answerers import PROGRAM, Answerer
from codex_jupyter.core.requests import Answer, Choice, Outcome, Request
from codex_jupyter.core.turn import Turn
from codex_jupyter.errors import TurnFailedError, UserError
from codex_jupyter.session.interrupts import INTERRUPTS, STOPPED_IN
from codex_jupyter.session.loop import LoopThread, wait
from codex_jupyter.session.main_thread import LOOK, WAKE, Job, Wake, serve

if TYPE_CHECKING:
    from codex_jupyter.session.answer_shape import AnswerShape
    from codex_jupyter.session.outputs import FullOutput
    from codex_jupyter.session.result import Result
    from codex_jupyter.settings import Settings

log = journal.logger("session")

Listener = Callable[[Turn], None]
_numbers = itertools.count(1)

#: Why nobody can be asked about a turn that nobody shows, or whose program says so.
NOBODY = "no notebook shows this turn"


class TurnControl(Protocol):
    """What the handle asks of the machine behind it; on the session's loop."""

    def stop(self, by: str) -> None:
        """Stop the turn; asking twice is asking once."""
        ...

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> Any:
        """Run something for the turn; it ends with it, and a fault of it fails the turn."""
        ...

    async def steer(self, text: str) -> None:
        """Say something to the running turn. Raises ``UserError``: it was not said."""
        ...

    def answer(self, request_id: str, answer: Answer, by: Answerer) -> Outcome:
        """Answer one open request."""
        ...

    def decline_unseen(self) -> None:
        """Nobody can be asked any more: decline what waits."""
        ...

    async def retry_review(self, review_id: str, by: Answerer) -> None:
        """Allow what the automatic reviewer denied. Raises ``UserError``: it cannot be."""
        ...


class OpenDocument(Protocol):
    """The line to the open notebook that shows a turn."""

    async def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """What the page replies to a question about its notebook.

        Raises:
            UserError: it does not; the text says why, for the model.
        """
        ...


@contextmanager
def _nothing_to_ask(_blocking: bool) -> Iterator[Callable[[], None]]:
    yield lambda: None


class LiveTurn:
    """One started turn.

    Attributes:
        number: counts turns in this process; names the turn in the page and in ``/pending``.
        prompt: what was asked, to the byte.
        settings: the settings of this turn.
        presence: says why nobody can be asked now, ``""`` where somebody can; set by whoever shows the turn. On the
            session's loop, when something is asked.
        document: the line to the open notebook that shows the turn, None where none does; set by whoever shows it.
        main_thread_jobs: what a waiting thread is asked to do for the turn (kernel code, a prompt), and ``WAKE``.
        line: the turns of its conversation that are not over, in the order in which they run; from any thread.
        shape: what the answer is asked to be, or None.
        waiters: how many wait for the turn now, in whatever thread or coroutine.
        shown: a notebook shows it, so that an interrupt of who waits for it ends the turn and not the program.
        waiting_here: entered by who waits in the main thread, for as long as they do, with whether that blocks it; gives
            what they do at each look, to ask what can be asked nowhere else. Set by whoever shows the turn.
        after_wait: called by who waited for the turn, in their thread, once it is done; set by whoever shows the turn.
        control: the machine behind it; set before the turn is shown to anybody.

    Example:
        turn = session.start("Summarise df")
        print(turn.result().final_response)
    """

    control: TurnControl

    def __init__(self, loop: LoopThread, prompt: str, settings: Settings, turn: Turn) -> None:
        self.number = next(_numbers)
        self.prompt = prompt
        self.settings = settings
        self.presence: Callable[[], str] = lambda: NOBODY
        self.document: OpenDocument | None = None
        self.main_thread_jobs: queue.SimpleQueue[Job | Wake] = queue.SimpleQueue()
        self.line: Callable[[], tuple[LiveTurn, ...]] = lambda: (self,)
        self.shape: AnswerShape | None = None
        self.waiters = 0
        self.shown = False
        self.waiting_here: Callable[[bool], AbstractContextManager[Callable[[], None]]] = (
            _nothing_to_ask
        )
        self.after_wait: Callable[[], None] = lambda: None
        self._loop = loop
        self._turn = turn
        self._listeners: list[Listener] = []
        self._done: Future[Result] = Future()
        self._done.set_running_or_notify_cancel()

    def __repr__(self) -> str:
        return f"<turn {self.number}: {self._turn.state}>"

    @property
    def turn(self) -> Turn:
        """Everything known so far: immutable, swapped whole; read it from any thread."""
        return self._turn

    @property
    def absence(self) -> str:
        """Why nobody can be asked now, or ``""`` where somebody can."""
        return self.presence()

    @property
    def interactive(self) -> bool:
        """Whether somebody can be asked now. Set, it holds until the turn ends."""
        return not self.absence

    @interactive.setter
    def interactive(self, somebody: bool) -> None:
        self.presence = lambda: "" if somebody else NOBODY

    @property
    def done(self) -> bool:
        """True once the turn has ended and everything it left behind was dealt with."""
        return self._done.done()

    @property
    def ahead(self) -> tuple[LiveTurn, ...]:
        """The turns of its conversation that it waits for, in the order in which they run."""
        line = self.line()
        return line[: line.index(self)] if self in line else ()

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for the turn now, or for one that comes after it."""
        return any(one.waiters for one in self._up_to_the_last())

    def _up_to_the_last(self) -> tuple[LiveTurn, ...]:
        """The turn, and those behind it."""
        line = self.line()
        return line[line.index(self) :] if self in line else (self,)

    @property
    def pending(self) -> tuple[Request, ...]:
        """Requests that wait for an answer."""
        return self._turn.requests

    def when_done(self, callback: Callable[[], None]) -> None:
        """Call ``callback()`` on the session's loop once the turn is done, or at once where it is."""

        def call(_: Future[Result]) -> None:
            try:
                callback()
            except Exception as error:
                log.error("what follows turn %s failed", self.number, exc_info=error)

        self._done.add_done_callback(call)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener(turn)`` on the session's loop after each change. Returns what ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def result(self, timeout: float | None = None) -> Result:
        """Wait for the end. An interrupt stops the turn, and the wait ends with it.

        Args:
            timeout: seconds to wait, None for ever; the turn goes on when they pass.

        Raises:
            TurnInterruptedError: somebody stopped the turn.
            TurnFailedError: the turn failed; its text says why and what to do next.
            TimeoutError: not done yet.
            KeyboardInterrupt: Ctrl-C in a program that is no notebook; the turn has been stopped.
        """
        if self._loop.inside:
            raise UserError("result() would block the session's own loop.", "Use `await turn`.")
        with self.awaited():
            if threading.current_thread() is threading.main_thread():
                self._serve_to_its_end(timeout)
                timeout = None if self.done else 0
            try:
                return wait(self._done, timeout)
            finally:
                self._waited()

    def _serve_to_its_end(self, timeout: float | None) -> None:
        with INTERRUPTS.stopping(self.interrupt) as waiting:
            bounded = timeout is not None  # a prompt would hold it up, and nothing waits for ever
            asking = _nothing_to_ask if bounded else self.waiting_here
            try:
                with asking(True) as look:
                    serve(self, timeout, look)
            except KeyboardInterrupt:  # in what it asked this thread to do
                waiting.heard = True
                self.interrupt()
            if waiting.heard:
                serve(self, STOPPED_IN, lambda: None)
        if waiting.heard and not self.shown:
            raise KeyboardInterrupt

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """While somebody waits for the turn, what it asks of the main thread may be done at once."""
        self.waiters += 1
        try:
            yield
        finally:
            self.waiters -= 1

    def __await__(self) -> Generator[Any, None, Result]:
        return self._wait_async().__await__()

    async def _wait_async(self) -> Result:
        # An interrupt that cancels the cell is noticed only when its loop wakes up: wake it five times a second.
        done = asyncio.wrap_future(self._done)
        done.add_done_callback(lambda future: future.cancelled() or future.exception())
        try:
            with (
                self.awaited(),
                INTERRUPTS.stopping(self.interrupt) if self.shown else nullcontext(),
                self.waiting_here(False) as look,
            ):
                while not done.done():
                    await asyncio.wait([done], timeout=LOOK)
                    try:
                        look()
                    except KeyboardInterrupt:  # at a prompt; out of a task it would end the loop
                        self.interrupt()
        except asyncio.CancelledError:
            self.interrupt()
            raise
        self._waited()
        return done.result()

    def _waited(self) -> None:
        if self.done:
            self.after_wait()

    def output(self, which: int | str = -1) -> FullOutput:
        """The full output of one command of the turn, for as long as the kernel lives and the session is open.

        A turn itself, and what is saved of it, keeps only the first and the last 64K of a long output.

        Args:
            which: the command, counted from 0 or back from -1, or its item id.

        Raises:
            UserError: there is no such command, or its output is gone.

        Example:
            turn = codex_jupyter.session().start("Run the tests with all their output.")
            print(turn.output().text)                    # so far; or .path, or .lines()
        """
        from codex_jupyter.session.outputs import output_of

        return output_of(self.turn, which)

    def interrupt(self, by: str = "you") -> None:
        """Ask the turn to stop, and the commands it left running with it. Returns at once."""
        self._loop.post(lambda: self.control.stop(by))

    def steer(self, text: str) -> None:
        """Say something to the running turn.

        Raises:
            UserError: the turn has ended or cannot be steered; the text was not sent.
        """
        self._loop.call(self.control.steer(text), timeout=10)

    def answer(
        self,
        request_id: str,
        choice: Choice,
        values: Mapping[str, str | Sequence[str]] | None = None,
        *,
        content: str = "",
    ) -> str:
        """Answer one open request; the record says that a program answered.

        Args:
            request_id: ``turn.pending[i].id``.
            choice: once, session, always, decline, stop, submit or skip.
            values: for questions and forms, answers by field id.
            content: for forms, a JSON object as text.

        Returns:
            ``"accepted"``, ``"late"`` when somebody else was first, or ``"refused"`` when the choice is not offered.

        Raises:
            UserError: the calling code is one that Codex runs, or that such code started.
        """
        pairs = tuple(
            (key, (value,) if isinstance(value, str) else tuple(value))
            for key, value in (values or {}).items()
        )
        answer = Answer(choice, pairs, content)
        return self._loop.run(
            lambda: self.control.answer(request_id, answer, PROGRAM), timeout=10
        ).kind

    def retry_review(self, review_id: str) -> None:
        """Allow the one action that the automatic reviewer denied; the model has to try it again.

        Args:
            review_id: the id of the ``Review`` among ``turn.turn.entries``.

        Raises:
            UserError: there is no such denial, or it cannot be overruled any more.
        """
        self._loop.call(self.control.retry_review(review_id, PROGRAM), timeout=30)

    # The loop's side -------------------------------------------------------------------------------------------

    def _swap(self, turn: Turn) -> None:
        """Publish a new state; the engine and the turn's run call this on the loop, and nobody else does."""
        if turn is self._turn:
            return
        self._turn = turn
        for listener in tuple(self._listeners):
            if (
                self._turn is not turn
            ):  # a listener changed it (it answered): all have heard of that
                return
            try:
                listener(turn)
            except Exception as error:  # whoever watches cannot keep a turn from ending
                log.error("a listener of turn %s failed", self.number, exc_info=error)
        self._wake()

    def _resolve(self, outcome: Result | BaseException) -> None:
        if self._done.done():
            return
        if isinstance(outcome, BaseException):
            self._done.set_exception(outcome)
        else:
            self._done.set_result(outcome)
        self._wake()

    def _wake(self) -> None:
        """Let who waits look again, also who waits for a turn behind this one; where nobody does, nothing is kept for them."""
        for one in self._up_to_the_last():
            if one.waiters:
                one.main_thread_jobs.put(WAKE)

    def give_job(self, job: Job) -> None:
        """Put a job where whoever waits in the main thread finds it, for this turn or for one behind it."""
        self.main_thread_jobs.put(job)
        for one in self._up_to_the_last()[1:]:
            if one.waiters:
                one.main_thread_jobs.put(WAKE)

    def outcome(self) -> Result | None:
        """The result once done, also of a turn that failed or was stopped; None before."""
        if not self._done.done():
            return None
        error = self._done.exception()
        if isinstance(error, TurnFailedError):
            return getattr(error, "result", None)
        return None if error else self._done.result()
