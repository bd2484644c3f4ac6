"""Scripts as data: what is accepted, what is refused and how it is told, and which rule speaks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codex_jupyter import offline
from codex_jupyter.offline import Request, Rule, Script, ScriptError, cut, run, say
from codex_jupyter.offline.script import Reply
from tests.environments import ROOT


def asked(prompt: str = "hello", output: str | None = None, **headers: str) -> Request:
    items: list[dict] = [{"role": "user", "content": [{"type": "input_text", "text": prompt}]}]
    if output is not None:
        items.append({"type": "function_call_output", "call_id": "c", "output": output})
    return Request(headers, {"model": "gpt-5.5", "input": items})


def rule(**fields: object) -> dict:
    return {"rules": [{"name": "greet", "replies": [[{"say": "Hi."}]], **fields}]}


def test_a_script_from_json_plays_what_it_says(tmp_path) -> None:
    path = tmp_path / "script.json"
    path.write_text(json.dumps(rule(when={"contains": "HELLO"})))
    found = Script.load(path).find(asked("Oh, hello there"))
    assert found is not None
    assert found.reply(asked(), 0) == [{"say": "Hi."}]
    assert found.reply(asked(), 1) is None


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ([], "a script is an object"),
        ({"rules": 3}, "needs a list of 'rules'"),
        ({"rulez": []}, "the script has no field 'rulez'"),
        ({"rules": ["x"]}, "rule 1 must be an object"),
        (rule(name=3), "rule 1: 'name' must be text"),
        (rule(whem={}), "rule 'greet' has no field 'whem'"),
        (rule(when="hello"), "rule 'greet': 'when' must be an object"),
        (rule(when={"containz": "x"}), "rule 'greet': 'when' has no condition 'containz'"),
        (rule(when={"contains": 3}), "rule 'greet': 'when': 'contains' must be text"),
        (rule(when={"regex": "("}), "rule 'greet': 'when': 'regex' is not a pattern"),
        (rule(replies=[]), "rule 'greet': 'replies' must be a list"),
        (rule(replies="x"), "rule 'greet': 'replies' must be a list"),
        (rule(replies=[{"say": "x"}]), "rule 'greet': reply 1 must be a list of moves"),
        (rule(replies=[["say"]]), "rule 'greet': reply 1, move 1: a move is an object"),
        (rule(replies=[[{"sya": "x"}]]), "reply 1, move 1: there is no move 'sya'; did you mean"),
        (rule(replies=[[{"say": 3}]]), "reply 1, move 1: 'say': 'say' must be text, not 3"),
        (rule(replies=[[{"say": "x", "fase": "y"}]]), "'say' has no field 'fase'; did you mean"),
        (rule(replies=[[{"say": "x", "run": "y"}]]), "has no field"),
        (rule(replies=[[{"burst": True}]]), "'burst' must be a whole number, not True"),
        (rule(replies=[[{"custom": "x"}]]), "'custom' needs the field 'input'"),
        (
            rule(replies=[[{"say": "x"}], [{"cut": True}, {"say": "y"}]]),
            "reply 2, move 2: the move",
        ),
        (rule(repeat="yes"), "'repeat' is true or false"),
    ],
)
def test_a_mistake_is_told_where_it_is(data, told) -> None:
    with pytest.raises(ScriptError) as refused:
        Script.from_dict(data)
    assert told in str(refused.value)


def test_a_file_that_is_no_script(tmp_path) -> None:
    with pytest.raises(ScriptError, match="cannot read"):
        Script.load(tmp_path / "missing.json")
    path = tmp_path / "broken.json"
    path.write_text("{")
    with pytest.raises(ScriptError, match="is not JSON"):
        Script.load(path)
    path.write_text("[]")
    with pytest.raises(ScriptError, match=r"broken\.json: a script is an object"):
        Script.load(path)
    with pytest.raises(ScriptError, match=r"known: .*quickstart"):
        Script.named("nonsense")


@pytest.mark.parametrize(
    ("when", "request_", "holds"),
    [
        ({}, asked(), True),
        ({"contains": "ELL"}, asked("hello"), True),
        ({"contains": "bye"}, asked("hello"), False),
        ({"equals": "hello"}, asked(" hello\n"), True),
        ({"equals": "hello"}, asked("Hello"), False),
        ({"regex": "^h.*o$"}, asked("hello"), True),
        ({"regex": "^x"}, asked("hello"), False),
        ({"model": "gpt-5.5"}, asked(), True),
        ({"model": "gpt-6.1-sol"}, asked(), False),
        ({"output": "code [1-9]"}, asked(output="exited with code 3"), True),
        ({"output": "code [1-9]"}, asked(output="exited with code 0"), False),
        ({"output": ""}, asked(), False),
        ({"contains": "hello", "output": "x"}, asked(output="y"), False),
        ({}, asked(**{"x-openai-subagent": "review"}), False),
        ({}, asked(**{"x-openai-subagent": "collab_spawn"}), True),
        ({"subagent": "review"}, asked(**{"x-openai-subagent": "review"}), True),
        ({"subagent": "review"}, asked(), False),
        ({}, asked(**{"x-codex-turn-metadata": '{"request_kind": "compaction"}'}), False),
        (
            {"kind": "compaction"},
            asked(**{"x-codex-turn-metadata": '{"request_kind": "compaction"}'}),
            True,
        ),
    ],
)
def test_when_a_rule_holds(when, request_, holds) -> None:
    assert Rule("it", [[say("x")]], when).holds(request_) is holds


def test_the_first_rule_speaks_and_scripts_add_up() -> None:
    one, two = Rule("one", [[say("1")]], {"contains": "a"}), Rule("two", [[say("2")]])
    script = Script.of(one) + Script.of(two)
    assert script.find(asked("abc")) is one
    assert script.find(asked("xyz")) is two


def test_a_rule_may_have_a_test_of_its_own() -> None:
    picky = Rule("picky", [[say("x")]], test=lambda request: len(request.prompt) > 5)
    assert picky.holds(asked("a long prompt"))
    assert not picky.holds(asked("short"))
    broken = Rule("broken", [[say("x")]], test=lambda request: 1 / 0 > 0)
    with pytest.raises(ScriptError, match="rule 'broken': its test failed: ZeroDivisionError"):
        broken.holds(asked())


def test_when_replies_run_out() -> None:
    once: list[Reply] = [[say("1")], [say("2")]]
    assert Rule("stops", once).reply(asked(), 2) is None
    assert Rule("repeats", once, repeat=True).reply(asked(), 7) == [say("2")]
    assert Rule("fails", [[say("1")], [say("2", unfinished=True), cut()]]).reply(asked(), 7)


def test_a_computed_reply_is_checked_too() -> None:
    clever = Rule("clever", [lambda request: [run(f"echo {request.prompt}")]])
    assert clever.reply(asked(), 0) == [{"run": "echo hello"}]
    with pytest.raises(ScriptError, match="rule 'silly': reply 1 must be a list of moves"):
        Rule("silly", [lambda request: say("x")]).reply(asked(), 0)  # type: ignore[list-item]


NAMES = sorted(path.stem for path in Path(offline.__file__).with_name("scripts").glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_every_script_that_ships_can_be_played(name: str) -> None:
    script = Script.named(name)
    shown = [rule.shown_prompt for rule in script.rules if rule.shown_prompt]
    assert shown and len({prompt.casefold().strip(".") for prompt in shown}) == len(shown)
    for prompt in shown:
        found = script.find(asked(prompt))
        # A command's prompt is made by the notebook.
        assert prompt.startswith("/") or (found is not None and found.shown_prompt == prompt)


def test_the_quickstart_knows_what_the_readme_asks() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = [rule.shown_prompt for rule in Script.named("quickstart").rules]
    assert "What does load.py do?" in shown and "What does load.py do?" in readme
    assert "Fix the failing check." in shown and "\nFix the failing check." in readme
