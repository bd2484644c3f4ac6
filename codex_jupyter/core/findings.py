"""A review's text read back into findings with file and line. Text in, data out; what does not fit stays text.

The runtime formats findings as (captured from 0.163)::

    Full review comments:

    - [P1] Title — /path/file.py:1-2
      Body, indented by two.

and sends JSON when the reviewer's answer was not understood; both are read.
"""

from __future__ import annotations

import json
import re

from codex_jupyter.core.document import Finding

#: Most findings that are shown as such.
MOST_FINDINGS = 100

_HEAD = re.compile(
    r"^\s*[-*•]\s+(?:\[[ xX]\]\s+)?(?P<title>.+)\s+(?:—|–|--)\s+(?P<file>\S.*?):(?P<first>\d{1,9})(?:-(?P<last>\d{1,9}))?\s*$"
)


def parse(review: str) -> tuple[str, tuple[Finding, ...]]:
    """(what is said around them, the findings); no findings when the text has none that can be told apart.

    Example:
        >>> parse("Looks off.\\n\\n- [P1] Bug — a.py:1-2\\n  It fails.")[1][0].file
        'a.py'
    """
    from_json = _json(review)
    if from_json is not None:
        return from_json
    around: list[str] = []
    found: list[tuple[re.Match[str], list[str]]] = []
    for line in review.split("\n"):
        head = _HEAD.match(line) if len(line) < 2000 else None
        if head and len(found) < MOST_FINDINGS:
            found.append((head, []))
        elif found and (not line.strip() or line[:1] in " \t"):
            found[-1][1].append(line.strip() if not line.strip() else line.removeprefix("  "))
        else:
            around.append(line)
    findings = tuple(
        Finding(
            title=head["title"],
            body="\n".join(body).strip(),
            file=head["file"],
            first=int(head["first"]),
            last=int(head["last"]) if head["last"] else None,
        )
        for head, body in found
    )
    said = "\n".join(around).strip()
    if findings:
        said = re.sub(r"\n*(Full )?[Rr]eview comments?:\s*$", "", said).strip()
    return said, findings


def _json(review: str) -> tuple[str, tuple[Finding, ...]] | None:
    if not review.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(review)
        rows = value["findings"]
        found = []
        for row in rows[:MOST_FINDINGS]:
            place = row.get("code_location") or {}
            lines = place.get("line_range") or {}
            found.append(
                Finding(
                    title=str(row.get("title", "")),
                    body=str(row.get("body", "")),
                    file=str(place.get("absolute_file_path", "")),
                    first=_whole(lines.get("start")),
                    last=_whole(lines.get("end")),
                )
            )
        return str(value.get("overall_explanation", "")), tuple(found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
