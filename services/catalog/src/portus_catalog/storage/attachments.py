"""What is attached to manifests: signatures, attestations, bills of material.

By a subject field, by a tag that is made of the digest (`domain.folding`), or as an entry of an
index that does not run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from portus_catalog.domain.folding import attached_to, is_platform
from portus_catalog.domain.standing import FOLDED, GONE
from portus_catalog.storage.contents import ChildRow, ImageRow, ManifestRow, RepositoryRow, TagRow
from portus_catalog.storage.descriptions import kind_of_row

SUBJECT: Final = "subject"
TAG: Final = "tag"
INDEX: Final = "index"
SHOWN: Final = 100
"""How many of those with a subject are shown of one image: some are scanned every day."""

_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A manifest that belongs to another, whose digest is `to`; `through` says how."""

    to: str
    through: str
    digest: str
    kind: str | None
    media_type: str
    artifact_type: str | None
    tag: str | None
    size_bytes: int | None
    pushed_at: datetime
    pushed_by: str | None


def attached(
    session: Session, repository: RepositoryRow, digests: Iterable[str]
) -> Mapping[str, Sequence[Attachment]]:
    """Return what is attached to each of these digests in a repository, the oldest first.

    Of many that name one as their subject these are the newest (`SHOWN`).
    """
    wanted = sorted(set(digests))
    tags = _tags_named_after(session, repository, wanted)
    through = dict.fromkeys(_in_indexes(session, repository, wanted), INDEX)
    through |= dict.fromkeys(_by_subject(session, repository, wanted), SUBJECT)
    through |= dict.fromkeys(tags, TAG)
    rows = _rows(session, repository, {digest for _, digest in through})
    found: dict[str, list[Attachment]] = {}
    for (to, digest), how in through.items():
        if digest in rows:
            tag = tags.get((to, digest))
            found.setdefault(to, []).append(_attachment(to, how, *rows[digest], tag))
    return {to: sorted(each, key=lambda a: (a.pushed_at, a.digest)) for to, each in found.items()}


def belongs_to(session: Session, repository: RepositoryRow, manifest: ManifestRow) -> Sequence[str]:
    """Return what a manifest is a part of in a repository, or attached to; that may be gone."""
    indices = select(ChildRow.manifest_id).where(ChildRow.digest == manifest.digest)
    listing = select(ImageRow.digest).where(
        ImageRow.manifest_id.in_(indices),
        ImageRow.repository_id == repository.id,
        ImageRow.standing != GONE,
    )
    naming = select(TagRow.name).where(
        TagRow.repository_id == repository.id,
        TagRow.digest == manifest.digest,
        TagRow.state == FOLDED,
    )
    named = (attached_to(name) for name in session.scalars(naming))
    found = {*session.scalars(listing), *named, manifest.subject}
    return sorted(digest for digest in found if digest)


def _attachment(
    to: str, through: str, image: ImageRow, manifest: ManifestRow, tag: str | None
) -> Attachment:
    return Attachment(
        to=to,
        through=through,
        digest=image.digest,
        kind=kind_of_row(manifest, tag=tag),
        media_type=manifest.media_type,
        artifact_type=manifest.artifact_type,
        tag=tag,
        size_bytes=manifest.size_bytes,
        pushed_at=image.changed_at,
        pushed_by=image.pushed_by,
    )


def _by_subject(
    session: Session, repository: RepositoryRow, digests: Sequence[str]
) -> Iterator[tuple[str, str]]:
    newest_first = func.row_number().over(
        partition_by=ManifestRow.subject,
        order_by=(ImageRow.changed_at.desc(), ImageRow.id.desc()),
    )
    for some in _slices(digests):
        numbered = (
            select(ManifestRow.subject, ManifestRow.digest, newest_first.label("place"))
            .join(ImageRow, ImageRow.manifest_id == ManifestRow.id)
            .where(
                ManifestRow.registry_name == repository.registry_name,
                ManifestRow.subject.in_(some),
                ImageRow.repository_id == repository.id,
                ImageRow.standing != GONE,
            )
            .subquery()
        )
        wanted = select(numbered.c.subject, numbered.c.digest).where(numbered.c.place <= SHOWN)
        yield from ((row.subject, row.digest) for row in session.execute(wanted))


def _tags_named_after(
    session: Session, repository: RepositoryRow, digests: Sequence[str]
) -> Mapping[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for some in _slices(digests):
        stems = [digest.replace(":", "-") for digest in some]
        # A range, and not LIKE, is looked up in the index whatever the database's collation.
        ranges = [and_(TagRow.name >= stem, TagRow.name < f"{stem}/") for stem in stems]
        named = select(TagRow.name, TagRow.digest).where(
            TagRow.repository_id == repository.id, TagRow.state == FOLDED, or_(*ranges)
        )
        for name, digest in session.execute(named):
            found[attached_to(name) or "", digest or ""] = name
    return found


def _in_indexes(
    session: Session, repository: RepositoryRow, digests: Sequence[str]
) -> Iterator[tuple[str, str]]:
    for some in _slices(digests):
        listed = (
            select(ManifestRow.digest, ChildRow.digest, ChildRow.os, ChildRow.architecture)
            .join(ChildRow, ChildRow.manifest_id == ManifestRow.id)
            .where(
                ManifestRow.registry_name == repository.registry_name,
                ManifestRow.digest.in_(some),
            )
        )
        for to, digest, os, architecture in session.execute(listed):
            if not is_platform(os, architecture):
                yield to, digest


def _rows(
    session: Session, repository: RepositoryRow, digests: Iterable[str]
) -> Mapping[str, tuple[ImageRow, ManifestRow]]:
    found: dict[str, tuple[ImageRow, ManifestRow]] = {}
    for some in _slices(sorted(digests)):
        here = (
            select(ImageRow, ManifestRow)
            .join(ManifestRow, ManifestRow.id == ImageRow.manifest_id)
            .where(
                ImageRow.repository_id == repository.id,
                ImageRow.digest.in_(some),
                ImageRow.standing != GONE,
            )
        )
        found |= {image.digest: (image, manifest) for image, manifest in session.execute(here)}
    return found


def _slices(digests: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(digests), _AT_ONCE):
        yield digests[start : start + _AT_ONCE]
