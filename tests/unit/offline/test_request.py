"""What is read out of a request body."""

from __future__ import annotations

import json

import pytest

from codex_jupyter.offline import Request

PICTURE = "data:image/png;base64,AAAA"


def user(*texts: str) -> dict:
    return {"role": "user", "content": [{"type": "input_text", "text": text} for text in texts]}


def request_of(*items: dict, headers: dict | None = None, **body: object) -> Request:
    return Request(headers or {}, {"input": list(items), **body})


@pytest.mark.parametrize(
    "text",
    [
        "<environment_context>\n  <cwd>/x</cwd>\n</environment_context>",
        "<user_instructions>\nbe nice\n</user_instructions>\n",
        "# AGENTS.md instructions for /x\n\n<INSTRUCTIONS>\nBe nice.\n</INSTRUCTIONS>",
        "<turn_aborted>\nstopped\n</turn_aborted>",
        "<external_page>foreign</external_page>",
        "Another language model started to solve this problem and produced a summary",
    ],
)
def test_the_runtimes_own_messages_are_no_prompts(text) -> None:
    assert request_of(user("mine"), user(text)).prompts == ("mine",)


@pytest.mark.parametrize(
    "text",
    [
        "<div>look</div>",
        "<environment_context> is what?",
        "what does <turn_aborted>x</turn_aborted> mean?",
        "</image>",
        "   padded \n",
        "",
    ],
)
def test_the_users_words_are_kept_to_the_byte(text) -> None:
    assert request_of(user(text)).prompt == text


def test_instructions_and_environment_in_one_message() -> None:
    both = user(
        "# AGENTS.md instructions for /x\n\nBe nice.", "<environment_context></environment_context>"
    )
    assert request_of(both, user("mine")).prompts == ("mine",)


def test_an_image_leaves_no_trace_in_the_prompt() -> None:
    message = {
        "role": "user",
        "content": [
            {"type": "input_text", "text": "see"},
            {"type": "input_text", "text": '<image name=[Image #1] path="/x/dot.png">'},
            {"type": "input_image", "image_url": PICTURE},
            {"type": "input_text", "text": "</image>"},
        ],
    }
    told = request_of(message)
    assert (told.prompt, told.images) == ("see", (PICTURE,))


def test_a_goal_is_a_prompt() -> None:
    text = (
        '<codex_internal_context source="goal">\nContinue.\n<objective>\npaint the fence\n'
        "</objective>\nMore.\n</codex_internal_context>"
    )
    assert request_of(user(text)).prompt == "paint the fence"


def test_what_a_spawned_agent_is_asked() -> None:
    task = {
        "type": "agent_message",
        "content": [
            {"type": "input_text", "text": "Message Type: NEW_TASK"},
            {"type": "encrypted_content", "encrypted_content": "count beans"},
        ],
    }
    assert request_of(task).prompt == ""
    spawned = request_of(task, headers={"x-openai-subagent": "collab_spawn"})
    assert spawned.prompt == "count beans"


def test_a_request_to_summarise_is_no_prompt() -> None:
    headers = {"x-codex-turn-metadata": json.dumps({"request_kind": "compaction"})}
    told = request_of(user("mine"), user("Summarise all this."), headers=headers)
    assert (told.kind, told.prompt) == ("compaction", "mine")


def test_outputs_of_every_shape() -> None:
    told = request_of(
        {"type": "function_call_output", "output": "one"},
        {"type": "custom_tool_call_output", "output": [{"type": "input_text", "text": "two"}]},
    )
    assert (told.outputs, told.output, told.after_tool) == (("one", "two"), "two", True)
    assert request_of(user("x")).after_tool is False


@pytest.mark.parametrize(
    ("output", "name", "value"),
    [
        ("Process running with session ID 78645\n", "session_id", "78645"),
        ('{"session_id": 12}', "session_id", "12"),
        ("Process exited with code 3\n", "exit_code", "3"),
        ('{"exit_code":0}', "exit_code", "0"),
        ('{"agent_id": "abc"}', "agent_id", "abc"),
        ("anything", "output", "anything"),
        ("nothing here", "session_id", None),
    ],
)
def test_placeholders(output, name, value) -> None:
    told = request_of({"type": "function_call_output", "output": output})
    assert told.placeholder(name) == value


def test_tools_of_both_kinds_of_model() -> None:
    direct = request_of(
        tools=[{"type": "function", "name": "exec_command"}, {"type": "web_search"}]
    )
    assert direct.tools == {(None, "exec_command"), (None, "web_search")}
    assert not direct.code_mode
    space = {
        "type": "namespace",
        "name": "functions",
        "tools": [{"type": "custom", "name": "exec"}],
    }
    coded = request_of({"type": "additional_tools", "role": "developer", "tools": [space]})
    assert coded.tools == {("functions", "exec")}
    assert coded.code_mode


def test_strange_bodies_are_survived() -> None:
    for body in (
        {},
        {"input": "text"},
        {"input": [3, {"role": "user"}, {"role": "user", "content": 4}]},
    ):
        told = Request({"x-codex-turn-metadata": "{"}, body)
        assert told.output == ""
        assert told.turn_id == ""
        assert told.images == ()
    assert Request({"x-codex-turn-metadata": "[]"}, {}).metadata == {}


def test_no_secret_in_the_repr() -> None:
    assert "Bearer" not in repr(Request({"authorization": "Bearer x"}, {"input": "secret"}))
