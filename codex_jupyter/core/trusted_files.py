"""Files that a rule never covers: what others run or trust without being told to, and how such a file is known. Pure.

Whoever may edit them decides what runs later, outside any sandbox and with the rights of whoever opens the folder,
commits, installs, tests or starts a kernel there. So an edit of one is asked about each time, whatever was allowed for
the folder. What a person runs by its name (``python load.py``, ``pytest test_load.py``) is not among them: there is
somebody who says run. ``why_asked`` is the one place that knows; ``docs/approvals.md`` has the table in words.
"""

from __future__ import annotations

import re
import unicodedata
from fnmatch import fnmatchcase

#: Names of folders, wherever they are in a path, and who runs or trusts what is in them.
FOLDERS: dict[str, str] = {
    ".git": "git runs what is in it",
    ".hg": "Mercurial runs what is in it",
    ".svn": "Subversion trusts what is in it",
    "node_modules": "Node runs what is in it",
    "site-packages": "Python imports what is in it",
    "dist-packages": "Python imports what is in it",
    "__pycache__": "Python runs what is in it in place of the source",
    "__pypackages__": "Python imports what is in it",
    "venv": "Python and the shell run what is in it",
    "virtualenv": "Python and the shell run what is in it",
    "conda-meta": "conda trusts what is in it",
}

#: Patterns of names, of files or folders, and who runs or trusts them. All in lower case.
NAMES: tuple[tuple[str, str], ...] = (
    ("sitecustomize.py", "Python runs it whenever it starts"),
    ("usercustomize.py", "Python runs it whenever it starts"),
    ("*.pth", "Python runs it whenever it starts"),
    ("*.egg-link", "Python imports from where it says"),
    ("*._pth", "Python imports from where it says"),
    ("pyvenv.cfg", "Python imports from where it says"),
    ("conftest.py", "pytest runs it for every test of the folder"),
    ("pytest.ini", "pytest runs what it names"),
    ("tox.ini", "tox and pytest run what it names"),
    ("noxfile.py", "nox runs it"),
    ("setup.py", "pip runs it"),
    ("setup.cfg", "pip and pytest run what it names"),
    ("pyproject.toml", "pip, pytest and other tools run what it names"),
    ("ipython_config.*", "IPython runs it when it starts"),
    ("ipython_kernel_config.*", "the kernel runs it when it starts"),
    ("jupyter_*config*", "Jupyter runs it when it starts"),
    ("kernel.json", "Jupyter runs what it names"),
    ("*.ipynb", "it is a notebook, which is changed where it is open"),
    ("package.json", "npm runs what it names"),
    ("*.config.*", "the program that it configures runs it"),
    ("gulpfile.*", "gulp runs it"),
    ("gruntfile.*", "grunt runs it"),
    ("makefile", "make runs what it says"),
    ("gnumakefile", "make runs what it says"),
    ("makefile.*", "make runs what it says"),
    ("*.mk", "make runs what it says"),
    ("justfile", "just runs what it says"),
    ("taskfile.*", "task runs what it says"),
    ("rakefile", "rake runs it"),
    ("gemfile", "bundler runs it"),
    ("procfile*", "its commands are run"),
    ("cmakelists.txt", "cmake runs what it says"),
    ("build.rs", "cargo runs it"),
    ("cargo.toml", "cargo runs what it names"),
    ("*.gradle", "gradle runs it"),
    ("*.gradle.kts", "gradle runs it"),
    ("gradlew*", "gradle is run by it"),
    ("mvnw*", "Maven is run by it"),
    ("pom.xml", "Maven runs what it names"),
    ("flake.nix", "nix runs what it says"),
    ("shell.nix", "nix runs what it says"),
    ("default.nix", "nix runs what it says"),
    ("dockerfile*", "docker runs what it says"),
    ("*compose.y*ml", "docker runs what it says"),
    ("vagrantfile", "Vagrant runs it"),
    ("jenkinsfile*", "Jenkins runs it"),
    ("azure-pipelines*", "a build server runs it"),
    ("bitbucket-pipelines*", "a build server runs it"),
    ("appveyor.y*ml", "a build server runs it"),
    ("*.code-workspace", "VS Code runs what it names"),
    ("agents.md", "agents do what it says"),
    ("agents.override.md", "agents do what it says"),
    ("claude.md", "agents do what it says"),
    ("gemini.md", "agents do what it says"),
    ("skill.md", "agents do what it says"),
    ("copilot-instructions.md", "agents do what it says"),
    ("*.so", "it is a program"),
    ("*.so.*", "it is a program"),
    ("*.pyd", "it is a program"),
    ("*.dll", "it is a program"),
    ("*.dylib", "it is a program"),
    ("*.exe", "it is a program"),
    ("*.pyc", "it is a program"),
    ("*.desktop", "the desktop runs what it names"),
    ("*.lnk", "Windows opens what it names"),
    ("autorun.inf", "Windows runs what it names"),
    ("desktop.ini", "Windows trusts it"),
)

DOTTED = "its name begins with a dot, so other programs are set up by it"
SHORT = "its short Windows name may be that of another file"


def why_asked(path: str, below: str = "") -> str:
    """Why an edit of this file is asked about each time, in words that follow its name; ``""`` where a rule may cover it.

    Args:
        path: absolute, as it is written or with links resolved; both have to be looked at.
        below: a folder that a person allowed: dots in its own name and above it say nothing.

    Example:
        >>> why_asked("/w/.GIT/hooks/pre-commit", "/w")
        'git runs what is in it'
        >>> why_asked("/home/ada/.projects/churn/load.py", "/home/ada/.projects/churn")
        ''
    """
    names = [name for name in re.split(r"[/\\]", path) if name]
    inside = path.removeprefix(below.rstrip("/") + "/") if below else path
    free = len(names) - len([name for name in re.split(r"[/\\]", inside) if name])
    plain = [_plain(name) for name in names]
    for place, name in enumerate(plain):
        if why := _why(name, dotted=place >= free, last=place == len(plain) - 1):
            return why
    return ""


def _why(name: str, *, dotted: bool, last: bool) -> str:
    if name in FOLDERS:
        return FOLDERS[name]
    if re.search(r"~[0-9]", name):  # GIT~1 is .git where Windows made short names
        return SHORT
    if dotted and name.startswith("."):
        return DOTTED
    for pattern, why in NAMES if last else ():
        if fnmatchcase(name, pattern):
            return why
    return ""


def _plain(name: str) -> str:
    """A name as the file systems see it that tell the fewest apart: no case, no look-alikes, no ending dots and blanks.

    Example:
        >>> _plain(".G\\u200cIT. "), _plain(".git::$INDEX_ALLOCATION")
        ('.git', '.git')
    """
    plain = unicodedata.normalize("NFKC", name)
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Cc", "Mn"))
    plain = unicodedata.normalize("NFKC", plain.casefold())
    return plain.partition(":")[0].rstrip(". ") or name
