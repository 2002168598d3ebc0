"""The registries that auth announced, and the runs of each that notifications came from."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portus_shared.db import insert_ignore, upsert
from portus_sync.storage.tables import Registry, RegistryInstance, table_of

Instance = tuple[str, str]
"""A registry, and the name that one run of it gives itself."""

_IN_USE = select(Registry).where(Registry.enabled.is_(True)).order_by(Registry.name)
_registries = table_of(Registry)
_HOSTS = (
    select(_registries.c.name, _registries.c.external_host)
    .where(_registries.c.enabled.is_(True))
    .order_by(_registries.c.name)
)


def enabled(session: Session) -> Sequence[Registry]:
    """Return the registries in use, by name."""
    return session.scalars(_IN_USE).all()


def hosts(session: Session) -> Sequence[tuple[str, str]]:
    """Return the registries in use with their external hosts, by name."""
    return [(name, host) for name, host in session.execute(_HOSTS)]


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


def note_instances(
    session: Session, instances: Iterable[Instance], at: datetime
) -> Sequence[Instance]:
    """Remember runs of registries; return those that are new."""
    return [instance for instance in sorted(instances) if _note(session, instance, at)]


def _note(session: Session, instance: Instance, at: datetime) -> bool:
    registry, instance_id = instance
    row = {"registry": registry, "instance_id": instance_id, "first_seen_at": at}
    return insert_ignore(session, RegistryInstance.__table__, [row]) > 0
