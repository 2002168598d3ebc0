"""What cannot be read is accepted, kept within bounds, and shown to nobody but admins."""

import gzip
from collections.abc import Callable

import pytest
from sqlalchemy import select

from portus_shared.db import Database
from portus_sync.storage.tables import Quarantined

Notify = Callable[..., int]


def reasons(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Quarantined.reason).order_by(Quarantined.id)))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[]", "no list of events"),
        (b"null", "no list of events"),
        (b'{"events": {}}', "no list of events"),
        (b'{"events": [17]}', "event is not an object"),
        (b'{"events": [{}]}', "target is not an object"),
        (b'{"events": [{"target": {}}]}', "no action"),
        (b'{"events": [{"action": "push", "target": {}}]}', "no media type"),
    ],
)
def test_unreadable_body_is_quarantined_and_accepted(
    body: bytes, reason: str, notify: Notify, database: Database
) -> None:
    assert notify(body) == 202
    assert reasons(database) == [reason]


def test_repeated_garbage_is_one_row_that_counts(notify: Notify, database: Database) -> None:
    for _ in range(3):
        notify(b"garbage")
    with database.read() as session:
        [row] = session.scalars(select(Quarantined))
        assert (row.times, row.raw) == (3, "garbage")


def test_broken_compression_is_quarantined(notify: Notify, database: Database) -> None:
    assert notify(b"not gzip", **{"Content-Encoding": "gzip"}) == 202
    assert reasons(database) == ["cannot be decompressed"]


@pytest.mark.parametrize("packed", [False, True])
def test_huge_body_is_accepted_and_only_an_excerpt_is_kept(
    packed: bool, notify: Notify, database: Database
) -> None:
    body = b" " * (9 * 1024 * 1024)
    headers = {"Content-Encoding": "gzip"} if packed else {}
    assert notify(gzip.compress(body) if packed else body, **headers) == 202
    with database.read() as session:
        [row] = session.scalars(select(Quarantined))
        assert row.reason == "larger than 8 MiB"
        assert len(row.raw) <= 65_536
