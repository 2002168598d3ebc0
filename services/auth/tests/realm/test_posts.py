"""The OAuth 2 forms of the realm: how they are read, and what is said about bad ones."""

from collections.abc import Callable
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest
from services.auth.tests.realm.client import Reply, password_of
from services.auth.tests.realm.world import SERVICE, World

from portus_shared.testing.servers import serve

PULL = "repository:priv/app:pull"
PASSWORD = {"grant_type": "password", "username": "carl", "password": password_of("carl")}


def test_password_grant_is_answered_as_containerd_needs_it(world: World) -> None:
    reply = world.client.post(PULL, "repository(plugin):priv/app:push", **PASSWORD)
    assert set(reply.json) == {"token", "access_token", "expires_in", "scope"}
    assert reply.json["token"] == reply.json["access_token"]
    assert type(reply.json["expires_in"]) is int
    assert reply.json["scope"] == "repository:priv/app:pull,push"
    assert reply.claims["sub"] == "carl"


def test_password_grant_takes_an_application_token(world: World) -> None:
    token = world.give_token(world.set_user("carl"))
    world.facts.changed()
    assert world.client.post(**PASSWORD | {"password": token}).claims["sub"] == "carl"


def test_scope_says_what_was_granted_and_not_what_was_asked(world: World) -> None:
    reply = world.client.post("repository:priv/app:*", "repository:olga/x:pull", **PASSWORD)
    assert reply.json["scope"] == "repository:priv/app:pull,push"
    assert world.client.post(**PASSWORD).json["scope"] == ""


def test_wrong_password_is_401_so_that_containerd_falls_back(world: World) -> None:
    reply = world.client.post(**PASSWORD | {"password": "wrong"})
    assert reply.status == 401
    assert reply.json["errors"][0]["code"] == "UNAUTHORIZED"


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"grant_type": "client_credentials"},
        {"grant_type": "password", "password": "x"},
        PASSWORD | {"service": "elsewhere"},
    ],
)
def test_form_that_asks_for_nothing_known_is_400(world: World, form: dict[str, str]) -> None:
    reply = world.client.post(**form)
    assert reply.status == 400
    assert [error["code"] for error in reply.json["errors"]] == ["UNSUPPORTED"]


def _too_long(world: World) -> Reply:
    return world.client.post(*["repository:a/b:pull"] * 4000, **PASSWORD)


def _too_many(world: World) -> Reply:
    return world.client.request("", method="POST", body=b"&".join([b"a=b"] * 3000))


@pytest.mark.parametrize("ask", [_too_long, _too_many])
def test_form_beyond_reading_is_400(world: World, ask: Callable[[World], Reply]) -> None:
    reply = ask(world)
    assert reply.status == 400
    assert reply.json["errors"][0]["code"] == "UNSUPPORTED"


def test_credentials_in_the_query_of_a_post_do_not_count(world: World) -> None:
    reply = world.client.request(urlencode(PASSWORD | {"service": SERVICE}), method="POST")
    assert reply.status == 400


def test_form_in_chunks_is_read_as_skopeo_sends_it(world: World) -> None:
    form = urlencode(PASSWORD | {"service": SERVICE}).encode()
    with serve(world.application) as url:
        connection = HTTPConnection(urlsplit(url).netloc, timeout=5)
        connection.request(
            "POST",
            "/v2/token",
            body=iter([form[:9], form[9:]]),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            encode_chunked=True,
        )
        assert connection.getresponse().status == 200
        connection.close()
