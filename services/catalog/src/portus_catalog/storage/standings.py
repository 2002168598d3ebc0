"""Deriving what is there from the registers: tag states, image standings, repository counters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from portus_catalog.domain.folding import attached_to
from portus_catalog.domain.merge import is_live
from portus_catalog.domain.standing import (
    ATTACHED,
    FOLDED,
    GONE,
    LIVE,
    TAGGED,
    UNTAGGED,
    standing_of,
)
from portus_catalog.storage.contents import (
    ChildRow,
    ImageRow,
    ManifestRow,
    RepositoryRow,
    TagRow,
)
from portus_catalog.storage.registers import pointer_of, presence_of
from portus_catalog.storage.rows import images_by_digest


def refresh(
    session: Session, repository: RepositoryRow, digests: Iterable[str], at: datetime
) -> None:
    """Derive anew everything that facts about these digests can have changed."""
    session.flush()
    wanted = set(digests)
    wanted |= _children_of(session, repository, wanted)
    images = images_by_digest(session, repository, wanted)
    tagged, folded = _refresh_tags(session, repository, images, at)
    attached = folded | _listed(session, repository, wanted) | _referrers(session, images)
    for digest, image in images.items():
        image.standing = standing_of(
            here=presence_of(image).is_here, tagged=digest in tagged, attached=digest in attached
        )
    session.flush()
    _count(session, repository)
    repository.updated_at = max(repository.updated_at, at)


def _refresh_tags(
    session: Session, repository: RepositoryRow, images: dict[str, ImageRow], at: datetime
) -> tuple[set[str], set[str]]:
    """Set the states of all tags on these images; return which images live and folded ones name."""
    rows = session.scalars(
        select(TagRow).where(
            TagRow.repository_id == repository.id, TagRow.digest.in_(sorted(images))
        )
    )
    found: dict[str, set[str]] = {LIVE: set(), FOLDED: set(), GONE: set()}
    for tag in rows:
        digest = tag.digest or ""
        state = GONE
        if is_live(pointer_of(tag), presence_of(images[digest])):
            state = FOLDED if attached_to(tag.name) else LIVE
        if tag.state == GONE and state != GONE:
            tag.created_at = at
        tag.state = state
        found[state].add(digest)
    return found[LIVE], found[FOLDED]


def _children_of(session: Session, repository: RepositoryRow, digests: set[str]) -> set[str]:
    children = (
        select(ChildRow.digest)
        .join(ManifestRow, ManifestRow.id == ChildRow.manifest_id)
        .where(
            ManifestRow.registry_name == repository.registry_name,
            ManifestRow.digest.in_(sorted(digests)),
        )
    )
    return set(session.scalars(children))


def _listed(session: Session, repository: RepositoryRow, digests: set[str]) -> set[str]:
    """Return those digests that an index present in the repository lists."""
    here = and_(ImageRow.seen > 0, ImageRow.seen >= ImageRow.deleted)
    listed = (
        select(ChildRow.digest)
        .join(ImageRow, ImageRow.manifest_id == ChildRow.manifest_id)
        .where(ChildRow.digest.in_(sorted(digests)), ImageRow.repository_id == repository.id, here)
    )
    return set(session.scalars(listed))


def _referrers(session: Session, images: dict[str, ImageRow]) -> set[str]:
    ids = [image.manifest_id for image in images.values() if image.manifest_id is not None]
    with_subject = select(ManifestRow.digest).where(
        ManifestRow.id.in_(ids), ManifestRow.subject.is_not(None)
    )
    return set(session.scalars(with_subject))


def _count(session: Session, repository: RepositoryRow) -> None:
    repository.tags_count = (
        session.scalar(
            select(func.count()).where(TagRow.repository_id == repository.id, TagRow.state == LIVE)
        )
        or 0
    )
    rows = session.execute(
        select(ImageRow.standing, func.count(), func.sum(ImageRow.size_bytes))
        .where(
            ImageRow.repository_id == repository.id,
            ImageRow.standing.in_([TAGGED, UNTAGGED, ATTACHED]),
        )
        .group_by(ImageRow.standing)
    ).all()
    counts = {standing: count for standing, count, _ in rows}
    repository.images_count = counts.get(TAGGED, 0)
    repository.untagged_count = counts.get(UNTAGGED, 0)
    repository.size_bytes = int(sum(size or 0 for _, _, size in rows))
    repository.alive = bool(counts)
