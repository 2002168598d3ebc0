"""Pushing by each client, and what the catalogue then shows."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.clients.site import CLIENTS, Site, assert_refused, at
from tests.clients.words import PUSH_DENIED

from portus_shared.testing.image_clients import PLATFORMS, ImageClient

SignIn = Callable[[str], ImageClient]
Publish = Callable[..., str]


def is_described_throughout(image: dict[str, Any]) -> bool:
    return image["described"] and all(each["size_bytes"] for each in image["platforms"])


@at(*CLIENTS)
def test_a_push_is_in_the_catalogue_with_its_size_and_who_pushed_it(
    client: str, site: Site, signed_in: SignIn
) -> None:
    reference = site.reference(f"private/{client}")
    contributor = signed_in("contributor")
    contributor.build(reference, f"{client} {site.registry}")
    contributor.push(reference).required()
    image = site.soon_tagged(f"private/{client}")
    assert image["pushed_by"] == image["tags"][0]["pushed_by"] == "contributor"
    assert image["size_bytes"]
    assert [(each["os"], each["architecture"]) for each in image["platforms"]] == [
        ("linux", "amd64")
    ]


@at(*CLIENTS)
@pytest.mark.parametrize("role", ["viewer", "stranger", "anonymous"])
def test_a_push_by_a_viewer_a_stranger_or_nobody_is_denied(
    client: str, role: str, site: Site, signed_in: SignIn
) -> None:
    repository = f"protected/{client}-{role}"
    reference = site.reference(repository)
    person = signed_in(role)
    person.build(reference, f"{client} {role} {site.registry}")
    assert_refused(person.push(reference), client, PUSH_DENIED, reference)
    assert site.product.repository(repository) is None


@at(*CLIENTS)
def test_an_image_for_several_platforms_is_one_image_in_the_catalogue(
    client: str, site: Site, signed_in: SignIn
) -> None:
    repository = f"private/{client}-platforms"
    reference = site.reference(repository)
    contributor = signed_in("contributor")
    contributor.build_index(reference, f"{client} {site.registry}")
    contributor.push_index(reference).required()
    image = site.soon_tagged(repository, when=is_described_throughout)
    assert image["pushed_by"] == "contributor"
    shown = {(each["os"], each["architecture"]) for each in image["platforms"]}
    assert shown == {(each.os, each.architecture) for each in PLATFORMS}


@at(*CLIENTS)
def test_a_layer_that_another_repository_has_is_mounted_not_sent(
    client: str, site: Site, signed_in: SignIn, publish: Publish
) -> None:
    source = publish("private")
    repository = f"private/{client}-mounted"
    contributor = signed_in("contributor")
    contributor.pull(site.reference(source)).required()
    contributor.tag(site.reference(source), site.reference(repository))
    contributor.push(site.reference(repository)).required()
    assert site.mounts(source, repository), site.registry_log()[-3000:]
    assert site.soon_tagged(repository)["pushed_by"] == "contributor"


@at("docker", "podman", "buildah")
def test_a_layer_that_one_may_not_read_elsewhere_is_sent(
    client: str, site: Site, signed_in: SignIn, publish: Publish
) -> None:
    source = publish("root", role="admin")
    repository = f"private/{client}-sent"
    admin, contributor = signed_in("admin"), signed_in("contributor")
    admin.pull(site.reference(source)).required()
    contributor.tag(site.reference(source), site.reference(repository))
    contributor.push(site.reference(repository)).required()
    assert not site.mounts(source, repository)
    assert site.soon_tagged(repository)["pushed_by"] == "contributor"


@at("ctr")
def test_containerd_gives_up_at_a_layer_that_one_may_not_read_elsewhere(
    client: str, site: Site, signed_in: SignIn, publish: Publish
) -> None:
    source = publish("root", role="admin")
    reference = site.reference(f"private/{client}-not-sent")
    admin, contributor = signed_in("admin"), signed_in("contributor")
    admin.pull(site.reference(source)).required()
    contributor.tag(site.reference(source), reference)
    assert_refused(contributor.push(reference), client, PUSH_DENIED, reference)
