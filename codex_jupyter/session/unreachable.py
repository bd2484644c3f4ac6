"""While a provider cannot be reached: why is looked at once, and a turn that nobody watches gives up after a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from codex_jupyter import journal
from codex_jupyter.core.events import Event, NetworkLookedAt
from codex_jupyter.errors import CodexJupyterError

if TYPE_CHECKING:
    from codex_jupyter.runtime.network import Finding
    from codex_jupyter.runtime.transport import Transport
    from codex_jupyter.session.live import LiveTurn

log = journal.logger("session")

#: Seconds that a turn without anybody who could stop it waits for the network, where no setting says otherwise.
NOBODY_WAITS = 300.0
#: Seconds between two looks whether it can be reached again.
LOOK = 1.0


async def watch(
    live: LiveTurn, transport: Transport, apply: Callable[[LiveTurn, Iterable[Event]], None]
) -> None:
    """Say why, once; then give up in time where nobody watches.

    Args:
        live: the turn; this ends when its provider is reached, or the turn has ended.
        transport: its runtime.
        apply: changes the turn by events.
    """
    began = time.monotonic()
    limit = live.settings.network_timeout or NOBODY_WAITS
    found = await _look(live, transport)

    def tell(**more: object) -> None:
        turn = live.turn
        said = NetworkLookedAt(turn.thread_id, turn.turn_id, found.cause, found.detail, **more)  # type: ignore[arg-type]
        apply(live, [said])

    tell()
    while live.turn.unreachable and not live.turn.ended:
        waited = time.monotonic() - began
        if waited >= limit and not live.interactive:
            tell(given_up=True, waited=waited)
            return
        await asyncio.sleep(LOOK)


async def _look(live: LiveTurn, transport: Transport) -> Finding:
    from codex_jupyter.runtime import network
    from codex_jupyter.runtime.api import Api

    api, settings = Api(transport), live.settings
    try:
        account = await api.read_account()
        config = await api.read_config(str(settings.cwd or ""))
    except CodexJupyterError as error:
        log.info("the provider's address is not known: %s", error)
        return network.Finding()
    address = network.address_of(config, settings.config, account.kind)
    return await asyncio.to_thread(network.look, address)
