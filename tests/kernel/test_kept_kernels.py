"""A kernel that others had before is as one that has just started, or is not lent again."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, run, say
from tests.environments import KERNELS, clean_environ
from tests.kernel.kept_kernels import INSIDE, KeptKernels
from tests.kernel.live_kernel import LiveKernel
from tests.processes import ended

#: What a test could notice of those before it.
FACTS = """
def facts():
    import logging, os, signal, sys, threading, warnings
    from IPython.core.history import HistoryAccessor
    shell = get_ipython()
    return {
        "variables": sorted(set(shell.user_ns) - {"facts"}), "In": len(In), "Out": list(Out), "count": shell.execution_count,
        "history": [line for _, _, line in shell.history_manager.get_range()][:-1], "environ": dict(os.environ), "folder": os.getcwd(),
        "path": sys.path, "finders": [getattr(f, "__name__", type(f).__name__) for f in sys.meta_path],
        "modules": sorted(n for n in sys.modules if n.startswith(("codex_jupyter", "own_"))),
        "filters": len(warnings.filters), "handlers": logging.root.handlers, "level": logging.root.level,
        "loggers": sorted(n for n in logging.root.manager.loggerDict if n.startswith("codex_jupyter")),
        "magics": [n for kind in ("line", "cell") for n in shell.magics_manager.magics[kind] if "codex" in n or "mine" in n],
        "configurables": [type(c).__name__ for c in shell.configurables if "Codex" in type(c).__name__],
        "extensions": sorted(shell.extension_manager.loaded),
        "events": {n: [c for c in found if "IPython" not in str(c)] for n, found in shell.events.callbacks.items()},
        "transformers": (len(shell.input_transformers_post), len(shell.input_transformers_cleanup), len(shell.ast_transformers)),
        "config": {name: dict(of) for name, of in shell.config.items() if "Codex" in name}, "last": hasattr(sys, "last_value"), "comms": len(__import__("comm").get_comm_manager().comms),
        "threads": sorted(t.name for t in threading.enumerate() if "codex" in t.name or "mine" in t.name),
        "started": threading.Thread.start.__code__.co_filename, "wrapped": [n for n in vars(shell) if hasattr(vars(shell)[n], "__code__")],
    }
"""

#: What tests do in a kernel.
USED = (
    "mine = 1\nmine",
    "1/0",
    "import os, sys, logging, warnings; os.environ['MINE'] = 'x'; sys.path.insert(0, '/nowhere'); logging.basicConfig(level=10)",
    "import own_part",
    "import anywidget; widget = anywidget.AnyWidget(_esm='export default {}'); widget",
    "get_ipython().events.register('post_run_cell', lambda *_: None)\nget_ipython().input_transformers_post.append(list)",
    "get_ipython().register_magic_function(lambda line: None, magic_name='mine')\nwarnings.simplefilter('error')",
    "%load_ext codex_jupyter",
    "%config CodexMagics.context = False",
    "%codex -k run go",
    "%codex -s full-access touch",
    "turn = %codex -b wait",
)


@pytest.fixture
def used(model: offline.Offline) -> offline.Offline:
    model.server.script = Script.of(
        Rule("touch", [[run("true")], [say("Done.")]], when={"contains": "touch"}),
        Rule("wait", [[offline.wait("never")]], when={"contains": "wait"}),
        Rule("any", [[say("Done.")]], repeat=True),
    )
    return model


def facts(kernel: LiveKernel) -> dict[str, str]:
    assert kernel.run(FACTS, store_history=False).ok
    return ast.literal_eval(kernel.value("{name: repr(fact) for name, fact in facts().items()}"))


@pytest.mark.parametrize("environment", KERNELS)
def test_a_kernel_is_lent_as_it_began(
    kept_kernels: KeptKernels, scratch: Path, used: offline.Offline, environment: str
) -> None:
    folder = scratch / "work"
    folder.mkdir()
    (folder / "own_part.py").write_text("x = 1\n")
    environ = clean_environ(scratch, used.env)
    kernel = kept_kernels.lend(environment, environ, folder, stdin=True)
    before, process = facts(kernel), kernel.process
    for cell in USED:
        kernel.run(cell)
    assert kernel.value("own_part.x, len(facts()['modules']) > 50") == "(1, True)"
    assert facts(kernel) != before
    used.server.wait_until_held("never")
    kept_kernels.take_back(kernel)
    again = kept_kernels.lend(environment, environ, folder, stdin=False)
    assert again.process == process, kept_kernels.ended
    assert again.iopub == [] and again.comms == {} and not again.descendants("app-server")
    now = facts(again)
    assert {name: (before[name], now[name]) for name in now if now[name] != before[name]} == {}
    kept_kernels.take_back(again)


#: What nobody can undo, or should have to: how it is done, what is said of it, and how the test takes it back.
DIRT = {
    "a thread": ("import threading; threading.go = threading.Event(); threading.Thread(target=threading.go.wait, name='mine').start()",
                 "mine", "import threading; threading.go.set(); del threading.go"),
    "a task": ("import asyncio; asyncio.mine = asyncio.get_event_loop().create_task(asyncio.sleep(600))",
               "a task goes on", "import asyncio; asyncio.mine.cancel(); await asyncio.sleep(0); del asyncio.mine"),
    "a signal": ("import signal; signal.signal(signal.SIGALRM, print)", "SIGALRM",
                 "import signal; signal.signal(signal.SIGALRM, signal.SIG_DFL)"),
    "a tracer": ("import threading; threading.setprofile(print)", "tracer", "import threading; threading.setprofile(None)"),
    "a function of Python": ("import threading; threading.start, threading.Thread.start = threading.Thread.start, print", "'threads'",
                             "import threading; threading.Thread.start = threading.start; del threading.start"),
    "a method of the shell": ("get_ipython().showtraceback = lambda *_, **__: None", "showtraceback", "del get_ipython().showtraceback"),
    "a library that registers itself": ("import sys, types; sys.modules['numpy'] = types.ModuleType('numpy')", "numpy",
                                        "import sys; del sys.modules['numpy']"),
}  # fmt: skip


@pytest.mark.own_kernel("it is spoiled")
def test_what_cannot_be_made_new_is_said(newest_kernel: LiveKernel) -> None:
    kernel = newest_kernel
    kernel.value(f"{INSIDE}.begin({{}})")
    for name, (spoil, words, undo) in DIRT.items():
        assert kernel.run(spoil).ok, name
        assert words in kernel.value(f"{INSIDE}.renew()"), name
        assert kernel.run(undo).ok, name
        assert kernel.value(f"{INSIDE}.renew()") == "''", name


def test_a_kernel_that_cannot_be_made_new_is_ended(
    scratch: Path, model: offline.Offline, kept_kernels: KeptKernels
) -> None:
    environ = clean_environ(scratch, model.env)
    kernel = kept_kernels.lend(KERNELS[0], environ, scratch, stdin=True)
    process = kernel.process
    assert kernel.run("get_ipython().showtraceback = lambda *_, **__: None").ok
    kept_kernels.take_back(kernel)
    assert ended(process)
