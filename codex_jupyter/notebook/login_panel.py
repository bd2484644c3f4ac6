"""The live sign-in panel: what a person clicks becomes a step of a sign-in, and each step becomes a view.

Lives on the session's loop, except ``show``, which the cell's thread calls. The cell that opened it has ended by then, so
clicks arrive on every kernel. The address, the code and a typed key travel as messages only: they are in no trait, and
what stays in the notebook says who signed in.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from codex_jupyter import journal
from codex_jupyter.core.document import Document
from codex_jupyter.errors import UserError
from codex_jupyter.notebook import display, login_ways
from codex_jupyter.notebook.panel.comm import PanelComm
from codex_jupyter.notebook.panel.live_feed import LiveFeed
from codex_jupyter.notebook.panel.schedule import LoopSchedule
from codex_jupyter.notebook.panel.wire import Intent, answer_of
from codex_jupyter.render import html
from codex_jupyter.render import login as draw
from codex_jupyter.session.signing_in import failure_of

if TYPE_CHECKING:
    from codex_jupyter.notebook.panel.saved_copy import Output
    from codex_jupyter.session.session import Session
    from codex_jupyter.session.signing_in import LoginAttempt, Standing, Way

log = journal.logger("sign-in")

#: What the panel opens with: the choice, or one way at once.
First = Literal["choose", "browser", "device", "key"]
#: Seconds after which a page that said nothing is taken to have no panel. Generous: until then it shows what happened,
#: and the first panel of a page may take a while.
PATIENCE = 20.0
#: Panels kept after their end, so that a page that is reloaded finds them.
KEPT = 8

NO_PANEL = "This page shows no live panel, so nobody can sign in here."
NO_PANEL_HINT = (
    "A key works: codex_jupyter.session().use_api_key() asks for it in a hidden field. "
    "For ChatGPT, install anywidget where JupyterLab runs and reload the page, or use a terminal."
)


class LoginPanel:
    """One sign-in panel.

    Args:
        session: whose runtime signs in.
        first: what it opens with.
        attempt: a sign-in that a program has begun already.
        above: the turn that failed for want of an account: it stays above the panel.
        output: what the panel takes the place of; None for an output of its own.
    """

    _kept: ClassVar[deque[LoginPanel]] = deque(maxlen=KEPT)

    def __init__(
        self,
        session: Session,
        *,
        first: First = "choose",
        attempt: LoginAttempt | None = None,
        above: Document | None = None,
        output: Output | None = None,
    ) -> None:
        self._session = session
        self._first: First = first
        self._attempt = attempt
        self._above = above
        self._taken_over = output is not None
        self._output: Output = output or display.CellOutput()
        self._view = draw.SignInView(
            remote=login_ways.is_remote(),
            env_key=login_ways.key_name(),
            offline=session.engine.offline,
            after="Run this cell again." if above is not None else "",
        )
        self._given: draw.SignInView | None = None  # what the pages were given last
        self._tasks: set[asyncio.Task[None]] = set()
        self._step = 0  # counts what was chosen: the end of an older step changes nothing any more
        schedule = LoopSchedule(session.engine.thread)
        self._comm = PanelComm(session.engine.thread.post)
        self._feed = LiveFeed(self._comm.send, self, self._act, schedule)
        if len(self._kept) == KEPT:
            self._kept[0]._comm.close()
        self._kept.append(self)

    @classmethod
    def close_those_of(cls, session: Session) -> None:
        """The session is closed: no page speaks to its panels any more."""
        for panel in [one for one in cls._kept if one._session is session]:
            cls._kept.remove(panel)
            panel._comm.close()

    def show(self) -> None:
        """Put the panel into the calling cell, or in the place of the failed turn, and begin."""
        data = dict(self._comm.view)
        if self._above is not None:
            data.update(display.bundle(self._above))
        else:
            data["text/plain"] = "Codex sign-in. %codex account says who is signed in."
        if self._taken_over:
            self._output.replace(data)
        else:
            self._output.show(data)
        self._session.engine.thread.post(self._begin)

    # On the session's loop -----------------------------------------------------------------------------------------

    def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(PATIENCE, self._lost_patience)
        self._comm.listen(self._feed.receive)
        if self._attempt is not None:
            self._spawn(self._follow(self._attempt))
        elif self._first in ("browser", "device"):
            self._spawn(self._start("device" if self._first == "device" else "browser"))
        elif self._first == "key":
            self._change(state="key")
        if self._attempt is None:
            self._spawn(self._look_around())

    def _lost_patience(self) -> None:
        if not self._feed.welcomed and self._view.state != "done":
            self._abandon()
            self._change(state="choose", message=NO_PANEL, hint=NO_PANEL_HINT)
            self._settle()

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(error)

    # What the page shows ---------------------------------------------------------------------------------------------

    def _change(self, **changes: Any) -> None:
        self._view = replace(self._view, **changes)
        self._feed.changed()

    def advance(self) -> tuple[dict[str, Any], ...]:
        """See ``live_feed.Content``. The first view of a page is always a snapshot."""
        before, self._given = self._given, self._view
        if before is None or before == self._view:
            return ()
        state = {"op": "state", **self._state(), "announce": self._announcement(before)}
        return ({"op": "replace", "key": draw.KEY, "html": draw.block(self._view)}, state)

    def _state(self) -> dict[str, Any]:
        return {"running": False, "waiting": 0, "ended": self._view.state == "done"}

    def _announcement(self, before: draw.SignInView) -> str:
        view = self._view
        if view.state == "done":
            return view.account
        return view.message if view.message != before.message else ""

    def snapshot(self) -> dict[str, Any]:
        """See ``live_feed.Content``."""
        blocks = [{"key": draw.KEY, "html": draw.block(self._view)}]
        header = f'<div class="cj-header">{_badge(self._view.offline)}</div>'
        if self._above is not None:
            header = html.header(self._above.header, live=True)
            rows = html.rows(self._above, live=True)
            blocks = [{"key": key, "html": made} for key, made in rows] + blocks
        return {
            "header": header,
            "blocks": blocks,
            "footer": "",
            "state": {**self._state(), "announce": ""},
        }

    def _settle(self) -> None:
        """Leave in the notebook what may be kept."""
        self._output.replace(display.bundle(draw.outcome(self._view, self._above)))

    # What a person does ------------------------------------------------------------------------------------------------

    def _act(self, intent: Intent) -> tuple[str, str]:
        if intent.kind != "login":
            return "refused", "This panel signs in and does nothing else."
        if self._view.state == "done":
            return "late", "This sign-in is over."
        _, choice, values, _ = answer_of(intent.body)
        match choice:
            case "browser" | "device":
                self._spawn(self._start(choice))
            case "key":
                self._abandon()
                self._change(state="key", message="", hint="")
            case "env-key":
                key = os.environ.get(self._view.env_key, "")
                self._spawn(self._use_key(key, "kernel"))
            case "use-key":
                keep = "machine" if values.get("keep") == ["machine"] else "kernel"
                self._spawn(self._use_key("".join(values.get("key", [])), keep))
            case "finish":
                self._spawn(self._finish("".join(values.get("address", []))))
            case "cancel":
                self._spawn(self._cancel())
            case _:
                return "refused", "This panel does not offer that."
        return "accepted", ""

    async def _look_around(self) -> None:
        """Who is signed in already, and where a sign-in would be kept."""
        standing = await self._session.signing_in.standing()
        changes: dict[str, Any] = {"file": login_ways.place_of(standing)}
        if standing.account.kind and self._view.state != "done":
            changes["account"] = str(standing)
        self._change(**changes)

    async def _start(self, way: Way) -> None:
        self._step += 1
        step = self._step
        self._abandon()
        self._change(state="starting", message="", hint="")
        try:
            attempt = await self._session.signing_in.start(way)
        except Exception as error:
            log.warning("signing in failed: %s", journal.without_words(error))
            if step == self._step:
                self._failed(error)
            return
        if step != self._step:
            await attempt.cancel()
            return
        await self._follow(attempt)

    async def _follow(self, attempt: LoginAttempt) -> None:
        self._attempt = attempt
        self._step += 1
        step = self._step
        self._change(
            state=attempt.way,
            url=attempt.url,
            user_code=attempt.user_code,
            until_ms=round((attempt.expires_at or 0) * 1000),
            message="",
            hint="",
        )
        try:
            standing = await attempt.wait()
        except Exception as error:
            log.warning("signing in failed: %s", journal.without_words(error))
            if step == self._step:
                self._failed(error)
            return
        if step == self._step:
            self._succeeded(standing)

    async def _finish(self, address: str) -> None:
        attempt = self._attempt
        if attempt is None:
            return
        try:
            await attempt.finish(address)
        except UserError as error:
            if attempt.outcome is None:  # the address was not the one: the attempt goes on
                self._change(glyph="failed", message=error.message, hint=error.hint)

    async def _use_key(self, key: str, keep: Literal["kernel", "machine"]) -> None:
        self._step += 1
        self._abandon()
        try:
            standing = await self._session.signing_in.use_key(key, keep)
        except Exception as error:
            log.warning("signing in failed: %s", journal.without_words(error))
            message, hint = failure_of(error)
            self._change(state="key", glyph="failed", message=message, hint=hint)
            return
        self._succeeded(standing)

    async def _cancel(self) -> None:
        self._step += 1
        attempt, self._attempt = self._attempt, None
        if attempt is not None:
            await attempt.cancel()
        self._back("info", "The sign-in was cancelled.", "Nothing was changed.")

    def _abandon(self) -> None:
        """Another way was chosen: what is open ends without a word."""
        attempt, self._attempt = self._attempt, None
        if attempt is not None and attempt.outcome is None:
            self._step += 1
            self._spawn(attempt.cancel())

    def _failed(self, error: BaseException) -> None:
        message, hint = failure_of(error)
        self._back("failed", message, hint)

    def _back(self, glyph: str, message: str, hint: str) -> None:
        """Offer the ways again, under what happened."""
        self._attempt = None
        self._change(
            state="choose",
            url="",
            user_code="",
            until_ms=0,
            glyph=glyph,
            message=message,
            hint=hint,
        )

    def _succeeded(self, standing: Standing) -> None:
        if not standing.account.kind:
            self._back("failed", "The sign-in ended, but nobody is signed in.", "Start again.")
            return
        self._attempt = None
        self._change(
            state="done", url="", user_code="", until_ms=0, message="", account=str(standing)
        )
        self._settle()


def _badge(offline: str) -> str:
    from codex_jupyter.render.markup import element, text

    return (
        f"<b>Codex</b> {element('span', text(offline), 'cj-badge')}" if offline else "<b>Codex</b>"
    )
