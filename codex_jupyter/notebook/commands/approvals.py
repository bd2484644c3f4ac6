"""``/permissions`` (alias ``/approvals``) and ``/pending``: who may do what, and what waits for an answer."""

from __future__ import annotations

import os
import shlex
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codex_jupyter.core.cards import card as make_card
from codex_jupyter.core.cards import describe
from codex_jupyter.core.document import Card, Lines, Option
from codex_jupyter.core.policy import describe_rule
from codex_jupyter.errors import OptionError, UserError
from codex_jupyter.notebook import asking
from codex_jupyter.notebook.commands import in_force
from codex_jupyter.notebook.commands.notice import Section, show
from codex_jupyter.notebook.login_ways import as_written
from codex_jupyter.notebook.option_table import OPTIONS_BY_NAME
from codex_jupyter.session.lasting import lasting, take_back

if TYPE_CHECKING:
    from codex_jupyter.core.requests import Answer, Request
    from codex_jupyter.notebook.magics import CodexMagics
    from codex_jupyter.notebook.options import Command, Options
    from codex_jupyter.session.live import LiveTurn
    from codex_jupyter.session.session import Session

#: The options that are a policy, by their short names.
POLICY = {"-a": "--approval", "-s": "--sandbox", "-k": "--kernel"}
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


# --- /permissions -----------------------------------------------------------------------------------------------------


def permissions(magics: CodexMagics, command: Command, options: Options) -> None:
    """Show who may do what; set it for this thread (``-a ask``); take back a rule (``revoke 2``)."""
    session, name = magics.session(), options.thread or "main"
    words = _words(command.args)
    if words and words[0] == "revoke":
        _revoke(session, words[1:])
        return
    chosen = {
        field: getattr(options, field)
        for field in ("approval", "sandbox", "kernel")
        if getattr(options, field) is not None
    }
    chosen |= _chosen(words)
    if chosen:
        session.thread(name).chosen.update(chosen)
        said = ", ".join(f"{field} {value}" for field, value in chosen.items())
        show(f"From the next turn of this thread on: {said}.", glyph="ok", lines=_warnings(chosen))
        return
    _show_policy(session, name)


def _chosen(words: list[str]) -> dict[str, str]:
    """``-a never -s read-only``, or the values alone."""
    chosen: dict[str, str] = {}
    left = list(words)
    while left:
        word, equals, joined = left.pop(0).partition("=")
        option = POLICY.get(word, word)
        if option in POLICY.values():
            if not equals and not left:
                raise OptionError(f"{word} needs a value.", "For instance: /permissions -a ask")
            value = joined if equals else left.pop(0)
            spec = OPTIONS_BY_NAME[option]
            chosen[spec.field] = spec.value_of(value)
            continue
        for option in POLICY.values():
            spec = OPTIONS_BY_NAME[option]
            if word in {choice.value for choice in spec.choices}:
                chosen[spec.field] = word
                break
        else:
            raise OptionError(
                f"/permissions does not know {word!r}.",
                "/permissions shows what holds; -a, -s and -k set it; revoke N takes a rule back.",
            )
    return chosen


def _warnings(chosen: dict[str, str]) -> tuple[str, ...]:
    said = []
    if chosen.get("sandbox") == "full-access":
        said.append("Full access: commands run with all your rights, and nobody is asked first.")
    if chosen.get("kernel") == "run":
        said.append("Code runs in your kernel unasked, with the kernel's own rights.")
    return tuple(said)


def _revoke(session: Session, words: list[str]) -> None:
    if len(words) != 1 or not words[0].isdecimal():
        raise OptionError("Say which rule: /permissions revoke 2.", "/permissions lists them.")
    engine, number = session.engine, int(words[0])
    rules, written = engine.broker.rules, lasting(_codex_home(session))
    count = len(rules) + len(written)
    if not 1 <= number <= count:
        raise OptionError(
            f"There is no rule {number}.",
            f"There are {count}; /permissions lists them." if count else "There are none.",
        )
    if number <= len(rules):
        rule = engine.thread.run(lambda: engine.broker.revoke(number), timeout=10)
        show(f"Taken back; it is asked again: {_rule_text(session, rule)}.", glyph="ok")
        return
    always = written[number - len(rules) - 1]
    engine.call(take_back(engine, always), timeout=60)
    show(
        f"Taken back, for every Codex front end: {engine.redaction.text(str(always))}.",
        glyph="ok",
        lines=(
            f"Removed from {as_written(str(always.file))}. It is asked again from the next turn on; "
            "other Codex programs that run now ask again when they are started anew.",
        ),
    )


def _show_policy(session: Session, name: str) -> None:
    settings, origins = session.effective(name)

    def told(field: str, otherwise: str) -> str:
        value = getattr(settings, field)
        spec = OPTIONS_BY_NAME[f"--{field}"]
        meaning = next((c.meaning for c in spec.choices if c.value == value), "")
        said = f"{value}: {meaning}" if meaning else str(value or otherwise)
        return f"{said} ({origins[field]})" if field in origins else said

    engine = session.engine
    works = engine.supplier.sandbox is None or engine.supplier.sandbox.works
    in_its_words = settings.sandbox is not None and (works or settings.sandbox == "full-access")
    rows = [
        ("approval -a", told("approval", "ask")),
        (
            "sandbox -s",
            told("sandbox", "") if in_its_words else in_force.told(session, name, "sandbox"),
        ),
        ("kernel -k", told("kernel", "read")),
        ("trust", _trust(session, settings.cwd)),
        ("allowed variables", ", ".join(settings.allow_env) or "none that look secret"),
    ]
    rules = [f"{i}. {_rule_text(session, r)}" for i, r in enumerate(engine.broker.rules, 1)]
    written = [
        f"{i}. {engine.redaction.text(str(r))} ({as_written(str(r.file))})"
        for i, r in enumerate(lasting(_codex_home(session)), len(rules) + 1)
    ]
    told_how = "/permissions revoke N takes one back."
    sections = []
    if rules:
        sections.append(
            Section("Allowed until this kernel ends", (Lines((*rules, told_how)),)),
        )
    if written:
        sections.append(
            Section("Always allowed, for every Codex front end", (Lines((*written, told_how)),))
        )
    show("Who may do what", rows=rows, sections=sections, offline=engine.offline)


def _rule_text(session: Session, rule: Any) -> str:
    return session.engine.redaction.text(describe_rule(rule, home=str(Path.home())))


def _codex_home(session: Session) -> Path:
    launch = session.engine.supplier.launch
    home = (launch.codex_home if launch else None) or os.environ.get("CODEX_HOME")
    return Path(home) if home else Path.home() / ".codex"


def _trust(session: Session, cwd: Path | None) -> str:
    """What the runtime has recorded about the folder, or about one that it lies in."""
    path = _codex_home(session) / "config.toml"
    folder = Path(cwd or os.getcwd()).resolve()
    try:
        projects = tomllib.loads(path.read_text(encoding="utf-8")).get("projects", {})
        recorded = {str(k): v.get("trust_level", "") for k, v in projects.items()}
    except (OSError, ValueError, AttributeError):
        recorded = {}
    for place in (folder, *folder.parents):
        if level := recorded.get(str(place)):
            return f"{place} is {level}; recorded in {path}"
    return "nothing is recorded for this folder, and a notebook records nothing"


# --- /pending ---------------------------------------------------------------------------------------------------------


def pending(magics: CodexMagics, command: Command, options: Options) -> None:
    """Show what waits for an answer, or answer it: ``/pending 1 allow``; ``/pending 1`` asks in a prompt."""
    session = magics.session()
    waiting = session.pending
    words = _words(command.args)
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
        _prompt(magics, live, request)
        return
    answer = _answer(make_card(request, live.turn), words, number)
    outcome = session.engine.thread.run(
        lambda: live.control.answer(request.id, answer, "you, with /pending"), timeout=10
    )
    what = describe(_shown(live, request), live.turn)
    if outcome.kind == "late":
        raise UserError(outcome.why)
    if outcome.kind == "refused":
        raise OptionError(f"{outcome.why} Nothing was answered.")
    show(f"Answered ({answer.choice}): {what}", glyph="ok")


def _shown(live: LiveTurn, request: Request) -> Request:
    """The request as the turn shows it, without secrets; the broker keeps it as it came."""
    return next((r for r in live.pending if r.id == request.id), request)


def _list(session: Session, waiting: tuple[tuple[LiveTurn, Request], ...]) -> None:
    if not waiting:
        show("Nothing waits for an answer.", offline=session.engine.offline)
        return
    sections = []
    for number, (live, request) in enumerate(waiting, 1):
        card = make_card(_shown(live, request), live.turn)
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


def _prompt(magics: CodexMagics, live: LiveTurn, request: Request) -> None:
    """Ask in a prompt of this cell."""
    from codex_jupyter.notebook.frontend import kind_of
    from codex_jupyter.notebook.prompting import Prompting

    if kind_of(magics.shell) == "headless":
        raise OptionError("Nobody can be asked here.", "Say the answer: /pending 1 decline")
    Prompting(magics.shell, magics.session().engine, live, None, None).ask(_shown(live, request))


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
    said = WORDS.get(word.lower(), word.lower())
    for option in card.options:
        if said in (option.choice, option.label.lower(), option.key):
            return option
    return None


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
