"""What every fact about a repository goes through: merge, derive, and say what moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from portus_catalog.storage.registers import Sighting, Touched, see
from portus_catalog.storage.standings import Concern, refresh
from portus_shared.errors import Rejected
from portus_shared.names import is_digest, is_repository_name, is_tag


def apply(session: Session, sightings: Sequence[Sighting]) -> Sequence[Touched | None]:
    """Merge sightings and derive what follows; return the tag of each, if it had one."""
    # Rows are written once, when all is known of them, not before every query in between.
    with session.no_autoflush:
        seen = see(session, sightings)
    concerns = [
        Concern(
            repository=sighting.repository,
            digests=[touched.before] if touched and touched.before else [],
            at=sighting.at,
        )
        for sighting, touched in zip(sightings, seen.tags, strict=True)
    ]
    rows = {touched.row for touched in seen.tags if touched}
    refresh(session, concerns, images=seen.images, tags=rows)
    return seen.tags


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
