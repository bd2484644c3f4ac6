"""Text that grows: cheap to append to, immutable, bounded where it must be.

``Text`` keeps everything (messages, reasoning, diffs); ``Output`` keeps the head and the tail of what a command
printed and counts the middle. Neither knows what the characters mean.
"""

from __future__ import annotations

from dataclasses import dataclass, field

#: Characters of a command's output kept from its start and from its end, each.
OUTPUT_EDGE = 64 * 1024
#: Characters from which on the whole of a command's output is kept outside of its turn; older turns shorten theirs.
LONG_OUTPUT = 16 * 1024


@dataclass(frozen=True, slots=True)
class Text:
    """Immutable text whose appends cost O(log n) amortised per character.

    The pieces form a binary counter: a new piece is merged with its left neighbour while that one is not longer, so
    there are never more than about log2(n) pieces and no character is copied more than about log2(n) times.

    Example:
        >>> str(Text.of("Hel") + "lo"), len(Text.of("Hello"))
        ('Hello', 5)
    """

    pieces: tuple[str, ...] = ()
    length: int = 0

    @classmethod
    def of(cls, value: str) -> Text:
        """The text that consists of ``value``."""
        return cls((value,), len(value)) if value else cls()

    def __add__(self, more: str) -> Text:
        if not more:
            return self
        pieces = list(self.pieces)
        piece = more
        while pieces and len(pieces[-1]) <= len(piece):
            piece = pieces.pop() + piece
        return Text((*pieces, piece), self.length + len(more))

    def __str__(self) -> str:
        return "".join(self.pieces)

    def __len__(self) -> int:
        return self.length

    def __bool__(self) -> bool:
        return self.length > 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Text):
            return NotImplemented
        return self.length == other.length and (
            self.pieces == other.pieces or str(self) == str(other)
        )

    def __hash__(self) -> int:
        return hash(str(self))

    def extends(self, start: Text) -> bool:
        """True when this text begins with ``start``; pieces that both share are not looked into.

        Between a text and what it grew into, only the pieces merged since are compared: as cheap as the appends were.

        Example:
            >>> Text.of("Hello").extends(Text.of("Hel"))
            True
        """
        if start.length > self.length:
            return False
        shared = 0
        for mine, theirs in zip(self.pieces, start.pieces, strict=False):
            if mine is not theirs:
                break
            shared += 1
        rest = "".join(start.pieces[shared:])
        missing = len(rest)
        for piece in self.pieces[shared:]:
            if missing <= 0:
                return True
            at = len(rest) - missing
            if not piece.startswith(rest[at : at + len(piece)]):
                return False
            missing -= len(piece)
        return missing <= 0

    def head(self, count: int) -> str:
        """At most the first ``count`` characters, touching only the pieces that hold them."""
        parts: list[str] = []
        wanted = count
        for piece in self.pieces:
            if wanted <= 0:
                break
            parts.append(piece[:wanted])
            wanted -= len(piece)
        return "".join(parts)

    def since(self, start: int) -> str:
        """The characters from ``start`` on, touching only the pieces that hold them."""
        if start <= 0:
            return str(self)
        wanted = self.length - start
        parts: list[str] = []
        for piece in reversed(self.pieces):
            if wanted <= 0:
                break
            parts.append(piece if len(piece) <= wanted else piece[len(piece) - wanted :])
            wanted -= len(piece)
        return "".join(reversed(parts))


@dataclass(frozen=True, slots=True)
class Output:
    """What a command printed: its first and its last ``OUTPUT_EDGE`` characters, and how many lie between.

    ``head`` is full before ``tail`` begins; ``omitted`` counts characters that were dropped from the middle.

    Example:
        >>> (Output() + "ok\\n").text
        'ok\\n'
    """

    head: Text = field(default_factory=Text)
    tail: Text = field(default_factory=Text)
    omitted: int = 0

    @classmethod
    def of(cls, value: str) -> Output:
        """The output that consists of ``value``, cut if need be."""
        return cls() + value

    @classmethod
    def whole(cls, value: str) -> Output:
        """All of ``value``, not cut yet: what the runtime sent. Cleaning cuts it (``secrets.fields``), which must come first."""
        return cls(Text.of(value))

    @property
    def uncut(self) -> bool:
        """Whether more is kept than should be."""
        return len(self.head) > OUTPUT_EDGE

    def __add__(self, more: str) -> Output:
        if not more:
            return self
        room = OUTPUT_EDGE - len(self.head)
        head = self.head + more[:room] if room > 0 else self.head
        rest = more[room:] if room > 0 else more
        if not rest:
            return Output(head, self.tail, self.omitted)
        tail = self.tail + rest
        omitted = self.omitted
        if len(tail) > 2 * OUTPUT_EDGE:  # cut seldom, so that cutting stays cheap
            dropped = len(tail) - OUTPUT_EDGE
            tail, omitted = Text.of(tail.since(dropped)), omitted + dropped
        return Output(head, tail, omitted)

    def __len__(self) -> int:
        return len(self.head) + len(self.tail) + self.omitted

    def __bool__(self) -> bool:
        return bool(self.head)

    def trimmed(self, edge: int) -> Output:
        """The same output with at most ``edge`` characters kept from its start and from its end, each."""
        if len(self.head) + len(self.tail) <= 2 * edge:
            return self
        kept = str(self.tail) if self.omitted else str(self.head) + str(self.tail)
        tail = kept[len(kept) - edge :] if edge else ""
        head = Text.of(self.head.head(edge))
        return Output(head, Text.of(tail), len(self) - len(head) - len(tail))

    @property
    def text(self) -> str:
        """Head and tail; where something is missing between them, one line that counts it."""
        if not self.omitted:
            return str(self.head) + str(self.tail)
        return f"{self.head}\n… {self.omitted:,} characters omitted …\n{self.tail}"

    def last(self, characters: int) -> str:
        """At most the last ``characters`` characters that are kept."""
        if len(self.tail) >= characters or self.omitted:
            return self.tail.since(len(self.tail) - characters)
        return (self.head + str(self.tail)).since(len(self.head) + len(self.tail) - characters)
