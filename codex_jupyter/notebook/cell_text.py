"""How a prompt keeps its bytes on the way from the cell to the magic.

IPython reshapes a cell before a magic sees it: it strips ``>>> `` and ``In [1]: ``, dedents, adds a
final newline, takes ``%codex what is y?`` for a question about ``y`` and joins lines at a
backslash. Here the prompt is taken out of the way of all that, by writing the call which IPython
would have written, with the exact text in it:

- ``%%codex`` is recognised in the raw text, before any transformation: the only place where the
  front end's own bytes are still there. Blank lines and comments may stand above it, and nothing
  needs to stand below it.
- ``%codex`` and ``name = %codex`` are recognised among the tokens of the cell, as IPython's own
  magics are (so never inside a string), and before it looks for help. A line is a line: what
  follows to its end is the text, a backslash included.

What the text means is the room of `parser`; only a typed key is cut out here (`redacted_history`).
What a user typed is what history keeps. The statement forms discard the value of the magic, so that
a finished cell has no ``Out[n]``; ``name = %codex`` keeps it.
"""

from __future__ import annotations

import re
import tokenize
from collections.abc import Callable
from typing import Any

from IPython.core.error import UsageError
from IPython.core.inputtransformer2 import TokenTransformBase

from codex_jupyter import journal
from codex_jupyter.notebook import printing
from codex_jupyter.notebook.redacted_history import redacted
from codex_jupyter.notebook.workbench.cell_source import is_ours
from codex_jupyter.notebook.wrapped_method import WrappedMethod

log = journal.logger("notebook")

MAGIC = "codex"

NEWLINE = r"\r\n|\r(?!\n)|\n"  # in one way only: two would double the search at every line
# Blank lines and comments, and then the indentation of the line.
ABOVE = rf"(?P<above>(?:[^\S\r\n]*(?:\#[^\r\n]*)?(?:{NEWLINE}))*[^\S\r\n]*)"
BEHIND = rf"{MAGIC}(?P<text>(?:[ \t][^\r\n]*)?)(?P<end>{NEWLINE}|\Z)"
CELL = re.compile(f"{ABOVE}%%{BEHIND}")
TARGET = r"(?P<target>(?:[^\W\d]\w*(?:\.[^\W\d]\w*)*[ \t]*=[ \t]*)?)"
TOP = re.compile(f"{ABOVE}{TARGET}%{BEHIND}")
#: ``%time %codex what is y?``: a magic of IPython's that runs a line of code, and ours in it.
TIMED = re.compile(
    f"{ABOVE}%(?P<magic>timeit|time|prun)(?P<options>(?:[ \\t]+-[^ \\t\\r\\n]+)*)[ \\t]+%{BEHIND}"
)
AROUND = re.compile(rf"\s*%%(?:capture|time|timeit)\b[^\r\n]*(?:{NEWLINE})")
LINE = re.compile(f"%{BEHIND}")
MARK = "_codex_jupyter_cell_text"


class Installed:
    """What `install` put on a shell, so that `uninstall` takes off exactly that."""

    def __init__(self, shell: Any) -> None:
        manager = self.manager = shell.input_transformer_manager
        self.transformer = CodexLine
        manager.token_transformers.append(self.transformer)
        self.methods = [
            WrappedMethod(manager, "transform_cell", self.transform_cell),
            WrappedMethod(manager, "check_complete", self.check_complete),
            WrappedMethod(shell, "transform_cell", self.run_cell_text),
        ]

    def undo(self) -> None:
        for method in reversed(self.methods):
            method.undo()
        if self.transformer in self.manager.token_transformers:
            self.manager.token_transformers.remove(self.transformer)

    def transform_cell(self, inner: Callable[[str], str], cell: str) -> str:
        """IPython's transformation of ``cell``, our magics taken out of it before or on the way.

        ``%%time``, ``%%timeit`` and ``%%capture`` look for a semicolon at the end of their body
        with Python's tokenizer, which fails on a prompt (an apostrophe is enough since Python
        3.12), so they get a body that is Python already.
        """
        around = AROUND.match(cell)
        if around is None or f"%{MAGIC}" not in cell:
            return inner(rewritten(cell))
        lines = rewritten(cell[around.end() :]).splitlines(keepends=True)
        return inner(around[0] + "".join(self.manager.do_token_transforms(lines)))

    def run_cell_text(self, inner: Callable[[str], str], cell: str) -> str:
        """As ``transform_cell``, with what the shell does besides; a transformer of the user's that fails does not stop a
        cell that is nothing but ours. An interrupt in the midst of it, which may import a lot, is the cell's: a kernel that is
        interrupted outside of a cell's code never replies to it."""
        try:
            return inner(cell)
        except KeyboardInterrupt:
            if f"%{MAGIC}" not in cell:
                raise
            return "raise KeyboardInterrupt\n"
        except Exception as error:
            if not is_ours(cell):
                raise
            log.warning("an input transformer failed", exc_info=error)
            printing.theirs("An input transformer", error, "Codex's cell was run without it.")
            return rewritten(cell)  # Python already: nothing of it needs to be transformed

    def check_complete(self, inner: Callable[[str], Any], cell: str) -> tuple[str, int | None]:
        """Whether the terminal should run ``cell`` or ask for another line.

        A cell magic ends at a blank line, as all of IPython's do, also with comments above it and
        with a backslash at the end of its text; a line ends at its newline, also behind a
        backslash.
        """
        if CELL.match(cell):
            lines = cell.split("\n")
            last = lines[-1] or lines[-2]
            if not last.strip():
                return "complete", None
            return "incomplete", len(last) - len(last.lstrip(" \t"))
        try:
            return inner(self._without_backslash(rewritten(cell)))
        except UsageError:
            return "invalid", None

    def _without_backslash(self, cell: str) -> str:
        """``cell``, its lines of ours rewritten when one of them ends it with a backslash, which
        means nothing there."""
        end = cell.rstrip()
        if not end.endswith("\\") or f"%{MAGIC}" not in end[end.rfind("\n") + 1 :]:
            return cell
        lines = cell.splitlines(keepends=True)
        try:
            for transform in self.manager.cleanup_transforms:
                if not getattr(transform, "has_side_effects", False):
                    lines = transform(lines)
            return "".join(self.manager.do_token_transforms(lines))
        except SyntaxError:
            return cell


def install(shell: Any) -> None:
    """Keep the text of ``%codex`` and ``%%codex`` to the byte in ``shell``, an `InteractiveShell`.
    Twice is once."""
    manager = shell.input_transformer_manager
    if getattr(manager, MARK, None) is None:
        setattr(manager, MARK, Installed(shell))


def uninstall(shell: Any) -> None:
    """Take off what `install` put on ``shell``; what others put there stays."""
    manager = shell.input_transformer_manager
    installed = getattr(manager, MARK, None)
    if installed is not None:
        delattr(manager, MARK)
        installed.undo()


def rewritten(raw: str) -> str:
    """The raw text of a cell, with the calls in the place of ``%%codex`` or of ``%codex`` at its
    top.

    At the top of a cell no token needs to be looked at, so text is safe there which Python's
    tokenizer refuses. What stands further down is left to `CodexLine`.

    Example:
        >>> rewritten("# why\\n%%codex -q\\n  what is {x}?")
        "(get_ipython().run_cell_magic('codex', '-q', '  what is {x}?'), None)[1]\\n"
        >>> rewritten("%%codex --help")
        "(get_ipython().run_line_magic('codex', '--help'), None)[1]\\n"
        >>> rewritten("%codex why?\\nx = 1")
        "(get_ipython().run_line_magic('codex', 'why?'), None)[1]\\nx = 1"
    """
    match = CELL.match(raw)
    if match is None:
        return _rewritten_top(raw)
    body = raw[match.end() :]
    if not body:  # IPython refuses a cell magic with nothing below it
        return f"{_discarded(_line_call(match['text']))}\n"
    line = _argument(match["text"])
    if refused := redacted(line, body):
        return f"{_discarded(_line_call(f' {refused}'))}\n"
    line = _literal(line)
    return f"{_discarded(f'get_ipython().run_cell_magic({MAGIC!r}, {line}, {_literal(body)})')}\n"


def _rewritten_top(raw: str) -> str:
    done = ""
    while match := TOP.match(raw) or TIMED.match(raw):
        call = _line_call(match["text"])
        if match.re is TIMED:
            code = f"{match['options'].lstrip()} {_discarded(call)}".lstrip()
            call = f"get_ipython().run_line_magic({match['magic']!r}, {_literal(code)})"
        else:
            call = match["target"] + call if match["target"] else _discarded(call)
        done += f"{match['above']}{call}{match['end']}"
        raw = raw[match.end() :]
    return done + raw


class CodexLine(TokenTransformBase):
    """``%codex ...`` and ``name = %codex ...`` on a line of their own, anywhere in a cell."""

    # Before HelpEnd (5), which would see a question, and EscapedCommand (10), which joins lines.
    priority = 1

    def __init__(
        self, start: tuple[int, int], percent: tuple[int, int], *, whole_cell: bool
    ) -> None:
        super().__init__(start)
        self.row, self.column = percent[0] - 1, percent[1]
        self.whole_cell = whole_cell

    @classmethod
    def find(cls, tokens_by_line: list[list[tokenize.TokenInfo]]) -> CodexLine | None:
        """The first of our magics in the cell."""
        for tokens in tokens_by_line:
            tokens = [t for t in tokens if t.type not in (tokenize.INDENT, tokenize.DEDENT)]
            if not tokens:
                continue
            for at in (0, _behind_assignment(tokens)):
                if at is not None and _is_magic(tokens[at : at + 3]):
                    return cls(tokens[0].start, tokens[at].start, whole_cell=False)
            if (
                tokens[0].string == "%"
                and _is_magic(tokens[1:4])
                and tokens[0].end == tokens[1].start
            ):
                return cls(tokens[0].start, tokens[1].start, whole_cell=True)
        return None

    def transform(self, lines: list[str]) -> list[str]:
        """The lines with the call in the place of this magic."""
        if self.whole_cell:
            raise UsageError(
                f"%%{MAGIC} has to be the first line of its cell; only blank lines and comments may "
                "stand above it. Move it, with the text below it, to a cell of its own."
            )
        head = lines[self.row][: self.column]
        last = self.row + 1
        text = lines[self.row][self.column :]
        while last < len(lines) and not text.endswith(("\n", "\r")):
            text += lines[last]  # IPython splits at U+2028 as well, which ends no line
            last += 1
        match = LINE.match(text)
        if match is None:
            raise SyntaxError("not ours")
        call = _line_call(match["text"])
        if not head.strip():
            call = _discarded(call)
        return [*lines[: self.row], f"{head}{call}{match['end']}", *lines[last:]]


def _line_call(text: str) -> str:
    line = _argument(text)
    return f"get_ipython().run_line_magic({MAGIC!r}, {_literal(redacted(line) or line)})"


def _argument(text: str) -> str:
    """The text behind a magic's name: one blank separates it, and white space at the end of the
    line is no part of it."""
    return text[1:].rstrip()


def _discarded(call: str) -> str:
    """An expression that makes the call and is worth nothing, so that the cell shows no
    ``Out[n]``."""
    return f"({call}, None)[1]"


def _literal(text: str) -> str:
    """``text`` as a Python literal in one line, whatever it holds.

    IPython keeps a cell out of history whose transformed text calls a line magic and holds the word
    "paste"; that means its own ``%paste``, so ours does not show the word.
    """
    return repr(text).replace("paste", r"p\x61ste")


def _behind_assignment(tokens: list[tokenize.TokenInfo]) -> int | None:
    """The index of the token behind the first ``=`` that stands outside brackets."""
    depth = 0
    for at, token in enumerate(tokens):
        if token.type != tokenize.OP:  # a brace in an f-string's text is none
            continue
        if token.string in {"(", "[", "{"}:
            depth += 1
        elif token.string in {")", "]", "}"}:
            depth = max(depth - 1, 0)
        elif token.string == "=" and not depth and at + 1 < len(tokens):
            return at + 1
    return None


def _is_magic(tokens: list[tokenize.TokenInfo]) -> bool:
    """True for ``%``, our name right behind it, and then a blank or the end of the line (so not for
    ``%codex?``)."""
    if (
        len(tokens) < 2
        or tokens[0].string != "%"
        or tokens[1].string != MAGIC
        or tokens[0].end != tokens[1].start
    ):
        return False
    behind = tokens[2] if len(tokens) > 2 else None
    return behind is None or behind.start != tokens[1].end or not behind.string.strip()
