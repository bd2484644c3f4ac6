"""Of an environment in the folder of a turn, only what did not change since the kernel began is loaded."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from codex_jupyter import trusted_imports
from tests.environments import ROOT

#: What an attack leaves behind when it is run.
EVIL = "import pathlib; pathlib.Path(r'{mark}').write_text('ran')\n"

#: A program in a folder whose environment has a package that is partly imported; it says how a late import ended.
PROGRAM = """
import os, pathlib, sys, time
sys.path[:0] = [{packages!r}, {root!r}]
os.chdir({folder!r})
from codex_jupyter import trusted_imports
import mdurl
trusted_imports.before_turn({folder!r})
assert mdurl.__file__.startswith({folder!r})
# No clock of a file system is coarser than this program is patient.
probe = pathlib.Path({folder!r}, "probe")
while not probe.exists() or os.stat(probe).st_ctime_ns <= trusted_imports.BEGAN:
    probe.write_text("x")
names = {{"__name__": "codex_jupyter.render.x", "__file__": trusted_imports.__file__}}
exec({attack!r}, {{"site": pathlib.Path({packages!r}), "elsewhere": pathlib.Path({elsewhere!r}), "evil": {evil!r}}})
exec("import importlib\\ndef late(name): return __import__(name, fromlist=['x'])", names)
try:
    print("loaded", names["late"]({module!r}).__name__)
except ImportError as error:
    print(type(error).__name__, error)
    assert not hasattr(error, "path") or error.name
"""

ATTACKS: dict[str, tuple[str, str]] = {
    "a module written over": ("mdurl.late", "(site / 'mdurl/late.py').write_text(evil)"),
    "its time set back": (
        "mdurl.late",
        "import os; p = site / 'mdurl/late.py'; old = p.stat(); p.write_text(evil); "
        "os.utime(p, ns=(old.st_atime_ns, old.st_mtime_ns))",
    ),
    "a file moved in place": (
        "mdurl.late",
        "import os; os.replace(elsewhere / 'late.py', site / 'mdurl/late.py')",
    ),
    "a link put in place": (
        "mdurl.late",
        "p = site / 'mdurl/late.py'; p.unlink(); p.symlink_to(elsewhere / 'late.py')",
    ),
    "a hard link put in place": (
        "mdurl.late",
        "p = site / 'mdurl/late.py'; p.unlink(); p.hardlink_to(elsewhere / 'late.py')",
    ),
    "a package moved in place": (
        "mdurl.inner.late",
        "import os; os.rename(site / 'mdurl/inner', elsewhere / 'old'); "
        "os.rename(elsewhere / 'inner', site / 'mdurl/inner')",
    ),
    "the whole package moved in place": (
        "mdurl.late",
        "import os; os.rename(site / 'mdurl', elsewhere / 'old'); "
        "os.rename(elsewhere / 'mdurl', site / 'mdurl')",
    ),
    "compiled code in its place": (
        "mdurl.late",
        "import importlib.util, py_compile; p = site / 'mdurl/late.py'; e = elsewhere / 'late.py'; "
        "py_compile.compile(str(e), importlib.util.cache_from_source(str(p)), dfile=str(p), "
        "invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)",
    ),
    "a new module": ("mdurl.fresh", "(site / 'mdurl/fresh.py').write_text(evil)"),
    "a new package": (
        "mdurl.more.fresh",
        "(site / 'mdurl/more').mkdir(); (site / 'mdurl/more/fresh.py').write_text(evil)",
    ),
    "a package in place of a module": (
        "mdurl.late",
        "(site / 'mdurl/late').mkdir(); (site / 'mdurl/late/__init__.py').write_text(evil)",
    ),
    "a recorded file written over, and linked": (
        "mdurl.late",
        "p = site / 'mdurl/late.py'; (elsewhere / 'name').hardlink_to(p); p.write_text(evil)",
    ),
    "its record written over as well": (
        "mdurl.late",
        "(site / 'mdurl/late.py').write_text(evil); "
        "(site / 'mdurl-1.dist-info/RECORD').write_text((elsewhere / 'evil.dist-info/RECORD').read_text())",
    ),
    "a record moved in place": (
        "mdurl.late",
        "import os; (site / 'mdurl/late.py').write_text(evil); "
        "os.replace(elsewhere / 'evil.dist-info/RECORD', site / 'mdurl-1.dist-info/RECORD')",
    ),
    "the folder of a record moved in place": (
        "mdurl.late",
        "import os; (site / 'mdurl/late.py').write_text(evil); "
        "os.rename(site / 'mdurl-1.dist-info', elsewhere / 'old'); "
        "os.rename(elsewhere / 'evil.dist-info', site / 'mdurl-1.dist-info')",
    ),
    "a record beside the others": (
        "mdurl.late",
        "import os; (site / 'mdurl/late.py').write_text(evil); "
        "os.rename(elsewhere / 'evil.dist-info', site / 'evil-1.dist-info')",
    ),
    "a link to a recorded file": (
        "mdurl.inner.late",
        "p = site / 'mdurl/inner/late.py'; p.unlink(); p.symlink_to(elsewhere / 'inner/late.py')",
    ),
    "a new dependency": ("nh3", "(site / 'nh3.py').write_text(evil)"),
    "an old package as a new dependency": (
        "nh3",
        "import os; os.rename(elsewhere / 'mdurl', site / 'nh3')",
    ),
}


@pytest.fixture
def try_import(tmp_path: Path) -> Callable[[str, str], tuple[str, bool]]:
    """Import a module late after something was done to the environment: what it said, and whether the attack ran."""
    folder, mark = tmp_path / "project", tmp_path / "mark"
    packages = folder / ".venv" / "lib" / "site-packages"
    elsewhere = folder / "elsewhere"
    evil = EVIL.format(mark=mark)
    for place, text in ((packages / "mdurl", "good = True\n"), (elsewhere / "mdurl", evil)):
        (place / "inner").mkdir(parents=True)
        for name in ("__init__.py", "late.py", "inner/__init__.py", "inner/late.py"):
            (place / name).write_text(text)
    (elsewhere / "inner").mkdir()
    for name in ("late.py", "inner/__init__.py", "inner/late.py"):
        (elsewhere / name).write_text(evil)

    for place, text in (
        (packages / "mdurl-1.dist-info", "good = True\n"),
        (elsewhere / "evil.dist-info", evil),
    ):
        place.mkdir()
        digest = (
            base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        )
        (place / "RECORD").write_text(
            f"mdurl/late.py,sha256={digest},{len(text)}\nmdurl/RECORD,,\n"
        )

    def run(module: str, attack: str) -> tuple[str, bool]:
        program = PROGRAM.format(
            packages=str(packages), root=str(ROOT), folder=str(folder), elsewhere=str(elsewhere), evil=evil,
            module=module, attack=attack,
        )  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip(), mark.exists()

    return run


@pytest.mark.parametrize(("module", "attack"), ATTACKS.values(), ids=list(ATTACKS))
def test_what_changed_is_not_run(
    try_import: Callable[[str, str], tuple[str, bool]], module: str, attack: str
) -> None:
    said, attacked = try_import(module, attack)
    assert not attacked, said
    if "compiled code" in said or said == f"loaded {module}":
        return  # the source, as it was
    assert said.startswith(("ChangedFileError", "ModuleNotFoundError")), said


@pytest.mark.parametrize("module", ["mdurl.late", "mdurl.inner.late", "nh3"])
def test_what_did_not_change_is_loaded(
    try_import: Callable[[str, str], tuple[str, bool]], module: str
) -> None:
    assert try_import(module, "") == (f"loaded {module}", False)


def test_a_file_that_was_only_given_one_more_name_is_loaded(
    try_import: Callable[[str, str], tuple[str, bool]],
) -> None:
    """Installers link the files of one package into many environments, and each link changes the inode's time."""
    link = "(elsewhere / 'another name').hardlink_to(site / 'mdurl/late.py')"
    assert try_import("mdurl.late", link) == ("loaded mdurl.late", False)


@pytest.mark.parametrize("last", ["project", "environment"])
def test_an_environment_inside_a_project_on_the_path_has_its_own_record(
    try_import: Callable[[str, str], tuple[str, bool]], last: str
) -> None:
    """A clone that one works in: its root is on the path as well as its ``.venv``, and either may be asked first."""
    link = (
        "import sys; from codex_jupyter import sealed_files, trusted_imports; project = str(site.parents[2]); "
        "sys.path.append(project); trusted_imports._remember_packages(); "
        "(elsewhere / 'another name').hardlink_to(site / 'mdurl/late.py'); "
        "assert sealed_files._environments >= {project, str(site)}; "
        f"sealed_files._environments = sorted(sealed_files._environments, reverse={last == 'project'})"
    )
    assert try_import("mdurl.late", link) == ("loaded mdurl.late", False)


def test_without_a_record_nobody_can_tell(
    try_import: Callable[[str, str], tuple[str, bool]],
) -> None:
    link = "(elsewhere / 'another name').hardlink_to(site / 'mdurl/inner/late.py')"
    said, _ = try_import("mdurl.inner.late", link)
    assert said.startswith("ChangedFileError")


def test_the_refusal_names_the_file_and_the_next_step(
    try_import: Callable[[str, str], tuple[str, bool]],
) -> None:
    said, _ = try_import(*ATTACKS["a module written over"])
    assert "mdurl/late.py changed after this kernel began" in said
    assert "Restart the kernel" in said


def test_outside_the_folders_nothing_is_sealed() -> None:
    """An installation elsewhere is loaded as ever, at no cost."""
    spec = PathFinder.find_spec("colorsys")
    assert spec is not None
    assert not trusted_imports._in_writable_folder(os.fspath(spec.origin or ""))
