"""What is the same for every runtime of this tier."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def one_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the runtime trust one authority of the system's many.

    It reads all of them several times a turn, a quarter of the processor time of a short one; everything that it talks to
    here is on this machine and speaks http.
    """
    known = ssl.create_default_context().get_ca_certs(binary_form=True)
    with pytest.MonkeyPatch.context() as patched:
        if known:
            folder: Path = tmp_path_factory.mktemp("authorities")
            one = folder / "one.pem"
            one.write_text(ssl.DER_cert_to_PEM_cert(known[0]))
            patched.setenv("SSL_CERT_FILE", str(one))
            patched.setenv("SSL_CERT_DIR", str(folder))
        yield
