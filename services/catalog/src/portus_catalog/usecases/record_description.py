"""sync has read manifests: what one holds is the same in every repository that has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from portus_catalog.storage.contents import ChildRow, ImageRow, ManifestRow, RepositoryRow
from portus_catalog.storage.manifests import KnownManifest, known_manifests
from portus_catalog.storage.registers import describe_image
from portus_catalog.storage.rows import Named, locked_by_id, slices_of
from portus_catalog.storage.standings import Concern, refresh
from portus_catalog.usecases import publish
from portus_catalog.usecases.sightings import checked_names
from portus_shared.contracts.event import schema_of
from portus_shared.contracts.sync import ImageConfig, Layer, ManifestDescribed

Told = tuple[ManifestDescribed, str | None]
"""A description, and the id of the request that led to it."""


def record_descriptions(session: Session, told: Sequence[Told]) -> None:
    """Describe each manifest once, whether its push came before or is still to come."""
    media_types: dict[Named, str] = {}
    for event, _ in told:
        checked_names(event.repository, digests=[event.digest])
        media_types.setdefault((event.registry, event.digest), event.media_type)
    known = known_manifests(session, media_types)
    fresh: dict[int, Told] = {}
    for event, trace in told:
        manifest = known[event.registry, event.digest]
        if not manifest.described:
            fresh.setdefault(manifest.id, (event, trace))
    if fresh:
        _fill(session, {id: event for id, (event, _) in fresh.items()})
        _spread(session, fresh)


def _spread(session: Session, fresh: Mapping[int, Told]) -> None:
    """Tell the repositories that have these manifests."""
    repositories, images = _holding(session, fresh)
    concerns = []
    for (repository_id, digest), image in images.items():
        repository = repositories[repository_id]
        event, _ = fresh[image.manifest_id or 0]
        described = KnownManifest(
            id=image.manifest_id or 0,
            size_bytes=event.size_bytes,
            subject=event.subject,
            children_count=len(event.children),
            described=True,
        )
        describe_image(repository, image, described)
        at = repository.updated_at
        concerns.append(Concern(repository=repository, digests=[digest], at=at))
    refresh(session, concerns, images=images)
    order = {id: place for place, id in enumerate(fresh)}
    told = sorted(images.values(), key=lambda i: (order[i.manifest_id or 0], i.repository_id))
    for image in told:
        _, trace = fresh[image.manifest_id or 0]
        publish.repository_changed(
            session,
            repositories[image.repository_id],
            "described",
            digest=image.digest,
            correlation_id=trace,
        )


def _holding(
    session: Session, manifests: Iterable[int]
) -> tuple[Mapping[int, RepositoryRow], Mapping[tuple[int, str], ImageRow]]:
    """Lock the repositories that have these manifests; return them and the images."""
    repositories: dict[int, RepositoryRow] = {}
    images: dict[tuple[int, str], ImageRow] = {}
    ids: set[int] = set()
    for some in slices_of(manifests):
        having = select(ImageRow.repository_id).where(ImageRow.manifest_id.in_(some)).distinct()
        ids |= set(session.scalars(having))
    repositories = locked_by_id(session, ids)
    for some in slices_of(manifests):
        for image in session.scalars(select(ImageRow).where(ImageRow.manifest_id.in_(some))):
            if image.repository_id in repositories:
                images[image.repository_id, image.digest] = image
    return repositories, images


def _fill(session: Session, events: Mapping[int, ManifestDescribed]) -> None:
    rows = [{"id": id, **_columns(event)} for id, event in events.items()]
    session.execute(update(ManifestRow), rows)
    children = [
        {
            "manifest_id": id,
            "position": position,
            "digest": child.digest,
            "media_type": child.media_type,
            "os": storable(child.os),
            "architecture": storable(child.architecture),
            "variant": storable(child.variant),
        }
        for id, event in events.items()
        for position, child in enumerate(event.children)
    ]
    if children:
        session.execute(insert(ChildRow), children)


def _columns(event: ManifestDescribed) -> dict[str, Any]:
    config = schema_of(ImageConfig).dump(event.config) if event.config else None
    return {
        "described": True,
        "media_type": event.media_type,
        "artifact_type": event.artifact_type,
        "size_bytes": event.size_bytes,
        "config": storable(config),
        "layers": storable([schema_of(Layer).dump(layer) for layer in event.layers]),
        "annotations": storable(dict(event.annotations)) if event.annotations else None,
        "subject": event.subject,
        "children_count": len(event.children),
        "raw": event.raw,
    }


def storable(value: Any) -> Any:
    """Take NUL characters out: images may carry them, and PostgreSQL cannot hold them."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(name): storable(item) for name, item in value.items()}
    return value
