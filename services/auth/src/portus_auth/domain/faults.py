"""Faults of given values, collected by field and raised all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from portus_shared.errors import Rejected


def reject(faults: Mapping[str, Sequence[str]]) -> None:
    """Raise `Rejected` when any field has a fault."""
    found = {field: sentences for field, sentences in faults.items() if sentences}
    if found:
        raise Rejected(fields=found)
