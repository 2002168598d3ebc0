"""Where the requests of registries meet: those that come at once share a transaction.

A commit waits for the disk, and many registries need not wait one after another. Whoever finds
nobody writing writes, also for all who wait by then; a lone request waits for nobody. Each returns
when its own events are committed, and not before.
"""

from collections import deque
from collections.abc import Sequence
from threading import Event, Lock
from typing import Final

from prometheus_client import Counter

from portus_shared import logs
from portus_shared.clock import now
from portus_shared.db import Database, is_unavailable
from portus_sync.domain.notifications import Outcome
from portus_sync.usecases.receive import Envelope, Receipt, Reception, receive

_AT_ONCE: Final = 1_000
_events = Counter("portus_sync_notifications", "Events received", ["outcome"])
_log = logs.logger(__name__)


class _Waiting:
    """A request whose events are to be stored; `turn` comes when they are, or to write itself."""

    def __init__(self, envelope: Envelope) -> None:
        self.envelope = envelope
        self.turn = Event()
        self.is_settled = False
        self.error: BaseException | None = None

    def settle(self, error: BaseException | None = None) -> None:
        """Let the request be answered."""
        self.error, self.is_settled = error, True
        self.turn.set()


class Intake:
    """Store what requests bring."""

    def __init__(self, database: Database, reception: Reception) -> None:
        self._database = database
        self._reception = reception
        self._guard = Lock()
        self._is_writing = False
        self._waiting: deque[_Waiting] = deque()

    def store(self, outcomes: Sequence[Outcome]) -> None:
        """Return once all of it is stored; raises what kept it from that."""
        mine = _Waiting(Envelope(outcomes=outcomes, request_id=logs.current_request_id()))
        with self._guard:
            self._waiting.append(mine)
            waits, self._is_writing = self._is_writing, True
        if waits:
            mine.turn.wait()
        if not mine.is_settled:
            self._settle(self._taken())
            self._pass_on()
        if mine.error is not None:
            raise mine.error

    def _taken(self) -> Sequence[_Waiting]:
        """Take those who came first, up to about as much as a transaction should hold."""
        taken: list[_Waiting] = []
        events = 0
        while self._waiting and events < _AT_ONCE:
            taken.append(self._waiting.popleft())
            events += len(taken[-1].envelope.outcomes)
        return taken

    def _pass_on(self) -> None:
        """Have the first of those who came meanwhile write."""
        with self._guard:
            self._is_writing = bool(self._waiting)
            if self._waiting:
                self._waiting[0].turn.set()

    def _settle(self, together: Sequence[_Waiting]) -> None:
        try:
            self._write([one.envelope for one in together])
        except BaseException as error:  # noqa: BLE001 (who waits gets it, whatever it is)
            self._settle_failed(together, error)
        else:
            for one in together:
                one.settle()

    def _settle_failed(self, together: Sequence[_Waiting], error: BaseException) -> None:
        """Try each by itself, so that it fails for its own sake alone."""
        if len(together) > 1 and isinstance(error, Exception) and not is_unavailable(error):
            for one in together:
                self._settle([one])
            return
        for one in together:
            one.settle(error)

    def _write(self, envelopes: Sequence[Envelope]) -> None:
        with self._database.write() as session:
            receipt = receive(session, self._reception, envelopes, at=now())
        _note(receipt)


def _note(receipt: Receipt) -> None:
    _events.labels("accepted").inc(receipt.accepted)
    _events.labels("duplicate").inc(receipt.duplicates)
    _events.labels("quarantined").inc(receipt.quarantined)
    if receipt.quarantined:
        _log.warning("something unreadable came in", extra={"count": receipt.quarantined})
