"""Lists are read by an index in their order, on both databases: a page costs what it shows."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from services.catalog.tests.catalogue import Catalogue
from services.catalog.tests.events import described, digest_of, namespace, pushed, registry, team
from sqlalchemy import event

from portus_shared.db import Database

PAGES = {
    "/repositories?limit=5&sort_attr=full_name": "ix_repositories_full_name_id",
    "/repositories?limit=5&sort_attr=name": "ix_repositories_path_id",
    "/repositories?limit=5&sort_attr=updated_at&sort_order=desc": "ix_repositories_updated_at_id",
    "/repositories?namespace=web": "ix_repositories_namespace_registry_path_alive",
    "/repositories/{id}/tags?limit=5": "ix_tags_repository_id_state_id",
    "/repositories/{id}/tags?limit=5&sort_attr=name": "ix_tags_repository_id_state_name",
    "/repositories/{id}/tags?limit=5&sort_attr=updated_at": (
        "ix_tags_repository_id_state_updated_at_id"
    ),
    "/repositories/{id}/images": "ix_images_repository_id_standing_changed_at_id",
    "/repositories/{id}/images?untagged=true": "ix_images_repository_id_standing_changed_at_id",
    "/repositories/{id}/manifests/{digest}": "ix_tags_repository_id_digest_state_updated_at_id",
    "/activities": "ix_activities_occurred_at_id",
    "/activities?repository_id={id}": "ix_activities_repository_id_occurred_at_id",
}


@contextmanager
def plans(database: Database) -> Iterator[list[str]]:
    """Gather the plans of the block's statements, as large tables would have them."""
    asked: list[tuple[str, Any]] = []
    found: list[str] = []

    def note(_: Any, cursor: Any, statement: str, given: Any, *__: Any) -> None:
        asked.append((statement, given))

    event.listen(database.engine, "before_cursor_execute", note)
    yield found
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


@pytest.mark.parametrize("who", ["root", "vera"])
def test_each_page_is_read_by_its_index(who: str, catalogue: Catalogue) -> None:
    catalogue.hears(registry(), team(), namespace())
    catalogue.hears(pushed("web/app:1", "image", 1), described("web/app", "image"))
    names = {"id": catalogue.repository("web/app")["id"], "digest": digest_of("image")}
    for page, index in PAGES.items():
        with plans(catalogue.database) as found:
            assert catalogue.asks(f"/api/v1{page.format(**names)}", who).status_code == 200
        by_index = [plan for plan in found if re.search(rf"\b{index}\b", plan)]
        assert by_index, (page, found)
        assert "limit=" not in page or not _sorts(by_index[0]), (page, by_index)


def _sorts(plan: str) -> bool:
    """Tell whether more is sorted than those that are equal in the first column."""
    return bool(re.search(r"(?<!Incremental )Sort  \(|TEMP B-TREE FOR ORDER BY", plan))
