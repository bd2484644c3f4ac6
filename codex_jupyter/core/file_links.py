"""Which files a transcript offers to open: those below the folder that the Jupyter server serves, as relative links.

A model prints paths as it likes. One becomes a link only where it certainly names a file below the server's folder; all
others stay the text that they are. The link is relative to the notebook's folder, so that it leads nowhere else, and
nothing happens until a person presses it: then Jupyter opens the file, or says that there is none. Text in, data out: no
file is looked for.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import lru_cache

#: The ends of file names that are taken for those of files also in plain words: ``example.com:80`` is none.
_NAMES = (
    "bash bat c cc cfg cjs conf cpp cs css csv cu cxx dart env ex f f90 go gradle graphql h hpp ini ipynb java jl js json "
    "jsonl jsx kt less lock log lua m md mjs ml mli pl proto ps1 py pyi pyx qmd r rb rmd rs rst sass scala scss sh sql "
    "swift tex toml ts tsv tsx txt vue yaml yml zig zsh"
)
_ENDINGS = "|".join(sorted(_NAMES.split(), key=len, reverse=True))
#: What a browser would run is not offered: an exported notebook would open it there.
_ACTIVE = re.compile(r"\.(?:[xs]?html?|svgz?|xml|xht|mht|mhtml|swf|url|webloc|desktop)\Z", re.I)
#: ``a.py:12``, ``a.py:12:3``, ``a.py:12-14``, ``a.py#L12``, ``a.py#L12-L14``.
_PLACE = re.compile(r"(?P<path>.+?)(?:(?::|#L)(?P<line>\d{1,7})(?:(?::|-L?)\d{1,7})?)?\Z")
#: A path in words: absolute, or with a line. What stands before it is no part of a longer one.
WORDS = re.compile(
    rf"(?<![\w/\\.:@~%+-])(?:(?:/[\w.+@-]+)+\.(?:{_ENDINGS})(?:(?::|\#L)\d+(?:(?::|-L?)\d+)?)?"
    rf"|(?:\.{{1,2}}/)?(?:[\w.+@-]+/)*[\w.+@-]+\.(?:{_ENDINGS})(?::|\#L)\d+(?:(?::|-L?)\d+)?)(?![\w/\\@%+-])",
    re.I,
)
#: A path that is all of a piece of code.
CODE = re.compile(
    rf"(?:/|\.{{1,2}}/)?(?:[\w.+@ -]+/)*[\w.+@-]+\.(?:{_ENDINGS})(?:(?::|\#L)\d+(?:(?::|-L?)\d+)?)?",
    re.I,
)
#: No part of a path that is offered: what another reader of the link could take for more than a name.
_REFUSED = frozenset('\\%?#*<>|":;`')
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
LONGEST = 400


@dataclass(frozen=True, slots=True)
class ServedFolder:
    """The folder that a Jupyter server serves.

    ``roots``: its absolute path, and the same without symbolic links where that differs. ``notebook``: the notebook's
    folder, relative to it; ``""`` for the folder itself.
    """

    roots: tuple[str, ...]
    notebook: str = ""


@dataclass(frozen=True, slots=True)
class Files:
    """What a turn's paths mean: relative ones from ``cwd``, its folder."""

    served: ServedFolder
    cwd: str

    def address(self, target: str, line: int | None = None) -> str:
        """The address of a file, relative to the notebook; ``""`` for whatever is not offered.

        Args:
            target: a path, maybe with a line.
            line: the line, counted from 1, where the path has none.

        Example:
            >>> files = Files(ServedFolder(("/srv",), "nb"), "/srv/nb")
            >>> files.address("load.py:12"), files.address("/srv/src/a b.py"), files.address("../../etc/passwd")
            ('load.py#line=11', '../src/a%20b.py', '')
        """
        return _address(self, target, line)


@lru_cache(maxsize=4096)
def _address(files: Files, target: str, line: int | None) -> str:
    found = _PLACE.fullmatch(target) if 0 < len(target) <= LONGEST else None
    if found is None:
        return ""
    inside = _inside(files, found["path"])
    if not inside:
        return ""
    number = int(found["line"]) if found["line"] else line or 0
    relative = posixpath.relpath(f"/{inside}", f"/{files.served.notebook}")
    return _quoted(relative) + (f"#line={number - 1}" if number > 0 else "")


def _quoted(path: str) -> str:
    return "".join(
        each if each.isascii() and (each.isalnum() or each in "/_.-~") else _percent(each)
        for each in path
    )


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


def _inside(files: Files, path: str) -> str:
    """The path below the server's folder; ``""`` where it is not, or is no plain name of a file."""
    roots = files.served.roots
    if roots and _DRIVE.match(roots[0]):
        path = path.replace("\\", "/")
    cwd = files.cwd.replace("\\", "/") if _DRIVE.match(files.cwd) else files.cwd
    absolute = path.startswith("/") or bool(_DRIVE.match(path))
    if path.startswith("//") or not (absolute or cwd):
        return ""
    if path.endswith("/"):
        return ""
    whole = posixpath.normpath(path if absolute else posixpath.join(cwd, path))
    for root in roots:
        base = root.replace("\\", "/").rstrip("/") if _DRIVE.match(root) else root.rstrip("/")
        if whole.startswith(f"{base}/"):
            return _plain(whole[len(base) + 1 :])
    return ""


def _plain(inside: str) -> str:
    parts = inside.split("/")
    strange = not inside.isprintable() or _REFUSED & set(inside) or inside != inside.strip()
    if strange or any(not part or part.startswith((".", "~")) for part in parts):
        return ""
    return "" if _ACTIVE.search(inside) else inside


def same_file(label: str, target: str) -> bool:
    """Whether a link's words already say which file it opens: its path, or the end of it, maybe with the line.

    Example:
        >>> same_file("load.py", "src/load.py:12"), same_file("src/load.py:9", "load.py:9"), same_file("the loader", "load.py")
        (True, False, False)
    """
    said, meant = _PLACE.fullmatch(label.strip()), _PLACE.fullmatch(target)
    if said is None or meant is None:
        return False
    ends = f"/{meant['path']}".endswith(f"/{said['path'].removeprefix('./').lstrip('/')}")
    return ends and said["line"] in (None, meant["line"])
