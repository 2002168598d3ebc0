"""Deriving what is there from the registers: the states of tags, the standings of images."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from portus_catalog.domain.folding import attached_to
from portus_catalog.domain.merge import is_live
from portus_catalog.domain.standing import FOLDED, GONE, LIVE, standing_of
from portus_catalog.storage.contents import ChildRow, ImageRow, RepositoryRow, TagRow
from portus_catalog.storage.counters import set_standing, set_state
from portus_catalog.storage.registers import pointer_of, presence_of
from portus_catalog.storage.rows import images_by_digest


def refresh(
    session: Session,
    repository: RepositoryRow,
    digests: Iterable[str],
    at: datetime,
    *,
    images: Mapping[str, ImageRow] | None = None,
    tags: Iterable[TagRow] = (),
) -> None:
    """Derive anew everything that facts about these digests can have changed.

    `images` are rows already at hand. `tags` are those the facts named: where one of them lives,
    its image is tagged, and no other tag of that image has to be read.
    """
    known = dict(images or {})
    with session.no_autoflush:
        known |= images_by_digest(session, repository, set(digests) - known.keys())
        children = _children_of(session, known.values()) - known.keys()
        known |= images_by_digest(session, repository, children)
        tagged, folded = _set_states(repository, known, tags, at)
    unread = _tags_on(session, repository, known.keys() - tagged)
    more_tagged, more_folded = _set_states(repository, known, unread, at)
    _set_standings(session, repository, known, tagged | more_tagged, folded | more_folded)
    repository.updated_at = max(repository.updated_at, at)


def _set_states(
    repository: RepositoryRow, images: Mapping[str, ImageRow], tags: Iterable[TagRow], at: datetime
) -> tuple[set[str], set[str]]:
    """Set the states of tags; return which images live and folded ones name."""
    found: dict[str, set[str]] = {LIVE: set(), FOLDED: set(), GONE: set()}
    for tag in tags:
        image = images.get(tag.digest or "")
        if image is None:
            # It points to what no fact spoke of: nothing about it has changed.
            continue
        state = GONE
        if is_live(pointer_of(tag), presence_of(image)):
            state = FOLDED if attached_to(tag.name) else LIVE
        set_state(repository, tag, state, at)
        found[state].add(image.digest)
    return found[LIVE], found[FOLDED]


def _set_standings(
    session: Session,
    repository: RepositoryRow,
    images: Mapping[str, ImageRow],
    tagged: set[str],
    folded: set[str],
) -> None:
    unsure = {
        digest
        for digest, image in images.items()
        if digest not in tagged | folded and not image.has_subject
    }
    listed = _listed(session, repository, unsure)
    for digest, image in images.items():
        standing = standing_of(
            here=presence_of(image).is_here,
            tagged=digest in tagged,
            attached=digest not in unsure or digest in listed,
        )
        set_standing(repository, image, standing)


def _tags_on(session: Session, repository: RepositoryRow, digests: set[str]) -> Iterable[TagRow]:
    if not digests:
        return ()
    wanted = select(TagRow).where(
        TagRow.repository_id == repository.id, TagRow.digest.in_(sorted(digests))
    )
    return session.scalars(wanted)


def _children_of(session: Session, images: Iterable[ImageRow]) -> set[str]:
    ids = [image.manifest_id for image in images if image.has_children]
    if not ids:
        return set()
    return set(session.scalars(select(ChildRow.digest).where(ChildRow.manifest_id.in_(ids))))


def _listed(session: Session, repository: RepositoryRow, digests: set[str]) -> set[str]:
    """Return those digests that an index present in the repository lists."""
    if not digests:
        return set()
    here = and_(ImageRow.seen > 0, ImageRow.seen >= ImageRow.deleted)
    listed = (
        select(ChildRow.digest)
        .join(ImageRow, ImageRow.manifest_id == ChildRow.manifest_id)
        .where(ChildRow.digest.in_(sorted(digests)), ImageRow.repository_id == repository.id, here)
    )
    return set(session.scalars(listed))
