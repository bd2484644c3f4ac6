"""The runtime's methods, one typed coroutine each: the one place that spells their names.

Whatever starts work takes ``Rights``: there is no way to begin a turn, a review or a summary, or to open a conversation,
without saying what it may do. History lacks (measured): plan checklists, turn diffs, token usage, the partial text of
interrupted turns, approvals and warnings. What was said once is ``Raw``.

Every coroutine raises ``RuntimeRequestError`` when the runtime refuses, ``RuntimeTimeoutError`` when it does not answer in
time, ``RuntimeFailedError`` when it has ended, and ``ConfigurationError`` when it cannot use its configuration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from codex_jupyter.core import configuration
from codex_jupyter.core.events import Limits
from codex_jupyter.core.json_fields import Json, rows, table, text
from codex_jupyter.core.raw import Raw
from codex_jupyter.core.rights import Rights
from codex_jupyter.errors import ConfigurationError
from codex_jupyter.runtime import versions
from codex_jupyter.runtime.account import Account, account_of
from codex_jupyter.runtime.failures import RuntimeRequestError
from codex_jupyter.runtime.history import (
    Page,
    StoredThread,
    Terminal,
    terminal_of,
    thread_of,
    turn_of,
)
from codex_jupyter.runtime.reviews import denial
from codex_jupyter.runtime.threads import Model, Prompt, model_params, turn_params
from codex_jupyter.runtime.translate import limits as limits_of
from codex_jupyter.runtime.wire_rights import rights_params

if TYPE_CHECKING:
    from codex_jupyter.core.items import Review
    from codex_jupyter.core.turn import Turn
    from codex_jupyter.runtime.transport import Transport

#: Seconds for a call that starts work or opens a conversation: on a busy machine it may take many.
WORK = 60.0
#: Seconds for any other call; long histories are read in pages.
PATIENCE = 30.0
#: Items asked for at once.
_PAGE = 200


class Api:
    """The methods of one running app-server.

    Args:
        transport: the app-server.

    Example:
        >>> async def models(runtime):
        ...     return [row["model"] for row in await Api(runtime).models()]
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def _call(
        self, method: str, params: Json | None = None, timeout: float = PATIENCE
    ) -> Json:
        try:
            return await self._transport.request(method, params, timeout)
        except RuntimeRequestError as error:
            if versions.lacks(error.message, method):
                raise versions.missing(method, self._transport.version) from None
            if reason := configuration.refused_for(error.message):
                raise ConfigurationError(
                    configuration.sentence(reason), configuration.STEP
                ) from None
            raise

    async def methods(self) -> frozenset[str]:
        """The names of all methods that this runtime has; none where it does not say."""
        try:
            await self._transport.request(versions.NO_METHOD, {}, PATIENCE)
        except RuntimeRequestError as error:
            return versions.methods_named(error.message)
        return frozenset()

    # --- conversations ------------------------------------------------------------------------------------------------

    async def start_thread(self, params: Json) -> Json:
        """Begin a conversation at rest (``threads.start_params``); the answer tells its id and the folder's defaults."""
        return await self._call("thread/start", params, WORK)

    async def resume_thread(self, params: Json) -> Json:
        """Open a stored conversation at rest (``threads.resume_params``)."""
        return await self._call("thread/resume", params, WORK)

    async def fork_thread(self, params: Json, *, last_turn_id: str = "") -> Json:
        """A new conversation, at rest, with the history of another up to and including a turn (``""``: all of it).

        Args:
            params: as ``threads.resume_params`` makes them; another process may hold that conversation.
            last_turn_id: where the history is cut.
        """
        wanted = {**params, "lastTurnId": last_turn_id} if last_turn_id else params
        return await self._call("thread/fork", wanted, WORK)

    async def set_rights(self, thread_id: str, rights: Rights, model: Model) -> None:
        """What the turns to come may do, and with which model; the one that runs keeps what it was given.

        The runtime's word for it is ``SettingsChanged``, which comes only when something changed.
        """
        params = {"threadId": thread_id, **rights_params(rights), **model_params(model)}
        await self._call("thread/settings/update", params)

    async def list_threads(
        self,
        *,
        limit: int = 20,
        cursor: str = "",
        search: str = "",
        cwd: str = "",
        archived: bool = False,
    ) -> Raw[Page]:
        """Stored conversations, the one used last first.

        Args:
            limit: how many at most.
            cursor: ``Page.next`` of the page before.
            search: only those whose title has this in it.
            cwd: only those of this folder.
            archived: those that were put away, instead of the others.
        """
        params: Json = {"limit": limit, "sortKey": "recency_at", "sortDirection": "desc"}
        params |= {"cursor": cursor} if cursor else {}
        params |= {"searchTerm": search} if search else {}
        params |= {"cwd": cwd} if cwd else {}
        params |= {"archived": True} if archived else {}
        answer = await self._call("thread/list", params)
        threads = tuple(thread_of(row) for row in rows(answer.get("data")))
        return Raw(Page(threads, text(answer, "nextCursor")))

    async def read_thread(self, thread_id: str) -> Raw[StoredThread]:
        """One conversation without its turns; those that another process works on can be read too."""
        answer = await self._call("thread/read", {"threadId": thread_id})
        return Raw(thread_of(answer.get("thread")))

    async def read_turns(
        self, thread_id: str, *, last: int | None = None, page: int = 50
    ) -> Raw[tuple[Turn, ...]]:
        """The turns of a conversation, oldest first, with all that history keeps of them.

        Args:
            thread_id: the conversation; an ephemeral one has no history and is refused.
            last: only so many, the newest.
            page: how many are asked for at once.
        """
        turns: list[Turn] = []
        cursor = ""
        while last is None or len(turns) < last:
            limit = page if last is None else min(last - len(turns), page)
            params: Json = {"threadId": thread_id, "limit": limit, "itemsView": "full"}
            params |= {"sortDirection": "desc"}
            params |= {"cursor": cursor} if cursor else {}
            answer = await self._call("thread/turns/list", params)
            turns += [turn_of(row, thread_id) for row in rows(answer.get("data"))]
            cursor = text(answer, "nextCursor")
            if not cursor:
                break
        return Raw(tuple(reversed(turns)))

    async def read_items(self, thread_id: str, turn_id: str) -> Raw[list[Json]]:
        """The items of a turn as the runtime stored them.

        ``[]`` for ephemeral conversations, which keep none, and for a turn that never had an id.
        """
        items: list[Json] = []
        if not turn_id:
            return Raw(items)
        cursor = ""
        while True:
            params: Json = {"threadId": thread_id, "turnId": turn_id, "limit": _PAGE}
            params |= {"cursor": cursor} if cursor else {}
            try:
                answer = await self._call("thread/items/list", params)
            except RuntimeRequestError:
                return Raw(items)
            items += [table(table(row).get("item")) for row in rows(answer.get("data"))]
            cursor = text(answer, "nextCursor")
            if not cursor:
                return Raw(items)

    async def name_thread(self, thread_id: str, name: str) -> None:
        """Give a conversation a name that every Codex front end shows."""
        await self._call("thread/name/set", {"threadId": thread_id, "name": name})

    async def archive_thread(self, thread_id: str) -> None:
        """Put a conversation away; ``unarchive_thread`` brings it back."""
        await self._call("thread/archive", {"threadId": thread_id})

    async def unarchive_thread(self, thread_id: str) -> None:
        """Bring back a conversation that was put away."""
        await self._call("thread/unarchive", {"threadId": thread_id})

    async def let_go(self, thread_id: str) -> None:
        """Hear no more of a conversation; the runtime unloads it a little later, and ``resume_thread`` opens it again.

        That ends the commands that it left running, if there are any.
        """
        await self._call("thread/unsubscribe", {"threadId": thread_id})

    # --- work ---------------------------------------------------------------------------------------------------------

    async def start_turn(self, thread_id: str, rights: Rights, model: Model, prompt: Prompt) -> str:
        """Begin a turn and return its id."""
        answer = await self._call("turn/start", turn_params(thread_id, rights, model, prompt), WORK)
        return text(table(answer.get("turn")), "id")

    async def start_review(
        self, thread_id: str, rights: Rights, model: Model, target: Mapping[str, str]
    ) -> str:
        """Begin a review and return the id of its turn.

        The call itself carries no rights (tested): they are set on the conversation first.

        Args:
            thread_id: where the review appears.
            rights: what it may do.
            model: who reviews.
            target: ``{"type": "uncommittedChanges"}``, ``{"type": "baseBranch", "branch": ...}``, ``{"type": "commit",
                "sha": ...}`` or ``{"type": "custom", "instructions": ...}``.
        """
        await self.set_rights(thread_id, rights, model)
        params = {"threadId": thread_id, "target": dict(target)}
        answer = await self._call("review/start", params, WORK)
        return text(table(answer.get("turn")), "id")

    async def start_compaction(self, thread_id: str, rights: Rights, model: Model) -> None:
        """Begin to summarise a conversation; its turn tells its id with its first event. Rights as for a review."""
        await self.set_rights(thread_id, rights, model)
        await self._call("thread/compact/start", {"threadId": thread_id}, WORK)

    async def steer(self, thread_id: str, turn_id: str, words: str) -> None:
        """Say something to a running turn, which keeps the rights it has."""
        content = [{"type": "text", "text": words}]
        params = {"threadId": thread_id, "expectedTurnId": turn_id, "input": content}
        await self._call("turn/steer", params, WORK)

    async def interrupt(self, thread_id: str, turn_id: str, *, timeout: float = PATIENCE) -> None:
        """Ask a turn to stop. It can be refused before ``turn/started``, or go unanswered (measured): ask again."""
        await self._call("turn/interrupt", {"threadId": thread_id, "turnId": turn_id}, timeout)

    async def terminals(
        self, thread_id: str, *, timeout: float = PATIENCE
    ) -> Raw[tuple[Terminal, ...]]:
        """The commands of a conversation that still run although their call has returned."""
        answer = await self._call(
            "thread/backgroundTerminals/list", {"threadId": thread_id}, timeout
        )
        return Raw(tuple(terminal_of(row) for row in rows(answer.get("data"))))

    async def end_terminals(self, thread_id: str, *, timeout: float = PATIENCE) -> None:
        """End all of them; an interrupt alone does not."""
        await self._call("thread/backgroundTerminals/clean", {"threadId": thread_id}, timeout)

    async def allow_denied(self, thread_id: str, turn_id: str, review: Review) -> None:
        """Allow the one action that the automatic reviewer denied; the model is told, and has to try it again."""
        params = {"threadId": thread_id, "event": denial(turn_id, review)}
        await self._call("thread/approveGuardianDeniedAction", params)

    # --- the account --------------------------------------------------------------------------------------------------

    async def read_account(self, *, refresh: bool = False, timeout: float = PATIENCE) -> Account:
        """The account that the runtime uses; ``refresh`` has it fetch a new access token first."""
        return account_of(await self._call("account/read", {"refreshToken": refresh}, timeout))

    async def read_limits(self) -> Limits | None:
        """What is left of the account's limits, or None where there are none to read (keys, other providers)."""
        try:
            answer = await self._call("account/rateLimits/read")
        except RuntimeRequestError:
            return None
        return limits_of(answer.get("rateLimits"))

    async def start_login(self, params: Mapping[str, str]) -> Json:
        """Begin a sign-in: ``{"type": "chatgpt" | "chatgptDeviceCode"}``, or ``apiKey`` with the key."""
        return await self._call("account/login/start", dict(params))

    async def cancel_login(self, login_id: str, *, timeout: float) -> None:
        """End a sign-in that is open."""
        await self._call("account/login/cancel", {"loginId": login_id}, timeout)

    async def logout(self) -> None:
        """Forget the account, on this machine if it is kept there."""
        await self._call("account/logout")

    # --- configuration ------------------------------------------------------------------------------------------------

    async def read_config(self, folder: str = "") -> Json:
        """The configuration in force, for a folder if one is named: the table of ``config.toml``'s names."""
        params = {"cwd": folder} if folder else {}
        return table((await self._call("config/read", params)).get("config"))

    async def read_config_layers(self, folder: str) -> Json:
        """The whole answer: the configuration in force for a folder, and each layer that it is made of."""
        return await self._call("config/read", {"cwd": folder, "includeLayers": True})

    async def unset_config(self, key: str) -> None:
        """Remove a dotted key from ``config.toml``."""
        params = {"keyPath": key, "value": None, "mergeStrategy": "replace"}
        await self._call("config/value/write", params)

    async def models(self) -> Sequence[Json]:
        """The models that the runtime offers."""
        return [table(row) for row in rows((await self._call("model/list", {})).get("data"))]

    async def mcp_servers(self, thread_id: str = "") -> Sequence[Json]:
        """The MCP servers of a conversation, or of the configuration."""
        params: dict[str, Any] = {"threadId": thread_id} if thread_id else {}
        answer = await self._call("mcpServerStatus/list", params, WORK)
        return [table(row) for row in rows(answer.get("data"))]
