"""What is hidden, and what is not hidden by mistake."""

from __future__ import annotations

import pandas as pd
import pytest

from codex_jupyter.core.secrets import Cleaner, secret_name, secret_value
from codex_jupyter.objects.details import describe
from codex_jupyter.objects.variables import list_names, listing_text
from codex_jupyter.session.gate import cleaner_of


@pytest.mark.parametrize(
    "name",
    [
        "API_KEY",
        "OPENAI_API_KEY",
        "apiKey",
        "api_key",
        "token",
        "GITHUB_TOKEN",
        "authToken",
        "password",
        "db_password",
        "DBPassword",
        "secret",
        "client_secret",
        "AWS_SECRET_ACCESS_KEY",
        "private_key",
        "passphrase",
        "credentials",
        "cookie",
        "DATABASE_URL",
        "connection_string",
        "dsn",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "df",
        "key",
        "keys",
        "primary_key",
        "tokens",
        "n_tokens",
        "token_count",
        "tokenizer",
        "monkey",
        "turkey",
        "author",
        "passenger",
        "password_length",
        "x",
    ],
)
def test_names_of_other_things(name: str) -> None:
    assert not secret_name(name)


@pytest.mark.parametrize(
    "value",
    [
        "sk-proj-abcdefghij0123456789",
        "ghp_" + "a1B2" * 9,
        "AKIAIOSFODNN7EXAMPLE",
        "xoxb-123456789012-abcdef",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
        "postgres://ada:correct-horse@db.example/churn",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow",
        "Authorization: Bearer abcdefghijklmnop123",
    ],
)
def test_shapes_of_secrets(value: str) -> None:
    assert secret_value(value)
    told = Cleaner().text(f"it is {value} indeed")
    assert "[hidden]" in told
    assert value not in told


@pytest.mark.parametrize(
    "value", ["sk-learn", "https://example.com/a:b", "hello@example.com", "eyJ", "a" * 64]
)
def test_shapes_of_other_things(value: str) -> None:
    assert Cleaner().text(value) == value


def test_values_of_the_environment_and_of_variables_are_hidden_wherever_they_appear() -> None:
    redactor = cleaner_of(
        {"DB_PASSWORD": "correct-horse-9", "HOME": "/home/ada"}, {"API_KEY": "Battery-Staple-7"}
    )
    told = redactor.text("HOME is /home/ada, try correct-horse-9 or Battery-Staple-7")
    assert told == "HOME is /home/ada, try [hidden] or [hidden]"
    assert "horse" not in repr(redactor)


def test_assignments_and_environment_files_lose_their_values() -> None:
    source = 'API_KEY = "abcd1234"\nname = "Ada Lovelace"\nconfig = {"password": \'hunter22\', "user": "ada"}\ntokens = "a b c d"'
    assert Cleaner().text(source) == (
        'API_KEY = "[hidden]"\nname = "Ada Lovelace"\nconfig = {"password": \'[hidden]\', "user": "ada"}\ntokens = "a b c d"'
    )
    assert (
        Cleaner().text("DB_PASSWORD=horse battery\nPATH=/bin") == "DB_PASSWORD=[hidden]\nPATH=/bin"
    )


def test_a_listing_shows_no_secret() -> None:
    key = "sk-proj-abcdefghij0123456789"
    told = listing_text(
        list_names(
            {
                "API_KEY": "short",
                "client": {"token": "t-1", "url": "u"},
                "line": f"key {key}",
                "n_tokens": 5,
                "password": 3,
            }
        )
    )
    assert "short" not in told
    assert "t-1" not in told
    assert key not in told
    assert "n_tokens: int; 5" in told
    assert "password: int; 3" in told


def test_half_a_key_at_the_edge_of_a_preview_is_not_shown() -> None:
    key = "sk-proj-abcdefghij0123456789"
    for before in range(40, 130, 5):
        assert "sk-proj" not in listing_text(list_names({"note": "x" * before + " " + key}))


class Config(dict[str, str]):
    """A dictionary of the user's own."""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("secrets['name']", "hunter22"),
        ("credentials[0]", "hunter22"),
        ("credentials.user", "hunter22"),
        ("passwords", ["hunter22"]),
        ("api_keys", {"prod": "hunter22"}),
        ("environ", {b"DB_PASSWORD": b"hunter22"}),
        ("config", Config(password="hunter22")),
        ("df", pd.DataFrame({"a": [1]}, index=pd.Index(["hunter22"], name="password"))),
        ("index", pd.Index(["hunter22"], name="api_key")),
    ],
)
def test_a_secret_is_hidden_wherever_its_name_stands(name: str, value: object) -> None:
    assert "hunter22" not in describe(value, name)
    assert "hidden" in describe(value, name) or "looks like a secret" in describe(value, name)
    assert "hunter22" not in listing_text(list_names({name: value}))


def test_what_lies_beside_a_secret_is_shown() -> None:
    assert "Ada" in describe("Ada", "config['name']")
    assert "7" in describe(7, "secrets['port']")
