"""The session a user holds: ``codex``, ``run``, ``start``, threads by name. A thin face of the engine.

Every method may be called from any thread but the session's own; none needs a running event loop, and those that
return awaitables say so.

Two reasons: it is the one class that a user of the package looks things up in, and more than half of it is what they read
there.
"""

from __future__ import annotations

import atexit
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from codex_jupyter import agent_code
from codex_jupyter.core.requests import Request
from codex_jupyter.core.turn import Turn, TurnSettings
from codex_jupyter.errors import UserError
from codex_jupyter.session.answer_shape import answer_shape
from codex_jupyter.session.ending import end_commands, never_began
from codex_jupyter.session.engine import Engine
from codex_jupyter.session.live import LiveTurn
from codex_jupyter.session.signing_in import (
    KEY,
    Keep,
    LoginAttempt,
    SigningIn,
    Standing,
    Way,
    ask_hidden,
)
from codex_jupyter.session.supplier import Needs
from codex_jupyter.session.thread import Thread
from codex_jupyter.session.turn_run import TurnRun
from codex_jupyter.session.waiting import finish, wait_quietly
from codex_jupyter.session.work import work_of
from codex_jupyter.settings import Settings, layer
from codex_jupyter.trusted_imports import before_turn

if TYPE_CHECKING:
    from typing import Unpack

    from codex_jupyter.offline import Offline
    from codex_jupyter.runtime.api import Api
    from codex_jupyter.runtime.strays import Strays
    from codex_jupyter.session.ports import KernelTools, Presenter
    from codex_jupyter.session.result import Result
    from codex_jupyter.settings import TurnOptions

T = TypeVar("T")

MAIN = "main"

#: Seconds for one question to the runtime, its start included.
ASKED_IN = 60.0
#: Seconds that closing waits: a process that has to be killed, with what it had started, takes most of them.
CLOSED_IN = 10.0


@dataclass(frozen=True)
class Model:
    """A model that the runtime offers."""

    name: str
    description: str


class Session:
    """One Codex runtime and its conversations.

    Get it with ``codex_jupyter.session()``; the runtime starts when it is first needed.

    Attributes:
        name: the session's name in this kernel.
        defaults: layers of settings below those of a call: (where from, values) pairs.
        presenter: who shows turns; None outside a notebook.
        known_models: what ``models`` returned last.

    Example:
        import codex_jupyter as cj
        print(cj.session().run("What does load.py do?"))
    """

    def __init__(self, name: str = MAIN) -> None:
        self.name = name
        self._presenter: Presenter | None = None
        self._defaults: tuple[tuple[str, Mapping[str, Any]], ...] = ()
        self.known_models: tuple[Model, ...] = ()
        self.engine = Engine(name)
        self.signing_in = SigningIn(self.engine)
        self.engine.supplier.usual = self._usual_needs
        self.conversations = self.engine.conversations
        self._last: LiveTurn | None = None
        self._offline: Offline | None = None
        atexit.register(self._end)

    def __repr__(self) -> str:
        runtime = self.engine.runtime
        state = f"runtime {runtime.pid}" if runtime is not None and runtime.alive else "not started"
        return f"<codex session {self.name!r}: {state}>"

    # The SDK -------------------------------------------------------------------------------------------------

    @property
    def codex(self) -> Any:
        """The SDK's own client, an initialised ``openai_codex.AsyncCodex``, on this session's runtime.

        Turns started on it may do no more than a turn of this session without options, on threads of its own and on those
        of this session, whatever turns before them were allowed: what goes beyond the sandbox is asked of a person, and
        declined where no turn of this session is there to show it. So ``ApprovalMode.auto_review``, the SDK's default,
        has no model approve here (``-a auto-review`` does, for turns of this session), and a thread that is resumed or
        forked reads only. A ``sandbox`` that your program names counts for the SDK's turn it is given to.

        Raises:
            RuntimeFailedError: the runtime could not be started.
            UserError: the calling code is one that Codex runs.
        """
        agent_code.refuse("take the SDK's client")
        return self.engine.call(self.engine.ensure_runtime()).codex

    @property
    def presenter(self) -> Presenter | None:
        """Who shows turns; None outside a notebook."""
        return self._presenter

    @presenter.setter
    def presenter(self, presenter: Presenter | None) -> None:
        agent_code.refuse("change who shows turns")
        self._presenter = presenter

    @property
    def defaults(self) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """Layers of settings below those of a call: (where from, values) pairs."""
        return self._defaults

    @defaults.setter
    def defaults(self, layers: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        agent_code.refuse("change a setting")
        self._defaults = tuple(layers)

    @property
    def workbench(self) -> KernelTools | None:
        """The tools and the note that turns carry, or None."""
        return self.engine.workbench

    @workbench.setter
    def workbench(self, workbench: KernelTools | None) -> None:
        agent_code.refuse("change the tools of the kernel")
        self.engine.workbench = workbench

    def go_offline(self, offline: Offline | str | None = None) -> None:
        """Run on the offline model from now on; every panel and transcript then says so.

        Args:
            offline: what ``codex_jupyter.offline.start(...)`` returned, or the name of a script that comes with the
                package and one is started with it; None starts one with the sample project's.

        Raises:
            ScriptError: there is no script of that name.
        """
        from codex_jupyter.runtime.launch import Launch

        agent_code.refuse("exchange the runtime")
        if offline is None or isinstance(offline, str):
            from codex_jupyter.offline import start

            offline = start(offline)
        self._offline = offline  # its servers live as long as the session
        self.engine.call(self.engine.close())
        self.conversations.clear()
        self.engine.supplier.launch = Launch.on(offline)
        self.engine.offline = offline.label

    # Turns -----------------------------------------------------------------------------------------------------

    def start(
        self,
        prompt: str,
        *,
        thread: str = MAIN,
        new: bool = False,
        origin: str = "this call",
        waiting: bool = False,
        interactive: bool | None = None,
        output_schema: Any = None,
        work: Mapping[str, Any] | None = None,
        **options: Unpack[TurnOptions],
    ) -> LiveTurn:
        """Start a turn and return at once.

        Args:
            prompt: what to ask, sent to the byte.
            thread: the conversation's name; it is begun when it does not exist.
            new: begin that conversation afresh.
            origin: where the options come from, for error messages.
            waiting: the caller will wait in this thread (``run`` does).
            interactive: whether somebody answers what Codex asks. True: the caller does, with ``turn.answer(...)``;
                False: nobody, so it is declined. None: whoever shows the turn knows; without a notebook, nobody.
            output_schema: what the answer is to be: a pydantic model, a dataclass, a ``TypedDict``, or a JSON schema as
                a dict; ``result.parsed`` is then the validated object.
            work: what goes along (images, mentions, context), see ``runtime.threads.Prompt``; or other work, see
                ``work.work_of``.
            options: the settings of the turn: model, effort, sandbox, approval, kernel, cwd, config, timeout, ...;
                ``docs/options.md`` says what each means.

        Raises:
            OptionError: an option is not possible; nothing was sent.
            UserError: the prompt is empty, or a file of the user's stands in for a module that is needed.
        """
        agent_code.refuse("start a turn")
        if not prompt.strip():
            raise UserError("The prompt is empty. Nothing was sent.", "Write it after the options.")
        settings, _ = self.effective(thread, origin, options, fresh=new)
        usual, _ = self.effective(thread, fresh=new)
        before_turn(*([settings.cwd] if settings.cwd else ()), *settings.add_dirs)
        shape = None if output_schema is None else answer_shape(output_schema)
        names = self.conversations
        conversation = names.begin(thread) if new else names.named(thread)
        header = conversation.first_header(settings, self.engine.offline)
        first = Turn(started_ms=int(time.time() * 1000), settings=header)
        live = LiveTurn(self.engine.thread, prompt, settings, first)
        run = TurnRun(self.engine, live, conversation, usual)
        parts = dict(work or {})
        parts.setdefault("client_id", f"turn-{live.number}")
        if shape is not None:
            live.shape = shape
            parts["output_schema"] = shape.schema
        self._last = live
        try:
            if self.presenter is not None:
                self.presenter.present(live, waiting=waiting)
            if interactive is not None:
                live.interactive = interactive
            if self.engine.workbench is not None and not {"review", "compact"} & parts.keys():
                carried = self.engine.workbench.begin(live, conversation)
                data = {**carried.pop("data", {}), **parts.get("data", {})}
                parts = {**carried, **parts, **({"data": data} if data else {})}
        except BaseException:  # Ctrl-C while it looks at the notebook, say: it was shown, and ends
            self.engine.thread.post(run.fail, never_began(live))
            raise
        self.engine.start_soon(run, work_of(prompt, parts))
        return live

    def run(
        self,
        prompt: str,
        *,
        thread: str = MAIN,
        new: bool = False,
        interactive: bool | None = None,
        output_schema: Any = None,
        **options: Unpack[TurnOptions],
    ) -> Result:
        """Start a turn and wait for its end, showing it as it goes. Takes what ``start`` takes.

        Raises:
            TurnInterruptedError: somebody stopped it.
            TurnFailedError: it failed; the text says why and what to do next.
            KeyboardInterrupt: the kernel was interrupted; the turn has been stopped.
        """
        live = self.start(
            prompt,
            thread=thread,
            new=new,
            waiting=True,
            interactive=interactive,
            output_schema=output_schema,
            **options,
        )
        return self.wait(live)

    def wait(self, live: LiveTurn) -> Result:
        """Wait for a turn in this thread, serving it meanwhile; an interrupt stops the turn."""
        if self.presenter is not None:
            self.presenter.wait(live)
        else:
            wait_quietly(live)
        return live.result()

    @property
    def last(self) -> LiveTurn | None:
        """The turn started last, or None."""
        return self._last

    @property
    def pending(self) -> tuple[tuple[LiveTurn, Request], ...]:
        """Everything that waits for an answer, oldest first."""
        return self.engine.broker.open_requests()

    def stop_all(self) -> tuple[LiveTurn, ...]:
        """Stop every turn that runs or waits to begin, and give each a bounded time to end; `done` says which did."""
        running = self.engine.running()
        for live in running:
            live.interrupt("you")
        for live in running:
            finish(live)
        return running

    def end_commands(self) -> Strays:
        """End what commands of this session's conversations left running, as far as it is found."""
        from codex_jupyter.runtime.strays import Strays

        async def end() -> Strays:
            found = [
                await end_commands(thread.opened_in, thread.id)
                for thread in self.conversations.known()
                if thread.opened_in is not None and thread.opened_in.alive
            ]
            return Strays(
                sum(one.ended for one in found),
                sum(one.running for one in found),
                all(one.sure for one in found),
            )

        return self.engine.call(end(), timeout=ASKED_IN)

    # The account -----------------------------------------------------------------------------------------------

    async def start_login(self, way: Way = "browser") -> LoginAttempt:
        """Begin a sign-in; a notebook shows its address or code. An attempt that is open in this process ends.

        Args:
            way: ``"browser"``, or ``"device"`` for a code to type on another device.

        Raises:
            SignInError: it cannot begin; the text says why and what to do instead.
            UserError: this session runs on the offline model, which needs no account.

        Example:
            attempt = await codex_jupyter.session().start_login()
            await attempt.finish()
        """
        self.refuse_lost_sign_in()
        attempt = await self.signing_in.start(way)
        if self.presenter is not None:
            self.presenter.present_login(attempt)
        return attempt

    def refuse_lost_sign_in(self) -> None:
        """Refuse a sign-in that would be lost: the offline model's home ends with it, and it asks for no account.

        Raises:
            UserError: that is so.
        """
        if self._offline is not None and self._offline.issuer is None:
            raise UserError(
                "This kernel runs on the offline model, which needs no account and would not keep yours.",
                "Restart the kernel and leave out go_offline, then %codex login.",
            )

    def use_api_key(self, key: str | None = None, *, keep: Keep = "kernel") -> Standing:
        """Work with an API key from the next turn on.

        Args:
            key: the key; None asks for it in a hidden field. Never write it into a cell: read it from somewhere.
            keep: ``"kernel"``: in memory, for all sessions of this kernel; ``"machine"``: in the runtime's file.

        Raises:
            SignInError: this is no key.
            UserError: nobody can be asked here.
        """
        agent_code.refuse("sign in or out")
        given = ask_hidden(KEY) if key is None else key
        return self.engine.call(self.signing_in.use_key(given, keep))

    def account(self, *, refresh: bool = False) -> Standing:
        """Who is signed in and what limits are left; ``refresh`` has the runtime fetch a new token first.

        Raises:
            UserError: the refresh was refused; signing in again helps.
        """
        return self.engine.call(self.signing_in.standing(refresh=refresh, limits=True))

    def logout(self) -> Standing:
        """Forget the key of this kernel, or else sign the machine out. Returns who is signed in then."""
        return self.engine.call(self.signing_in.logout())

    # What holds ------------------------------------------------------------------------------------------------

    def effective(
        self,
        thread: str = MAIN,
        origin: str = "",
        options: Mapping[str, Any] | None = None,
        *,
        fresh: bool = False,
    ) -> tuple[Settings, dict[str, str]]:
        """The settings of the next turn on a thread, and where each chosen one comes from.

        Args:
            thread: the conversation's name.
            origin: where ``options`` come from, in words.
            options: those of one call.
            fresh: the conversation begins anew, so that nothing was chosen for it.

        Raises:
            OptionError: one of them is not possible.
        """
        conversation = self.conversations.get(thread)
        chosen = conversation.chosen if conversation and not fresh else {}
        return layer(*self.defaults, ("this conversation", chosen), (origin, options or {}))

    def _usual_needs(self) -> Needs:
        settings, _ = self.effective()
        return Needs(settings.allow_env, settings.codex_bin)

    def upcoming(self, thread: str = MAIN) -> TurnSettings | None:
        """What the header of the next turn of a conversation says; None while only the runtime could tell."""
        conversation = self.conversations.get(thread)
        if conversation is None or not conversation.opened:
            return None
        settings, _ = self.effective(thread)
        verdict = self.engine.supplier.sandbox
        rights = conversation.rights(
            settings,
            sandbox_works=verdict is None or not verdict.missing,
            sandbox_confirmed=verdict is None or verdict.works,
            environment=settings.allow_env,
        )
        runtime = self.engine.runtime
        own = runtime.own if runtime is not None else ("", "")
        return conversation.header(
            rights, conversation.model_for(settings), self.engine.offline, own
        )

    def models(self, timeout: float = ASKED_IN) -> list[Model]:
        """The models that the runtime offers, within ``timeout`` seconds; they are known from then on.

        Raises:
            TimeoutError: it did not say so in time.
        """
        self.known_models = tuple(
            Model(str(row.get("model") or row.get("id")), str(row.get("description") or ""))
            for row in self._ask(lambda api: api.models(), timeout)
        )
        return list(self.known_models)

    def configuration(self) -> Mapping[str, Any]:
        """The configuration in force: the table of ``config.toml``'s names, as the runtime resolves it."""
        return self._ask(lambda api: api.read_config())

    def mcp_servers(self, thread: str = MAIN) -> Sequence[Mapping[str, Any]]:
        """The MCP servers of a conversation, or of the configuration while it has not begun, as the runtime says."""
        conversation = self.conversations.get(thread)
        return self._ask(lambda api: api.mcp_servers(conversation.id if conversation else ""))

    def _ask(self, question: Callable[[Api], Awaitable[T]], timeout: float = ASKED_IN) -> T:
        async def ask() -> T:
            return self.engine.gate.clean(await question(await self.engine.api()))

        return self.engine.call(ask(), timeout)

    # Threads -----------------------------------------------------------------------------------------------------

    def thread(self, name: str = MAIN) -> Thread:
        """The conversation of this name, made when there is none."""
        return self.conversations.named(name)

    @property
    def threads(self) -> dict[str, Thread]:
        """The conversations of this session by name; a copy."""
        return self.conversations.by_name()

    def tool(self, function: Any) -> Any:
        """Offer a typed, documented function to Codex, on threads that begin after this; use it as a decorator.

        Codex may call it under the same consent as any code in your kernel. The schema comes from its annotations.

        Raises:
            UserError: there is no notebook to offer it from, or the function cannot be described.

        Example:
            @session.tool
            def price(symbol: str) -> float:
                "The latest price of a share, in euros."
        """
        agent_code.refuse("offer a tool")
        offer = getattr(self.engine.workbench, "offer", None)
        if offer is None:
            raise UserError(
                "There is no notebook here to offer tools from.", "%load_ext codex_jupyter"
            )
        return offer(function)

    def begin_thread(self, name: str = MAIN) -> Thread:
        """Begin the conversation of this name afresh; the old one stays in the runtime's history."""
        agent_code.refuse("begin a conversation")
        return self.conversations.begin(name)

    def _end(self) -> None:
        """At the interpreter's exit: no loop and no worker can be waited for any more."""
        runtime = self.engine.runtime
        if runtime is not None:
            runtime.end()
        self._end_offline()

    def close(self) -> None:
        """End the runtime and everything that runs on it; the session can be used again afterwards.

        Its panels stay as they are: what they show is in their cells.
        """
        agent_code.refuse("close a session")
        try:
            self.engine.call(self.engine.close(), timeout=CLOSED_IN)
            if self._presenter is not None:
                self._presenter.close()
        finally:
            self.engine.outputs.close()
            self._end_offline()
            if not self.engine.thread.inside:
                self.engine.thread.stop()

    def _end_offline(self) -> None:
        if self._offline is not None:
            self._offline.close()
            self._offline = None
