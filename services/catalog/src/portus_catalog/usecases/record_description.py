"""sync has read a manifest: what it holds is the same in every repository that has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portus_catalog.storage.contents import ChildRow, ImageRow, ManifestRow, RepositoryRow
from portus_catalog.storage.registers import describe_image
from portus_catalog.storage.rows import images_by_digest, manifests_by_digest
from portus_catalog.storage.standings import refresh
from portus_catalog.usecases import publish
from portus_catalog.usecases.sightings import checked_names
from portus_shared.contracts.event import schema_of
from portus_shared.contracts.sync import ImageConfig, Layer, ManifestDescribed


def record_description(session: Session, event: ManifestDescribed) -> None:
    """Describe a manifest once, whether its push came before or is still to come."""
    checked_names(event.repository, digests=[event.digest])
    media_types = {event.digest: event.media_type}
    known = manifests_by_digest(session, event.registry, media_types)[event.digest]
    manifest = session.get_one(ManifestRow, known.id)
    if manifest.described:
        return
    _fill(session, manifest, event)
    session.flush()
    described = manifests_by_digest(session, event.registry, media_types)[event.digest]
    for repository in _holding(session, manifest):
        for image in images_by_digest(session, repository, [event.digest]).values():
            describe_image(repository, image, described)
        refresh(session, repository, [event.digest], repository.updated_at)
        publish.repository_changed(session, repository, "described", digest=event.digest)


def _holding(session: Session, manifest: ManifestRow) -> Sequence[RepositoryRow]:
    """Lock the repositories that have it, in one order so that nobody waits crosswise."""
    ids = select(ImageRow.repository_id).where(ImageRow.manifest_id == manifest.id)
    wanted = select(RepositoryRow).where(RepositoryRow.id.in_(ids)).order_by(RepositoryRow.id)
    return session.scalars(wanted.with_for_update()).all()


def _fill(session: Session, manifest: ManifestRow, event: ManifestDescribed) -> None:
    manifest.described = True
    manifest.media_type = event.media_type
    manifest.artifact_type = event.artifact_type
    manifest.size_bytes = event.size_bytes
    manifest.config = storable(schema_of(ImageConfig).dump(event.config)) if event.config else None
    manifest.layers = storable([schema_of(Layer).dump(layer) for layer in event.layers])
    manifest.annotations = storable(dict(event.annotations)) if event.annotations else None
    manifest.subject = event.subject
    manifest.children_count = len(event.children)
    manifest.raw = event.raw
    for position, child in enumerate(event.children):
        session.add(
            ChildRow(
                manifest_id=manifest.id,
                position=position,
                digest=child.digest,
                media_type=child.media_type,
                os=storable(child.os),
                architecture=storable(child.architecture),
                variant=storable(child.variant),
            )
        )


def storable(value: Any) -> Any:
    """Take NUL characters out: images may carry them, and PostgreSQL cannot hold them."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(name): storable(item) for name, item in value.items()}
    return value
