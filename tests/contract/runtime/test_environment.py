"""What commands see of the environment, and what the runtime itself still has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from codex_jupyter.offline import Rule, Script, run, say

from .driver import Driver, driven, on_a_loop

MARK = "hunter2-"
SECRETS = {
    "JUPYTERHUB_API_TOKEN": MARK + "hub",
    "OPENAI_API_KEY": MARK + "openai",
    "DB_PASSWORD": MARK + "db",
    "PGPASSWORD": MARK + "pg",
    "AWS_SECRET_ACCESS_KEY": MARK + "aws",
    "HF_TOKEN": MARK + "hf",
    "BACKEND": f"postgres://ada:{MARK}url@db/x",
}
NEEDED = {"VIRTUAL_ENV": "/venv", "CONDA_PREFIX": "/conda", "AWS_REGION": "eu-central-1"}

SCRIPT = Script.of(
    Rule("env", [[run("env")], [say("Done.")]], when={"contains": "env"}),
    Rule(
        "peek",
        [
            [
                run(
                    "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -a ^HF_TOKEN= ; true"
                )
            ],
            [say("Done.")],
        ],
        when={"contains": "peek"},
    ),
)


@pytest.fixture
def secrets() -> Iterator[None]:
    """The kernel's environment holds secrets."""
    before = dict(os.environ)
    os.environ.update(SECRETS | NEEDED)
    yield
    os.environ.clear()
    os.environ.update(before)


async def seen(driver: Driver, sandbox: str) -> dict[str, str]:
    turn = await driver.turn(await driver.thread(sandbox=sandbox), "env")
    (printed,) = driver.outputs(turn)
    return dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)


@pytest.mark.parametrize("sandbox", ["read-only", "workspace-write", "danger-full-access"])
@on_a_loop
async def test_a_command_sees_what_it_needs_and_no_secret(
    folder: Path, secrets: None, sandbox: str
) -> None:
    async with driven(folder, SCRIPT, own=True) as driver:
        env = await seen(driver, sandbox)
        assert not [name for name, value in env.items() if MARK in value]
        assert not set(SECRETS) & set(env)
        assert {name: env.get(name) for name in NEEDED} == NEEDED
        for name in ("PATH", "HOME"):
            assert env[name]
        told = driver.offline.server.requests[-1].text
        assert MARK not in told


@on_a_loop
async def test_a_name_that_the_user_allows_is_seen_and_no_other(
    folder: Path, secrets: None
) -> None:
    async with driven(folder, SCRIPT, allowed_env=("HF_TOKEN",)) as driver:
        env = await seen(driver, "read-only")
        assert [name for name, value in env.items() if MARK in value] == ["HF_TOKEN"]


@on_a_loop
async def test_the_users_own_policy_comes_last(folder: Path, secrets: None) -> None:
    """``-c`` is an explicit rule: whoever writes it gets what it says."""
    rule = 'shell_environment_policy.exclude=["HF_*"]'
    async with driven(folder, SCRIPT, overrides=(rule,)) as driver:
        env = await seen(driver, "read-only")
        assert "HF_TOKEN" not in env and "DB_PASSWORD" in env


@on_a_loop
async def test_the_sandbox_hides_the_environment_of_other_processes(
    folder: Path, secrets: None
) -> None:
    """Or a command could read the kernel's secrets there. Outside the sandbox nothing prevents it."""
    async with driven(folder, SCRIPT, own=True) as driver:
        for sandbox in ("read-only", "workspace-write"):
            turn = await driver.turn(await driver.thread(sandbox=sandbox), "peek")
            assert driver.outputs(turn) == [""]


@on_a_loop
async def test_the_runtime_itself_keeps_the_providers_key(folder: Path, secrets: None) -> None:
    provider = "model_providers.offline"
    config = {f"{provider}.env_key": "OPENAI_API_KEY"}
    async with driven(folder, SCRIPT, config=config) as driver:
        await driver.turn(await driver.thread(), "env")
        headers = driver.offline.server.requests[-1].headers
        assert headers["authorization"] == f"Bearer {SECRETS['OPENAI_API_KEY']}"
