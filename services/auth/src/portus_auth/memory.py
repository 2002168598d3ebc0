"""What auth knows: facts in memory, the file they are recalled from, and what sees to both."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portus_auth.config import Settings
from portus_auth.domain.secrets import KeyedHash
from portus_auth.facts_keeper import RENEW_EVERY_S, FactsKeeper
from portus_auth.preparation import Preparation
from portus_auth.storage.facts import Facts
from portus_auth.storage.snapshot_file import PURPOSE, Kept, SnapshotFile, UnusableSnapshot
from portus_shared import logs
from portus_shared.db import Database
from portus_shared.keys import CertificateAuthority

# However short facts may be trusted, the file must not be older than they are.
_RENEWALS: int = 10
_log = logs.logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The parts that know, and those that keep them so."""

    facts: Facts
    hashes: KeyedHash
    preparation: Preparation
    keeper: FactsKeeper | None

    def close(self) -> None:
        """End what runs in the background."""
        self.preparation.close()
        if self.keeper is not None:
            self.keeper.close()


def begin(settings: Settings, database: Database, ca: CertificateAuthority) -> Memory:
    """Recall what an earlier process knew and see to the first start, now or when it is possible.

    A key of the settings replaces the one of the database, and of the file.
    """
    facts = Facts(database, max_staleness_s=settings.facts_max_staleness_s)
    hashes = KeyedHash(settings.hash_key.reveal().encode())
    file = snapshot_file(settings, ca)
    if file is not None:
        _recall(settings, file, facts, hashes)
    keeper = _keeper(settings, file, facts, hashes) if file else None
    preparation = Preparation(settings, database, hashes, done=facts.changed)
    preparation.begin()
    if keeper is not None:
        keeper.start()
    return Memory(facts=facts, hashes=hashes, preparation=preparation, keeper=keeper)


def what_serves(settings: Settings) -> str | None:
    """Say what auth can start from without its database, None where there is nothing."""
    if not settings.ca_key_file.exists():
        return None
    ca = CertificateAuthority.load_or_create(settings.service.ca_cert_file, settings.ca_key_file)
    file = snapshot_file(settings, ca)
    if file is None:
        return None
    try:
        kept = usable(settings, file)
    except UnusableSnapshot:
        return None
    return f"auth can serve from the facts of {file.age_s(kept):.0f} s ago"


def snapshot_file(settings: Settings, ca: CertificateAuthority) -> SnapshotFile | None:
    """Return the file that the settings name, if they do."""
    if settings.facts_snapshot_file is None:
        return None
    return SnapshotFile(settings.facts_snapshot_file, ca.derived_key(PURPOSE))


def usable(settings: Settings, file: SnapshotFile) -> Kept:
    """Return what the file says; raise `UnusableSnapshot` when a start cannot rest on it."""
    kept = file.load(settings.facts_max_staleness_s)
    if not settings.hash_key and not kept.hash_key:
        raise UnusableSnapshot("it was made with PORTUS_HASH_KEY, which is not set now")
    return kept


def _recall(settings: Settings, file: SnapshotFile, facts: Facts, hashes: KeyedHash) -> None:
    try:
        kept = usable(settings, file)
    except UnusableSnapshot as error:
        _log.info("no facts are recalled from disk", extra={"reason": str(error)})
        return
    # The last start decides about the switches, with the database or without.
    snapshot = replace(kept.snapshot, rules=settings.rules)
    facts.recall(snapshot, max(0.0, file.age_s(kept)))
    if not hashes.key:
        hashes.learn(kept.hash_key)
    _log.info("facts are recalled from disk", extra={"age_s": round(file.age_s(kept), 1)})


def _keeper(settings: Settings, file: SnapshotFile, facts: Facts, hashes: KeyedHash) -> FactsKeeper:
    renew_every_s = min(RENEW_EVERY_S, settings.facts_max_staleness_s / _RENEWALS)
    return FactsKeeper(
        facts, file, hashes, keeps_key=not settings.hash_key, renew_every_s=renew_every_s
    )
