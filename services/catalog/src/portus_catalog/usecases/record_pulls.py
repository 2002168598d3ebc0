"""Pulls were counted: add them to the tag, the image and the repository."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portus_catalog.storage.contents import ImageRow, RepositoryRow, TagRow
from portus_shared.contracts.sync import PullsCounted


def record_pulls(session: Session, event: PullsCounted) -> None:
    """Add one window's pulls; pulls of what is not known are nobody's."""
    repository = session.scalars(
        select(RepositoryRow)
        .where(
            RepositoryRow.registry_name == event.registry,
            RepositoryRow.full_name == event.repository,
        )
        .with_for_update()
    ).one_or_none()
    if repository is None:
        return
    image = select(ImageRow).where(
        ImageRow.repository_id == repository.id, ImageRow.digest == event.digest
    )
    tag = select(TagRow).where(TagRow.repository_id == repository.id, TagRow.name == event.tag)
    pulled: list[RepositoryRow | ImageRow | TagRow] = [repository, *session.scalars(image)]
    if event.tag:
        pulled += session.scalars(tag)
    for row in pulled:
        row.pulls_count += event.count
        row.last_pulled_at = max(row.last_pulled_at or event.window_end, event.window_end)
