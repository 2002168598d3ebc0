"""Walk through registries' catalogues: repositories, tags, digests, in parallel."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from portus_shared import logs
from portus_shared.clock import now
from portus_sync.loops.context import Context
from portus_sync.registry.client import RegistryClient
from portus_sync.registry.errors import RegistryError
from portus_sync.storage import abilities, scans as storage
from portus_sync.storage.tables import Scan
from portus_sync.usecases import scans
from portus_sync.usecases.scans import Observation, Unread

_BATCH: Final = 64
_POLL_S: Final = 0.25
_log = logs.logger(__name__)


class Scanning:
    """Run the scans that were asked for, and ask for one at the start."""

    def __init__(self, context: Context, *, threads: int) -> None:
        self._context = context
        self._threads = threads
        self._has_asked = False

    def run(self, stop: threading.Event) -> None:
        """Scan every registry once, as nobody told us what happened meanwhile; then on demand."""
        if not self._has_asked:
            with self._context.database.write() as session:
                scans.request_all(session, cause="start", asked_by="sync", at=now())
            self._has_asked = True
        while not stop.is_set():
            if not self.step(stop):
                stop.wait(_POLL_S)

    def step(self, stop: threading.Event) -> bool:
        """Run the scan that is due, if any; tell whether there was one."""
        scan = self._take()
        if scan is None:
            return False
        fields = {"scan_id": scan.id, "registry": scan.registry_name, "cause": scan.cause}
        _log.info("a scan begins", extra=fields)
        try:
            self._walk(scan, stop)
        except RegistryError as error:
            _log.warning("a scan failed", extra={**fields, "reason": str(error)})
            with self._context.database.write() as session:
                scans.postpone(session, scan.id, reason=str(error), at=now())
        return True

    def _take(self) -> Scan | None:
        with self._context.database.read() as session:
            if not storage.has_due(session, at=now()):
                return None
        with self._context.database.write() as session:
            return storage.take(session, at=now())

    def _walk(self, scan: Scan, stop: threading.Event) -> None:
        client = self._context.client(scan.registry_name)
        listed = list(client.repositories())
        self._probe(scan.registry_name, client)
        with self._context.database.write() as session:
            scans.set_size(session, scan.id, len(listed))
            stopped_at = storage.interrupted_at(session, scan.registry_name)
        names = scans.in_order(listed, after=stopped_at)
        with ThreadPoolExecutor(self._threads, "scan") as pool:
            for start in range(0, len(names), _BATCH):
                if stop.is_set():
                    raise RegistryError("sync was stopped")
                batch = names[start : start + _BATCH]
                found = list(pool.map(lambda name: self._observe(scan, client, name), batch))
                self._record(scan, found)
        with self._context.database.write() as session:
            scans.close(session, scan.id, at=now())

    def _probe(self, registry: str, client: RegistryClient) -> None:
        """Find out what the registry can do; it may be another program since the last scan."""
        try:
            deletes_tags = client.deletes_tags()
        except RegistryError as error:
            # A scan needs no answer to this: what is known already stays.
            _log.info("a registry did not say what it can do", extra={"reason": str(error)})
            return
        if deletes_tags is not None:
            with self._context.database.write() as session:
                abilities.remember(session, registry, deletes_tags=deletes_tags, at=now())

    def _record(self, scan: Scan, found: Sequence[Observation | Unread]) -> None:
        unread = [result for result in found if isinstance(result, Unread)]
        if len(unread) == len(found) > self._threads:
            raise RegistryError(unread[0].reason)
        with self._context.database.write() as session:
            scans.record(session, scan.id, found, at=now())

    def _observe(self, scan: Scan, client: RegistryClient, repository: str) -> Observation | Unread:
        """Read one repository; a tag that is gone by the time it is asked for is left out."""
        seen = self._context.seen(scan.registry_name)
        try:
            tags = [
                (tag, head.digest, head.media_type)
                for tag in client.tags(repository)
                if (head := client.head(repository, tag))
            ]
        except RegistryError as error:
            return Unread(repository=repository, reason=str(error))
        return Observation(seen=seen, repository=repository, tags=tags)
