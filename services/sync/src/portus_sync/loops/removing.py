"""Ask the registry itself about tags that a scan did not find, before anything is removed."""

import threading
from typing import Final

from portus_shared.clock import now
from portus_sync.loops.context import Context
from portus_sync.registry.errors import RegistryError
from portus_sync.storage import removals as storage
from portus_sync.storage.tables import Removal
from portus_sync.usecases import removals

_BATCH: Final = 32
_POLL_S: Final = 0.5


class Removing:
    """Judge and confirm removals."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        while not stop.is_set():
            if self.step() == 0:
                stop.wait(_POLL_S)

    def step(self) -> int:
        """Judge what has settled and confirm what may go; return how many were asked about."""
        with self._context.database.read() as session:
            if not storage.has_work(session, at=now(), quiet_before=now() - removals.QUIET):
                return 0
        with self._context.database.write() as session:
            removals.judge(session, at=now())
            due = storage.take(session, at=now(), limit=_BATCH)
        for removal in due:
            self._confirm(removal)
        return len(due)

    def _confirm(self, removal: Removal) -> None:
        seen = self._context.seen(removal.registry_name)
        try:
            client = self._context.client(removal.registry_name)
            head = client.head(removal.repository, removal.tag)
        except RegistryError as error:
            with self._context.database.write() as session:
                removals.postpone(session, removal, str(error), at=now())
            return
        with self._context.database.write() as session:
            removals.confirm(session, removal, seen, is_there=head is not None)
