"""The offline model's CODEX_HOME: its own, private, gone afterwards."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from codex_jupyter import offline, places
from codex_jupyter.offline.home import OfflineHome
from tests.own_files import kept_here

URL = "http://127.0.0.1:9/v1"


@pytest.fixture(autouse=True)
def state(scratch, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(scratch / "state"))
    monkeypatch.delenv("CODEX_HOME", raising=False)
    return scratch / "state"


def test_it_is_private_and_points_at_the_server() -> None:
    with OfflineHome(
        URL, config={"tools.update_plan.enabled": True, "a.b": ["x", {"k": 1}]}
    ) as home:
        assert home.path.is_relative_to(places.base() / "offline")
        assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
        config = tomllib.loads((home.path / "config.toml").read_text())
        provider = config["model_providers"][config["model_provider"]]
        assert (provider["base_url"], provider["name"]) == (URL, "offline model")
        assert provider["requires_openai_auth"] is False
        assert config["tools"]["update_plan"]["enabled"] is True
        assert config["a"]["b"] == ["x", {"k": 1}]
        assert tomllib.loads("\n".join(home.config_overrides)) == config
        assert home.env["CODEX_HOME"] == str(home.path)
    assert not home.path.exists()
    assert kept_here() == []
    home.close()


def test_the_users_own_home_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ValueError, match="your own CODEX_HOME"):
        OfflineHome(URL, path="~/.codex")
    monkeypatch.setenv("CODEX_HOME", str(tmp_path / "mine"))
    with pytest.raises(ValueError, match="your own CODEX_HOME"):
        OfflineHome(URL, path=tmp_path / "x" / ".." / "mine")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["config.toml", "auth.json"])
def test_a_home_that_somebody_uses_is_refused(tmp_path, name) -> None:
    used = tmp_path / "used"
    used.mkdir()
    (used / name).write_text('model = "x"\n')
    with pytest.raises(ValueError, match="somebody uses"):
        OfflineHome(URL, path=used)
    assert [path.name for path in used.iterdir()] == [name]


def test_a_named_folder_is_kept_and_can_be_used_again(tmp_path) -> None:
    for _ in range(2):
        with OfflineHome(URL, path=tmp_path / "kept") as home:
            (home.path / "auth.json").write_text("{}")
        assert (tmp_path / "kept" / "config.toml").exists()


def test_a_setting_without_a_spelling_is_refused() -> None:
    with pytest.raises(ValueError, match="leave it out"):
        OfflineHome(URL, config={"model": None})


def test_what_a_killed_process_left_is_swept_and_what_lives_is_not() -> None:
    source = (
        f"import os; from codex_jupyter.offline.home import OfflineHome; h = OfflineHome({URL!r})"
    )
    killed = subprocess.run(
        [sys.executable, "-c", f"{source}; print(h.path, flush=True); os._exit(9)"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    left = Path(killed.stdout.strip())
    assert left.is_dir()
    with OfflineHome(URL) as living:
        assert not left.exists()
        with OfflineHome(URL):
            assert living.path.is_dir()
    assert kept_here() == []


def test_what_a_late_runtime_wrote_is_swept_too() -> None:
    with OfflineHome(URL) as home:
        pass
    late = home.path / "thread-writer-locks"
    late.mkdir(parents=True)
    (late / ".coordination.lock").touch()
    with OfflineHome(URL):
        assert not home.path.exists()
    assert kept_here() == []


def test_it_goes_when_the_process_ends_and_a_fork_does_not_take_it_along() -> None:
    source = (
        f"import os, sys; from codex_jupyter.offline.home import OfflineHome\nh = OfflineHome({URL!r})\n"
        "child = os.fork()\nif child == 0: sys.exit()\nos.waitpid(child, 0)\n"
        "print(h.path, h.path.is_dir())"
    )
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", source],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    path, lived = ended.stdout.split()
    assert lived == "True"
    assert not Path(path).exists()


def test_the_proxy_is_kept_away(monkeypatch) -> None:
    monkeypatch.setenv("NO_PROXY", "example.com")
    with OfflineHome(URL) as home:
        assert home.env["NO_PROXY"] == "example.com,127.0.0.1,localhost"


def test_start_and_close() -> None:
    with offline.start() as stand_in:
        assert stand_in.label == "offline model"
        assert stand_in.codex_home.is_dir()
        assert stand_in.server.base_url in repr(stand_in)
        assert stand_in.issuer is None
        assert set(stand_in.env) == {"CODEX_HOME", "NO_PROXY", "no_proxy"}
    assert not stand_in.codex_home.exists()


def test_start_takes_a_script_in_every_form(tmp_path) -> None:
    data = {"rules": [{"name": "mine", "replies": [[{"say": "x"}]]}]}
    path = tmp_path / "mine.json"
    path.write_text('{"rules": [{"name": "mine", "replies": [[{"say": "x"}]]}]}')
    for script in (data, path, str(path), offline.Script.from_dict(data)):
        with offline.start(script) as stand_in:
            assert stand_in.server.script.rules[0].name == "mine"
    with pytest.raises(offline.ScriptError):
        offline.start("nonsense")
    with pytest.raises(ValueError):
        offline.start(codex_home=Path.home() / ".codex")
    assert kept_here() == []


def test_importing_it_is_cheap() -> None:
    source = (
        "import sys, codex_jupyter.offline as o; "
        "print(*({'http.server', 'ssl', 'trustme', 'socketserver', 'asyncio', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", source],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": ""},
    )
    assert done.stdout.split() == []
