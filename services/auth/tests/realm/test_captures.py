"""Every token request that real clients were seen to send, sent again.

The files hold the requests of docker 20.10/28, containerd 1.6, skopeo 1.9, podman 4.3 and
buildah 1.28. In their world alice may do everything in the namespaces they use, bob may pull.
"""

from pathlib import Path
from urllib.parse import parse_qs

import pytest
from services.auth.tests.realm.client import Reply
from services.auth.tests.realm.world import World, hash_of

from portus_auth.domain.roles import Role, Visibility
from portus_auth.domain.scopes import parse
from portus_auth.storage.tables import Registry

FILES = sorted((Path(__file__).parent / "captures").glob("*.http"))
PASSWORDS = {"alice": "secret", "bob": "builder", "carol": "s3:cr et/ü"}
WRONG = {"containerd-ctr-pull-bad-password", "docker-login-badpw", "skopeo-login-bad"}


@pytest.fixture(scope="module")
def captured_world(shared_world: World) -> World:
    """The people and namespaces of the captures."""
    shared_world.client.use_service("svc1")
    shared_world.update(Registry, Registry.id == 1, external_host="svc1")
    people = {
        name: shared_world.add_user(
            name, password_hash=hash_of(shared_world.secrets.passwords, password)
        )
        for name, password in PASSWORDS.items()
    }
    for name in ("team", "ctr", "del", "mnt", "other", "pod", "sk", "plug", "idt"):
        namespace = shared_world.add_namespace(name, Visibility.PRIVATE)
        shared_world.join(namespace, people["alice"], Role.OWNER)
        shared_world.join(namespace, people["bob"], Role.VIEWER)
    shared_world.facts.changed()
    return shared_world


@pytest.fixture(scope="module")
def refresh_token(captured_world: World) -> str:
    """What `docker login` was answered with, as it came after the captured one's `RT-alice`."""
    reply = captured_world.ask(basic=("alice", "secret"), offline_token="true", client_id="docker")
    secret: str = reply.json["refresh_token"]
    return secret


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_captured_requests_are_answered(
    captured_world: World, refresh_token: str, file: Path
) -> None:
    for request in file.read_text().split("\n###\n"):
        head, _, body = request.strip().partition("\n\n")
        start, *lines = head.splitlines()
        headers = dict(line.split(": ", 1) for line in lines)
        method, target = start.split()
        asked = body.replace("RT-alice", refresh_token) or target.partition("?")[2]
        reply = captured_world.client.request(
            "" if body else asked,
            method=method,
            authorization=headers.get("Authorization"),
            body=asked.encode() if body else b"",
        )
        if file.stem in WRONG:
            assert reply.status == 401
        elif method == "POST":
            _check_post(reply, asked)
        else:
            _check_grant(reply, headers, asked)
            assert ("refresh_token" in reply.json) == ("offline_token=true" in asked)


def _check_post(reply: Reply, form: str) -> None:
    """All captured forms are alice's."""
    asked = parse(parse_qs(form)["scope"])
    assert reply.status == 200
    assert set(reply.json) == {"access_token", "token", "expires_in", "scope"}
    assert type(reply.json["expires_in"]) is int
    assert reply.claims["sub"] == "alice"
    assert reply.access == {
        name: {"pull"} if name.startswith("pub/") else set(actions)
        for name, actions in asked.repositories.items()
    }
    assert parse([reply.json["scope"]]).repositories == reply.access


def _check_grant(reply: Reply, headers: dict[str, str], query: str) -> None:
    asked = parse(parse_qs(query).get("scope", []))
    assert reply.status == 200
    if "account=alice" in query:
        assert reply.claims["sub"] == "alice"
        assert {n: a for n, a in reply.access.items() if n != "catalog"} == {
            name: set(actions) for name, actions in asked.repositories.items() if "pub/" not in name
        } | {name: {"pull"} for name in asked.repositories if "pub/" in name}
    elif "account=bob" in query:
        assert reply.access == {name: {"pull"} for name in asked.repositories}
    elif "Authorization" not in headers:
        assert reply.claims["sub"] == ""
        assert reply.access == {n: {"pull"} for n in asked.repositories if n.startswith("pub/")}
