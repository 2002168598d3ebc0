"""Docker clients that stay signed in: who gets a refresh token, what it opens, when it ends."""

import re
from datetime import timedelta
from typing import Any

import pytest
from services.auth.tests.realm.client import Reply, password_of
from services.auth.tests.realm.world import SYNC_SECRET, World, hash_of
from sqlalchemy import event, func, select

from portus_auth import realm
from portus_auth.domain.roles import Role
from portus_auth.storage.facts import Facts
from portus_auth.storage.tables import (
    ApplicationToken,
    Namespace,
    RefreshToken,
    Registry,
    TeamMember,
)
from portus_auth.usecases import refresh_tokens
from portus_auth.usecases.refresh_tokens import MAX_LOGINS, NewLogin
from portus_shared.clock import now
from portus_shared.errors import Unauthenticated
from portus_shared.testing.waiting import wait_until

PUSH = "repository:priv/app:pull,push"


def _log_in(world: World, name: str, secret: str | None = None) -> str:
    """Sign in as `docker login` does and return the refresh token."""
    credentials = (name, secret or password_of(name))
    reply = world.ask(basic=credentials, account=name, client_id="docker", offline_token="true")
    token: str = reply.json["refresh_token"]
    return token


def _use(world: World, token: str, *scopes: str, **form: str) -> Reply:
    form = {"grant_type": "refresh_token", "client_id": "docker", "refresh_token": token} | form
    return world.client.post(*scopes, **form)


def _rows(world: World) -> int:
    with world.database.read() as session:
        return session.scalar(select(func.count()).select_from(RefreshToken)) or 0


def test_docker_login_is_answered_with_a_refresh_token_that_works(world: World) -> None:
    token = _log_in(world, "carl")
    assert re.fullmatch(r"prt_[A-Za-z0-9_-]{43}", token)
    reply = _use(world, token, PUSH)
    assert reply.claims["sub"] == "carl"
    assert reply.access == {"priv/app": {"pull", "push"}}
    assert reply.json["scope"] == PUSH
    assert set(reply.json) == {"token", "access_token", "expires_in", "scope"}


def test_password_grant_asks_for_one_by_access_type(world: World) -> None:
    form = {"grant_type": "password", "username": "carl", "password": password_of("carl")}
    assert "refresh_token" not in world.client.post(**form).json
    given = world.client.post(**form, access_type="offline").json["refresh_token"]
    assert _use(world, given).status == 200


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
    token = _log_in(world, "carl")
    for _ in range(3):
        assert "refresh_token" not in _use(world, token, access_type="offline").json
    assert _rows(world) == 1


def test_its_rights_are_those_of_the_moment(world: World) -> None:
    token = _log_in(world, "carl")
    with world.database.read() as session:
        team = session.scalar(select(Namespace.team_id).where(Namespace.name == "priv"))
        members = select(TeamMember.id).where(TeamMember.team_id == team)
        carl = session.scalar(members.where(TeamMember.role == Role.CONTRIBUTOR))
    world.update(TeamMember, TeamMember.id == carl, role=Role.VIEWER)
    world.facts.changed()
    assert _use(world, token, PUSH).access == {"priv/app": {"pull"}}


@pytest.mark.parametrize("change", [{"enabled": False}, {"deleted": True}])
def test_it_opens_nothing_without_its_account(world: World, change: dict[str, bool]) -> None:
    token = _log_in(world, "carl")
    world.set_user("carl", **change)
    world.facts.changed()
    assert _use(world, token).status == 401


def test_it_ends_with_the_password_it_was_got_with(world: World) -> None:
    token = _log_in(world, "carl")
    world.set_user("carl", password_hash=hash_of(world.secrets.passwords, "another password"))
    world.facts.changed()
    reply = _use(world, token)
    assert reply.status == 401
    assert reply.json["errors"][0]["message"] == "This login has ended, sign in again"


def test_it_ends_with_the_application_token_it_was_got_with(world: World) -> None:
    application_token = world.give_token(world.set_user("carl"))
    world.facts.changed()
    token = _log_in(world, "carl", application_token)
    world.set_user("carl", password_hash=hash_of(world.secrets.passwords, "another password"))
    world.facts.changed()
    assert _use(world, token).status == 200
    hashed = world.secrets.hashes.of(application_token)
    world.update(ApplicationToken, ApplicationToken.token_hash == hashed, deleted=True)
    world.facts.changed()
    assert _use(world, token).status == 401


def test_it_is_for_one_registry(world: World) -> None:
    token = _log_in(world, "carl")
    world.add(Registry(name="second", url="http://second", external_host="second.test"))
    world.facts.changed()
    assert _use(world, token, service="second.test").status == 401


@pytest.mark.parametrize("token", ["", "prt_", "prt_" + "a" * 43, "RT-alice", "\x00ü"])
def test_what_was_never_given_opens_nothing(world: World, token: str) -> None:
    reply = _use(world, token)
    assert reply.status == 401
    assert [error["code"] for error in reply.json["errors"]] == ["UNAUTHORIZED"]


def test_it_is_no_password(world: World) -> None:
    assert world.ask(basic=("carl", _log_in(world, "carl"))).status == 401


def _set_used(world: World, ago: timedelta) -> None:
    world.update(RefreshToken, RefreshToken.id > 0, used_at=now() - ago)
    world.facts.changed()


def test_it_ends_when_nobody_has_used_it_for_long(world: World) -> None:
    token = _log_in(world, "carl")
    _set_used(world, timedelta(days=89))
    assert _use(world, token).status == 200
    world.logins.close()
    _set_used(world, timedelta(days=91))
    assert _use(world, token).status == 401


def test_use_is_noted_once_an_hour_and_lengthens_its_life(world: World) -> None:
    token = _log_in(world, "carl")
    _set_used(world, timedelta(hours=2))

    def used_lately() -> bool:
        with world.database.read() as session:
            (used_at,) = session.scalars(select(RefreshToken.used_at)).all()
        return used_at > now() - timedelta(minutes=1)

    assert [_use(world, token).status for _ in range(5)] == [200] * 5
    wait_until(used_lately, 5, what="the use is noted")
    world.facts.changed()
    world.facts.current()
    with world.database.read() as session:
        revision = session.scalars(select(RefreshToken.revision)).one()
    assert [_use(world, token).status for _ in range(5)] == [200] * 5
    world.logins.close()
    with world.database.read() as session:
        assert session.scalars(select(RefreshToken.revision)).one() == revision


def test_using_it_asks_nothing_of_the_database(world: World) -> None:
    token = _log_in(world, "carl")
    assert _use(world, token).status == 200
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(world.database.engine, "before_cursor_execute", note)
    assert [_use(world, token, PUSH).status for _ in range(20)] == [200] * 20
    event.remove(world.database.engine, "before_cursor_execute", note)
    assert seen == []


def test_other_process_knows_it_at_once(world: World) -> None:
    other = World(world.database, world.ca, world.secrets.passwords)
    assert other.ask_as("carl").status == 200
    token = _log_in(world, "carl")
    assert _use(other, token).status == 200
    other.logins.close()


def test_facts_read_afresh_hold_the_same_logins(world: World) -> None:
    world.facts.current()
    _log_in(world, "carl")
    application_token = world.give_token(world.set_user("olga"))
    world.facts.changed()
    _log_in(world, "olga", application_token)
    world.update(RefreshToken, RefreshToken.id == 2, used_at=now() - timedelta(hours=3))
    world.update(RefreshToken, RefreshToken.id == 1, deleted=True)
    world.facts.changed()
    assert len(world.facts.current().refresh_tokens) == 1
    assert world.facts.current() == Facts(world.database).current()


def test_none_are_given_where_the_settings_say_so(world: World) -> None:
    token = _log_in(world, "carl")
    logins = realm.Logins(world.database, world.facts, world.secrets.hashes, timedelta(0))
    client = world.realm_with(world.secrets.passwords, logins)
    reply = client.ask(basic=("carl", password_of("carl")), offline_token="true")
    assert reply.status == 200
    assert "refresh_token" not in reply.json
    assert client.post(grant_type="refresh_token", refresh_token=token).status == 401
    logins.close()


def test_the_login_unused_for_longest_makes_room(world: World) -> None:
    first, second = _log_in(world, "carl"), _log_in(world, "carl")
    world.update(RefreshToken, RefreshToken.id == 2, used_at=now() - timedelta(days=1))
    for _ in range(MAX_LOGINS - 1):
        _log_in(world, "carl")
    assert _use(world, first).status == 200
    assert _use(world, second).status == 401


def test_logins_that_are_over_leave_the_table(world: World) -> None:
    for name in ("carl", "olga", "vic"):
        _log_in(world, name)
    long_ago = now() - timedelta(days=100)
    world.update(RefreshToken, RefreshToken.id == 1, used_at=long_ago)
    world.update(RefreshToken, RefreshToken.id == 2, deleted_at=now() - timedelta(days=3))
    world.update(RefreshToken, RefreshToken.id == 3, deleted_at=now())
    _log_in(world, "olga")
    with world.database.read() as session:
        assert list(session.scalars(select(RefreshToken.id).order_by(RefreshToken.id))) == [3, 4]


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
        token = _log_in(world, "carl")
        _use(world, token)
    assert not any(token in str(record.__dict__) for record in caplog.records)
    with world.database.read() as session:
        assert token not in session.scalars(select(RefreshToken.token_hash)).one()
