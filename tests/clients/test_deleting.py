"""Deleting in the registry: of the clients only skopeo can. It asks for `*`."""

from collections.abc import Callable
from functools import partial

import pytest
from tests.clients.site import Site, assert_refused, at
from tests.clients.words import DELETE_DENIED

from portus_shared.testing.image_clients import ImageClient
from portus_shared.testing.image_stores import SkopeoClient

SignIn = Callable[[str], ImageClient]
Publish = Callable[..., str]


@at("skopeo")
def test_an_owner_deletes_an_image(
    client: str, site: Site, signed_in: SignIn, publish: Publish
) -> None:
    repository = publish("private")
    site.soon_tagged(repository)
    owner = signed_in("owner")
    assert isinstance(owner, SkopeoClient)
    owner.delete(site.reference(repository)).required()
    gone = partial(site.is_gone, repository)
    site.product.soon(gone, "the image is gone from the catalogue")
    assert not owner.pull(site.reference(repository)).succeeded


@at("skopeo")
@pytest.mark.parametrize("role", ["contributor", "viewer", "stranger", "anonymous"])
def test_a_deletion_by_anybody_but_an_owner_is_denied(
    client: str, role: str, site: Site, signed_in: SignIn, publish: Publish
) -> None:
    repository = publish("private")
    site.soon_tagged(repository)
    person = signed_in(role)
    assert isinstance(person, SkopeoClient)
    reference = site.reference(repository)
    assert_refused(person.delete(reference), client, DELETE_DENIED, reference)
    assert site.soon_tagged(repository)
