"""Deleting tags and repositories: who may, what is asked of sync, what shows meanwhile."""

from dataclasses import replace
from typing import Any

import pytest
from services.catalog.tests.catalogue import Catalogue
from services.catalog.tests.events import (
    INDEX,
    deleted,
    described,
    digest_of,
    namespace,
    pushed,
    team,
)

from portus_shared.clock import now, now_us
from portus_shared.contracts import sync
from portus_shared.contracts.catalog import DeletionRequested


@pytest.fixture(autouse=True)
def visible(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace())


def tag_id(catalogue: Catalogue, full_name: str, name: str) -> int:
    repository = catalogue.repository(full_name)["id"]
    (tag,) = catalogue.gets(f"/api/v1/repositories/{repository}/tags", name=name)
    found: int = tag["id"]
    return found


def delete(catalogue: Catalogue, path: str, who: str = "root") -> int:
    return catalogue.asks(f"/api/v1/{path}", who, method="DELETE").status_code


def asked(catalogue: Catalogue) -> list[DeletionRequested]:
    return catalogue.published(DeletionRequested)


def finish(
    catalogue: Catalogue, request: DeletionRequested, at: int, *, reason: str | None = None
) -> None:
    """Tell what sync tells: that it is gone and the end of the request, or only a failure."""
    if reason is None:
        digest = None if request.tag else request.digest
        catalogue.hears(replace(deleted(request.repository, at, tag=request.tag), digest=digest))
    outcome = "failed" if reason else "done"
    ended = sync.DeletionFinished(request_id=request.request_id, outcome=outcome, reason=reason)
    catalogue.hears(ended, ended)


def marked(catalogue: Catalogue, full_name: str) -> list[str]:
    repository = catalogue.repository(full_name)["id"]
    tags = catalogue.gets(f"/api/v1/repositories/{repository}/tags", all="true")
    return [tag["name"] for tag in tags if tag["deleting"]]


def test_a_tag_takes_its_siblings_along_and_shows_that_it_is_going(catalogue: Catalogue) -> None:
    catalogue.hears(
        pushed("web/app:1", "one", 1),
        pushed("web/app:one", "one", 2),
        pushed("web/app:2", "two", 3),
    )
    tag = tag_id(catalogue, "web/app", "1")
    assert catalogue.gets(f"/api/v1/tags/{tag}")["siblings"] == ["one"]
    assert delete(catalogue, f"tags/{tag}") == 204
    assert delete(catalogue, f"tags/{tag}") == 204
    (request,) = asked(catalogue)
    assert (request.repository, request.digest, request.tag) == ("web/app", digest_of("one"), None)
    assert sorted(marked(catalogue, "web/app")) == ["1", "one"]
    images = catalogue.images("web/app")["items"]
    assert [image["deleting"] for image in images] == [False, True]
    assert catalogue.repository("web/app")["deleting"] is False

    finish(catalogue, request, 4)
    assert catalogue.tags("web/app") == {"2": digest_of("two")}
    activities = catalogue.gets("/api/v1/activities")["items"]
    gone = [item for item in activities if item["key"] == "repository.delete"]
    assert [item["details"] for item in gone] == [{"tags": ["1", "one"]}]
    # The registry's own notifications repeat it, tag by tag.
    catalogue.hears(deleted("web/app", 5, content="one"), deleted("web/app", 5, tag="1"))
    assert len(catalogue.gets("/api/v1/activities")["items"]) == len(activities)


def test_an_image_without_a_tag_goes_by_its_digest(catalogue: Catalogue) -> None:
    catalogue.hears(pushed("web/app:1", "old", 1), pushed("web/app:1", "new", 2))
    repository = catalogue.repository("web/app")["id"]
    path = f"repositories/{repository}/manifests"
    assert delete(catalogue, f"{path}/{digest_of('old')}") == 204
    assert delete(catalogue, f"{path}/{digest_of('unknown')}") == 404
    (request,) = asked(catalogue)
    assert [item["deleting"] for item in catalogue.images("web/app", untagged=True)["items"]] == [
        True
    ]
    finish(catalogue, request, 3)
    assert catalogue.images("web/app", untagged=True)["items"] == []
    assert catalogue.tags("web/app") == {"1": digest_of("new")}


def test_a_tag_alone_leaves_its_siblings(catalogue: Catalogue) -> None:
    catalogue.hears(pushed("web/app:1", "one", 1), pushed("web/app:one", "one", 2))
    tag = tag_id(catalogue, "web/app", "1")
    assert delete(catalogue, f"tags/{tag}?only=image") == 400
    assert delete(catalogue, f"tags/{tag}?only=tag") == 204
    (request,) = asked(catalogue)
    assert (request.digest, request.tag) == (digest_of("one"), "1")
    assert marked(catalogue, "web/app") == ["1"]
    finish(catalogue, request, 3)
    assert catalogue.tags("web/app") == {"one": digest_of("one")}
    assert len(asked(catalogue)) == 1


def test_a_failure_takes_the_mark_off_and_says_why(catalogue: Catalogue) -> None:
    catalogue.hears(pushed("web/app:1", "one", 1))
    repository = catalogue.repository("web/app")["id"]
    assert delete(catalogue, f"repositories/{repository}", "olga") == 204
    assert asked(catalogue)[0].requested_by == "olga"
    finish(catalogue, asked(catalogue)[0], 2, reason="it does not delete")
    assert marked(catalogue, "web/app") == []
    assert catalogue.images("web/app")["items"][0]["deletion_failure"] == "it does not delete"
    assert catalogue.repository("web/app")["deleting"] is False
    newest = catalogue.gets("/api/v1/activities", "vera")["items"][0]
    assert newest["key"] == "repository.delete_failed"
    assert newest["details"] == {"reason": "it does not delete"}
    assert delete(catalogue, f"repositories/{repository}", "olga") == 204
    assert len(asked(catalogue)) == 2
    assert catalogue.images("web/app")["items"][0]["deletion_failure"] is None


def test_a_push_during_the_deletion_wins(catalogue: Catalogue) -> None:
    catalogue.hears(pushed("web/app:1", "one", 1), pushed("web/app:old", "one", 1))
    assert delete(catalogue, f"tags/{tag_id(catalogue, 'web/app', '1')}") == 204
    catalogue.hears(pushed("web/app:1", "two", 3))
    assert marked(catalogue, "web/app") == ["old"]
    finish(catalogue, asked(catalogue)[0], 4)
    assert catalogue.tags("web/app") == {"1": digest_of("two")}


def test_a_repository_goes_with_every_manifest_in_it(catalogue: Catalogue) -> None:
    _push_index(catalogue, "web/app:multi", "index", ["amd", "arm"])
    catalogue.hears(pushed("web/app:1", "one", 9), pushed("web/app:2", "one", 9))
    repository = catalogue.repository("web/app")["id"]
    assert delete(catalogue, f"repositories/{repository}") == 204
    assert catalogue.repository("web/app")["deleting"] is True
    wanted = asked(catalogue)
    assert wanted[0].digest == digest_of("index")
    assert {w.digest for w in wanted} == {digest_of(n) for n in ("index", "amd", "arm", "one")}
    for request in wanted:
        finish(catalogue, request, 10)
    assert catalogue.gets("/api/v1/repositories") == []
    catalogue.hears(pushed("web/app:1", "one", 12))
    assert catalogue.repository("web/app")["deleting"] is False


def test_what_is_pushed_into_a_repository_that_goes_stays(catalogue: Catalogue) -> None:
    catalogue.hears(pushed("web/app:1", "one", 1))
    repository = catalogue.repository("web/app")["id"]
    assert delete(catalogue, f"repositories/{repository}") == 204
    later: dict[str, Any] = {"occurred_at": now(), "observed_at": now_us() + 1_000_000}
    catalogue.hears(replace(pushed("web/app:2", "two", 2), **later))
    assert catalogue.repository("web/app")["deleting"] is False
    finish(catalogue, asked(catalogue)[0], 3)
    assert catalogue.tags("web/app") == {"2": digest_of("two")}


def test_the_parts_of_an_image_follow_it_unless_something_else_needs_them(
    catalogue: Catalogue,
) -> None:
    signature = f"web/app:{digest_of('index').replace(':', '-')}.sig"
    _push_index(catalogue, "web/app:multi", "index", ["mine", "shared", "tagged"])
    _push_index(catalogue, "web/app:other", "other", ["shared"])
    catalogue.hears(pushed("web/app:t", "tagged", 5), pushed(signature, "signature", 6))
    catalogue.hears(described("web/app", "sbom", subject=digest_of("mine")))
    catalogue.hears(pushed("web/app", "sbom", 7))
    assert delete(catalogue, f"tags/{tag_id(catalogue, 'web/app', 'multi')}") == 204
    (first,) = asked(catalogue)
    finish(catalogue, first, 10)
    parts = asked(catalogue)[1:]
    assert {part.digest for part in parts} == {digest_of(n) for n in ("mine", "signature", "sbom")}
    assert {part.requested_by for part in parts} == {"root"}
    for part in parts:
        finish(catalogue, part, 11)
    assert len(asked(catalogue)) == 4
    assert catalogue.tags("web/app") == {"other": digest_of("other"), "t": digest_of("tagged")}
    assert catalogue.repository("web/app")["untagged_count"] == 0


def test_an_image_that_came_back_keeps_its_parts(catalogue: Catalogue) -> None:
    _push_index(catalogue, "web/app:multi", "index", ["mine"])
    assert delete(catalogue, f"tags/{tag_id(catalogue, 'web/app', 'multi')}") == 204
    (first,) = asked(catalogue)
    catalogue.hears(deleted("web/app", 5, content="index"))
    catalogue.hears(pushed("web/app:multi", "index", 6, media_type=INDEX))
    finish(catalogue, first, 5)
    assert len(asked(catalogue)) == 1
    assert catalogue.tags("web/app") == {"multi": digest_of("index")}


def _push_index(catalogue: Catalogue, reference: str, content: str, children: list[str]) -> None:
    repository = reference.partition(":")[0]
    listed = tuple(
        sync.Child(digest=digest_of(child), media_type="m", os="linux", architecture=child)
        for child in children
    )
    catalogue.hears(*(pushed(repository, child, 2) for child in children))
    catalogue.hears(*(described(repository, child) for child in children))
    catalogue.hears(pushed(reference, content, 3, media_type=INDEX))
    facts: dict[str, Any] = {"media_type": INDEX, "size_bytes": None, "config": None, "layers": ()}
    catalogue.hears(described(repository, content, children=listed, **facts))
