"""Loading, merging and storing the registers of repositories.

Everything here works on repository rows that the transaction holds locked (`locked_repositories`),
so that two consumers never merge into the same registers at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portus_catalog.domain.folding import attached_to
from portus_catalog.domain.merge import (
    Pointer,
    Presence,
    Push,
    is_live,
    merge_pointer,
    merge_presence,
)
from portus_catalog.domain.standing import FOLDED, GONE, LIVE
from portus_catalog.storage.contents import ImageRow, RepositoryRow, TagRow
from portus_catalog.storage.counters import set_size, set_state
from portus_catalog.storage.history import newest_pushes
from portus_catalog.storage.manifests import KnownManifest, known_manifests
from portus_catalog.storage.rows import (
    Named,
    Place,
    find_image,
    find_tag,
    images_at,
    new_image,
    new_tag,
    tags_at,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A manifest seen in a repository, under a tag or by digest alone; pushed or scanned."""

    repository: RepositoryRow
    digest: str
    media_type: str
    observed_at: int
    at: datetime
    tag: str | None = None
    push: Push | None = None

    @property
    def image(self) -> Place:
        """Return where the manifest was seen."""
        return (self.repository.id, self.digest)

    @property
    def manifest(self) -> Named:
        """Return which manifest was seen."""
        return (self.repository.registry_name, self.digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A tag that a sighting was merged into, with what it showed before and shows now."""

    row: TagRow
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The rows that sightings were merged into, and each sighting's tag, if it had one."""

    images: Mapping[Place, ImageRow]
    tags: Sequence[Touched | None]


def see(session: Session, sightings: Sequence[Sighting]) -> Seen:
    """Merge sightings into the registers, one after another.

    Pushes are in the history already. The caller refreshes the standings of all digests involved.
    """
    media_types: dict[Named, str] = {}
    for sighting in sightings:
        media_types.setdefault(sighting.manifest, sighting.media_type)
    manifests = known_manifests(session, media_types)
    images = images_at(session, (sighting.image for sighting in sightings))
    for sighting in sightings:
        image = images.get(sighting.image)
        if image is None:
            image = new_image(sighting.repository, sighting.digest, sighting.at)
            images[sighting.image] = image
            session.add(image)
        describe_image(sighting.repository, image, manifests[sighting.manifest])
        _attach(image, sighting.tag)
        merge_into_image(image, Presence(seen=sighting.observed_at, push=sighting.push))
    return Seen(images=images, tags=_point(session, sightings, images))


def _attach(image: ImageRow, tag: str | None) -> None:
    """Remember what a tag attaches an image to; which tag came first makes no difference."""
    to = attached_to(tag) if tag else None
    if to is not None:
        image.attached_to = min(to, image.attached_to or to)


def state_of(tag: TagRow, image: ImageRow) -> str:
    """Return the state of a tag that points to this image."""
    if not is_live(pointer_of(tag), presence_of(image)):
        return GONE
    return FOLDED if attached_to(tag.name) else LIVE


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
    image = find_image(session, repository, digest)
    if image is None:
        image = new_image(repository, digest, at)
        session.add(image)
    merge_into_image(image, Presence(deleted=observed_at))


def delete_tag(
    session: Session, repository: RepositoryRow, tag: str, *, observed_at: int, at: datetime
) -> str | None:
    """Merge the deletion of a tag; return the digest it pointed to if it is gone by this."""
    row = find_tag(session, repository, tag) or new_tag(repository, tag, at)
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
    session: Session, sightings: Sequence[Sighting], images: Mapping[Place, ImageRow]
) -> Sequence[Touched | None]:
    rows = tags_at(session, ((s.repository.id, s.tag) for s in sightings if s.tag))
    came_back: list[TagRow] = []
    touched: list[Touched | None] = []
    for sighting in sightings:
        if sighting.tag is None:
            touched.append(None)
            continue
        place = (sighting.repository.id, sighting.tag)
        row = rows.get(place)
        is_new = row is None
        if row is None:
            row = rows[place] = new_tag(sighting.repository, sighting.tag, sighting.at)
            session.add(row)
        before = _shown(row)
        moved = _merge_into_tag(row, sighting)
        if image := images.get((row.repository_id, row.digest or "")):
            set_state(sighting.repository, row, state_of(row, image), sighting.at)
        touched.append(Touched(row=row, before=before, after=_shown(row)))
        if moved and sighting.push is None and not is_new:
            came_back.append(row)
    _recall_pushes(session, came_back)
    return touched


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


def _recall_pushes(session: Session, rows: Sequence[TagRow]) -> None:
    """Give tags that a scan moved the newest push of what they point to, if there ever was one."""
    pushes = newest_pushes(
        session, {(row.repository_id, row.name): row.digest for row in rows if row.digest}
    )
    for row in rows:
        if push := pushes.get((row.repository_id, row.name)):
            _store_push(row, push)
