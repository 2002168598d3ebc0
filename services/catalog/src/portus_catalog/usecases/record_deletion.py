"""A manifest, or a single tag, was deleted from the registry."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portus_catalog.storage import activities, history
from portus_catalog.storage.contents import RepositoryRow
from portus_catalog.storage.registers import delete_image, delete_tag
from portus_catalog.storage.rows import locked_repository
from portus_catalog.storage.standings import refresh
from portus_catalog.usecases import publish
from portus_catalog.usecases.sightings import checked_names
from portus_shared.contracts.sync import ManifestDeleted


def record_deletion(session: Session, event: ManifestDeleted) -> None:
    """Merge one deletion: of the tag when one is named, else of the manifest with its tags."""
    checked_names(
        event.repository,
        tags=[event.tag] if event.tag else [],
        digests=[event.digest] if event.digest else [],
    )
    repository = locked_repository(session, event.registry, event.repository, event.occurred_at)
    affected = _delete(session, repository, event)
    refresh(session, repository, affected, event.occurred_at)
    activities.record(
        session,
        "repository.delete",
        *(event.registry, event.repository, event.tag, event.digest, event.observed_at),
        at=event.occurred_at,
        actor=event.actor,
        repository_id=repository.id,
        tag=event.tag,
        digest=event.digest,
    )
    publish.repository_changed(
        session, repository, "deleted", tag=event.tag, digest=event.digest, actor=event.actor
    )


def _delete(session: Session, repository: RepositoryRow, event: ManifestDeleted) -> list[str]:
    stamp, at = event.observed_at, event.occurred_at
    if event.tag:
        before = delete_tag(session, repository, event.tag, observed_at=stamp, at=at)
        history.remember(
            session,
            repository.id,
            [(event.tag, "")],
            source=history.DELETE,
            observed_at=stamp,
            at=at,
            actor=event.actor,
        )
        return [before] if before else []
    if event.digest:
        delete_image(session, repository, event.digest, observed_at=stamp, at=at)
        return [event.digest]
    return []
