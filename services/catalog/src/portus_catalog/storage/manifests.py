"""The manifests of a registry, as merging needs to know them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from portus_catalog.storage.contents import ManifestRow
from portus_catalog.storage.rows import Named, slices_of
from portus_shared.db import insert_ignore


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownManifest:
    """What merging needs to know of a manifest."""

    id: int
    size_bytes: int | None
    subject: str | None
    children_count: int
    described: bool


def known_manifests(
    session: Session, media_types: Mapping[Named, str]
) -> Mapping[Named, KnownManifest]:
    """Return the manifests with these digests; unknown ones are made, not yet described."""
    found = _find(session, media_types)
    missing = sorted(media_types.keys() - found.keys())
    rows = [
        {
            "registry": registry,
            "digest": digest,
            "media_type": media_types[registry, digest],
            "described": False,
            "children_count": 0,
        }
        for registry, digest in missing
    ]
    if rows:
        insert_ignore(session, ManifestRow.__table__, rows)
        found |= _find(session, missing)
    return found


def _find(session: Session, names: Iterable[Named]) -> dict[Named, KnownManifest]:
    found: dict[Named, KnownManifest] = {}
    for some in slices_of(names):
        wanted = select(
            ManifestRow.registry_name,
            ManifestRow.digest,
            ManifestRow.id,
            ManifestRow.size_bytes,
            ManifestRow.subject,
            ManifestRow.children_count,
            ManifestRow.described,
        ).where(tuple_(ManifestRow.registry_name, ManifestRow.digest).in_(some))
        for row in session.execute(wanted):
            found[row.registry_name, row.digest] = KnownManifest(
                id=row.id,
                size_bytes=row.size_bytes,
                subject=row.subject,
                children_count=row.children_count,
                described=row.described,
            )
    return found
