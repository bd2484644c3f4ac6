"""What the runtime asked the model: a read-only view of one ``POST /responses``.

It answers the questions a script has (which prompt, which turn, what did the last tool print, how must tools be
called) and those a test has (what was the model told). No sockets and no scripts here.

Facts about the body were read off real requests of ``codex app-server`` 0.163.0: the user's words are the last
``user`` message that the runtime did not write itself; images travel in that message; code-mode models get their
tools in an ``additional_tools`` item; ``x-codex-turn-metadata`` names the turn and why the request is made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

_RUNTIME_TAGS = (
    "environment_context",
    "user_instructions",
    "turn_aborted",
    "subagent_notification",
    "skill",
    "user_shell_command",
    "startup_context",
    "codex_internal_context",
    r"external_[^>\s]+",
)
_RUNTIME_TEXTS = (
    rf"<({'|'.join(_RUNTIME_TAGS)})(?:\s[^>]*)?>.*</\1>",
    r"# AGENTS\.md instructions\b.*",
    r"Another language model started to solve this problem\b.*",
)
_RUNTIME_MESSAGE = re.compile(rf"\s*(?:{'|'.join(_RUNTIME_TEXTS)})\s*", re.DOTALL)
_GOAL = re.compile(
    r'<codex_internal_context source="goal">.*<objective>\n?(.*?)\n?</objective>', re.DOTALL
)
_IMAGE_OPENS = "<image name=[Image #"
_IMAGE_CLOSES = "</image>"
_OUTPUT_TYPES = (
    "function_call_output",
    "custom_tool_call_output",
    "mcp_tool_call_output",
    "local_shell_call_output",
    "tool_search_output",
)
_MARKS = {
    "session_id": re.compile(r'session ID (\d+)|"session_id"\s*:\s*(\d+)'),
    "cell_id": re.compile(r'cell ID "?([\w-]+)|"cell_id"\s*:\s*"([\w-]+)"'),
    "agent_id": re.compile(r'"agent_id"\s*:\s*"([^"]+)"'),
    "exit_code": re.compile(r'exited with code (-?\d+)|"exit_code"\s*:\s*(-?\d+)'),
}


@dataclass(frozen=True)
class Request:
    """One request for a reply.

    Attributes:
        headers: the HTTP headers, names in lower case.
        body: the JSON body. Read it, do not change it.
    """

    headers: Mapping[str, str] = field(repr=False)
    body: Mapping[str, Any] = field(repr=False)

    @property
    def model(self) -> str:
        """The model asked for."""
        return str(self.body.get("model", ""))

    @property
    def input(self) -> list[dict[str, Any]]:
        """The conversation so far, as the model is given it."""
        items = self.body.get("input")
        return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """What the runtime says about the turn (``x-codex-turn-metadata``)."""
        try:
            found = json.loads(self.headers.get("x-codex-turn-metadata", "{}"))
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def thread_id(self) -> str:
        """The thread, or ``""`` from a client that does not say."""
        return self.headers.get("thread-id", "")

    @property
    def turn_id(self) -> str:
        """The turn, or ``""`` from a client that does not say."""
        return str(self.metadata.get("turn_id", ""))

    @property
    def subagent(self) -> str | None:
        """Which helper of the runtime asks (``review``, ``guardian``, ...); ``None`` for the agent itself."""
        return self.headers.get("x-openai-subagent")

    @property
    def kind(self) -> str:
        """Why the runtime asks: ``turn``, ``compaction``, ..."""
        return str(self.metadata.get("request_kind", "turn"))

    @cached_property
    def prompts(self) -> tuple[str, ...]:
        """What the user wrote so far, oldest first, without the messages that the runtime adds itself.

        In a turn that a goal started, the goal's objective is the last; for an agent that another agent spawned, what
        that one wrote.
        """
        messages = [item for item in self.input if item.get("role") == "user"]
        if self.kind == "compaction":
            messages = messages[:-1]
        found = (_prompt(message) for message in messages)
        written = tuple(text for text in found if text is not None)
        return written + tuple(self._tasks) if self.subagent else written

    @property
    def _tasks(self) -> Iterator[str]:
        for item in self.input:
            if item.get("type") == "agent_message":
                sealed = (part.get("encrypted_content") for part in item.get("content") or ())
                yield from (text for text in sealed if isinstance(text, str))

    @property
    def prompt(self) -> str:
        """What the user wrote last, or ``""``."""
        return self.prompts[-1] if self.prompts else ""

    @cached_property
    def context(self) -> str:
        """Everything the runtime and its client added as developer text, joined by blank lines."""
        return "\n\n".join(_text(item) for item in self.input if item.get("role") == "developer")

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """What the tools returned, oldest first, as text."""
        return tuple(
            _text({"content": item.get("output")})
            for item in self.input
            if item.get("type") in _OUTPUT_TYPES
        )

    @property
    def output(self) -> str:
        """What the last tool call returned, or ``""``."""
        return self.outputs[-1] if self.outputs else ""

    @property
    def after_tool(self) -> bool:
        """Whether this request brings a tool's output."""
        return bool(self.input) and self.input[-1].get("type") in _OUTPUT_TYPES

    @cached_property
    def images(self) -> tuple[str, ...]:
        """The image URLs in the conversation (``data:`` URLs, as a rule), oldest first."""
        return tuple(_images(self.input))

    @property
    def text(self) -> str:
        """Everything the model was told, as JSON. For a test that looks for a word in it, or for its absence."""
        return json.dumps(self.body, ensure_ascii=False)

    @cached_property
    def tools(self) -> frozenset[tuple[str | None, str]]:
        """The tools that can be called directly, as ``(namespace, name)``."""
        offered = list(self.body.get("tools") or ())
        for item in self.input:
            if item.get("type") == "additional_tools":
                offered += item.get("tools") or ()
        return frozenset(_tool_names(offered, None))

    @property
    def code_mode(self) -> bool:
        """Whether this model calls tools from JavaScript."""
        return any(name == "exec" for _, name in self.tools)

    def placeholder(self, name: str) -> str | None:
        """The value of ``{{name}}``; ``None`` when nothing so far gives one.

        Raises:
            KeyError: when there is no placeholder of this name.
        """
        if name == "prompt":
            return self.prompt
        if name == "output":
            return self.output or None
        mark = _MARKS[name]
        for output in reversed(self.outputs):
            if found := mark.search(output):
                return next(group for group in found.groups() if group is not None)
        return None


PLACEHOLDERS = ("prompt", "output", *_MARKS)
"""The names :meth:`Request.placeholder` knows."""


def _text(item: Mapping[str, Any]) -> str:
    content = item.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else ()
    texts = (part.get("text") for part in parts if isinstance(part, dict))
    return "\n".join(text for text in texts if isinstance(text, str))


def _prompt(message: Mapping[str, Any]) -> str | None:
    """The user's words in a message; ``None`` when they are the runtime's."""
    parts = message.get("content")
    if isinstance(parts, list):
        parts = [part for index, part in enumerate(parts) if not _frames_an_image(parts, index)]
    text = _text({"content": parts})
    if goal := _GOAL.match(text):
        return goal[1]
    return None if _RUNTIME_MESSAGE.fullmatch(text) else text


def _frames_an_image(parts: list[Any], index: int) -> bool:
    """Whether this part is one of the two texts the runtime puts around an image."""
    text = _text({"content": [parts[index]]})
    before, after = parts[index - 1 : index], parts[index + 1 : index + 2]
    if text.startswith(_IMAGE_OPENS):
        return bool(after) and "image_url" in after[0]
    return text == _IMAGE_CLOSES and bool(before) and "image_url" in before[0]


def _images(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        url = value.get("image_url")
        if isinstance(url, str):
            yield url
        for inner in value.values():
            yield from _images(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _images(inner)


def _tool_names(tools: Any, namespace: str | None) -> Iterator[tuple[str | None, str]]:
    for tool in tools:
        if not isinstance(tool, dict):
            continue
        if tool.get("type") == "namespace":
            yield from _tool_names(tool.get("tools") or (), str(tool.get("name")))
        else:
            yield namespace, str(tool.get("name") or tool.get("type"))
