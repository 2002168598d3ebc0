"""Facts taken together leave the same rows and the same events as facts taken one by one."""

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from services.catalog.tests.catalogue import Catalogue
from services.catalog.tests.events import deleted, described, observed, pushed
from sqlalchemy import select

from portus_catalog.app import MIGRATIONS
from portus_catalog.config import SCHEMA
from portus_catalog.storage.base import Base
from portus_shared.contracts.event import Event
from portus_shared.db import Database
from portus_shared.migrations import migrate

_IDS = {"id", "repository_id", "manifest_id"}


@pytest.fixture
def one_by_one(tmp_path: Path) -> Iterator[Catalogue]:
    database = Database(f"sqlite:///{tmp_path / 'other.sqlite'}", schema=SCHEMA)
    migrate(database, MIGRATIONS)
    yield Catalogue(database, tmp_path)
    database.close()


def rows_of(catalogue: Catalogue) -> dict[str, list[str]]:
    """Return what every table says, without the numbers that rows got."""
    found: dict[str, list[str]] = {}
    with catalogue.database.read() as session:
        for name in ("repositories", "images", "tags", "tag_history", "activities", "manifests"):
            table = Base.metadata.tables[name]
            rows = session.execute(select(table)).mappings()
            columns = [column.name for column in table.c if column.name not in _IDS]
            # JSONB has an order of members of its own.
            found[name] = sorted(
                json.dumps([row[name] for name in columns], sort_keys=True, default=str)
                for row in rows
            )
    return found


def story(chance: random.Random) -> Sequence[Event]:
    """Return facts about two repositories, out of order, some of them twice."""
    facts: list[Event] = []
    for _ in range(60):
        repository, content = chance.choice(["web/a", "web/b"]), chance.choice("uvwxyz")
        tag, at = chance.choice(["1", "2", "3"]), chance.randint(1, 40)
        choices: list[Any] = [
            *[pushed(f"{repository}:{tag}", content, at)] * 4,
            pushed(repository, content, at),
            deleted(repository, at, content=content),
            deleted(repository, at, tag=tag),
            observed(repository, {"1": content, tag: content}, at, scan=f"scan-{at}"),
        ]
        facts.append(chance.choice(choices))
    return facts + chance.choices(facts, k=5)


@pytest.mark.parametrize("seed", range(8))
def test_a_batch_is_what_its_messages_are_one_by_one(
    seed: int, catalogue: Catalogue, one_by_one: Catalogue
) -> None:
    facts = story(random.Random(seed))
    for start in range(0, len(facts), 20):
        catalogue.hears(*facts[start : start + 20])
    for fact in facts:
        one_by_one.hears(fact)
    assert rows_of(catalogue) == rows_of(one_by_one)
    assert catalogue.published() == one_by_one.published()


def test_descriptions_among_pushes_describe_the_same(
    catalogue: Catalogue, one_by_one: Catalogue
) -> None:
    facts: list[Event] = []
    for number in range(12):
        facts += [pushed(f"web/{number % 3}:{number}", f"image {number // 2}", number)]
        facts += [described(f"web/{number % 3}", f"image {number // 2}")]
    catalogue.hears(*facts)
    for fact in facts:
        one_by_one.hears(fact)
    assert rows_of(catalogue) == rows_of(one_by_one)
    told = {str(event) for event in catalogue.published()}
    assert told >= {str(event) for event in one_by_one.published()}
