"""Finding the rows that facts are merged into, and making those that are new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portus_catalog.domain.standing import GONE
from portus_catalog.storage.contents import ImageRow, ManifestRow, RepositoryRow, TagRow
from portus_shared.db import insert_ignore
from portus_shared.names import namespace_of, path_in_namespace


def locked_repository(
    session: Session, registry: str, full_name: str, at: datetime
) -> RepositoryRow:
    """Return the repository, made if new, locked until the transaction ends."""
    wanted = (
        select(RepositoryRow)
        .where(RepositoryRow.registry_name == registry, RepositoryRow.full_name == full_name)
        .with_for_update()
    )
    if found := session.scalars(wanted).one_or_none():
        return found
    values = {
        "registry": registry,
        "full_name": full_name,
        "namespace": namespace_of(full_name),
        "path": path_in_namespace(full_name),
        "created_at": at,
        "updated_at": at,
        "alive": False,
        "tags_count": 0,
        "images_count": 0,
        "untagged_count": 0,
        "manifests_count": 0,
        "size_bytes": 0,
        "pulls_count": 0,
    }
    insert_ignore(session, RepositoryRow.__table__, [values])
    return session.scalars(wanted).one()


def lock(session: Session, repository_id: int) -> RepositoryRow:
    """Return a repository there is, read anew and locked until the transaction ends."""
    wanted = select(RepositoryRow).where(RepositoryRow.id == repository_id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownManifest:
    """What merging needs to know of a manifest."""

    id: int
    size_bytes: int | None
    subject: str | None
    children_count: int


def manifests_by_digest(
    session: Session, registry: str, media_types: Mapping[str, str]
) -> Mapping[str, KnownManifest]:
    """Return the manifests with these digests; unknown ones are made, not yet described."""
    found = _manifests(session, registry, media_types)
    missing = sorted(media_types.keys() - found.keys())
    rows = [
        {
            "registry": registry,
            "digest": digest,
            "media_type": media_types[digest],
            "described": False,
            "children_count": 0,
        }
        for digest in missing
    ]
    if rows:
        insert_ignore(session, ManifestRow.__table__, rows)
        found |= _manifests(session, registry, missing)
    return found


def images_by_digest(
    session: Session, repository: RepositoryRow, digests: Iterable[str]
) -> dict[str, ImageRow]:
    """Return the rows there are of these digests in the repository, gone ones included."""
    distinct = sorted(set(digests))
    if not distinct:
        return {}
    wanted = select(ImageRow).where(
        ImageRow.repository_id == repository.id, ImageRow.digest.in_(distinct)
    )
    return {image.digest: image for image in session.scalars(wanted)}


def tags_by_name(
    session: Session, repository: RepositoryRow, names: Sequence[str]
) -> dict[str, TagRow]:
    """Return the tags there are with these names, gone ones included."""
    if not names:
        return {}
    wanted = select(TagRow).where(TagRow.repository_id == repository.id, TagRow.name.in_(names))
    return {tag.name: tag for tag in session.scalars(wanted)}


def new_image(repository: RepositoryRow, digest: str, at: datetime) -> ImageRow:
    """Make an image row that no fact has been merged into yet."""
    return ImageRow(
        repository_id=repository.id,
        digest=digest,
        seen=0,
        deleted=0,
        standing=GONE,
        has_subject=False,
        has_children=False,
        first_at=at,
        changed_at=at,
        pulls_count=0,
    )


def new_tag(repository: RepositoryRow, name: str, at: datetime) -> TagRow:
    """Make a tag row that no fact has been merged into yet."""
    return TagRow(
        repository_id=repository.id,
        name=name,
        digest=None,
        observed_at=0,
        state=GONE,
        created_at=at,
        updated_at=at,
        pulls_count=0,
    )


def _manifests(session: Session, registry: str, digests: Iterable[str]) -> dict[str, KnownManifest]:
    wanted = select(
        ManifestRow.digest,
        ManifestRow.id,
        ManifestRow.size_bytes,
        ManifestRow.subject,
        ManifestRow.children_count,
    ).where(ManifestRow.registry_name == registry, ManifestRow.digest.in_(sorted(set(digests))))
    return {
        row.digest: KnownManifest(
            id=row.id,
            size_bytes=row.size_bytes,
            subject=row.subject,
            children_count=row.children_count,
        )
        for row in session.execute(wanted)
    }
