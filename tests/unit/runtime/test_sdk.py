"""An SDK whose names have moved: said in a sentence, before anything is started."""

from __future__ import annotations

import importlib
from types import SimpleNamespace
from typing import Any

import pytest

from codex_jupyter.errors import RuntimeFailedError
from codex_jupyter.runtime import sdk, versions
from codex_jupyter.runtime.private_names import PRIVATE_NAMES, PUBLIC_NAMES, REPLACED, moved

PRIVATE = sorted((owner, name) for owner, names in PRIVATE_NAMES.items() for name in names)
PUBLIC = sorted((module, name) for module, names in PUBLIC_NAMES.items() for name in names)
OWNERS = {owner.rpartition(".")[2]: names for owner, names in PRIVATE_NAMES.items()}


def method(parameters: tuple[str, ...]) -> Any:
    """A function that takes these parameters after ``self``."""
    return eval(f"lambda self, {', '.join(parameters)}: None")


def made(name: str) -> type:
    """A class of an SDK that has all that is looked for."""
    members: dict[str, Any] = dict.fromkeys(OWNERS.get(name, ()), None)
    if name == "CodexClient":
        members |= {each: method(parameters) for each, parameters in REPLACED.items()}
    return type(name, (), members)


def an_sdk() -> dict[str, SimpleNamespace]:
    """The modules of an SDK that has all that is looked for."""
    modules = {"openai_codex": SimpleNamespace()}
    owners = [owner.rpartition(".")[::2] for owner in PRIVATE_NAMES]
    for module, name in [*owners, *PUBLIC]:
        space = modules.setdefault(module, SimpleNamespace())
        if not hasattr(space, name):
            setattr(space, name, made(name))
    return modules


def load_from(modules: dict[str, SimpleNamespace]) -> Any:
    def load(name: str) -> Any:
        if name not in modules:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return modules[name]

    return load


def test_all_are_there() -> None:
    assert moved() == "" == moved(load_from(an_sdk()))


@pytest.mark.parametrize(("owner", "name"), PRIVATE)
def test_a_private_name_that_moved_is_named(owner: str, name: str) -> None:
    modules = an_sdk()
    module, _, cls = owner.rpartition(".")
    delattr(getattr(modules[module], cls), name)
    assert moved(load_from(modules)) == f"{owner}.{name}"


@pytest.mark.parametrize(("module", "name"), PUBLIC)
def test_a_public_name_that_moved_is_named(module: str, name: str) -> None:
    modules = an_sdk()
    delattr(modules[module], name)
    assert moved(load_from(modules)) == f"{module}.{name}"


@pytest.mark.parametrize("module", sorted(set(an_sdk()) - {"openai_codex"}))
def test_a_module_that_moved_is_named(module: str) -> None:
    modules = an_sdk()
    del modules[module]
    assert moved(load_from(modules)).startswith(f"{module}.")


@pytest.mark.parametrize("name", sorted(REPLACED))
def test_a_method_that_takes_something_else_is_named(name: str) -> None:
    modules = an_sdk()
    client = modules["openai_codex.client"].CodexClient
    setattr(client, name, method((*REPLACED[name], "surprise")))
    assert moved(load_from(modules)) == f"openai_codex.client.CodexClient.{name}"


def test_a_class_that_is_made_in_another_way_is_named() -> None:
    modules = an_sdk()

    def init(self: object, key: str) -> None:
        raise AssertionError

    modules["openai_codex.api"].AsyncCodex.__init__ = init
    assert moved(load_from(modules)) == "openai_codex.api.AsyncCodex"


def test_what_moved_is_said_with_the_newest_that_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdk, "installed", lambda: "0.199.0")
    with pytest.raises(RuntimeFailedError) as failed:
        sdk.must_be_there(lambda: "openai_codex.client.CodexClient._router")
    assert "openai-codex 0.199.0 has changed" in failed.value.message
    assert "CodexClient._router" in failed.value.message
    assert f"pip install openai-codex=={versions.NEWEST_SDK}" in failed.value.hint


def test_no_sdk_at_all_is_said_so() -> None:
    def none() -> str:
        importlib.import_module("openai_codex_that_is_nowhere")
        return ""

    with pytest.raises(ModuleNotFoundError, match="nowhere"):
        sdk.must_be_there(none)  # one of its own that is missing is another matter

    with pytest.raises(RuntimeFailedError, match="not installed"):
        sdk.must_be_there(lambda: moved(load_from({})))


def test_the_sentence_comes_before_anything_is_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    import asyncio

    from codex_jupyter.runtime import client
    from codex_jupyter.runtime.launch import Launch

    started = tmp_path / "started"
    fake = tmp_path / "codex"
    fake.write_text(f"#!/bin/sh\n: > {started}\n")
    fake.chmod(0o755)
    monkeypatch.setattr(
        client, "must_be_there", lambda: sdk.must_be_there(lambda: "openai_codex.client.Gone")
    )
    with pytest.raises(RuntimeFailedError, match="Gone"):
        asyncio.run(client.Runtime.start(Launch(codex_bin=str(fake)), on_batch=print))
    assert not started.exists()
