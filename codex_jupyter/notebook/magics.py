"""``%codex`` and ``%%codex``: what was typed becomes a turn or a command, and its outcome a value or one error.

Parsing is ``parser``, commands are ``commands``, showing is ``presenter``. Only the joining lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from codex_jupyter import agent_code, journal
from codex_jupyter.errors import CodexJupyterError, OptionError, TurnFailedError, UserError
from codex_jupyter.notebook import printing
from codex_jupyter.notebook.traits import Configured, Defaults
from codex_jupyter.notebook.workbench import cell_changers
from codex_jupyter.notebook.workbench.shell_state import recorder_of
from codex_jupyter.session.preparations import forget_preparation
from codex_jupyter.settings import CELL, OPTIONS_BY_NAME, Options

if TYPE_CHECKING:
    from codex_jupyter.core.document import Table
    from codex_jupyter.session.live import LiveTurn
    from codex_jupyter.session.result import Result
    from codex_jupyter.session.session import Session


log = journal.logger("notebook")


@magics_class
class CodexMagics(Magics, Defaults):
    """Codex in a cell. ``%config CodexMagics`` lists and sets the defaults."""

    shell: Any

    # The session -----------------------------------------------------------------------------------------------

    def session(self) -> Session:
        """The kernel's default session."""
        from codex_jupyter.session.registry import session

        return session()

    def attach_to(self, session: Session) -> None:
        """Show a session's turns here, and give it this kernel and these settings."""
        from codex_jupyter.notebook.presenter import NotebookPresenter
        from codex_jupyter.notebook.workbench.kernel_tools import KernelTools

        session.presenter = NotebookPresenter(self.shell, session)
        session.workbench = KernelTools(self.shell, session.engine)
        session.defaults = [("%config CodexMagics", Configured(self))]

    def close_sessions(self) -> None:
        """End what every session of this kernel has started; each can be used again."""
        from codex_jupyter.session.registry import sessions

        for session in sessions():
            try:
                session.close()
            except (CodexJupyterError, TimeoutError):
                log.exception("a session was not closed")

    def detach(self) -> None:
        """The extension is unloaded: sessions go on without this shell."""
        forget_preparation(self.attach_to)
        from codex_jupyter.session.registry import sessions

        for session in sessions():
            session.presenter = None
            session.workbench = None
            session.defaults = []

    # The magic ---------------------------------------------------------------------------------------------------

    @no_var_expand
    @line_cell_magic
    def codex(self, line: str, cell: str | None = None) -> Any:
        """Ask Codex: ``%codex PROMPT``, or ``%%codex`` with the prompt below. ``%codex --help`` says everything."""
        agent_code.refuse("use %codex")
        if cell_changers.drop_agents(self.shell):
            raise UserError(
                "Code that Codex ran would have changed your cells before they run. It was removed; nothing was sent.",
                "Run the cell again.",
            )
        with recorder_of(self.shell).muted(), printing.substituting():
            return self._codex(line, cell)

    def _codex(self, line: str, cell: str | None) -> Any:
        from codex_jupyter.notebook.commands import commands_by_word
        from codex_jupyter.notebook.parser import parse_cell, parse_line

        invocation = parse_line(line) if cell is None else parse_cell(line, cell)
        typed, options = invocation.command, invocation.options
        if invocation.wants_help:
            from codex_jupyter.notebook.help import help_on, help_text

            print(help_on(typed.name) if typed else help_text(), end="")
            return None
        if typed is not None:
            return commands_by_word()[typed.name].run(self, typed, options)
        if invocation.prompt is None:
            from codex_jupyter.notebook.commands.status import state

            return state(self, options)
        return self.ask(invocation.prompt, options)

    def commands(self) -> list[tuple[str, Table]]:
        """Every command, by subject."""
        from codex_jupyter.notebook.help import command_tables

        return command_tables()

    def help(self, word: str) -> str:
        """The help of a command or an option.

        Raises:
            OptionError: nothing has this name.
        """
        from codex_jupyter.notebook.help import help_on

        return help_on(word)

    def ask(self, prompt: str, options: Options, sent: tuple[str, ...] = ()) -> Any:
        """Run a prompt as a turn; returns its ``Result``, or the turn itself in the background.

        ``sent``: what of the user's data the prompt itself holds, for the footer.
        """
        session = self.session()
        work, attached = self._work(session, options, prompt)
        sent += attached
        live = self._start(session, prompt, options, work)
        if sent and session.workbench is not None:
            session.workbench.attached(live, sent)
        return self._outcome(session, live, options)

    def run_job(self, title: str, options: Options, work: dict[str, Any]) -> Any:
        """Run a turn that is not a prompt of the user's: a review, a summary."""
        session = self.session()
        return self._outcome(session, self._start(session, title, options, work), options)

    def _start(
        self, session: Session, prompt: str, options: Options, work: dict[str, Any]
    ) -> LiveTurn:
        return session.start(
            prompt,
            origin=CELL,
            thread=options.thread or "main",
            new=options.new,
            waiting=not options.background,
            output_schema=self._output_schema(options),
            work=work,
            **options.settings,
        )

    def _outcome(self, session: Session, live: LiveTurn, options: Options) -> Any:
        """The turn itself in the background; else its result, once it has ended."""
        if options.background:
            self._bind(options, live)
            return live
        return self.collect(session, live, options)

    def collect(self, session: Session, live: LiveTurn, options: Options) -> Any:
        """Wait for a turn and bind its result, also that of a turn that failed."""
        try:
            result = self._result_of(session, live)
        except CodexJupyterError as error:
            error.shown = True
            if isinstance(error, TurnFailedError):
                self._bind(options, getattr(error, "result", None))
            raise
        self._bind(options, result)
        return result

    def _result_of(self, session: Session, live: LiveTurn) -> Result:
        try:
            return session.wait(live)
        except (
            KeyboardInterrupt
        ):  # it came before anybody waited: the turn is to end, and is waited for
            live.interrupt()
            return session.wait(live)

    def _bind(self, options: Options, value: Any) -> None:
        if options.output and value is not None:
            self.shell.user_ns[options.output] = value

    def _output_schema(self, options: Options) -> Any:
        """What ``--output-schema`` names in the notebook.

        Raises:
            OptionError: there is nothing of that name; nothing was sent.
        """
        name = options.output_schema
        if name is None:
            return None
        if name not in self.shell.user_ns:
            raise OptionError(
                f"--output-schema {name}: there is no variable of this name. Nothing was sent.",
                "Name a pydantic model, a dataclass, a TypedDict, or a JSON schema as a dict.",
            )
        return self.shell.user_ns[name]

    def _work(
        self, session: Session, options: Options, prompt: str
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        """What a turn is given besides its prompt, and what of it the footer names.

        Raises:
            OptionError: a file or a name is nothing; nothing was sent.
        """
        images: tuple[str, ...] = ()
        if options.image:
            images = tuple(map(str, OPTIONS_BY_NAME["--image"].check(options.image, CELL)))
        work: dict[str, Any] = {}
        sent: tuple[str, ...] = ()
        if session.workbench is not None:
            settings, _ = session.effective(options.thread or "main", CELL, options.settings)
            attached = session.workbench.attach(prompt, options.with_names, settings.cwd)
            work, sent = dict(attached.work), attached.sent
        images += tuple(work.get("images", ()))
        return ({**work, "images": images} if images else work), sent
