"""Which files are offered: those below the server's folder, and nothing that is more than a name."""

from __future__ import annotations

import re

import pytest

from codex_jupyter.core.file_links import CODE, WORDS, Files, ServedFolder, same_file

FILES = Files(ServedFolder(("/srv/work", "/mnt/real"), "nb"), "/srv/work/nb")


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("load.py", "load.py"),
        ("load.py:12", "load.py#line=11"),
        ("load.py:12:3", "load.py#line=11"),
        ("load.py:12-14", "load.py#line=11"),
        ("load.py#L12-L14", "load.py#line=11"),
        ("./src/../load.py:1", "load.py#line=0"),
        ("/srv/work/src/a b.py:2", "../src/a%20b.py#line=1"),
        ("/mnt/real/nb/zürich.md", "z%C3%BCrich.md"),
        ("Makefile", "Makefile"),
    ],
)
def test_a_file_below_the_folder_is_offered(target: str, address: str) -> None:
    assert FILES.address(target) == address


@pytest.mark.parametrize(
    "target",
    [
        "../../etc/passwd",
        "../../../etc/passwd.py:1",
        "/etc/passwd",
        "/srv/work",
        "/srv/workshop/a.py",
        "/srv/work/../secret.py",
        "//host/x.py",
        "\\\\host\\x.py",
        "javascript:alert(1)",
        "javascript:1.py:1",
        "file:///srv/work/a.py",
        "data:text/html,x.py",
        "https://srv/work/a.py",
        "..%2f..%2fetc/passwd.py",
        "%2e%2e/%2e%2e/x.py",
        "a.py\n:1",
        "a\nb.py:1",
        "a\u202eb.py",
        "a\x00.py",
        "a.py?x=1",
        "a.py#x",
        ".ssh/id.py",
        "src/.git/config",
        "~/x.py",
        "src/",
        "report.html",
        "picture.SVG",
        "",
        "x" * 500,
    ],
)
def test_what_lies_elsewhere_or_is_no_plain_name_is_not(target: str) -> None:
    assert FILES.address(target) == ""


def test_an_address_is_relative_whatever_it_is_made_from() -> None:
    relative = re.compile(r"(?:\.\./)*[\w.~%-]+(?:/[\w.~%-]+)*(?:#line=\d+)?", re.ASCII)
    for folder in ("/srv/work", "/srv/work/nb", "/mnt/real", "/elsewhere", ""):
        for name in ("a.py", "é .py:3", "a'b.py", "a&b(1)=,@!.py", "-a.py", "a/b/c.py#L9"):
            address = Files(FILES.served, folder).address(name)
            assert not address or relative.fullmatch(address), address
    assert Files(FILES.served, "").address("/srv/work/a.py") == "../a.py"


def test_windows_has_paths_of_its_own() -> None:
    files = Files(ServedFolder(("C:\\Users\\ada",), ""), "C:\\Users\\ada\\churn")
    assert files.address("src\\load.py:12") == "churn/src/load.py#line=11"
    assert files.address("C:\\Users\\ada\\a.py") == "a.py"
    assert files.address("C:\\Windows\\a.py") == ""
    assert files.address("..\\..\\x.py") == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See load.py:12, and /srv/a.py.", ["load.py:12", "/srv/a.py"]),
        ("(src/a.ts#L3-L9)", ["src/a.ts#L3-L9"]),
        ("load.py alone, example.com:80, 1.2.3.4:80, http://x.py:80/a", []),
        ("ab/../c.py:1", ["ab/../c.py:1"]),
        ("C:\\x.py:1 and x\\y.py:2", []),
    ],
)
def test_words_that_name_a_file(text: str, found: list[str]) -> None:
    assert [each[0] for each in WORDS.finditer(text)] == found


def test_code_that_is_a_file() -> None:
    assert CODE.fullmatch("src/load.py") and CODE.fullmatch("/srv/load.py:3")
    assert not CODE.fullmatch("load.py --all") and not CODE.fullmatch("df.head")


def test_words_of_a_link_that_say_another_file_do_not_count() -> None:
    assert same_file("load.py:12", "/srv/src/load.py:12")
    assert not same_file("load.py:12", "load.py:13")
    assert not same_file("oad.py", "load.py")
