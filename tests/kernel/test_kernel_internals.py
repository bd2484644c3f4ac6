"""What we use of ipykernel that is not public is still there."""

from __future__ import annotations

from codex_jupyter.notebook.kernel_internals import NAMES
from tests.kernel.live_kernel import LiveKernel

NEWEST = [name.removeprefix("Kernel.") for name in NAMES if name.startswith("Kernel.")]
STDOUT = "hasattr(__import__('sys').stdout, '_original_stdstream_copy')"
OLDEST = ["_allow_stdin", "get_parent", "stdin_socket", "_parent_ident"]


def missing(kernel: LiveKernel, names: list[str]) -> str:
    return kernel.value(f"[n for n in {names} if not hasattr(get_ipython().kernel, n)]")


def test_the_newest_kernel_has_what_we_use_of_it(newest_kernel: LiveKernel) -> None:
    assert missing(newest_kernel, NEWEST) == "[]"
    comm = "hasattr(__import__('ipykernel.comm.comm', fromlist=['x']).BaseComm(), '_reply_subshell_for')"
    assert newest_kernel.value(comm) == "True"
    assert newest_kernel.value("hasattr(get_ipython(), '_last_traceback')") == "True"
    assert newest_kernel.value(STDOUT) == "True"


def test_the_oldest_kernel_has_what_we_use_of_it(oldest_kernel: LiveKernel) -> None:
    assert missing(oldest_kernel, OLDEST) == "[]"
    assert oldest_kernel.value("hasattr(get_ipython(), '_last_traceback')") == "True"
    assert oldest_kernel.value(STDOUT) == "True"
