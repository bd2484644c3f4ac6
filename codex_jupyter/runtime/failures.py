"""What can go wrong between us and the runtime, as exceptions of our own tree. No logic."""

from __future__ import annotations

from codex_jupyter.errors import CodexJupyterError


class RuntimeRequestError(CodexJupyterError):
    """The runtime answered a request with a JSON-RPC error.

    ``code`` is the JSON-RPC code (-32600 refused, -32601 unknown method, -32602 bad parameters, -32603 internal,
    -32001 overloaded); ``message`` is the runtime's own sentence.

    Example:
        >>> RuntimeRequestError(-32600, "no active turn to steer").code
        -32600
    """

    def __init__(self, code: int, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.code = code


class RuntimeTimeoutError(CodexJupyterError):
    """The runtime is alive but did not answer a request in time."""
