"""The exceptions this package raises on purpose, in one tree.

    CodexJupyterError           anything below
      UserError                 something the user typed or chose; shown as one block, never with our traceback
        OptionError             an option or command could not be understood
        SecretOnLineError       a key was typed where it would be saved; the message never contains it
        FolderGoneError         the folder that the turn would work in is not there; nothing was sent
        ConversationLostError   the runtime no longer has the conversation; nothing was sent
        ConfigurationError      Codex cannot use what config.toml says; nothing was sent
        NotSignedInError        the provider needs an account and there is none; nothing was sent
        BusyError               the thread is at work, or another process holds it
      RuntimeFailedError        the Codex runtime could not be started, or died
      TurnFailedError           the turn ended with an error, or ran into ``--timeout``
        TurnInterruptedError    a person stopped the turn

Each carries ``message`` (what happened) and ``hint`` (the next step). Nothing else lives here: no formatting
beyond these two lines, no imports.
"""

from __future__ import annotations

#: What a terminal would act on, in words of others that a message quotes: shown as its picture, or as a box.
_CONTROLS = {
    **{code: 0x2400 + code for code in range(0x20) if code not in (0x09, 0x0A)},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
    **dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], 0xFFFD),
}


class CodexJupyterError(Exception):
    """What happened, and what to do next.

    Args:
        message: one sentence that says what happened, without secrets.
        hint: the next step, or ``""`` when there is none worth saying.

    Example:
        >>> str(CodexJupyterError("The runtime is gone.", "Run the cell again."))
        'The runtime is gone.\\nRun the cell again.'
    """

    #: The transcript above says it, with the next step: IPython then shows the first line alone.
    shown = False

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback: the two lines above, and nothing of ours."""
        lines = [f"{type(self).__name__}: {self.message}", *([self.hint] if self.hint else [])]
        if self.shown:
            lines = lines[0].splitlines()[:1]
        return [line.translate(_CONTROLS) for line in lines]


class UserError(CodexJupyterError):
    """Something the user typed or chose does not work; told without a traceback."""


class OptionError(UserError):
    """An option, its value or a command word could not be understood. Nothing was sent."""


class SecretOnLineError(UserError):
    """A key was typed into a cell, where it would be saved. The message never contains it."""


class FolderGoneError(UserError):
    """The folder that the turn would work in is not there. Nothing was sent."""


class ConversationLostError(UserError):
    """The runtime no longer has the conversation, or cannot read it. Nothing was sent; the next turn begins another."""


class ConfigurationError(UserError):
    """Codex cannot use what ``config.toml`` says. Nothing was sent: it would go on with other permissions than were set."""


class NotSignedInError(UserError):
    """The model provider needs an account and there is none. Nothing was sent."""


class BusyError(UserError):
    """The thread already runs a turn, or another process holds the thread."""


class RuntimeFailedError(CodexJupyterError):
    """The Codex runtime could not be started, or ended while it was needed."""


class TurnFailedError(CodexJupyterError):
    """The turn ended with an error or ran into its time limit; the transcript so far is kept."""


class TurnInterruptedError(TurnFailedError):
    """A person stopped the turn; the transcript so far is kept."""
