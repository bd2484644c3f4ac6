"""What others run or trust is asked about each time, under every name that a file system may take for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codex_jupyter.core import requests as rq
from codex_jupyter.core.cards import card, choices
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.policy import Ask, Policy, Rule, decide, rule_for
from codex_jupyter.core.trusted_files import why_asked
from codex_jupyter.core.turn import Turn, TurnSettings

CHANGES = (Change("load.py", "add", "x"),)

APART = [
    ".git/hooks/pre-commit",
    ".git/config",
    ".GIT/hooks/post-checkout",
    ".Git/info/attributes",
    ".git./hooks/x",
    "sub/.git/hooks/pre-push",
    ".g\u200cit/hooks/x",
    ".gi̇t/config",
    ".ｇｉｔ/config",
    ".git::$INDEX_ALLOCATION/config",
    "GIT~1/config",
    "git~2/hooks/x",
    ".git\\hooks\\x",
    ".gitmodules",
    ".gitattributes",
    ".gitignore",
    ".hg/hgrc",
    ".svn/entries",
    ".envrc",
    ".env",
    ".bashrc",
    ".profile",
    ".zshenv",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".condarc",
    ".direnv/x",
    ".github/workflows/ci.yml",
    ".gitlab-ci.yml",
    ".circleci/config.yml",
    ".husky/pre-commit",
    ".pre-commit-config.yaml",
    ".vscode/tasks.json",
    ".vscode/launch.json",
    ".vscode/settings.json",
    ".VSCODE/tasks.json",
    ".idea/runConfigurations/x.xml",
    ".devcontainer/devcontainer.json",
    ".devcontainer.json",
    "x.code-workspace",
    ".ipynb_checkpoints/a-checkpoint.ipynb",
    ".codex/config.toml",
    ".codex/rules/default.rules",
    "AGENTS.md",
    "agents.md",
    "docs/AGENTS.override.md",
    "CLAUDE.md",
    ".mcp.json",
    ".cursor/x",
    ".venv/bin/activate",
    ".venv/lib/python3.11/site-packages/x.py",
    "venv/bin/python",
    "lib/site-packages/x.py",
    "node_modules/.bin/x",
    "__pycache__/load.cpython-311.pyc",
    "sitecustomize.py",
    "SiteCustomize.py",
    "usercustomize.py",
    "x.pth",
    "python311._pth",
    "pyvenv.cfg",
    "conftest.py",
    "tests/conftest.py",
    "setup.py",
    "pyproject.toml",
    "tox.ini",
    "noxfile.py",
    "pytest.ini",
    "ipython_config.py",
    "ipython_kernel_config.py",
    "jupyter_server_config.py",
    "jupyter_lab_config.json",
    "kernel.json",
    "a.ipynb",
    "package.json",
    "vite.config.ts",
    "eslint.config.js",
    "Makefile",
    "GNUmakefile",
    "makefile",
    "rules.mk",
    "justfile",
    "Rakefile",
    "Dockerfile",
    "docker-compose.yml",
    "compose.yaml",
    "Vagrantfile",
    "Jenkinsfile",
    "CMakeLists.txt",
    "build.rs",
    "Cargo.toml",
    "build.gradle",
    "flake.nix",
    "shell.nix",
    "load.so",
    "load.pyd",
    "run.exe",
    "x.desktop",
    "AUTORUN.INF",
]
COVERED = ["load.py", "sub/load.py", "test_load.py", "tests/test_load.py", "README.md", "data/table.csv", "git/hooks.py", "environment/notes.txt", "docs/index.html", "config.py", "my.git.notes", "github/workflows.md", "make.py", "a~b.txt", "Makefile.md.txt"]  # fmt: skip


@pytest.mark.parametrize("name", APART)
def test_a_folder_rule_never_covers_what_others_run(name: str) -> None:
    request = rq.FileChangeRequest("r", paths=(f"/w/{name}",), changes=CHANGES)
    assert why_asked(f"/w/{name}", "/w")
    for rule in (Rule("edit", "/w"), Rule("files", files=request.paths)):
        assert decide(Policy(rules=(rule,), interactive=True), request) == Ask()
    beside = replace(request, paths=("/w/load.py", *request.paths))
    assert decide(Policy(rules=(Rule("edit", "/w"),), interactive=True), beside) == Ask()
    assert rule_for(request, "/w") is None and rule_for(beside, "/w") is None
    assert rule_for(replace(request, grant_root=f"/w/{name}"), "/w") is None
    assert "session" not in choices(request, "/w")


@pytest.mark.parametrize("name", [name for name in COVERED if name != "Makefile.md.txt"])
def test_a_folder_rule_covers_ordinary_files(name: str) -> None:
    request = rq.FileChangeRequest("r", paths=(f"/w/{name}",))
    assert why_asked(f"/w/{name}", "/w") == ""
    assert decide(Policy(rules=(Rule("edit", "/w"),)), request) != Ask()


def test_a_dot_above_the_folder_says_nothing_and_a_name_of_a_program_does() -> None:
    at_home = rq.FileChangeRequest("r", paths=("/home/ada/.projects/churn/load.py",))
    assert rule_for(at_home, "/home/ada/.projects/churn") == Rule(
        "edit", "/home/ada/.projects/churn"
    )
    inside = rq.FileChangeRequest("r", paths=("/w/.git/hooks/pre-commit",))
    assert rule_for(inside, "/w/.git/hooks") is None
    assert rule_for(at_home, "/elsewhere") is None, (
        "a rule for files knows no folder that was allowed"
    )


def test_what_the_file_system_knows_counts_as_much() -> None:
    plain = rq.FileChangeRequest("r", paths=("/w/run",))
    assert rule_for(plain, "/w") == Rule("edit", "/w")
    program = replace(plain, apart=(("/w/run", "it is a program"),))
    assert rule_for(program, "/w") is None
    assert decide(Policy(rules=(Rule("edit", "/w"),), interactive=True), program) == Ask()


def test_the_card_says_why_and_what_a_rule_leaves_out() -> None:
    from codex_jupyter.core.rights import Rights

    turn = Turn(settings=TurnSettings(rights=Rights(folder="/w")))
    hook = card(
        rq.FileChangeRequest("r", paths=("/w/.git/hooks/x", "/w/.envrc"), changes=CHANGES), turn
    )
    assert [o.choice for o in hook.options] == ["once", "decline", "stop"]
    assert hook.options[0].explains == (
        "This time only. .git/hooks/x is asked about each time: git runs what is in it (1 more files as well)."
    )
    edit = card(rq.FileChangeRequest("r", paths=("/w/load.py",), changes=CHANGES), turn)
    assert "except files that other programs run or trust" in edit.options[1].explains
