"""How long lists take in a large installation, and by which plans.

`python -m benchmarks.lists [service…]` fills a database (100,000 repositories, 200,000 tags of
which one repository has half, a million activities; 10,000 users and namespaces; 100,000 of most
other things) and prints how long each list takes for an admin, a member of a few teams and somebody
without a name: median and slowest of eleven requests in milliseconds. The budget is 50 ms each, on
every page. `--plans` shows the plans of the statements that took longer than `--slow` milliseconds;
`--only` takes the lists whose name holds a text.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.lists_asked import LISTS, Asking, Listed
from sqlalchemy import event

from portus_shared import logs
from portus_shared.db import Database
from portus_shared.migrations import migrate
from portus_shared.testing.postgres import PostgreSQL

ROUNDS = 11
DATABASES = ("sqlite", "postgresql")


def main() -> None:
    """Measure what was asked for."""
    asked = _arguments()
    with ExitStack() as opened:
        nowhere = opened.enter_context(Path(os.devnull).open("w", encoding="utf-8"))
        logs.configure("info", stream=nowhere)
        for kind in asked.database or DATABASES:
            for listed in LISTS:
                if not asked.services or listed.service in asked.services:
                    with _database(kind, listed) as (database, url):
                        _measure(asked, kind, listed, database, url)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("services", nargs="*", help=", ".join(listed.service for listed in LISTS))
    parser.add_argument("--database", action="append", choices=DATABASES)
    parser.add_argument("--only", default="", help="a part of the names of lists")
    parser.add_argument("--plans", action="store_true")
    parser.add_argument("--slow", type=float, default=20.0, metavar="MS")
    return parser.parse_args()


@contextmanager
def _database(kind: str, listed: Listed) -> Iterator[tuple[Database, str]]:
    with ExitStack() as opened:
        folder = opened.enter_context(tempfile.TemporaryDirectory())
        url = f"sqlite:///{Path(folder) / 'bench.sqlite'}"
        if kind == "postgresql":
            url = opened.enter_context(opened.enter_context(PostgreSQL()).fresh_database())
        database = opened.enter_context(Database(url, schema=listed.service))
        migrate(database, listed.migrations)
        yield database, url


def _measure(
    asked: argparse.Namespace, kind: str, listed: Listed, database: Database, url: str
) -> None:
    started = time.monotonic()
    listed.fill(database, url)
    print(f"\n{listed.service} on {kind}, filled in {time.monotonic() - started:.0f} s")
    print(f"{'':<52}{'median':>8}{'slowest':>9}  ms")
    with tempfile.TemporaryDirectory() as folder:
        asking = listed.open(database, Path(folder))
        for name, path in listed.paths.items():
            for who in listed.callers if asked.only in name else ():
                with _statements(database) as statements:
                    told = _asked_often(asking, path, who)
                shown = f"{name} ({who or 'nobody'})"
                print(f"{shown:<52}{told}", flush=True)
                if asked.plans:
                    _show_plans(database, [one for one in statements if one[0] > asked.slow])


def _asked_often(asking: Asking, path: str, who: str) -> str:
    status, times = 200, list[float]()
    while status == 200 and len(times) < ROUNDS and (not times or max(times) < 3000):
        began = time.perf_counter()
        status = asking(path, who)
        times.append((time.perf_counter() - began) * 1000)
    told = "" if status == 200 else f"  {status}"
    return f"{statistics.median(times):>8.1f}{max(times):>9.1f}{told}"


def _show_plans(database: Database, slow: Sequence[tuple[float, str, Any]]) -> None:
    for sql, (ms, given) in {sql: (ms, given) for ms, sql, given in slow}.items():
        print(f"  {ms:.0f} ms: {' '.join(sql.split())}\n    {given!r:.300}")
        for line in _plan(database, sql, given):
            print(f"      {line}")


@contextmanager
def _statements(database: Database) -> Iterator[list[tuple[float, str, Any]]]:
    """Gather the statements of a block with how long each took to run, without fetching."""
    found: list[tuple[float, str, Any]] = []

    def before(connection: Any, *_: Any) -> None:
        connection.info["began"] = time.perf_counter()

    def after(connection: Any, cursor: Any, sql: str, given: Any, *_: Any) -> None:
        del cursor
        found.append(((time.perf_counter() - connection.info["began"]) * 1000, sql, given))

    event.listen(database.engine, "before_cursor_execute", before)
    event.listen(database.engine, "after_cursor_execute", after)
    yield found
    event.remove(database.engine, "before_cursor_execute", before)
    event.remove(database.engine, "after_cursor_execute", after)


def _plan(database: Database, sql: str, given: Any) -> list[str]:
    how = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN (ANALYZE, BUFFERS OFF)"
    with database.read() as session:
        rows = session.connection().exec_driver_sql(f"{how} {sql}", given).all()
    return [str(row[-1] if database.is_sqlite else row[0]) for row in rows]


if __name__ == "__main__":
    main()
