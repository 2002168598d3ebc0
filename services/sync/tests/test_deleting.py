"""Deleting from a real registry: what is asked for goes, and how it ended is said."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from services.sync.tests.site_under_test import Published, Site, soon
from sqlalchemy import update

from portus_shared.clock import now
from portus_shared.contracts.catalog import DeletionRequested
from portus_shared.contracts.sync import DeletionFinished, ManifestDeleted, ManifestPushed
from portus_shared.testing.images import Layout, build_image
from portus_shared.testing.registry import Registry
from portus_sync.storage import abilities, deletions as storage
from portus_sync.storage.tables import Deletion
from portus_sync.usecases import deletions


def ask(site: Site, repository: str, digest: str, tag: str | None = None) -> str:
    request_id = str(uuid.uuid4())
    asked = DeletionRequested(
        request_id=request_id,
        registry="main",
        repository=repository,
        digest=digest,
        requested_by="olga",
        tag=tag,
    )
    site.hear(asked)
    return request_id


def pushed(site: Site, published: Published, folder: Path, *names: str) -> Layout:
    """Push one image under all names, and wait until the registry has told of it."""
    layout = build_image(folder)
    before = len(published(ManifestPushed))
    for name in names:
        site.push(layout, name)
    soon(lambda: len(published(ManifestPushed)) == before + len(names))
    return layout


def outcome(published: Published, request_id: str) -> tuple[str, str]:
    """Wait for the end of a deletion."""

    def ended() -> list[DeletionFinished]:
        return [event for event in published(DeletionFinished) if event.request_id == request_id]

    [finished] = soon(ended)
    return finished.outcome, finished.reason or ""


def can_delete_tags(site: Site) -> list[bool]:
    with site.database.read() as session:
        return [found.deletes_tags for found in abilities.listed(session)]


def row(site: Site, request_id: str) -> Deletion:
    with site.database.read() as session:
        found = storage.by_id(session, request_id)
    assert found is not None
    return found


def test_a_manifest_goes_with_its_tags_and_the_one_who_wanted_it_is_named(
    site: Site, published: Published, tmp_path: Path
) -> None:
    layout = pushed(site, published, tmp_path / "image", "team/app:1", "team/app:2", "team/other:1")
    site.announce()
    site.start()
    assert outcome(published, ask(site, "team/app", layout.digest)) == ("done", "")
    assert site.client().head("team/app", "1") is None
    assert site.client().tags("team/app") == []
    assert site.client().tags("team/other") == ["1"]
    # Its own word, and the registry's notifications: one for the manifest, one for each tag.
    soon(lambda: len(published(ManifestDeleted)) == 4)
    told = published(ManifestDeleted)
    assert {(event.repository, event.actor) for event in told} == {("team/app", "olga")}
    assert sorted(event.tag for event in told if event.tag) == ["1", "2"]
    assert {event.digest for event in told if not event.tag} == {layout.digest}


def test_what_is_gone_already_is_done_and_a_request_told_twice_is_one(
    site: Site, published: Published
) -> None:
    site.announce()
    site.start()
    absent = "sha256:" + "0" * 64
    request_id = ask(site, "team/nothing", absent)
    assert outcome(published, request_id) == ("done", "")
    again = DeletionRequested(
        request_id=request_id,
        registry="main",
        repository="team/nothing",
        digest=absent,
        requested_by="olga",
    )
    site.hear(again)
    assert outcome(published, ask(site, "team/nothing", absent)) == ("done", "")
    assert len([e for e in published(DeletionFinished) if e.request_id == request_id]) == 1


def test_a_registry_that_does_not_delete_says_which_setting_is_needed_and_can_be_retried(
    site: Site, published: Published, registry: Callable[..., Registry], tmp_path: Path
) -> None:
    layout = pushed(site, published, tmp_path / "image", "team/app:1")
    site.registry.stop()
    port, auth = site.registry.port, site.token_auth
    keeping = registry(auth=auth, port=port, deletes=False)
    site.announce()
    site.start()
    request_id = ask(site, "team/app", layout.digest)
    ended, reason = outcome(published, request_id)
    assert ended == "failed"
    assert "REGISTRY_STORAGE_DELETE_ENABLED=true" in reason
    assert site.client().tags("team/app") == ["1"]

    keeping.stop()
    registry(auth=auth, port=port)
    with site.database.write() as session:
        deletions.retry(session, "root", request_id, at=now())
    soon(lambda: row(site, request_id).state == "done")
    assert site.client().tags("team/app") == []
    with site.database.write() as session, pytest.raises(deletions.NotFailed):
        deletions.retry(session, "root", request_id, at=now())


def test_a_registry_that_is_away_is_asked_until_it_is_back(
    site: Site, published: Published, tmp_path: Path
) -> None:
    layout = pushed(site, published, tmp_path / "image", "team/app:1")
    site.announce()
    site.start()
    site.registry.kill()
    request_id = ask(site, "team/app", layout.digest)
    soon(lambda: row(site, request_id).attempts)
    assert "does not answer" in (row(site, request_id).reason or "")
    assert published(ManifestDeleted) == []
    site.registry.start_again()
    assert outcome(published, request_id) == ("done", "")
    assert site.client().tags("team/app") == []


def test_a_worker_that_died_after_it_had_asked_leaves_nothing_half_done(
    site: Site, published: Published, tmp_path: Path
) -> None:
    layout = pushed(site, published, tmp_path / "image", "team/app:1")
    site.announce()
    request_id = ask(site, "team/app", layout.digest)
    with site.database.write() as session:
        taken = storage.take(session, at=now(), limit=10)
        session.execute(update(Deletion).values(next_try_at=now()))
    assert [deletion.id for deletion in taken] == [request_id]
    assert site.client().delete("team/app", layout.digest)
    site.start()
    assert outcome(published, request_id) == ("done", "")


def test_what_is_pushed_again_before_the_registry_was_asked_is_kept(
    site: Site, published: Published, tmp_path: Path
) -> None:
    site.announce()
    layout = pushed(site, published, tmp_path / "image", "team/app:1")
    request_id = ask(site, "team/app", layout.digest)
    pushed(site, published, tmp_path / "again", "team/app:2")
    assert outcome(published, request_id) == ("failed", deletions.PUSHED_AGAIN)
    site.start()
    assert outcome(published, ask(site, "team/nothing", layout.digest)) == ("done", "")
    assert site.client().tags("team/app") == ["1", "2"]


@pytest.mark.parametrize("generation", ["2", "3"])
def test_a_tag_alone_goes_where_the_registry_can_unless_it_moved(
    site: Site,
    published: Published,
    tmp_path: Path,
    generation: str,
    request: pytest.FixtureRequest,
) -> None:
    binary: Path = request.getfixturevalue(f"registry{generation}_binary")
    with Registry(binary, tmp_path / generation, auth=site.token_auth) as started:
        site.registry = started
        layout = build_image(tmp_path / "image")
        for tag in ("1", "2"):
            site.push(layout, f"team/app:{tag}")
        site.announce()
        site.start()
        soon(lambda: can_delete_tags(site) == [generation == "3"])
        moved = outcome(published, ask(site, "team/app", "sha256:" + "0" * 64, "1"))
        assert moved == ("failed", deletions.MOVED)
        ended, reason = outcome(published, ask(site, "team/app", layout.digest, "1"))
        if generation == "2":
            assert (ended, "Distribution 3" in reason) == ("failed", True)
            assert site.client().tags("team/app") == ["1", "2"]
        else:
            assert (ended, reason) == ("done", "")
            assert site.client().tags("team/app") == ["2"]
            assert [event.tag for event in published(ManifestDeleted)] == ["1"]
