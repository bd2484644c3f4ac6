"""The way back of a browser sign-in whose browser runs on another machine.

The browser ends on ``http://localhost:1455/auth/callback?code=...&state=...``, which it cannot reach. The person pastes
that address, and it is fetched from here: only from the loopback host and port of this attempt, only with this
attempt's state, following the runtime's own redirect and no other. No message here contains the address.
"""

from __future__ import annotations

import hmac
import http.client
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from codex_jupyter.errors import UserError

#: Seconds for one exchange with the runtime's callback; it asks the issuer meanwhile.
PATIENCE = 30.0

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "::1")
_REDIRECTS = 3


class CallbackError(UserError):
    """The pasted address does not belong to this attempt, or the runtime refused it."""


@dataclass(frozen=True, slots=True, repr=False)
class Callback:
    """Where a sign-in comes back to: its loopback port, its path and its state."""

    port: int
    path: str
    state: str

    def __repr__(self) -> str:
        return f"Callback(port={self.port})"

    @classmethod
    def of(cls, auth_url: str) -> Callback | None:
        """The callback named in an authorization address, or None when it names none on this machine."""
        query = parse_qs(urlsplit(auth_url).query)
        target = urlsplit(query.get("redirect_uri", [""])[0])
        state = query.get("state", [""])[0]
        try:
            port = target.port
        except ValueError:
            return None
        if target.scheme != "http" or target.hostname not in _LOOPBACK or not port or not state:
            return None
        return cls(port, target.path or "/", state)

    def accept(self, pasted: str) -> str:
        """The path and query to fetch for a pasted address.

        Raises:
            CallbackError: it is no address, or not of this attempt.
        """
        try:
            pasted.encode()  # half a character, as a broken clipboard leaves it
            address = urlsplit(pasted.strip().strip("<>\"'"))
            port = address.port
        except ValueError:
            raise CallbackError("This is not an address.", _PASTE) from None
        if address.scheme != "http" or not address.hostname:
            raise CallbackError("This is not the address the browser ended on.", _PASTE)
        if address.hostname not in _LOOPBACK or address.username or address.password:
            raise CallbackError("This address does not lead to this machine.", _PASTE)
        if port != self.port or address.path != self.path:
            raise CallbackError("This address is not the one of this sign-in.", _PASTE)
        query = parse_qs(address.query, keep_blank_values=True)
        state = query.get("state", [])
        if len(state) != 1 or not hmac.compare_digest(
            state[0].encode("utf-8", "replace"), self.state.encode()
        ):
            raise CallbackError(
                "This address belongs to another sign-in: its state is not ours.",
                "Open the link of this sign-in, and paste where that one ends.",
            )
        kept = {
            name: query[name][0]
            for name in ("code", "state", "error", "error_description", "scope")
            if name in query
        }
        if "code" not in kept and "error" not in kept:
            raise CallbackError("This address carries no answer.", _PASTE)
        return f"{self.path}?{urlencode(kept, errors='replace')}"

    def relay(self, target: str) -> None:
        """Fetch ``target`` (from ``accept``) from the runtime's callback and follow its redirect. Blocks.

        Raises:
            CallbackError: nobody listens any more, or the runtime refused.
        """
        for _ in range(_REDIRECTS):
            status, location = self._fetch(target)
            if status in (301, 302, 303, 307, 308):
                step = self._own(location)
                if step is None:
                    return  # it leads to a page for people; the answer was delivered
                target = step
                continue
            if status >= 400:
                raise CallbackError(
                    f"The sign-in refused this address (HTTP {status}).",
                    "Start again with %codex login.",
                )
            return

    def _fetch(self, target: str) -> tuple[int, str]:
        # http.client on purpose: it knows no proxies and follows nothing by itself.
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", target, headers={"Host": f"127.0.0.1:{self.port}"})
            response = connection.getresponse()
            response.read(1 << 16)
            return response.status, response.headers.get("Location") or ""
        except (OSError, http.client.HTTPException):
            raise CallbackError(
                "Nobody waits for this address any more.", "Start again with %codex login."
            ) from None
        finally:
            connection.close()

    def _own(self, location: str) -> str | None:
        """The path and query of a redirect that stays with the runtime's callback, else None."""
        try:
            address = urlsplit(location)
            port = address.port
        except ValueError:
            return None
        if address.scheme and (address.hostname not in _LOOPBACK or port != self.port):
            return None
        query = f"?{address.query}" if address.query else ""
        return f"{address.path or '/'}{query}"


_PASTE = "Paste the whole address from the browser's address bar; it begins with http://localhost:"
