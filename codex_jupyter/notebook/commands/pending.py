"""``/pending``: what waits for an answer, and answering it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codex_jupyter.core.answerers import PROGRAM, Answerer, person
from codex_jupyter.core.cards import card as make_card
from codex_jupyter.core.cards import describe
from codex_jupyter.core.document import Body, Card, ExactFacts, Lines, Option
from codex_jupyter.errors import OptionError, UserError
from codex_jupyter.notebook import asking, presence
from codex_jupyter.notebook.command import Caller, TypedCommand, command
from codex_jupyter.notebook.line_words import shell_words
from codex_jupyter.notebook.notice import Section, show
from codex_jupyter.session.numbers import Numbers
from codex_jupyter.settings import Choice, Options

if TYPE_CHECKING:
    from codex_jupyter.core.requests import Answer, Request
    from codex_jupyter.session.live import LiveTurn
    from codex_jupyter.session.session import Session

#: What was listed. Ids of requests are used once in a process, and so are their numbers.
NUMBERS: Numbers[str] = Numbers()

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
    live, request, number = _meant(waiting, words.pop(0) if words[0].isdecimal() else "")
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


def _meant(
    waiting: tuple[tuple[LiveTurn, Request], ...], number: str
) -> tuple[LiveTurn, Request, str]:
    """The request of a number that was listed; without a number, the only one if it was.

    Raises:
        OptionError: it was not listed, or is no longer open; nothing was answered.
    """
    if not number and len(waiting) > 1:
        raise OptionError(
            "Several requests wait.", "Say which, by its number: /pending lists them."
        )
    # Longer than any number of ours, and than what Python reads.
    meant = NUMBERS.meant(int(number)) if number and len(number) < 10 else None
    for live, request in waiting:
        if request.id == meant:
            return live, request, number
        if not number and (shown := NUMBERS.shown(request.id)):
            return live, request, str(shown)
    if meant is not None:
        raise UserError(f"Request {number} no longer waits. Nothing was answered.")
    if number:
        raise OptionError(
            f"No request {number} was listed. Nothing was answered.",
            "/pending lists what waits, with the number of each.",
        )
    raise OptionError(
        "What waits was not listed yet, and may not be what you mean. Nothing was answered.",
        "/pending lists it, with its number.",
    )


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
    numbers = [NUMBERS.show(request.id) for _, request in waiting]
    for number, (live, request) in zip(numbers, waiting, strict=True):
        card = make_card(_cleaned(live, request), live.turn)
        sections.append(Section(f"{number}. {card.title}", (*_whole(card),), "ask"))
    words = "" if len(waiting) == 1 else "s"
    show(
        f"{len(waiting)} request{words} wait{'s' if not words else ''} for your answer.",
        glyph="ask",
        sections=sections,
        code=f"%codex /pending {numbers[0]} allow\n%codex /pending {numbers[0]} decline",
        offline=session.engine.offline,
    )


def _whole(card: Card) -> Iterator[Body]:
    """What the card says, in its order."""
    yield from card.body
    if card.facts:
        yield ExactFacts(card.facts)
    said = [card.undrawn] if card.undrawn else []
    for field in card.fields:
        said.append(f"{field.label}: {field.description}".removesuffix(": "))
        said += [f"  - {label}" + (f": {more}" if more else "") for _, label, more in field.options]
    said += [f"{o.choice}: {o.label}. {o.explains}".strip() for o in card.options]
    yield Lines(tuple(said))


def _prompt(caller: Caller, live: LiveTurn, request: Request) -> None:
    """Ask in a prompt of this cell."""
    from codex_jupyter.notebook.prompting import Prompting

    if why := presence.absence(caller.shell):
        raise OptionError(f"Nobody is here to answer: {why}.", "Say the answer: /pending 1 decline")
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
            "A secret must not be typed into a cell. Nothing was answered.",
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

    answer = asking.ask(card, line, None)
    if answer.choice != option.choice:
        names = " ".join(field.label for field in fields)
        raise OptionError(
            "That does not match what is asked. Nothing was answered.", f"It wants: {names}"
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
