"""Which names and values count as secrets. That commands do not see them is tests/contract/runtime/test_environment.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codex_jupyter.core.secrets import Cleaner, is_secret, secret_values
from codex_jupyter.core.secrets.names import matches
from codex_jupyter.runtime.environment import policy_overrides
from codex_jupyter.runtime.launch import Launch


@pytest.mark.parametrize(
    "name",
    [
        "OPENAI_API_KEY", "openai_api_key", "JUPYTERHUB_API_TOKEN", "JUPYTERHUB_CRYPT_KEY", "JPY_API_TOKEN", "DB_PASSWORD",
        "PGPASSWORD", "MYSQL_PWD", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AZURE_CLIENT_SECRET", "GITHUB_TOKEN",
        "GH_PAT", "HF_TOKEN", "SLACK_WEBHOOK", "GOOGLE_APPLICATION_CREDENTIALS", "NETRC_CREDENTIALS", "SENTRY_DSN",
        "DATABASE_URL", "REDIS_URL", "MONGODB_URI", "AZURE_STORAGE_CONNECTION_STRING", "SESSION_COOKIE",
    ],
)  # fmt: skip
def test_secret_names(name: str) -> None:
    assert is_secret(name, "whatever it is")


@pytest.mark.parametrize(
    "name",
    [
        "PATH", "HOME", "PWD", "OLDPWD", "LANG", "LC_ALL", "VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "SHELL",
        "PYTHONPATH", "TERM", "USER", "TZ", "SSH_AUTH_SOCK", "XDG_RUNTIME_DIR", "AWS_REGION", "OMP_NUM_THREADS",
        "CUDA_VISIBLE_DEVICES", "HTTPS_PROXY", "MPLBACKEND", "AWS_PROFILE", "AWS_DEFAULT_REGION", "AUTH_REGION",
        "JUPYTERHUB_USER", "JUPYTERHUB_SERVICE_PREFIX", "JUPYTERHUB_BASE_URL", "AZURE_CONFIG_DIR", "KEYRING_PROPERTY",
    ],
)  # fmt: skip
def test_needed_names(name: str) -> None:
    assert not is_secret(name, "whatever it is")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOKENIZERS_PARALLELISM", "false"), ("OPENAI_MAX_TOKENS", "4096"), ("SORT_KEY", "name"), ("AUTH_MODE", "ldap"),
        ("AUTH_ENDPOINT", "https://login.example.com/token"), ("KEYCLOAK_HOST", "https://id.example.com"),
        ("USE_SECRETS", "True"), ("DB_PASSWORD", ""), ("SSH_KEY_REQUIRED", "required"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_secret_is_none_whatever_its_name(name: str, value: str) -> None:
    assert not is_secret(name, value)
    assert secret_values({name: value}) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "postgres"), ("DB_PASSWORD", "123456"), ("PIN_SECRET", "abc"), ("OPENAI_API_KEY", "sk-a"),
        ("GITHUB_TOKEN", "12345678"), ("HF_TOKEN", "abc"), ("SLACK_WEBHOOK", "https://hooks.example.com/T0/B0/x"),
        ("AUTH_LINK", "https://id.example.com/?code=abc"), ("SENTRY_DSN", "https://abc.example.com/7"),
    ],
)  # fmt: skip
def test_what_can_be_a_secret_is_one(name: str, value: str) -> None:
    assert is_secret(name, value)


@pytest.mark.parametrize(
    ("name", "value", "hidden"),
    [
        ("DB_PASS", "hunter", False), ("AWS_CREDS", "AKIA/wJalr", True), ("DSN", "db.example;x=1", True),
        ("AUTHORIZATION", "Basic YWRhOg", True), ("DB_PASSWORD", "hunter2", True), ("DB_PASSWORD", "/Xy7abc+q", True),
        ("SECRET_KEY", "/Xy7+abc/def==", True), ("FRONTEND", "ghp_" + "a1" * 18, True), ("CONN", "Server=db;Pwd=hunter22;", True),
        ("OPTIONS", "--api-key abcd-1234-efgh", True), ("CONNSTR", "anything", True), ("SOME_PIN", "x-12", True),
    ],
)  # fmt: skip
def test_what_has_the_name_or_the_look_of_a_secret_is_neither_passed_nor_shown(
    name: str, value: str, hidden: bool, tmp_path: Path
) -> None:
    """A short plain word is hidden behind its name alone: everywhere else it occurs by chance."""
    assert is_secret(name, value)
    assert matches(name, excluded(Launch(codex_home=str(tmp_path)), {name: value}))
    shown = Cleaner(secret_values({name: value})).text(f"it is {value} here")
    assert (value not in shown) == hidden


@pytest.mark.parametrize(
    ("name", "value"),
    [("TOKEN_FILE", "/run/secrets/token"), ("AWS_CREDENTIALS", "~/.aws/credentials"), ("DB_PASSWORD", "/run/secrets/db.txt")],
)  # fmt: skip
def test_the_place_of_a_secret_is_shown(name: str, value: str) -> None:
    assert secret_values({name: value}) == ()


def test_an_address_with_a_password_is_a_secret_whatever_its_name() -> None:
    assert is_secret("BACKEND", "postgres://ada:pass-word@db/x")
    assert not is_secret("BACKEND", "postgres://db/x")
    assert secret_values({"BACKEND": "postgres://ada:pass-word@db/x"}) == (
        "postgres://ada:pass-word@db/x",
        "pass-word",
    )


def excluded(launch: Launch, environ: dict[str, str]) -> list[str]:
    ours = {k: v for k, _, v in (o.partition("=") for o in policy_overrides(launch, environ))}
    assert ours["shell_environment_policy.ignore_default_excludes"] == "true"
    return json.loads(ours["shell_environment_policy.exclude"])


def test_patterns_hide_what_comes_later_and_names_what_no_pattern_fits(tmp_path: Path) -> None:
    home = Launch(codex_home=str(tmp_path))
    hidden = excluded(home, {"BACKEND": "postgres://ada:pass-word@db/x", "PATH": "/bin"})
    assert "*TOKEN*" in hidden and "BACKEND" in hidden and "PATH" not in hidden


def test_an_allowed_name_takes_its_pattern_apart(tmp_path: Path) -> None:
    launch = Launch(codex_home=str(tmp_path), allowed_env=("HF_TOKEN",), env={"MORE_TOKEN": "x"})
    hidden = excluded(launch, {"HF_TOKEN": "a", "GITHUB_TOKEN": "b"})
    assert "*TOKEN*" not in hidden
    assert {"GITHUB_TOKEN", "MORE_TOKEN", "*SECRET*"} <= set(hidden)
    assert "HF_TOKEN" not in hidden


def test_a_harmless_name_is_never_hidden_by_a_pattern(tmp_path: Path) -> None:
    environ = {"TOKENIZERS_PARALLELISM": "false", "HF_TOKEN": "hf_0123456789", "MY_SECRET": "x y"}
    hidden = excluded(Launch(codex_home=str(tmp_path)), environ)
    assert "*TOKEN*" not in hidden and not matches("TOKENIZERS_PARALLELISM", hidden)
    assert matches("HF_TOKEN", hidden) and "*SECRET*" in hidden


def test_what_the_user_excludes_stays_excluded(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[shell_environment_policy]\nexclude = ["MINE_*", 7]\n')
    assert "MINE_*" in excluded(Launch(codex_home=str(tmp_path)), {})
    (tmp_path / "config.toml").write_text("not toml [")
    assert "*TOKEN*" in excluded(Launch(codex_home=str(tmp_path)), {})


def test_values_are_redacted_longest_first_and_short_ones_left() -> None:
    values = secret_values(
        {
            "A_KEY": "abcdefgh",
            "B_KEY": "abcdefgh-more",
            "C_KEY": "short",
            "D_TOKEN_FILE": "/run/x/long",
        }
    )
    assert values == ("abcdefgh-more", "abcdefgh")
    shown = Cleaner(values).text("x abcdefgh-more y abcdefgh short")
    assert shown == "x [hidden] y [hidden] short"
    assert Cleaner(values).text("") == ""
