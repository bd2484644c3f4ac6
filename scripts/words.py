"""Write every text that a user or the model may read into tests/data/words.txt, so that a changed sentence is seen in review.

A text is a string of the package of two words or more that is no docstring, no pattern and no entry of the log, with
``{...}`` where a value goes, or such a string of the page's sources. Sorted by file, each text once.

    python scripts/words.py
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORDS = ROOT / "tests" / "data" / "words.txt"

#: Patterns, names of types, markup and files of others: nobody reads them.
SKIPPED = (
    "codex_jupyter/core/secrets/",
    "codex_jupyter/core/file_links.py",
    "codex_jupyter/render/sanitize.py",
    "codex_jupyter/render/style_sheet.py",
    "codex_jupyter/trusted_imports.py",
    "codex_jupyter/objects/lookup.py",
)
#: Calls whose texts nobody reads.
UNREAD = re.compile(r"^(?:re|LOG|log|logger|journal)\.|^(?:TypeVar|NewType|element)$|compile$")
_WORD = re.compile(r"[A-Za-z]{2,}")
_STRING = re.compile(r"`(?:[^`\\\n]|\\.)*`|\"(?:[^\"\\\n]|\\.)*\"")


class Texts(ast.NodeVisitor):
    """Collects the texts of a module."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        if not UNREAD.search(ast.unparse(node.func)):
            self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self.found.append(
            "".join(
                str(part.value) if isinstance(part, ast.Constant) else "{...}"
                for part in node.values
            )
        )

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.found.append(node.value)


def read(text: str) -> bool:
    """Whether a string is words for a reader: two of them at least, and no markup."""
    bare = text.replace("{...}", "")
    return (
        len(_WORD.findall(bare)) >= 2
        and " " in bare.strip()
        and not re.match(r"\s*<[a-z!/]|cj-[a-z-]+(?: cj-|$)", bare)
    )


def texts() -> Iterator[tuple[str, list[str]]]:
    """(file, its texts in order), of every file that has some."""
    for path in sorted((ROOT / "codex_jupyter").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(SKIPPED):
            continue
        found = Texts()
        found.visit(ast.parse(path.read_text("utf-8")))
        yield name, list(dict.fromkeys(filter(read, found.found)))
    for path in sorted((ROOT / "js" / "src").glob("*.js")):
        code = re.sub(r"/\*.*?\*/|(?m:^\s*//[^\n]*$)", "", path.read_text("utf-8"), flags=re.DOTALL)
        strings = (re.sub(r"\$\{[^}]*\}", "{...}", each[1:-1]) for each in _STRING.findall(code))
        said = (each for each in strings if read(each) and re.match(r"[A-Z●][^\[=]*$", each))
        yield path.relative_to(ROOT).as_posix(), list(dict.fromkeys(said))


def words() -> str:
    """The list as the file has it."""
    parts = []
    for name, found in texts():
        if found:
            lines = (each.replace("\\", "\\\\").replace("\n", "\\n") for each in found)
            parts.append("\n".join([f"== {name}", *lines]))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    WORDS.write_text(words(), "utf-8", newline="\n")
    print(f"wrote {WORDS.relative_to(ROOT)}")
