"""The holes of the original that this realm could have, closed one by one."""

import pytest
from services.auth.tests.realm.client import Reply, password_of
from services.auth.tests.realm.world import SYNC_SECRET, World

STRANGERS = ("anonymous", "eve")


@pytest.mark.parametrize("actions", ["*,pull,push", "pull,*,push", "push,pull,*", "*"])
def test_a1_a_star_in_front_lets_nothing_else_through(world: World, actions: str) -> None:
    for stranger in STRANGERS:
        reply = world.ask_as(stranger, f"repository:priv/x:{actions}")
        assert reply.status == 200
        assert reply.claims["access"] == []


def test_a1_a_star_is_never_copied_into_a_repository_token(world: World) -> None:
    access = world.ask_as("ada", "repository:priv/x:*,pull,push").claims["access"]
    assert access == [
        {"type": "repository", "name": "priv/x", "actions": ["pull", "push", "delete"]}
    ]


@pytest.mark.parametrize("actions", ["x,*", "*,x", "*", "pull,*"])
def test_a2_the_catalogue_is_not_granted_by_the_back_door(world: World, actions: str) -> None:
    for stranger in (*STRANGERS, "olga"):
        reply = world.ask_as(stranger, f"registry:catalog:{actions}")
        assert reply.status == 200
        assert reply.claims["access"] == []


def test_a4_account_of_somebody_else_is_refused(world: World) -> None:
    for account in ("ada", "ADA", "_sync", "ada@example.com", "nobody"):
        _is_refused(world.ask(basic=("eve", password_of("eve")), account=account))
        _is_refused(world.ask("repository:pub/app:pull", account=account))
    _is_refused(world.ask(basic=("_sync", SYNC_SECRET), account="ada"))


@pytest.mark.parametrize("account", ["eve", "EVE", " Eve ", "eve@example.com", "Eve@Example.COM"])
def test_a4_ones_own_account_may_be_spelled_differently(world: World, account: str) -> None:
    reply = world.ask(basic=("eve", password_of("eve")), account=account)
    assert reply.claims["sub"] == "eve"


def test_a4_second_account_parameter_does_not_slip_through(world: World) -> None:
    query = "service=registry.test:5000&account=eve&account=ada"
    _is_refused(world.client.request(query, authorization=world.client.basic_of("eve")))


def test_a6_disabled_people_get_nothing(world: World) -> None:
    token = world.give_token(world.set_user("olga", enabled=False))
    world.facts.changed()
    _is_refused(world.ask_as("olga", "repository:pub/app:pull"))
    _is_refused(world.ask(basic=("olga", token)))


def test_a11_no_answer_sets_a_cookie(world: World) -> None:
    token = world.give_token(world.set_user("olga"))
    world.facts.changed()
    replies = [
        world.ask(basic=("olga", token)),
        world.ask_as("olga"),
        world.ask(),
        world.ask(basic=("olga", "wrong")),
        world.ask(service="elsewhere"),
        world.client.request("", method="POST"),
        world.client.request("", method="PUT"),
    ]
    assert [reply.status for reply in replies] == [200, 200, 200, 401, 400, 400, 405]
    assert all(reply.header("Set-Cookie") is None for reply in replies)


def _is_refused(reply: Reply) -> None:
    assert reply.status == 401
    assert [error["code"] for error in reply.json["errors"]] == ["UNAUTHORIZED"]
    assert (reply.header("WWW-Authenticate") or "").startswith("Basic ")
