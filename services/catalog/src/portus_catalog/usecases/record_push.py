"""Manifests were pushed: they, their tags, the history, activities and one event each, together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portus_catalog.domain.merge import Push
from portus_catalog.storage import activities, history
from portus_catalog.storage.contents import RepositoryRow
from portus_catalog.storage.registers import Sighting
from portus_catalog.storage.rows import Named, locked_repositories
from portus_catalog.usecases import publish
from portus_catalog.usecases.sightings import apply, checked_names, moment_of
from portus_shared.contracts.sync import ManifestPushed

Told = tuple[ManifestPushed, str | None]
"""A push, and the id of the request that led to it."""


def record_pushes(session: Session, told: Sequence[Told]) -> None:
    """Merge pushes in their order; one older than what is known still enters history and activity.

    Rows and events become the same as if each push had been merged alone.
    """
    events = [event for event, _ in told]
    for event in events:
        tags = [event.tag] if event.tag else []
        checked_names(event.repository, tags=tags, digests=[event.digest])
    repositories = locked_repositories(session, _first_times(events))
    pushed = [(repositories[event.registry, event.repository], event) for event in events]
    _remember(session, pushed)
    apply(session, [_sighting(repository, event) for repository, event in pushed])
    for event, trace in told:
        repository = repositories[event.registry, event.repository]
        _note_last(repository, event)
        if repository.deleting_since and repository.deleting_since < moment_of(event.observed_at):
            repository.deleting_since = None
        publish.repository_changed(
            session,
            repository,
            "pushed",
            tag=event.tag,
            digest=event.digest,
            actor=event.actor,
            correlation_id=trace,
        )


def _first_times(events: Sequence[ManifestPushed]) -> Mapping[Named, datetime]:
    times: dict[Named, datetime] = {}
    for event in events:
        times.setdefault((event.registry, event.repository), event.occurred_at)
    return times


def _sighting(repository: RepositoryRow, event: ManifestPushed) -> Sighting:
    return Sighting(
        repository=repository,
        digest=event.digest,
        media_type=event.media_type,
        observed_at=event.observed_at,
        at=event.occurred_at,
        tag=event.tag,
        push=Push(observed_at=event.observed_at, at=event.occurred_at, by=event.actor),
    )


def _remember(session: Session, pushed: Sequence[tuple[RepositoryRow, ManifestPushed]]) -> None:
    moves = [
        history.TagMove(
            repository_id=repository.id,
            tag=event.tag,
            digest=event.digest,
            source=history.PUSH,
            observed_at=event.observed_at,
            occurred_at=event.occurred_at,
            actor=event.actor,
        )
        for repository, event in pushed
        if event.tag
    ]
    history.remember(session, moves)
    activities.record_all(session, [_activity(repository, event) for repository, event in pushed])


def _activity(repository: RepositoryRow, event: ManifestPushed) -> activities.Entry:
    return activities.entry(
        "repository.push",
        *(event.registry, event.repository, event.tag, event.digest, event.observed_at),
        at=event.occurred_at,
        actor=event.actor,
        repository_id=repository.id,
        tag=event.tag,
        digest=event.digest,
    )


def _note_last(repository: RepositoryRow, event: ManifestPushed) -> None:
    """Keep the newest push."""
    known = repository.last_push_stamp
    if known is not None and known > event.observed_at:
        return
    repository.last_push_stamp, repository.last_push_at = event.observed_at, event.occurred_at
    repository.last_push_by = event.actor
    repository.last_push_tag, repository.last_push_digest = event.tag, event.digest
