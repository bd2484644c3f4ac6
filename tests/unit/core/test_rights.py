"""Who may do what, as values: full access comes from a person, what is lent is taken back, what is heard is compared."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any, get_args

import pytest

from codex_jupyter.core.rights import (
    FULL_ACCESS,
    NETWORK,
    READ_ONLY,
    RESUMED,
    UNAVAILABLE,
    UNCONFIRMED,
    Approval,
    Defaults,
    Echo,
    Rights,
    Sandbox,
    asking,
    decide,
    difference,
    resting,
)

WRITING = Sandbox("workspace-write", ("/r",), network=True)


def test_nothing_but_a_persons_word_gives_full_access() -> None:
    """Over everything that a runtime can have said and everything that a turn can be."""
    for said, named, inside, works, profile in product(
        (READ_ONLY, WRITING, FULL_ACCESS, UNAVAILABLE),
        (None, "read-only", "workspace-write"),
        (True, False),
        (True, False),
        ("", ":danger-full-access", "mine"),
    ):
        told = Defaults("/w", said, profile)
        for defaults in (told.without_gifts(full_access_named=False), told.of_a_stranger()):
            rights = decide(
                defaults, folder="/w", inside=inside, sandbox=named, sandbox_works=works
            )
            assert rights.sandbox.kind != "full-access"
            # No sandbox is full access by another name: it is this machine's lack, and nobody's gift.
            assert rights.sandbox.kind != "unavailable" or not works
            if said == FULL_ACCESS:
                assert rights.profile == ""


@pytest.mark.parametrize("works", [True, False])
def test_a_person_who_names_full_access_gets_it(works: bool) -> None:
    rights = decide(
        Defaults(), folder="/w", inside=True, sandbox="full-access", sandbox_works=works
    )
    assert rights.sandbox == FULL_ACCESS


def test_what_holds_in_a_folder_holds_in_no_other() -> None:
    defaults = Defaults("/w", WRITING, ":workspace")
    assert decide(defaults, folder="/w/below", inside=True).sandbox == WRITING
    elsewhere = decide(defaults, folder="/x", inside=False)
    assert (elsewhere.sandbox, elsewhere.profile) == (READ_ONLY, "")
    named = decide(defaults, folder="/x", inside=False, sandbox="workspace-write")
    assert named.sandbox.kind == "workspace-write"


def test_further_folders_count_where_something_may_be_written() -> None:
    defaults = Defaults("/w", WRITING, ":workspace", Sandbox("workspace-write", ("/c",)))
    more: dict[str, Any] = {"folder": "/w", "inside": True, "add_folders": ("/r", "/more")}
    assert decide(defaults, **more).sandbox.writable == ("/r", "/more")
    assert decide(defaults, **more).profile == ""
    assert decide(defaults, **more, sandbox="workspace-write").sandbox.writable == (
        "/c",
        "/r",
        "/more",
    )
    assert decide(defaults, **more, sandbox="read-only").sandbox == READ_ONLY
    own = replace(defaults, profile="mine")
    assert decide(own, **more).profile == "mine"


def test_a_word_that_is_no_sandbox_is_refused() -> None:
    with pytest.raises(ValueError, match="no sandbox"):
        decide(Defaults(), folder="/w", inside=True, sandbox="everything")


def test_a_stranger_conversation_falls_back_and_says_so() -> None:
    given = Defaults("/w", WRITING, ":workspace")
    fallen = given.of_a_stranger()
    assert (fallen.sandbox, fallen.profile, fallen.notes) == (READ_ONLY, "", (RESUMED,))
    assert fallen.workspace == given.workspace
    assert Defaults("/w").of_a_stranger().notes == ()
    assert RESUMED in decide(fallen, folder="/w", inside=True).notes
    assert decide(fallen, folder="/w", inside=True, sandbox="workspace-write").notes == ()


@pytest.mark.parametrize("approval", get_args(Approval))
def test_nobody_but_auto_review_lets_a_model_decide(approval: Any) -> None:
    policy, reviewer = asking(Rights(approval=approval))
    assert policy in ("on-request", "untrusted")
    assert (reviewer == "auto_review") is (approval == "auto-review")
    assert asking(Rights(sandbox=UNAVAILABLE, approval=approval)) == ("untrusted", "user")


@pytest.mark.parametrize("approval", get_args(Approval))
@pytest.mark.parametrize("sandbox", [READ_ONLY, WRITING, FULL_ACCESS, UNAVAILABLE])
def test_rest_is_never_more_than_a_turn_without_options(sandbox: Sandbox, approval: Any) -> None:
    usual = Rights(sandbox, "/w", approval, profile="mine")
    rest = resting(usual)
    assert rest.sandbox.kind != "full-access"
    assert rest.sandbox in (usual.sandbox, READ_ONLY)
    assert rest.approval in ("ask", "untrusted")
    assert asking(rest)[1] == "user"
    if usual.approval == "untrusted":
        assert rest.approval == "untrusted"


def test_each_difference_has_its_words() -> None:
    rights = Rights(WRITING, "/w")
    same = Echo(WRITING, "/w", "on-request", "user")
    assert difference(rights, same) == ""
    for changed, word in (
        (replace(same, sandbox=FULL_ACCESS), "sandbox full-access, not workspace-write"),
        (replace(same, sandbox=replace(WRITING, writable=("/r", "/x"))), "writable folders"),
        (replace(same, sandbox=replace(WRITING, network=False)), "network"),
        (replace(same, sandbox=replace(WRITING, tmpdir=False)), "TMPDIR"),
        (replace(same, sandbox=replace(WRITING, slash_tmp=False)), "/tmp"),
        (replace(same, unknown_kind="newer"), "sandbox newer"),
        (replace(same, folder="/x"), "folder /x, not /w"),
        (replace(same, policy="never"), "approval never, not on-request"),
        (replace(same, reviewer="auto_review"), "reviewer auto_review, not user"),
    ):
        assert word in difference(rights, changed)
    order = replace(WRITING, writable=("/b", "/a"))
    assert (
        difference(
            Rights(order, "/w"), replace(same, sandbox=replace(order, writable=("/a", "/b")))
        )
        == ""
    )


@pytest.mark.parametrize("kind", ["read-only", "workspace-write"])
def test_what_the_network_means_is_said_where_commands_have_it(kind: str) -> None:
    sandbox = Sandbox(kind, network=True)  # type: ignore[arg-type]
    defaults = Defaults(folder="/w", sandbox=sandbox)
    assert decide(defaults, folder="/w", inside=True).notes == (NETWORK,)
    without = replace(defaults, sandbox=replace(sandbox, network=False))
    assert decide(without, folder="/w", inside=True).notes == ()
    assert decide(Defaults(), folder="/w", inside=True, sandbox="full-access").notes == ()


@pytest.mark.parametrize("named", [None, "read-only", "workspace-write", "full-access"])
def test_where_nobody_knows_of_a_sandbox_it_is_used_and_said(named: str | None) -> None:
    known = decide(Defaults(), folder="/w", inside=True, sandbox=named)
    doubted = decide(Defaults(), folder="/w", inside=True, sandbox=named, sandbox_confirmed=False)
    assert doubted.sandbox == known.sandbox and doubted.approval == known.approval
    assert (UNCONFIRMED in doubted.notes) is (named != "full-access")
    assert resting(doubted).sandbox == resting(known).sandbox
