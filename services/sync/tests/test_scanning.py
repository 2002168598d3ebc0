"""Scans of a real registry find what nobody notified, and never take silence for emptiness."""

from pathlib import Path

from services.sync.tests.site_under_test import Published, Site, soon
from sqlalchemy import select

from portus_shared.clock import now
from portus_shared.contracts.auth import StateRepublished
from portus_shared.contracts.catalog import NamespaceCleared, ReplicaStarted
from portus_shared.contracts.sync import (
    ManifestDescribed,
    ManifestPushed,
    RepositoryObserved,
    ScanCompleted,
)
from portus_shared.db import Database
from portus_shared.testing.images import build_image
from portus_sync.storage import scans
from portus_sync.storage.tables import Scan
from portus_sync.usecases.scans import in_order


def scan_states(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Scan.state).order_by(Scan.requested_at)))


def test_scan_at_start_observes_what_nobody_notified(
    site: Site, published: Published, tmp_path: Path
) -> None:
    image = build_image(tmp_path / "image")
    site.push(image, "team/app:v1")
    site.push(image, "team/app:v2")
    site.push(build_image(tmp_path / "other", text="other"), "solo:latest")
    site.announce()
    site.start()
    [completed] = soon(lambda: published(ScanCompleted))
    assert (completed.registry, completed.repository_count) == ("main", 2)
    observed = {each.repository: each for each in published(RepositoryObserved)}
    assert set(observed) == {"solo", "team/app"}
    assert [(tag.tag, tag.digest) for tag in observed["team/app"].tags] == [
        ("v1", image.digest),
        ("v2", image.digest),
    ]
    assert observed["solo"].tags[0].media_type == "application/vnd.oci.image.manifest.v1+json"
    soon(lambda: len(published(ManifestDescribed)) == 2)


def test_new_replica_is_told_everything_once(
    site: Site, published: Published, tmp_path: Path
) -> None:
    site.announce()
    site.start()
    site.push(build_image(tmp_path / "image"), "team/app:v1")
    soon(lambda: published(ManifestDescribed))
    soon(lambda: set(scan_states(site.database)) <= {"done", "superseded"})
    before = len(published(ManifestDescribed))
    site.hear(ReplicaStarted(replica_id="one"))
    site.hear(ReplicaStarted(replica_id="one"))
    soon(lambda: len(published(ManifestDescribed)) > before)
    with site.database.read() as session:
        causes = list(session.scalars(select(Scan.cause)))
    assert causes.count("replica") == 1


def test_restarted_registry_is_scanned(site: Site, published: Published, tmp_path: Path) -> None:
    site.announce()
    site.start()
    image = build_image(tmp_path / "image")
    site.push(image, "team/app:v1")
    soon(lambda: published(ManifestPushed))
    soon(lambda: set(scan_states(site.database)) <= {"done", "superseded"})
    scanned = len(published(ScanCompleted))
    site.registry.kill()
    site.registry.start_again()
    site.push(image, "team/app:v2")
    soon(lambda: len(published(ScanCompleted)) > scanned)


def test_scan_is_repeated_while_the_registry_is_away(
    site: Site, published: Published, tmp_path: Path
) -> None:
    site.push(build_image(tmp_path / "image"), "team/app:v1")
    site.registry.kill()
    site.announce()
    site.start()

    def failed() -> bool:
        with site.database.read() as session:
            return any(scan.reason for scan in session.scalars(select(Scan)))

    soon(failed)
    assert published(ScanCompleted) == published(RepositoryObserved) == []
    site.registry.start_again()
    soon(lambda: published(ScanCompleted))


def test_unreadable_repository_is_said_and_not_reported_as_empty(
    site: Site, published: Published, tmp_path: Path
) -> None:
    site.push(build_image(tmp_path / "image"), "team/app:v1")
    site.push(build_image(tmp_path / "broken", text="broken"), "team/broken:v1")
    links = site.registry._directory.glob("**/team/broken/_manifests/tags/v1/current/link")
    for link in links:
        link.write_text("not a digest")
    site.announce()
    site.start()

    def failures() -> list[str]:
        with site.database.read() as session:
            listed = scans.newest(session, limit=10)
            unread = scans.failures(session, [scan.id for scan in listed])
            return [failure.repository for failure in unread]

    assert set(soon(failures)) == {"team/broken"}
    assert {each.repository for each in published(RepositoryObserved)} == {"team/app"}
    assert published(ScanCompleted) == []


def test_registry_that_auth_no_longer_names_is_forgotten(site: Site) -> None:
    site.announce(revision=5)
    site.hear(StateRepublished(generation=5, started_at=now()))
    client = site.client()
    assert list(client.repositories()) == []
    site.hear(StateRepublished(generation=6, started_at=now()))
    with site.database.read() as session:
        assert scans.has_due(session, at=now()) is False


def test_a_cleared_namespace_is_looked_for_once_more(site: Site, published: Published) -> None:
    site.announce()
    site.start()
    soon(lambda: published(ScanCompleted))
    soon(lambda: set(scan_states(site.database)) <= {"done", "superseded"})
    site.hear(NamespaceCleared(registry="main", namespace_id=3, namespace="web"))
    soon(lambda: len(published(ScanCompleted)) == 2)
    with site.database.read() as session:
        asked = session.execute(select(Scan.cause, Scan.asked_by)).all()
    assert ("namespace", "web") in [tuple(each) for each in asked]


def test_a_scan_goes_on_where_the_last_one_was_interrupted(
    site: Site, published: Published, tmp_path: Path
) -> None:
    image = build_image(tmp_path / "image")
    for name in "abcd":
        site.push(image, f"{name}/app:v1")
    site.announce()
    with site.database.write() as session:
        killed = scans.take(session, at=now())
        assert killed is not None
        scans.change(session, killed.id, {"cursor": "b/app"})
    site.start()
    soon(lambda: published(ScanCompleted))
    observed = [event.repository for event in published(RepositoryObserved)]
    assert observed == ["c/app", "d/app", "a/app", "b/app"]
    with site.database.read() as session:
        assert scans.interrupted_at(session, "main") is None


def test_a_repository_that_is_gone_is_no_place_to_go_on_at() -> None:
    names = ["a", "b", "c"]
    assert in_order(names, after=None) == names
    assert in_order(names, after="x") == names
    assert in_order(names, after="c") == names
    assert in_order([], after="a") == []
