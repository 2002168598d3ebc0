"""What every fact about a repository goes through: merge, derive, and say what moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from portus_catalog.storage.contents import RepositoryRow
from portus_catalog.storage.registers import Sighting, see
from portus_catalog.storage.standings import refresh
from portus_shared.errors import Rejected
from portus_shared.names import is_digest, is_repository_name, is_tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A tag's digest before and after; None for not there."""

    tag: str
    before: str | None
    after: str | None


def apply(
    session: Session, repository: RepositoryRow, sightings: Sequence[Sighting], at: datetime
) -> list[Move]:
    """Merge sightings and derive what follows; return the tags that look different now."""
    # Rows are written once, when all is known of them, not before every query in between.
    with session.no_autoflush:
        seen = see(session, repository, sightings)
    left = {tag.before for tag in seen.tags if tag.before}
    rows = [tag.row for tag in seen.tags]
    refresh(session, repository, left, at, images=seen.images, tags=rows)
    moves = [Move(tag=tag.row.name, before=tag.before, after=tag.after) for tag in seen.tags]
    return [move for move in moves if move.before != move.after]


def moment_of(stamp: int) -> datetime:
    """Return the time of a stamp, which is sync's clock."""
    return datetime.fromtimestamp(stamp / 1_000_000, UTC)


def checked_names(
    repository: str, *, tags: Sequence[str] = (), digests: Sequence[str] = ()
) -> None:
    """Refuse names that no registry can have sent; raises `Rejected`."""
    if not is_repository_name(repository):
        raise Rejected(fields={"repository": ["is not a repository name"]})
    if not all(is_tag(tag) for tag in tags):
        raise Rejected(fields={"tag": ["is not a tag"]})
    if not all(is_digest(digest) for digest in digests):
        raise Rejected(fields={"digest": ["is not a digest"]})
