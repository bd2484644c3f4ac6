"""Every state that a turn can be seen in, on a page with the colours of JupyterLab's own themes.

The states are drawn by the renderer from what the unit tests know: each kind of row, each card that the runtime's captured
requests make, a patch of many files that waits for an answer, a long command, signing in. No kernel and no JupyterLab: the
sheet of one width and one theme is there in a moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from playwright.sync_api import Browser, Page

from codex_jupyter.core import requests as rq
from codex_jupyter.core.blocks import document
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.document import Document, Footer, Header
from codex_jupyter.core.file_links import Files, ServedFolder
from codex_jupyter.core.items import Command, FileChange
from codex_jupyter.core.requests import Request
from codex_jupyter.core.turn import Turn
from codex_jupyter.render import html, login
from codex_jupyter.render.login import SignInView
from tests.environments import ROOT, python_of
from tests.unit.core.captures import SETTINGS, requests
from tests.unit.render import samples

WIDTHS = (420, 700, 1400)
THEMES = {
    "light": "theme-light-extension",
    "dark": "theme-dark-extension",
    "high-contrast": "theme-dark-high-contrast-extension",
    "forced-colors": "theme-light-extension",
}
NAMES = {
    "light": "JupyterLab Light",
    "dark": "JupyterLab Dark",
    "high-contrast": "JupyterLab Dark High Contrast",
    "forced-colors": "JupyterLab Light",
}
FILES = Files(ServedFolder(("/home/ada",), "churn"), "/home/ada/churn")
_SHARED = python_of("ipykernel-7").parents[1] / "share/jupyter/lab"
_PANEL = ROOT / "codex_jupyter" / "static" / "panel.css"


@dataclass(frozen=True)
class Look:
    """How a page looks: its width in CSS pixels and its theme; ``live`` or as saved."""

    width: int
    theme: str
    live: bool = True

    def __str__(self) -> str:
        return f"{self.theme}-{self.width}-{'live' if self.live else 'saved'}"


def patch_of(files: int, lines: int = 40) -> tuple[Change, ...]:
    """A patch of so many files, each with so many changed lines."""
    diff = f"@@ -1,{lines} +1,{lines} @@\n" + "".join(
        f"-value_{n} = parse(row[{n}])\n+value_{n} = parse(row[{n}], utc=True)\n"
        for n in range(lines // 2)
    )
    return tuple(
        Change(f"/home/ada/churn/src/module_{n:02}.py", "update", diff) for n in range(files)
    )


def asking(*asked: Request, entries: tuple[object, ...] = ()) -> Document:
    """A turn that waits for the answers to these requests."""
    return document(Turn(state="running", settings=SETTINGS, entries=entries, requests=asked))  # type: ignore[arg-type]


def of_many_files(number: int = 17) -> Document:
    """The approval of a patch of many files, with its row."""
    changes = patch_of(number)
    item = FileChange("patch", changes=changes)
    asked = rq.FileChangeRequest(
        "r", item_id="patch", changes=changes, paths=tuple(c.path for c in changes)
    )
    return asking(asked, entries=(item,))


def of_cells() -> Document:
    """The approval of changes of cells, some of which may be left out."""
    changes = (
        Change("cell [3]", "update", "@@ -1,2 +1,2 @@\n prices = load()\n-print(prices) # debug\n+prices\n"),
        Change("new Markdown cell at the top", "add", "# Prices\n"),
        Change("code cell 9", "delete", "x = 1\n"),
        Change("Markdown cell 4", "update", "", "after cell [3]"),
    )  # fmt: skip
    return asking(
        rq.KernelRequest(
            "r",
            action="edit",
            tool="edit_cells",
            changes=changes,
            notebook="work/prices.ipynb",
            reason="A title, and no output that only helped to debug.",
        )
    )


LONG = (
    "/bin/bash -lc 'python -m pytest tests/unit tests/contract --maxfail=3 --durations=10 -p no:cacheprovider "
    "--basetemp=/tmp/a_folder_with_a_very_long_name_that_has_no_blank_in_it_at_all_and_goes_on_and_on "
    "&& git diff --stat HEAD~3 -- src/churn/load.py src/churn/features.py | tee report.txt'"
)


def of_a_long_command() -> Document:
    """The approval of a long command, with its row."""
    item = Command("command", command=LONG)
    return asking(
        rq.CommandRequest(
            "r", item_id="command", command=LONG, cwd="/home/ada/churn", reason="to check"
        ),
        entries=(item,),
    )


#: What a page shows: a turn, or the panel that signs in.
State = Document | SignInView
_WEB = (
    "https://auth.example.org/authorize?response_type=code&client_id=app_EMoamEEZ73f0CkXaXp7hrann&state="
    + "s3cr3t" * 20
)


def signing_in() -> dict[str, State]:
    """The faces of the panel that signs in."""
    views = (
        SignInView(offline="offline model", env_key="OPENAI_API_KEY"),
        SignInView("starting"),
        SignInView(
            "browser",
            url=_WEB,
            remote=True,
            message="That address is not the one.",
            hint="Copy all of it.",
        ),
        SignInView(
            "device",
            url="https://auth.example.org/device",
            user_code="ABCD-1234",
            until_ms=1_900_000_000_000,
        ),
        SignInView(
            "key", message="The key was refused.", hint="Type it again.", file="~/.codex/auth.json"
        ),
        SignInView(
            "done",
            account="Signed in with ChatGPT as ada@example.org (plus)",
            after="Run this cell again.",
        ),
    )
    return {f"sign-in-{view.state}": view for view in views}


def states() -> dict[str, State]:
    """All of them by name. Every row is alone in its transcript, and unfolded."""
    head = Header(
        parts=(
            ("model", "gpt-5.5 medium"),
            ("sandbox", "workspace-write ~/churn"),
            ("kernel", "kernel read"),
            ("approval", "ask"),
        ),
        offline="offline model",
    )
    made: dict[str, State] = {
        name: Document(
            head,
            (replace(block, fold="never", open=True),),
            Footer("ok", "4 s"),
            ended=True,
            files=FILES,
        )
        for name, block in samples.BLOCKS.items()
    }
    made |= {f"asks-{type(each).__name__}-{at}": asking(each) for at, each in enumerate(requests())}
    made |= {
        "patch-of-17": of_many_files(),
        "long-command": of_a_long_command(),
        "cells": of_cells(),
        "running": samples.running(),
        "background": replace(
            samples.running(), footer=replace(samples.running().footer, notify=3)
        ),
        "finished": replace(samples.finished(), files=FILES),
        "everything": replace(samples.everything(ended=True), files=FILES),
    }
    return made | signing_in()


Colours = Literal["light", "dark"]


@cache
def _rules_of_jupyterlab() -> str:
    """JupyterLab's own rules for rendered html, from its bundle: what is saved stands under them."""
    (bundle,) = _SHARED.glob("static/jlab_core.*.js")
    ends = bundle.read_text().split("}")  # one expression over the megabytes takes many seconds
    rules = [
        "{".join(end.rsplit("{", 2)[-2:]) + "}"
        for end in ends
        if ".jp-RenderedHTMLCommon" in end.rpartition("{")[0].rpartition("{")[2]
    ]
    found = "".join(rule.replace("\\n", "\n") for rule in rules if len(rule) < 2_000)
    assert ":not(pre) > code" in found
    return re.sub(r"/\*.*?\*/", "", found, flags=re.DOTALL)


@contextmanager
def sheet(chromium: Browser, look: Look, shown: Mapping[str, State]) -> Iterator[Page]:
    """A page with these states, one below the other, each in an element with its name as id."""
    scheme: Colours = "light" if "light" in THEMES[look.theme] else "dark"
    page = chromium.new_page(
        viewport={"width": look.width, "height": 900},
        color_scheme=scheme,
        forced_colors="active" if look.theme == "forced-colors" else "none",
    )
    colours = (_SHARED / "themes/@jupyterlab" / THEMES[look.theme] / "index.css").read_text()
    sheet = _PANEL.read_text() if look.live else _rules_of_jupyterlab()
    parts = "".join(
        f'<section id="{name}"><h6>{name}</h6>{_drawn(each, look.live)}</section>'
        for name, each in shown.items()
    )
    try:
        page.set_content(
            f"<!doctype html><style>{colours}</style><style>{sheet}</style>"
            "<style>body { margin: 0 8px; background: var(--jp-layout-color0); color: var(--jp-content-font-color1) }"
            "section { margin-bottom: 24px } h6 { margin: 0; color: var(--jp-content-font-color1); font: 11px monospace }</style>"
            f'<body class="jp-ThemedContainer" data-jp-theme-name="{NAMES[look.theme]}" data-jp-theme-light="{"true" if scheme == "light" else "false"}">{parts}'
        )
        yield page
    finally:
        page.close()


def _drawn(each: State, live: bool) -> str:
    if isinstance(each, SignInView):
        if live:
            return (
                f'<div class="cj cj-panel"><div class="cj-blocks">{login.block(each)}</div></div>'
            )
        each = login.outcome(each)
    drawn = html.document(each, live=live)
    if live:
        return drawn.replace('class="cj ', 'class="cj cj-panel ', 1)
    return f'<div class="jp-RenderedHTMLCommon jp-RenderedHTML">{drawn}</div>'
