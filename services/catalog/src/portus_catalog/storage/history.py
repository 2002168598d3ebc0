"""The facts that moved tags, kept for ever; told twice they are one fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from portus_catalog.domain.merge import Push, newer_push
from portus_catalog.domain.standing import GONE
from portus_catalog.storage.chronicle import TagMoveRow
from portus_catalog.storage.contents import ImageRow, RepositoryRow
from portus_catalog.storage.descriptions import Description, described
from portus_catalog.storage.paged import After, Order, following
from portus_catalog.storage.rows import Place, images_at, slices_of
from portus_shared.db import insert_ignore

PUSH: Final = "push"
SCAN: Final = "scan"
DELETE: Final = "delete"
_GONE: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagMove:
    """What a tag pointed to at a moment; the digest is empty for a deletion."""

    repository_id: int
    tag: str
    digest: str
    source: str
    observed_at: int
    occurred_at: datetime
    actor: str | None


def remember(session: Session, moves: Sequence[TagMove]) -> None:
    """Write facts that are not known yet, in their order."""
    insert_ignore(session, TagMoveRow.__table__, [asdict(move) for move in moves])


@dataclass(frozen=True, slots=True, kw_only=True)
class TagMoveView:
    """A fact about a tag with what it pointed to before, and whether that image is still here."""

    row: TagMoveRow
    before: str | None
    is_here: bool
    description: Description | None

    @property
    def digest(self) -> str | None:
        """Return what the tag pointed to from now on, None when it was deleted."""
        return self.row.digest or None

    @property
    def kind(self) -> str | None:
        """Return what it pointed to is."""
        return self.description.kind if self.description else None


def page(
    session: Session, repository: RepositoryRow, tag: str, after: After
) -> tuple[list[TagMoveView], tuple[object, ...] | None]:
    """Return what a tag pointed to, the newest first, and where to go on.

    That it was deleted is told once, however many said so: a page may be shorter by that.
    """
    wanted = select(TagMoveRow).where(
        TagMoveRow.repository_id == repository.id, TagMoveRow.tag == tag
    )
    order = Order(column=TagMoveRow.observed_at, id=TagMoveRow.id, descending=True)
    rows, position = following(session, wanted, order, after)
    older = _one_older(session, wanted, order, rows, position)
    before = [row.digest for row in rows[1:]] + [older]
    digests = {row.digest for row in rows if row.digest}
    here = images_at(session, ((repository.id, digest) for digest in digests))
    known = described(session, repository.registry_name, digests)
    return [
        TagMoveView(
            row=row,
            before=earlier or None,
            is_here=_is_here(here.get((repository.id, row.digest))),
            description=known.get(row.digest),
        )
        for row, earlier in zip(rows, before, strict=False)
        if row.digest or earlier != _GONE
    ], position


def _one_older(
    session: Session,
    wanted: Select[TagMoveRow],
    order: Order,
    rows: Sequence[TagMoveRow],
    position: tuple[object, ...] | None,
) -> str | None:
    """Return what the first fact of the next page says."""
    if not rows or position is None:
        return None
    found, _ = following(session, wanted, order, After(position=position, limit=1))
    return found[0].digest if found else None


def _is_here(image: ImageRow | None) -> bool:
    return image is not None and image.standing != GONE


def newest_pushes(session: Session, wanted: Mapping[Place, str]) -> Mapping[Place, Push]:
    """Return the newest push of each tag to the digest given for it, where there was one."""
    place = tuple_(TagMoveRow.repository_id, TagMoveRow.tag)
    newest: dict[Place, Push] = {}
    for some in slices_of(wanted):
        rows = session.scalars(
            select(TagMoveRow).where(
                place.in_(some),
                TagMoveRow.digest.in_(sorted({wanted[key] for key in some})),
                TagMoveRow.source == PUSH,
            )
        )
        for row in rows:
            key = (row.repository_id, row.tag)
            if row.digest != wanted[key]:
                continue
            push = Push(observed_at=row.observed_at, at=row.occurred_at, by=row.actor)
            newest[key] = newer_push(newest.get(key), push) or push
    return newest
