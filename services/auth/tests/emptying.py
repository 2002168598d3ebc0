"""What happens to the name of a deleted namespace: it is empty, it has rested."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from portus_auth.app import Auth
from portus_auth.consumers import consumer
from portus_auth.storage.tables import Namespace
from portus_shared.bus import message_of
from portus_shared.contracts.auth import NamespaceDeleted
from portus_shared.contracts.catalog import NamespaceEmptied


def emptied(auth: Auth, deletion: NamespaceDeleted) -> None:
    """Let catalog say that the registry has nothing left under a deleted namespace."""
    event = NamespaceEmptied(
        registry=deletion.registry,
        namespace_id=deletion.namespace_id,
        namespace=deletion.namespace,
        revision=deletion.revision,
    )
    consumer(auth.database).deliver([message_of(event, source="catalog")] * 2)


def rested(auth: Auth) -> None:
    """Let the names that rest have rested as long as the longest token lives."""
    earlier = datetime.now(UTC) - timedelta(seconds=1)
    with auth.database.write() as session:
        session.execute(update(Namespace).values(name_rests_until=earlier))
