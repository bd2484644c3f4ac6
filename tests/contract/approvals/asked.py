"""A session on the offline model whose turns are shown to somebody who can be asked: the test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from codex_jupyter import offline
from codex_jupyter.core.answerers import Place, person
from codex_jupyter.core.blocks import document
from codex_jupyter.core.requests import Answer, Request
from codex_jupyter.core.turn import Turn
from codex_jupyter.offline import Offline, Rule, Script, run, say
from codex_jupyter.render import html, markdown, text
from codex_jupyter.session.live import LiveTurn
from codex_jupyter.session.session import Session
from codex_jupyter.session.waiting import finish, wait_quietly
from tests.contract.shared import Home, Pool, begin_anew, names
from tests.waiting import GENEROUS, until

ECHO = [say("{{output}}", phase="final_answer")]
DONE = [say("Done.", phase="final_answer")]


class Person:
    """The least that a presenter is: whoever sees the turns can be asked, and answers from code."""

    def __init__(self, interactive: bool = True) -> None:
        self.interactive = interactive

    def present(self, live: LiveTurn, *, waiting: bool) -> None:
        live.interactive = self.interactive

    def wait(self, live: LiveTurn) -> None:
        wait_quietly(live)

    def close(self) -> None:
        pass

    def present_login(self, attempt: Any) -> None:
        raise AssertionError("nobody signs in here")


class Asked:
    """A session, its offline model, its folder, and the name of the conversation that its turns belong to."""

    def __init__(
        self, session: Session, model: Offline, folder: Path, thread: str = "main"
    ) -> None:
        self.session = session
        self.model = model
        self.folder = folder
        self.thread = thread

    def script(self, *rules: Rule) -> None:
        """What the model does from now on."""
        self.model.server.script = Script.of(*rules)

    def start(self, prompt: str = "go", **options: Any) -> LiveTurn:
        """Start a turn in the folder."""
        options.setdefault("cwd", self.folder)
        options.setdefault("thread", self.thread)
        return self.session.start(prompt, **options)

    def finished(self, prompt: str = "go", **options: Any) -> Turn:
        """A turn that nobody has to answer for, run to its end."""
        return ended(self.start(prompt, **options))

    @property
    def rules_file(self) -> str:
        """The rules that every front end follows."""
        path = self.model.codex_home / "rules" / "default.rules"
        return path.read_text() if path.exists() else ""


@contextmanager
def asked(
    folder: Path,
    *rules: Rule,
    interactive: bool = True,
    config: dict[str, Any] | None = None,
    **launch: Any,
) -> Iterator[Asked]:
    """A session of its own; runtime, model and home are gone afterwards."""
    model = offline.start(Script.of(*rules) if rules else None, config=config)
    session = Session("asked")
    session.go_offline(model)
    if launch:
        assert session.engine.supplier.launch is not None
        session.engine.supplier.launch = replace(session.engine.supplier.launch, **launch)
    session.presenter = Person(interactive)
    try:
        yield Asked(session, model, folder)
    finally:
        session.close()
        session.engine.thread.stop()
        model.close()


class _Kept:
    """A session that tests use one after the other, with its model."""

    def __init__(self, config: dict[str, Any] | None) -> None:
        self.model = offline.start(config=config)
        self.session = Session("shared")
        self.session.go_offline(self.model)
        self.session.models()  # has the runtime started
        self._runtime = self.session.engine.runtime
        self._home = Home(self.model.codex_home)

    @property
    def alive(self) -> bool:
        """Whether its runtime still is the one that it was kept with."""
        runtime = self.session.engine.runtime
        return runtime is not None and runtime is self._runtime and runtime.alive

    def check(self) -> None:
        """Raise ``AssertionError`` where the next test would meet something of this one."""
        engine = self.session.engine
        assert not engine.broker.open_requests() and not self.session.pending
        assert not engine.running(), "a turn still runs"
        self._home.check()

    def forget(self) -> None:
        """Take back what was allowed for the session."""
        broker = self.session.engine.broker
        self.session.engine.thread.run(lambda: [broker.revoke(made) for made in broker.rules])
        assert broker.rules == ()

    def close(self) -> None:
        self.session.close()
        self.session.engine.thread.stop()
        self.model.close()


_POOL = Pool[_Kept]()
_NAMES = names("conversation")


@contextmanager
def shared(
    folder: Path,
    *rules: Rule,
    interactive: bool = True,
    config: dict[str, Any] | None = None,
) -> Iterator[Asked]:
    """A session that other tests use before and after, in a conversation of its own; rules of the session are taken back.

    For who neither ends the runtime, nor allows anything for ever, nor looks at what is told once a session.
    """
    kept = _POOL.take(config)
    if kept is not None and not kept.alive:
        kept.close()
        kept = None
    kept = kept or _Kept(config)
    begin_anew(kept.model, Script.of(*rules))
    kept.session.presenter = Person(interactive)
    rests = False
    try:
        yield Asked(kept.session, kept.model, folder, _NAMES())
        kept.check()
        kept.forget()
        rests = kept.alive
    finally:
        if rests:
            _POOL.keep(config, kept)
        else:
            kept.close()


def end_shared() -> None:
    """End the sessions that were kept."""
    for kept in _POOL.empty():
        kept.close()


def rule(word: str, *moves: Any, end: list[Any] | None = None) -> Rule:
    """On a prompt with ``word`` in it: these moves, one a reply, and then what the last one printed."""
    return Rule(word, [*([move] for move in moves), end or ECHO], when={"contains": word})


def touching(path: Path) -> Any:
    """A command that the sandbox forbids, so that it is asked for."""
    return run(
        f"touch {path}",
        escalate=True,
        justification="to keep a record",
        prefix_rule=["touch", str(path)],
    )


def waiting(live: LiveTurn, number: int = 0) -> Request:
    """The open request of this number, waiting for it if need be."""
    until(lambda: len(live.pending) > number or live.done, "a request")
    assert len(live.pending) > number, f"the turn ended unasked:\n{text_of(live.turn)}"
    return live.pending[number]


def ended(live: LiveTurn) -> Turn:
    """The turn after its end, however it ended."""
    finish(live, GENEROUS)
    assert live.done, text_of(live.turn)
    return live.turn


def by_hand(
    live: LiveTurn,
    request_id: str,
    choice: Any,
    values: Any = None,
    content: str = "",
    place: Place = "panel",
) -> str:
    """Answer as a page's click or a typed line does: the record says that it was a person."""
    given = tuple(
        (key, (value,) if isinstance(value, str) else tuple(value))
        for key, value in (values or {}).items()
    )
    answer = Answer(choice, given, content)
    control = live.control
    return live._loop.run(lambda: control.answer(request_id, answer, person(place))).kind


def answered(live: LiveTurn, choice: Any, values: Any = None, **more: Any) -> Turn:
    """Answer the open request by hand, and wait for the turn's end."""
    assert by_hand(live, waiting(live).id, choice, values, **more) == "accepted"
    return ended(live)


def text_of(turn: Turn) -> str:
    """The saved transcript as plain text."""
    return text.document(document(turn))


def saved(turn: Turn) -> dict[str, str]:
    """The saved transcript in its three formats."""
    whole = document(turn)
    return {
        "html": html.document(whole),
        "md": markdown.document(whole),
        "text": text.document(whole),
    }
