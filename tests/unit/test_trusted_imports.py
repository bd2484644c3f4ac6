"""Who imports decides where a module is looked for; and nothing is imported late that was not thought of."""

from __future__ import annotations

import ast
import importlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from codex_jupyter import trusted_imports
from codex_jupyter.errors import UserError
from codex_jupyter.runtime.binary import absolute_entries, locate
from codex_jupyter.runtime.launch import Launch, environment
from tests.decoys import dependency_modules
from tests.unit.structure.sources import sources, tree

#: Modules that are there but not loaded; of the standard library, of a dependency, of neither.
OURS, OTHER = "mdurl", "decoy_of_nothing"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current folder, first on the path, with decoys; modules of their names are forgotten, and put back."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), *sys.path])
    names = ("colorsys", OURS, OTHER)
    for name in names:
        (tmp_path / f"{name}.py").write_text("decoy = True\n")
    kept = {n: m for n, m in sys.modules.items() if n.partition(".")[0] in names}
    for name in kept:
        del sys.modules[name]
    importlib.invalidate_caches()
    trusted_imports.install()
    yield tmp_path
    for name in [n for n in sys.modules if n.partition(".")[0] in names]:
        del sys.modules[name]
    sys.modules.update(kept)
    trusted_imports._folders.discard(os.path.realpath(tmp_path))


def importer(name: str, file: str = "/opt/site-packages/somewhere.py") -> Callable[[str], Any]:
    """A function of a module of this name, as its frame looks, that imports what it is told."""
    names: dict[str, Any] = {"__name__": name, "__file__": file}
    exec(compile("def take(wanted): return __import__(wanted)", file, "exec"), names)
    return names["take"]


def is_decoy(module: Any) -> bool:
    return hasattr(module, "decoy")


@pytest.mark.parametrize("wanted", ["colorsys", OURS])
def test_our_code_is_not_given_what_lies_in_the_folder(folder: Path, wanted: str) -> None:
    assert not is_decoy(importer("codex_jupyter.render.markdown")(wanted))


def test_our_code_is_not_given_what_only_the_folder_has(folder: Path) -> None:
    with pytest.raises(ModuleNotFoundError, match=OTHER):
        importer("codex_jupyter.render.markdown")(OTHER)


@pytest.mark.parametrize("wanted", ["colorsys", OURS, OTHER])
def test_a_library_that_works_for_us_counts_as_us(folder: Path, wanted: str) -> None:
    names: dict[str, Any] = {"__name__": "codex_jupyter.x", "take": importer("markdown_it.main")}
    exec("def ask(wanted): return take(wanted)", names)
    try:
        assert not is_decoy(names["ask"](wanted))
    except ModuleNotFoundError:
        assert wanted == OTHER


@pytest.mark.parametrize("wanted", ["colorsys", OURS, OTHER])
def test_the_user_is_given_the_folders_own(folder: Path, wanted: str) -> None:
    assert is_decoy(importer("__main__", "/tmp/ipykernel_1/2.py")(wanted))


@pytest.mark.parametrize("wanted", ["colorsys", OURS, OTHER])
def test_a_file_of_the_folder_is_the_user(folder: Path, wanted: str) -> None:
    assert is_decoy(importer("helper", str(folder / "helper.py"))(wanted))


@pytest.mark.parametrize("wanted", ["colorsys", OURS])
def test_a_dependency_is_given_its_own_also_when_the_user_called_it(
    folder: Path, wanted: str
) -> None:
    assert not is_decoy(importer("pydantic.main")(wanted))


def test_what_imports_by_names_the_user_wrote_goes_on_doing_so(folder: Path) -> None:
    names: dict[str, Any] = {"__name__": "codex_jupyter.x", "take": importer("IPython.core.x")}
    exec("def ask(wanted): return take(wanted)", names)
    assert is_decoy(names["ask"](OTHER))


def test_nobodys_thread_is_given_installed_modules(folder: Path) -> None:
    done: list[Any] = []
    thread = threading.Thread(target=lambda: done.append(__import__("colorsys")))
    thread.run = eval("lambda: done.append(take('colorsys'))", {  # no frame of this file
        "__name__": "concurrent.futures.thread", "done": done, "take": importer("socket")})  # fmt: skip
    thread.start()
    thread.join()
    assert not is_decoy(done[0])


def test_a_folder_that_a_turn_works_in_is_not_trusted_either(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    outside = str(other)
    assert trusted_imports.from_folder(outside)  # below the current one
    above = str(tmp_path.parent)
    assert not trusted_imports.from_folder(os.path.join(above, "x.py"))
    trusted_imports.distrust(above)
    try:
        assert trusted_imports.from_folder(os.path.join(above, "x.py"))
        assert above not in trusted_imports.safe_path()
    finally:
        trusted_imports._folders.discard(os.path.realpath(above))


def test_an_environment_in_the_folder_is_trusted(folder: Path) -> None:
    packages = folder / ".venv" / "lib" / "site-packages"
    assert not trusted_imports.from_folder(str(packages))
    assert trusted_imports.from_folder(str(folder / "src"))


def test_of_a_temporary_folder_only_what_lies_directly_in_it_is_distrusted(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """An environment further down, or a ``pip --target``, may be where everything is installed."""
    temporary = tmp_path_factory.mktemp("temporary")
    trusted_imports.distrust_directly_in(temporary)
    try:
        for written in (
            "",
            "mdurl.py",
            "mdurl/__init__.py",
            "mdurl.cpython-311-x86_64-linux-gnu.so",
        ):
            assert trusted_imports.from_folder(str(temporary / written)), written
        for installed in ("target", "target/mdurl.py", "target/mdurl/__init__.py", "env/lib/x.py"):
            assert not trusted_imports.from_folder(str(temporary / installed)), installed
    finally:
        trusted_imports._shallow.discard(os.path.realpath(temporary))


def announcer(name: str) -> Callable[[str], Any]:
    """A function of a module of this name that asks for the version of a distribution."""
    names: dict[str, Any] = {"__name__": name, "__file__": "/opt/site-packages/x.py"}
    exec("from importlib.metadata import version, entry_points", names)
    exec("def ask(wanted): return version(wanted)", names)
    exec("def plugins(group): return [e.value for e in entry_points(group=group)]", names)
    return lambda wanted: names["plugins" if wanted == "decoys" else "ask"](wanted)


def test_distributions_of_the_folder_are_there_for_the_user_and_not_for_us(folder: Path) -> None:
    for name, version in (("pytest", "0.0"), ("decoy", "1.0")):
        info = folder / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text("[decoys]\nfirst = os:system\n")
    users, ours = announcer("__main__"), announcer("codex_jupyter.notebook.commands.checks")
    assert users("pytest") == "0.0" and users("decoy") == "1.0"
    assert set(users("decoys")) == {"os:system"}
    assert ours("pytest") == pytest.__version__
    assert ours("decoys") == []
    with pytest.raises(ModuleNotFoundError):
        ours("decoy")


def test_this_package_stays_the_one_that_was_imported_first(folder: Path) -> None:
    """For ``%reload_ext``, and for whoever forgets it and imports it again."""
    (folder / "codex_jupyter").mkdir()
    (folder / "codex_jupyter" / "__init__.py").write_text("decoy = True\n")
    for who in ("__main__", "IPython.core.extensions", "codex_jupyter.x"):
        names: dict[str, Any] = {"__name__": who, "__file__": str(folder / "cell.py")}
        exec("import importlib.util\ndef find(n): return importlib.util._find_spec(n, None)", names)
        assert names["find"]("codex_jupyter").origin == trusted_imports.__file__.replace(
            "trusted_imports", "__init__"
        )


def test_a_module_taken_from_the_folder_is_refused_by_name(folder: Path) -> None:
    trusted_imports.refuse_shadows()
    importer("__main__")(OTHER)
    trusted_imports.refuse_shadows()  # nobody needs that one
    importer("__main__")(OURS)
    with pytest.raises(
        UserError, match=rf"{OURS}\.py stands in for the module '{OURS}'"
    ) as refused:
        trusted_imports.before_turn()
    assert "restart the kernel" in refused.value.hint


def test_installing_again_moves_to_the_front(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [object(), *sys.meta_path])
    trusted_imports.install()
    finders = [type(f).__name__ for f in sys.meta_path]
    assert finders[0] == "TrustedFinder" and finders.count("TrustedFinder") == 1


def test_the_list_of_dependencies_is_that_of_what_is_installed() -> None:
    named_by_chance = {name for name in dependency_modules() if name.endswith("__mypyc")}
    assert dependency_modules() - named_by_chance <= trusted_imports.DEPENDENCIES


#: Imported late for a reason: by the notebook when it has to do with that library's own things, before the turn starts.
BEFORE_THE_TURN = frozenset(
    str.split(
        "openai_codex anywidget ipywidgets IPython ipykernel traitlets nest_asyncio2 pydantic pydantic_core comm jupyter_client zmq"
    )
)


def late_imports(of: ast.Module) -> Iterator[str]:
    """What functions import, apart from our own and the standard library's."""
    for function in ast.walk(of):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            yield from (n for n in names if n.partition(".")[0] in trusted_imports.DEPENDENCIES)


def test_what_is_imported_late_comes_before_the_first_turn() -> None:
    late = {n.partition(".")[0] for module in sources() for n in late_imports(tree(module))}
    early = {name.partition(".")[0] for name in trusted_imports.LATE}
    assert late - BEFORE_THE_TURN - {"trustme", "cryptography"} <= early


def test_path_keeps_absolute_entries_only() -> None:
    path = os.pathsep.join([".", "", "bin", "/usr/bin", ""])
    assert absolute_entries(path) == ["/usr/bin"]
    for launch in (Launch(), Launch(codex_bin="/opt/codex")):
        entries = environment(launch, {"PATH": path})["PATH"].split(os.pathsep)
        assert entries[-1] == "/usr/bin" and all(map(os.path.isabs, entries))
        entries = environment(launch, {"PATH": "."})["PATH"].split(os.pathsep)
        assert all(map(os.path.isabs, entries))


def test_what_means_another_file_in_each_folder_is_not_handed_on() -> None:
    given = {
        "BASH_ENV": "./rc.sh", "ENV": "rc.sh", "ZDOTDIR": ".", "LD_LIBRARY_PATH": ":/opt/lib:.:lib",
        "DYLD_LIBRARY_PATH": ":", "EDITOR": "vi", "EMPTY": "",
    }  # fmt: skip
    env = environment(Launch(codex_bin="/opt/codex"), {**given, "PATH": "/usr/bin"})
    assert env["LD_LIBRARY_PATH"] == "/opt/lib"
    assert not {"BASH_ENV", "ENV", "ZDOTDIR", "DYLD_LIBRARY_PATH"} & set(env)
    assert (env["EDITOR"], env["EMPTY"], env["PATH"]) == ("vi", "", "/usr/bin")
    for fine in ("/etc/rc.sh", "~/rc.sh", "$HOME/rc.sh"):
        assert environment(Launch(), {"BASH_ENV": fine})["BASH_ENV"] == fine


def test_a_runtime_named_without_a_path_is_not_taken_from_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    there = tmp_path / "there"
    there.mkdir()
    for place in (tmp_path, there):
        (place / "codex").write_text("#!/bin/sh\n")
        (place / "codex").chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([".", "", str(there)]))
    assert locate("codex") == there / "codex"
