"""Robots: who makes them, what they may do, how they change keys, and how they end."""

from __future__ import annotations

from typing import Any, Final

import pytest
from services.auth.tests.machines import HOST, access
from services.auth.tests.people import Caller, Machine, People, basic, created, service

from portus_auth.app import Auth

ROBOTS: Final = "/api/v1/robots"


@pytest.fixture
def shop(people: People) -> int:
    """A private namespace, and who owns it."""
    people.team("ours", alice="owner", bob="contributor")
    return people.namespace("shop", "ours")


def test_an_owner_makes_a_robot_for_the_namespace(auth: Auth, people: People, shop: int) -> None:
    body = {"name": "ci", "namespace": "shop", "permissions": ["shop/app:pull,push"]}
    made = created(people["alice"].post(ROBOTS, json={"robot": body | {"description": "builds"}}))
    assert made["name"] == "robot/shop/ci"
    assert made["namespace"] == {"id": shop, "name": "shop"}
    assert made["permissions"] == ["shop/app:pull,push"]
    assert (made["enabled"], made["last_used_at"]) == (True, None)
    assert (made["created_by"], made["tokens_count"]) == ("alice", 1)
    robot = Machine(auth, made)
    assert access(auth, robot) == {"shop/app": {"pull", "push"}}
    listed = people["alice"].get(ROBOTS)
    assert [each["name"] for each in listed.json] == ["robot/shop/ci"]
    assert made["plain_token"] not in listed.text
    assert people["bob"].get(ROBOTS).json == []
    assert people["bob"].post(ROBOTS, json=body | {"name": "mine"}).status_code == 403
    assert people["dave"].post(ROBOTS, json=body | {"name": "mine"}).status_code == 404
    assert people["alice"].post(ROBOTS, json=body | {"namespace": None}).status_code == 403
    assert people["alice"].post(ROBOTS, json=body).json["message"] == {
        "name": ["has already been taken"]
    }


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "CI"}, "name"),
        ({"name": "a/b"}, "name"),
        ({"name": "a" * 65}, "name"),
        ({"permissions": []}, "permissions"),
        ({"permissions": ["other/*:pull"]}, "permissions"),
        ({"permissions": ["*:pull"]}, "permissions"),
        ({"permissions": ["shop/*:admin"]}, "permissions"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"application": ""}, "application"),
        ({"description": "x" * 10_001}, "description"),
        ({"namespace": "_"}, "namespace"),
    ],
)
def test_what_is_wrong_with_a_robot_is_told_by_its_field(
    people: People, shop: int, change: dict[str, Any], field: str
) -> None:
    body = {"name": "ci", "namespace": "shop", "permissions": ["shop/*:pull"]}
    answer = people.root.post(ROBOTS, json=body | change)
    assert answer.status_code == 422, answer.text
    assert list(answer.json["message"]) == [field]


def test_a_robot_gets_its_permissions_and_what_is_public_and_no_more(
    auth: Auth, people: People, shop: int
) -> None:
    people.namespace("inner", "ours", "protected")
    people.namespace("open", "ours", "public")
    everything = "&".join(
        f"scope=repository:{name}/app:pull,push,delete" for name in ("shop", "inner", "open")
    )
    robot = people.machine("shop", "shop/app/*:pull")
    assert access(auth, robot) == {"shop/app": {"pull"}, "shop/app/x": {"pull"}}
    assert access(auth, robot, everything) == {"shop/app": {"pull"}, "open/app": {"pull"}}
    robot = people.machine(None, "*:pull", "inner/*:push")
    assert robot.username == "robot/ci"
    assert access(auth, robot, everything) == {
        "shop/app": {"pull"},
        "inner/app": {"pull", "push"},
        "open/app": {"pull"},
    }
    answer = access(auth, robot, "scope=repository:nowhere/app:pull")
    assert answer == {}


def test_scopes_of_a_robot_s_token_take_away_from_its_permissions(
    auth: Auth, people: People, shop: int
) -> None:
    robot = people.machine("shop", "shop/*:pull,push")
    body = {"application": "reads", "scopes": ["shop/app:*"]}
    secret = created(people["alice"].post(f"{robot.path}/application_tokens", json=body))
    assert access(auth, robot, secret=secret["plain_token"]) == {"shop/app": {"pull", "push"}}


def test_a_robot_has_two_tokens_while_it_changes_keys(
    auth: Auth, people: People, shop: int
) -> None:
    robot, alice = people.machine("shop"), people["alice"]
    path = f"{robot.path}/application_tokens"
    second = created(alice.post(path, json={"application": "second"}))
    third = alice.post(path, json={"application": "third"})
    assert (third.status_code, third.json["type"]) == (409, "urn:portus:problem:too-many-tokens")
    for secret in (robot.token, second["plain_token"]):
        assert access(auth, robot, secret=secret)
    first = alice.get(path).json[0]
    assert first["application"] == "first"
    assert (
        people.root.delete(f"/api/v1/robots/{robot.id + 1}/application_tokens/1").status_code == 404
    )
    assert alice.delete(f"{path}/{first['id']}").status_code == 204
    assert access(auth, robot) is None
    assert access(auth, robot, secret=second["plain_token"])
    auth.token_uses.close()
    assert alice.get(robot.path).json["last_used_at"] is not None
    assert alice.get(ROBOTS).json[0]["last_used_at"] is not None


def test_docker_login_of_a_robot_ends_with_it(auth: Auth, people: People, shop: int) -> None:
    robot = people.machine("shop")
    headers = basic(robot.username, robot.token)
    query = f"service={HOST}&account=robot%2Fshop%2Fci&offline_token=true&client_id=docker"
    refresh = Caller(auth).get(f"/v2/token?{query}", headers=headers).json["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": refresh, "service": HOST}
    assert Caller(auth).post("/v2/token", data=form).status_code == 200
    off = people["alice"].put(robot.path, json={"enabled": False})
    assert off.json["enabled"] is False
    assert Caller(auth).post("/v2/token", data=form).status_code == 401
    assert access(auth, robot) is None
    assert people["alice"].put(robot.path, json={"enabled": True}).status_code == 200
    assert access(auth, robot)
    assert Caller(auth).post("/v2/token", data=form).status_code == 401


def test_a_robot_is_no_person(auth: Auth, people: People, shop: int) -> None:
    robot = people.machine("shop")
    users = people.root.get("/api/v1/users?all=true").json
    assert not any(each["username"].startswith("robot/") for each in users)
    team = people.root.get("/api/v1/teams?name=ours").json[0]["id"]
    body = {"user": robot.username, "role": "owner"}
    assert people.root.post(f"/api/v1/teams/{team}/members", json=body).status_code in {404, 422}
    for user_id in range(1, 12):
        shown = people.root.get(f"/api/v1/users/{user_id}")
        assert shown.status_code == 404 or "robot/" not in shown.json["username"]
    sign_in = {"login": robot.username, "password": robot.token}
    assert service(auth).post("/internal/v1/sign-ins", json=sign_in).status_code == 401
    new = {"username": "robot/shop/x", "email": "x@example.org", "password": "a long password"}
    assert people.root.post("/api/v1/users", json={"user": new}).status_code == 422
    assert [each["personal"] for each in people.root.get("/api/v1/namespaces?all=true").json].count(
        True
    ) == len(users)


def test_robots_are_listed_in_pages_by_any_column_and_by_namespace(
    people: People, shop: int
) -> None:
    people.namespace("depot", "ours")
    for namespace, name in (("shop", "b"), ("depot", "c"), ("shop", "a"), (None, "d")):
        people.machine(namespace, f"{namespace or 'shop'}/*:pull", name=name)

    def names(query: str) -> list[str]:
        answer = people["alice"].get(f"{ROBOTS}?{query}")
        assert answer.headers["X-Total"] == ("2" if "namespace=shop" in query else "3")
        return [each["name"].removeprefix("robot/") for each in answer.json]

    assert names("sort_attr=name") == ["depot/c", "shop/a", "shop/b"]
    assert names("namespace=shop&sort_attr=id") == ["shop/b", "shop/a"]
    assert names("sort_attr=created_at&sort_order=desc&per_page=2") == ["shop/a", "depot/c"]
    for column in ("namespace", "description", "enabled", "updated_at"):
        assert len(names(f"sort_attr={column}")) == 3
    assert len(people.root.get(ROBOTS).json) == 4


def test_a_list_says_how_many_tokens_of_each_robot_are_good(people: People, shop: int) -> None:
    body = {"name": "ci", "namespace": "shop", "permissions": ["shop/*:pull"]}
    robot = f"{ROBOTS}/{created(people['alice'].post(ROBOTS, json=body))['id']}"
    second = created(
        people["alice"].post(f"{robot}/application_tokens", json={"application": "next"})
    )
    assert [each["tokens_count"] for each in people["alice"].get(ROBOTS).json] == [2]
    people["alice"].delete(f"{robot}/application_tokens/{second['id']}")
    assert people["alice"].get(robot).json["tokens_count"] == 1


def test_global_robots_are_listed_alone(people: People, shop: int) -> None:
    body = {"name": "ci", "permissions": ["shop/*:pull"]}
    created(people.root.post(ROBOTS, json=body))
    created(people["alice"].post(ROBOTS, json=body | {"namespace": "shop"}))
    listed = people.root.get(f"{ROBOTS}?namespace=_").json
    assert [each["name"] for each in listed] == ["robot/ci"]
    assert people["alice"].get(f"{ROBOTS}?namespace=_").json == []
