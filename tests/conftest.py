"""What every tier shares: tiers follow from directories, and an empty run is a failure.

tests/contract, tests/kernel, tests/attacks, tests/faults, tests/browser and tests/notebooks are tiers of their own; whatever else lies under
tests/ mirrors the package and is a unit test. Fixtures of one tier live in that tier's conftest.py.
"""

from __future__ import annotations

import builtins
import importlib.metadata
import os
import shutil
import signal
import ssl
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROOT = TESTS.parent
TIERS_WITH_A_DIRECTORY = ("contract", "kernel", "attacks", "faults", "browser", "notebooks")


HOMES = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Give the run a home of its own, and its signals their meaning.

    The runtime's shells read the start-up files of a home: those of the person who runs the tests
    may be slow, and one that is killed in the middle may leave its lock behind.

    Being terminated is taken as Ctrl-C, so that fixtures stop what they started. A shell without job
    control has the commands that it puts into the background ignore Ctrl-C (``make test &``): Python
    then installs no handler, and whatever a test starts inherits that. A test is about what a person
    at a keyboard gets, so this process handles it, and its children begin with the system's default.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    # A worker's home lies in that of the run it belongs to.
    place = Path.home() if worker else beside_temporary() / "codex-jupyter-tests"
    home = place / (worker or f"home-{uuid.uuid4().hex[:12]}")
    home.mkdir(parents=True)
    config.stash[HOMES] = home
    os.environ["HOME"] = str(home)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the run's home."""
    shutil.rmtree(config.stash[HOMES], ignore_errors=True)


def beside_temporary() -> Path:
    """A folder for caches outside the system's temporary one, where the runtime's sandbox refuses terminals."""
    caches = Path.home() / ".cache"
    inside = caches.is_relative_to(Path(tempfile.gettempdir())) or caches.is_relative_to("/tmp")
    return Path("/var/tmp") if inside else caches


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark each test with the tier that its directory names; leave out what the installed runtime is too old for."""
    from codex_jupyter.runtime import versions

    runtime = importlib.metadata.version("openai-codex-cli-bin")
    old = [
        item
        for item in items
        if any(versions.newer(mark.args[0], runtime) for mark in item.iter_markers("since"))
    ]
    if old:
        config.hook.pytest_deselected(items=old)
        items[:] = [item for item in items if item not in old]
    for item in items:
        try:
            room = item.path.relative_to(TESTS).parts[0]
        except ValueError:
            room = "notebooks"  # collected by nbval
        item.add_marker(room if room in TIERS_WITH_A_DIRECTORY else "unit")


@pytest.fixture(scope="session", autouse=True)
def one_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the runtime trust one authority of the system's many.

    It reads all of them several times a turn, a quarter of the processor time of a short one; everything that it talks to
    here is on this machine and speaks http.
    """
    known = ssl.create_default_context().get_ca_certs(binary_form=True)
    with pytest.MonkeyPatch.context() as patched:
        if known:
            folder = tmp_path_factory.mktemp("authorities")
            one = folder / "one.pem"
            one.write_text(ssl.DER_cert_to_PEM_cert(known[0]))
            patched.setenv("SSL_CERT_FILE", str(one))
            patched.setenv("SSL_CERT_DIR", str(folder))
        yield


@pytest.fixture(autouse=True)
def no_underscore_left() -> Iterator[None]:
    """Remove ``builtins._``, which a doctest leaves: where it is, IPython sets no ``_`` of its own."""
    yield
    builtins.__dict__.pop("_", None)


@pytest.fixture(autouse=True)
def folders_of_turns() -> Iterator[None]:
    """In a kernel a folder that a turn worked in is distrusted for good; here the next test has turns of its own."""
    from codex_jupyter import trusted_imports

    folders, shallow = set(trusted_imports._folders), set(trusted_imports._shallow)
    yield
    trusted_imports._folders.intersection_update(folders)
    trusted_imports._shallow.intersection_update(shallow)
    trusted_imports._finder.invalidate_caches()


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A fresh folder outside the system's temporary one, removed afterwards.

    A CODEX_HOME belongs here: under the temporary folder the runtime's sandbox refuses
    commands that want a terminal.
    """
    folder = Path.home() / uuid.uuid4().hex[:12]
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
