"""Deletions, in order and out of order, as the registry's events tell them."""

import random
from typing import Any

import pytest
from services.catalog.tests.catalogue import Catalogue
from services.catalog.tests.events import deleted, digest_of, namespace, observed, pushed, team
from sqlalchemy import select

from portus_catalog.domain.standing import LIVE, TAGGED, UNTAGGED
from portus_catalog.storage.contents import ImageRow, TagRow
from portus_shared.contracts.catalog import RepositoryChanged
from portus_shared.contracts.event import Event


@pytest.fixture(autouse=True)
def visible(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace())


def test_deleting_a_digest_takes_its_tags_in_this_repository_only(catalogue: Catalogue) -> None:
    catalogue.hears(
        pushed("web/app:1", "one", 1),
        pushed("web/app:latest", "one", 2),
        pushed("web/app:2", "two", 3),
        pushed("web/other:1", "one", 4),
        deleted("web/app", 5, content="one"),
    )
    assert catalogue.tags("web/app") == {"2": digest_of("two")}
    assert catalogue.tags("web/other") == {"1": digest_of("one")}
    assert catalogue.published(RepositoryChanged)[-1].change == "deleted"
    newest = catalogue.gets("/api/v1/activities")["items"][0]
    assert (newest["key"], newest["actor"]) == ("repository.delete", "olga")


def test_deleting_a_digest_arriving_after_the_tag_moved_keeps_the_tag(
    catalogue: Catalogue,
) -> None:
    catalogue.hears(pushed("web/app:1", "old", 1), pushed("web/app:1", "new", 2))
    catalogue.hears(deleted("web/app", 3, content="old"))
    assert catalogue.tags("web/app") == {"1": digest_of("new")}
    assert catalogue.repository("web/app")["untagged_count"] == 0


def test_deleting_a_tag_leaves_its_siblings(catalogue: Catalogue) -> None:
    catalogue.hears(
        pushed("web/app:1", "one", 1),
        pushed("web/app:latest", "one", 2),
        deleted("web/app", 3, tag="latest"),
    )
    assert catalogue.tags("web/app") == {"1": digest_of("one")}


def test_an_older_push_arriving_late_does_not_resurrect(catalogue: Catalogue) -> None:
    catalogue.hears(deleted("web/app", 5, content="one"), deleted("web/app", 5, tag="2"))
    catalogue.hears(pushed("web/app:1", "one", 1), pushed("web/app:2", "two", 2))
    assert catalogue.tags("web/app") == {}
    assert catalogue.images("web/app")["total"] == 0


def test_the_last_image_takes_the_repository_with_it_and_a_push_brings_it_back(
    catalogue: Catalogue,
) -> None:
    catalogue.hears(pushed("web/app:1", "one", 1))
    known = catalogue.repository("web/app")["id"]
    catalogue.hears(deleted("web/app", 2, content="one"))
    assert catalogue.gets("/api/v1/repositories") == []
    assert catalogue.asks(f"/api/v1/repositories/{known}").status_code == 404
    catalogue.hears(pushed("web/app:1", "two", 3))
    assert catalogue.repository("web/app")["id"] == known


def test_a_newer_push_brings_a_deleted_digest_back(catalogue: Catalogue) -> None:
    catalogue.hears(
        pushed("web/app:1", "one", 1),
        deleted("web/app", 2, content="one"),
        pushed("web/app:1", "one", 3, by="olga"),
    )
    assert catalogue.tags("web/app") == {"1": digest_of("one")}
    assert catalogue.images("web/app")["items"][0]["pushed_by"] == "olga"


STORY: list[Event] = [
    pushed("web/app:1", "a", 1, by="x"),
    pushed("web/app:1", "b", 2, by="y"),
    observed("web/app", {"1": "a", "2": "c"}, 3, scan="s1"),
    pushed("web/app:2", "c", 2, by="z"),
    deleted("web/app", 4, content="b"),
    pushed("web/app:3", "b", 3, by="y"),
    pushed("web/app:3", "c", 5, by="x"),
    deleted("web/app", 6, tag="2"),
    observed("web/app", {"1": "a", "3": "c"}, 7, scan="s2"),
]


@pytest.mark.parametrize("seed", range(8))
def test_a_story_ends_alike_in_every_order(catalogue: Catalogue, seed: int) -> None:
    chance = random.Random(seed)
    told = STORY + chance.choices(STORY, k=3)
    chance.shuffle(told)
    for event in told:
        catalogue.hears(event)

    assert catalogue.tags("web/app") == {"1": digest_of("a"), "3": digest_of("c")}
    repository = catalogue.repository("web/app")
    assert (repository["tags_count"], repository["images_count"]) == (2, 2)
    assert _counted_anew(catalogue) == (2, 2, 0)
    assert repository["untagged_count"] == 0
    authors = {tag["name"]: tag["author"]["name"] for tag in catalogue.gets("/api/v1/tags")}
    assert authors == {"1": "x", "3": "x"}
    pushes = [item for item in _activities(catalogue) if item["key"] == "repository.push"]
    assert len(pushes) == 5


def _counted_anew(catalogue: Catalogue) -> tuple[int, int, int]:
    """Return live tags, tagged and untagged images as the rows themselves have them."""
    with catalogue.database.read() as session:
        tags = session.scalars(select(TagRow).where(TagRow.state == LIVE)).all()
        images = session.scalars(select(ImageRow.standing)).all()
    return len(tags), images.count(TAGGED), images.count(UNTAGGED)


def _activities(catalogue: Catalogue) -> list[Any]:
    items: list[Any] = catalogue.gets("/api/v1/activities", limit=100)["items"]
    return items
