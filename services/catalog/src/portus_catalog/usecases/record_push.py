"""A manifest was pushed: it, its tag, the history, the activity and one event, together."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portus_catalog.domain.merge import Push
from portus_catalog.storage import activities, history
from portus_catalog.storage.contents import RepositoryRow
from portus_catalog.storage.registers import Sighting
from portus_catalog.storage.rows import locked_repository
from portus_catalog.usecases import publish
from portus_catalog.usecases.sightings import apply, checked_names, moment_of
from portus_shared.contracts.sync import ManifestPushed


def record_push(session: Session, event: ManifestPushed) -> None:
    """Merge one push; a push older than what is known still enters history and activity."""
    checked_names(event.repository, tags=[event.tag] if event.tag else [], digests=[event.digest])
    at = event.occurred_at
    repository = locked_repository(session, event.registry, event.repository, at)
    push = Push(observed_at=event.observed_at, at=at, by=event.actor)
    _remember(session, repository, event)
    sighting = Sighting(
        digest=event.digest,
        media_type=event.media_type,
        observed_at=event.observed_at,
        at=at,
        tag=event.tag,
        push=push,
    )
    apply(session, repository, [sighting], at)
    _note_last(repository, push, event)
    if repository.deleting_since and repository.deleting_since < moment_of(event.observed_at):
        repository.deleting_since = None
    publish.repository_changed(
        session, repository, "pushed", tag=event.tag, digest=event.digest, actor=event.actor
    )


def _remember(session: Session, repository: RepositoryRow, event: ManifestPushed) -> None:
    if event.tag:
        history.remember(
            session,
            repository.id,
            [(event.tag, event.digest)],
            source=history.PUSH,
            observed_at=event.observed_at,
            at=event.occurred_at,
            actor=event.actor,
        )
    activities.record(
        session,
        "repository.push",
        *(event.registry, event.repository, event.tag, event.digest, event.observed_at),
        at=event.occurred_at,
        actor=event.actor,
        repository_id=repository.id,
        tag=event.tag,
        digest=event.digest,
    )


def _note_last(repository: RepositoryRow, push: Push, event: ManifestPushed) -> None:
    """Keep the newest push."""
    known = repository.last_push_stamp
    if known is not None and known > push.observed_at:
        return
    repository.last_push_stamp, repository.last_push_at = push.observed_at, push.at
    repository.last_push_by = push.by
    repository.last_push_tag, repository.last_push_digest = event.tag, event.digest
