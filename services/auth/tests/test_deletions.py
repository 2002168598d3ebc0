"""Deleting accounts, teams and namespaces: rights end at once, nothing is left without an owner."""

from __future__ import annotations

import base64
import json
from typing import Any

from services.auth.tests.people import ADMIN, PASSWORD, Caller, People, basic, created
from services.auth.tests.trail import last, told

from portus_auth.app import Auth
from portus_shared.contracts.auth import (
    NamespaceChanged,
    NamespaceDeleted,
    TeamChanged,
    TeamDeleted,
    UserDeleted,
)

NAMESPACES, TEAMS, USERS = "/api/v1/namespaces", "/api/v1/teams", "/api/v1/users"


def _granted(auth: Auth, credentials: dict[str, str], repository: str) -> list[str]:
    """Return what a token request gets."""
    scope = f"repository:{repository}:pull,push"
    answer = Caller(auth, credentials).get(f"/v2/token?service=registry.test:5000&scope={scope}")
    if answer.status_code != 200:
        return [str(answer.status_code)]
    payload = answer.json["token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return [action for access in claims["access"] for action in access["actions"]]


def _named(caller: Caller, path: str) -> Any:
    return {each["name"]: each for each in caller.get(f"{path}&all=true").json}


def test_nobody_reaches_a_deleted_namespace_from_the_next_token_on(
    auth: Auth, people: People
) -> None:
    people.team("ours", alice="owner")
    namespace = people.namespace("shop", "ours", "public")
    alice = basic("alice", people["alice"].token)
    assert _granted(auth, alice, "shop/app") == ["pull", "push"]
    assert people["alice"].delete(f"{NAMESPACES}/{namespace}").status_code == 204
    for credentials in (alice, {}, basic("root", people.root.token)):
        assert _granted(auth, credentials, "shop/app") == []
    assert people.root.get(f"{NAMESPACES}/{namespace}").status_code == 404
    (event,) = told(auth, NamespaceDeleted)
    assert (event.namespace, event.namespace_id) == ("shop", namespace)
    assert event.revision > max(
        each.revision for each in told(auth, NamespaceChanged) if each.namespace == "shop"
    )
    assert last(auth, "namespace.delete").before["visibility"] == "public"


def test_the_global_and_personal_namespaces_stay(people: People) -> None:
    (everywhere,) = people.root.get(f"{NAMESPACES}?name=_").json
    (personal,) = people["alice"].get(f"{NAMESPACES}?name=alice").json
    for namespace in (everywhere, personal):
        assert people.root.delete(f"{NAMESPACES}/{namespace['id']}").status_code == 422
    answer = people["alice"].delete(f"{NAMESPACES}/{personal['id']}")
    assert answer.json["message"] == "Cannot remove personal namespace"


def test_a_deleted_namespace_s_name_is_held_until_an_admin_adopts_it(
    auth: Auth, people: People
) -> None:
    people.team("ours", alice="owner")
    people.team("theirs", bob="owner")
    namespace = people.namespace("shop", "ours", "public")
    people["alice"].delete(f"{NAMESPACES}/{namespace}?keep_images=true")
    (event,) = told(auth, NamespaceDeleted)
    assert (event.keep_images, event.deleted_by) == (True, "alice")
    again = {"name": "shop", "team": "theirs"}
    for caller in (people["bob"], people.root):
        refused = caller.post(NAMESPACES, json=again)
        assert refused.json["message"] == {"name": ["has already been taken"]}
    assert people["bob"].post(NAMESPACES, json=again | {"adopt": True}).status_code == 403
    held = _named(people.root, f"{NAMESPACES}?held=true")
    assert (set(held), held["shop"]["actions"]) == ({"shop"}, [])
    assert held["shop"]["leftovers"] == "kept"
    adopted = created(people.root.post(NAMESPACES, json=again | {"adopt": True}))
    assert adopted["id"] == namespace
    assert (adopted["team"]["name"], adopted["visibility"]) == ("theirs", "private")
    assert people["alice"].get(f"{NAMESPACES}/{namespace}").status_code == 404
    assert _granted(auth, basic("bob", people["bob"].token), "shop/app") == ["pull", "push"]
    assert people.root.get(f"{NAMESPACES}?held=true").json == []


def test_a_deleted_team_s_namespaces_move_to_the_team_that_is_named(
    auth: Auth, people: People
) -> None:
    team = people.team("ours", alice="owner", bob="contributor")
    people.team("theirs", alice="contributor", carl="owner")
    namespace = people.namespace("shop", "ours")
    answer = people["alice"].delete(f"{TEAMS}/{team}", json={"new_team": "theirs"})
    assert answer.status_code == 204, answer.text
    moved = people["alice"].get(f"{NAMESPACES}/{namespace}").json
    assert moved["team"]["name"] == "theirs"
    assert people.root.get(f"{TEAMS}/{team}").status_code == 404
    assert _granted(auth, basic("bob", people["bob"].token), "shop/app") == []
    (event,) = told(auth, TeamDeleted)
    assert event.team_id == team
    assert event.revision > max(
        each.revision for each in told(auth, TeamChanged) if each.team_id == team
    )
    assert told(auth, NamespaceDeleted) == []


def test_a_team_goes_with_its_namespaces_where_no_other_is_named(
    auth: Auth, people: People
) -> None:
    team = people.team("ours", alice="owner")
    namespace = people.namespace("shop", "ours")
    assert people["alice"].delete(f"{TEAMS}/{team}").status_code == 204
    assert people.root.get(f"{NAMESPACES}/{namespace}").status_code == 404
    assert [each.namespace for each in told(auth, NamespaceDeleted)] == ["shop"]
    assert people.team("ours", alice="owner") != team
    assert _granted(auth, basic("alice", people["alice"].token), "shop/app") == []


def test_namespaces_move_only_where_one_may_put_them(people: People) -> None:
    team = people.team("ours", alice="owner")
    people.team("theirs", bob="owner", alice="viewer")
    people.team("secret", bob="owner")
    path = f"{TEAMS}/{team}"
    people.namespace("shop", "ours")
    assert people["alice"].delete(f"{path}?new_team=theirs").status_code == 403
    assert people["alice"].delete(f"{path}?new_team=secret").status_code == 404
    assert people["alice"].delete(f"{path}?new_team=ours").status_code == 422
    assert people["alice"].delete(f"{path}?new_team=").status_code == 400
    assert people["alice"].delete(path, json={"new_team": 5}).status_code == 400
    assert people["alice"].get(path).status_code == 200


def test_hidden_teams_cannot_be_deleted(people: People) -> None:
    (personal,) = people["alice"].get(f"{NAMESPACES}?name=alice").json
    path = f"{TEAMS}/{personal['team']['id']}"
    assert people["alice"].delete(path).status_code == 404
    assert people.root.delete(path).status_code == 404


def test_a_deleted_user_keeps_nothing(auth: Auth, people: People) -> None:
    alice = people["alice"]
    team = people.team("ours", bob="owner", alice="contributor")
    people.namespace("shop", "ours")
    handle = people.sign_in(alice)
    docker = basic("alice", alice.token)
    asked = "/v2/token?service=registry.test:5000&offline_token=true&client_id=docker"
    refresh = Caller(auth, docker).get(asked).json["refresh_token"]
    assert people.root.delete(f"{USERS}/{alice.id}").status_code == 204
    assert alice.get("/api/v1/teams").status_code == 401
    assert Caller(auth, basic("alice", PASSWORD)).get("/api/v1/teams").status_code == 401
    assert not people.is_signed_in(handle)
    assert _granted(auth, docker, "shop/app") == ["401"]
    form = {
        "grant_type": "refresh_token",
        "refresh_token": refresh,
        "service": "registry.test:5000",
        "client_id": "docker",
    }
    assert Caller(auth).post("/v2/token", data=form).status_code == 401
    members = people.root.get(f"{TEAMS}/{team}/members").json
    assert [each["username"] for each in members] == ["bob"]
    assert people.root.get(f"{USERS}/{alice.id}").status_code == 404
    (event,) = told(auth, UserDeleted)
    assert event.username == "alice"
    assert last(auth, "user.delete").before["email"] == "alice@example.org"


def test_a_deleted_user_s_namespace_is_held_and_its_hidden_team_is_gone(
    auth: Auth, people: People
) -> None:
    (personal,) = people["alice"].get(f"{NAMESPACES}?name=alice").json
    people.root.delete(f"{USERS}/{people['alice'].id}?keep_images=true")
    assert people.root.get(f"{NAMESPACES}/{personal['id']}").status_code == 404
    assert set(_named(people.root, f"{NAMESPACES}?held=true")) == {"alice"}
    assert [each.namespace for each in told(auth, NamespaceDeleted)] == ["alice"]
    assert [each.team_id for each in told(auth, TeamDeleted)] == [personal["team"]["id"]]
    people.team("ours", bob="owner")
    body = {"name": "alice", "team": "ours", "adopt": True}
    assert created(people.root.post(NAMESPACES, json=body))["personal"] is False


def test_a_deleted_user_s_namespace_goes_to_the_admin_s_choice(auth: Auth, people: People) -> None:
    (personal,) = people["alice"].get(f"{NAMESPACES}?name=alice").json
    people.team("ours", bob="owner")
    people.root.delete(f"{USERS}/{people['alice'].id}?new_team=ours")
    handed = people["bob"].get(f"{NAMESPACES}/{personal['id']}").json
    assert (handed["personal"], handed["team"]["name"]) == (False, "ours")
    assert _granted(auth, basic("bob", people["bob"].token), "alice/app") == ["pull", "push"]
    event = [each for each in told(auth, NamespaceChanged) if each.namespace == "alice"][-1]
    assert all(grant.subject != "alice" for grant in event.grants)


def test_the_only_owner_of_a_team_is_not_deleted(auth: Auth, people: People) -> None:
    team = people.team("ours", alice="owner", bob="viewer")
    answer = people.root.delete(f"{USERS}/{people['alice'].id}")
    assert answer.status_code == 409
    assert answer.json["message"] == "alice is the only owner of: ours"
    assert told(auth, UserDeleted) == []
    assert people["alice"].get("/api/v1/teams").status_code == 200
    members = people.root.get(f"{TEAMS}/{team}/members").json
    (bob,) = (each["id"] for each in members if each["username"] == "bob")
    people.root.put(f"{TEAMS}/{team}/members/{bob}", json={"role": "owner"})
    assert people.root.delete(f"{USERS}/{people['alice'].id}").status_code == 204


def test_admins_do_not_delete_themselves_and_one_always_remains(people: People) -> None:
    assert people.root.delete(f"{USERS}/{people.root.id}").status_code == 409
    people.root.put(f"{USERS}/{people['alice'].id}", json={"user": {"admin": True}})
    assert people["alice"].delete(f"{USERS}/{people.root.id}").status_code == 204
    assert people["alice"].delete(f"{USERS}/{people['alice'].id}").status_code == 409


def test_a_deleted_user_s_name_is_held_until_an_admin_releases_it(
    auth: Auth, people: People
) -> None:
    old = people["alice"]
    people.root.delete(f"{USERS}/{old.id}")
    user = {"username": "Alice", "email": "alice@example.org", "password": PASSWORD}
    taken = people.root.post(USERS, json={"user": user})
    assert taken.json["message"] == {"username": ["has already been taken"]}
    (held,) = people.root.get(f"{USERS}?deleted=true").json
    assert (held["id"], held["username"]) == (old.id, "alice")
    assert people.root.delete(f"{USERS}/{old.id}/name").status_code == 204
    assert last(auth, "user.release_name").subject == "user alice"
    new = created(people.root.post(USERS, json={"user": user}))
    assert new["id"] != old.id
    assert old.get("/api/v1/teams").status_code == 401
    assert Caller(auth, basic("alice", PASSWORD)).get("/api/v1/teams").status_code == 200
    assert _granted(auth, basic("alice", old.token), "alice/app") == ["401"]
    assert _granted(auth, basic("alice", PASSWORD), "alice0/app") == ["pull", "push"]
    assert _granted(auth, basic("root", ADMIN["password"]), "alice/app") == []
