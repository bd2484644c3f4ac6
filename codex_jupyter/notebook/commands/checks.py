"""``/doctor``, ``/mcp`` and ``/context``: what works here, which servers are there, what turns carry along."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from typing import TYPE_CHECKING

from codex_jupyter import places
from codex_jupyter.core.document import Plain
from codex_jupyter.core.system_errors import few_files
from codex_jupyter.errors import CodexJupyterError, OptionError
from codex_jupyter.notebook import frontend, kernel_internals, presence
from codex_jupyter.notebook.command import Caller, TypedCommand, command
from codex_jupyter.notebook.commands.logs import troubles
from codex_jupyter.notebook.commands.status import described
from codex_jupyter.notebook.login_ways import as_written
from codex_jupyter.notebook.notice import Section, show
from codex_jupyter.runtime import sdk, versions
from codex_jupyter.settings import Choice, Options

if TYPE_CHECKING:
    from codex_jupyter.runtime.client import Runtime
    from codex_jupyter.session.session import Session

PACKAGES = (
    "codex-jupyter",
    "openai-codex",
    "openai-codex-cli-bin",
    "ipykernel",
    "ipywidgets",
    "anywidget",
)


@command(
    "doctor",
    group="This installation",
    help="check the installation",
)
def doctor(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Check the installation and say what does not work, with the next step."""
    session = caller.session()
    kind = frontend.kind_of(caller.shell)
    kernel = kernel_internals.kernel_of(caller.shell)
    rows = [("python", sys.version.split()[0])]
    for package in PACKAGES:
        try:
            rows.append((package, importlib.metadata.version(package)))
        except importlib.metadata.PackageNotFoundError:
            rows.append((package, "not installed as a package"))
    rows.append(("front end", kind))
    rows.append(("somebody to ask", presence.absence(caller.shell) or "yes"))
    if kernel is not None:
        clicks = kernel_internals.has_subshells(kernel)
        rows.append(
            (
                "clicks while a cell runs",
                "yes" if clicks else "no: requests are asked in a prompt, or use -b",
            )
        )
    rows.append(("CODEX_HOME", os.environ.get("CODEX_HOME") or "~/.codex"))
    try:
        account = session.account().account
        runtime = session.engine.runtime
        rows.append(("runtime", described(runtime) if runtime else "none"))
        rows += _versions(session, runtime.version if runtime else "")
        rows += _limits(runtime) if runtime else []
        rows.append(
            (
                "account",
                account.kind
                or ("none: %codex login" if account.needed else "none, and none is needed"),
            )
        )
        rows.append(("sandbox", sandbox_verdict(caller)))
    except CodexJupyterError as error:
        rows.append(("runtime", f"does not start: {error.message} {error.hint}"))
    rows += _kept()
    rows += troubles(caller)
    show("What is installed, and what works here", rows=rows, offline=session.engine.offline)


def _limits(runtime: Runtime) -> list[tuple[str, str]]:
    """What this machine does not let the runtime do."""
    rows = []
    if few := few_files(runtime.files):
        rows.append(("open files", f"{few[0]}. {few[1]}"))
    if not runtime.finds_all:
        rows.append((
            "background processes",
            "one that a command moves to a session of its own is not found when the kernel ends: end it yourself",
        ))  # fmt: skip
    return rows


def _versions(session: Session, running: str) -> list[tuple[str, str]]:
    """What this runtime lacks, and whether it is one that was tried."""

    async def ask() -> frozenset[str]:
        return await (await session.engine.api()).methods()

    rows = []
    if methods := session.engine.call(ask(), timeout=30):
        rows += [("not in this Codex", lack.words) for lack in versions.absent(methods)]
    for what, this, newest in (
        ("Codex", running, versions.NEWEST_BINARY),
        ("SDK", sdk.installed(), versions.NEWEST_SDK),
    ):
        if versions.newer(this, newest):
            rows.append(("newer than tried", f"{what} {this}; {newest} was the newest"))
    return rows


def _kept() -> list[tuple[str, str]]:
    """What of ours lies on disk, by kind: of this kernel and of others of this user."""
    try:
        rows = [("our files", f"in {as_written(str(places.base()))}")]
    except places.NoPlaceError as error:
        rows = [("our files", f"none are kept: {error}")]
    kinds: dict[tuple[str, str], list[places.Kept]] = {}
    for one in places.kept():
        kinds.setdefault((one.kind, str(one.path.parent)), []).append(one)
    for (kind, folder), found in kinds.items():
        left = sum(not one.held for one in found)
        size = sum(one.size for one in found)
        files = sum(one.files for one in found)
        told = f"{places.KINDS[kind]}: {files:,} files, {size:,} bytes in {as_written(folder)}"
        rows.append(("", told + (f"; {left} left by killed kernels" if left else "")))
    return rows


def sandbox_verdict(caller: Caller) -> str:
    """Whether commands can run in Codex's sandbox on this machine."""
    engine = caller.session().engine
    verdict = engine.call(engine.supplier.verdict(), timeout=30)
    if verdict.works:
        return "works"
    word = "unavailable" if verdict.missing else "could not be tried"
    return f"{word}: {engine.gate.text(verdict.reason)}. {verdict.hint}".rstrip()


@command(
    "mcp",
    group="This installation",
    help="the MCP servers and their tools",
    takes="[NAME]",
)
def mcp(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """The MCP servers of this thread and their tools."""
    session = caller.session()
    wanted = typed.args.strip()
    rows = []
    for server in session.mcp_servers(options.thread or "main"):
        name = str(server.get("name", ""))
        if wanted and wanted != name:
            continue
        tools = ", ".join(sorted(server.get("tools") or {})) or "no tools"
        rows.append((name, f"{server.get('runtimeStatus') or 'unknown'}: {tools}"))
    if wanted and not rows:
        raise OptionError(f"There is no MCP server {wanted!r}.", "%codex /mcp lists them.")
    show(
        "MCP servers" if rows else "No MCP server is configured.",
        rows=rows,
        lines=() if rows else ("Add one under [mcp_servers] in config.toml.",),
        offline=session.engine.offline,
    )


@command(
    "context",
    group="What holds",
    help="what is sent along, switch it off",
    takes="[on | off]",
    offers=(Choice("on", "send the note of what changed"), Choice("off", "do not send it")),
)
def context(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """What the next turn would be told of the notebook; ``on`` and ``off`` switch it."""
    session, thread = caller.session(), options.thread or "main"
    word = typed.args.strip()
    if word in ("on", "off"):
        session.thread(thread).choose({"context": word == "on"})
        show(f"The note of what changed is {word} for this conversation.", glyph="ok")
        return
    if word:
        raise OptionError(f"/context does not know {word!r}.", "%codex /context on, or off.")
    settings, _ = session.effective(thread)
    if not settings.context:
        show("The note is switched off", lines=("%codex /context on switches it on.",))
        return
    if settings.kernel == "off":
        show("The next turn is told nothing about the notebook: -k off.")
        return
    note = session.workbench.note(session.thread(thread))  # type: ignore[union-attr]  # a notebook's session has one
    sections = [Section("", (Plain(note.text),))] if note.text else []
    if note.outputs:
        sections.append(Section("What proposed cells put out", (Plain(note.outputs),)))
    show(
        "What the next turn is told about the notebook",
        sections=sections,
        lines=() if sections else ("Nothing changed since the last turn.",),
    )
