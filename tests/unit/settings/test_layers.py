"""Whoever chooses last wins, and what cannot be is told in a sentence before anything is sent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from codex_jupyter.errors import OptionError
from codex_jupyter.session.session import Session
from codex_jupyter.settings import SETTINGS, Settings, layer


def test_later_layers_win_and_are_named() -> None:
    settings, origins = layer(
        ("%config CodexMagics", {"model": "a", "effort": "low", "quiet": None}),
        ("this thread", {"model": "b"}),
        ("this cell", {"model": None, "effort": ""}),
    )
    assert (settings.model, settings.effort, settings.quiet) == ("b", "low", False)
    assert origins == {"model": "this thread", "effort": "%config CodexMagics"}


def test_nothing_chosen_is_the_defaults() -> None:
    assert layer() == (Settings(), {})
    assert layer(("this call", dict.fromkeys(SETTINGS))) == (Settings(), {})


def test_overrides_of_the_configuration_add_up() -> None:
    settings, _ = layer(("a", {"config": {"x": 1, "y": 1}}), ("b", {"config": {"y": 2}}))
    assert settings.config == {"x": 1, "y": 2}
    assert Settings().config == {}


def test_a_default_is_nobodys_to_change() -> None:
    layer(("a", {"config": {"x": 1}}))
    layer(("a", {}))[0].config["y"] = 1
    assert layer(("a", {}))[0].config == {}


def test_the_clis_names_and_one_alone_are_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    settings, _ = layer(
        (
            "this call",
            {
                "cd": "data",
                "add_dir": tmp_path,
                "local_provider": "ollama",
                "timeout": "5m",
                "sandbox": "danger-full-access",
                "approval": "on-request",
                "allow_env": "TOKEN",
            },
        )
    )
    assert settings.cwd == tmp_path / "data"
    assert settings.add_dirs == (tmp_path,)
    assert settings.provider == "ollama"
    assert settings.timeout == 300
    assert settings.sandbox == "full-access"
    assert settings.approval == "ask"
    assert settings.allow_env == ("TOKEN",)


def test_a_home_folder_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert layer(("this cell", {"cwd": "~"}))[0].cwd == tmp_path


WRONG = [
    ({"modle": "gpt-5"}, "There is no option modle=. Did you mean model=?"),
    ({"tread": "a"}, "There is no option tread=. Did you mean thread=?"),
    ({"effort": "loww"}, "effort='loww' does not work. Did you mean low?"),
    ({"sandbox": "readonly"}, "sandbox='readonly' does not work. Did you mean read-only?"),
    ({"approval": "Never"}, "approval='Never' does not work. Did you mean never?"),
    ({"kernel": "write"}, "kernel='write' does not work."),
    ({"cwd": "/nope"}, "There is no folder '/nope'."),
    ({"cwd": ""}, ""),
    ({"cwd": 3}, "cwd=3 does not work."),
    ({"add_dirs": ["/", "/nope"]}, "There is no folder '/nope'."),
    ({"add_dirs": [3]}, "add_dirs=[3] does not work."),
    ({"cwd": "/", "cd": "/"}, "cwd= is given twice, also as cd=."),
    ({"model": 5}, "model=5 does not work."),
    ({"model": " "}, "model=' ' does not work."),
    ({"quiet": "yes"}, "quiet='yes' does not work."),
    ({"quiet": 1}, "quiet=1 does not work."),
    ({"timeout": 0}, "timeout=0 does not work."),
    ({"timeout": True}, "timeout=True does not work."),
    ({"timeout": float("nan")}, "timeout=nan does not work."),
    ({"timeout": "soon"}, "timeout='soon' does not work."),
    ({"config": "a=1"}, "config='a=1' does not work."),
    ({"config": {1: 2}}, "config={1: 2} does not work."),
]


@pytest.mark.parametrize(("options", "sentence"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_keyword_or_value_is_one_sentence(options: dict[str, Any], sentence: str) -> None:
    if not sentence:
        assert layer(("this call", options)) == (Settings(), {})
        return
    with pytest.raises(OptionError) as refused:
        layer(("this call", options))
    assert refused.value.message == f"{sentence} Nothing was sent."
    assert refused.value.hint
    assert "\n" not in refused.value.message + refused.value.hint


def test_the_message_says_where_the_value_was_written() -> None:
    def told(origin: str, **values: object) -> str:
        with pytest.raises(OptionError) as refused:
            layer((origin, values))
        return str(refused.value)

    assert "Check -C/--cd." in told("this cell", cwd="/nope")
    assert "Check %config CodexMagics.cwd." in told("%config CodexMagics", cwd="/nope")
    assert "Check cwd." in told("this call", cwd="/nope")
    assert "%config CodexMagics.effort = 'loww'" in told("%config CodexMagics", effort="loww")
    assert "-e/--effort 'loww'" in told("this cell", effort="loww")


def test_nothing_is_begun_for_a_call_that_cannot_be() -> None:
    session = Session("of-wrong-options")
    for options, sentence in WRONG:
        if sentence:
            with pytest.raises(OptionError):
                session.start("hello", **options)
    assert session.last is None
    assert session.engine.runtime is None
    assert not session.threads
    session.close()


def test_a_path_object_is_a_folder(tmp_path: Path) -> None:
    class Where(os.PathLike[str]):
        def __fspath__(self) -> str:
            return str(tmp_path)

    assert layer(("this call", {"cwd": Where()}))[0].cwd == tmp_path
