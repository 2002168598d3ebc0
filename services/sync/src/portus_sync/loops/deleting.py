"""Delete manifests and tags from registries, one request after the other."""

import threading
from collections.abc import Sequence
from typing import Final

from portus_shared.clock import now
from portus_sync.loops.context import Context
from portus_sync.registry.client import RegistryClient
from portus_sync.registry.errors import RegistryError, Undeletable
from portus_sync.storage import deletions as storage
from portus_sync.storage.tables import Deletion
from portus_sync.usecases.deletions import MOVED, Gone, Kept, Unanswered, settle

_BATCH: Final = 16
_POLL_S: Final = 0.1


class Deleting:
    """Work off the deletions."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; what was taken and not asked for is taken again later."""
        while not stop.is_set():
            taken = self._take()
            if not taken:
                stop.wait(_POLL_S)
            for deletion in taken:
                if not stop.is_set():
                    self._work_off(deletion)

    def _take(self) -> Sequence[Deletion]:
        with self._context.database.read() as session:
            if not storage.has_due(session, at=now()):
                return []
        with self._context.database.write() as session:
            return storage.take(session, at=now(), limit=_BATCH)

    def _work_off(self, deletion: Deletion) -> None:
        result = self._ask(deletion)
        with self._context.database.write() as session:
            settle(session, deletion, result, at=now())

    def _ask(self, deletion: Deletion) -> Gone | Kept | Unanswered:
        seen = self._context.seen(deletion.registry_name)
        try:
            client = self._context.client(deletion.registry_name)
            if deletion.tag is not None and _has_moved(client, deletion, deletion.tag):
                return Kept(reason=MOVED)
            client.delete(deletion.repository, deletion.tag or deletion.digest)
        except Undeletable as error:
            return Kept(reason=str(error))
        except RegistryError as error:
            return Unanswered(reason=str(error))
        return Gone(seen=seen)


def _has_moved(client: RegistryClient, deletion: Deletion, tag: str) -> bool:
    head = client.head(deletion.repository, tag)
    return head is not None and head.digest != deletion.digest
