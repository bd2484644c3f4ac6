"""The tutorials, as notebooks with their pictures: an installed package has them, and a clone where they are written."""

from __future__ import annotations

from pathlib import Path

#: Where a notebook of the repository names its pictures, and where one that was written has them.
_PICTURES = ("../docs/images/", "images/")


def write_tutorials(folder: str | Path = "tutorials") -> Path:
    """Write the tutorials into ``folder`` (made if need be). What is there already stays as it is.

    Returns:
        The folder, absolute. ``01_quickstart.ipynb`` is the first.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as there:
        ...     sorted(path.name for path in write_tutorials(there).glob("01*.ipynb"))
        ['01_quickstart.ipynb']
    """
    folder = Path(folder).expanduser().absolute()
    notebooks, pictures = _sources()
    texts = {path.name: path.read_text(encoding="utf-8") for path in notebooks.glob("*.ipynb")}
    for name, text in texts.items():
        _add(folder / name, text.replace(*_PICTURES).encode())
    for picture in pictures.glob("*.png"):
        if any(_PICTURES[0] + picture.name in text for text in texts.values()):
            _add(folder / "images" / picture.name, picture.read_bytes())
    return folder


def _sources() -> tuple[Path, Path]:
    installed = Path(__file__).with_name("notebooks")
    if installed.is_dir():
        return installed, installed / "images"
    clone = Path(__file__).parents[2]
    return clone / "notebooks", clone / "docs" / "images"


def _add(path: Path, content: bytes) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
