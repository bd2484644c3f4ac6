"""Moves: what a scripted model does in one reply, as plain data, and a small builder for each.

A move is a ``dict`` with one key that names it and the fields that go with it, so that a script is JSON and nothing
is lost on the way: ``{"say": "Hello", "phase": "commentary"}``. :data:`KINDS` is the whole vocabulary, and what
:func:`check` accepts. How a move becomes server-sent events is none of this module's business (see ``sse``).

Strings may hold placeholders that are filled from what the last tool call printed when the reply is sent:
``{{output}}``, ``{{session_id}}`` (a running terminal), ``{{cell_id}}`` (a running code-mode cell), ``{{agent_id}}``,
``{{exit_code}}``, and ``{{prompt}}``. Anything else in double braces is left as it stands.

Example:
    >>> say("Hello", phase="commentary")
    {'say': 'Hello', 'phase': 'commentary'}
    >>> check(run("ls", escalate=True, justification="Why?"))
    'run'
    >>> check({"sya": "Hello"})
    Traceback (most recent call last):
    ...
    ValueError: there is no move 'sya'; did you mean 'say'?
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

Move = dict[str, Any]
"""One thing the model does; see :data:`KINDS`."""

_TEXT = (str,)
_FLAG = (bool,)
_COUNT = (int,)
_NUMBER = (int, float)
_LIST = (list,)
_DICT = (dict,)
_ANY = (str, int, float, bool, list, dict, type(None))

_STREAMED = {"chunk": _COUNT, "delay": _NUMBER}

KINDS: dict[str, dict[str, tuple[type, ...]]] = {
    # what the reader sees
    "say": {
        "say": _TEXT,
        "phase": (str, type(None)),
        "gate": _TEXT,
        "unfinished": _FLAG,
        **_STREAMED,
    },
    "burst": {"burst": _COUNT, "text": _TEXT, "phase": (str, type(None))},
    "think": {"think": (str, list), "raw": _TEXT, **_STREAMED},
    # tools; spelled for the model that asks (direct calls, or JavaScript in code mode)
    "run": {
        "run": _TEXT,
        "escalate": _FLAG,
        "justification": _TEXT,
        "prefix_rule": _LIST,
        "permissions": _DICT,
        "workdir": _TEXT,
        "yield_ms": _COUNT,
        "tty": _FLAG,
    },
    "type_in": {"type_in": _TEXT, "session": (str, int), "yield_ms": _COUNT},
    "patch": {"patch": _TEXT, "stream": _FLAG, **_STREAMED},
    "plan": {"plan": _LIST, "explanation": _TEXT},
    "view": {"view": _TEXT},
    "call": {"call": _TEXT, "args": _DICT, "namespace": (str, type(None))},
    # tools; exactly as written, for the malformed and the unusual
    "function": {"function": _TEXT, "args": (dict, str), "namespace": (str, type(None))},
    "custom": {"custom": _TEXT, "input": _TEXT, "namespace": (str, type(None))},
    "javascript": {"javascript": _TEXT, "yield_ms": _COUNT},
    "ask": {"ask": _LIST},
    # hosted tools
    "search": {"search": (str, list)},
    "open_page": {"open_page": _TEXT},
    "find_in_page": {"find_in_page": _TEXT, "url": _TEXT},
    # the frame around the items
    "headers": {"headers": _DICT},
    "limits": {"limits": _DICT},
    "usage": {"usage": _DICT},
    "raw": {"raw": _DICT},
    "pause": {"pause": _NUMBER},
    "wait": {"wait": _TEXT},
    # what goes wrong
    "fail": {"fail": _COUNT, "body": _ANY, "headers": _DICT},
    "failed": {"failed": _TEXT, "message": _TEXT},
    "incomplete": {"incomplete": _TEXT},
    "cut": {"cut": _FLAG},
}
"""Every kind of move, its fields, and the types each field may have."""

_REQUIRED = {"find_in_page": ("url",), "custom": ("input",)}
_ENDS = ("fail", "failed", "incomplete", "cut")


def check(move: object) -> str:
    """The kind of ``move``, or what is wrong with it.

    Raises:
        ValueError: with a sentence that names the field, and the nearest right spelling.
    """
    if not isinstance(move, Mapping) or not move:
        raise ValueError(f'a move is an object such as {{"say": "Hello"}}, not {move!r}')
    kinds = [key for key in move if key in KINDS and _carries(move, key)]
    if not kinds:
        name = next(iter(move))
        raise ValueError(f"there is no move {name!r}; {_nearest(str(name), KINDS)}")
    kind = kinds[0]
    fields = KINDS[kind]
    for name, value in move.items():
        if name not in fields:
            raise ValueError(f"{kind!r} has no field {name!r}; {_nearest(str(name), fields)}")
        wrong_bool = isinstance(value, bool) and bool not in fields[name]
        if wrong_bool or not isinstance(value, fields[name]):
            wanted = " or ".join(_SPOKEN[t] for t in fields[name])
            raise ValueError(f"{kind!r}: {name!r} must be {wanted}, not {value!r}")
    for name in _REQUIRED.get(kind, ()):
        if name not in move:
            raise ValueError(f"{kind!r} needs the field {name!r}")
    return kind


def ends_reply(move: Mapping[str, Any]) -> bool:
    """Whether nothing can follow this move in its reply."""
    return any(kind in move for kind in _ENDS)


def _carries(move: Mapping[str, Any], kind: str) -> bool:
    """A field may be spelled like another move (``find_in_page`` has a ``url``, ``fail`` has ``headers``)."""
    return not any(
        kind in fields for other, fields in KINDS.items() if other != kind and other in move
    )


_SPOKEN = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
    type(None): "null",
}


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]!r}?" if near else "known: " + ", ".join(known)


def _move(**fields: Any) -> Move:
    """The fields that were given, in order; ``None`` means not given."""
    return {name: value for name, value in fields.items() if value is not None}


# -- what the reader sees --------------------------------------------------------------------------


def say(
    text: str,
    *,
    phase: str | None = None,
    chunk: int | None = None,
    delay: float | None = None,
    gate: str | None = None,
    unfinished: bool | None = None,
) -> Move:
    """An assistant message.

    Args:
        text: Markdown, as a model writes it.
        phase: ``"commentary"``, ``"partial_answer"`` or ``"final_answer"``; absent when ``None``.
        chunk: characters per delta; without it, words.
        delay: seconds between deltas.
        gate: after the last delta, hold the message open until this gate is released.
        unfinished: send the deltas and never the finished item, as a broken stream does.
    """
    return _move(say=text, phase=phase, chunk=chunk, delay=delay, gate=gate, unfinished=unfinished)


def burst(n_deltas: int, text: str = "ab ", *, phase: str | None = None) -> Move:
    """An assistant message of ``n_deltas`` deltas of the same ``text``, as fast as the wire takes them."""
    return _move(burst=n_deltas, text=text, phase=phase)


def think(
    text: str | Sequence[str],
    *,
    raw: str | None = None,
    chunk: int | None = None,
    delay: float | None = None,
) -> Move:
    """A reasoning item: a summary (several parts when a list is given), and the ``raw`` thought if there is one.

    A part that opens with ``**Title**`` gives the headline that front ends show.
    """
    parts = text if isinstance(text, str) else list(text)
    return _move(think=parts, raw=raw, chunk=chunk, delay=delay)


# -- tools -----------------------------------------------------------------------------------------


def run(
    cmd: str,
    *,
    escalate: bool | None = None,
    justification: str | None = None,
    prefix_rule: Sequence[str] | None = None,
    permissions: Mapping[str, Any] | None = None,
    workdir: str | None = None,
    yield_ms: int | None = None,
    tty: bool | None = None,
) -> Move:
    """A shell command.

    Args:
        cmd: the command line; the runtime hands it to the user's shell.
        escalate: ask to run outside the sandbox (an approval request, under most policies).
        justification: the reason shown with that request.
        prefix_rule: the prefix that an "always" answer would allow, as words.
        permissions: extra permissions to ask for, instead of leaving the sandbox.
        workdir: where to run; the turn's folder when ``None``.
        yield_ms: how long the call waits before the command goes on in the background, in milliseconds.
        tty: give it a terminal.
    """
    return _move(
        run=cmd,
        escalate=escalate,
        justification=justification,
        prefix_rule=list(prefix_rule) if prefix_rule is not None else None,
        permissions=dict(permissions) if permissions is not None else None,
        workdir=workdir,
        yield_ms=yield_ms,
        tty=tty,
    )


def type_in(chars: str, *, session: str | int | None = None, yield_ms: int | None = None) -> Move:
    """Type into a running command; ``session`` is taken from the last output when ``None``."""
    return _move(type_in=chars, session=session, yield_ms=yield_ms)


def patch(
    text: str,
    *,
    stream: bool | None = None,
    chunk: int | None = None,
    delay: float | None = None,
) -> Move:
    """A file change in the ``*** Begin Patch`` format; ``stream`` sends it in deltas first."""
    return _move(patch=text, stream=stream, chunk=chunk, delay=delay)


def plan(steps: Sequence[Sequence[str]], *, explanation: str | None = None) -> Move:
    """The checklist: ``[["Look", "completed"], ["Fix", "in_progress"], ["Test", "pending"]]``.

    The runtime offers this tool only with ``tools.update_plan.enabled=true``.
    """
    return _move(plan=[list(step) for step in steps], explanation=explanation)


def view(path: str) -> Move:
    """Look at an image file."""
    return _move(view=path)


def call(tool: str, args: Mapping[str, Any] | None = None, *, namespace: str | None = None) -> Move:
    """Any other tool the runtime offers: dynamic tools, MCP (``namespace="mcp__server"``), sub-agents, goals."""
    return _move(call=tool, args=dict(args or {}), namespace=namespace)


def function(
    name: str, args: Mapping[str, Any] | str | None = None, *, namespace: str | None = None
) -> Move:
    """A function call exactly as written, never translated for code mode; text in ``args`` may be malformed JSON."""
    return _move(
        function=name,
        args=args if isinstance(args, str) else dict(args or {}),
        namespace=namespace,
    )


def custom(tool: str, input: str, *, namespace: str | None = None) -> Move:
    """A custom (free text) tool call exactly as written."""
    return _move(custom=tool, input=input, namespace=namespace)


def javascript(source: str, *, yield_ms: int | None = None) -> Move:
    """One code-mode cell: JavaScript in which every tool is ``await tools.name(...)``."""
    return _move(javascript=source, yield_ms=yield_ms)


def ask(*questions: Mapping[str, Any]) -> Move:
    """Ask the user. A question: ``{"id", "header", "question", "options": [{"label", "description"}]}``."""
    return _move(ask=[dict(question) for question in questions])


def search(query: str | Sequence[str]) -> Move:
    """A web search that the provider ran; nothing is really searched."""
    return _move(search=query if isinstance(query, str) else list(query))


def open_page(url: str) -> Move:
    """A page that the provider opened; nothing is really fetched."""
    return _move(open_page=url)


def find_in_page(pattern: str, url: str) -> Move:
    """A text that the provider looked for in a page."""
    return _move(find_in_page=pattern, url=url)


# -- the frame -------------------------------------------------------------------------------------


def headers(fields: Mapping[str, str]) -> Move:
    """Headers of this reply."""
    return _move(headers=dict(fields))


def limits(
    *,
    primary: float | None = None,
    primary_minutes: int | None = 300,
    primary_resets_at: int | None = None,
    secondary: float | None = None,
    secondary_minutes: int | None = 10080,
    secondary_resets_at: int | None = None,
) -> Move:
    """The account's rate limits, as this reply's headers tell them: per cent used, window, reset (epoch seconds)."""
    windows: dict[str, Any] = {}
    if primary is not None:
        windows["primary"] = _move(
            used_percent=primary, window_minutes=primary_minutes, reset_at=primary_resets_at
        )
    if secondary is not None:
        windows["secondary"] = _move(
            used_percent=secondary, window_minutes=secondary_minutes, reset_at=secondary_resets_at
        )
    return _move(limits=windows)


def answered_by(model: str) -> Move:
    """Tell the runtime that another model answered (it reports the turn as rerouted)."""
    return headers({"openai-model": model})


def usage(*, input: int, output: int, cached: int = 0, reasoning: int = 0) -> Move:
    """The tokens this reply reports; without it, an estimate of four characters a token."""
    return _move(usage={"input": input, "output": output, "cached": cached, "reasoning": reasoning})


def raw(event: Mapping[str, Any]) -> Move:
    """One server-sent event exactly as written; its ``type`` names it."""
    return _move(raw=dict(event))


def pause(seconds: float) -> Move:
    """Let time pass. For what a reader should see happen; a test wants :func:`wait`."""
    return _move(pause=seconds)


def wait(gate: str) -> Move:
    """Hold the reply until ``server.release(gate)``."""
    return _move(wait=gate)


# -- what goes wrong -------------------------------------------------------------------------------


def fail(status: int, body: Any = None, *, headers: Mapping[str, str] | None = None) -> Move:
    """Answer this request with an HTTP status, and with ``body`` as text or JSON."""
    return _move(fail=status, body=body, headers=dict(headers) if headers is not None else None)


def failed(code: str, message: str = "The offline model failed as its script says.") -> Move:
    """End the stream with ``response.failed`` and this error code."""
    return _move(failed=code, message=message)


def incomplete(reason: str = "max_output_tokens") -> Move:
    """End the stream with ``response.incomplete``."""
    return _move(incomplete=reason)


def cut() -> Move:
    """Close the connection before the reply is complete. The runtime asks again: the next reply answers that."""
    return _move(cut=True)
