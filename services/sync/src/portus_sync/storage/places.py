"""Finding rows by where manifests are, many at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import ColumnElement, Table, bindparam, tuple_

from portus_sync.domain.places import Place

# A statement has room for some ten thousand values.
_AT_ONCE: Final = 500


def is_at_places(table: Table) -> ColumnElement[bool]:
    """Return the condition that a row is about one of the manifests of a slice.

    It makes statements that are built once and executed with what `slices_of` yields.
    """
    place = tuple_(table.c.registry, table.c.repository, table.c.digest)
    return place.in_(bindparam("places", expanding=True))


def slices_of(places: Iterable[Place]) -> Iterator[Mapping[str, Sequence[Place]]]:
    """Cut places, each once and in one order, into slices that a statement has room for."""
    ordered = sorted(set(places))
    for start in range(0, len(ordered), _AT_ONCE):
        yield {"places": ordered[start : start + _AT_ONCE]}
