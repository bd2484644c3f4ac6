"""A real kernel on the other end of real sockets, driven as a front end drives it.

One thread, no background reader: whoever waits pumps the channels, and every message is kept in
arrival order. Nothing of the extension is known here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager

from tests.processes import below, kill
from tests.waiting import GENEROUS

Message = dict[str, Any]


class _OneKernel(KernelSpecManager):
    """Knows one kernel by its command, and nothing of what this machine has installed."""

    def __init__(self, python: Path) -> None:
        super().__init__()
        self._python = python

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        command = [str(self._python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=command, display_name=kernel_name, language="python")


class Execution:
    """One execute request and everything that came of it so far."""

    def __init__(self, kernel: LiveKernel, message_id: str) -> None:
        self.kernel = kernel
        self.id = message_id
        self.reply: Message | None = None
        self.idle = False

    @property
    def messages(self) -> list[Message]:
        """What arrived on iopub with this request as its parent, in order."""
        return [m for m in self.kernel.iopub if m["parent_header"].get("msg_id") == self.id]

    def of(self, *types: str) -> list[Message]:
        """The contents of this request's iopub messages of these types."""
        return [m["content"] for m in self.messages if m["msg_type"] in types]

    @property
    def stdout(self) -> str:
        """What was written to stdout."""
        return "".join(c["text"] for c in self.of("stream") if c["name"] == "stdout")

    @property
    def stderr(self) -> str:
        """What was written to stderr."""
        return "".join(c["text"] for c in self.of("stream") if c["name"] == "stderr")

    @property
    def displays(self) -> list[dict[str, Any]]:
        """The mime bundles shown, results included, each as the latest update left it."""
        shown: list[tuple[str | None, dict[str, Any]]] = []
        own = {id(m) for m in self.messages}
        for message in self.kernel.iopub:
            content = message["content"]
            name = (content.get("transient") or {}).get("display_id")
            if message["msg_type"] in ("display_data", "execute_result") and id(message) in own:
                shown.append((name, content["data"]))
            elif message["msg_type"] == "update_display_data":
                shown = [(n, content["data"] if n == name else data) for n, data in shown]
        return [data for _, data in shown]

    @property
    def text(self) -> str:
        """All a reader without a browser sees: streams, then the plain text of the displays."""
        plain = [data.get("text/plain", "") for data in self.displays]
        return "\n".join(part for part in [self.stdout, *plain, self.stderr] if part)

    @property
    def ok(self) -> bool:
        """Whether the finished cell succeeded."""
        return self._replied()["status"] == "ok"

    @property
    def error(self) -> tuple[str, str]:
        """The name and the text of the exception that a finished cell failed with.

        Raises:
            AssertionError: it succeeded.
        """
        content = self._replied()
        assert content["status"] == "error", f"the cell succeeded:\n{self.text}"
        return content["ename"], content["evalue"]

    @property
    def traceback(self) -> str:
        """The traceback of a failed cell as the reader sees it, or ``""``."""
        return "\n".join(line for c in self.of("error") for line in c["traceback"])

    @property
    def count(self) -> int:
        """The number that the cell got."""
        return self._replied()["execution_count"]

    def _replied(self) -> Message:
        if self.reply is None:
            raise AssertionError("the cell has not finished")
        return self.reply

    def wait(self, deadline: float = GENEROUS) -> Execution:
        """Pump until the reply and the idle status are here; prompts get the kernel's answers.

        Raises:
            TimeoutError: one of them did not come.
        """
        self.kernel.until(
            lambda: self.reply is not None and self.idle, f"the end of {self.id}", deadline
        )
        return self

    def until(
        self, condition: Callable[[Execution], Any], what: str, deadline: float = GENEROUS
    ) -> Any:
        """Pump until `condition(self)` is truthy; return its value."""
        return self.kernel.until(lambda: condition(self), what, deadline)


@dataclass
class Comm:
    """A comm that the kernel opened: a widget, as the page would see it."""

    id: str
    target: str
    opened: Message
    received: list[Message] = field(default_factory=list)
    closed: bool = False

    @property
    def custom(self) -> list[dict[str, Any]]:
        """The contents of the widget's custom messages, in order."""
        data = [m["content"]["data"] for m in self.received]
        return [d["content"] for d in data if d.get("method") == "custom"]

    @property
    def state(self) -> dict[str, Any]:
        """The widget's state, with its updates."""
        state = dict(self.opened["content"]["data"].get("state", {}))
        for message in self.received:
            data = message["content"]["data"]
            if data.get("method") in ("update", "echo_update"):
                state.update(data["state"])
        return state


class LiveKernel:
    """A started kernel and a client of it.

    Args:
        python: the interpreter of the environment to start the kernel in.
        environ: all the variables it gets.
        folder: its working directory.
        stdin: whether the front end says that it can answer prompts (nbclient and its like say no).
    """

    def __init__(
        self, python: Path, environ: Mapping[str, str], folder: Path, *, stdin: bool = True
    ) -> None:
        self.handed_over(folder, stdin=stdin)
        self._subshells: list[str] = []
        self._manager = KernelManager(
            kernel_name="tested",
            kernel_spec_manager=_OneKernel(python),
            connection_file=str(Path(environ["JUPYTER_RUNTIME_DIR"]) / f"{uuid4().hex[:8]}.json"),
        )
        self._manager.start_kernel(env=dict(environ), cwd=str(folder))
        self.client: BlockingKernelClient = self._manager.client()
        self.client.start_channels()
        try:
            self.client.wait_for_ready(timeout=GENEROUS)
        except BaseException:
            self.close()
            raise

    def handed_over(self, folder: Path, *, stdin: bool) -> None:
        """Nothing was said and nothing is known: somebody begins with this kernel."""
        self.iopub: list[Message] = []
        self.comms: dict[str, Comm] = {}
        self.prompts: list[Message] = []
        self.answers: list[str | Callable[[str], str | None]] = []
        self.folder = folder
        self._allow_stdin = stdin
        self._running: dict[str, Execution] = {}
        self._replies: dict[str, Message] = {}

    # -- running cells -------------------------------------------------------------------------

    def begin(
        self, code: str, *, store_history: bool = True, stop_on_error: bool = True
    ) -> Execution:
        """Send an execute request and return at once."""
        message_id = self.client.execute(
            code,
            store_history=store_history,
            allow_stdin=self._allow_stdin,
            stop_on_error=stop_on_error,
        )
        execution = Execution(self, message_id)
        self._running[message_id] = execution
        return execution

    def run(self, code: str, *, deadline: float = GENEROUS, **options: Any) -> Execution:
        """Execute a cell and wait until it is idle."""
        return self.begin(code, **options).wait(deadline)

    def value(self, expression: str, *, deadline: float = GENEROUS) -> str:
        """The `repr` of an expression in the kernel's namespace, asked without leaving a trace.

        Raises:
            AssertionError: the expression raised.
        """
        message_id = self.client.execute(
            "", silent=True, store_history=False, user_expressions={"v": expression}
        )
        reply = self.until(
            lambda: self._replies.get(message_id), f"the value of {expression}", deadline
        )
        value = reply["content"]["user_expressions"]["v"]
        assert value["status"] == "ok", value
        return value["data"]["text/plain"]

    def interrupt(self) -> None:
        """Interrupt as Jupyter does: SIGINT to the kernel's whole process group."""
        self._manager.interrupt_kernel()

    def complete(self, code: str, position: int | None = None) -> list[str]:
        """What Tab offers at a position of a cell (its end by default)."""
        message_id = self.client.complete(code, position)
        return self.until(lambda: self._replies.get(message_id), "completions")["content"][
            "matches"
        ]

    # -- prompts -------------------------------------------------------------------------------

    def answer(self, *answers: str | Callable[[str], str | None]) -> None:
        """Queue answers for the coming `input()` prompts, in order.

        A callable gets the prompt's text; where it returns None, nobody answers that prompt.
        """
        self.answers.extend(answers)

    def reply_to(self, prompt: Message, value: str) -> None:
        """Answer one particular prompt of `prompts`, which may be an old one."""
        message = self.client.session.msg("input_reply", {"value": value}, parent=prompt)
        self.client.stdin_channel.send(message)

    # -- comms ---------------------------------------------------------------------------------

    def subshell(self) -> str:
        """Make a subshell, as JupyterLab does for each widget's messages on ipykernel 7.

        Raises:
            AssertionError: the kernel has none.
        """
        made = self.control("create_subshell_request")["subshell_id"]
        self._subshells.append(made)
        return made

    def delete_subshells(self) -> None:
        """End the subshells that were made."""
        while self._subshells:
            self.control("delete_subshell_request", {"subshell_id": self._subshells.pop()})

    def control(self, kind: str, content: Message | None = None) -> Message:
        """Send a request on the control channel and return the content of its reply."""
        message = self.client.session.msg(kind, content or {})
        self.client.control_channel.send(message)
        reply = self.until(
            lambda: self._replies.get(message["header"]["msg_id"]), f"the reply to {kind}"
        )
        assert reply["content"]["status"] == "ok", reply["content"]
        return reply["content"]

    def comm(self, *, deadline: float = GENEROUS, number: int = -1) -> Comm:
        """The widget that the kernel opened last (or another); waits until there is one."""
        self.until(lambda: self._widgets(), "a widget", deadline)
        return self._widgets()[number]

    def _widgets(self) -> list[Comm]:
        return [c for c in self.comms.values() if "_anywidget_id" in c.state or "_esm" in c.state]

    def send_custom(self, comm: Comm, content: Message, *, subshell: str | None = None) -> str:
        """Send a widget's custom message, as its page would; return the message's id."""
        return self.send_comm(comm.id, {"method": "custom", "content": content}, subshell=subshell)

    def send_comm(self, comm_id: str, data: Message, *, subshell: str | None = None) -> str:
        """Send a comm message, on a subshell if one is named; return the message's id."""
        message = self.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        if subshell:
            message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    # -- pumping -------------------------------------------------------------------------------

    def until(self, condition: Callable[[], Any], what: str, deadline: float = GENEROUS) -> Any:
        """Pump the channels until `condition()` is truthy; return its value.

        Raises:
            TimeoutError: it was not in time; the message ends with what arrived last.
        """
        end = time.monotonic() + deadline
        while True:
            self._pump(0)
            value = condition()
            if value:
                return value
            left = end - time.monotonic()
            if left <= 0:
                last = [(m["msg_type"], m["content"]) for m in self.iopub[-5:]]
                raise TimeoutError(f"waited {deadline:g} s for {what}; last on iopub: {last}")
            if not self._manager.is_alive():
                raise TimeoutError(f"the kernel died while the test waited for {what}")
            self._pump(min(left, 0.05))

    def _pump(self, seconds: float) -> None:
        """Take in everything that is there, waiting up to `seconds` for the first message."""
        client = self.client
        channels = {
            client.iopub_channel.socket: (client.get_iopub_msg, self._take_iopub),
            client.shell_channel.socket: (client.get_shell_msg, self._take_reply),
            client.control_channel.socket: (client.get_control_msg, self._take_reply),
            client.stdin_channel.socket: (client.get_stdin_msg, self._take_stdin),
        }
        poller = zmq.Poller()
        for socket in channels:
            poller.register(socket, zmq.POLLIN)
        while ready := poller.poll(int(seconds * 1000)):
            seconds = 0
            for socket, _ in ready:
                get, take = channels[socket]
                take(get(timeout=1))

    def _take_iopub(self, message: Message) -> None:
        self.iopub.append(message)
        kind, content = message["msg_type"], message["content"]
        if kind == "status" and content["execution_state"] == "idle":
            execution = self._running.get(message["parent_header"].get("msg_id", ""))
            if execution:
                execution.idle = True
        elif kind == "comm_open":
            self.comms[content["comm_id"]] = Comm(
                content["comm_id"], content["target_name"], message
            )
        elif kind == "comm_msg" and content["comm_id"] in self.comms:
            self.comms[content["comm_id"]].received.append(message)
        elif kind == "comm_close" and content["comm_id"] in self.comms:
            self.comms[content["comm_id"]].closed = True

    def _take_reply(self, message: Message) -> None:
        parent = message["parent_header"].get("msg_id", "")
        self._replies[parent] = message
        if parent in self._running:
            self._running[parent].reply = message["content"]

    def _take_stdin(self, message: Message) -> None:
        self.prompts.append(message)
        if self.answers:
            answer = self.answers.pop(0)
            value = answer(message["content"]["prompt"]) if callable(answer) else answer
            if value is not None:
                self.reply_to(message, value)

    # -- the process ---------------------------------------------------------------------------

    @property
    def process(self) -> psutil.Process:
        """The kernel's process."""
        pid = int(getattr(self._manager.provisioner, "pid", 0) or 0)
        return psutil.Process(pid)

    def descendants(self, word: str = "") -> list[psutil.Process]:
        """The living processes under the kernel whose command line has `word` in it."""
        found = []
        for process in self.process.children(recursive=True):
            try:
                if process.status() != psutil.STATUS_ZOMBIE and word in " ".join(process.cmdline()):
                    found.append(process)
            except psutil.NoSuchProcess:
                continue
        return found

    def restart(self) -> None:
        """Restart the kernel, as the menu does; what arrived before is kept."""
        self._manager.restart_kernel(now=True)
        self.client.wait_for_ready(timeout=GENEROUS)

    def close(self) -> None:
        """Stop the kernel and everything it left, by their ids."""
        left = below(getattr(self._manager.provisioner, "pid", None) or 0)
        self.client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()
        kill(
            left
        )  # the runtime would end by itself, a moment later; that it does is a test of its own
