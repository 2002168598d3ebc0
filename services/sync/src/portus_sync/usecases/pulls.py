"""Count downloads: one event per manifest and window instead of one per pull."""

from collections import defaultdict

from sqlalchemy.orm import Session

from portus_sync.storage import notifications
from portus_sync.storage.tables import Pull
from portus_sync.usecases import publish

BATCH = 5_000


def count(session: Session) -> int:
    """Publish how often each manifest was downloaded since the last count; return the pulls."""
    taken = notifications.take_pulls(session, BATCH)
    groups: dict[tuple[str, str, str, str | None], list[Pull]] = defaultdict(list)
    for pull in taken:
        groups[pull.registry_name, pull.repository, pull.digest, pull.tag].append(pull)
    for pulls in groups.values():
        publish.pulls_counted(session, pulls)
    return len(taken)
