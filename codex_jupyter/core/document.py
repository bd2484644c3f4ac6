"""What a reader sees, as meaning: a header, blocks, a footer. No markup, no colours, no format.

``blocks.document`` makes one from a ``Turn``; the renderers turn it into html, Markdown and plain text; ``patch.diff``
says what changed between the rows of two. Every string here is untrusted text: renderers escape all of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from codex_jupyter.core.checklist import Step
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.file_links import Files
from codex_jupyter.core.spelled import Manner
from codex_jupyter.core.text import Output, Text

#: Named marks; each renderer has its own sign for them.
Glyph = Literal[
    "none", "ok", "failed", "running", "edit", "stopped", "declined", "allowed", "ask", "info", "warning", "error",
    "retry", "think", "plan", "search", "image", "agent", "review", "tool", "sleep", "user", "unknown",
]  # fmt: skip

Kind = Literal[
    "prompt",  # what was asked or steered in (a steer is shown; the cell's own prompt is not repeated)
    "answer",
    "commentary",
    "thought",
    "plan",
    "checklist",
    "command",
    "explored",  # a run of reading commands, grouped
    "edit",
    "tool",
    "search",
    "image",
    "agent",
    "review",
    "compaction",
    "hook",
    "sleep",
    "notice",
    "error",
    "decision",
    "refused",
    "card",
    "unknown",
]

#: ``never``: always open, never inside the folded work (answers, errors, refusals, decisions, diff totals).
#: ``body``: the title line always shows, its body is folded.   ``work``: goes into "Worked 38 s" once the turn has ended.
Fold = Literal["never", "body", "work"]


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown. ``streaming``: more may come."""

    text: Text
    streaming: bool = False


@dataclass(frozen=True, slots=True)
class Plain:
    """Preformatted text without any markup."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Source text to highlight; ``language`` is a Pygments name or ``""``. ``copy``: meant to be copied by the reader.

    ``typed``: a command as typed at a prompt, so that it is told from what it printed.
    """

    text: str
    language: str = ""
    copy: bool = False
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Exact:
    """What somebody allows or allowed: drawn whole in every format, spelled out (``core/spelled.py``), never cut.

    ``language`` and ``typed`` as for ``Code``; ``opens``: an address to open.
    """

    text: str
    manner: Manner = "code"
    language: str = ""
    typed: bool = False
    opens: bool = False


@dataclass(frozen=True, slots=True)
class ExactPatch:
    """A patch that somebody allows or allowed: every line of every file, spelled out, never cut."""

    changes: tuple[Change, ...]


#: Labels of what is words for a reader; all else under a label is exact.
PROSE_FACTS = frozenset(("why", "what it does", "asked by"))


@dataclass(frozen=True, slots=True)
class ExactFacts:
    """Labelled values of what somebody allows or allowed: as ``Exact``."""

    rows: tuple[tuple[str, str], ...]

    @staticmethod
    def manner(name: str) -> Manner:
        """How closely the value under this label is looked at."""
        return "prose" if name in PROSE_FACTS else "code"


@dataclass(frozen=True, slots=True)
class Terminal:
    """What a terminal showed: may hold ANSI escapes. ``live``: show only the last five lines."""

    output: Output
    live: bool = False


@dataclass(frozen=True, slots=True)
class Patch:
    """Per-file changes, shown as diffs."""

    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class UnifiedDiff:
    """A whole unified diff (the turn's)."""

    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """An image: ``data`` is a ``data:`` URL of a raster type, or ``""`` when only the path or address is known."""

    data: str
    alt: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """Steps of a plan with their state."""

    explanation: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Labelled values, one a line."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Things with the same columns. ``columns`` are their heads (none where all are ``""``); each row has as many cells.

    ``typed`` are the numbers, from 0, of the columns that hold what a person types, ``right`` of those that hold numbers.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    typed: frozenset[int] = frozenset()
    right: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Lines:
    """Plain lines, one a row. ``advice``: our own words, in which what stands between backticks is code."""

    lines: tuple[str, ...]
    advice: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """An address to open (http or https only; anything else is shown as text)."""

    url: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark of a review; ``first`` and ``last`` are line numbers or None."""

    title: str
    body: str
    file: str = ""
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """A review's remarks."""

    findings: tuple[Finding, ...]


Body = (
    Prose
    | Plain
    | Code
    | Exact
    | ExactFacts
    | ExactPatch
    | Terminal
    | Patch
    | UnifiedDiff
    | Picture
    | Checklist
    | Facts
    | Table
    | Lines
    | Link
    | Findings
)


@dataclass(frozen=True, slots=True)
class Option:
    """One button of a card. ``explains`` says what it does and for how long; ``key`` is a keyboard letter or ``""``.

    ``confirm`` is a sentence to agree to first (rules that outlive the notebook), or ``""``.
    """

    choice: str
    label: str
    explains: str = ""
    key: str = ""
    primary: bool = False
    confirm: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a card. ``type``: text, secret, number, integer, boolean, choice or choices; ``options`` are
    (value, label, description), all of them ticked at first where ``ticked``; ``free_text`` offers a further free answer
    beside the options."""

    id: str
    label: str
    type: str = "text"
    description: str = ""
    options: tuple[tuple[str, str, str], ...] = ()
    free_text: bool = False
    required: bool = False
    default: str = ""
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """An open request: what, where, why, and what each answer does."""

    request_id: str
    title: str
    #: Stands out: outside the sandbox, in the kernel.
    emphasis: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    body: tuple[Body, ...] = ()
    fields: tuple[Field, ...] = ()
    options: tuple[Option, ...] = ()
    footnote: str = ""
    #: Why it can only be declined, or ``""``.
    undrawn: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One row of the transcript. ``key`` is stable within the turn; ``meta`` stands at the right (``exit 1 · 2.1 s``).

    ``label`` names the kind for screen readers and for plain text; ``code_title``: the title is code (a command).
    """

    key: str
    kind: Kind
    title: str = ""
    glyph: Glyph = "none"
    meta: str = ""
    label: str = ""
    body: tuple[Body, ...] = ()
    fold: Fold = "work"
    open: bool = False
    code_title: bool = False
    card: Card | None = None
    #: The id of a denied automatic review that the reader may overrule: a button with the intent ``retry_review``.
    retry: str = ""

    @property
    def placeholder(self) -> Block:
        """Its line alone, for the folded work, where the row itself stands outside of that."""
        return replace(self, key=f"{self.key}:place", body=(), fold="work", open=False)


@dataclass(frozen=True, slots=True)
class Header:
    """``parts`` are shown in a row: (name, value) such as ("model", "gpt-5.5 medium"), ("sandbox", "read-only").

    The name is shown on demand; that of the user's own runtime is its path.
    """

    parts: tuple[tuple[str, str], ...] = ()
    offline: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Footer:
    """How the turn stands. ``text`` is the status line without the elapsed time while running.

    ``since_ms`` lets the page count the time itself. ``copy`` is the answer's text for the Copy button, ``diff`` the
    turn's unified diff for the Diff button; empty means no button. ``sent`` lists the user's data that was sent.
    ``lines`` are advice. ``diff_is_shown``: the rows show all of ``diff`` already. ``notify`` is the number of a turn in
    the background, by which the page can tell of its end; 0 means that a cell waits for it.
    """

    glyph: Glyph = "running"
    text: str = ""
    since_ms: int | None = None
    stoppable: bool = False
    copy: str = ""
    diff: str = ""
    sent: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    diff_is_shown: bool = False
    notify: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """The row that the work of an ended turn is folded into: its line, and the rows under it in their order.

    ``blocks`` may be empty: then there is only the line.
    """

    line: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The whole transcript of one turn: a value, equal to any other that says the same.

    ``blocks`` are all rows in the order in which things happened. ``work`` is the summary of those that fold
    (``Worked 38 s: ...``) or ``""``. What is folded, and when, is decided here: renderers draw ``folded`` as one row
    above ``unfolded``.

    Example:
        >>> rows = (Block("a", "command"), Block("b", "answer", fold="never"))
        >>> Document(Header(), rows, Footer()).folded is None
        True
        >>> ended = Document(Header(), rows, Footer(), work="Worked 2 s", ended=True)
        >>> ended.folded.line, [b.key for b in ended.folded.blocks], [b.key for b in ended.unfolded]
        ('Worked 2 s', ['a'], ['b'])
    """

    header: Header
    blocks: tuple[Block, ...]
    footer: Footer
    work: str = ""
    ended: bool = False
    #: What its paths mean, where a reader can open them.
    files: Files | None = None

    @property
    def folded(self) -> Work | None:
        """The work of a turn that has ended; None while it runs, or when there is none."""
        if not self.ended:
            return None
        blocks = tuple(block for block in self.blocks if block.fold == "work")
        if blocks:  # among the rest, a change of files has its place in the order of events
            places = (b.placeholder if b.kind == "edit" else b for b in self.blocks)
            blocks = tuple(each for each in places if each.fold == "work")
        return Work(self.work or "Work", blocks) if blocks or self.work else None

    @property
    def unfolded(self) -> tuple[Block, ...]:
        """The rows that are not in ``folded``, in their order: all of them while the turn runs."""
        if not self.ended:
            return self.blocks
        return tuple(block for block in self.blocks if block.fold != "work")
