"""Robots in the eyes of others: the catalogue, explanations, the audit trail; and their end."""

from __future__ import annotations

from typing import Any

import pytest
from services.auth.tests.machines import access
from services.auth.tests.people import People, service
from services.auth.tests.trail import last, told

from portus_auth.app import Auth, build
from portus_auth.config import read
from portus_auth.storage.facts import Facts
from portus_shared.contracts.auth import NamespaceChanged, UserChanged, UserDeleted
from portus_shared.testing.waiting import wait_until


@pytest.fixture
def shop(people: People) -> int:
    """A private namespace, and who owns it."""
    people.team("ours", alice="owner", bob="contributor")
    return people.namespace("shop", "ours")


def test_the_catalogue_is_told_who_a_robot_is_and_what_it_may(
    auth: Auth, people: People, shop: int
) -> None:
    robot = people.machine("shop", "shop/*:pull", "shop/app:push", "shop/a/b/*:push")
    changed = told(auth, UserChanged)[-1]
    assert (changed.username, changed.kind, changed.admin) == ("robot/shop/ci", "robot", False)
    event = told(auth, NamespaceChanged)[-1]
    given = {
        each.path_prefix: each.actions for each in event.grants if each.subject_kind == "robot"
    }
    assert given == {"": ("pull",), "=app": ("push",), "a/b": ("push",)}
    assert (
        people["alice"].put(robot.path, json={"permissions": ["shop/app:pull"]}).status_code == 200
    )
    event = told(auth, NamespaceChanged)[-1]
    given = {
        each.path_prefix: each.actions for each in event.grants if each.subject_kind == "robot"
    }
    assert given == {"=app": ("pull",)}
    credential = {"portus_auth": f"{robot.username}:{robot.token}"}
    principal = service(auth).post("/internal/v1/principal", json=credential).json["principal"]
    assert (principal["kind"], principal["name"]) == ("robot", "robot/shop/ci")
    assert principal["admin"] is False
    assert people["alice"].delete(robot.path).status_code == 204
    assert told(auth, UserDeleted)[-1].username == "robot/shop/ci"
    assert not any(g.subject_kind == "robot" for g in told(auth, NamespaceChanged)[-1].grants)


def test_a_global_robot_is_told_to_every_namespace_it_reaches(
    auth: Auth, people: People, shop: int
) -> None:
    people.namespace("other", "ours")
    people.machine(None, "*:pull")
    named = {event.namespace: event for event in told(auth, NamespaceChanged)}
    assert {"shop", "other", "_", "root"} <= named.keys()
    for event in named.values():
        assert ("robot/ci", "") in {(each.subject, each.path_prefix) for each in event.grants}
    people.namespace("late", "ours")
    event = told(auth, NamespaceChanged)[-1]
    assert "robot/ci" in {each.subject for each in event.grants}


def test_deleting_a_namespace_or_a_robot_ends_it_and_frees_its_name(
    auth: Auth, people: People, shop: int
) -> None:
    robot = people.machine("shop")
    assert access(auth, robot)
    assert people["alice"].delete(robot.path).status_code == 204
    assert access(auth, robot) is None
    assert people["alice"].get(robot.path).status_code == 404
    again = people.machine("shop")
    assert again.id != robot.id
    assert (access(auth, robot), bool(access(auth, again))) == (None, True)
    assert people["alice"].delete(f"/api/v1/namespaces/{shop}").status_code == 204
    assert access(auth, again) is None
    assert people.root.get(again.path).status_code == 404


def test_access_explains_robots(auth: Auth, people: People, shop: int) -> None:
    people.machine("shop", "shop/app/*:pull")

    def explained(repository: str, action: str) -> Any:
        query = f"user=robot/shop/ci&repository={repository}&action={action}"
        return people["alice"].get(f"/api/v1/access?{query}").json

    found = explained("shop/app/x", "pull")
    assert found["because"] == ["robot/shop/ci has the permission shop/app/*"]
    denied = explained("shop/app", "push")
    assert denied["allowed"] is False
    assert denied["needed"] == ["give robot/shop/ci the permission shop/app:push"]
    assert explained("shop/other", "pull")["allowed"] is False
    who = people["alice"].get("/api/v1/access?repository=shop/app&action=pull").json["who"]
    assert {"kind": "robot", "name": "robot/shop/ci"} in [
        {"kind": each["kind"], "name": each["name"]} for each in who
    ]
    reach = people["alice"].get("/api/v1/access?user=robot/shop/ci").json["reach"]
    assert [(each["namespace"], each["actions"]) for each in reach] == [("shop", ["pull"])]
    assert people["bob"].get("/api/v1/access?user=robot/shop/ci").status_code == 404


def test_the_trail_tells_what_becomes_of_a_robot(auth: Auth, people: People, shop: int) -> None:
    robot, alice = people.machine("shop", "shop/*:pull"), people["alice"]
    made = last(auth, "robot.create")
    assert (made.actor, made.subject) == ("root", "robot robot/shop/ci")
    assert made.after == {"description": "", "permissions": ["shop/*:pull"]}
    assert last(auth, "application_token.create").subject == "robot robot/shop/ci"
    alice.put(robot.path, json={"permissions": ["shop/*:push"]})
    changed = last(auth, "robot.change")
    assert (changed.before, changed.after) == (
        {"permissions": ["shop/*:pull"]},
        {"permissions": ["shop/*:push"]},
    )
    alice.put(robot.path, json={"enabled": False})
    assert last(auth, "robot.change").after == {"enabled": False}
    alice.delete(robot.path)
    assert last(auth, "robot.delete").actor == "alice"


def test_another_process_obeys_a_change_of_a_robot_within_a_second(
    environ: dict[str, str], auth: Auth, people: People, shop: int
) -> None:
    other = build(read(environ), database=auth.database)

    def is_granted(expected: Any) -> None:
        wait_until(lambda: access(other, robot) == expected, 3, what="the other process obeys")

    robot, alice = people.machine("shop", "shop/app:pull"), people["alice"]
    is_granted({"shop/app": {"pull"}})
    for change, expected in (
        ({"permissions": ["shop/app:pull,push"]}, {"shop/app": {"pull", "push"}}),
        ({"enabled": False}, None),
        ({"enabled": True}, {"shop/app": {"pull", "push"}}),
    ):
        assert alice.put(robot.path, json=change).status_code == 200
        assert access(auth, robot) == expected
        is_granted(expected)
    assert alice.delete(robot.path).status_code == 204
    assert access(auth, robot) is None
    is_granted(None)
    assert other.facts.current() == Facts(auth.database).current()
    other.token_uses.close()
    other.logins.close()
