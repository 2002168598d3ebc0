"""How facts about a registry become one state, in whatever order and however often they arrive.

Each part of the state is a register that keeps the newest fact by `observed_at` (sync's stamp):
per tag what it points to (or that it was deleted), per manifest when it was last seen and last
deleted. Keeping deletions as facts is what stops an older push from resurrecting them. All merges
are commutative, associative and idempotent; what is *live* is derived from the registers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """Who pushed and when; `at` is the registry's clock and for people only."""

    observed_at: int
    at: datetime
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """What a tag was last seen to point to; no digest says that the tag itself was deleted."""

    digest: str | None
    observed_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """When a manifest was last seen in a repository, and last deleted from it, as stamps.

    0 is never. `push` is the newest push of the digest, under whatever tag.
    """

    seen: int = 0
    deleted: int = 0
    push: Push | None = None

    @property
    def is_here(self) -> bool:
        """Tell whether the manifest is in the repository; a deletion must be newer to win."""
        return self.seen > 0 and self.seen >= self.deleted


def merge_pointer(known: Pointer | None, fact: Pointer) -> Pointer:
    """Return the newer of two facts about one tag."""
    return fact if known is None else max(known, fact, key=_rank)


def merge_presence(known: Presence | None, fact: Presence) -> Presence:
    """Return the union of two facts about one manifest in one repository."""
    if known is None:
        return fact
    return Presence(
        seen=max(known.seen, fact.seen),
        deleted=max(known.deleted, fact.deleted),
        push=newer_push(known.push, fact.push),
    )


def newer_push(one: Push | None, other: Push | None) -> Push | None:
    """Return the newer of two pushes of the same thing."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda push: (push.observed_at, push.at, push.by or ""))


def is_live(pointer: Pointer, presence: Presence) -> bool:
    """Tell whether a tag is there, given the register of the manifest it points to.

    Deleting a manifest takes the tags with it that pointed to it before; a tag that was seen on it
    at the same moment or later stays.
    """
    return pointer.digest is not None and pointer.observed_at >= presence.deleted


def _rank(pointer: Pointer) -> tuple[int, str]:
    # Two facts with one stamp: any fixed order will do, as long as it is everywhere the same.
    return (pointer.observed_at, pointer.digest or "")
