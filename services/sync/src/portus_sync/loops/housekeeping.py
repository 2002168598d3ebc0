"""What falls due by time: counting pulls, scans by timer, forgetting what is old."""

import threading
import time
from datetime import timedelta
from typing import Final

from portus_shared.clock import now
from portus_shared.db import Database
from portus_sync.storage import deletions, drift, notifications, removals, scans as scans_storage
from portus_sync.usecases import pulls, scans

_COUNT_EVERY_S: Final = 10.0
_FORGET_EVERY_S: Final = 3600.0


class Housekeeping:
    """Do the timed work; `scan_interval_s` 0 means no scans by timer."""

    def __init__(self, database: Database, *, scan_interval_s: int, retention_days: int) -> None:
        self._database = database
        self._scan_interval_s = scan_interval_s
        self._retention = timedelta(days=retention_days)

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set, and count the last pulls then."""
        started = time.monotonic()
        scan_at, forget_at = started + self._scan_interval_s, started
        while not stop.wait(_COUNT_EVERY_S):
            self.count_pulls()
            if self._scan_interval_s and time.monotonic() >= scan_at:
                scan_at = time.monotonic() + self._scan_interval_s
                self.request_scans()
            if time.monotonic() >= forget_at:
                forget_at = time.monotonic() + _FORGET_EVERY_S
                self.forget_old()
        self.count_pulls()

    def count_pulls(self) -> None:
        """Publish the pulls counted since the last time."""
        counted = pulls.BATCH
        while counted == pulls.BATCH:
            with self._database.write() as session:
                counted = pulls.count(session)

    def request_scans(self) -> None:
        """Ask for a scan of every registry."""
        with self._database.write() as session:
            scans.request_all(session, cause="timer", asked_by="sync", at=now())

    def forget_old(self) -> None:
        """Drop what is closed, and older than the retention."""
        with self._database.write() as session:
            for kind in (notifications, scans_storage, removals, deletions, drift):
                kind.forget_before(session, now() - self._retention)
