"""What the login issuer knows: its account, and the codes and tokens on their way.

The rules of OAuth with PKCE and of device codes, as far as the runtime relies on them. No sockets
and no threads: the issuer calls it with its lock held.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
import time
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_AUTH_CLAIM = "https://api.openai.com/auth"
_TOKEN_LIFETIME = 3600


@dataclass(frozen=True)
class Account:
    """Who signs in.

    Attributes:
        email: as the runtime shows it.
        plan: ``plus``, ``pro``, ``team``, ...
        account_id: the workspace.
    """

    email: str = "ada@example.com"
    plan: str = "plus"
    account_id: str = "acc-offline"


@dataclass(frozen=True)
class Limits:
    """What the account has used.

    Attributes:
        primary: per cent of the short window.
        secondary: per cent of the long one.
        resets_in: seconds until the short window starts afresh.
    """

    primary: int = 42
    secondary: int = 5
    resets_in: int = 3600


@dataclass(frozen=True)
class Answer:
    """A status with JSON, a page, or an address to go to."""

    status: int
    value: Any = None
    page: str = ""
    to: str = ""


@dataclass
class _Grant:
    """A code on its way to become tokens."""

    redirect_uri: str
    challenge: str


@dataclass
class _Device:
    """A device code, from its issue to its end."""

    user_code: str
    state: str = "pending"


class Grants:
    """One issuer's memory.

    Args:
        account: who signs in.
        consent: what the authorize page does.

    Attributes:
        url: the issuer's own address.
        account: may be replaced between sign-ins.
        limits: what the account has used; may be replaced.
        consent: ``"grant"``, ``"ask"`` or ``"deny"``.
        poll_seconds: what the runtime is told to wait between two questions about a device code.
        secrets: every code and token given out, and every state and verifier seen.
    """

    def __init__(self, account: Account, consent: str) -> None:
        self.url = ""
        self.account = account
        self.limits = Limits()
        self.consent = consent
        self.poll_seconds = 1
        self.secrets: list[str] = []
        self._grants: dict[str, _Grant] = {}
        self._devices: dict[str, _Device] = {}
        self._refreshable: set[str] = set()

    def settle(self, user_code: str, state: str) -> None:
        """Decide about a device code.

        Raises:
            KeyError: it was never issued.
        """
        for device in self._devices.values():
            if device.user_code == user_code:
                device.state = state
                return
        raise KeyError("no such device code was issued")

    def _secret(self, kind: str) -> str:
        value = f"{kind}-{secrets.token_urlsafe(24)}"
        self.secrets.append(value)
        return value

    def authorize(self, query: Mapping[str, str]) -> Answer:
        """Where the authorize page sends a browser. It refuses foreign redirects and a missing PKCE challenge."""
        target, state = query.get("redirect_uri", ""), query.get("state", "")
        host = urllib.parse.urlsplit(target).hostname
        if host not in ("localhost", "127.0.0.1"):
            return Answer(400, {"error": "invalid_request", "error_description": "redirect_uri"})
        if query.get("code_challenge_method") != "S256" or not query.get("code_challenge"):
            return Answer(400, {"error": "invalid_request", "error_description": "PKCE"})
        self.secrets.append(state)
        refusal = {
            "error": "access_denied",
            "error_description": "The user refused.",
            "state": state,
        }
        if self.consent == "deny":
            return Answer(302, to=f"{target}?{urllib.parse.urlencode(refusal)}")
        code = self._secret("code")
        self._grants[code] = _Grant(target, query["code_challenge"])
        granted = f"{target}?{urllib.parse.urlencode({'code': code, 'state': state})}"
        if self.consent == "ask":
            refused = f"{target}?{urllib.parse.urlencode(refusal)}"
            return Answer(200, page=_consent_page(self.account.email, granted, refused))
        return Answer(302, to=granted)

    def user_code(self) -> Answer:
        """A device code."""
        device_id = self._secret("device")
        letters = "BCDFGHJKLMNPQRSTVWXZ"
        user_code = "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in "ab")
        self.secrets.append(user_code)
        self._devices[device_id] = _Device(user_code)
        answer = {"device_auth_id": device_id, "user_code": user_code}
        return Answer(200, {**answer, "interval": str(self.poll_seconds)})

    def device_page(self, body: Mapping[str, Any]) -> Answer:
        """The page on which a person types a device code."""
        entered = str(body.get("user_code", "")).strip().upper()
        if not entered:
            return Answer(200, page=_DEVICE_PAGE)
        for device in self._devices.values():
            if device.user_code == entered and device.state == "pending":
                device.state = "approved" if self.consent != "deny" else "denied"
                return Answer(200, page=_page(f"Device {device.state}", "You may close this page."))
        return Answer(400, page=_page("Unknown code", "No sign-in waits for this code."))

    def device_token(self, body: Mapping[str, Any]) -> Answer:
        """Whether a device code was consented to: 403 while nobody has decided."""
        device = self._devices.get(str(body.get("device_auth_id")))
        if device is None or device.state == "expired":
            return Answer(400, {"error": "expired_token"})
        if device.state == "denied":
            return Answer(400, {"error": "access_denied"})
        if device.state == "pending":
            return Answer(403, {"error": "authorization_pending"})
        verifier, code = self._secret("verifier"), self._secret("code")
        challenge = _challenge(verifier)
        self._grants[code] = _Grant(f"{self.url}/deviceauth/callback", challenge)
        answer = {
            "authorization_code": code,
            "code_verifier": verifier,
            "code_challenge": challenge,
        }
        return Answer(200, answer)

    def token(self, body: Mapping[str, Any]) -> Answer:
        """Tokens for a code; a code is spent once, and only by who holds its verifier."""
        if body.get("grant_type") != "authorization_code":
            return Answer(400, {"error": "unsupported_grant_type"})
        verifier = str(body.get("code_verifier"))
        self.secrets.append(verifier)
        grant = self._grants.pop(str(body.get("code")), None)
        if (
            grant is None
            or grant.redirect_uri != body.get("redirect_uri")
            or grant.challenge != _challenge(verifier)
        ):
            return Answer(400, {"error": "invalid_grant"})
        return Answer(200, self._tokens())

    def refresh(self, body: Mapping[str, Any]) -> Answer:
        """New tokens for a refresh token, which is spent by it."""
        token = str(body.get("refresh_token"))
        if token not in self._refreshable:
            return Answer(401, {"error": {"code": "refresh_token_invalidated"}})
        self._refreshable.discard(token)
        return Answer(200, self._tokens())

    def _tokens(self) -> dict[str, Any]:
        refresh = self._secret("refresh")
        self._refreshable.add(refresh)
        return {
            "id_token": self._jwt("id"),
            "access_token": self._jwt("access"),
            "refresh_token": refresh,
            "token_type": "Bearer",
            "expires_in": _TOKEN_LIFETIME,
        }

    def _jwt(self, kind: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": "user-offline",
            "iat": now,
            "exp": now + _TOKEN_LIFETIME,
            "jti": secrets.token_hex(8),
            "use": kind,
            "email": self.account.email,
            _AUTH_CLAIM: {
                "chatgpt_account_id": self.account.account_id,
                "chatgpt_plan_type": self.account.plan,
                "chatgpt_user_id": "user-offline",
                "user_id": "user-offline",
            },
        }
        parts = ({"alg": "none", "typ": "JWT"}, claims)
        token = ".".join([*(_base64(json.dumps(part).encode()) for part in parts), "offline"])
        self.secrets.append(token)
        return token

    def revoke(self, body: Mapping[str, Any]) -> Answer:
        """Forget a refresh token."""
        self._refreshable.discard(str(body.get("token")))
        return Answer(200, {})

    def accounts(self) -> Answer:
        """The workspaces of the account: one."""
        unconstrained = "NO_CONSTRAINT"
        account = {
            "id": self.account.account_id,
            "name": "offline",
            "structure": "personal",
            "workspace_backend_origin": unconstrained,
            "account_routing_override": unconstrained,
        }
        listed = {
            "accounts": [account],
            "account_ordering": [self.account.account_id],
            "default_account_id": self.account.account_id,
        }
        return Answer(200, listed)

    def usage(self) -> Answer:
        """What the account has used of its limits."""
        now, limits = int(time.time()), self.limits

        def window(used: int, seconds: int, resets_in: int) -> dict[str, int]:
            return {
                "used_percent": used,
                "limit_window_seconds": seconds,
                "reset_after_seconds": resets_in,
                "reset_at": now + resets_in,
            }

        used = {
            "plan_type": self.account.plan,
            "rate_limit": {
                "allowed": limits.primary < 100,
                "limit_reached": limits.primary >= 100,
                "primary_window": window(limits.primary, 5 * 3600, limits.resets_in),
                "secondary_window": window(limits.secondary, 7 * 86400, limits.resets_in),
            },
            "credits": {"has_credits": False, "unlimited": False, "balance": "0"},
        }
        return Answer(200, used)


def _challenge(verifier: str) -> str:
    return _base64(hashlib.sha256(verifier.encode()).digest())


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _page(title: str, body: str) -> str:
    return f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>{body}"


def _consent_page(email: str, granted: str, refused: str) -> str:
    return _page(
        "Offline sign-in",
        f"<p>This page stands in for the real one. Sign in as {html.escape(email)}?</p>"
        f'<p><a id="grant" href="{html.escape(granted)}">Sign in</a> '
        f'<a id="refuse" href="{html.escape(refused)}">Refuse</a></p>',
    )


_DEVICE_PAGE = _page(
    "Offline device sign-in",
    '<form method="post"><label>Code <input name="user_code" autocomplete="off"></label> '
    '<button id="grant">Sign in</button></form>',
)
