"""A small JSON-RPC client of the real ``codex app-server``, and fixtures that point one at the offline model.

It answers no request by itself: a test says what it allows. Nothing here uses our own runtime room, so these tests
tell what the stand-ins do, whatever the rest of the package does.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from codex_jupyter import offline
from tests.waiting import GENEROUS

DEADLINE = GENEROUS
Message = dict[str, Any]
Answerer = Callable[[str, Message], Message]


class Runtime:
    """One app-server process.

    Args:
        env: variables on top of this process's.
        overrides: ``key=value`` settings.
        cwd: where it works.
        answer: gives the result for a request of the runtime; without one such a request gets an error.
    """

    def __init__(
        self,
        env: Mapping[str, str],
        overrides: tuple[str, ...],
        cwd: Path,
        answer: Answerer | None = None,
    ) -> None:
        from codex_cli_bin import bundled_codex_path, bundled_path_dir

        options = [part for setting in overrides for part in ("--config", setting)]
        environment = {**os.environ, **env}
        extra = bundled_path_dir()
        if extra is not None:
            environment["PATH"] = f"{extra}{os.pathsep}{environment.get('PATH', '')}"
        self.cwd = cwd
        self.answer = answer
        self.asked: list[tuple[str, Message]] = []
        self.notes: list[tuple[str, Message]] = []
        self._replies: dict[int, Message] = {}
        self._finished: set[str] = set()
        self._news = threading.Condition()
        self._next = 0
        self._ended = False
        self._process = subprocess.Popen(
            [str(bundled_codex_path()), *options, "app-server", "--listen", "stdio://"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=cwd,
            env=environment,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        client = {"name": "codex_jupyter_tests", "title": "tests", "version": "0"}
        self.call("initialize", clientInfo=client, capabilities={"experimentalApi": True})
        self._write({"method": "initialized"})

    # -- the wire ----------------------------------------------------------------------------------

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            message = json.loads(line)
            with self._news:
                if "method" not in message:
                    self._replies[message["id"]] = message
                elif "id" in message:
                    self.asked.append((message["method"], message["params"]))
                    self._write(self._answer(message))
                else:
                    method, params = message["method"], message.get("params") or {}
                    self.notes.append((method, params))
                    if method == "turn/completed":
                        self._finished.add(params["turn"]["id"])
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _answer(self, message: Message) -> Message:
        if self.answer is None:
            return {"id": message["id"], "error": {"code": -32601, "message": "not allowed here"}}
        return {"id": message["id"], "result": self.answer(message["method"], message["params"])}

    def _write(self, message: Message) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()

    def wait_for(self, condition: Callable[[], Any], what: str, timeout: float = DEADLINE) -> Any:
        """The first truthy value of ``condition``, looked at whenever a message has arrived."""
        with self._news:
            found = self._news.wait_for(lambda: condition() or self._ended, timeout)
            value = condition()
        assert value, f"{what}: {'the runtime ended' if found else f'not within {timeout} s'}"
        return value

    def raw(self, method: str, **params: Any) -> Message:
        """The whole reply to a call, with its ``result`` or ``error``."""
        with self._news:
            self._next += 1
            number = self._next
            self._write({"id": number, "method": method, "params": params})
        return self.wait_for(lambda: self._replies.get(number), f"reply to {method}")

    def call(self, method: str, **params: Any) -> Message:
        """The result of a call."""
        reply = self.raw(method, **params)
        assert "error" not in reply, reply
        return reply["result"]

    # -- threads and turns -------------------------------------------------------------------------

    def thread(self, **params: Any) -> str:
        """Start a thread in which nobody but the test approves anything."""
        settings = {
            "approvalPolicy": "on-request",
            "approvalsReviewer": "user",
            "sandbox": "workspace-write",
            "cwd": str(self.cwd),
        }
        return self.call("thread/start", **(settings | params))["thread"]["id"]

    def start(self, thread: str, prompt: str, **params: Any) -> str:
        """Start a turn and return its id."""
        asked = [{"type": "text", "text": prompt}]
        return self.call("turn/start", threadId=thread, input=asked, **params)["turn"]["id"]

    def finish(self, turn: str) -> Turn:
        """Wait for the end of a turn."""
        self.wait_for(lambda: turn in self._finished, f"end of turn {turn}")
        return Turn(self, turn)

    def turn(self, prompt: str, thread: str | None = None, **params: Any) -> Turn:
        """Run a turn to its end, in a new thread if none is named."""
        return self.finish(self.start(thread or self.thread(), prompt, **params))

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=5)
        self._reader.join(timeout=5)
        assert self._process.stdout is not None
        self._process.stdout.close()


class Turn:
    """What the runtime told about one turn so far."""

    def __init__(self, runtime: Runtime, turn: str) -> None:
        self.id = turn
        self.notes = [
            (method, params)
            for method, params in runtime.notes
            if params.get("turnId") == turn or (params.get("turn") or {}).get("id") == turn
        ]

    def named(self, method: str) -> list[Message]:
        return [params for name, params in self.notes if name == method]

    @property
    def ended(self) -> Message | None:
        ends = self.named("turn/completed")
        return ends[-1]["turn"] if ends else None

    @property
    def status(self) -> str:
        assert self.ended
        return self.ended["status"]

    def items(self, kind: str) -> list[Message]:
        """The finished items of this type."""
        done = (params["item"] for params in self.named("item/completed"))
        return [item for item in done if item["type"] == kind]

    @property
    def said(self) -> list[str]:
        return [item["text"] for item in self.items("agentMessage")]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The folder the runtime works in."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Runtime, Any]]:
    """One runtime for many tests, with the tools switched on that are off by default."""
    settings = {
        "tools.update_plan.enabled": True,
        "show_raw_agent_reasoning": True,
        "features.apply_patch_streaming_events": True,
        "features.exec_permission_approvals": True,
        "features.default_mode_request_user_input": True,
    }
    with offline.start(offline.Script(), config=settings) as stand_in:
        folder = tmp_path_factory.mktemp("stage")
        runtime = Runtime(stand_in.env, stand_in.config_overrides, folder)
        try:
            yield runtime, stand_in.server
        finally:
            runtime.close()


@pytest.fixture
def played(stage: tuple[Runtime, Any], project: Path) -> Callable[..., tuple[Runtime, Any]]:
    """Give the shared runtime a script, an answerer and the test's own folder."""
    runtime, server = stage

    def played(script: offline.Script, answer: Answerer | None = None) -> tuple[Runtime, Any]:
        server.script, runtime.answer, runtime.cwd = script, answer, project
        runtime.asked.clear()
        runtime.notes.clear()
        return runtime, server

    return played


@pytest.fixture
def open_runtime(project: Path) -> Iterator[Callable[..., Runtime]]:
    """Start a runtime of the test's own in front of stand-ins it has."""
    with ExitStack() as opened:

        def open_runtime(stand_in: offline.Offline, answer: Answerer | None = None) -> Runtime:
            runtime = Runtime(stand_in.env, stand_in.config_overrides, project, answer)
            opened.callback(runtime.close)
            return runtime

        yield open_runtime


@pytest.fixture
def play(project: Path) -> Iterator[Callable[..., tuple[Runtime, Any]]]:
    """Start stand-ins with a script, and a runtime of the test's own in front of them."""
    with ExitStack() as opened:

        def play(
            script: offline.Script, answer: Answerer | None = None, **options: Any
        ) -> tuple[Runtime, Any]:
            stand_in = opened.enter_context(offline.start(script, **options))
            runtime = Runtime(stand_in.env, stand_in.config_overrides, project, answer)
            opened.callback(runtime.close)
            return runtime, stand_in.server

        yield play
