"""The images of a repository: one entry a digest, with all its tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from portus_catalog.domain.standing import GONE, LIVE, TAGGED, UNTAGGED
from portus_catalog.storage import deletions
from portus_catalog.storage.attachments import Attachment, attached
from portus_catalog.storage.contents import ImageRow, ManifestRow, RepositoryRow, TagRow
from portus_catalog.storage.deletions import Marks
from portus_catalog.storage.descriptions import Description, described
from portus_catalog.storage.paged import After, Order, following

TAGS_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageView:
    """An image with its newest tags (at most `TAGS_SHOWN`; `tags_count` tells all of them).

    `attached` is what belongs to it or to one of its platforms.
    """

    row: ImageRow
    tags: Sequence[TagRow]
    tags_count: int
    description: Description
    attached: Sequence[Attachment]
    marks: Marks

    @property
    def deleting(self) -> bool:
        """Tell whether the whole image is being deleted."""
        return self.marks.image(self.row.repository_id, self.row.digest)

    @property
    def deletion_failure(self) -> str | None:
        """Return why it could not be deleted, where that was tried lately."""
        return self.marks.failures.get((self.row.repository_id, self.row.digest))


def select_images(
    repository: RepositoryRow, *, untagged: bool, filter: str | None
) -> Select[ImageRow]:
    """Select images with tags, or those without; `filter` is part of a tag or starts a digest."""
    standing = UNTAGGED if untagged else TAGGED
    wanted = select(ImageRow).where(
        ImageRow.repository_id == repository.id, ImageRow.standing == standing
    )
    return wanted.where(_matches(repository, filter)) if filter else wanted


def page(
    session: Session, repository: RepositoryRow, wanted: Select[ImageRow], after: After
) -> tuple[list[ImageView], tuple[object, ...] | None]:
    """Return images, newest push first, and where to go on."""
    order = Order(column=ImageRow.changed_at, id=ImageRow.id, descending=True)
    rows, position = following(session, wanted, order, after)
    return _viewed(session, repository, rows), position


def count(
    session: Session, repository: RepositoryRow, *, untagged: bool, filter: str | None
) -> int:
    """Return how many images `select_images` selects."""
    if not filter:
        return repository.untagged_count if untagged else repository.images_count
    wanted = select_images(repository, untagged=untagged, filter=filter)
    ids = wanted.with_only_columns(ImageRow.id).subquery()
    return session.scalar(select(func.count()).select_from(ids)) or 0


def find(
    session: Session, repository: RepositoryRow, digest: str
) -> tuple[ImageRow, ManifestRow] | None:
    """Return a manifest that is in the repository, as an image or as part of one, else None."""
    here = (
        select(ImageRow, ManifestRow)
        .join(ManifestRow, ManifestRow.id == ImageRow.manifest_id)
        .where(
            ImageRow.repository_id == repository.id,
            ImageRow.digest == digest,
            ImageRow.standing != GONE,
        )
    )
    found = session.execute(here).one_or_none()
    return (found[0], found[1]) if found else None


def viewed(session: Session, repository: RepositoryRow, row: ImageRow) -> ImageView:
    """Return one image with all that lists show of it."""
    return _viewed(session, repository, [row])[0]


def _matches(repository: RepositoryRow, text: str) -> ColumnElement[bool]:
    # A list made once: asked per image, it would read all tags of the repository each time.
    tagged = select(TagRow.digest).where(
        TagRow.repository_id == repository.id,
        TagRow.state == LIVE,
        TagRow.name.contains(text, autoescape=True),
    )
    digest = text if ":" in text else f"sha256:{text}"
    return or_(ImageRow.digest.in_(tagged), ImageRow.digest.startswith(digest, autoescape=True))


def _viewed(
    session: Session, repository: RepositoryRow, rows: Sequence[ImageRow]
) -> list[ImageView]:
    digests = [row.digest for row in rows]
    tags = _newest_tags(session, repository, digests)
    sums = _tag_counts(session, repository, digests)
    descriptions = described(session, repository.registry_name, digests)
    marks = deletions.marks(session, ((repository.id, digest) for digest in digests))
    belonging = _attached(session, repository, descriptions)
    return [
        ImageView(
            row=row,
            tags=tags.get(row.digest, []),
            tags_count=sums.get(row.digest, 0),
            description=descriptions[row.digest],
            attached=belonging[row.digest],
            marks=marks,
        )
        for row in rows
    ]


def _attached(
    session: Session, repository: RepositoryRow, descriptions: Mapping[str, Description]
) -> Mapping[str, Sequence[Attachment]]:
    parts = {
        digest: list(dict.fromkeys([digest, *(each.digest for each in description.platforms)]))
        for digest, description in descriptions.items()
    }
    found = attached(session, repository, (part for each in parts.values() for part in each))
    return {
        digest: [attachment for part in each for attachment in found.get(part, ())]
        for digest, each in parts.items()
    }


def _newest_tags(
    session: Session, repository: RepositoryRow, digests: Sequence[str]
) -> Mapping[str, list[TagRow]]:
    newest_first = (TagRow.updated_at.desc(), TagRow.id.desc())
    place = func.row_number().over(partition_by=TagRow.digest, order_by=newest_first)
    numbered = (
        select(TagRow.id, place.label("place"))
        .where(
            TagRow.repository_id == repository.id,
            TagRow.digest.in_(digests),
            TagRow.state == LIVE,
        )
        .subquery()
    )
    shown = (
        select(TagRow)
        .join(numbered, numbered.c.id == TagRow.id)
        .where(numbered.c.place <= TAGS_SHOWN)
        .order_by(*newest_first)
    )
    found: dict[str, list[TagRow]] = {}
    for tag in session.scalars(shown):
        found.setdefault(tag.digest or "", []).append(tag)
    return found


def _tag_counts(
    session: Session, repository: RepositoryRow, digests: Sequence[str]
) -> Mapping[str, int]:
    query = (
        select(TagRow.digest, func.count())
        .where(
            TagRow.repository_id == repository.id,
            TagRow.digest.in_(digests),
            TagRow.state == LIVE,
        )
        .group_by(TagRow.digest)
    )
    return {digest or "": total for digest, total in session.execute(query)}
