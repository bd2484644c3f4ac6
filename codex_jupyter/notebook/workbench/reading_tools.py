"""The tools that look: ``list_variables``, ``inspect_variable``, ``read_cells``.

Looking runs in a worker thread and for a bounded time; the one thing here that runs foreign code is an object's own
representation, after consent and on the main thread. Drawing a figure of nothing but matplotlib's own parts is looking.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from codex_jupyter.core.requests import ToolCall
from codex_jupyter.notebook.workbench.cells import RECENT, Reading, read_cells, record_text
from codex_jupyter.notebook.workbench.consent import ask, may_look
from codex_jupyter.notebook.workbench.drawing import picture_of
from codex_jupyter.notebook.workbench.tool_context import Reply, ToolContext, in_time, text_of
from codex_jupyter.objects.details import describe, needs_own_code
from codex_jupyter.objects.drawing import drawable
from codex_jupyter.objects.figures import is_figure, is_image
from codex_jupyter.objects.lookup import resolve
from codex_jupyter.objects.statics import type_title
from codex_jupyter.objects.tables import table_of
from codex_jupyter.objects.variables import list_names, listing_text

if TYPE_CHECKING:
    from codex_jupyter.session.live import LiveTurn

#: Seconds that an object's own representation may take.
REPR = 5.0
#: What of IPython's formats of an object is asked for.
FORMATS = ("text/plain", "text/markdown", "image/png", "image/jpeg")
_Way = Literal["nothing", "draw", "shown", "ask"]


async def list_variables(
    context: ToolContext, live: LiveTurn, call: ToolCall, given: dict[str, Any]
) -> Reply:
    """The variables, with previews."""
    await may_look(context.engine, live, call)
    match = text_of(given, "match")

    def look() -> Reply:
        listing = list_names(context.shell.user_ns, context.hidden)
        count = len(listing.variables)
        sent = [f"previews of {count} variable{'' if count == 1 else 's'}"] if count else []
        return Reply(listing_text(listing, match=match), sent=sent)

    return await in_time(look)


async def inspect_variable(
    context: ToolContext, live: LiveTurn, call: ToolCall, given: dict[str, Any]
) -> Reply:
    """One object, closely."""
    await may_look(context.engine, live, call)
    name = text_of(given, "name", needed=True)

    def look() -> tuple[Any, Reply, _Way]:
        value = resolve(context.shell.user_ns, name)
        table = table_of(value)
        rows = min(5, table.rows) if table is not None and table.rows else 0
        sent = f"{name} ({rows} row{'' if rows == 1 else 's'})" if rows else name
        return value, Reply(describe(value, name), sent=[sent]), _way_to_more(context, value)

    value, reply, way = await in_time(look)
    if way == "nothing" or given.get("attributes_only") is True:
        return reply
    if way == "shown":
        picture = context.state.shown_figures.of(value)
        path = context.state.figures.add(picture, name) if picture else None
        if path is not None:
            reply.text += f"\nimage, as a cell showed it: {path} (open it with view_image)"
            return reply
        way = "ask"
    if way == "ask":
        what = f"repr({name})  # code of {type_title(type(value))}"
        refused = (await ask(context.engine, live, call, "inspect", code=what)).refused
        if refused:
            reply.text += f"\nIts own representation was not asked for: {refused}"
            return reply
    reply.text += "\n" + await represented(context, live, value, name, allowed=way == "ask")
    return reply


def _way_to_more(context: ToolContext, value: Any) -> _Way:
    """How more can be known of a value than what was seen without running anything."""
    if is_figure(value) or is_image(value):
        if drawable(value):
            return "draw"
        return "shown" if context.state.shown_figures.of(value) else "ask"
    return "ask" if needs_own_code(value) else "nothing"


async def represented(
    context: ToolContext, live: LiveTurn, value: Any, name: str, *, allowed: bool
) -> str:
    """What only an object's own code, or drawing it, can tell. ``allowed``: that code may run."""

    def show(value: Any) -> dict[str, Any]:
        if not allowed and not drawable(value):  # it changed since it was looked at
            return {"text/plain": "It holds somebody's code by now, so it was not drawn."}
        return bundle_of(context.shell, value)

    work = context.call(lambda: value, silent=True, show=show)
    outcome = await context.run(live, work, limit=REPR)
    told = record_text(outcome.record, context.state.figures, Reading(""), stem=name)
    ending = outcome.ending
    match ending.kind:
        case "ok":
            return f"Its own representation:\n{told}"
        case "stuck":
            return "Its own representation does not end and cannot be interrupted: the kernel is busy with it."
        case "time_limit":
            return f"Its own representation took longer than {REPR:g} s, so it was stopped."
    return f"Its own representation failed: {ending.error or ending.kind}"


def bundle_of(shell: Any, value: Any) -> dict[str, Any]:
    """What IPython would show of a value, as text and as an image. Runs its code."""
    picture = picture_of(value)
    if picture is not None:
        return {"text/plain": "(drawn now)", "image/png": picture}
    data, _ = shell.display_formatter.format(value, include=FORMATS)
    return data


async def read(
    context: ToolContext, live: LiveTurn, call: ToolCall, given: dict[str, Any]
) -> Reply:
    """Cells, with their outputs."""
    await may_look(context.engine, live, call)
    numbers, last = given.get("numbers"), given.get("last")
    history = context.shell.history_manager.input_hist_parsed

    def look() -> Reply:
        reading = read_cells(
            list(context.state.recorder.cells),
            context.state.figures,
            numbers=[n for n in numbers if type(n) is int] if type(numbers) is list else [],
            last=last if type(last) is int else RECENT,
            history=list(history) if type(history) is list else [],
        )
        sent = [f"cell {number}'s output" for number in dict.fromkeys(reading.cells)]
        return Reply(reading.text, sent=sent)

    return await in_time(look)
