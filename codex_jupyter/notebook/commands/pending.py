"""``/pending``: what waits for an answer, and answering it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_jupyter.core.answerers import PROGRAM, Answerer, person
from codex_jupyter.core.cards import card as make_card
from codex_jupyter.core.cards import describe
from codex_jupyter.core.document import Card, Lines, Option
from codex_jupyter.errors import OptionError, UserError
from codex_jupyter.notebook import asking, presence
from codex_jupyter.notebook.command import Caller, TypedCommand, command
from codex_jupyter.notebook.line_words import shell_words
from codex_jupyter.notebook.notice import Section, show
from codex_jupyter.settings import Choice, Options

if TYPE_CHECKING:
    from codex_jupyter.core.requests import Answer, Request
    from codex_jupyter.session.live import LiveTurn
    from codex_jupyter.session.session import Session

#: Words for the choices of a card, besides its own and its keys.
WORDS = {
    "allow": "once",
    "yes": "once",
    "y": "once",
    "accept": "once",
    "no": "decline",
    "n": "decline",
    "deny": "decline",
    "send": "submit",
}


@command(
    "pending",
    group="Turns",
    help="what waits for an answer, and answering it",
    takes="[N] [ANSWER]",
    offers=(
        Choice("decline", "not this"),
        Choice("allow", "this once"),
        Choice("session", "this and its like, until the kernel ends"),
        Choice("stop", "decline, and stop the turn"),
    ),
)
def pending(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Show what waits for an answer, or answer it: ``/pending 1 allow``; ``/pending 1`` asks in a prompt."""
    session = caller.session()
    waiting = session.pending
    words = shell_words(typed.args)
    if not words:
        _list(session, waiting)
        return
    if not waiting:
        raise UserError("Nothing waits for an answer.", "It may have been answered elsewhere.")
    number = words.pop(0) if words[0].isdecimal() else ("1" if len(waiting) == 1 else "")
    if not number:
        raise OptionError(
            "Several requests wait.", "Say which: /pending 1 allow. /pending lists them."
        )
    if not 1 <= int(number) <= len(waiting):
        raise OptionError(f"There is no request {number}.", "/pending lists what waits.")
    live, request = waiting[int(number) - 1]
    if not words:
        _prompt(caller, live, request)
        return
    answer = _answer(make_card(request, live.turn), words, number)
    by = _by(caller)  # here, in the cell's thread
    outcome = session.engine.thread.run(
        lambda: live.control.answer(request.id, answer, by), timeout=10
    )
    what = describe(_cleaned(live, request), live.turn)
    if outcome.kind == "late":
        raise UserError(outcome.why)
    if outcome.kind == "refused":
        raise OptionError(f"{outcome.why} Nothing was answered.")
    show(f"Answered ({answer.choice}): {what}", glyph="ok")


def _by(caller: Caller) -> Answerer:
    """A person who typed it into the cell, where one can be there; else the program that ran it."""
    return person("/pending") if presence.typed(caller.shell) else PROGRAM


def _cleaned(live: LiveTurn, request: Request) -> Request:
    """The request as the turn shows it, without secrets; the broker keeps it as it came."""
    return next((r for r in live.pending if r.id == request.id), request)


def _list(session: Session, waiting: tuple[tuple[LiveTurn, Request], ...]) -> None:
    if not waiting:
        show("Nothing waits for an answer.", offline=session.engine.offline)
        return
    sections = []
    for number, (live, request) in enumerate(waiting, 1):
        card = make_card(_cleaned(live, request), live.turn)
        text = asking.words(card).splitlines()
        sections.append(
            Section(
                f"{number}. {text[0]}", (Lines(tuple(line.strip() for line in text[1:])),), "ask"
            )
        )
    words = "" if len(waiting) == 1 else "s"
    show(
        f"{len(waiting)} request{words} wait{'s' if not words else ''} for your answer.",
        glyph="ask",
        sections=sections,
        code="%codex /pending 1 allow\n%codex /pending 1 decline",
        offline=session.engine.offline,
    )


def _prompt(caller: Caller, live: LiveTurn, request: Request) -> None:
    """Ask in a prompt of this cell."""
    from codex_jupyter.notebook.prompting import Prompting

    if why := presence.absence(caller.shell):
        raise OptionError(f"No one can be asked here: {why}.", "Say the answer: /pending 1 decline")
    Prompting(caller.shell, caller.session().engine, live, None, None).ask(_cleaned(live, request))


def _answer(card: Card, words: list[str], number: str) -> Answer:
    """What was typed behind the number, as an answer that this card offers.

    Raises:
        OptionError: it is none; nothing was answered.
    """
    option, values = _named(card, words)
    if option is None and card.fields:  # the values alone
        option, values = _option(card, "submit"), words
    if option is None:
        offered = ", ".join(o.choice for o in card.options)
        raise OptionError(
            f"{words[0]!r} does not answer this. Nothing was answered.", f"It offers: {offered}."
        )
    if option.confirm and values != ["yes"]:
        raise OptionError(
            f"{option.confirm} Nothing was answered.",
            f"If you want that: /pending {number} {option.choice} yes",
        )
    fields = card.fields if option.choice == "submit" else ()
    if values and not fields and not option.confirm:
        raise OptionError(
            f"{' '.join(values)!r} is more than an answer. Nothing was answered.",
            f"It offers: {', '.join(o.choice for o in card.options)}.",
        )
    if any(field.type == "secret" for field in fields):
        raise OptionError(
            "What is secret is not typed into a cell. Nothing was answered.",
            f"Answer in the panel, or in a masked prompt: /pending {number}",
        )
    if len(fields) == 1:
        values = [" ".join(values)]
    typed = iter([option.choice, *(["yes"] if option.confirm else []), *values])

    def line(prompt: str, *, secret: bool = False) -> str:
        try:
            return next(typed)
        except StopIteration:
            raise EOFError from None

    answer = asking.ask(card, line, lambda text: None)
    if answer.choice != option.choice:
        names = " ".join(field.label for field in fields)
        raise OptionError(
            "That does not fit what is asked. Nothing was answered.", f"It wants: {names}"
        )
    return answer


def _named(card: Card, words: list[str]) -> tuple[Option | None, list[str]]:
    """The choice that the first words name, the longest name first, and the words behind it."""
    for count in range(len(words), 0, -1):
        option = _option(card, " ".join(words[:count]))
        if option is not None:
            return option, words[count:]
    return None, words


def _option(card: Card, word: str) -> Option | None:
    name = WORDS.get(word.lower(), word.lower())
    for option in card.options:
        if name in (option.choice, option.label.lower(), option.key):
            return option
    return None
