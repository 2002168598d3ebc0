"""A real registry and a real client, with the realm between them."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from services.auth.tests.realm.client import password_of
from services.auth.tests.realm.world import ISSUER, SERVICE, SYNC_SECRET, World

from portus_auth.storage.tables import RefreshToken
from portus_shared.keys import CertificateAuthority
from portus_shared.testing.clients import Skopeo, SkopeoFailed
from portus_shared.testing.images import build_image
from portus_shared.testing.registry import Registry, TokenAuth
from portus_shared.testing.servers import serve

PEOPLE = ("anonymous", "eve", "vic", "carl", "olga", "ada")
#         stranger  viewer  contributor  owner  admin;  p: pull, w: push (write)
MATRIX = {
    "priv": ("",  "",  "p", "pw", "pw", "pw"),
    "prot": ("",  "p", "p", "pw", "pw", "pw"),
    "pub":  ("p", "p", "p", "pw", "pw", "pw"),
}  # fmt: skip


@pytest.fixture
def guarded(
    shared_world: World, ca: CertificateAuthority, registry: Callable[..., Registry], tmp_path: Path
) -> Iterator[Registry]:
    """A registry that believes the realm's tokens and nothing else."""
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(ca.pem)
    with serve(shared_world.application) as url:
        yield registry(
            auth=TokenAuth(
                realm=f"{url}/v2/token", service=SERVICE, issuer=ISSUER, root_cert_bundle=bundle
            )
        )


@dataclass
class Session:
    """Registry requests with a token for one scope."""

    registry: Registry
    world: World

    def status(self, method: str, path: str, scope: str, basic: tuple[str, str]) -> int:
        token = self.world.ask(scope, basic=basic).json["token"]
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.registry.url}{path}"
        return requests.request(method, url, headers=headers, timeout=5).status_code


def test_registry_accepts_what_the_realm_signs(guarded: Registry, shared_world: World) -> None:
    session = Session(guarded, shared_world)
    olga, sync = ("olga", password_of("olga")), ("_sync", SYNC_SECRET)
    pull, push = "repository:priv/app:pull", "repository:priv/app:pull,push"
    assert session.status("GET", "/v2/", "", olga) == 200
    assert session.status("POST", "/v2/priv/app/blobs/uploads/", push, olga) == 202
    assert session.status("POST", "/v2/priv/app/blobs/uploads/", pull, olga) == 401
    assert session.status("POST", "/v2/pub/app/blobs/uploads/", push, olga) == 401
    assert session.status("GET", "/v2/_catalog", "registry:catalog:*", sync) == 200
    assert session.status("GET", "/v2/_catalog", "registry:catalog:*", olga) == 401


def test_registry_sends_clients_to_the_realm(guarded: Registry) -> None:
    challenge = requests.get(f"{guarded.url}/v2/", timeout=5).headers["WWW-Authenticate"]
    assert urlsplit(challenge.split('realm="')[1].split('"')[0]).path == "/v2/token"


def test_matrix_holds_for_skopeo(guarded: Registry, skopeo: Skopeo, tmp_path: Path) -> None:
    image = build_image(tmp_path / "image")
    for namespace in MATRIX:
        skopeo.push(image, f"{guarded.host}/{namespace}/app:1", _credentials("ada"))

    def may(act: Callable[..., object], *arguments: object) -> bool:
        try:
            act(*arguments)
        except SkopeoFailed as refusal:
            if not any(word in str(refusal) for word in ("denied", "unauthorized")):
                raise
            return False
        return True

    def letters(namespace: str, person: str) -> str:
        app, new = (f"{guarded.host}/{namespace}/{name}:1" for name in ("app", f"by-{person}"))
        pulls = may(skopeo.inspect, app, _credentials(person))
        pushes = may(skopeo.push, image, new, _credentials(person))
        return "p" * pulls + "w" * pushes

    got = {name: tuple(letters(name, person) for person in PEOPLE) for name in MATRIX}
    assert got == MATRIX


def test_owner_deletes_with_skopeo(guarded: Registry, skopeo: Skopeo, tmp_path: Path) -> None:
    reference = f"{guarded.host}/priv/app:1"
    skopeo.push(build_image(tmp_path / "image"), reference, _credentials("carl"))
    with pytest.raises(SkopeoFailed):
        skopeo.delete(reference, _credentials("carl"))
    skopeo.delete(reference, _credentials("olga"))
    with pytest.raises(SkopeoFailed):
        skopeo.inspect(reference, _credentials("olga"))


def test_skopeo_works_with_an_identity_token(
    guarded: Registry, skopeo: Skopeo, shared_world: World, tmp_path: Path
) -> None:
    """The auth file is what `docker login` leaves behind: an empty password and the token."""
    olga = ("olga", password_of("olga"))
    token = shared_world.ask(basic=olga, offline_token="true").json["refresh_token"]
    entry = {"auth": base64.b64encode(b"olga:").decode(), "identitytoken": token}
    file = tmp_path / "auth.json"
    file.write_text(json.dumps({"auths": {guarded.host: entry}}))
    auth = f"--authfile={file}"
    image, target = build_image(tmp_path / "image"), f"docker://{guarded.host}/priv/kept:1"
    skopeo.run("copy", "--dest-tls-verify=false", auth, image.source, target)
    inspected = skopeo.run("inspect", "--tls-verify=false", auth, "--raw", target)
    assert json.loads(inspected)["schemaVersion"] == 2
    skopeo.run("delete", "--tls-verify=false", auth, target)
    shared_world.update(RefreshToken, RefreshToken.id > 0, deleted=True)
    shared_world.facts.changed()
    with pytest.raises(SkopeoFailed, match="This login has ended"):
        skopeo.run("inspect", "--tls-verify=false", auth, "--raw", target)


def _credentials(person: str) -> str | None:
    return None if person == "anonymous" else f"{person}:{password_of(person)}"
