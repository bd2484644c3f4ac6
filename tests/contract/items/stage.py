"""A session on the offline model that plays items: one runtime for all plays of one class of models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from codex_jupyter import offline
from codex_jupyter.core.items import AgentMessage
from codex_jupyter.core.turn import Turn
from codex_jupyter.runtime import history
from codex_jupyter.session.live import LiveTurn
from codex_jupyter.session.session import Session
from codex_jupyter.settings import Settings
from tests.contract.items import every_item
from tests.contract.items.every_item import MODELS, Play
from tests.login_ports import login_ports
from tests.waiting import GENEROUS, until


class Stage:
    """One session, signed in to the offline issuer (the runtime offers image generation to nobody else)."""

    def __init__(self, models: str, folder: Path, **config: Any) -> None:
        self.models = models
        self.folder = every_item.write_project(folder)
        self.offline = offline.start(
            every_item.script(models),
            model=MODELS[models],
            config={**every_item.settings(), **config},
            needs_account=True,
        )
        self.session = Session(f"items-{models}")
        self.session.go_offline(self.offline)
        self.session.workbench = every_item.Shapes()
        self._sign_in()

    def _sign_in(self) -> None:
        issuer = self.offline.issuer
        assert issuer is not None
        engine = self.session.engine
        with login_ports():
            attempt = engine.call(self.session.start_login())
            issuer.visit(attempt.url)
            engine.call(attempt.wait(), timeout=GENEROUS)

    def play(self, play: Play) -> Turn:
        """Play it on a thread of its own, and return the turn once everything is known of it."""
        thread = play.type
        if play.start == "review":
            return self._review(thread)
        live = self.session.start(
            play.prompt,
            thread=thread,
            new=True,
            cwd=self.folder,
            sandbox="workspace-write",
            config=play.config,
            work=dict(play.work),
        )
        if play.start in ("steer", "tool output"):
            self._join(live, play.start)
        live.result(GENEROUS)
        return live.turn

    def _join(self, live: LiveTurn, what: str) -> None:
        until(
            lambda: any(isinstance(e, AgentMessage) and e.text for e in live.turn.entries),
            "the model's first words",
        )
        if what == "steer":
            live.steer("Only the last month.")
        else:
            output = {"namespace": "jupyter", "name": "notebook", "output": "NameError: df"}
            params = {"threadId": live.turn.thread_id, "input": [], "toolOutput": output}
            self.session.engine.call(
                self.session.engine.request("turn/start", params), timeout=GENEROUS
            )
        # A gate stays open: each play has its own.
        self.offline.server.release("steered" if what == "steer" else "told")

    def _review(self, thread: str) -> Turn:
        """``review/start`` gives a turn that nobody started with a prompt: hold it as one of this session."""
        session, engine = self.session, self.session.engine
        before = session.start("Say nothing.", thread=thread, new=True, cwd=self.folder)
        before.result(GENEROUS)
        thread_id = before.turn.thread_id
        live = LiveTurn(engine, "review", Settings(), Turn(started_ms=0, thread_id=thread_id))

        async def begin() -> None:
            engine.routes.active[thread_id] = live
            await history.review(
                await engine.ensure_runtime(), thread_id, "custom", "look at load.py"
            )

        engine.call(begin(), timeout=GENEROUS)
        live.result(GENEROUS)
        engine.thread.post(engine.routes.active.pop, thread_id)
        return live.turn

    def close(self) -> None:
        """End the runtime, the model and the issuer."""
        self.session.close()
