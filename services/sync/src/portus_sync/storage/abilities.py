"""What registries can do, as they were last found."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portus_shared.db import upsert
from portus_sync.storage.tables import Ability


def remember(session: Session, registry: str, *, deletes_tags: bool, at: datetime) -> None:
    """Keep what was found, instead of what was found before."""
    row = {"registry": registry, "deletes_tags": deletes_tags, "found_at": at}
    upsert(session, Ability.__table__, row, key=["registry"])


def listed(session: Session) -> Sequence[Ability]:
    """Return what is known of each registry."""
    return session.scalars(select(Ability).order_by(Ability.registry_name)).all()
