"""``/doctor``, ``/mcp`` and ``/context``: what works here, which servers are there, what turns carry along."""

from __future__ import annotations

import importlib.metadata
import os
import sys

from codex_jupyter.core.document import Plain
from codex_jupyter.errors import CodexJupyterError, OptionError
from codex_jupyter.notebook import frontend, kernel_internals, presence
from codex_jupyter.notebook.command import Caller, TypedCommand, command
from codex_jupyter.notebook.commands.logs import troubles
from codex_jupyter.notebook.notice import Section, show
from codex_jupyter.settings import Choice, Options

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
        rows.append(("runtime", f"{runtime.version}, process {runtime.pid}" if runtime else "none"))
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
    rows += troubles(caller)
    show("What is installed, and what works here", rows=rows, offline=session.engine.offline)


def sandbox_verdict(caller: Caller) -> str:
    """Whether commands can run in Codex's sandbox on this machine."""
    from codex_jupyter.runtime.client import Launch
    from codex_jupyter.runtime.probe import sandbox_works

    engine = caller.session().engine
    verdict = engine.call(sandbox_works(engine.supplier.launch or Launch()), timeout=30)
    return "works" if verdict.works else f"unavailable: {engine.gate.text(verdict.reason)}"


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
        session.thread(thread).chosen["context"] = word == "on"
        show(f"The note of what changed is {word} for this thread.", glyph="ok")
        return
    if word:
        raise OptionError(f"/context does not know {word!r}.", "%codex /context on, or off.")
    settings, _ = session.effective(thread)
    if not settings.context:
        show("The note is switched off", lines=("%codex /context on switches it on.",))
        return
    if settings.kernel == "off":
        show("The next turn is told nothing of the notebook: -k off.")
        return
    note = session.workbench.note(session.thread(thread))  # type: ignore[union-attr]  # a notebook's session has one
    sections = [Section("", (Plain(note.text),))] if note.text else []
    if note.outputs:
        sections.append(Section("What proposed cells put out", (Plain(note.outputs),)))
    show(
        "The next turn is told this of the notebook",
        sections=sections,
        lines=() if sections else ("Nothing changed since the last turn.",),
    )
