"""Docker clients that stay signed in: who gets a refresh token, what it opens, when it ends."""

import re
from datetime import timedelta

import pytest
from services.auth.tests.realm.client import password_of
from services.auth.tests.realm.world import SYNC_SECRET, World, hash_of
from sqlalchemy import func, select

from portus_auth import realm
from portus_auth.domain.roles import Role
from portus_auth.storage.tables import (
    ApplicationToken,
    Namespace,
    RefreshToken,
    Registry,
    TeamMember,
)
from portus_auth.usecases import refresh_tokens
from portus_auth.usecases.refresh_tokens import NewLogin
from portus_shared.errors import Unauthenticated

PUSH = "repository:priv/app:pull,push"


def _rows(world: World) -> int:
    with world.database.read() as session:
        return session.scalar(select(func.count()).select_from(RefreshToken)) or 0


def test_docker_login_is_answered_with_a_refresh_token_that_works(world: World) -> None:
    token = world.client.log_in("carl")
    assert re.fullmatch(r"prt_[A-Za-z0-9_-]{43}", token)
    reply = world.client.use(token, PUSH)
    assert reply.claims["sub"] == "carl"
    assert reply.access == {"priv/app": {"pull", "push"}}
    assert reply.json["scope"] == PUSH
    assert set(reply.json) == {"token", "access_token", "expires_in", "scope"}


def test_password_grant_asks_for_one_by_access_type(world: World) -> None:
    form = {"grant_type": "password", "username": "carl", "password": password_of("carl")}
    assert "refresh_token" not in world.client.post(**form).json
    given = world.client.post(**form, access_type="offline").json["refresh_token"]
    assert world.client.use(given).status == 200


@pytest.mark.parametrize(
    "parameters", [{}, {"offline_token": "false"}, {"offline_token": "1"}, {"access_type": "x"}]
)
def test_who_does_not_ask_gets_none(world: World, parameters: dict[str, str]) -> None:
    reply = world.ask(basic=("carl", password_of("carl")), **parameters)
    assert "refresh_token" not in reply.json
    assert _rows(world) == 0


def test_neither_the_anonymous_nor_sync_get_one(world: World) -> None:
    assert "refresh_token" not in world.ask(offline_token="true").json
    sync = world.ask(basic=("_sync", SYNC_SECRET), offline_token="true")
    assert sync.status == 200
    assert "refresh_token" not in sync.json
    assert _rows(world) == 0


def test_head_begins_no_login(world: World) -> None:
    authorization = world.client.basic_of("carl")
    world.client.request("offline_token=true", method="HEAD", authorization=authorization)
    assert _rows(world) == 0


def test_it_is_used_again_and_again_and_never_exchanged_for_another(world: World) -> None:
    token = world.client.log_in("carl")
    for _ in range(3):
        assert "refresh_token" not in world.client.use(token, access_type="offline").json
    assert _rows(world) == 1


def test_its_rights_are_those_of_the_moment(world: World) -> None:
    token = world.client.log_in("carl")
    with world.database.read() as session:
        team = session.scalar(select(Namespace.team_id).where(Namespace.name == "priv"))
        members = select(TeamMember.id).where(TeamMember.team_id == team)
        carl = session.scalar(members.where(TeamMember.role == Role.CONTRIBUTOR))
    world.update(TeamMember, TeamMember.id == carl, role=Role.VIEWER)
    world.facts.changed()
    assert world.client.use(token, PUSH).access == {"priv/app": {"pull"}}


@pytest.mark.parametrize("change", [{"enabled": False}, {"deleted": True}])
def test_it_opens_nothing_without_its_account(world: World, change: dict[str, bool]) -> None:
    token = world.client.log_in("carl")
    world.set_user("carl", **change)
    world.facts.changed()
    assert world.client.use(token).status == 401


def test_it_ends_with_the_password_it_was_got_with(world: World) -> None:
    token = world.client.log_in("carl")
    world.set_user("carl", password_hash=hash_of(world.secrets.passwords, "another password"))
    world.facts.changed()
    reply = world.client.use(token)
    assert reply.status == 401
    assert reply.json["errors"][0]["message"] == "This login has ended, sign in again"


def test_it_ends_with_the_application_token_it_was_got_with(world: World) -> None:
    application_token = world.give_token(world.set_user("carl"))
    world.facts.changed()
    token = world.client.log_in("carl", application_token)
    world.set_user("carl", password_hash=hash_of(world.secrets.passwords, "another password"))
    world.facts.changed()
    assert world.client.use(token).status == 200
    hashed = world.secrets.hashes.of(application_token)
    world.update(ApplicationToken, ApplicationToken.token_hash == hashed, deleted=True)
    world.facts.changed()
    assert world.client.use(token).status == 401


def test_it_is_for_one_registry(world: World) -> None:
    token = world.client.log_in("carl")
    world.add(Registry(name="second", url="http://second", external_host="second.test"))
    world.facts.changed()
    assert world.client.use(token, service="second.test").status == 401


@pytest.mark.parametrize("token", ["", "prt_", "prt_" + "a" * 43, "RT-alice", "\x00ü"])
def test_what_was_never_given_opens_nothing(world: World, token: str) -> None:
    reply = world.client.use(token)
    assert reply.status == 401
    assert [error["code"] for error in reply.json["errors"]] == ["UNAUTHORIZED"]


def test_it_is_no_password(world: World) -> None:
    assert world.ask(basic=("carl", world.client.log_in("carl"))).status == 401


def test_none_are_given_where_the_settings_say_so(world: World) -> None:
    token = world.client.log_in("carl")
    logins = realm.Logins(world.database, world.facts, world.secrets.hashes, timedelta(0))
    client = world.realm_with(world.secrets.passwords, logins)
    reply = client.ask(basic=("carl", password_of("carl")), offline_token="true")
    assert reply.status == 200
    assert "refresh_token" not in reply.json
    assert client.post(grant_type="refresh_token", refresh_token=token).status == 401
    logins.close()


@pytest.mark.parametrize(
    ("password_hash", "token_hash"), [("former", None), (None, "gone"), (None, None)]
)
def test_credential_that_changed_meanwhile_begins_no_login(
    world: World, password_hash: str | None, token_hash: str | None
) -> None:
    new = NewLogin(
        user_id=world.set_user("carl").id,
        registry_id=1,
        password_hash=password_hash,
        application_token_hash=token_hash,
        client="docker",
        address="",
    )
    with world.database.write() as session, pytest.raises(Unauthenticated):
        refresh_tokens.begin_login(session, world.secrets.hashes, new, timedelta(days=1))
    assert _rows(world) == 0


def test_odd_words_of_a_client_are_stored_as_far_as_they_can_be(world: World) -> None:
    credentials = ("carl", password_of("carl"))
    odd = "a\x00b" + "ü" * 300
    assert "refresh_token" in world.ask(basic=credentials, offline_token="true", client_id=odd).json
    with world.database.read() as session:
        assert session.scalars(select(RefreshToken.client)).one() == "ab" + "ü" * 253


def test_only_a_hash_is_kept_and_nothing_is_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        token = world.client.log_in("carl")
        world.client.use(token)
    assert not any(token in str(record.__dict__) for record in caplog.records)
    with world.database.read() as session:
        assert token not in session.scalars(select(RefreshToken.token_hash)).one()
