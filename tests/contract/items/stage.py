"""A session on the offline model that plays items: one runtime for all plays of one class of models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from codex_jupyter import offline
from codex_jupyter.core.items import AgentMessage
from codex_jupyter.core.turn import Turn
from codex_jupyter.session.live import LiveTurn
from codex_jupyter.session.session import Session
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
            engine.call(attempt.wait(), timeout=60)

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
            runtime = self.session.engine.runtime
            assert runtime is not None
            self.session.engine.call(runtime.request("turn/start", params), timeout=GENEROUS)
        # A gate stays open: each play has its own.
        self.offline.server.release("steered" if what == "steer" else "told")

    def _review(self, thread: str) -> Turn:
        """A review is a turn that nobody starts with a prompt."""
        target = {"type": "custom", "instructions": "look at load.py"}
        self.session.start("Say nothing.", thread=thread, new=True, cwd=self.folder).result(
            GENEROUS
        )
        live = self.session.start(
            "review", thread=thread, cwd=self.folder, interactive=True, work={"review": target}
        )
        live.result(GENEROUS)
        return live.turn

    def close(self) -> None:
        """End the runtime, the model and the issuer."""
        self.session.close()
