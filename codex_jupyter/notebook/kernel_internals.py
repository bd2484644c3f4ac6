"""Everything this package uses of ipykernel that is not public, in one place, each with its reason.

``tests/kernel/test_kernel_internals.py`` names these and fails when one is gone. Nothing else here: no policy, no
display.
"""

from __future__ import annotations

import os
import threading
from typing import Any

#: The private names in use, for the test that pins them.
NAMES = (
    "Kernel._allow_stdin",
    "Kernel.get_parent",
    "Kernel.stdin_socket",
    "Kernel._shell_parent_ident",  # ipykernel 7; 6 has Kernel._parent_ident
    "Kernel._get_shell_context_var",
    "Kernel._supports_kernel_subshells",
    "BaseComm._reply_subshell_for",
    "OutStream._original_stdstream_copy",  # what the kernel was started with as its standard output
    "ZMQInteractiveShell._last_traceback",  # kept over a run of the agent's: what a failed cell replies with
)


def kernel_of(shell: Any) -> Any:
    """The ipykernel that runs this shell, or None in a plain IPython."""
    return getattr(shell, "kernel", None)


def allows_stdin(kernel: Any) -> bool:
    """Whether whoever executed the running cell answers prompts (nbclient, nbval and papermill do not)."""
    return bool(getattr(kernel, "_allow_stdin", False))


def request_allows_stdin(kernel: Any) -> bool:
    """Whether the very request that runs here says that its front end answers prompts.

    Another client of the same kernel may say otherwise in the meantime, and what is no cell (a click on a widget, a
    message of a page) says nothing: then nobody answers.
    """
    parent = kernel.get_parent("shell") or {}
    content = parent.get("content")
    kind = (parent.get("header") or {}).get("msg_type")
    allowed = isinstance(content, dict) and content.get("allow_stdin") is True
    return kind == "execute_request" and allowed and allows_stdin(kernel)


def cell_id(kernel: Any) -> str:
    """The id of the running cell as a notebook page gives it, or ``""`` (consoles give none)."""
    return cell_id_of(kernel.get_parent("shell"))


def cell_id_of(request: Any) -> str:
    """The id of the cell that a request came from, ``""`` where it names none."""
    metadata = request.get("metadata") if isinstance(request, dict) else None
    metadata = metadata if isinstance(metadata, dict) else {}
    return str(metadata.get("cellId") or metadata.get("cell_id") or "")


def let_clicks_through(comm: Any) -> None:
    """Let the page's messages reach a subshell although the main thread is busy.

    ipykernel 7.4 sends a page's message to the shell that last published on the comm, which for us is the main one:
    clicks then wait until the cell ends. Without this attribute it takes the subshell the page named. Harmless where
    the attribute does not exist.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = None


def has_subshells(kernel: Any) -> bool:
    """Whether the page can be heard while a cell blocks (ipykernel 7 and later)."""
    return bool(getattr(kernel, "_supports_kernel_subshells", False))


def in_subshell() -> bool:
    """Whether the calling thread is a subshell's: what a console there runs is no cell of the notebook."""
    return threading.current_thread().name.startswith("subshell-")


def send_input_request(kernel: Any, prompt: str, secret: bool) -> tuple[str, bytes]:
    """Ask whoever executed the running cell for a line of text; returns the request's message id, and who was asked."""
    if hasattr(kernel, "_get_shell_context_var"):
        ident = kernel._get_shell_context_var(kernel._shell_parent_ident)
    else:
        ident = kernel._parent_ident["shell"]
    request = kernel.session.send(
        kernel.stdin_socket,
        "input_request",
        {"prompt": prompt, "password": secret},
        kernel.get_parent("shell"),
        ident=ident,
    )
    return request["header"]["msg_id"], _client(ident)


def send_display(
    publisher: Any, data: dict[str, Any], transient: dict[str, Any], *, update: bool
) -> None:
    """Send a display for the running cell as ipykernel does, past all hooks of its publisher and past the streams."""
    content = {"data": data, "metadata": {}, "transient": transient}
    kind = "update_display_data" if update else "display_data"
    publisher.session.send(
        publisher.pub_socket, kind, content, parent=publisher.parent_header, ident=publisher.topic
    )


def terminal_width(stream: Any) -> int:
    """Cells of a line of the terminal that this kernel was started in, 0 where there is none: a console's, if one started it.

    Args:
        stream: the kernel's standard output.
    """
    descriptor = getattr(stream, "_original_stdstream_copy", None)
    try:
        return os.get_terminal_size(descriptor).columns if descriptor is not None else 0
    except (OSError, TypeError, ValueError):
        return 0


def receive_input_reply(kernel: Any, milliseconds: int) -> tuple[dict[str, Any], bytes] | None:
    """The next reply on the stdin channel and who sent it, or None when none came in time."""
    import zmq

    if not kernel.stdin_socket.poll(milliseconds, zmq.POLLIN):
        return None
    ident, reply = kernel.session.recv(kernel.stdin_socket)
    return reply, _client(ident)


def _client(ident: Any) -> bytes:
    """The address of a client, on the shell channel and on stdin alike."""
    return ident if isinstance(ident, bytes) else b"".join(ident or ())
