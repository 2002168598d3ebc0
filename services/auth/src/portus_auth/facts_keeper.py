"""The facts on their way to disk: after every change, and now and then to say that they hold.

Only what the database has confirmed is written. The thread also sees to it that a process
without requests knows what the database says, and catches up with one that was away.
"""

from __future__ import annotations

import threading
import time
from typing import Final

from prometheus_client import Counter, Gauge

from portus_auth.domain.secrets import KeyedHash
from portus_auth.storage.facts import Facts, Snapshot
from portus_auth.storage.snapshot_file import Kept, SnapshotFile
from portus_shared import logs
from portus_shared.errors import Unavailable

LOOK_EVERY_S: Final = 1.0
RENEW_EVERY_S: Final = 60.0
_AFTER_FAILURE_S: Final = 30.0
# Of a thread's time, writing takes one part in twenty at most, however much there is to write.
_REST: Final = 20.0

_saved = Gauge(
    "portus_facts_snapshot_timestamp_seconds", "When facts were last written to disk, 0 for never"
)
_failures = Counter("portus_facts_snapshot_failures", "Times that facts could not be written")
_log = logs.logger(__name__)


class FactsKeeper:
    """Write the facts to `file` while this process lives.

    `keeps_key`: the key of the hashes goes with them, because no setting gives it.
    `renew_every_s` is how often unchanged facts are confirmed on disk.
    """

    def __init__(
        self,
        facts: Facts,
        file: SnapshotFile,
        hashes: KeyedHash,
        *,
        keeps_key: bool,
        renew_every_s: float = RENEW_EVERY_S,
    ) -> None:
        self._facts = facts
        self._file = file
        self._hashes = hashes
        self._keeps_key = keeps_key
        self._renew_every_s = renew_every_s
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._written: Snapshot | None = None
        self._confirmed_at_s = 0.0

    def start(self) -> None:
        """Go on in the background."""
        self._thread = threading.Thread(target=self._run, name="facts-keeper", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Finish what is being written."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5)

    def keep(self) -> bool:
        """Write what is new; tell whether there was anything. Raises `OSError`."""
        try:
            snapshot = self._facts.current()
        except Unavailable:
            return False
        age_s = self._facts.age_s()
        if age_s is None or self._facts.is_away() or not self._hashes.key:
            return False
        confirmed_at_s = time.time() - age_s
        is_due = confirmed_at_s - self._confirmed_at_s >= self._renew_every_s
        if snapshot is self._written and not is_due:
            return False
        key = self._hashes.key if self._keeps_key else b""
        self._file.save(Kept(confirmed_at_s=confirmed_at_s, hash_key=key, snapshot=snapshot))
        self._written, self._confirmed_at_s = snapshot, confirmed_at_s
        _saved.set(time.time())
        return True

    def _run(self) -> None:
        pause_s = 0.0
        while not self._stop.wait(pause_s):
            started = time.monotonic()
            try:
                written = self.keep()
            except Exception as error:  # noqa: BLE001 - logged; deciding goes on without the file
                _failures.inc()
                _log.warning("facts are not written to disk", extra={"reason": str(error)})
                pause_s = _AFTER_FAILURE_S
                continue
            took_s = time.monotonic() - started if written else 0.0
            pause_s = max(LOOK_EVERY_S, _REST * took_s)
