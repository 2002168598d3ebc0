"""Signing in at the registry by each client that can."""

import json
from base64 import b64decode
from collections.abc import Callable

from tests.clients.site import Site, assert_refused, at
from tests.clients.words import WRONG_PASSWORD

from portus_shared.testing.image_clients import ImageClient


@at("docker", "podman", "buildah", "skopeo")
def test_a_person_signs_in(client: str, site: Site, nobody: ImageClient) -> None:
    credentials = site.people.credentials("viewer")
    assert credentials
    outcome = nobody.login(site.host, credentials)
    assert "Login Succeeded" in outcome.required()


@at("docker", "podman", "buildah", "skopeo", "ctr")
def test_a_wrong_password_is_refused(
    client: str, site: Site, nobody: ImageClient, publish: Callable[..., str]
) -> None:
    reference = site.reference(publish("public"))
    outcome = nobody.login(site.host, "viewer:wrong")
    if client == "ctr":
        # It has no login; and whoever gives a wrong password is not taken for anonymous.
        outcome = nobody.pull(reference)
    assert_refused(outcome, client, WRONG_PASSWORD, reference)


@at("docker", "podman", "buildah", "skopeo", "ctr")
def test_an_application_token_is_a_password(
    client: str, site: Site, nobody: ImageClient, publish: Callable[..., str]
) -> None:
    reference = site.reference(publish("private"))
    viewer = site.people.by_role["viewer"]
    assert viewer
    nobody.login(site.host, f"{viewer.name}:{viewer.token}").required()
    nobody.pull(reference).required()
    assert nobody.has(reference)


@at("docker")
def test_a_token_is_kept_instead_of_the_password(
    client: str, site: Site, signed_in: Callable[[str], ImageClient], publish: Callable[..., str]
) -> None:
    viewer = signed_in("viewer")
    kept = json.loads((viewer.home / "config.json").read_text())["auths"][site.host]
    assert kept["identitytoken"]
    assert b64decode(kept["auth"]) == b"viewer:"
    viewer.pull(site.reference(publish("private"))).required()
