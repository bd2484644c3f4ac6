"""What is refused before a turn is sent, for want of a sandbox."""

from __future__ import annotations

import pytest

from codex_jupyter.errors import OptionError
from codex_jupyter.session.sandbox import refuse_unasked
from codex_jupyter.session.work import Ask, Compact, Review


@pytest.mark.parametrize("kind", ["read-only", "workspace-write", "full-access", "unavailable"])
@pytest.mark.parametrize("work", [Ask, Compact, Review])
def test_without_a_sandbox_only_what_asks_is_begun(
    kind: str, work: type[Ask | Compact | Review]
) -> None:
    if kind == "unavailable" and work is Review:
        with pytest.raises(OptionError, match="A review cannot ask") as refused:
            refuse_unasked(kind, work.asks)
        assert "-s full-access" in refused.value.hint
    else:
        refuse_unasked(kind, work.asks)
