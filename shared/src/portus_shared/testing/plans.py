"""The plans of statements, as large tables would have them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from portus_shared.db import Database


@contextmanager
def plans(database: Database) -> Iterator[list[str]]:
    """Gather what the block asks of the database; afterwards the list has the plan of each."""
    asked: list[tuple[str, Any]] = []
    found: list[str] = []

    def note(_: Any, cursor: Any, statement: str, given: Any, *others: Any) -> None:
        del cursor, others
        if statement.startswith("SELECT"):
            asked.append((statement, given))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    with database.read() as session:
        run = session.connection().exec_driver_sql
        if not database.is_sqlite:
            # Of a few rows PostgreSQL would read all and sort them.
            for way in ("seqscan", "bitmapscan", "sort"):
                run(f"SET LOCAL enable_{way} = off")
        how = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        for statement, given in asked:
            found.append("\n".join(str(row[-1]) for row in run(f"{how} {statement}", given)))


def uses(plan: str, index: str) -> bool:
    """Tell whether a plan goes by an index."""
    return re.search(rf"\b{index}\b", plan) is not None


def sorts(plan: str) -> bool:
    """Tell whether a plan sorts more than rows that are equal in the first column."""
    return re.search(r"(?<!Incremental )Sort  \(|TEMP B-TREE FOR ORDER BY", plan) is not None
