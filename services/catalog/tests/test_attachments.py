"""Signatures and the like belong to their image: they are shown with it, and are no images."""

from typing import Any

import pytest
from services.catalog.tests.catalogue import Catalogue
from services.catalog.tests.events import (
    INDEX,
    MANIFEST,
    deleted,
    described,
    digest_of,
    namespace,
    pushed,
    team,
)
from sqlalchemy import text

from portus_catalog.app import MIGRATIONS
from portus_catalog.storage.attachments import SHOWN
from portus_shared import migrations
from portus_shared.contracts import sync
from portus_shared.contracts.catalog import DeletionRequested
from portus_shared.contracts.event import Event

COSIGN = "application/vnd.dev.cosign.simplesigning.v1+json"


def tag_for(content: str, suffix: str = ".sig") -> str:
    return digest_of(content).replace(":", "-") + suffix


def signature(content: str) -> Event:
    layer = sync.Layer(digest=digest_of("layer"), media_type=COSIGN, size_bytes=3)
    return described("web/app", content, layers=(layer,))


def sbom(content: str, of: str) -> Event:
    spdx = "application/spdx+json"
    return described(
        "web/app", content, subject=digest_of(of), artifact_type=spdx, config=None, size_bytes=9
    )


def manifest(catalogue: Catalogue, content: str) -> Any:
    number = catalogue.repository("web/app")["id"]
    return catalogue.gets(f"/api/v1/repositories/{number}/manifests/{digest_of(content)}")


@pytest.fixture
def site(catalogue: Catalogue) -> Catalogue:
    """A repository with one image."""
    catalogue.hears(team(), namespace(), pushed("web/app:1", "one", 1), described("web/app", "one"))
    return catalogue


def test_an_image_names_what_is_attached_to_it(site: Catalogue) -> None:
    site.hears(pushed(f"web/app:{tag_for('one')}", "sig", 2, by="olga"), signature("sig"))
    site.hears(pushed("web/app", "bom", 3), sbom("bom", "one"))
    (item,) = site.images("web/app")["items"]
    shown = [
        (a["kind"], a["through"], a["tag"], a["size_bytes"], a["pushed_by"])
        for a in item["attachments"]
    ]
    assert shown == [
        ("signature-cosign", "tag", tag_for("one"), 1000, "olga"),
        ("sbom-spdx", "subject", None, 9, "carl"),
    ]
    assert {a["to"] for a in item["attachments"]} == {digest_of("one")}
    assert manifest(site, "one")["attachments"] == item["attachments"]
    assert manifest(site, "sig")["belongs_to"] == [digest_of("one")]
    assert manifest(site, "bom")["belongs_to"] == [digest_of("one")]
    assert manifest(site, "one")["belongs_to"] == []


def test_an_index_names_what_is_attached_to_its_platforms_too(site: Catalogue) -> None:
    children = (
        sync.Child(digest=digest_of("amd"), media_type=MANIFEST, os="linux", architecture="amd64"),
        sync.Child(
            digest=digest_of("att"), media_type=MANIFEST, os="unknown", architecture="unknown"
        ),
    )
    site.hears(pushed("web/app", "amd", 2), pushed("web/app", "att", 3))
    site.hears(pushed("web/app:multi", "both", 4, media_type=INDEX), pushed("web/app", "bom", 5))
    index = {"media_type": INDEX, "config": None, "layers": (), "children": children}
    in_toto = sync.Layer(
        digest=digest_of("l"), media_type="application/vnd.in-toto+json", size_bytes=1
    )
    site.hears(
        described("web/app", "both", **index), described("web/app", "att", layers=(in_toto,))
    )
    site.hears(described("web/app", "amd"), sbom("bom", "amd"))
    both = site.images("web/app")["items"][0]
    shown = [(a["kind"], a["through"], a["to"]) for a in both["attachments"]]
    assert shown == [
        ("attestation", "index", digest_of("both")),
        ("sbom-spdx", "subject", digest_of("amd")),
    ]
    assert manifest(site, "amd")["belongs_to"] == [digest_of("both")]
    assert site.images("web/app")["untagged"] == 0


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 1, 0)])
def test_a_signature_that_was_replaced_is_no_image_without_a_tag(
    site: Catalogue, order: tuple[int, ...]
) -> None:
    facts = [
        pushed(f"web/app:{tag_for('one')}", "sig", 2),
        pushed(f"web/app:{tag_for('one')}", "sig again", 3),
        signature("sig"),
    ]
    site.hears(*(facts[place] for place in order))
    page = site.images("web/app")
    assert (page["total"], page["untagged"]) == (1, 0)
    assert site.images("web/app", untagged="true")["items"] == []
    assert site.repository("web/app")["untagged_count"] == 0
    (attached,) = manifest(site, "one")["attachments"]
    assert attached["digest"] == digest_of("sig again")


def test_what_was_attached_once_goes_with_its_image(site: Catalogue) -> None:
    site.hears(pushed(f"web/app:{tag_for('one')}", "sig", 2), signature("sig"))
    site.hears(pushed(f"web/app:{tag_for('one')}", "sig again", 3), signature("sig again"))
    number = site.repository("web/app")["id"]
    path = f"/api/v1/repositories/{number}/manifests/{digest_of('one')}"
    assert site.asks(path, "olga", method="DELETE").status_code == 204
    (asked,) = site.published(DeletionRequested)
    site.hears(deleted("web/app", 9, content="one"))
    site.hears(sync.DeletionFinished(request_id=asked.request_id, outcome="done"))
    parts = {request.digest for request in site.published(DeletionRequested)[1:]}
    assert parts == {digest_of("sig"), digest_of("sig again")}


def test_of_very_many_attachments_the_newest_are_shown(site: Catalogue) -> None:
    many = [f"bom {number}" for number in range(SHOWN + 5)]
    site.hears(*(pushed("web/app", each, at) for at, each in enumerate(many, 2)))
    site.hears(*(sbom(each, "one") for each in many))
    (item,) = site.images("web/app")["items"]
    shown = [attachment["digest"] for attachment in item["attachments"]]
    assert shown == [digest_of(each) for each in many[5:]]


def test_a_folded_tag_is_found_by_its_name_and_listed_nowhere(site: Catalogue) -> None:
    site.hears(pushed(f"web/app:{tag_for('one')}", "sig", 2), signature("sig"))
    number = site.repository("web/app")["id"]
    tags = f"/api/v1/repositories/{number}/tags"
    assert [tag["name"] for tag in site.gets(tags)] == ["1"]
    (found,) = site.gets(tags, name=tag_for("one"))
    assert found["digest"] == digest_of("sig")


def test_an_update_finds_what_older_releases_took_for_images(site: Catalogue) -> None:
    for at, content in ((2, "sig"), (3, "sig again")):
        site.hears(pushed(f"web/app:{tag_for('one')}", content, at), signature(content))
    migrations.downgrade(site.database, MIGRATIONS, "0005")
    with site.database.write() as session:
        session.execute(
            text("UPDATE images SET standing = 'untagged' WHERE digest = :digest"),
            {"digest": digest_of("sig")},
        )
        session.execute(text("UPDATE repositories SET untagged_count = 1"))
    migrations.migrate(site.database, MIGRATIONS)
    assert site.images("web/app")["untagged"] == 0
    assert site.images("web/app", untagged="true")["items"] == []
