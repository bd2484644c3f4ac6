"""What ``--with`` and ``@name`` attach: exactly what was named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import PIL.Image
import pytest
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from codex_jupyter import places
from codex_jupyter.errors import OptionError
from codex_jupyter.notebook.workbench.figures import Figures
from codex_jupyter.notebook.workbench.mentions import Attached, attach, mentioned
from codex_jupyter.session.gate import cleaner_of


class Loud:
    def __repr__(self) -> str:
        return "loud and clear"


class Undrawable(Artist):
    def draw(self, *_: Any, **__: Any) -> None:
        raise ValueError("no drawing")


class Broken:
    def __repr__(self) -> str:
        raise RuntimeError("no")


@pytest.fixture
def figures():
    figures = Figures()
    yield figures
    figures.remove()


@pytest.fixture
def attached(figures: Figures, tmp_path: Path):
    (tmp_path / "load.py").write_text("x = 1\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "orders.csv").write_text("a\n")
    figure = Figure()
    figure.add_subplot().plot([1, 2])
    bad = Figure()
    bad.add_subplot().add_artist(Undrawable())
    namespace: dict[str, Any] = {
        "df": pd.DataFrame({"a": range(100)}),
        "fig": figure,
        "bad": bad,
        "photo": PIL.Image.new("RGB", (3000, 20)),
        "loud": Loud(),
        "broken": Broken(),
        "config": {"depth": 3},
        "API_KEY": "sk-proj-abcdefghij0123456789",
        "pytest": pytest,
    }

    def attached(prompt: str = "", *names: str) -> Attached:
        return attach(
            prompt,
            names,
            namespace=namespace,
            figures=figures,
            folder=tmp_path,
            redact=cleaner_of({}, namespace).text,
        )

    return attached


def test_nothing_named_is_nothing_attached(attached) -> None:
    assert attached("Mail ada@example.com about @nobody and @ df, fig, load.py") == Attached()


def test_each_kind_goes_as_what_it_is(attached, tmp_path: Path) -> None:
    made = attached("Explain @df.", "fig", "photo", "load.py", "data/orders.csv", "config", "loud")
    assert set(made.work["data"]) == {"df", "config", "loud"}
    assert "100 rows × 1 column" in made.work["data"]["df"]
    assert "First 5 rows" in made.work["data"]["df"]
    assert "loud and clear" in made.work["data"]["loud"]
    assert made.work["mentions"] == (
        ("load.py", str(tmp_path / "load.py")),
        ("data/orders.csv", str(tmp_path / "data" / "orders.csv")),
    )
    first, second = (Path(path) for path in made.work["images"])
    with PIL.Image.open(first) as drawn, PIL.Image.open(second) as smaller:
        assert drawn.width > 100
        assert max(smaller.size) <= 1568
    assert first.parent.stat().st_mode & 0o077 == 0
    assert made.sent == (
        "fig (image)",
        "photo (image)",
        "load.py",
        "data/orders.csv",
        "config",
        "loud",
        "df (5 rows)",
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [("dff", "Did you mean df?"), ("lod.py", "load.py"), ("df['b']", "It has: a.")],
)
def test_a_misspelt_name_is_an_error_before_anything_is_made(
    attached, figures: Figures, name: str, hint: str
) -> None:
    with pytest.raises(OptionError) as error:
        attached("", "fig", name)
    assert "Nothing was sent" in error.value.message
    assert hint in error.value.hint
    assert figures._folder is None


def test_a_broken_repr_is_survived(attached) -> None:
    made = attached("", "broken")
    assert "raised RuntimeError" in made.work["data"]["broken"]


def test_a_secret_stays_hidden_even_when_named(attached) -> None:
    made = attached("Why does @API_KEY fail?")
    assert "sk-proj" not in str(made.work)
    assert made.sent == ("API_KEY (hidden)",)


def test_code_in_a_prompt_is_not_a_mention(attached) -> None:
    assert attached("Why does @pytest.fixture\ndef f(): ... fail? And @staticmethod?") == Attached()


@pytest.mark.parametrize(
    "name", ["данные", "表", "été", "e\u0301te\u0301", "हिन्दी", "größe_2", "_x", "ﬁle"]
)
def test_any_name_of_python_is_one_here(name: str) -> None:
    assert name.isidentifier()
    assert mentioned(f"Что в @{name}? И @{name}.index, @{name}['a'].") == [
        name,
        f"{name}.index",
        f"{name}['a']",
    ]


def test_what_counts_as_mentioned() -> None:
    assert mentioned("@df, @model.coef_; (@config['a'][0]) @./load.py @~/x.csv `@code` a@b @@x @df") == [
        "df", "model.coef_", "config['a'][0]", "./load.py", "~/x.csv",
    ]  # fmt: skip


def test_budgets_hold(figures: Figures, tmp_path: Path) -> None:
    namespace = {f"text_{n}": "long " * 10_000 for n in range(50)}
    made = attach(
        "", list(namespace), namespace=namespace, figures=figures, folder=tmp_path, redact=str
    )
    assert sum(len(text) for text in made.work["data"].values()) <= 30_000
    assert len(made.work["data"]) <= 20


def test_a_figure_that_cannot_be_drawn_is_described_and_said_to_be(attached: Any) -> None:
    made = attached("", "bad")
    assert made.sent == ("bad (no image: drawing it raised ValueError)",)
    assert "images" not in made.work
    assert "There is no image of it: drawing it raised ValueError." in made.work["data"]["bad"]


def test_where_the_disk_is_full_a_figure_is_described_and_said_to_be(
    attached: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(places, "fresh", full)
    made = attached("", "fig")
    assert made.sent == ("fig (no image: No space left on device)",)
    assert "There is no image of it: No space left on device." in made.work["data"]["fig"]


class Leaves:
    def __repr__(self) -> str:
        raise SystemExit


def test_a_repr_that_exits_is_one_that_fails(figures: Figures, tmp_path: Path) -> None:
    made = attach(
        "", ["it"], namespace={"it": Leaves()}, figures=figures, folder=tmp_path, redact=str
    )
    assert "Its own repr raised SystemExit." in made.work["data"]["it"]


def test_where_the_folder_is_gone_a_mention_is_no_file(
    figures: Figures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    made = attach("what is @nosuch?", (), namespace={}, figures=figures, folder=Path(), redact=str)
    assert not made.work
