"""A push becomes visible: repository, image, tag, activity, and one event."""

from services.catalog.tests.catalogue import Catalogue
from services.catalog.tests.events import (
    HOST,
    INDEX,
    described,
    digest_of,
    namespace,
    pushed,
    registry,
    team,
)

from portus_shared.contracts import sync
from portus_shared.contracts.catalog import RepositoryChanged


def test_a_push_shows_in_every_list(catalogue: Catalogue) -> None:
    catalogue.hears(registry(), team(), namespace(), pushed("web/app:1", "one", 1))

    repository = catalogue.repository("web/app", "vera")
    assert repository["name"] == "app"
    assert repository["namespace"] == {"id": 3, "name": "web"}
    assert repository["registry_hostname"] == HOST
    assert repository["tags_count"] == repository["images_count"] == 1
    assert repository["actions"] == ["pull"]
    assert repository["destroyable"] is False
    assert repository["last_push"] == {
        "at": "2026-11-01T12:00:01+00:00",
        "by": "carl",
        "tag": "1",
        "digest": digest_of("one"),
    }
    (tag,) = catalogue.gets(f"/api/v1/repositories/{repository['id']}/tags", "vera")
    assert tag["name"] == "1"
    assert tag["author"] == {"id": None, "name": "carl"}
    assert tag["digest"] == digest_of("one")
    (activity,) = catalogue.gets("/api/v1/activities", "vera")["items"]
    assert (activity["key"], activity["repository"]) == ("repository.push", "web/app")
    (changed,) = catalogue.published(RepositoryChanged)
    assert (changed.change, changed.repository, changed.tag) == ("pushed", "web/app", "1")


def test_description_may_come_before_or_after_the_push(catalogue: Catalogue) -> None:
    catalogue.hears(registry(), team(), namespace())
    catalogue.hears(described("web/app", "early"), pushed("web/app:early", "early", 1))
    catalogue.hears(pushed("web/app:late", "late", 2), described("web/app", "late"))

    items = catalogue.images("web/app")["items"]
    assert [item["tags"][0]["name"] for item in items] == ["late", "early"]
    for item in items:
        assert item["described"] is True
        assert item["size_bytes"] == 1000
        (platform,) = item["platforms"]
        assert (platform["os"], platform["architecture"]) == ("linux", "amd64")
        assert platform["layers"] == 2
    assert catalogue.repository("web/app")["size_bytes"] == 2000
    tag = catalogue.gets("/api/v1/tags")[0]
    assert tag["image_id"] == digest_of("config of early").removeprefix("sha256:")
    assert tag["size"] == 1000


def test_an_undescribed_image_is_shown_as_being_read(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace(), pushed("web/app:1", "one", 1))
    (item,) = catalogue.images("web/app")["items"]
    assert item["described"] is False
    assert item["size_bytes"] is None
    assert item["platforms"] == []


def test_an_index_is_one_image_with_its_platforms(catalogue: Catalogue) -> None:
    children = (
        sync.Child(digest=digest_of("arm"), media_type="m", os="linux", architecture="arm64"),
        sync.Child(digest=digest_of("amd"), media_type="m", os="linux", architecture="amd64"),
        sync.Child(digest=digest_of("att"), media_type="m", os="unknown", architecture="unknown"),
    )
    index = described(
        "web/app",
        "both",
        media_type=INDEX,
        size_bytes=None,
        config=None,
        layers=(),
        children=children,
    )
    catalogue.hears(
        *(team(), namespace()),
        *(pushed("web/app", "arm", 1), pushed("web/app", "amd", 2), pushed("web/app", "att", 3)),
        pushed("web/app:multi", "both", 4, media_type=INDEX),
        *(index, described("web/app", "amd", size_bytes=700)),
    )

    page = catalogue.images("web/app")
    assert (page["total"], page["untagged"]) == (1, 0)
    (item,) = page["items"]
    assert item["media_type"] == INDEX
    assert item["size_bytes"] == 700
    assert [p["architecture"] for p in item["platforms"]] == ["arm64", "amd64"]
    assert [p["size_bytes"] for p in item["platforms"]] == [None, 700]


def test_signatures_are_folded_into_what_they_sign(catalogue: Catalogue) -> None:
    signature_tag = digest_of("one").replace(":", "-") + ".sig"
    catalogue.hears(
        *(team(), namespace(), pushed("web/app:1", "one", 1), described("web/app", "one")),
        *(pushed(f"web/app:{signature_tag}", "signature", 2), pushed("web/app", "sbom", 3)),
        described("web/app", "sbom", subject=digest_of("one"), artifact_type="spdx"),
    )

    repository = catalogue.repository("web/app")
    assert (repository["tags_count"], repository["untagged_count"]) == (1, 0)
    assert catalogue.tags("web/app") == {"1": digest_of("one")}
    assert catalogue.images("web/app")["total"] == 1
    manifest = catalogue.gets(
        f"/api/v1/repositories/{repository['id']}/manifests/{digest_of('one')}"
    )
    assert manifest["raw"] == '{"schemaVersion": 2}'
    attached = {entry["digest"]: entry["tag"] for entry in manifest["attachments"]}
    assert attached == {digest_of("signature"): signature_tag, digest_of("sbom"): None}


def test_an_image_that_lost_its_tag_is_counted_but_not_listed(catalogue: Catalogue) -> None:
    catalogue.hears(
        team(), namespace(), pushed("web/app:1", "old", 1), pushed("web/app:1", "new", 2)
    )
    page = catalogue.images("web/app")
    assert [item["digest"] for item in page["items"]] == [digest_of("new")]
    assert page["untagged"] == 1
    untagged = catalogue.images("web/app", untagged="true")
    assert [item["digest"] for item in untagged["items"]] == [digest_of("old")]


def test_tags_differ_by_case(catalogue: Catalogue) -> None:
    catalogue.hears(
        team(), namespace(), pushed("web/app:tag", "one", 1), pushed("web/app:TAG", "two", 2)
    )
    assert catalogue.tags("web/app") == {"tag": digest_of("one"), "TAG": digest_of("two")}


def test_an_image_author_cannot_stop_the_queue_with_nul(catalogue: Catalogue) -> None:
    event = described("web/app", "one", annotations={"evil\x00": "a\x00b"})
    catalogue.hears(team(), namespace(), pushed("web/app:1", "one", 1), event)
    assert catalogue.images("web/app")["items"][0]["described"] is True


def test_pulls_are_added_up(catalogue: Catalogue) -> None:
    pulls = sync.PullsCounted(
        registry="default",
        repository="web/app",
        digest=digest_of("one"),
        count=3,
        window_start=pushed("x:1", "", 5).occurred_at,
        window_end=pushed("x:1", "", 9).occurred_at,
        tag="1",
    )
    catalogue.hears(team(), namespace(), pushed("web/app:1", "one", 1), pulls, pulls)
    (tag,) = catalogue.gets("/api/v1/tags")
    assert (tag["pulls_count"], tag["pulled_at"]) == (6, "2026-11-01T12:00:09+00:00")
    assert catalogue.repository("web/app")["pulls_count"] == 6
