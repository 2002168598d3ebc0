"""What belongs to one manifest alone: the entries of an index, signatures and the like."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portus_catalog.domain.folding import attached_to
from portus_catalog.domain.standing import ATTACHED, FOLDED, GONE, LIVE, UNTAGGED
from portus_catalog.storage.contents import ChildRow, ImageRow, ManifestRow, RepositoryRow, TagRow


def parts_of(session: Session, repository: RepositoryRow, digest: str) -> set[str]:
    """Return the manifests that nothing in the repository needs but the one given.

    That may be gone already. What has a tag of its own, or belongs to something else too, stays.
    """
    parts: set[str] = set()
    unseen = {digest}
    while unseen:
        mine = parts | unseen | {digest}
        found = _belonging_to(session, repository, unseen) - mine
        parts |= unseen - {digest}
        unseen = found - _needed_beside(session, repository, found, mine | found)
    return parts


def _belonging_to(session: Session, repository: RepositoryRow, digests: set[str]) -> set[str]:
    of_registry = ManifestRow.registry_name == repository.registry_name
    listed = (
        select(ChildRow.digest)
        .join(ManifestRow, ManifestRow.id == ChildRow.manifest_id)
        .where(of_registry, ManifestRow.digest.in_(sorted(digests)))
    )
    attached = select(ManifestRow.digest).where(
        of_registry, ManifestRow.subject.in_(sorted(digests))
    )
    once = select(ImageRow.digest).where(
        ImageRow.repository_id == repository.id, ImageRow.attached_to.in_(sorted(digests))
    )
    named = _named_after(session, repository, digests)
    related = (session.scalars(query) for query in (listed, attached, once))
    candidates = {*chain.from_iterable(related), *named}
    here = select(ImageRow.digest).where(
        ImageRow.repository_id == repository.id,
        ImageRow.digest.in_(sorted(candidates)),
        ImageRow.standing.in_([ATTACHED, UNTAGGED]),
    )
    return set(session.scalars(here))


def _named_after(
    session: Session, repository: RepositoryRow, digests: Iterable[str]
) -> Iterable[str]:
    stems = [digest.replace(":", "-") for digest in digests]
    after = [TagRow.name.startswith(f"{stem}.", autoescape=True) for stem in stems]
    tags = select(TagRow.digest).where(
        TagRow.repository_id == repository.id,
        TagRow.state == FOLDED,
        or_(TagRow.name.in_(stems), *after),
    )
    return (digest for digest in session.scalars(tags) if digest)


def _needed_beside(
    session: Session, repository: RepositoryRow, digests: set[str], mine: set[str]
) -> set[str]:
    """Return those of `digests` that something outside of `mine` lists, names or has as subject."""
    wanted, ours = sorted(digests), sorted(mine)
    listed = (
        select(ChildRow.digest)
        .join(ImageRow, ImageRow.manifest_id == ChildRow.manifest_id)
        .where(
            ChildRow.digest.in_(wanted),
            ImageRow.repository_id == repository.id,
            ImageRow.standing != GONE,
            ImageRow.digest.not_in(ours),
        )
    )
    subjects = select(ManifestRow.digest).where(
        ManifestRow.registry_name == repository.registry_name,
        ManifestRow.digest.in_(wanted),
        ManifestRow.subject.not_in(ours),
    )
    tags = session.execute(
        select(TagRow.name, TagRow.digest).where(
            TagRow.repository_id == repository.id,
            TagRow.digest.in_(wanted),
            TagRow.state.in_([LIVE, FOLDED]),
        )
    )
    named = {tag.digest for tag in tags if tag.digest and attached_to(tag.name) not in mine}
    return {*session.scalars(listed), *session.scalars(subjects), *named}
