"""Which raw tool calls were refused: calls that send no item, judged by what the model was told.

Measured with runtime 0.163: under the policy ``never``, and when a sandbox stops a command before it starts, the call
leaves no item at all. Text in, verdict out.
"""

from __future__ import annotations

#: Tools that never send an item of their own and are not worth a word: their calls are not remembered.
NO_ITEM = frozenset(
    {
        "update_plan", "wait", "write_stdin", "request_user_input", "request_user_input_async", "request_permissions",
        "tool_search", "get_goal", "create_goal", "update_goal", "list_mcp_resources", "read_mcp_resource",
        "list_mcp_resource_templates", "spawn_agent", "send_input", "wait_agent", "close_agent", "resume_agent",
    }
)  # fmt: skip

#: Tools that run or change something.
_ACTING = (
    "exec_command",
    "shell",
    "shell_command",
    "local_shell",
    "local_shell_call",
    "apply_patch",
    "exec",
)

_SAID = (
    "rejected", "denied", "not permitted", "not allowed", "approval", "sandbox", "refused", "failed", "error",
)  # fmt: skip


def refusal(tool: str, arguments: str, output: str) -> tuple[str, str] | None:
    """(what was tried, what the model was told) when the call was refused, else None."""
    name = tool.rsplit(".", 1)[-1]
    if name not in _ACTING:
        return None
    said = output.lower()
    if any(word in said for word in _SAID):
        return arguments, output
    return None
