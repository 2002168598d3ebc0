"""What the realm answers, field by field, as clients need it."""

import logging
import time

import pytest
from services.auth.tests.realm.client import basic_header, password_of
from services.auth.tests.realm.world import SERVICE, SYNC_SECRET, World
from sqlalchemy import text

from portus_auth.storage.tables import Registry

PULL_PRIVATE = "repository:priv/app:pull"
PUSH = "repository:priv/app:push,pull"


def test_answer_has_both_names_of_the_token_and_whole_seconds(world: World) -> None:
    reply = world.ask_as("olga", PULL_PRIVATE)
    assert set(reply.json) == {"token", "access_token", "expires_in"}
    assert reply.json["token"] == reply.json["access_token"]
    assert type(reply.json["expires_in"]) is int
    assert reply.header("Content-Type") == "application/json"
    assert reply.header("Cache-Control") == "no-store"


def test_claims_are_what_every_registry_accepts(world: World) -> None:
    claims = world.ask_as("olga", PUSH).claims
    now = time.time()
    assert claims["aud"] == SERVICE
    assert claims["iss"] == "portus-auth"
    assert claims["sub"] == "olga"
    assert all(type(claims[name]) is int for name in ("exp", "nbf", "iat"))
    assert now - 60 < claims["nbf"] < now - 20
    assert claims["access"] == [
        {"type": "repository", "name": "priv/app", "actions": ["pull", "push"]}
    ]
    assert claims["jti"] != world.ask_as("olga", PUSH).claims["jti"]


@pytest.mark.parametrize(
    ("scope", "lifetime_s"),
    [
        (PULL_PRIVATE, 300),
        (PUSH, 3600),
        ("repository:priv/app:delete", 3600),
        ("repository:priv/app:*", 3600),
    ],
)
def test_life_of_a_token_depends_on_what_it_grants(
    world: World, scope: str, lifetime_s: int
) -> None:
    reply = world.ask_as("olga", scope)
    assert reply.json["expires_in"] == lifetime_s
    assert abs(reply.claims["exp"] - time.time() - lifetime_s) < 5
    assert world.ask_as("vic", scope).json["expires_in"] == 300


def test_sign_in_without_scope_gets_an_empty_token(world: World) -> None:
    reply = world.ask(
        basic=("olga", password_of("olga")), account="olga", client_id="docker", offline_token="1"
    )
    assert reply.status == 200
    assert reply.claims["access"] == []
    assert "refresh_token" not in reply.json


def test_anonymous_token_names_nobody(world: World) -> None:
    assert world.ask("repository:pub/app:pull").claims["sub"] == ""


def test_one_refused_scope_does_not_harm_the_others(world: World) -> None:
    reply = world.ask_as("carl", "repository:olga/x:pull bad::", PUSH, "repository:pub/a:fly,pull")
    assert reply.access == {"priv/app": {"pull", "push"}, "pub/a": {"pull"}}


def test_unknown_service_is_refused_naming_the_known_ones(world: World) -> None:
    reply = world.ask(service="elsewhere")
    assert reply.status == 400
    (error,) = reply.json["errors"]
    assert error["code"] == "UNSUPPORTED"
    assert SERVICE in error["message"]
    assert "elsewhere" in error["message"]


def test_missing_service_means_the_only_registry(world: World) -> None:
    assert world.ask(service="").claims["aud"] == SERVICE


def test_missing_service_is_refused_where_there_are_two(world: World) -> None:
    world.add(Registry(name="second", url="http://second", external_host="second.test"))
    reply = world.ask(service="")
    assert reply.status == 400
    assert "second.test" in reply.json["errors"][0]["message"]


def test_two_registries_have_namespaces_of_their_own(world: World) -> None:
    world.add(Registry(name="second", url="http://second", external_host="second.test"))
    world.client.use_service("second.test")
    assert world.ask("repository:pub/app:pull", service="second.test").access == {}


def test_no_registry_yet_is_said(empty_world: World) -> None:
    reply = empty_world.ask()
    assert reply.status == 400
    assert "none yet" in reply.json["errors"][0]["message"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_405_in_the_registrys_json(world: World, method: str) -> None:
    reply = world.client.request(f"service={SERVICE}", method=method, body=b"grant_type=password")
    assert reply.status == 405
    assert reply.header("Allow") == "GET, HEAD, POST"
    assert [error["code"] for error in reply.json["errors"]] == ["UNSUPPORTED"]


def test_head_is_get_without_the_body(world: World) -> None:
    head = world.client.request(f"service={SERVICE}", method="HEAD")
    assert head.status == 200
    assert head.body == b""
    assert int(head.header("Content-Length") or 0) > 100


def test_query_beyond_reading_is_refused(world: World) -> None:
    reply = world.client.request(f"service={SERVICE}&scope=" + "a" * 65536)
    assert reply.status == 400
    assert reply.json["errors"][0]["code"] == "UNSUPPORTED"


def test_sync_may_list_everything_and_tidy_up(world: World) -> None:
    scopes = ("registry:catalog:*", "repository:priv/app:*", "repository:nobody/app:*")
    reply = world.ask(*scopes, basic=("_sync", SYNC_SECRET))
    assert reply.claims["sub"] == "_sync"
    assert reply.access == {
        "catalog": {"*"},
        "priv/app": {"pull", "push", "delete"},
        "nobody/app": {"pull", "delete"},
    }


def test_answers_say_which_request_they_are_to(world: World) -> None:
    assert world.ask().header("X-Request-ID")


def test_log_has_one_line_without_credentials(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "portus_auth.realm"):
        world.ask_as("carl", PUSH, "repository:olga/x:pull")
        world.ask(basic=("hunter2", "hunter2"))
    granted, refused = (record.__dict__ for record in caplog.records)
    assert granted["user"] == "carl"
    assert granted["registry"] == SERVICE
    assert granted["asked"] == ["priv/app:pull,push", "olga/x:pull"]
    assert granted["granted"] == ["priv/app:pull,push"]
    assert granted["duration_ms"] > 0
    assert refused["user"] is None
    assert refused["status"] == 401
    written = str(granted) + str(refused)
    assert not any(word in written for word in ("hunter2", password_of("carl"), "Basic ", "eyJ"))


def test_broken_database_is_503_in_the_registrys_json(empty_world: World) -> None:
    with empty_world.database.write() as session:
        session.execute(text("DROP TABLE hybrid_clock"))
    reply = empty_world.ask()
    assert reply.status == 503
    assert reply.json["errors"][0]["message"]


def test_credentials_that_cannot_be_read_are_401(world: World) -> None:
    unreadable = ["Bearer x", "Basic", "Basic !!", "Basic YWJj", "Basic /////w==", "Digest a=b"]
    for header in [*unreadable, basic_header("", "x"), "Basic " + "YQ==" * 5000]:
        reply = world.client.request(f"service={SERVICE}", authorization=header)
        assert reply.status == 401, header
        assert reply.json["errors"][0]["code"] == "UNAUTHORIZED"
