"""Our files lie where no command may write; what a command does around them changes nothing of ours."""

from __future__ import annotations

import http.server
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from codex_jupyter import places
from codex_jupyter.core.items import ImageView
from codex_jupyter.core.rights import NETWORK
from codex_jupyter.notebook.workbench.figures import Figures
from codex_jupyter.offline import Rule, call, run, say
from codex_jupyter.places import where
from codex_jupyter.session.lasting import lasting, take_back
from tests.contract.approvals.asked import Asked, answered, asked, text_of, touching, waiting

DONE = [say("Done.", phase="final_answer")]
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)


@pytest.fixture(autouse=True)
def state(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of this test's own, and a temporary folder that commands may write to."""
    temporary = scratch / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv("XDG_STATE_HOME", str(scratch / "state" / "deep"))
    monkeypatch.setattr(where, "_writable", set())
    return scratch / "state"


@pytest.fixture
def project(scratch: Path) -> Path:
    made = scratch / "project"
    made.mkdir()
    return made


@pytest.fixture
def figures() -> Iterator[Figures]:
    made = Figures()
    yield made
    made.remove()


def attacks(script: Path, paths: list[Path], outside: Path) -> str:
    """The command for a shell script that does to each path, and to what leads to it, what a hostile command would.

    A file, because the runtime asks a person for a command in which it sees ``rm -rf``.
    """
    lines = []
    for path in paths:
        for place in (path, path.parent, path.parent.parent, path.parent.parent.parent):
            lines += [
                f"mv -f '{place}' '{place}.moved'",
                f"rm -rf '{place}'",
                f"ln -sfn '{outside}' '{place}'",
                f"ln -sfn '{outside}' '{place}/link'",
                f"touch '{place}' '{place}/new' '{place}.new' '{place}.lock'",
                f"chmod 777 '{place}'",
                f"echo hostile > '{place}'",
                f"mount --bind '{outside}' '{place}'",
            ]
    script.write_text("\n".join([*lines, "echo tried"]))
    return f"sh '{script}' 2>&1 </dev/null | tail -1"


def picture(of: Path) -> dict[str, tuple[int, int, int]]:
    """Every path below a folder, with what would change if somebody touched it; what the runtime writes itself left out."""
    found = {}
    for path in [of, *of.rglob("*")]:
        if "offline" in path.parts and path.name not in ("offline", "config.toml"):
            continue
        facts = path.lstat()
        found[str(path)] = (facts.st_ino, facts.st_mode, facts.st_size)
    return found


def long_output(a: Asked, **options: object) -> Path:
    """The file of a long output that a turn left."""
    live = a.start("print", **options)
    turn = live.result(60)
    assert turn.status.value == "completed"
    return live.output().path


LONG = Rule("print", [[run("seq 1 40000")], DONE], when={"contains": "print"})


def test_a_sandboxed_command_changes_nothing_of_ours(
    project: Path, state: Path, scratch: Path, figures: Figures
) -> None:
    """Under workspace-write with a folder added, nothing of ours can be moved, replaced by a link, or written."""
    outside, added = scratch / "outside", scratch / "added"
    outside.mkdir()
    added.mkdir()
    with asked(project, LONG) as a:
        kept = long_output(a)
        figure = figures.add(PNG)
        assert figure is not None
        assert kept.is_relative_to(state) and figure.is_relative_to(state)
        before = picture(state)
        command = attacks(
            project / "attack.sh", [kept, figure, a.model.codex_home / "config.toml"], outside
        )
        proof = f"touch {project}/made {added}/made $TMPDIR/made && echo writable"
        a.script(
            Rule("attack", [[run(f"{proof} && {command}")], [say("{{output}}")]], when={"contains": "attack"}),
            LONG,
        )  # fmt: skip
        turn = a.finished("attack", sandbox="workspace-write", add_dirs=(str(added),))
        assert "writable" in text_of(turn) and "tried" in text_of(
            turn
        )  # the command ran, and could write elsewhere
        assert {p: f for p, f in picture(state).items() if p in before} == before
        assert set(picture(state)) - set(before) == set() and list(outside.iterdir()) == []
        again = long_output(a)
        assert again.parent == kept.parent and again.read_text() == kept.read_text()


def test_a_turn_that_may_write_where_our_files_lie_gets_none_of_the_next(
    project: Path, state: Path, scratch: Path, figures: Figures
) -> None:
    """A folder of a turn, or one added, above or in our place: new files go where it may not write."""
    outside = scratch / "outside"
    outside.mkdir()
    with asked(project, LONG) as a:
        kept, figure = long_output(a), figures.add(PNG)
        assert figure is not None and figure.is_relative_to(state)
        for options in (
            {"add_dirs": (str(state),)},
            {"add_dirs": (str(kept.parent),)},
            {"cwd": scratch},
            {"add_dirs": ("/",)},
        ):
            a.script(LONG)
            if options.get("add_dirs") == ("/",):
                # everything: there is no place left, which is said, and the turn goes on
                live = a.start("print", sandbox="workspace-write", **options)
                assert live.result(60).status.value == "completed"
                with pytest.raises(Exception, match="commands may write to"):
                    _ = live.output().path
                assert figures.add(PNG + b"other") is None and "commands may write" in figures.fault
                continue
            new = long_output(a, sandbox="workspace-write", **options)
            other = figures.add(PNG + str(options).encode())
            assert other is not None
            for path in (new, other):
                assert not path.is_relative_to(state)
            a.script(
                Rule("attack", [[run(attacks(project / "attack.sh", [new, other], outside))], [say("{{output}}")]], when={"contains": "attack"})
            )  # fmt: skip
            before = picture(new.parent.parent.parent)
            a.finished("attack", sandbox="workspace-write", **options)
            assert picture(new.parent.parent.parent) == before and list(outside.iterdir()) == []


def test_what_replaced_our_folder_before_is_not_written_through(
    project: Path, state: Path, scratch: Path
) -> None:
    """A command with full access puts links in place of our folder and file: the kernel still writes to neither target."""
    outside = scratch / "outside"
    outside.mkdir()
    (outside / "target").write_text("the user's")
    with asked(project, LONG) as a:
        kept = long_output(a)
        swap = (
            f"mv {kept.parent} {kept.parent}.moved && ln -s {outside} {kept.parent} && "
            f"ln -sf {outside}/target {kept.parent}.moved/{kept.name} && echo swapped"
        )
        a.script(Rule("swap", [[run(swap)], [say("{{output}}")]], when={"contains": "swap"}), LONG)
        assert "swapped" in text_of(a.finished("swap", sandbox="full-access"))
        live = a.start("print")
        assert live.result(60).status.value == "completed"
        assert "40000" in live.output().text
        assert [p.name for p in outside.iterdir()] == ["target"]
        assert (outside / "target").read_text() == "the user's"


def test_the_runtime_reads_the_figures_and_commands_read_what_is_kept(
    project: Path, figures: Figures
) -> None:
    """A figure's file reaches the model by view_image under read-only; that commands can read our files is said, too."""
    figure = figures.add(PNG)
    assert figure is not None
    with asked(
        project,
        Rule(
            "look", [[call("view_image", {"path": str(figure)})], DONE], when={"contains": "look"}
        ),
        Rule(
            "read", [[run(f"wc -c < '{figure}'")], [say("{{output}}")]], when={"contains": "read"}
        ),
    ) as a:
        turn = a.finished("look", sandbox="read-only")
        (viewed,) = [entry for entry in turn.entries if isinstance(entry, ImageView)]
        assert viewed.data and "data:image/png" in str(a.model.server.requests[-1].body)
        assert str(len(PNG)) in text_of(a.finished("read", sandbox="read-only"))


def test_a_rule_that_is_taken_back_is_taken_from_where_it_stands(
    project: Path, scratch: Path
) -> None:
    """Rules in dotfiles, by link: the link stays, the rule goes there, what Codex and others append stays, it is asked again."""
    dotfiles = scratch / "dotfiles"
    dotfiles.mkdir()
    mine = '# mine\nprefix_rule(pattern=["git", "status"], decision="allow")\n'
    (dotfiles / "codex.rules").write_text(mine)
    target = scratch / "record"
    with asked(project, Rule("go", [[touching(target)], DONE], when={"contains": "go"})) as a:
        rules = a.model.codex_home / "rules"
        rules.mkdir(exist_ok=True)
        (rules / "default.rules").symlink_to(dotfiles / "codex.rules")
        answered(a.start(), "always")
        assert (rules / "default.rules").is_symlink() and "touch" in (
            dotfiles / "codex.rules"
        ).read_text()
        (always,) = (each for each in lasting(a.model.codex_home) if "touch" in each.words)
        stop = threading.Event()
        added: list[str] = []

        def others() -> None:
            while not stop.is_set() and len(added) < 500:
                added.append(f"# added {len(added)}\n")
                with open(rules / "default.rules", "a") as file:
                    file.write(added[-1])

        other = threading.Thread(target=others)
        other.start()
        try:
            a.session.engine.call(take_back(a.session.engine, always))
        finally:
            stop.set()
            other.join()
        left = (dotfiles / "codex.rules").read_text()
        assert (rules / "default.rules").is_symlink() and os.listdir(rules) == ["default.rules"]
        assert "touch" not in left and left.startswith(mine) and left.endswith("".join(added))
        target.unlink()
        live = a.start()
        waiting(live)  # asked again: the runtime reads the file with the comment in it
        answered(live, "decline")
        assert not target.exists()
        assert places.kept()  # the offline model's home, which goes with it


REACH = """
import sys, urllib.request
try:
    print("port", urllib.request.urlopen(sys.argv[1], timeout=20).status)
except OSError as error:
    print("no port", error)
try:
    print("key", open(sys.argv[2]).read())
except OSError as error:
    print("no key", error)
"""


def test_what_the_network_means_is_said_and_a_profile_denies_the_connection_file(
    project: Path, scratch: Path
) -> None:
    """Commands reach local ports only with network access, which the header says; a permission profile keeps the keys."""
    runtime = scratch / "jupyter-runtime"
    runtime.mkdir()
    connection = runtime / "kernel-1.json"
    connection.write_text("the-key-of-a-kernel")
    (project / "reach.py").write_text(REACH)

    class Listening(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listening)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    go = Rule("go", [[run(f"{sys.executable} reach.py {url} {connection}")], [say("{{output}}")]], when={"contains": "go"})  # fmt: skip
    denying = {
        "default_permissions": "notebook",
        "permissions.notebook.filesystem": {":root": "read", ":workspace_roots": "write", str(runtime): "deny"},
        "permissions.notebook.network.enabled": True,
    }  # fmt: skip
    try:
        for config, sandbox, port, key in (
            ({}, "read-only", False, True),
            ({}, "workspace-write", False, True),
            ({"sandbox_workspace_write.network_access": True}, "workspace-write", True, True),
            (denying, None, True, False),
        ):
            with asked(project, go, config=config) as a:
                options = {} if sandbox is None else {"sandbox": sandbox}
                turn = a.finished(**options)
                shown = text_of(turn)
                assert ("port 200" in shown, "no port" in shown) == (port, not port), shown
                assert ("the-key-of-a-kernel" in shown, "no key" in shown) == (key, not key), shown
                assert (NETWORK in shown) is port, shown
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
