"""Runs inside a kernel of the tests: makes it as one that has just started, or says why it cannot be.

Of this package nothing is kept, not even its modules: the next test imports and loads it anew. What its libraries brought in stays
imported, which is what a start takes its time for. Whatever cannot be told to be as it was is a reason to end the kernel.
"""

from __future__ import annotations

import _thread
import asyncio
import copy
import gc
import logging
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

PACKAGE = "codex_jupyter"
#: What only cells import, and what then registers itself all over the kernel.
FOREIGN = ("matplotlib", "numpy", "pandas")
#: Threads of a pool that wait for work, which belong to the process.
_POOLS = ("asyncio_", "ThreadPoolExecutor")
#: Seconds for threads that were told to end.
_PATIENCE = 3.0

#: Lists and dictionaries that others add to, by where they are. Each gets back what was in it.
_HELD: dict[str, Callable[[Any], Any]] = {
    "sys.path": lambda shell: sys.path,
    "sys.meta_path": lambda shell: sys.meta_path,
    "sys.path_hooks": lambda shell: sys.path_hooks,
    "filters of warnings": lambda shell: warnings.filters,
    "handlers of logging": lambda shell: logging.root.handlers,
    "configurables": lambda shell: shell.configurables,
    "line magics": lambda shell: shell.magics_manager.magics["line"],
    "cell magics": lambda shell: shell.magics_manager.magics["cell"],
    "objects of magics": lambda shell: shell.magics_manager.registry,
    "clean-ups": lambda shell: shell.input_transformer_manager.cleanup_transforms,
    "line transforms": lambda shell: shell.input_transformer_manager.line_transforms,
    "token transforms": lambda shell: shell.input_transformer_manager.token_transformers,
    "transformers": lambda shell: shell.input_transformers_post,
    "transformers of the syntax tree": lambda shell: shell.ast_transformers,
    "matchers": lambda shell: shell.Completer.custom_matchers,
    **{
        name: lambda shell, name=name: shell.events.callbacks[name]
        for name in ("pre_run_cell", "post_run_cell", "pre_execute", "post_execute")
    },
}  # fmt: skip

#: Attributes that our package or a cell may replace.
_SET: dict[str, tuple[Any, str]] = {
    "threads": (threading.Thread, "start"),
    "pools": (ThreadPoolExecutor, "submit"),
    "plain threads": (_thread, "start_new_thread"),
    "plain threads by their old name": (_thread, "start_new"),
    "what a thread fails with": (threading, "excepthook"),
    "what Python fails with": (sys, "excepthook"),
    "what shows results": (sys, "displayhook"),
    "stdout": (sys, "stdout"),
    "stderr": (sys, "stderr"),
}


class Beginning:
    """How the kernel was before its first test.

    Args:
        shell: its shell.
        given: the variables that it was started with.
    """

    def __init__(self, shell: Any, given: Mapping[str, str]) -> None:
        self.shell = shell
        self.folder = os.getcwd()
        self.environ = {name: value for name, value in os.environ.items() if name not in given}
        self.held = {name: (of := get(shell), of.copy())[1] for name, get in _HELD.items()}
        self.set = {name: getattr(*where) for name, where in _SET.items()}
        self.attributes = {id(owner): dict(vars(owner)) for owner in self._owners()}
        self.signals = {number: signal.getsignal(number) for number in _signals()}
        self.level = logging.root.level
        self.variables = dict(shell.user_ns)
        self.config = copy.deepcopy(shell.config)
        self.threads = set(threading.enumerate())

    def _owners(self) -> tuple[Any, ...]:
        """The objects of which methods are wrapped."""
        shell = self.shell
        return shell, shell.kernel, shell.history_manager, shell.display_pub, shell.displayhook

    def lend(self, environ: Mapping[str, str], folder: str) -> None:
        """Give a test its variables and its folder."""
        os.environ.clear()
        os.environ.update({**self.environ, **environ})
        os.chdir(folder)

    def renew(self) -> str:
        """Make everything as it was; returns why the kernel cannot be used again, or ``""``."""
        foreign = [name for name in FOREIGN if name in sys.modules]
        if foreign:
            return f"{foreign} are imported"
        if self._patched():
            return f"{self._patched()} replaced by a cell"
        self._end_package()
        if self._wrapped():
            return f"{self._wrapped()} left behind"
        for name, get in _HELD.items():
            _put_back(get(self.shell), self.held[name])
        for name, where in _SET.items():
            setattr(*where, self.set[name])
        self._forget_modules()
        self.shell.reset(new_session=True)
        for name in set(self.shell.user_ns) - set(self.variables):
            del self.shell.user_ns[name]
        for name, value in self.variables.items():
            self.shell.user_ns.setdefault(name, value)
        for name in ("_", "__", "___"):
            self.shell.user_ns[name] = self.shell.user_ns_hidden[name] = ""
            setattr(self.shell.displayhook, name, "")
        for name in ("last_value", "last_type", "last_traceback", "last_exc"):
            if hasattr(sys, name):
                delattr(sys, name)
        logging.root.setLevel(self.level)
        self.shell.config = copy.deepcopy(self.config)
        self.lend({}, self.folder)
        gc.collect()  # what dies with the old modules says so now, and to nobody
        return self._left()

    def _end_package(self) -> None:
        registry = sys.modules.get(f"{PACKAGE}.session.registry")
        for session in registry.sessions() if registry is not None else ():
            session.close()
            session.engine.thread.stop()
        if PACKAGE in self.shell.extension_manager.loaded:
            self.shell.extension_manager.unload_extension(PACKAGE)
        if "ipywidgets" in sys.modules:
            sys.modules["ipywidgets"].Widget.close_all()

    def _forget_modules(self) -> None:
        """Of the package, and of the test's folder: of what lies in neither an environment nor the standard library."""
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None) or ""
            if name.partition(".")[0] == PACKAGE or (
                isinstance(file, str) and file.startswith(os.getcwd() + os.sep)
            ):
                del sys.modules[name]
        sys.path_importer_cache.clear()
        for name in list(logging.root.manager.loggerDict):
            if name.partition(".")[0] == PACKAGE:
                logging.getLogger(name).handlers.clear()
                del logging.root.manager.loggerDict[name]

    def _patched(self) -> list[str]:
        """What is replaced by something that is neither as it was nor our package's."""
        return [
            name
            for name, where in _SET.items()
            if (now := getattr(*where)) is not self.set[name]
            and not getattr(getattr(now, "__code__", None), "co_filename", "").endswith(
                f"{PACKAGE}{os.sep}agent_code.py"
            )
        ]

    def _wrapped(self) -> list[str]:
        """Attributes of the shell and its kin that are new or functions put in place of others, once we are unloaded."""
        found = []
        for owner in self._owners():
            before = self.attributes[id(owner)]
            for name, value in vars(owner).items():
                made = callable(value) and value is not before.get(name)
                if (value is not None and name.startswith("_codex")) or (
                    made and hasattr(value, "__code__")
                ):
                    found.append(name)
        return found

    def _left(self) -> str:
        """What goes on although it should have ended."""
        end = time.monotonic() + _PATIENCE
        while threads := [
            thread.name
            for thread in threading.enumerate()
            if thread not in self.threads and not thread.name.startswith(_POOLS)
        ]:
            if time.monotonic() > end:
                return f"threads go on: {threads}"
            threading.Event().wait(0.01)
        changed = [n for n, before in self.signals.items() if signal.getsignal(n) != before]
        if changed or sys.gettrace() or threading._profile_hook or sys.getprofile():  # type: ignore[attr-defined]
            return f"signals {changed} or a tracer are set"
        return self._tasks()

    def _tasks(self) -> str:
        try:
            tasks = asyncio.all_tasks()
        except RuntimeError:
            return ""
        for task in tasks:
            code = getattr(task.get_coro(), "cr_code", None)
            file = getattr(code, "co_filename", "")
            if "ipykernel" not in file and "tornado" not in file and not task.done():
                return f"a task goes on: {task}"
        return ""


def _put_back(now: Any, before: Any) -> None:
    """What was there before, and what IPython has added to it meanwhile, as its magics are imported with their first use."""
    if isinstance(now, dict):
        own = {name: value for name, value in now.items() if _of_ipython(value)}
        now.clear()
        now.update({**before, **own})
        return
    own = [value for value in now if value not in before and _of_ipython(value)]
    now.clear()
    now.extend([*before, *own])


def _of_ipython(value: Any) -> bool:
    module = getattr(value, "__module__", None) or type(value).__module__
    return str(module).partition(".")[0] in ("IPython", "ipykernel")


def _signals() -> list[signal.Signals]:
    return [number for number in signal.valid_signals() if isinstance(number, signal.Signals)]


_beginning: Beginning | None = None


def begin(given: Mapping[str, str]) -> None:
    """Remember how this kernel is, before its first test."""
    from IPython import get_ipython

    global _beginning
    _beginning = Beginning(get_ipython(), given)


def lend(environ: Mapping[str, str], folder: str) -> None:
    """Give the next test its variables and its folder."""
    assert _beginning is not None
    _beginning.lend(environ, folder)


def renew() -> str:
    """Make the kernel as it was; returns why it cannot be used again, or ``""``."""
    assert _beginning is not None
    return _beginning.renew()
