"""What a page does while a test looks elsewhere: its messages, requests, errors, dialogs and navigations."""

from __future__ import annotations

import base64
import itertools
import json
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import CDPSession, ConsoleMessage, Dialog, Page
from playwright.sync_api import Frame as PageFrame

_LOCAL = ("127.0.0.1", "localhost", "::1", "")
_KERNEL_PROTOCOL = "/channels"


@dataclass(frozen=True)
class Frame:
    """A message that the kernel sent over the notebook's websocket."""

    seconds: float
    """When the browser got it, on the browser's own monotonic clock."""
    size: int
    """Bytes on the wire."""
    channel: str
    kind: str
    """The Jupyter message type, for example ``comm_msg``."""
    content: dict[str, Any]


class PageRecord:
    """Starts recording when it is made; every list is in order of arrival.

    Attributes:
        frames: what the kernel sent.
        outside: the addresses of requests that did not go to this machine.
        errors: uncaught exceptions of the page.
        console: the texts of ``console.error``.
        dialogs: the texts of ``alert`` and its like; each was dismissed.
        navigations: the addresses that the tab itself went to.
        popups: the addresses of windows that opened.
    """

    def __init__(self, page: Page) -> None:
        self.frames: list[Frame] = []
        self.outside: list[str] = []
        self.errors: list[str] = []
        self.console: list[str] = []
        self.dialogs: list[str] = []
        self.navigations: list[str] = []
        self.popups: list[str] = []
        self._kernel_sockets: set[str] = set()

        self._page = page
        self._listeners: dict[Any, Callable[[Any], None]] = {
            "request": lambda request: self._requested(request.url),
            "pageerror": lambda error: self.errors.append(str(error)),
            "console": self._said,
            "dialog": self._asked,
            "framenavigated": self._went,
            "popup": lambda popup: self.popups.append(popup.url),
        }
        for event, listener in self._listeners.items():
            page.on(event, listener)
        # The devtools protocol tells when a frame arrived; Playwright's own event, when Python heard of it.
        self._devtools: CDPSession = page.context.new_cdp_session(page)
        self._devtools.on("Network.webSocketCreated", self._connected)
        self._devtools.on("Network.webSocketFrameReceived", self._received)
        self._devtools.send("Network.enable")

    def forget(self) -> None:
        """Start afresh, for example once the page has loaded."""
        for kept in vars(self).values():
            if isinstance(kept, list):
                kept.clear()

    def end(self) -> None:
        """Record nothing more; the page goes on."""
        for event, listener in self._listeners.items():
            self._page.remove_listener(event, listener)
        self._devtools.detach()

    def count(self, channel: str = "iopub") -> Counter[str]:
        """How many messages of each type arrived on a channel."""
        return Counter(frame.kind for frame in self.frames if frame.channel == channel)

    def most_in_a_second(self, *kinds: str) -> int:
        """The largest number of messages (of these types) in any one second."""
        times = [f.seconds for f in self.frames if not kinds or f.kind in kinds]
        most = start = 0
        for end, when in enumerate(times):
            while when - times[start] >= 1.0:
                start += 1
            most = max(most, end - start + 1)
        return most

    @property
    def size(self) -> int:
        """The bytes that the kernel sent."""
        return sum(frame.size for frame in self.frames)

    def _requested(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about") and parts.hostname not in _LOCAL:
            self.outside.append(url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.console.append(message.text)

    def _went(self, frame: PageFrame) -> None:
        if frame.parent_frame is None:
            self.navigations.append(frame.url)

    def _asked(self, dialog: Dialog) -> None:
        self.dialogs.append(f"{dialog.type}: {dialog.message}")
        # A page that is left with unsaved work may ask; everything else is turned down.
        if dialog.type == "beforeunload":
            dialog.accept()
        else:
            dialog.dismiss()

    def _connected(self, event: dict[str, Any]) -> None:
        if _KERNEL_PROTOCOL in event["url"]:
            self._kernel_sockets.add(event["requestId"])

    def _received(self, event: dict[str, Any]) -> None:
        if event["requestId"] not in self._kernel_sockets:
            return
        response = event["response"]
        if response["opcode"] == 2:
            data = base64.b64decode(response["payloadData"])
            channel, header, content = _parts(data)
        else:
            data = response["payloadData"].encode()
            message = json.loads(data)
            channel, header, content = message["channel"], message["header"], message["content"]
        self.frames.append(
            Frame(event["timestamp"], len(data), channel, header["msg_type"], content)
        )


def _parts(data: bytes) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Take a message of the v1.kernel.websocket.jupyter.org protocol apart: channel, header, content."""
    (count,) = struct.unpack_from("<Q", data)
    offsets = struct.unpack_from(f"<{count}Q", data, 8)
    part = [data[a:b] for a, b in itertools.pairwise(offsets)]
    return part[0].decode(), json.loads(part[1]), json.loads(part[4])
