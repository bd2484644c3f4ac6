"""Source text as html with Pygments' token classes (prefixed ``cj-``); colours are the style sheet's business.

Only languages in ``LANGUAGES`` are tokenised, and only up to ``LIMIT`` characters: a lexer is a heap of regular
expressions, and what it reads was written by somebody else.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from codex_jupyter.render.characters import escape

if TYPE_CHECKING:
    from pygments.formatter import Formatter
    from pygments.lexer import Lexer

#: Characters that are tokenised; longer source is shown plain.
LIMIT = 20_000
#: What fences are called -> Pygments' alias.
LANGUAGES = {
    **{
        name: name
        for name in [
            "bash",
            "c",
            "clojure",
            "cmake",
            "console",
            "cpp",
            "csharp",
            "css",
            "csv",
            "cython",
            "dart",
            "diff",
            "docker",
            "elixir",
            "erlang",
            "fish",
            "fortran",
            "go",
            "graphql",
            "haskell",
            "hcl",
            "html",
            "http",
            "ini",
            "java",
            "javascript",
            "json",
            "julia",
            "jsx",
            "kotlin",
            "latex",
            "lua",
            "make",
            "markdown",
            "matlab",
            "nginx",
            "nix",
            "numpy",
            "objective-c",
            "ocaml",
            "perl",
            "php",
            "powershell",
            "protobuf",
            "python",
            "pytb",
            "r",
            "ruby",
            "rust",
            "scala",
            "scss",
            "sql",
            "stata",
            "swift",
            "tcl",
            "toml",
            "tsx",
            "typescript",
            "vim",
            "xml",
            "yaml",
            "zig",
        ]
    },
    "c++": "cpp",
    "cs": "csharp",
    "dockerfile": "docker",
    "golang": "go",
    "hs": "haskell",
    "ipython": "python",
    "ipynb": "json",
    "js": "javascript",
    "jsonc": "json",
    "kt": "kotlin",
    "makefile": "make",
    "md": "markdown",
    "mjs": "javascript",
    "patch": "diff",
    "ps1": "powershell",
    "py": "python",
    "py3": "python",
    "python3": "python",
    "pycon": "pycon",
    "rb": "ruby",
    "rs": "rust",
    "sh": "bash",
    "shell": "bash",
    "shell-session": "console",
    "tex": "latex",
    "ts": "typescript",
    "udiff": "diff",
    "yml": "yaml",
    "zsh": "bash",
}


def highlight(code: str, language: str) -> str:
    """``code`` as escaped html, with spans for its tokens if the language is known and the text not too long.

    Example:
        >>> highlight("x < 1", "")
        'x &lt; 1'
    """
    alias = LANGUAGES.get(language.strip().lower())
    if alias is None or len(code) > LIMIT:
        return escape(code)
    lexer = lexer_of(alias)
    if lexer is None:
        return escape(code)
    from pygments import highlight as run

    coloured = run(code, lexer, _formatter())
    # Pygments ends with a newline of its own; what was given must come back, to the character.
    coloured = coloured.rstrip("\n")
    return coloured + "\n" * (len(code) - len(code.rstrip("\n")))


@lru_cache(maxsize=64)
def lexer_of(alias: str) -> Lexer | None:
    """Pygments' lexer of this name, kept; None where there is none."""
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(alias, stripnl=False, ensurenl=False, stripall=False)
    except ClassNotFound:
        return None


@lru_cache(maxsize=1)
def _formatter() -> Formatter:
    # Of the package itself two threads cannot ask at once: it swaps itself for another while it is imported.
    from pygments.formatters.html import HtmlFormatter

    return HtmlFormatter(nowrap=True, classprefix="cj-")
