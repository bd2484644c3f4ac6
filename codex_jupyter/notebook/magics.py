"""``%codex`` and ``%%codex``: what was typed becomes a turn or a command, and its outcome a value or one error.

Parsing is ``options``, commands are ``commands``, showing is ``presenter``. Only the joining lives here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from traitlets import Bool, Float, Unicode

from codex_jupyter.errors import OptionError, TurnFailedError
from codex_jupyter.notebook.options import Invocation, Options, parse_cell, parse_line
from codex_jupyter.notebook.workbench.recorder import refuse_inside_run
from codex_jupyter.notebook.workbench.shared import recorder_of
from codex_jupyter.session.preparations import forget_preparation

if TYPE_CHECKING:
    from codex_jupyter.session.live import LiveTurn
    from codex_jupyter.session.session import Session


@magics_class
class CodexMagics(Magics):
    """Codex in a cell. ``%config CodexMagics`` lists and sets the defaults."""

    shell: Any
    model = Unicode("", help="Model for every turn; empty means Codex's own configuration.").tag(
        config=True
    )
    effort = Unicode("", help="Reasoning effort: none, minimal, low, medium, high, xhigh.").tag(
        config=True
    )
    sandbox = Unicode("", help="read-only, workspace-write or full-access.").tag(config=True)
    approval = Unicode("", help="Who decides beyond the sandbox: ask, auto-review or never.").tag(
        config=True
    )
    kernel = Unicode("", help="How far Codex may go in this kernel: off, read or run.").tag(
        config=True
    )
    cwd = Unicode("", help="Folder of every turn; empty means the kernel's current one.").tag(
        config=True
    )
    timeout = Float(0.0, help="Seconds after which a turn is stopped; 0 means never.").tag(
        config=True
    )
    quiet = Bool(False, help="Show only the answer.").tag(config=True)
    context = Bool(True, help="Tell Codex what changed in the notebook since its last turn.").tag(
        config=True
    )
    allow_env = Unicode(
        "", help="Environment variables that commands may see although they look secret, by name."
    ).tag(config=True)

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self.known_models: list[str] = []

    # The session -----------------------------------------------------------------------------------------------

    def session(self) -> Session:
        """The kernel's default session."""
        from codex_jupyter.session.registry import session

        return session()

    def lend(self, session: Session) -> None:
        """Show a session's turns here, and give it this kernel and these settings."""
        from codex_jupyter.notebook.presenter import NotebookPresenter
        from codex_jupyter.notebook.workbench.bench import Workbench

        session.presenter = NotebookPresenter(self.shell, session)
        session.workbench = Workbench(self.shell, session.engine)
        session.defaults = [("%config CodexMagics", Configured(self))]

    def release(self) -> None:
        """The extension is unloaded: sessions go on without this shell."""
        forget_preparation(self.lend)
        from codex_jupyter.session.registry import sessions

        for session in sessions():
            session.presenter = None
            session.workbench = None
            session.defaults = []

    def configured(self) -> dict[str, Any]:
        """The traits that were set, as settings."""
        return {
            "model": self.model or None,
            "effort": self.effort or None,
            "sandbox": self.sandbox or None,
            "approval": self.approval or None,
            "kernel": self.kernel or None,
            "cwd": folder(self.cwd, "%config CodexMagics.cwd") if self.cwd else None,
            "timeout": self.timeout or None,
            "quiet": self.quiet or None,
            "context": None if self.context else False,
            "allow_env": tuple(self.allow_env.replace(",", " ").split()) or None,
        }

    def remember_models(self, names: list[str]) -> None:
        """Models that the runtime named, for completion."""
        self.known_models = names

    def completion_sources(self) -> Any:
        """What the completer offers that is not in the option table."""
        from codex_jupyter.notebook.completion_sources import CompletionSources

        return CompletionSources(self)

    # The magic ---------------------------------------------------------------------------------------------------

    @no_var_expand
    @line_cell_magic
    def codex(self, line: str, cell: str | None = None) -> Any:
        """Ask Codex: ``%codex PROMPT``, or ``%%codex`` with the prompt below. ``%codex --help`` says everything."""
        refuse_inside_run()
        with recorder_of(self.shell).muted():
            return self._codex(line, cell)

    def _codex(self, line: str, cell: str | None) -> Any:
        invocation = parse_line(line) if cell is None else parse_cell(line, cell)
        if invocation.wants_help:
            from codex_jupyter.notebook.help import command_help, help_text

            command = invocation.command
            print(command_help(command.name) if command else help_text())
            return None
        if invocation.command is not None:
            from codex_jupyter.notebook.commands import run_command

            return run_command(self, invocation.command, invocation.options)
        if invocation.prompt is None:
            from codex_jupyter.notebook.commands import show_state

            return show_state(self, invocation.options)
        return self.ask(invocation)

    def ask(self, invocation: Invocation, sent: tuple[str, ...] = ()) -> Any:
        """Run a prompt as a turn; returns its ``Result``, or the turn itself in the background.

        ``sent``: what of the user's data the prompt itself holds, for the footer.
        """
        options, prompt = invocation.options, invocation.prompt or ""
        session = self.session()
        work, attached = self._work(session, options, prompt)
        sent += attached
        live = session.start(
            prompt,
            origin="this cell",
            thread=options.thread or "main",
            new=bool(options.new),
            waiting=not options.background,
            output_schema=self._output_schema(options),
            work=work,
            **settings_of(options),
        )
        if sent and session.workbench is not None:
            session.workbench.attached(live, sent)
        if options.background:
            self._bind(options, live)
            return live
        return self.collect(session, live, options)

    def run_job(self, title: str, options: Options, work: dict[str, Any]) -> Any:
        """Run a turn that is not a prompt of the user's: a review, a summary."""
        session = self.session()
        live = session.start(
            title,
            origin="this cell",
            thread=options.thread or "main",
            new=bool(options.new),
            waiting=not options.background,
            work=work,
            **settings_of(options),
        )
        if options.background:
            self._bind(options, live)
            return live
        return self.collect(session, live, options)

    def collect(self, session: Session, live: LiveTurn, options: Options) -> Any:
        """Wait for a turn and bind its result, also that of a turn that failed."""
        try:
            result = session.wait(live)
        except TurnFailedError as error:
            self._bind(options, getattr(error, "result", None))
            raise
        except KeyboardInterrupt:
            live.interrupt("you")  # it may have come before anybody waited
            raise
        self._bind(options, result)
        return result

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
        images = tuple(str(existing_file(name)) for name in options.image)
        work: dict[str, Any] = {}
        sent: tuple[str, ...] = ()
        if session.workbench is not None:
            settings, _ = session.effective(options.thread or "main")
            where = folder(options.cd) if options.cd else settings.cwd
            attached = session.workbench.attach(prompt, options.with_names, where)
            work, sent = dict(attached.work), attached.sent
        images += tuple(work.get("images", ()))
        return ({**work, "images": images} if images else work), sent


class Configured(Mapping[str, Any]):
    """The ``%config`` traits as a layer of settings, read anew each time."""

    def __init__(self, magics: CodexMagics) -> None:
        self._magics = magics

    def __getitem__(self, key: str) -> Any:
        return self._magics.configured()[key]

    def __iter__(self) -> Any:
        return iter(self._magics.configured())

    def __len__(self) -> int:
        return len(self._magics.configured())


def settings_of(options: Options) -> dict[str, Any]:
    """The settings that the options of one cell choose; None where they choose nothing.

    Raises:
        OptionError: a folder does not exist.
    """
    return {
        "model": options.model,
        "effort": options.effort,
        "sandbox": options.sandbox,
        "approval": options.approval,
        "kernel": options.kernel,
        "cwd": folder(options.cd) if options.cd else None,
        "add_dirs": tuple(folder(name, "--add-dir") for name in options.add_dir) or None,
        "config": dict(options.config) or None,
        "profile": options.profile,
        "provider": options.local_provider,
        "oss": options.oss,
        "ephemeral": options.ephemeral,
        "timeout": options.timeout,
        "quiet": options.quiet,
    }


def folder(name: str, option: str = "-C/--cd") -> Path:
    """An existing folder, ``~`` expanded, absolute; ``option`` is where it was named.

    Raises:
        OptionError: there is none.
    """
    path = Path(os.path.abspath(os.path.expanduser(name)))
    if not path.is_dir():
        raise OptionError(f"There is no folder {name!r}. Nothing was sent.", f"Check {option}.")
    return path


def existing_file(name: str) -> Path:
    """An existing file, ``~`` expanded, absolute.

    Raises:
        OptionError: there is none.
    """
    path = Path(os.path.abspath(os.path.expanduser(name)))
    if not path.is_file():
        raise OptionError(f"There is no file {name!r}. Nothing was sent.", "Check -i/--image.")
    return path
