"""The replica of auth's decisions: newest revision wins, republication sweeps, emptiness asks."""

import threading
from functools import partial

from services.catalog.tests.catalogue import Catalogue
from services.catalog.tests.events import (
    EPOCH,
    REGISTRY,
    TEAM_ID,
    namespace,
    pushed,
    registry,
    team,
)

from portus_catalog.worker import fill_replica
from portus_shared.contracts import auth
from portus_shared.contracts.catalog import ReplicaStarted
from portus_shared.testing.waiting import wait_until


def names(catalogue: Catalogue, who: str) -> list[str]:
    return [item["full_name"] for item in catalogue.gets("/api/v1/repositories", who)]


def republished(generation: int) -> auth.StateRepublished:
    return auth.StateRepublished(generation=generation, started_at=EPOCH)


def namespace_deleted(
    revision: int, name: str = "web", namespace_id: int = 3
) -> auth.NamespaceDeleted:
    return auth.NamespaceDeleted(
        registry=REGISTRY, namespace_id=namespace_id, namespace=name, revision=revision
    )


def test_older_state_is_ignored(catalogue: Catalogue) -> None:
    catalogue.hears(team(revision=20, members={"vera": "viewer"}), namespace(revision=20))
    catalogue.hears(pushed("web/app:1", "one", 1))
    catalogue.hears(team(revision=19), namespace(visibility="public", revision=19))
    assert names(catalogue, "vera") == ["web/app"]
    assert names(catalogue, "olga") == []
    assert names(catalogue, "") == []


def test_a_membership_that_ends_takes_the_rights_with_it(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace(), pushed("web/app:1", "one", 1))
    assert names(catalogue, "olga") == ["web/app"]
    catalogue.hears(team(revision=11, members={}))
    assert names(catalogue, "olga") == []
    catalogue.hears(team(revision=12), auth.TeamDeleted(team_id=TEAM_ID, revision=13))
    assert names(catalogue, "olga") == []


def test_a_deleted_namespace_is_out_of_sight_and_stays_so(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace(), pushed("web/app:1", "one", 1))
    catalogue.hears(namespace_deleted(20), namespace(revision=15))
    assert names(catalogue, "root") == []
    assert catalogue.asks("/api/v1/namespaces/3/repositories").status_code == 404


def test_a_name_given_anew_survives_the_late_end_of_its_predecessor(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace(revision=30, namespace_id=9), namespace_deleted(20))
    catalogue.hears(pushed("web/app:1", "one", 1))
    assert names(catalogue, "olga") == ["web/app"]
    assert catalogue.repository("web/app")["namespace"]["id"] == 9


def test_what_a_republication_did_not_name_is_gone(catalogue: Catalogue) -> None:
    stale = namespace("stale", "public", namespace_id=4, revision=15)
    catalogue.hears(registry(), team(), namespace(), stale)
    catalogue.hears(pushed("web/app:1", "one", 1), pushed("stale/app:1", "one", 1))
    catalogue.hears(registry(revision=100), team(revision=101), namespace(revision=102))
    catalogue.hears(republished(100))
    assert names(catalogue, "root") == ["web/app"]
    assert names(catalogue, "olga") == ["web/app"]
    catalogue.hears(namespace("stale", "public", namespace_id=4, revision=99))
    assert names(catalogue, "root") == ["web/app"]


def test_an_older_republication_sweeps_nothing(catalogue: Catalogue) -> None:
    catalogue.hears(team(revision=50), namespace(revision=50), republished(40))
    catalogue.hears(pushed("web/app:1", "one", 1), republished(30))
    assert names(catalogue, "olga") == ["web/app"]


def test_a_new_replica_asks_until_it_is_filled(catalogue: Catalogue) -> None:
    stop = threading.Event()
    loop = threading.Thread(target=partial(fill_replica, catalogue.database, stop))
    loop.start()
    try:
        asked = wait_until(lambda: catalogue.published(ReplicaStarted), 10, what="the replica asks")
        assert len({event.replica_id for event in asked}) == 1
        catalogue.hears(republished(5))
    finally:
        stop.set()
        loop.join(10)
    count = len(catalogue.published(ReplicaStarted))
    stop.clear()
    quiet = threading.Thread(target=partial(fill_replica, catalogue.database, stop))
    quiet.start()
    stop.set()
    quiet.join(10)
    assert len(catalogue.published(ReplicaStarted)) == count


def test_audit_records_are_for_admins(catalogue: Catalogue) -> None:
    record = auth.AuditRecorded(
        actor="root",
        address="10.0.0.1",
        action="team.add_member",
        subject="web team",
        occurred_at=EPOCH,
        after={"username": "vera"},
    )
    catalogue.hears(team(), record)
    (item,) = catalogue.gets("/api/v1/activities")["items"]
    assert (item["key"], item["actor"]) == ("team.add_member", "root")
    assert item["details"]["after"] == {"username": "vera"}
    assert catalogue.gets("/api/v1/activities", "olga")["items"] == []
