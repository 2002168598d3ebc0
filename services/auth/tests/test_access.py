"""Explanations: who may do what and why, as tokens are decided, told only to whom it concerns."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from services.auth.tests.people import Caller, People, basic

from portus_auth.app import Auth
from portus_auth.domain.policy import Action
from portus_auth.domain.roles import Role, Visibility

ACCESS = "/api/v1/access"
ABOUT_OTHERS = ("user=alice&repository=shop/app&action=pull", "repository=shop/app&action=pull")
WITHOUT_SENSE = (
    "",
    "user=",
    "user=%00",
    "repository=A&action=pull",
    "repository=a/b&action=x",
    "repository=a/b",
)


def _asked(caller: Caller, user: str, repository: str, action: str = "push") -> Any:
    return caller.get(f"{ACCESS}?user={user}&repository={repository}&action={action}").json


def _granted(auth: Auth, credentials: dict[str, str], repository: str) -> set[str]:
    """Return what the realm gives who asks for everything."""
    scope = f"repository:{repository}:pull,push,delete"
    answer = Caller(auth, credentials).get(f"/v2/token?service=registry.test:5000&scope={scope}")
    if answer.status_code != 200:
        return set()
    payload = answer.json["token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return {action for access in claims["access"] for action in access["actions"]}


@pytest.fixture
def shop(people: People) -> int:
    people.team("ours", alice="owner", bob="viewer")
    return people.namespace("shop", "ours")


def test_a_grant_is_explained_by_its_path(people: People, shop: int) -> None:
    verdict = _asked(people["alice"], "alice", "shop/app")
    assert verdict["allowed"] is True
    assert verdict["because"] == ["alice is owner in the team ours"]
    assert verdict["needed"] == []
    admin = _asked(people.root, "root", "shop/app", "delete")
    assert admin["because"] == ["root is an admin"]
    personal = _asked(people["alice"], "Alice", "alice/app")
    assert personal["because"] == ["alice is the personal namespace of alice"]
    people.root.put(f"/api/v1/namespaces/{shop}", json={"namespace": {"visibility": "public"}})
    assert _asked(people.root, "", "shop/app", "pull")["because"] == ["shop is public"]
    pull = _asked(people["eve"], "eve", "shop/app", "pull")
    assert pull["because"] == ["shop is public: every signed-in user may"]


def test_a_refusal_is_explained_by_what_would_be_needed(people: People, shop: int) -> None:
    del shop
    verdict = _asked(people["bob"], "bob", "shop/app")
    assert verdict["allowed"] is False
    assert verdict["because"] == []
    assert verdict["needed"] == [
        "be an admin",
        "be contributor in the team ours",
        "be owner in the team ours",
    ]


def test_the_disabled_are_told_apart(people: People, shop: int) -> None:
    del shop
    path = f"/api/v1/users/{people['bob'].id}"
    people.root.put(path, json={"user": {"enabled": False}})
    verdict = _asked(people["alice"], "bob", "shop/app", "pull")
    assert verdict["allowed"] is False
    assert verdict["needed"] == ["bob is disabled"]
    assert people.root.get(f"{ACCESS}?user=bob").json["reach"] == []


def test_what_one_may_not_see_looks_as_if_it_did_not_exist(people: People, shop: int) -> None:
    del shop
    hidden = _asked(people["eve"], "eve", "shop/app", "pull")
    missing = _asked(people["eve"], "eve", "nowhere/app", "pull")
    assert hidden["allowed"] is missing["allowed"] is False
    assert [each.replace("shop", "nowhere") for each in hidden["needed"]] == missing["needed"]
    for question in ABOUT_OTHERS:
        assert people["eve"].get(f"{ACCESS}?{question}").status_code == 404


def test_only_owners_and_admins_ask_about_others(people: People, shop: int) -> None:
    del shop
    for question in ABOUT_OTHERS:
        assert people["bob"].get(f"{ACCESS}?{question}").status_code == 403
        assert people["alice"].get(f"{ACCESS}?{question}").status_code == 200
        assert people.root.get(f"{ACCESS}?{question}").status_code == 200
    assert people["alice"].get(f"{ACCESS}?user=bob").status_code == 404
    assert _asked(people["alice"], "ghost", "shop/app")["status"] == 404


def test_who_may_is_told_by_name(people: People, shop: int) -> None:
    def who(action: str) -> dict[str, list[str]]:
        answer = people["alice"].get(f"{ACCESS}?repository=shop/app&action={action}").json
        return {each["name"]: each["because"] for each in answer["who"]}

    assert who("delete") == {
        "alice": ["alice is owner in the team ours"],
        "root": ["root is an admin"],
    }
    assert set(who("pull")) == {"alice", "bob", "root"}
    people.root.put(f"/api/v1/namespaces/{shop}", json={"namespace": {"visibility": "public"}})
    assert set(who("pull")) == {"", "*", "alice", "bob", "root"}


def test_what_somebody_reaches_is_listed_with_the_reasons(people: People, shop: int) -> None:
    del shop
    answer = people["bob"].get(f"{ACCESS}?user=bob&sort_attr=name")
    reached = {
        each["namespace"]: (each["actions"], each["because"]) for each in answer.json["reach"]
    }
    assert reached == {
        "_": (["pull"], ["_ is public: every signed-in user may"]),
        "bob": (["delete", "pull", "push"], ["bob is the personal namespace of bob"]),
        "shop": (["pull"], ["bob is viewer in the team ours"]),
    }
    assert answer.headers["X-Total"] == "3"
    assert len(people.root.get(f"{ACCESS}?user=root&all=true").json["reach"]) == 5


@pytest.mark.parametrize("question", WITHOUT_SENSE)
def test_questions_without_sense_are_refused(people: People, question: str) -> None:
    assert people.root.get(f"{ACCESS}?{question}").status_code == 400


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    visibility=st.sampled_from(Visibility),
    role=st.none() | st.sampled_from(Role),
    enabled=st.booleans(),
    admin=st.booleans(),
)
def test_realm_explanations_and_lists_agree_on_every_policy(
    auth: Auth,
    people: People,
    visibility: Visibility,
    role: Role | None,
    enabled: bool,
    admin: bool,
) -> None:
    namespace = _arrange(people, visibility, role, enabled=enabled, admin=admin)
    everybody = {name: basic(name, people[name].token) for name in ("alice", "carl")} | {"": {}}
    for repository in ("shop/app", "app", "carl/app"):
        for user, credentials in everybody.items():
            explained = {
                action
                for action in Action
                if _asked(people.root, user, repository, action)["allowed"]
            }
            assert explained == _granted(auth, credentials, repository), (user, repository)
    (listed,) = people.root.get("/api/v1/namespaces?name=shop").json
    assert listed["id"] == namespace
    reached = people.root.get(f"{ACCESS}?user=carl&all=true").json["reach"]
    there = {each["namespace"]: set(each["actions"]) for each in reached}
    assert there.get("shop", set()) == _granted(auth, everybody["carl"], "shop/app")
    for action in Action:
        answer = people.root.get(f"{ACCESS}?repository=shop/app&action={action}").json
        named = {each["name"] for each in answer["who"]}
        may = action in _granted(auth, everybody["carl"], "shop/app")
        assert may is (enabled and bool({"*", "carl"} & named))


def _arrange(
    people: People, visibility: Visibility, role: Role | None, *, enabled: bool, admin: bool
) -> int:
    """Give carl this role, and the namespace this visibility; return the namespace's id."""
    found = people.root.get("/api/v1/namespaces?name=shop").json
    if not found:
        people.team("ours", alice="owner")
        people.namespace("shop", "ours")
        found = people.root.get("/api/v1/namespaces?name=shop").json
    path = f"/api/v1/namespaces/{found[0]['id']}"
    people.root.put(path, json={"namespace": {"visibility": visibility}})
    carl, team = people["carl"], f"/api/v1/teams/{found[0]['team']['id']}/members"
    change = {"enabled": enabled, "admin": admin}
    people.root.put(f"/api/v1/users/{carl.id}", json={"user": change})
    for member in people.root.get(team).json:
        if member["username"] == "carl":
            people.root.delete(f"{team}/{member['id']}")
    if role is not None:
        answer = people.root.post(team, json={"user": "carl", "role": role})
        assert answer.status_code == 201, answer.text
    namespace_id: int = found[0]["id"]
    return namespace_id
