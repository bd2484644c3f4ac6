"""A login issuer that the real runtime signs in to, without the internet or an account.

It stands where the sign-in service would: TLS with a certificate authority of its own, on the loopback interface. It
has one account to give, consents by itself (or when a test says so), checks what a real issuer checks (the redirect
address, PKCE, that a code is spent once), and fails on request. Everything it was asked is in :attr:`LoginIssuer.asked`,
every secret it gave out in :attr:`LoginIssuer.secrets`, so that a test can look for leaks.

The certificates come from the small library ``trustme``, which ``codex-jupyter[offline]`` installs.

Example::

    with LoginIssuer() as issuer:
        ...                                  # start a runtime with issuer.env and issuer.config_overrides
        issuer.visit(auth_url)               # what a browser does with the link
        issuer.approve(user_code)            # what a person does on the device page
"""

from __future__ import annotations

import json
import ssl
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codex_jupyter import places

from .grants import Account, Answer, Grants
from .loopback import Handler, LoopbackServer

PLACES = {
    "authorize": "/oauth/authorize",
    "usercode": "/api/accounts/deviceauth/usercode",
    "device token": "/api/accounts/deviceauth/token",
    "device page": "/codex/device",
    "token": "/oauth/token",
    "refresh": "/oauth/token",
    "revoke": "/oauth/revoke",
    "accounts": "/backend-api/wham/accounts/check",
    "usage": "/backend-api/wham/usage",
}
"""What :meth:`LoginIssuer.fail` can break, and where the runtime asks for it."""


@dataclass(frozen=True)
class Asked:
    """One request to the issuer.

    Attributes:
        place: a name in :data:`PLACES`, or ``""`` for a page it does not have.
        method: ``GET`` or ``POST``.
        path: with the query.
        body: the fields of a form or of a JSON object.
        status: what it was answered.
    """

    place: str
    method: str
    path: str
    body: Mapping[str, Any] = field(repr=False)
    status: int


class LoginIssuer:
    """The issuer. Start it with :meth:`start` or ``with``; it can be started once.

    Args:
        account: who signs in.
        consent: what its page does with a browser: ``"grant"`` sends it on at once, ``"ask"`` shows a page with two
            links, ``"deny"`` sends it on with a refusal.

    Attributes:
        grants: its account, limits and consent, which may be changed between sign-ins.

    Raises:
        ModuleNotFoundError: ``trustme`` is not installed.
    """

    def __init__(self, account: Account | None = None, *, consent: str = "grant") -> None:
        self.grants = Grants(account or Account(), consent)
        self._guard = threading.Lock()
        self._asked: list[Asked] = []
        self._failures: dict[str, Answer] = {}
        self._authority = _authority()
        self._server: LoopbackServer | None = None
        self._folder: places.PrivateFolder | None = None
        self._port = 0

    # -- life --------------------------------------------------------------------------------------

    def start(self) -> LoginIssuer:
        """Listen, and return this issuer."""
        if self._port:
            raise RuntimeError("this issuer was started before; make a new one")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
        self._folder = places.fresh("issuer")
        self._authority.cert_pem.write_to_path(str(self.ca_file))
        self._server = LoopbackServer(_Pages, self, context)
        self._port = self._server.server_port
        self.grants.url = self.url
        return self

    def close(self) -> None:
        """Stop listening and remove the certificate. Harmless when repeated."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        if self._folder is not None:
            self._folder.close()

    def __enter__(self) -> LoginIssuer:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.close()

    # -- what a runtime needs ----------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"https://localhost:{self._port}"

    @property
    def ca_file(self) -> Path:
        """The certificate that a client must trust, as PEM."""
        assert self._folder is not None, "start the issuer first"
        return self._folder.path / "ca.pem"

    @property
    def env(self) -> dict[str, str]:
        """The environment variables that make the runtime sign in here."""
        return {
            "CODEX_APP_SERVER_LOGIN_ISSUER": self.url,
            "CODEX_CA_CERTIFICATE": str(self.ca_file),
            "CODEX_REFRESH_TOKEN_URL_OVERRIDE": f"{self.url}/oauth/token",
            "CODEX_REVOKE_TOKEN_URL_OVERRIDE": f"{self.url}/oauth/revoke",
        }

    @property
    def settings(self) -> dict[str, Any]:
        """The runtime's settings that go with :attr:`env`, by dotted name."""
        return {"chatgpt_base_url": f"{self.url}/backend-api/"}

    @property
    def config_overrides(self) -> tuple[str, ...]:
        """:attr:`settings` as ``key=value``."""
        return tuple(f"{name}={json.dumps(value)}" for name, value in self.settings.items())

    # -- what a person and a browser do ------------------------------------------------------------

    def visit(self, url: str, timeout: float = 20) -> str:
        """Open ``url`` as a browser would, follow where it leads, and say where that ended.

        With the link of a browser login this signs in: the issuer's page sends the browser to the runtime's callback.

        Raises:
            OSError: nobody answers at the end; ``urllib.error.HTTPError`` when somebody refuses.
        """
        with self._browser().open(url, timeout=timeout) as page:
            page.read()
            return page.geturl()

    def post(self, url: str, form: str, timeout: float = 20) -> str:
        """Send a form, as a browser would, and return the page that answers."""
        with self._browser().open(url, form.encode(), timeout=timeout) as page:
            return page.read().decode()

    def callback(self, auth_url: str, timeout: float = 20) -> str:
        """The address the issuer's page sends the browser to, without going there.

        It is what a person finds in the address bar when the kernel runs on another machine.
        """
        try:
            with self._browser(_Stay()).open(auth_url, timeout=timeout) as page:
                return page.geturl()
        except urllib.error.HTTPError as moved:
            with moved:
                if moved.code not in (301, 302, 303, 307, 308):
                    raise
                return moved.headers["location"]

    def _browser(self, *handlers: urllib.request.BaseHandler) -> urllib.request.OpenerDirector:
        trusting = ssl.create_default_context(cafile=str(self.ca_file))
        return urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=trusting),
            *handlers,
        )

    def approve(self, user_code: str) -> None:
        """Consent to a device code, as a person does on the device page.

        Raises:
            KeyError: it was never issued.
        """
        with self._guard:
            self.grants.settle(user_code, "approved")

    def deny(self, user_code: str) -> None:
        """Refuse a device code.

        Raises:
            KeyError: it was never issued.
        """
        with self._guard:
            self.grants.settle(user_code, "denied")

    def expire(self, user_code: str) -> None:
        """Let a device code run out.

        Raises:
            KeyError: it was never issued.
        """
        with self._guard:
            self.grants.settle(user_code, "expired")

    # -- what a test switches and reads ------------------------------------------------------------

    def fail(self, place: str, status: int, body: Any = None) -> None:
        """Answer every request at ``place`` (a name in :data:`PLACES`) with this status, until :meth:`mend`.

        Raises:
            KeyError: there is no such place.
        """
        if place not in PLACES:
            raise KeyError(f"no place {place!r}; known: {', '.join(PLACES)}")
        with self._guard:
            self._failures[place] = Answer(status, {} if body is None else body)

    def mend(self, place: str | None = None) -> None:
        """Answer properly again, at ``place`` or everywhere."""
        with self._guard:
            for each in [place] if place else list(self._failures):
                self._failures.pop(each, None)

    @property
    def asked(self) -> list[Asked]:
        """What it was asked so far, oldest first."""
        with self._guard:
            return list(self._asked)

    @property
    def secrets(self) -> list[str]:
        """Every code and token it gave out, and every state and verifier it saw. None of them may be kept anywhere."""
        with self._guard:
            return list(dict.fromkeys(self.grants.secrets))

    # -- answers -----------------------------------------------------------------------------------

    def answer(self, place: str, query: Mapping[str, str], body: Mapping[str, Any]) -> Answer:
        """What the page at ``place`` says."""
        with self._guard:
            grants = self.grants
            answers: dict[str, Callable[[], Answer]] = {
                "authorize": lambda: grants.authorize(query),
                "usercode": grants.user_code,
                "device page": lambda: grants.device_page(body),
                "device token": lambda: grants.device_token(body),
                "token": lambda: grants.token(body),
                "refresh": lambda: grants.refresh(body),
                "revoke": lambda: grants.revoke(body),
                "accounts": grants.accounts,
                "usage": grants.usage,
            }
            return self._failures.get(place) or answers[place]()

    def note(self, asked: Asked) -> None:
        """Remember what was asked."""
        with self._guard:
            self._asked.append(asked)


class _Pages(Handler):
    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        self._serve(_fields(self.read_body(), self.headers.get("content-type") or ""))

    def _serve(self, body: Mapping[str, Any]) -> None:
        issuer: LoginIssuer = self.server.owner
        url = urllib.parse.urlsplit(self.path)
        place = _place(url.path, body)
        if place:
            answer = issuer.answer(place, dict(urllib.parse.parse_qsl(url.query)), body)
        else:
            answer = Answer(404, {"error": "the offline issuer has no such page"})
        issuer.note(Asked(place, self.command, self.path, body, answer.status))
        if answer.to:
            self.send_whole(answer.status, b"", {"location": answer.to})
        elif answer.page:
            headers = {"content-type": "text/html; charset=utf-8"}
            self.send_whole(answer.status, answer.page.encode(), headers)
        else:
            self.send_json(answer.status, answer.value)


class _Stay(urllib.request.HTTPRedirectHandler):
    """Does not follow."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _authority() -> Any:
    try:
        import trustme
    except ModuleNotFoundError as problem:
        raise ModuleNotFoundError(
            "the offline login issuer needs the package trustme: pip install 'codex-jupyter[offline]'"
        ) from problem
    return trustme.CA()


def _place(path: str, body: Mapping[str, Any]) -> str:
    if path == PLACES["refresh"] and body.get("grant_type") == "refresh_token":
        return "refresh"
    return next((place for place, where in PLACES.items() if where == path), "")


def _fields(body: bytes, content_type: str) -> dict[str, Any]:
    text = body.decode("utf-8", "replace")
    if "json" in content_type:
        try:
            found = json.loads(text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}
    return dict(urllib.parse.parse_qsl(text))
