"""The window of the tests: tabs in use, and tabs whose JupyterLab waits for the next notebook."""

from __future__ import annotations

from collections import defaultdict

from playwright.sync_api import BrowserContext, Page

from tests.browser.lab_server import LabServer


class Tabs:
    """The tabs of one window. To load JupyterLab costs more than most tests do, so a tab serves one notebook after the other."""

    def __init__(self, window: BrowserContext) -> None:
        self._window = window
        self._idle: defaultdict[LabServer, list[Page]] = defaultdict(list)

    def new_page(self) -> Page:
        """A tab that nobody has used."""
        return self._window.new_page()

    def take(self, server: LabServer) -> Page | None:
        """A tab in which a server's JupyterLab is open and shows no notebook."""
        idle = self._idle[server]
        return idle.pop() if idle else None

    def give_back(self, server: LabServer, page: Page) -> None:
        """Keep a tab for the next notebook of this server."""
        self._idle[server].append(page)

    def close_idle(self) -> None:
        """Close the tabs that wait: what is about to happen to the window would be noticed in them, too, and told later."""
        for page in [page for pages in self._idle.values() for page in pages]:
            page.close(run_before_unload=False)
        self._idle.clear()

    @property
    def in_use(self) -> list[Page]:
        """The tabs that are open for a test, in the order in which they were opened first."""
        idle = [page for pages in self._idle.values() for page in pages]
        return [page for page in self._window.pages if page not in idle]
