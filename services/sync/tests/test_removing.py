"""Tags disappear only when a real registry answers that it has them no more."""

from pathlib import Path

from services.sync.tests.site_under_test import Published, Site, soon
from sqlalchemy import select

from portus_shared.clock import now
from portus_shared.contracts.catalog import Reconciled, TagDifference
from portus_shared.contracts.sync import ManifestDeleted, ScanCompleted
from portus_shared.testing.images import build_image
from portus_sync.storage import removals
from portus_sync.storage.tables import Removal
from portus_sync.usecases.removals import approve


def answer(site: Site, scan_id: str, repository: str, *gone: str) -> None:
    differences = tuple(TagDifference(tag=tag, known_digest=None) for tag in gone)
    site.hear(
        Reconciled(
            scan_id=scan_id,
            registry="main",
            repository=repository,
            added=(),
            moved=(),
            gone=differences,
        )
    )


def completed_scan(site: Site, published: Published) -> str:
    site.announce()
    site.start()
    [completed] = soon(lambda: published(ScanCompleted))
    return str(completed.scan_id)


def test_only_tags_that_the_registry_itself_lacks_are_removed(
    site: Site, published: Published, tmp_path: Path
) -> None:
    site.push(build_image(tmp_path / "image"), "team/app:there")
    scan_id = completed_scan(site, published)
    answer(site, scan_id, "team/app", "there", "missing")
    [deletion] = soon(lambda: published(ManifestDeleted))
    assert (deletion.repository, deletion.tag) == ("team/app", "missing")
    assert deletion.actor is None

    def states() -> set[str]:
        with site.database.read() as session:
            return set(session.scalars(select(Removal.state)))

    soon(lambda: states() == {"present", "removed"})
    assert len(published(ManifestDeleted)) == 1


def test_nothing_is_removed_while_the_registry_does_not_answer(
    site: Site, published: Published, tmp_path: Path
) -> None:
    site.push(build_image(tmp_path / "image"), "team/app:there")
    scan_id = completed_scan(site, published)
    site.registry.kill()
    answer(site, scan_id, "team/app", "missing")

    def tried() -> bool:
        with site.database.read() as session:
            return any(session.scalars(select(Removal.attempts)))

    soon(tried)
    assert published(ManifestDeleted) == []
    site.registry.start_again()
    soon(lambda: published(ManifestDeleted))


def test_mass_removal_waits_for_a_person(site: Site, published: Published, tmp_path: Path) -> None:
    site.push(build_image(tmp_path / "image"), "team/app:there")
    scan_id = completed_scan(site, published)
    answer(site, scan_id, "team/app", *(f"t{number}" for number in range(30)))

    def held() -> int:
        with site.database.read() as session:
            return len(removals.held(session, limit=100))

    soon(lambda: held() == 30)
    assert published(ManifestDeleted) == []
    with site.database.write() as session:
        assert approve(session, "root", scan_id=scan_id, at=now()) == 30
    soon(lambda: len(published(ManifestDeleted)) == 30)
