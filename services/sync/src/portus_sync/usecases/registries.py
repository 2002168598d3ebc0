"""Follow what auth says about registries; sync knows nothing of them by itself."""

from datetime import datetime

from sqlalchemy.orm import Session

from portus_sync.storage import registries
from portus_sync.storage.tables import Registry
from portus_sync.usecases import scans


def follow(session: Session, registry: Registry, *, at: datetime) -> None:
    """Store a registry's state if it is newer; scan one that is new, or lives elsewhere now."""
    before = registries.by_name(session, registry.name)
    was_scanned = before is not None and before.enabled and before.url == registry.url
    if not registries.keep(session, registry):
        return
    if registry.enabled and not was_scanned:
        scans.request(session, registry.name, cause="registry", asked_by="auth", at=at)


def forget_unnamed(session: Session, generation: int) -> None:
    """Drop the registries that auth's republished state did not name."""
    registries.drop_older(session, generation)
