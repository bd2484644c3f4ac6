"""An environment that lies in the folder, where a sandboxed command may write, as a project's `.venv` often does."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from codex_jupyter import offline
from tests.kernel.conftest import StartKernel

#: Packages that our code imports from as a cell needs them.
COPIED = ("markdown_it", "mdurl", "pygments", "nh3", "openai_codex", "codex_jupyter")

ANSWER = "".join(
    f"```{language}\nx\n```\n\n"
    for language in ("sql", "rust", "haskell", "toml", "perl", "make", "diff", "julia")
)


def environment_in(folder: Path) -> Path:
    """A copy of the packages as an environment of the folder would hold them."""
    packages = folder / ".venv" / "lib" / "python3" / "site-packages"
    for name in COPIED:
        spec = importlib.util.find_spec(name)
        assert spec is not None and spec.submodule_search_locations
        shutil.copytree(spec.submodule_search_locations[0], packages / name)
    return packages


def test_what_a_command_writes_into_an_environment_of_the_folder_is_not_run(
    start_kernel: StartKernel, model: offline.Offline, scratch: Path
) -> None:
    """Nothing that is written into the packages of the folder's own environment while Codex works there runs in the kernel."""
    model.server.script = offline.Script.of(
        offline.Rule("code", [[offline.say(ANSWER, phase="final_answer")]], repeat=True)
    )
    folder, mark = scratch / "project", scratch / "ran"
    folder.mkdir()
    packages = environment_in(folder)
    kernel = start_kernel(folder=folder, environ={"PYTHONPATH": str(packages)})
    assert kernel.run("%load_ext codex_jupyter").ok
    assert str(packages) in kernel.value("__import__('codex_jupyter').__file__")
    first = kernel.run("%codex hello")
    assert first.ok, first.text
    loaded = int(kernel.value("len(__import__('sys').modules)"))
    written = 0
    for file in packages.rglob("*.py"):
        if file.stat().st_size:
            file.write_text(f"open({str(mark)!r}, 'a').write(__name__ + '\\n')\n{file.read_text()}")
            written += 1
    for file in packages.rglob("*.pyc"):
        file.unlink()
    assert written > 600
    cells = (
        "%codex again",
        "%codex /status",
        "%codex /transcript",
        "%codex /doctor",
        "turn = %codex -b once more",
        "turn.result().status",
    )
    said = [kernel.run(cell) for cell in cells]
    reloaded = kernel.run("%reload_ext codex_jupyter")
    assert "changed after this kernel began" in reloaded.text + "".join(reloaded.traceback)
    assert not mark.exists(), mark.read_text()
    assert int(kernel.value("len(__import__('sys').modules)")) >= loaded
    for cell in said:
        shown = cell.text + "".join(cell.traceback)
        assert "Traceback" not in shown, shown
        assert cell.ok or "changed after this kernel began" in shown, shown
    assert said[0].ok, said[0].text
