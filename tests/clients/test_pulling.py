"""Pulling by each client: who may, who may not, and images for several platforms."""

from collections.abc import Callable

import pytest
from tests.clients.site import CLIENTS, Site, assert_refused, at
from tests.clients.words import PULL_DENIED

from portus_shared.testing.image_clients import ImageClient

SignIn = Callable[[str], ImageClient]
Publish = Callable[..., str]


@at(*CLIENTS)
def test_anybody_pulls_a_public_image(
    client: str, site: Site, nobody: ImageClient, publish: Publish
) -> None:
    reference = site.reference(publish("public"))
    assert not nobody.has(reference)
    nobody.pull(reference).required()
    assert nobody.has(reference)


@at(*CLIENTS)
def test_a_viewer_pulls_a_private_image(
    client: str, site: Site, signed_in: SignIn, publish: Publish
) -> None:
    reference = site.reference(publish("private"))
    viewer = signed_in("viewer")
    viewer.pull(reference).required()
    assert viewer.has(reference)


@at(*CLIENTS)
@pytest.mark.parametrize("role", ["anonymous", "stranger"])
def test_a_private_image_is_denied_to_nobody_and_to_a_stranger(
    client: str, role: str, site: Site, signed_in: SignIn, publish: Publish
) -> None:
    reference = site.reference(publish("private"))
    person = signed_in(role)
    assert_refused(person.pull(reference), client, PULL_DENIED, reference)
    assert not person.has(reference)


@at(*CLIENTS)
def test_an_image_that_does_not_exist_is_denied_in_the_same_words(
    client: str, site: Site, signed_in: SignIn
) -> None:
    reference = site.reference("private/absent")
    assert_refused(signed_in("stranger").pull(reference), client, PULL_DENIED, reference)


@at(*CLIENTS)
def test_an_image_for_several_platforms_is_pulled(
    client: str, site: Site, signed_in: SignIn, publish: Publish
) -> None:
    reference = site.reference(publish("private", platforms=True))
    viewer = signed_in("viewer")
    viewer.pull(reference).required()
    assert viewer.has(reference)
