"""Who is signed in, what is left, and how to tell that somebody else changed it. How one signs in is ``sign_in.py``.

A runtime never notices a sign-in made by another process (measured), so ``auth_signature`` tells when ``auth.json``
changed and a new runtime is needed. No secret passes through here.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from codex_jupyter.core.json_fields import Json, table, text, yes

#: Where the runtime keeps a sign-in: ``ephemeral`` in its memory only, ``file`` in ``$CODEX_HOME/auth.json`` (0600).
Store = Literal["ephemeral", "file"]


@dataclass(frozen=True, slots=True)
class Account:
    """``kind``: chatgpt, apiKey, chatgptAuthTokens, ... as the runtime names it, or ``""`` when nobody is signed in.

    ``needed`` says that the model provider asks for an account: with ``kind == ""`` no turn can work.
    """

    kind: str = ""
    email: str = ""
    plan: str = ""
    needed: bool = False

    @property
    def missing(self) -> bool:
        """True when a turn cannot work for want of an account."""
        return self.needed and not self.kind


def account_of(wire: object) -> Account:
    """The account that the answer to ``account/read`` describes. Total."""
    source = table(wire)
    who = table(source.get("account"))
    return Account(
        kind=text(who, "type"),
        email=text(who, "email"),
        plan=text(who, "planType"),
        needed=yes(source, "requiresOpenaiAuth"),
    )


def store_override(store: Store) -> str:
    """The ``config_overrides`` entry of a ``Launch`` whose runtime keeps sign-ins there.

    With ``ephemeral`` the runtime does not see a sign-in in ``auth.json`` either, and its own ends with it.
    """
    return f'cli_auth_credentials_store="{store}"'


def store_of(config: Json) -> str:
    """Where the runtime keeps sign-ins: ``file``, ``keyring``, ``auto`` (a keyring where there is one), ``ephemeral``."""
    return text(config, "cli_auth_credentials_store") or "file"


def written_store(codex_home: str | Path | None) -> str:
    """What ``config.toml`` says of that; for a runtime that was started with another store."""
    try:
        config = tomllib.loads(auth_file(codex_home).with_name("config.toml").read_text("utf-8"))
    except (OSError, ValueError):
        return "file"
    return store_of(config)


def auth_file(codex_home: str | Path | None) -> Path:
    """Where ``file`` keeps a sign-in."""
    home = codex_home or os.environ.get("CODEX_HOME") or Path.home() / ".codex"
    return Path(home) / "auth.json"


def auth_signature(codex_home: str | Path | None) -> tuple[int, int, int] | None:
    """What changes when somebody signs in or out: (mtime in ns, inode, size) of ``auth.json``, None without one.

    Compare two of them; the runtime itself rewrites the file when it signs in, signs out or refreshes a token.
    """
    try:
        status = auth_file(codex_home).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino, status.st_size


def auth_identity(codex_home: str | Path | None) -> str:
    """Who is signed in according to ``auth.json``: a digest that survives a refresh of tokens, ``""`` for nobody.

    It is a digest so that neither the key nor the address is kept by whoever compares two of them.
    """
    try:
        kept = table(json.loads(auth_file(codex_home).read_text("utf-8")))
    except (OSError, ValueError):
        return ""
    tokens = table(kept.get("tokens"))
    who = [
        text(kept, "OPENAI_API_KEY"),
        text(tokens, "account_id"),
        _subject(tokens.get("id_token")),
    ]
    return hashlib.sha256(json.dumps(who).encode()).hexdigest() if any(who) else ""


def auth_secrets(codex_home: str | Path | None) -> tuple[str, ...]:
    """The key and the tokens in ``auth.json``, to be hidden wherever they appear; keep them out of reprs and logs."""
    try:
        kept = table(json.loads(auth_file(codex_home).read_text("utf-8")))
    except (OSError, ValueError):
        return ()
    tokens = table(kept.get("tokens"))
    names = ("id_token", "access_token", "refresh_token")
    found = (text(kept, "OPENAI_API_KEY"), *(text(tokens, name) for name in names))
    return tuple(value for value in found if value)


def _subject(id_token: object) -> str:
    """Whom an id token names; its signature is the runtime's to check."""
    try:
        payload = str(id_token).split(".")[1]
        claims = table(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))
    except (IndexError, ValueError):
        return ""
    return text(claims, "email") or text(claims, "sub")
