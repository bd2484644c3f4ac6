"""Builders make plain data that the vocabulary accepts, and that survives JSON."""

from __future__ import annotations

import inspect
import json

import pytest

from codex_jupyter import offline
from codex_jupyter.offline import moves

BUILT = [
    offline.say("x", phase="commentary", chunk=3, delay=0.1, gate="g", unfinished=True),
    offline.burst(3, "ab", phase="final_answer"),
    offline.think(["a", "b"], raw="c", chunk=1, delay=0),
    offline.run(
        "ls",
        escalate=True,
        justification="Why?",
        prefix_rule=("git", "status"),
        permissions={"network": {"enabled": True}},
        workdir="/",
        yield_ms=5,
        tty=True,
    ),
    offline.type_in("x", session=3, yield_ms=5),
    offline.patch("*** Begin Patch", stream=True, chunk=3, delay=0.5),
    offline.plan([("Look", "completed")], explanation="Why."),
    offline.view("a.png"),
    offline.call("shape", {"name": "df"}, namespace="notebook"),
    offline.function("f", "{broken", namespace="n"),
    offline.custom("c", "text", namespace="n"),
    offline.javascript("text(1)", yield_ms=5),
    offline.ask({"id": "a"}),
    offline.search(["a", "b"]),
    offline.open_page("https://example.com"),
    offline.find_in_page("x", "https://example.com"),
    offline.headers({"a": "b"}),
    offline.answered_by("m"),
    offline.limits(primary=1, secondary=2, secondary_resets_at=3),
    offline.usage(input=1, output=2),
    offline.raw({"type": "x"}),
    offline.pause(0.5),
    offline.wait("gate"),
    offline.fail(500, {"error": 1}, headers={"retry-after": "1"}),
    offline.failed("server_error", "m"),
    offline.incomplete(),
    offline.cut(),
]


@pytest.mark.parametrize("move", BUILT, ids=[next(iter(move)) for move in BUILT])
def test_what_a_builder_makes_is_accepted_after_json(move) -> None:
    assert json.loads(json.dumps(move)) == move
    assert moves.check(move) == next(iter(move))


def test_every_kind_of_move_has_a_builder() -> None:
    assert {next(iter(move)) for move in BUILT} == set(moves.KINDS)


def test_what_is_not_given_is_not_there() -> None:
    assert offline.say("x") == {"say": "x"}
    assert offline.run("ls") == {"run": "ls"}


def test_every_builder_is_public() -> None:
    builders = {
        name
        for name, value in vars(moves).items()
        if inspect.isfunction(value)
        and value.__annotations__.get("return") == "Move"
        and not name.startswith("_")
    }
    assert builders <= set(offline.__all__)


def test_everything_public_is_there() -> None:
    for name in offline.__all__:
        assert getattr(offline, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        _ = offline.nonsense  # type: ignore[attr-defined]
