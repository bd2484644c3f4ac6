"""What a version of Codex has: asked of it, known of it, said of it."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import pytest

import codex_jupyter.runtime.api as api_module
from codex_jupyter.runtime import versions
from codex_jupyter.runtime.api import Api
from codex_jupyter.runtime.failures import RuntimeRequestError
from codex_jupyter.session.thread import Thread
from tests.unit.session.scripted import ScriptedTransport


def methods_of_api() -> set[str]:
    """Every method that ``api.py`` spells."""
    tree = ast.parse(Path(api_module.__file__).read_text())
    words = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {
        w for w in words if isinstance(w, str) and w.count("/") and w.replace("/", "").isalpha()
    }


def test_every_method_that_is_called_belongs_to_a_feature() -> None:
    known = [method for feature in versions.FEATURES for method in feature.methods]
    assert len(known) == len(set(known))
    assert methods_of_api() == set(known)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("codex-cli 0.171.0", (0, 171, 0)),
        ("codex_jupyter/0.163.0 (Debian 12.0.0; x86_64)", (0, 163, 0)),
        ("0.163.0", (0, 163, 0)),
        ("codex-cli 0.171.0-alpha.4", (0, 171, 0)),
        ("v22", None),
        ("", None),
        ("GNU bash, version 5.2.15(1)-release", (5, 2, 15)),
        ("10.0.0.1.2", None),
    ],
)
def test_a_version_is_found_in_what_is_said(text: str, number: object) -> None:
    assert versions.number(text) == number


@pytest.mark.parametrize("version", ["0.144.4", "0.153.9", "0.99.0", "0.9.171"])
def test_an_older_one_is_too_old(version: str) -> None:
    assert versions.too_old(version)


@pytest.mark.parametrize("version", ["0.154.0", "0.1541.0", "1.0.0", "", "tomorrow"])
def test_a_newer_or_an_unknown_one_is_not(version: str) -> None:
    assert not versions.too_old(version)


def test_a_method_that_is_not_there_is_named_by_what_it_is_for() -> None:
    transport = ScriptedTransport(Thread("main"))
    refusal = "Invalid request: unknown variant `turn/steer`, expected one of `initialize`"
    transport.fails["turn/steer"] = RuntimeRequestError(-32600, refusal)
    transport.version = "0.150.0"
    with pytest.raises(versions.FeatureMissingError) as failed:
        asyncio.run(Api(transport).steer("t", "u", "words"))
    assert failed.value.message == "This Codex (0.150.0) has no steering of a running turn."
    assert "pip install -U openai-codex" in failed.value.hint


def test_a_value_that_is_not_known_is_no_method_that_is_not_there() -> None:
    transport = ScriptedTransport(Thread("main"))
    refusal = "Invalid request: unknown variant `nobody`, expected one of `user`, `auto_review`"
    transport.fails["turn/steer"] = RuntimeRequestError(-32600, refusal)
    with pytest.raises(RuntimeRequestError, match="nobody"):
        asyncio.run(Api(transport).steer("t", "u", "words"))


def test_a_runtime_names_its_methods_when_it_is_asked_for_none_of_them() -> None:
    transport = ScriptedTransport(Thread("main"))
    have = methods_of_api() - {"turn/steer", "review/start"}
    named = ", ".join(f"`{method}`" for method in sorted(have))
    refusal = f"Invalid request: unknown variant `{versions.NO_METHOD}`, expected one of {named}"
    transport.fails[versions.NO_METHOD] = RuntimeRequestError(-32600, refusal)
    methods = asyncio.run(Api(transport).methods())
    assert methods == have
    assert [lack.methods for lack in versions.absent(methods)] == [
        ("turn/steer",),
        ("review/start",),
    ]


@pytest.mark.parametrize("refusal", ["Method not found", "", "unknown variant `x`"])
def test_a_runtime_that_names_none_is_not_said_to_lack_any(refusal: str) -> None:
    transport = ScriptedTransport(Thread("main"))
    transport.fails[versions.NO_METHOD] = RuntimeRequestError(-32601, refusal)
    assert asyncio.run(Api(transport).methods()) == frozenset()
