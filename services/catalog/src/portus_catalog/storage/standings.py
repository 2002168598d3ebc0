"""Deriving what is there from the registers: the states of tags, the standings of images."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import Session

from portus_catalog.domain.standing import FOLDED, GONE, LIVE, standing_of
from portus_catalog.storage.contents import ChildRow, ImageRow, RepositoryRow, TagRow
from portus_catalog.storage.counters import set_standing, set_state
from portus_catalog.storage.registers import presence_of, state_of
from portus_catalog.storage.rows import Place, images_at, slices_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """Digests in one repository that facts spoke of, and when."""

    repository: RepositoryRow
    digests: Iterable[str]
    at: datetime


def refresh(
    session: Session,
    concerns: Sequence[Concern],
    *,
    images: Mapping[Place, ImageRow] | None = None,
    tags: Iterable[TagRow] = (),
) -> None:
    """Derive anew everything that facts about these digests can have changed.

    `images` are rows already at hand. `tags` are those the facts named: where one of them lives,
    its image is tagged, and no other tag of that image has to be read.
    """
    repositories = {concern.repository.id: concern.repository for concern in concerns}
    places = {(c.repository.id, digest) for c in concerns for digest in c.digests}
    known = dict(images or {})
    with session.no_autoflush:
        known |= images_at(session, places - known.keys())
        known |= images_at(session, _children_of(session, known) - known.keys())
        tagged, folded = _set_states(repositories, known, tags)
    unread = _tags_on(session, known.keys() - tagged)
    more_tagged, more_folded = _set_states(repositories, known, unread)
    _set_standings(session, repositories, known, tagged | more_tagged, folded | more_folded)
    for concern in concerns:
        concern.repository.updated_at = max(concern.repository.updated_at, concern.at)


def _set_states(
    repositories: Mapping[int, RepositoryRow],
    images: Mapping[Place, ImageRow],
    tags: Iterable[TagRow],
) -> tuple[set[Place], set[Place]]:
    """Set the states of tags; return which images live and folded ones name."""
    found: dict[str, set[Place]] = {LIVE: set(), FOLDED: set(), GONE: set()}
    for tag in tags:
        place = (tag.repository_id, tag.digest or "")
        image = images.get(place)
        if image is None:
            # It points to what no fact spoke of: nothing about it has changed.
            continue
        state = state_of(tag, image)
        set_state(repositories[tag.repository_id], tag, state, tag.updated_at)
        found[state].add(place)
    return found[LIVE], found[FOLDED]


def _set_standings(
    session: Session,
    repositories: Mapping[int, RepositoryRow],
    images: Mapping[Place, ImageRow],
    tagged: set[Place],
    folded: set[Place],
) -> None:
    unsure = {
        place
        for place, image in images.items()
        if place not in tagged | folded and not image.has_subject and image.attached_to is None
    }
    listed = _listed(session, unsure)
    for place, image in images.items():
        standing = standing_of(
            here=presence_of(image).is_here,
            tagged=place in tagged,
            attached=place not in unsure or place in listed,
        )
        set_standing(repositories[image.repository_id], image, standing)


def _tags_on(session: Session, places: Iterable[Place]) -> Iterable[TagRow]:
    place = tuple_(TagRow.repository_id, TagRow.digest)
    for some in slices_of(places):
        yield from session.scalars(select(TagRow).where(place.in_(some)))


def _children_of(session: Session, images: Mapping[Place, ImageRow]) -> set[Place]:
    parents: dict[int, set[int]] = {}
    for image in images.values():
        if image.has_children and image.manifest_id is not None:
            parents.setdefault(image.manifest_id, set()).add(image.repository_id)
    found: set[Place] = set()
    for some in slices_of(parents):
        wanted = select(ChildRow.manifest_id, ChildRow.digest)
        for row in session.execute(wanted.where(ChildRow.manifest_id.in_(some))):
            found |= {(id, row.digest) for id in parents[row.manifest_id]}
    return found


def _listed(session: Session, places: set[Place]) -> set[Place]:
    """Return those places whose digest an index present in the same repository lists."""
    found: set[Place] = set()
    here = and_(ImageRow.seen > 0, ImageRow.seen >= ImageRow.deleted)
    for some in slices_of(places):
        listed = (
            select(ImageRow.repository_id, ChildRow.digest)
            .join(ImageRow, ImageRow.manifest_id == ChildRow.manifest_id)
            .where(
                ChildRow.digest.in_(sorted({digest for _, digest in some})),
                ImageRow.repository_id.in_(sorted({id for id, _ in some})),
                here,
            )
        )
        found |= {(row.repository_id, row.digest) for row in session.execute(listed)}
    return found & places
