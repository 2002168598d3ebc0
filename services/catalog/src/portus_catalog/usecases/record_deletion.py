"""A manifest, or a single tag, was deleted from the registry."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portus_catalog.domain.standing import GONE, LIVE
from portus_catalog.storage import activities, deletions, history
from portus_catalog.storage.contents import ImageRow, RepositoryRow, TagRow
from portus_catalog.storage.registers import delete_image, delete_tag
from portus_catalog.storage.rows import find_image, find_tag, locked_repository
from portus_catalog.storage.standings import Concern, refresh
from portus_catalog.usecases import publish
from portus_catalog.usecases.sightings import checked_names
from portus_shared.contracts.sync import ManifestDeleted

_TAGS_TOLD: Final = 100


def record_deletion(session: Session, event: ManifestDeleted) -> None:
    """Merge one deletion: of the tag when one is named, else of the manifest with its tags."""
    checked_names(
        event.repository,
        tags=[event.tag] if event.tag else [],
        digests=[event.digest] if event.digest else [],
    )
    repository = locked_repository(session, event.registry, event.repository, event.occurred_at)
    known, tags = _known_gone(session, repository, event), _tags_on(session, repository, event)
    affected = _delete(session, repository, event)
    concern = Concern(repository=repository, digests=affected, at=event.occurred_at)
    refresh(session, [concern])
    if known:
        return
    activities.record(
        session,
        "repository.delete",
        *(event.registry, event.repository, event.tag, event.digest, event.observed_at),
        at=event.occurred_at,
        actor=event.actor,
        repository_id=repository.id,
        tag=event.tag,
        digest=event.digest,
        details={"tags": tags} if tags else None,
    )
    publish.repository_changed(
        session, repository, "deleted", tag=event.tag, digest=event.digest, actor=event.actor
    )


def _known_gone(session: Session, repository: RepositoryRow, event: ManifestDeleted) -> bool:
    """Tell whether this only repeats: a registry names a manifest and then each of its tags."""
    known: TagRow | ImageRow | None
    if event.tag:
        known = find_tag(session, repository, event.tag)
        return known is not None and known.state == GONE
    if event.digest:
        known = find_image(session, repository, event.digest)
        return known is not None and known.standing == GONE
    return False


def _tags_on(session: Session, repository: RepositoryRow, event: ManifestDeleted) -> list[str]:
    """Return the tags that go with a manifest, for people to read."""
    if event.tag or not event.digest:
        return []
    wanted = select(TagRow.name).where(
        TagRow.repository_id == repository.id,
        TagRow.digest == event.digest,
        TagRow.state == LIVE,
        TagRow.observed_at < event.observed_at,
    )
    return list(session.scalars(wanted.order_by(TagRow.name).limit(_TAGS_TOLD)))


def _delete(session: Session, repository: RepositoryRow, event: ManifestDeleted) -> list[str]:
    stamp, at = event.observed_at, event.occurred_at
    if event.tag:
        before = delete_tag(session, repository, event.tag, observed_at=stamp, at=at)
        gone = history.TagMove(
            repository_id=repository.id,
            tag=event.tag,
            digest="",
            source=history.DELETE,
            observed_at=stamp,
            occurred_at=at,
            actor=event.actor,
        )
        history.remember(session, [gone])
        return [before] if before else []
    if event.digest:
        delete_image(session, repository, event.digest, observed_at=stamp, at=at)
        deletions.forget_failure(session, repository, event.digest)
        return [event.digest]
    return []
