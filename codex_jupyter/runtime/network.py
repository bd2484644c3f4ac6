"""Why a provider cannot be reached. The runtime only says that it cannot, so its address is looked at from here.

A connection is opened as far as TLS and closed again; nothing is sent, nothing secret least of all. What it finds is a
name of ``core.causes`` and the system's own words. Blocking: for a thread.
"""

from __future__ import annotations

import os
import socket
import ssl
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass

from codex_jupyter.core.json_fields import Json, table, text

#: Seconds that each of the steps may take: the name, the connection, TLS.
PATIENCE = 5.0

#: Where the runtime sends what no provider of config.toml takes (0.163), by the kind of account.
_SIGNED_IN, _WITH_A_KEY = "https://chatgpt.com/backend-api/codex", "https://api.openai.com/v1"
_PORTS = {"http": 80, "https": 443}
#: OpenSSL's words for an answer that is no TLS.
_NO_TLS = frozenset(
    {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE"}
)


@dataclass(frozen=True, slots=True)
class Finding:
    """``cause`` is a name of ``core.causes``, ``""`` where nothing was found; ``detail`` says which host, and why."""

    cause: str = ""
    detail: str = ""


def address_of(config: Json, overrides: Mapping[str, object], account: str) -> str:
    """Where the runtime sends its requests.

    Args:
        config: the configuration in force, as ``Api.read_config`` has it.
        overrides: dotted keys that the conversation was given on top.
        account: ``chatgpt``, ``apiKey`` or ``""``.

    Example:
        >>> address_of({"model_provider": "x", "model_providers": {"x": {"base_url": "http://h/v1"}}}, {}, "")
        'http://h/v1'
        >>> address_of({}, {}, "chatgpt")
        'https://chatgpt.com/backend-api/codex'
    """
    provider = str(overrides.get("model_provider") or text(config, "model_provider") or "openai")
    named = overrides.get(f"model_providers.{provider}.base_url") or text(
        table(table(config.get("model_providers")).get(provider)), "base_url"
    )
    if named:
        return str(named)
    return _SIGNED_IN if account == "chatgpt" else _WITH_A_KEY


def look(address: str, environ: Mapping[str, str] = os.environ) -> Finding:
    """What keeps a connection from coming about.

    Args:
        address: of the provider.
        environ: the variables that name proxies and authorities, as the runtime has them.
    """
    parts = urllib.parse.urlsplit(address)
    host, secure = parts.hostname or "", parts.scheme == "https"
    try:
        port = parts.port or _PORTS.get(parts.scheme, 443)
    except ValueError:
        port = 0
    if not host or not port:
        return Finding("unknown-host", f"{address} is no address.")
    proxy = _proxy(parts.scheme, host, environ)
    if proxy is not None:  # what is behind it cannot be told from here
        return _connected(*proxy, secure=False, environ=environ, what="the proxy ")
    return _connected(host, port, secure=secure, environ=environ)


def _proxy(scheme: str, host: str, environ: Mapping[str, str]) -> tuple[str, int] | None:
    named = {key.lower(): value for key, value in environ.items() if key.lower().endswith("_proxy")}
    proxy = named.get(f"{scheme}_proxy") or named.get("all_proxy")
    if not proxy or _bypassed(host, named.get("no_proxy", "")):
        return None
    parts = urllib.parse.urlsplit(proxy if "//" in proxy else f"//{proxy}")
    try:
        return (parts.hostname, parts.port or 80) if parts.hostname else None
    except ValueError:
        return None


def _bypassed(host: str, exceptions: str) -> bool:
    """Whether ``NO_PROXY`` names a host, or a domain that it is in."""
    names = [name.strip().lstrip(".").lower() for name in exceptions.split(",")]
    return any(name == "*" or (name and f".{host.lower()}".endswith(f".{name}")) for name in names)


def _connected(
    host: str, port: int, *, secure: bool, environ: Mapping[str, str], what: str = ""
) -> Finding:
    where = f"{what}{host}:{port}"
    try:
        with socket.create_connection((host, port), PATIENCE) as plain:
            if secure:
                with _authorities(environ).wrap_socket(plain, server_hostname=host):
                    pass
    except ssl.SSLCertVerificationError as error:
        return Finding("certificate", f"{where}: {error.verify_message}.")
    except ssl.SSLError as error:
        plain_http = error.reason in _NO_TLS
        return Finding("plain-http" if plain_http else "", f"{where}: {error.reason or error}.")
    except socket.gaierror as error:
        return Finding("unknown-host", f"{what}{host}: {error.strerror}.")
    except OSError as error:
        return Finding("unreachable", f"{where}: {error.strerror or 'it does not answer'}.")
    return Finding()


def _authorities(environ: Mapping[str, str]) -> ssl.SSLContext:
    """Those that the runtime trusts: the system's, or those of the file that it is told of."""
    file = environ.get("CODEX_CA_CERTIFICATE") or environ.get("SSL_CERT_FILE") or None
    try:
        return ssl.create_default_context(cafile=file)
    except OSError:  # the file is not there, or holds no certificate
        return ssl.create_default_context()
