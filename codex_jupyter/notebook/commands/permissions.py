"""``/permissions`` (alias ``/approvals``): who may do what, and the rules that were made."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codex_jupyter.core.document import Table
from codex_jupyter.core.policy import Rule, describe_rule
from codex_jupyter.errors import OptionError, UserError
from codex_jupyter.notebook.command import Caller, TypedCommand, command
from codex_jupyter.notebook.in_force import HEADS, in_force, set_by
from codex_jupyter.notebook.line_words import shell_words
from codex_jupyter.notebook.login_ways import as_written
from codex_jupyter.notebook.notice import Section, show
from codex_jupyter.notebook.typed_keys import read_value
from codex_jupyter.session.lasting import lasting, take_back
from codex_jupyter.session.numbers import Numbers
from codex_jupyter.settings import SETTINGS, Choice, Option, Options

if TYPE_CHECKING:
    from codex_jupyter.session.session import Session

#: What was listed: of which session, and which rule.
NUMBERS: Numbers[tuple[str, Any]] = Numbers()

#: The settings that are a policy.
POLICY = tuple(SETTINGS[field] for field in ("approval", "sandbox", "kernel"))


@command(
    "permissions",
    group="What holds",
    help="show or set who may do what",
    takes="[-a WHEN] [-s MODE] [-k REACH] [revoke N]",
    aliases=("approvals",),
    options=("-a", "-s", "-k"),
    offers=(Choice("revoke", "remove a rule, by its number"),),
)
def permissions(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Show who may do what; set it for this thread (``-a ask``); take back a rule (``revoke 2``)."""
    session, name = caller.session(), options.thread or "main"
    words = shell_words(typed.args)
    if words and words[0] == "revoke":
        _revoke(session, words[1:])
        return
    policy = {option.field for option in POLICY}
    chosen = {field: value for field, value in options.settings.items() if field in policy}
    chosen |= _chosen(words)
    if chosen:
        session.thread(name).choose(chosen)
        values = ", ".join(f"{field} {value}" for field, value in chosen.items())
        show(
            f"From the next turn of this conversation on: {values}.",
            glyph="ok",
            lines=_warnings(chosen),
        )
        return
    _show_policy(session, name)


def _chosen(words: list[str]) -> dict[str, str]:
    """``-a never -s read-only``, or the values alone."""
    chosen: dict[str, str] = {}
    left = list(words)
    while left:
        word, equals, joined = left.pop(0).partition("=")
        option = next((option for option in POLICY if word in option.names), None)
        if option is not None:
            if not equals and not left:
                raise OptionError(f"{word} needs a value.", "For instance: /permissions -a ask")
            chosen[option.field] = read_value(option, joined if equals else left.pop(0))
            continue
        option = next((option for option in POLICY if _chooses(option, word)), None)
        if option is None:
            raise OptionError(
                f"/permissions does not know {word!r}.",
                "/permissions shows what is in force; -a, -s and -k set it; revoke N removes a rule.",
            )
        chosen[option.field] = word
    return chosen


def _chooses(option: Option, word: str) -> bool:
    return word in {choice.value for choice in option.choices}


def _warnings(chosen: dict[str, str]) -> tuple[str, ...]:
    warnings = []
    if chosen.get("sandbox") == "full-access":
        warnings.append(
            "Full access: commands run with all your rights, and nobody is asked first."
        )
    if chosen.get("kernel") == "run":
        warnings.append(
            "Cells change and code runs in your kernel without asking, with the kernel's own rights."
        )
    if chosen.get("kernel") == "edit":
        warnings.append("Cells of the open notebook change without asking.")
    return tuple(warnings)


def _revoke(session: Session, words: list[str]) -> None:
    if len(words) != 1 or not words[0].isdecimal():
        raise OptionError("Say which rule: /permissions revoke 2.", "/permissions lists them.")
    engine, number = session.engine, int(words[0]) if len(words[0]) < 10 else 0
    meant = NUMBERS.meant(number)
    if meant is None or meant[0] != session.name:
        raise OptionError(
            f"No rule {words[0]} was listed. Nothing was removed.",
            "/permissions lists them, with the number of each.",
        )
    rule = meant[1]
    if isinstance(rule, Rule):
        NUMBERS.gone(meant)
        if not engine.thread.run(lambda: engine.broker.revoke(rule), timeout=10):
            raise UserError(f"Rule {number} was removed already.")
        show(
            f"Rule removed. Codex asks again before it may {_rule_text(session, rule)}.", glyph="ok"
        )
        return
    always = next((one for one in lasting(_codex_home(session)) if one == rule), None)
    if always is None:
        raise UserError(f"Rule {number} is no longer there.")
    NUMBERS.gone(meant)
    engine.call(take_back(engine, always), timeout=60)
    show(
        f"Rule removed for every Codex front end: {engine.gate.text(str(always))}.",
        glyph="ok",
        lines=(
            f"Removed from {as_written(str(always.file))}. Codex asks again from the next turn on; other Codex programs that are running ask again after a restart.",
        ),
    )


def _show_policy(session: Session, name: str) -> None:
    settings, origins = session.effective(name)
    engine = session.engine

    def row(option: Option) -> tuple[str, str, str]:
        value = getattr(settings, option.field)
        meaning = option.meaning(value)
        if option.field == "sandbox" and not _in_its_words(session, value):
            text = in_force(session, name, "sandbox")
        else:
            text = f"{value}: {meaning}" if meaning else str(value)
            text += f" ({origins[option.field]})" if option.field in origins else ""
        return option.label, text, f"/permissions {option.names[0]} {option.metavar}"

    variables = SETTINGS["allow_env"]
    rows = (
        *map(row, POLICY),
        ("trust", _trust(session, settings.cwd), ""),
        (
            variables.label,
            ", ".join(settings.allow_env) or "none that look secret",
            set_by(variables),
        ),
    )
    rules = [(rule, _rule_text(session, rule)) for rule in engine.broker.rules]
    written = [
        (rule, f"{engine.gate.text(str(rule))} ({as_written(str(rule.file))})")
        for rule in lasting(_codex_home(session))
    ]
    sections = [
        Section(title, (_rules(session, those),))
        for title, those in (
            ("Allowed until this kernel ends", rules),
            ("Always allowed, for every Codex front end", written),
        )
        if those
    ]
    show(
        "Who may do what",
        table=Table(HEADS, rows, typed=frozenset({2})),
        sections=sections,
        offline=engine.offline,
    )


def _rules(session: Session, rules: Sequence[tuple[Any, str]]) -> Table:
    """Rules with what is typed to take each back."""
    rows = [
        (f"/permissions revoke {NUMBERS.show((session.name, rule))}", text) for rule, text in rules
    ]
    return Table(("to remove it", "rule"), tuple(rows), typed=frozenset({0}))


def _in_its_words(session: Session, sandbox: str | None) -> bool:
    """Whether what was chosen says what holds: somebody chose, and commands can run in a sandbox here."""
    verdict = session.engine.supplier.sandbox
    return sandbox is not None and (
        verdict is None or not verdict.missing or sandbox == "full-access"
    )


def _rule_text(session: Session, rule: Any) -> str:
    return session.engine.gate.text(describe_rule(rule, home=str(Path.home())))


def _codex_home(session: Session) -> Path:
    launch = session.engine.supplier.launch
    home = (launch.codex_home if launch else None) or os.environ.get("CODEX_HOME")
    return Path(home) if home else Path.home() / ".codex"


def _trust(session: Session, cwd: Path | None) -> str:
    """What the runtime has recorded about the folder, or about one that it lies in."""
    path = _codex_home(session) / "config.toml"
    try:
        folder = Path(cwd or os.getcwd()).resolve()
    except FileNotFoundError:  # the kernel's folder is gone
        return ""
    try:
        projects = tomllib.loads(path.read_text(encoding="utf-8")).get("projects", {})
        recorded = {str(k): v.get("trust_level", "") for k, v in projects.items()}
    except (OSError, ValueError, AttributeError):
        recorded = {}
    for place in (folder, *folder.parents):
        if level := recorded.get(str(place)):
            return f"{place} is {level}; recorded in {path}"
    return "nothing is recorded for this folder, and a notebook records nothing"
