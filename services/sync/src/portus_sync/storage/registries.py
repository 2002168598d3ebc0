"""The registries that auth announced, and the runs of each that notifications came from."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portus_shared.db import insert_ignore, upsert
from portus_sync.storage.tables import Registry, RegistryInstance

_IN_USE = select(Registry).where(Registry.enabled.is_(True)).order_by(Registry.name)


def enabled(session: Session) -> Sequence[Registry]:
    """Return the registries in use, by name."""
    return session.scalars(_IN_USE).all()


def by_name(session: Session, name: str) -> Registry | None:
    """Return one registry, whether in use or not."""
    return session.get(Registry, name)


def keep(session: Session, registry: Registry) -> bool:
    """Store a registry unless a newer revision of it is known; tell whether it was stored."""
    values = {column.name: getattr(registry, column.name) for column in Registry.__table__.columns}
    return upsert(session, Registry.__table__, values, key=["name"], newer="revision")


def drop_older(session: Session, revision: int) -> None:
    """Forget the registries that auth no longer names."""
    session.execute(delete(Registry).where(Registry.revision < revision))


def note_instance(session: Session, registry: str, instance_id: str, at: datetime) -> bool:
    """Remember a run of a registry; tell whether it is new."""
    row = {"registry": registry, "instance_id": instance_id, "first_seen_at": at}
    return insert_ignore(session, RegistryInstance.__table__, [row]) > 0
