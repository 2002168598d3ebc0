"""What is pushed to a real registry is described; its pulls are counted."""

import hashlib
from pathlib import Path

from services.sync.tests.realm import PUSHER
from services.sync.tests.site_under_test import Published, Site, soon

from portus_shared.contracts.sync import ManifestDescribed, ManifestPushed, PullsCounted
from portus_shared.testing.images import Platform, build_image, build_index
from portus_sync.loops.housekeeping import Housekeeping


def test_pushed_image_is_described(site: Site, published: Published, tmp_path: Path) -> None:
    site.announce()
    site.start()
    image = build_image(tmp_path / "image", labels={"team": "red"}, layers=2)
    site.push(image, "team/app:v1")
    [described] = soon(lambda: published(ManifestDescribed))
    [push] = published(ManifestPushed)
    assert (push.registry, push.repository, push.tag) == ("main", "team/app", "v1")
    assert push.actor == "pusher"
    assert described.digest == push.digest == image.digest
    assert described.size_bytes == image.size_bytes
    assert len(described.layers) == 2
    assert (described.config.os, described.config.architecture) == ("linux", "amd64")
    assert described.config.labels == {"team": "red"}
    assert described.config.cmd == ("/hello",)
    body = described.raw.encode()
    assert "sha256:" + hashlib.sha256(body).hexdigest() == image.digest


def test_pushed_index_is_described_with_its_children(
    site: Site, published: Published, tmp_path: Path
) -> None:
    site.announce()
    site.start()
    platforms = [Platform(), Platform(architecture="arm64", variant="v8")]
    index = build_index(tmp_path / "index", platforms)
    site.push(index, "team/multi:v1")
    soon(lambda: len(published(ManifestDescribed)) == 3)
    by_digest = {each.digest: each for each in published(ManifestDescribed)}
    top = by_digest.pop(index.digest)
    assert top.size_bytes is None
    assert {child.digest for child in top.children} == set(by_digest) == set(index.children)
    assert [child.architecture for child in top.children] == ["amd64", "arm64"]
    assert all(child.size_bytes for child in by_digest.values())


def test_own_requests_are_not_counted_as_pulls(
    site: Site, published: Published, tmp_path: Path
) -> None:
    site.announce()
    site.start()
    image = build_image(tmp_path / "image")
    site.push(image, "team/app:v1")
    soon(lambda: published(ManifestDescribed))
    site.skopeo.pull(f"{site.registry.host}/team/app:v1", tmp_path / "pulled", PUSHER)

    def counted() -> list[PullsCounted]:
        Housekeeping(site.database, scan_interval_s=0, retention_days=1).count_pulls()
        return published(PullsCounted)

    [pulls] = soon(counted)
    assert (pulls.repository, pulls.digest, pulls.count) == ("team/app", image.digest, 1)
