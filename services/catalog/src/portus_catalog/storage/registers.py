"""Loading, merging and storing the registers of one repository.

Everything here works on a repository row that the transaction holds locked (`locked_repository`),
so that two consumers never merge into the same registers at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portus_catalog.domain.merge import (
    Pointer,
    Presence,
    Push,
    merge_pointer,
    merge_presence,
)
from portus_catalog.domain.standing import GONE
from portus_catalog.storage.contents import ImageRow, RepositoryRow, TagRow
from portus_catalog.storage.counters import set_size, set_state
from portus_catalog.storage.history import newest_pushes
from portus_catalog.storage.rows import (
    KnownManifest,
    images_by_digest,
    manifests_by_digest,
    new_image,
    new_tag,
    tags_by_name,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A manifest seen in a repository, under a tag or by digest alone; pushed or scanned."""

    digest: str
    media_type: str
    observed_at: int
    at: datetime
    tag: str | None = None
    push: Push | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A tag that was merged into, with what it pointed to before; None for not there."""

    row: TagRow
    before: str | None

    @property
    def after(self) -> str | None:
        """Return what it points to; right only once the standings are refreshed."""
        return _shown(self.row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The rows that sightings were merged into."""

    images: Mapping[str, ImageRow]
    tags: Sequence[Touched]


def see(session: Session, repository: RepositoryRow, sightings: Sequence[Sighting]) -> Seen:
    """Merge sightings into the registers.

    Pushes are in the history already. The caller refreshes the standings of all digests involved.
    """
    media_types = {sighting.digest: sighting.media_type for sighting in sightings}
    manifests = manifests_by_digest(session, repository.registry_name, media_types)
    images = images_by_digest(session, repository, media_types)
    for sighting in sightings:
        image = images.get(sighting.digest)
        if image is None:
            image = images[sighting.digest] = new_image(repository, sighting.digest, sighting.at)
            session.add(image)
        describe_image(repository, image, manifests[sighting.digest])
        merge_into_image(image, Presence(seen=sighting.observed_at, push=sighting.push))
    return Seen(images=images, tags=_point(session, repository, sightings))


def describe_image(repository: RepositoryRow, image: ImageRow, manifest: KnownManifest) -> None:
    """Copy what standings and counters need to know of an image's manifest."""
    image.manifest_id = manifest.id
    image.has_subject = manifest.subject is not None
    image.has_children = manifest.children_count > 0
    set_size(repository, image, manifest.size_bytes)


def delete_image(
    session: Session, repository: RepositoryRow, digest: str, *, observed_at: int, at: datetime
) -> None:
    """Merge the deletion of a manifest, also of one never seen: its push may still be under way."""
    image = images_by_digest(session, repository, [digest]).get(digest)
    if image is None:
        image = new_image(repository, digest, at)
        session.add(image)
    merge_into_image(image, Presence(deleted=observed_at))


def delete_tag(
    session: Session, repository: RepositoryRow, tag: str, *, observed_at: int, at: datetime
) -> str | None:
    """Merge the deletion of a tag; return the digest it pointed to if it is gone by this."""
    row = tags_by_name(session, repository, [tag]).get(tag) or new_tag(repository, tag, at)
    session.add(row)
    before = _shown(row)
    merged = merge_pointer(pointer_of(row), Pointer(digest=None, observed_at=observed_at))
    _store_pointer(row, merged, at)
    if merged.digest is not None:
        return None
    set_state(repository, row, GONE, at)
    return before


def merge_into_image(image: ImageRow, fact: Presence) -> None:
    """Merge a fact into an image's presence register."""
    merged = merge_presence(presence_of(image), fact)
    image.seen, image.deleted = merged.seen, merged.deleted
    if merged.push:
        image.push_stamp, image.pushed_by = merged.push.observed_at, merged.push.by
        image.pushed_at = image.changed_at = merged.push.at


def presence_of(image: ImageRow) -> Presence:
    """Return an image's register."""
    push = None
    if image.push_stamp is not None and image.pushed_at is not None:
        push = Push(observed_at=image.push_stamp, at=image.pushed_at, by=image.pushed_by)
    return Presence(seen=image.seen, deleted=image.deleted, push=push)


def pointer_of(tag: TagRow) -> Pointer:
    """Return a tag's register."""
    return Pointer(digest=tag.digest, observed_at=tag.observed_at)


def _point(
    session: Session, repository: RepositoryRow, sightings: Sequence[Sighting]
) -> Sequence[Touched]:
    rows = tags_by_name(session, repository, [s.tag for s in sightings if s.tag])
    touched: dict[str, Touched] = {}
    came_back: list[TagRow] = []
    for sighting in sightings:
        if sighting.tag is None:
            continue
        row = rows.get(sighting.tag)
        is_new = row is None
        if row is None:
            row = rows[sighting.tag] = new_tag(repository, sighting.tag, sighting.at)
            session.add(row)
        touched.setdefault(sighting.tag, Touched(row=row, before=_shown(row)))
        moved = _merge_into_tag(row, sighting)
        if moved and sighting.push is None and not is_new:
            came_back.append(row)
    _recall_pushes(session, repository, came_back)
    return list(touched.values())


def _merge_into_tag(row: TagRow, sighting: Sighting) -> bool:
    """Merge a sighting into a tag's register; tell whether the tag points elsewhere now."""
    before = row.digest
    fact = Pointer(digest=sighting.digest, observed_at=sighting.observed_at)
    _store_pointer(row, merge_pointer(pointer_of(row), fact), sighting.at)
    if sighting.push and row.digest == sighting.digest:
        _store_push(row, sighting.push)
    return row.digest != before


def _shown(row: TagRow) -> str | None:
    return None if row.state == GONE else row.digest


def _store_pointer(row: TagRow, pointer: Pointer, at: datetime) -> None:
    if pointer.digest != row.digest:
        row.push_stamp = row.pushed_at = row.pushed_by = None
        row.updated_at = at
    row.digest, row.observed_at = pointer.digest, pointer.observed_at


def _store_push(row: TagRow, push: Push) -> None:
    if row.push_stamp is not None and row.push_stamp > push.observed_at:
        return
    row.push_stamp, row.pushed_by = push.observed_at, push.by
    row.pushed_at = row.updated_at = push.at


def _recall_pushes(session: Session, repository: RepositoryRow, rows: Sequence[TagRow]) -> None:
    """Give tags that a scan moved the newest push of what they point to, if there ever was one."""
    wanted = [(row.name, row.digest) for row in rows if row.digest]
    pushes = newest_pushes(session, repository.id, wanted)
    for row in rows:
        if push := pushes.get((row.name, row.digest or "")):
            _store_push(row, push)
