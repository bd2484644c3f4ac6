"""What of ours is printed arrives, whatever standard output is."""

from __future__ import annotations

import io
import sys

import pytest

from codex_jupyter.notebook import printing


def stream(encoding: str) -> tuple[io.TextIOWrapper, io.BytesIO]:
    raw = io.BytesIO()
    return io.TextIOWrapper(raw, encoding, errors="strict"), raw


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("utf-8", "✓ Done … “é” 漢"),
        ("latin-1", '+ Done ... "é" ?'),
        ("ascii", '+ Done ... "?" ?'),
        ("cp1252", "+ Done … “é” ?"),
    ],
)
def test_signs_that_the_encoding_lacks_are_written_as_others(
    monkeypatch: pytest.MonkeyPatch, encoding: str, written: str
) -> None:
    out, raw = stream(encoding)
    monkeypatch.setattr(sys, "stdout", out)
    printing.write("✓ Done … “é” 漢")
    assert raw.getvalue().decode(encoding) == written
    with printing.substituting():
        print("\n✓ Done … “é” 漢", flush=True)
    assert raw.getvalue().decode(encoding) == f"{written}\n{written}\n"
    assert out.errors == "strict"
    if encoding != "utf-8":
        with pytest.raises(UnicodeEncodeError):
            print("漢", flush=True)


def test_where_standard_output_fails_the_text_goes_where_it_went_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out, raw = stream("utf-8")
    monkeypatch.setattr(printing, "_at_load", None)
    monkeypatch.setattr(sys, "stdout", out)
    printing.remember()
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    printing.remember()
    printing.write("told\n")
    assert raw.getvalue() == b"told\n"


def test_where_there_is_none_at_all_nothing_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "_at_load", None)
    monkeypatch.setattr(sys, "stdout", None)
    printing.write("told\n")
