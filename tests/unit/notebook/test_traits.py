"""``%config CodexMagics``: a trait for each option that declares one, which chooses nothing until it is set."""

from __future__ import annotations

from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from codex_jupyter.errors import OptionError
from codex_jupyter.notebook.magics import CodexMagics
from codex_jupyter.notebook.traits import WITH_TRAIT, Configured
from codex_jupyter.settings import SETTINGS, Option, Settings, layer


@pytest.fixture
def magics(shell: InteractiveShell) -> CodexMagics:
    magics = CodexMagics(shell)
    shell.register_magics(magics)
    return magics


def test_every_option_with_a_trait_has_one_and_nothing_else_has() -> None:
    assert set(CodexMagics.class_trait_names(config=True)) == {
        option.field for option in SETTINGS.values() if option.trait
    }


def test_nothing_is_chosen_until_it_is_set(magics: CodexMagics) -> None:
    configured = Configured(magics)
    assert set(configured) == {option.field for option in WITH_TRAIT}
    assert not any(configured.values())
    assert layer(("%config CodexMagics", configured)) == (Settings(), {})


@pytest.mark.parametrize("option", WITH_TRAIT, ids=lambda option: option.field)
def test_its_help_says_what_the_declaration_says(option: Option) -> None:
    text = CodexMagics.class_traits()[option.field].help
    assert text.lower().startswith(option.help.lower())
    assert text.endswith(".")
    for choice in option.choices:
        assert choice.value in text


def test_what_is_configured_is_a_layer_of_settings(
    shell: InteractiveShell, magics: CodexMagics, tmp_path: Path
) -> None:
    for line in (
        "model = 'gpt-5'",
        "effort = 'ultra'",
        "kernel = 'run'",
        f"cwd = {str(tmp_path)!r}",
        "timeout = 90.0",
        "quiet = True",
        "context = False",
        "allow_env = 'TOKEN, OTHER'",
    ):
        shell.run_line_magic("config", f"CodexMagics.{line}")
    settings, origins = layer(("%config CodexMagics", Configured(magics)))
    assert settings == Settings(
        model="gpt-5",
        effort="ultra",
        kernel="run",
        cwd=tmp_path,
        timeout=90.0,
        quiet=True,
        context=False,
        allow_env=("TOKEN", "OTHER"),
    )
    assert set(origins.values()) == {"%config CodexMagics"}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("effort = 'loww'", "%config CodexMagics.effort = 'loww' does not work. Did you mean low?"),
        ("cwd = '/nope'", "There is no folder '/nope'. Nothing was sent.\nCheck %config"),
        ("timeout = -1.0", "%config CodexMagics.timeout = -1.0 does not work."),
        ("allow_env = ','", ""),
    ],
)
def test_what_cannot_be_configured_is_told_in_a_sentence(
    shell: InteractiveShell, magics: CodexMagics, line: str, told: str
) -> None:
    shell.run_line_magic("config", f"CodexMagics.{line}")
    if not told:
        assert layer(("%config CodexMagics", Configured(magics)))[0].allow_env == ()
        return
    with pytest.raises(OptionError) as refused:
        layer(("%config CodexMagics", Configured(magics)))
    assert str(refused.value).startswith(told)
