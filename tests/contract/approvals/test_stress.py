"""Many turns that ask at once, answered from several threads, stopped and killed: nobody is left waiting."""

from __future__ import annotations

import os
import random
import re
import signal
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from codex_jupyter.core.items import Command
from codex_jupyter.core.requests import CommandRequest
from codex_jupyter.offline import Request, Rule
from codex_jupyter.session.live import LiveTurn
from tests.waiting import until

from .asked import DONE, Asked, answered, asked, by_hand, ended, touching

TURNS, ANSWERERS = 50, 4
#: Bounds a hang on a busy machine; an idle one needs a tenth of it.
PATIENT = 240.0


def asking_twice(scratch: Path) -> Rule:
    def touch(number: int) -> Callable[[Request], list[Any]]:
        def reply(request: Request) -> list[Any]:
            found = re.search(r"turn (\w+)", request.prompt)
            assert found
            return [touching(scratch / f"{found[1]}-{number}")]

        return reply

    return Rule("turn", [touch(1), touch(2), DONE], when={"contains": "turn "})


class Answerers:
    """Threads that answer whatever waits, in any order, often the same request at the same time."""

    def __init__(self, a: Asked) -> None:
        self._a = a
        self._over = threading.Event()
        self._guard = threading.Lock()
        self.accepted: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self._threads = [
            threading.Thread(target=self._run, args=(seed,), name=f"answers-{seed}")
            for seed in range(ANSWERERS)
        ]
        for thread in self._threads:
            thread.start()

    def _run(self, seed: int) -> None:
        chance = random.Random(seed)
        while not self._over.is_set():
            waiting = self._a.session.pending
            if not waiting:
                self._over.wait(0.01)
                continue
            live, request = chance.choice(waiting)
            outcome = by_hand(live, request.id, chance.choice(("once", "decline")))
            with self._guard:
                self.outcomes[outcome] += 1
                self.accepted[request.id] += outcome == "accepted"

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENT)
        assert not any(thread.is_alive() for thread in self._threads)


def check(lives: list[LiveTurn], accepted: Counter[str], scratch: Path) -> None:
    """Each request came to one end, which the turn tells, and what ran is what was allowed."""
    for live in lives:
        turn = live.turn
        assert live.done and turn.ended and turn.requests == ()
        ends = [d.request_id for d in turn.decisions] + [w.request_id for w in turn.withdrawn]
        assert len(ends) == len(set(ends)) == len(turn.opened)
        assert all(accepted[d.request_id] == 1 for d in turn.decisions)
        assert not any(accepted[w.request_id] for w in turn.withdrawn)
        allowed = {d.item_id for d in turn.decisions if d.choice == "once"}
        for item in turn.entries:
            if isinstance(item, Command) and item.status == "completed":
                assert item.id in allowed
        if turn.state == "completed":
            assert len(turn.decisions) == 2
            name = live.prompt.split()[1]
            made = sorted(path.name for path in scratch.glob(f"{name}-*"))
            assert len(made) == len(allowed)


def start(a: Asked, names: list[str]) -> list[LiveTurn]:
    return [a.start(f"turn {name}", thread=name) for name in names]


def test_fifty_turns_that_ask_twice(folder: Path, scratch: Path) -> None:
    before = set(threading.enumerate())
    made = scratch / "made"
    made.mkdir()
    chance = random.Random(5)
    with asked(folder, asking_twice(made)) as a:
        answerers = Answerers(a)
        try:
            calm = start(a, [f"a{n}" for n in range(TURNS // 2)])
            for live in chance.sample(calm, 6):
                until(
                    lambda live=live: live.turn.opened or live.done, "a request", deadline=PATIENT
                )
                live.interrupt()
            for live in calm:
                until(lambda live=live: live.done, "the end of a turn", deadline=PATIENT)
            stormy = start(a, [f"b{n}" for n in range(TURNS - len(calm))])
            until(
                lambda: sum(len(live.turn.decisions) for live in stormy) >= 5,
                "some answers",
                deadline=PATIENT,
            )
            runtime = a.session.engine.runtime
            assert runtime is not None and runtime.pid is not None
            os.kill(runtime.pid, signal.SIGKILL)
            for live in stormy:
                until(lambda live=live: live.done, "the end of a turn", deadline=PATIENT)
        finally:
            answerers.stop()
        assert all(count <= 1 for count in answerers.accepted.values())
        assert answerers.outcomes["refused"] == 0
        check(calm + stormy, answerers.accepted, made)
        states = Counter(live.turn.state for live in calm)
        why = {live.turn.error.message for live in calm if live.turn.error}
        assert set(states) <= {"completed", "interrupted"} and states["completed"] >= 19, why
        assert any(live.turn.state == "failed" for live in stormy)

        engine = a.session.engine
        assert not engine.running()
        until(
            lambda: not (engine._runs or engine._underway or engine.routes.running()),
            "every turn to be let go",
            deadline=PATIENT,
        )
        assert a.session.pending == ()
        last = a.start("turn z", thread="z")
        until(lambda: last.pending, "the request of a turn after the storm", deadline=PATIENT)
        first = last.pending[0]
        assert isinstance(first, CommandRequest)
        assert last.answer(first.id, "once") == "accepted"
        until(
            lambda: last.pending and last.pending[0].id != first.id, "its second", deadline=PATIENT
        )
        assert answered(last, "decline").state == "completed"
        assert (made / "z-1").exists() and not (made / "z-2").exists()
        assert ended(last) is last.turn
        assert engine.broker.open_requests() == ()
    until(
        lambda: all("worker" in t.name for t in set(threading.enumerate()) - before),
        "the session's threads to end",
        deadline=PATIENT,
    )
