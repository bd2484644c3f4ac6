"""Signing in from kernels: prompts where there is no page, a panel that takes clicks on every kernel, headless runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from codex_jupyter import offline
from codex_jupyter.offline import Offline, Script, say
from tests.kernel.conftest import StartKernel
from tests.kernel.live_kernel import LiveKernel
from tests.login_ports import login_ports
from tests.waiting import GENEROUS

LOAD = "%load_ext codex_jupyter"
KEY = "sk-test-0123456789abcdefghij"
ONCE = [say("Here I am.", phase="final_answer")]


@pytest.fixture
def model(scratch: Path) -> Iterator[Offline]:
    """An offline model that asks for an account."""
    with offline.start(
        Script.reply(ONCE), codex_home=scratch / "codex", needs_account=True
    ) as running:
        yield running


def everything(kernel: LiveKernel, but: str = "") -> str:
    """All that the kernel said on iopub, and what it keeps."""
    said = json.dumps([m["content"] for m in kernel.iopub if m["msg_type"] != but], default=str)
    return said + kernel.value("repr((In, Out, list(get_ipython().history_manager.get_range())))")


@pytest.mark.both_kernels("prompts")
@pytest.mark.own_kernel("it reads the files of IPython and Jupyter")
def test_a_key_is_asked_for_in_a_hidden_prompt_and_kept_nowhere(
    kernel: LiveKernel, model: Offline
) -> None:
    kernel.run(LOAD)
    refused = kernel.run("%codex hello")
    assert refused.error[0] == "NotSignedInError"
    assert "%codex login" in refused.error[1]
    kernel.answer(lambda prompt: KEY if "API key" in prompt else None)
    cell = kernel.run("%codex login --api-key")
    assert cell.ok, cell.traceback
    assert "Signed in with an API key, for this kernel only." in cell.text
    assert "Here I am." in kernel.run("%codex hello").text
    account = kernel.run("%codex /account").text
    assert "this kernel's memory" in account
    assert "offline" in account
    assert KEY not in everything(kernel)
    for path in kernel.folder.parent.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path.name
    assert kernel.run("%codex logout").ok
    assert not kernel.run("%codex hello").ok


def test_a_key_on_the_line_is_refused_and_stays_out_of_history(newest_kernel: LiveKernel) -> None:
    newest_kernel.run(LOAD)
    cell = newest_kernel.run(f"%codex login --api-key {KEY}")
    assert cell.error[0] == "SecretOnLineError"
    assert KEY not in everything(newest_kernel, but="execute_input")


def test_no_account_is_given_to_the_offline_model_that_would_lose_it(
    newest_kernel: LiveKernel,
) -> None:
    kernel = newest_kernel
    kernel.run("%load_ext codex_jupyter")
    kernel.run("import codex_jupyter as cj; session = cj.session(); session.go_offline()")
    for code in ("%codex login", "%codex login --device", "await session.start_login()"):
        refused = kernel.run(code)
        assert "needs no account and would not keep yours" in refused.traceback, code
        assert "leave out go_offline" in refused.traceback


def test_a_device_code_on_a_console(newest_kernel: LiveKernel, model: Offline) -> None:
    issuer = model.issuer
    assert issuer is not None
    newest_kernel.run(LOAD)
    cell = newest_kernel.begin("%codex login --device")
    cell.until(lambda c: "type this code" in c.stdout, "the code")
    issuer.approve(cell.stdout.split()[-1])
    assert cell.wait().ok
    assert "Signed in with ChatGPT as ada@example.com, plan plus." in cell.text
    usage = newest_kernel.run("%codex /usage").text
    assert "58 % left" in usage
    assert newest_kernel.run("%codex /account refresh").ok


def test_an_interrupt_gives_the_attempt_up(newest_kernel: LiveKernel) -> None:
    newest_kernel.run(LOAD)
    cell = newest_kernel.begin("%codex login --device")
    cell.until(lambda c: "type this code" in c.stdout, "the code")
    newest_kernel.interrupt()
    cell.wait()
    state = "__import__('codex_jupyter').session().signing_in.current.outcome.code"
    assert newest_kernel.value(state) == "'cancelled'"


def test_a_program_signs_in_in_two_steps(newest_kernel: LiveKernel, model: Offline) -> None:
    issuer = model.issuer
    assert issuer is not None
    newest_kernel.run(LOAD)
    begun = newest_kernel.run(
        "import codex_jupyter as cj\nattempt = await cj.session().start_login('device')\nattempt"
    )
    assert begun.ok, begun.traceback
    assert "<sign-in by device: open>" in begun.text
    issuer.approve(newest_kernel.value("attempt.user_code").strip("'"))
    done = newest_kernel.run("print(await attempt.finish())")
    assert "ada@example.com" in done.stdout, done.traceback


@pytest.mark.both_kernels("prompts")
def test_finishing_without_an_address_asks_for_it_in_a_hidden_prompt(
    kernel: LiveKernel, model: Offline
) -> None:
    issuer = model.issuer
    assert issuer is not None
    kernel.run(LOAD)
    with login_ports():
        begun = kernel.run(
            "import codex_jupyter as cj\nattempt = await cj.session().start_login()\nattempt"
        )
        assert begun.ok and "<sign-in by browser: open>" in begun.text
        url = kernel.value("attempt.url").strip("'")
        address = issuer.callback(url)
        kernel.answer(address)
        done = kernel.run("print(await attempt.finish())")
    assert "ada@example.com" in done.stdout, done.traceback
    (prompt,) = kernel.prompts
    assert prompt["content"]["password"] is True
    said = everything(kernel).replace(url, "")
    for secret in (address, address.split("code=")[1].split("&")[0]):
        assert secret not in said


def test_headless_runs_say_what_to_do_at_once(headless_kernel: LiveKernel) -> None:
    headless_kernel.run(LOAD)
    for line in ("login", "login --device", "login --api-key"):
        name, text = headless_kernel.run(f"%codex {line}").error
        assert name == "UserError"
        assert "Nobody is here to sign in" in text
        assert "use_api_key" in text
    assert "NotSignedInError" in headless_kernel.run("%codex hello").error[0]
    name, text = headless_kernel.run("import codex_jupyter as cj; cj.session().use_api_key()").error
    assert (name, "Nobody is here to answer" in text) == ("UserError", True)


def test_nbclient_stops_at_the_login_cell() -> None:
    cells = [nbformat.v4.new_code_cell(source) for source in (LOAD, "%codex login", "print('on')")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    with pytest.raises(CellExecutionError, match="Nobody is here to sign in"):
        NotebookClient(notebook, timeout=int(GENEROUS)).execute()
    assert not notebook.cells[2].outputs


def test_a_second_kernel_that_takes_over_and_a_pasted_address(
    start_kernel: StartKernel, model: Offline, scratch: Path
) -> None:
    issuer = model.issuer
    assert issuer is not None
    first, second = start_kernel(), start_kernel("ipykernel-6.29")
    with login_ports():
        for kernel in (first, second):
            kernel.run(LOAD)
        ours = first.begin("%codex login --no-browser")
        first.until(lambda: first.prompts, "the first prompt")
        theirs = second.begin("%codex login --no-browser")
        second.until(lambda: second.prompts, "the second prompt")
        name, text = ours.wait().error
        assert name == "SignInError"
        assert "Another Codex on this machine" in text
        assert "%codex login" in text
        url = theirs.stdout.split("Open ")[1].split()[0]
        second.reply_to(second.prompts[0], issuer.callback(url).replace("state=", "state=un"))
        second.until(lambda: len(second.prompts) == 2, "the prompt to come back")
        assert "its state is not ours" in theirs.stdout
        second.reply_to(second.prompts[1], issuer.callback(url))
        assert theirs.wait().ok, theirs.traceback
    assert "ada@example.com" in theirs.text
    assert "Here I am." in first.run("%codex hello").text, "the sign-in of the other is noticed"
    said = theirs.text.replace(url, "")
    assert not [secret for secret in issuer.secrets if secret in said]
