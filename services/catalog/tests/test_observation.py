"""Scans add and move, never remove, and are answered with what differed."""

from services.catalog.tests.catalogue import Catalogue
from services.catalog.tests.events import EPOCH, digest_of, namespace, observed, pushed, team

from portus_shared.contracts.catalog import Reconciled, TagDifference
from portus_shared.contracts.sync import ScanCompleted


def test_a_scan_is_answered_with_added_moved_and_gone(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace())
    for tag in ("same", "moves", "gone"):
        catalogue.hears(pushed(f"web/app:{tag}", tag, 1))
    catalogue.hears(observed("web/app", {"same": "same", "moves": "new", "added": "new"}, 5))

    (answer,) = catalogue.published(Reconciled)
    assert (answer.scan_id, answer.repository, answer.known) == ("scan-1", "web/app", 3)
    assert answer.added == (TagDifference(tag="added", found_digest=digest_of("new")),)
    assert answer.moved == (
        TagDifference(tag="moves", known_digest=digest_of("moves"), found_digest=digest_of("new")),
    )
    assert answer.gone == (TagDifference(tag="gone", known_digest=digest_of("gone")),)
    assert catalogue.tags("web/app") == {
        "same": digest_of("same"),
        "moves": digest_of("new"),
        "gone": digest_of("gone"),
        "added": digest_of("new"),
    }


def test_a_push_during_a_scan_is_neither_lost_nor_reverted(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace(), pushed("web/app:1", "old", 1))
    catalogue.hears(pushed("web/app:1", "new", 6), pushed("web/app:2", "new", 7))
    catalogue.hears(observed("web/app", {"1": "old"}, 5))
    assert catalogue.tags("web/app") == {"1": digest_of("new"), "2": digest_of("new")}
    (answer,) = catalogue.published(Reconciled)
    assert answer.added == answer.moved == answer.gone == ()


def test_parts_are_answered_once_when_all_are_there(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace(), pushed("web/app:gone", "gone", 1))
    catalogue.hears(observed("web/app", {"b": "one"}, 6, part=2, parts=2))
    assert catalogue.published(Reconciled) == []
    catalogue.hears(observed("web/app", {"a": "one"}, 5, part=1, parts=2))
    (answer,) = catalogue.published(Reconciled)
    assert sorted(found.tag for found in answer.added) == ["a", "b"]
    assert [missing.tag for missing in answer.gone] == ["gone"]


def test_an_empty_repository_is_answered_too(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace(), pushed("web/app:1", "one", 1))
    catalogue.hears(observed("web/app", {}, 5), observed("web/never", {}, 5))
    one, other = catalogue.published(Reconciled)
    assert [missing.tag for missing in one.gone] == ["1"]
    assert (other.repository, other.known) == ("web/never", 0)
    assert catalogue.gets("/api/v1/repositories", full_name="web/never") == []


def test_a_scan_is_one_activity_however_much_it_found(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace())
    for number in range(5):
        tags = {f"t{n}": "one" for n in range(4)}
        catalogue.hears(observed(f"web/app{number}", tags, number))
    completed = ScanCompleted(
        scan_id="scan-1",
        registry="default",
        started_at=EPOCH,
        finished_at=EPOCH,
        repository_count=5,
    )
    catalogue.hears(completed)
    (activity,) = catalogue.gets("/api/v1/activities", "root")["items"]
    assert activity["key"] == "registry.scan"
    assert activity["details"] == {
        "added": 20,
        "moved": 0,
        "repositories": 5,
        "scan_id": "scan-1",
    }
    assert catalogue.gets("/api/v1/activities", "olga")["items"] == []


def test_a_second_scan_without_change_says_nothing(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace(), observed("web/app", {"1": "one"}, 1))
    before = len(catalogue.published())
    catalogue.hears(observed("web/app", {"1": "one"}, 9, scan="scan-2"))
    assert [type(event) for event in catalogue.published()[before:]] == [Reconciled]
    assert len(catalogue.gets("/api/v1/activities")["items"]) == 1
