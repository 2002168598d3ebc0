"""What a tag pointed to, and who moved it."""

from typing import Any

from services.catalog.tests.catalogue import Catalogue
from services.catalog.tests.events import (
    deleted,
    described,
    digest_of,
    namespace,
    observed,
    pushed,
    team,
)


def history(catalogue: Catalogue, tag: str, **query: Any) -> Any:
    number = catalogue.repository("web/app")["id"]
    return catalogue.gets(f"/api/v1/repositories/{number}/history", "vera", tag=tag, **query)


def test_a_tag_tells_what_it_pointed_to_and_who_moved_it(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace(), pushed("web/app:1", "old", 1), described("web/app", "old"))
    catalogue.hears(pushed("web/app:1", "new", 2, by="olga"), pushed("web/app:1", "new", 3))
    catalogue.hears(observed("web/app", {"1": "other"}, 5), deleted("web/app", 6, tag="1"))
    found = history(catalogue, "1")
    shown = [(m["digest"], m["before"], m["source"], m["by"]) for m in found["items"]]
    old, new, other = (digest_of(content) for content in ("old", "new", "other"))
    assert shown == [
        (None, other, "delete", "olga"),
        (other, new, "scan", None),
        (new, new, "push", "carl"),
        (new, old, "push", "olga"),
        (old, None, "push", "carl"),
    ]
    assert found["next"] is None
    assert [move["kind"] for move in found["items"]][-1] == "image"


def test_an_older_image_is_said_to_be_there_while_it_is(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace(), pushed("web/app:1", "old", 1), pushed("web/app:1", "a", 2))
    assert [move["is_here"] for move in history(catalogue, "1")["items"]] == [True, True]
    catalogue.hears(deleted("web/app", 3, content="old"))
    assert [move["is_here"] for move in history(catalogue, "1")["items"]] == [True, False]


def test_a_deletion_that_several_told_is_told_once(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace(), pushed("web/app:1", "old", 1), pushed("web/app:2", "a", 1))
    catalogue.hears(deleted("web/app", 2, tag="1"), deleted("web/app", 3, tag="1"))
    assert [move["source"] for move in history(catalogue, "1")["items"]] == ["delete", "push"]


def test_pages_of_a_history_follow_each_other(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace())
    catalogue.hears(*(pushed("web/app:1", str(n), n) for n in range(1, 8)))
    catalogue.hears(pushed("web/app:2", "other", 9))
    seen: list[Any] = []
    after = None
    while True:
        page = history(catalogue, "1", limit=3, **({"after": after} if after else {}))
        seen += page["items"]
        after = page["next"]
        if after is None:
            break
    assert [move["digest"] for move in seen] == [digest_of(str(n)) for n in range(7, 0, -1)]
    assert [move["before"] for move in seen] == [*(move["digest"] for move in seen[1:]), None]


def test_only_a_tag_has_a_history(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace(), pushed("web/app:1", "one", 1))
    number = catalogue.repository("web/app")["id"]
    assert history(catalogue, "never")["items"] == []
    for query in ({}, {"tag": ""}, {"tag": "a/b"}, {"tag": "\x00"}, {"tag": "1", "after": "x"}):
        answer = catalogue.asks(
            f"/api/v1/repositories/{number}/history", "vera", query_string=query
        )
        assert answer.status_code == 400, query
