"""Nothing but `places/` makes folders or files, or asks where temporary ones lie; each exception has its reason here."""

from __future__ import annotations

import ast

from tests.unit.structure.sources import hold_to_list, sources, tree

#: Calls that make a folder or write a file, by the name that is called.
MAKING = {
    "mkdir", "makedirs", "mkdtemp", "mkstemp", "TemporaryDirectory", "NamedTemporaryFile", "TemporaryFile",
    "SpooledTemporaryFile", "gettempdir", "write_text", "write_bytes", "symlink", "symlink_to", "link", "hardlink_to",
    "rename", "touch", "rmtree", "unlink", "mkfifo", "copyfile", "copy2", "copytree", "move",
}  # fmt: skip
MODULES = {"tempfile", "shelve", "dbm"}

#: "module: what", each with the reason that it stands elsewhere.
KNOWN = {
    "offline.bird_strikes: mkdir": "the tutorial's table, in the folder that the user names",
    "offline.bird_strikes: write_bytes": "the same",
    "offline.home: mkdir": "a CODEX_HOME that the caller names",
    "offline.home: write_text": "config.toml of the offline model's own CODEX_HOME",
    "offline.project: mkdir": "the tutorial's project, in the folder that the user names",
    "offline.project: write_text": "the same",
    "offline.tutorials: mkdir": "the tutorials, in the folder that the user names",
    "offline.tutorials: write_bytes": "the same",
    "notebook.commands.conversations: rename": "names a conversation",
    "render.ansi: link": "an address in a terminal's text",
    "render.ansi: move": "the cursor",
    "runtime.keeper: open to write": "the null device, in the place of the runtime's pipes",
    "session.undoing: makedirs": "the folder of a file that a patch deleted, where that went with it",
    "session.undoing: mkdir": "the same",
    "session.undoing: open to write": "a file of the user's as it was before a patch",
    "session.undoing: unlink": "a file that a patch made",
    "runtime.probe: mkdir": "an empty CODEX_HOME for the trial, in a folder of places.fresh",
}


def makings(of: ast.AST) -> set[str]:
    """What a source makes: names of calls, imported modules, and `open` for anything but reading."""
    found = set()
    for node in ast.walk(of):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] in MODULES}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            found.add(str(node.module))
        elif isinstance(node, ast.Call):
            named = node.func
            name = named.attr if isinstance(named, ast.Attribute) else getattr(named, "id", "")
            if name in MAKING:
                found.add(name)
            elif name == "open":
                said = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                said += [word.value.value for word in node.keywords if word.arg == "mode" and isinstance(word.value, ast.Constant)]  # fmt: skip
                if any(isinstance(mode, str) and len(mode) < 5 and set(mode) & set("wax+") for mode in said):  # fmt: skip
                    found.add("open to write")
                if {"O_CREAT", "O_WRONLY", "O_RDWR", "O_APPEND"} & {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}:  # fmt: skip
                    found.add("open to write")
    return found


def test_only_places_makes_files_and_folders() -> None:
    found = {
        f"{module}: {what}"
        for module in sources()
        if module.split(".")[0] != "places"
        for what in makings(tree(module))
    }
    hold_to_list("place where files are made outside places/", found, set(KNOWN))


def test_makings_are_told_from_other_calls() -> None:
    code = (
        "import tempfile\nopen(p, 'w')\nos.open(p, os.O_WRONLY)\np.open()\nopen(p, 'rb')\nb.open(live, x)\n"
        "text.replace('a', 'b')\nopen(p, mode='x')\nPath(p).mkdir()"
    )
    assert makings(ast.parse(code)) == {"tempfile", "open to write", "mkdir"}
    assert makings(ast.parse("p.open()\nopen(p, 'rb')\ntext.replace('a', 'b')")) == set()
    assert "rmtree" in makings(tree("places.private"))
