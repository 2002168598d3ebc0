"""Application tokens with scopes and an end, at the realm."""

import time
from datetime import timedelta
from typing import Any

import pytest
from services.auth.tests.realm.world import World
from sqlalchemy import event, select

from portus_auth.domain.roles import Role
from portus_auth.storage.tables import ApplicationToken, User
from portus_auth.usecases.refresh_tokens import NewLogin
from portus_shared.clock import now
from portus_shared.errors import Unauthenticated
from portus_shared.testing.waiting import wait_until

PULL = "repository:priv/app:pull"
PUSH = "repository:priv/app:pull,push"
ALL = ("repository:priv/app:pull,push,delete", "repository:pub/x/y:pull,push,delete")


def _user(world: World, name: str) -> User:
    with world.database.read() as session:
        return session.scalars(select(User).where(User.username == name)).one()


def _token(world: World, name: str, *scopes: str, **values: Any) -> str:
    token = world.give_token(_user(world, name), *scopes, **values)
    world.facts.changed()
    return token


def _rows(world: World) -> list[ApplicationToken]:
    with world.database.read() as session:
        return list(session.scalars(select(ApplicationToken).order_by(ApplicationToken.id)))


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        ([], {"priv/app": {"pull", "push", "delete"}, "pub/x/y": {"pull", "push", "delete"}}),
        (["priv/*:pull"], {"priv/app": {"pull"}}),
        (["priv/app:pull,push"], {"priv/app": {"pull", "push"}}),
        (["priv/ap:pull"], {}),
        (["pub/x/*:*"], {"pub/x/y": {"pull", "push", "delete"}}),
        (["*:pull", "pub/x:push"], {"priv/app": {"pull"}, "pub/x/y": {"pull"}}),
        (["prot/*:pull"], {}),
    ],
)
def test_what_is_granted_is_asked_allowed_and_in_the_scopes(
    world: World, scopes: list[str], expected: dict[str, set[str]]
) -> None:
    token = _token(world, "olga", *scopes)
    assert world.ask(*ALL, basic=("olga", token)).access == expected
    assert world.client.use(world.client.log_in("olga", token), *ALL).access == expected


def test_scopes_give_nothing_that_the_owner_has_not(world: World) -> None:
    token = _token(world, "vic", "*:*")
    assert world.ask(*ALL, basic=("vic", token)).access == {
        "priv/app": {"pull"},
        "pub/x/y": {"pull"},
    }


@pytest.mark.parametrize(("scopes", "listed"), [([], 1), (["*:pull"], 1), (["priv/*:*"], 0)])
def test_the_catalogue_takes_a_token_that_pulls_everything(
    world: World, scopes: list[str], listed: int
) -> None:
    token = _token(world, "ada", *scopes)
    reply = world.ask("registry:catalog:*", basic=("ada", token))
    assert len(reply.claims["access"]) == listed


def test_an_expired_token_is_refused_with_all_that_was_born_of_it(world: World) -> None:
    soon = now() + timedelta(seconds=1)
    token = _token(world, "carl", expires_at=soon)
    refresh = world.client.log_in("carl", token)
    assert world.client.use(refresh, PUSH).status == 200
    wait_until(lambda: now() > soon, 5, what="the token has expired")
    reply = world.ask(PUSH, basic=("carl", token))
    assert reply.status == 401
    assert "expired" in reply.json["errors"][0]["message"]
    assert world.client.use(refresh, PUSH).status == 401


def test_no_login_begins_with_a_token_that_has_just_expired(world: World) -> None:
    token = _token(world, "carl", expires_at=now() - timedelta(seconds=1))
    login = NewLogin(
        user_id=_user(world, "carl").id,
        registry_id=1,
        password_hash=None,
        application_token_hash=world.secrets.hashes.of(token),
        client="docker",
        address="",
    )
    with pytest.raises(Unauthenticated):
        world.logins.begin(login, "carl")


def test_a_registry_token_lasts_no_longer_than_what_it_was_got_with(world: World) -> None:
    token = _token(world, "carl", expires_at=now() + timedelta(minutes=10))
    reply = world.ask(PUSH, basic=("carl", token))
    assert 590 <= reply.json["expires_in"] <= 600
    assert reply.claims["exp"] <= time.time() + 600
    last = _token(world, "carl", expires_at=now() + timedelta(seconds=20))
    assert world.ask(PUSH, basic=("carl", last)).json["expires_in"] == 60


def test_the_last_use_is_written_without_a_query_of_the_request(world: World) -> None:
    token = _token(world, "carl", "priv/*:pull")
    world.ask(PULL, basic=("carl", token))
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(world.database.engine, "before_cursor_execute", note)
    for _ in range(20):
        assert world.ask(PULL, basic=("carl", token)).access
    event.remove(world.database.engine, "before_cursor_execute", note)
    assert seen == []
    (before,) = _rows(world)
    world.uses.close()
    (row,) = _rows(world)
    assert before.last_used_at is None
    assert row.last_used_at is not None
    assert now() - row.last_used_at < timedelta(minutes=1)
    assert row.last_used_address == "203.0.113.7"
    assert row.revision == before.revision


def test_a_refresh_token_uses_the_token_it_was_got_with(world: World) -> None:
    token = _token(world, "carl")
    refresh = world.client.log_in("carl", token)
    world.client.come_from("198.51.100.9")
    world.client.use(refresh, PUSH)
    world.uses.close()
    assert [row.last_used_address for row in _rows(world)] == ["198.51.100.9"]


def test_scopes_follow_a_change_of_the_owner_s_rights(world: World) -> None:
    token = _token(world, "eve", "priv/*:*")
    assert world.ask(PUSH, basic=("eve", token)).access == {}
    namespace = world.set_visibility("priv", "private")
    world.join(namespace, _user(world, "eve"), Role.CONTRIBUTOR)
    world.facts.changed()
    assert world.ask(PUSH, basic=("eve", token)).access == {"priv/app": {"pull", "push"}}
