"""Count downloads: one event per manifest and window instead of one per pull."""

from collections import defaultdict

from sqlalchemy.orm import Session

from portus_shared.contracts.sync import PullsCounted
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
    for (registry, repository, digest, tag), pulls in groups.items():
        moments = [pull.pulled_at for pull in pulls]
        event = PullsCounted(
            registry=registry,
            repository=repository,
            digest=digest,
            count=len(pulls),
            window_start=min(moments),
            window_end=max(moments),
            tag=tag,
        )
        publish.pulls_counted(session, event)
    return len(taken)
