"""Whether auth can decide: it can while it holds facts, with its database or without."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import Gauge
from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout

from portus_auth.memory import Memory
from portus_auth.preparation import MIGRATIONS
from portus_shared import migrations
from portus_shared.db import Database

_age = Gauge(
    "portus_facts_age_seconds", "How long ago the database confirmed what auth decides from"
)
_NEVER_S = float("inf")


class Readiness:
    """Say what is missing, without waiting for a database that is known to be away."""

    def __init__(self, database: Database, memory: Memory) -> None:
        self._database = database
        self._memory = memory
        self._is_migrated = False
        _age.set_function(self._age_s)

    def __call__(self) -> Mapping[str, str | None]:
        """Return each part with what is wrong with it, or None."""
        parts = {"facts": self._memory.facts.missing()}
        if not self._memory.hashes.key:
            parts["hash key"] = "is in the database, which has not answered yet"
        if not self._has_schema():
            parts["schema"] = "migrations are not applied"
        return parts

    def _has_schema(self) -> bool:
        """Tell whether the schema is up to date, or cannot be asked; it never goes back."""
        if not self._is_migrated and not self._memory.facts.is_away():
            try:
                self._is_migrated = migrations.is_current(self._database, MIGRATIONS)
            except (DBAPIError, PoolTimeout):
                return True
            return self._is_migrated
        return True

    def _age_s(self) -> float:
        self._memory.facts.missing()  # Looks, if nobody has asked for a while.
        age_s = self._memory.facts.age_s()
        return _NEVER_S if age_s is None else age_s
