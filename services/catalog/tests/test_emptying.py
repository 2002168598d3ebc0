"""Emptying deleted namespaces: everything goes, and only a scan afterwards confirms it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from services.catalog.tests.catalogue import Catalogue
from services.catalog.tests.events import (
    REGISTRY,
    deleted,
    digest_of,
    namespace,
    observed,
    pushed,
    team,
)

from portus_catalog.usecases import empty
from portus_shared.clock import now
from portus_shared.contracts import auth, sync
from portus_shared.contracts.catalog import (
    DeletionRequested,
    NamespaceCleared,
    NamespaceEmptied,
)


@pytest.fixture(autouse=True)
def filled(catalogue: Catalogue) -> None:
    catalogue.hears(
        team(),
        namespace(),
        namespace("other", namespace_id=4),
        pushed("web/app:1", "one", 1),
        pushed("web/shop/api:2", "two", 2),
        pushed("other/app:1", "one", 3),
    )


def deletion(*, revision: int = 20, keep_images: bool = False) -> auth.NamespaceDeleted:
    return auth.NamespaceDeleted(
        registry=REGISTRY,
        namespace_id=3,
        namespace="web",
        revision=revision,
        keep_images=keep_images,
        deleted_by="olga",
    )


def step(catalogue: Catalogue, *, later: timedelta = timedelta()) -> int:
    """Do all that is due at a moment; return how many steps that took."""
    steps, at = 0, now() + later
    while True:
        with catalogue.database.write() as session:
            if not empty.go_on(session, at=at):
                return steps
        steps += 1


def finish(catalogue: Catalogue, request: DeletionRequested, reason: str | None = None) -> None:
    if reason is None:
        gone = replace(deleted(request.repository, 50), digest=request.digest)
        catalogue.hears(gone)
    outcome = "failed" if reason else "done"
    catalogue.hears(
        sync.DeletionFinished(request_id=request.request_id, outcome=outcome, reason=reason)
    )


def scanned(catalogue: Catalogue, *, after: timedelta) -> None:
    moment = now() + after
    catalogue.hears(
        sync.ScanCompleted(
            scan_id="s",
            registry=REGISTRY,
            started_at=moment,
            finished_at=moment,
            repository_count=0,
        )
    )


SOON = timedelta(seconds=5)


def test_everything_in_the_namespace_goes_and_a_later_scan_confirms_it(
    catalogue: Catalogue,
) -> None:
    catalogue.hears(deletion())
    assert [r["full_name"] for r in catalogue.gets("/api/v1/repositories")] == ["other/app"]
    assert step(catalogue)
    wanted = catalogue.published(DeletionRequested)
    assert {(w.repository, w.digest, w.requested_by) for w in wanted} == {
        ("web/app", digest_of("one"), "olga"),
        ("web/shop/api", digest_of("two"), "olga"),
    }
    assert step(catalogue, later=SOON)
    assert catalogue.published(NamespaceCleared) == []
    for request in wanted:
        finish(catalogue, request)
    scanned(catalogue, after=SOON)
    assert step(catalogue, later=2 * SOON)
    (cleared,) = catalogue.published(NamespaceCleared)
    assert (cleared.namespace, cleared.namespace_id) == ("web", 3)
    scanned(catalogue, after=SOON)
    assert catalogue.published(NamespaceEmptied) == []
    scanned(catalogue, after=3 * SOON)
    (emptied,) = catalogue.published(NamespaceEmptied)
    assert (emptied.namespace, emptied.namespace_id, emptied.revision) == ("web", 3, 20)
    assert not step(catalogue, later=timedelta(days=1))
    assert len(catalogue.published(DeletionRequested)) == 2


def test_what_a_scan_brings_to_light_goes_too(catalogue: Catalogue) -> None:
    catalogue.hears(deletion())
    step(catalogue)
    for request in catalogue.published(DeletionRequested):
        finish(catalogue, request)
    step(catalogue, later=SOON)
    assert len(catalogue.published(NamespaceCleared)) == 1
    catalogue.hears(observed("web/hidden", {"1": "secret"}, 60))
    scanned(catalogue, after=2 * SOON)
    assert catalogue.published(NamespaceEmptied) == []
    assert step(catalogue, later=3 * SOON)
    assert catalogue.published(DeletionRequested)[-1].repository == "web/hidden"


def test_what_fails_is_tried_again_with_growing_pauses(catalogue: Catalogue) -> None:
    catalogue.hears(deletion())
    step(catalogue)
    for request in catalogue.published(DeletionRequested):
        finish(catalogue, request, "it does not delete")
    assert step(catalogue, later=SOON)
    assert len(catalogue.published(DeletionRequested)) == 4
    for request in catalogue.published(DeletionRequested)[2:]:
        finish(catalogue, request, "it does not delete")
    assert not step(catalogue, later=timedelta(minutes=4))
    assert step(catalogue, later=timedelta(minutes=6))
    assert not step(catalogue, later=timedelta(minutes=15))
    assert catalogue.published(NamespaceCleared) == []


@pytest.mark.parametrize("told_first", [False, True])
def test_kept_images_stay_and_come_back_with_the_namespace(
    catalogue: Catalogue, *, told_first: bool
) -> None:
    events = [deletion(revision=30, keep_images=True), deletion(revision=20)]
    catalogue.hears(*(events if told_first else events[::-1]))
    assert not step(catalogue, later=SOON)
    catalogue.hears(namespace(revision=40))
    assert catalogue.tags("web/app") == {"1": digest_of("one")}
    assert catalogue.published(DeletionRequested) == []


def test_only_some_repositories_go_at_once(catalogue: Catalogue) -> None:
    catalogue.hears(*(pushed(f"web/many{n}:1", "one", 5) for n in range(30)), deletion())
    step(catalogue)
    assert len(catalogue.published(DeletionRequested)) == 20
    for request in catalogue.published(DeletionRequested)[:5]:
        finish(catalogue, request)
    step(catalogue, later=SOON)
    assert len(catalogue.published(DeletionRequested)) == 25
