"""Functions and classes: signature, docstring and source, from code objects and files, never by calling them."""

from __future__ import annotations

import ast
import inspect
import io
import linecache
import os
import stat
import tokenize
import types
from typing import Any

from codex_jupyter.objects import statics
from codex_jupyter.objects.preview import parameters
from codex_jupyter.objects.shortening import bounded, cut

DOC, SOURCE, METHODS = 1_500, 4_000, 30
#: Bytes of a source file that is read, lines of one function.
FILE, BLOCK = 2_000_000, 2_000


def function_text(function: types.FunctionType) -> str:
    """A function's ``def`` line, docstring and source."""
    kind = "async def" if function.__code__.co_flags & inspect.CO_COROUTINE else "def"
    parts = [f"{kind} {cut(statics.text(function.__name__), 80)}{parameters(function)}"]
    source = code_source(function.__code__)
    doc = function.__doc__
    if source:
        parts.append(f"Source:\n{source}")
    elif type(doc) is str and doc.strip():
        parts.append(f"Docstring:\n{bounded(inspect.cleandoc(doc), DOC)}")
    return "\n".join(parts)


def class_text(cls: type) -> str:
    """A class: bases, docstring, public methods, source where it was written in the notebook."""
    bases = ", ".join(
        statics.type_title(base) for base in statics.mro(cls)[1:6] if base is not object
    )
    parts = [f"class {statics.type_title(cls)}" + (f", derived from {bases}" if bases else "")]
    doc = class_doc(cls)
    if doc:
        parts.append(f"Docstring:\n{doc}")
    source = class_source(cls)
    if source:
        parts.append(f"Source:\n{source}")
    else:
        parts += methods(cls)
    return "\n".join(parts)


def class_doc(cls: type) -> str:
    """The docstring in the body of a class, or ``""``."""
    for key, value in statics.class_items(cls):
        if key == "__doc__" and type(value) is str:
            return bounded(inspect.cleandoc(value), DOC)
    return ""


def methods(cls: type) -> list[str]:
    """The public methods of a class and its bases, one a line, under a heading."""
    found: dict[str, str] = {}
    for owner in statics.mro(cls):
        if owner is object or len(found) >= METHODS:
            break
        for name, value in statics.class_items(owner):
            if name.startswith("_") or name in found or len(found) >= METHODS:
                continue
            inner = (
                value.__func__ if statics.one_of(type(value), staticmethod, classmethod) else value
            )
            if type(inner) is types.FunctionType:
                found[name] = f"  {cut(name, 60)}{cut(parameters(inner), 120)}"
            elif type(value) is property:
                found[name] = f"  {cut(name, 60)} (property)"
    return ["Methods:", *found.values()] if found else []


def code_source(code: types.CodeType) -> str:
    """The source of a code object, if its file (or cell) is still known.

    ``inspect.getsource`` would ask every imported module for its file, lazy ones included.
    """
    try:
        lines = inspect.getblock(_lines(code.co_filename)[code.co_firstlineno - 1 :][:BLOCK])
    except (IndexError, SyntaxError, tokenize.TokenError):
        return ""
    if not lines:
        return ""
    return bounded(
        inspect.cleandoc("".join(lines)) if lines[0][:1].isspace() else "".join(lines).rstrip(),
        SOURCE,
    )


def _lines(filename: str) -> list[str]:
    """The lines of a cell that Python remembers, or of a plain file that is not too long.

    ``linecache`` would wait for whoever writes into a pipe, and call the loader of a module that somebody made.
    """
    if type(filename) is not str:
        return []
    entry = next(
        (v for k, v in statics.snapshot(linecache.cache) if type(k) is str and k == filename), None
    )
    if type(entry) is tuple and len(entry) == 4 and type(entry[2]) is list:
        held: list[Any] = entry[2]
        if entry[1] is None or filename.startswith("<"):  # a cell, which has no file
            return held if all(type(line) is str for line in held[:BLOCK]) else []
    try:
        handle = os.open(filename, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode) or found.st_size > FILE:
                return []
            text = file.read(FILE)
    except (OSError, ValueError):
        return []
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(text).readline)
        return text.decode(encoding, "replace").splitlines(keepends=True)
    except (SyntaxError, LookupError):
        return []


def class_source(cls: type) -> str:
    """The source of a class, found in the file of one of its methods."""
    for _, value in statics.class_items(cls):
        inner = value.__func__ if statics.one_of(type(value), staticmethod, classmethod) else value
        if type(inner) is types.FunctionType and inner.__code__.co_filename != "<string>":
            return _class_in(inner.__code__.co_filename, statics.qualified_name(cls))
    return ""


def _class_in(filename: str, qualname: str) -> str:
    text = "".join(_lines(filename))
    try:
        body: list[Any] = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    found: ast.AST | None = None
    for part in qualname.replace(".<locals>", "").split("."):
        found = next(
            (n for n in body if isinstance(n, (ast.ClassDef, ast.FunctionDef)) and n.name == part),
            None,
        )
        if found is None:
            return ""
        body = found.body
    return bounded(ast.get_source_segment(text, found) or "", SOURCE) if found is not None else ""
