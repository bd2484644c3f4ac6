"""The anywidget under every panel: the bundle and custom messages, nothing else.

Its traits hold no part of a turn, so no text and no secret can be saved with the widget's state; ``panel_id`` is a
random name. Importing this imports ipywidgets and anywidget; only a page needs that.
"""

from __future__ import annotations

import os
import pathlib

import anywidget
import traitlets

STATIC = pathlib.Path(__file__).parents[2] / "static"


class PanelWidget(anywidget.AnyWidget):
    """One panel in the page; see ``docs/protocol.md`` for what it says and hears."""

    _esm = STATIC / "panel.js"
    _css = STATIC / "panel.css"
    #: Names the class of the saved copy that this panel's views may cover; the widget's own id.
    panel_id = traitlets.Unicode().tag(sync=True)


if os.environ.get("ANYWIDGET_HMR") != "1":
    # What tells a panel that a file has changed, as ``make dev`` wants it, belongs to the class and keeps every panel that was
    # ever made; so they are given the text.
    PanelWidget._esm = str(PanelWidget._esm)  # type: ignore[assignment]
    PanelWidget._css = str(PanelWidget._css)  # type: ignore[assignment]
