"""Namespaces over HTTP."""

from __future__ import annotations

import pytest
from services.auth.tests.people import People, Person, created

NAMESPACES = "/api/v1/namespaces"


def names_seen_by(person: Person) -> set[str]:
    return {each["name"] for each in person.get(f"{NAMESPACES}?all=true").json}


def test_a_namespace_begins_private_and_says_what_the_caller_may_do(people: People) -> None:
    people.team("ours", alice="owner", bob="contributor", carl="viewer")
    body = {"name": "shop", "team": "ours", "description": "things"}
    made = created(people["bob"].post(NAMESPACES, json=body))
    assert made["visibility"] == "private"
    assert made["team"] == {"id": made["team"]["id"], "name": "ours", "hidden": False}
    assert (made["global"], made["personal"], made["role"]) == (False, False, "contributor")
    path = f"{NAMESPACES}/{made['id']}"
    actions = {who: people[who].get(path).json["actions"] for who in ("alice", "bob", "carl")}
    assert actions == {
        "alice": ["delete", "pull", "push"],
        "bob": ["pull", "push"],
        "carl": ["pull"],
    }
    assert people["dave"].get(path).status_code == 404


def test_who_may_pull_may_see_in_lists_too(people: People) -> None:
    people.team("ours", alice="owner", carl="viewer")
    for visibility in ("private", "protected", "public"):
        people.namespace(visibility, "ours", visibility)
    assert names_seen_by(people["carl"]) == {"_", "carl", "private", "protected", "public"}
    assert names_seen_by(people["dave"]) == {"_", "dave", "protected", "public"}
    everything = {"_", "root", "alice", "carl", "dave", "private", "protected", "public"}
    assert names_seen_by(people.root) == everything


def test_a_list_can_be_narrowed_to_one_name(people: People) -> None:
    people.team("ours", alice="owner")
    people.namespace("shop", "ours")
    (found,) = people["alice"].get(f"{NAMESPACES}?name=shop").json
    assert found["name"] == "shop"
    assert people["dave"].get(f"{NAMESPACES}?name=shop").json == []


def test_a_team_lists_its_namespaces(people: People) -> None:
    team = people.team("ours", alice="owner")
    people.namespace("shop", "ours")
    found = people["alice"].get(f"/api/v1/teams/{team}/namespaces").json
    assert [each["name"] for each in found] == ["shop"]


@pytest.mark.parametrize(
    "name", ["", "Shop", "-a", "a-", "a..b", "a/b", "a\n", "\u00e9", "_", "x" * 256, "a___b"]
)
def test_names_that_a_registry_cannot_serve_are_refused(people: People, name: str) -> None:
    people.team("ours", alice="owner")
    answer = people["alice"].post(NAMESPACES, json={"name": name, "team": "ours"})
    assert answer.status_code == 422
    assert "name" in answer.json["message"]


def test_a_name_that_is_too_long_is_refused_with_the_number(people: People) -> None:
    people.team("ours", alice="owner")
    answer = people["alice"].post(NAMESPACES, json={"name": "x" * 256, "team": "ours"})
    assert answer.json["message"]["name"] == ["is too long (maximum is 255 characters)"]


@pytest.mark.parametrize("name", ["a", "a.b", "a__b", "a---b", "0", "x" * 255])
def test_names_of_the_registrys_grammar_are_taken(people: People, name: str) -> None:
    people.team("ours", alice="owner")
    assert people["alice"].get(f"{NAMESPACES}/validate?name={name}").json == {
        "valid": True,
        "messages": {},
    }
    created(people["alice"].post(NAMESPACES, json={"name": name, "team": "ours"}))
    told = people["alice"].get(f"{NAMESPACES}/validate?name={name}").json
    assert told == {"valid": False, "messages": {"name": ["has already been taken"]}}


def test_a_personal_namespace_takes_the_next_free_name(people: People) -> None:
    people.team("ours", alice="owner")
    people.namespace("zoe", "ours")
    people["zoe"]
    assert "zoe0" in names_seen_by(people["zoe"])


def test_visibility_is_changed_by_owners_and_unknown_kinds_are_refused(people: People) -> None:
    people.team("ours", alice="owner", bob="contributor")
    path = f"{NAMESPACES}/{people.namespace('shop', 'ours')}"
    odd = people["alice"].put(path, json={"namespace": {"visibility": "secret"}})
    assert odd.status_code == 422
    assert odd.json["message"] == {"visibility": ["unknown visibility kind 'secret'"]}
    assert people["bob"].put(path, json={"visibility": "public"}).status_code == 403
    changed = people["alice"].put(path, data={"namespace[visibility]": "public"})
    assert changed.json["visibility"] == "public"
    assert people["dave"].get(path).json["actions"] == ["pull"]


def test_the_global_namespace_is_never_private_and_never_moves(people: People) -> None:
    people.team("ours", alice="owner")
    (found,) = people.root.get(f"{NAMESPACES}?name=_").json
    path = f"{NAMESPACES}/{found['id']}"
    assert people.root.put(path, json={"visibility": "private"}).status_code == 422
    assert people.root.put(path, json={"visibility": "protected"}).status_code == 200
    assert people.root.put(path, json={"team": "ours"}).status_code == 409


def test_a_personal_namespace_never_moves(people: People) -> None:
    people.team("ours", alice="owner")
    (found,) = people["alice"].get(f"{NAMESPACES}?name=alice").json
    path = f"{NAMESPACES}/{found['id']}"
    assert people["alice"].put(path, json={"team": "ours"}).status_code == 409
    assert people["alice"].put(path, json={"description": "mine"}).status_code == 200


def test_a_namespace_moves_where_its_owner_has_rights_too(people: People) -> None:
    people.team("ours", alice="owner")
    people.team("theirs", bob="owner", alice="contributor")
    path = f"{NAMESPACES}/{people.namespace('shop', 'ours')}"
    moved = people["alice"].put(path, json={"namespace": {"team": "theirs"}})
    assert moved.json["team"]["name"] == "theirs"
    assert moved.json["role"] == "contributor"
    assert people["bob"].get(path).json["role"] == "owner"
    assert people["alice"].put(path, json={"namespace": {"team": "ours"}}).status_code == 403
    unknown = people["bob"].put(path, json={"namespace": {"team": "nothing"}})
    assert unknown.json["message"] == "unknown team 'nothing'"


def test_a_namespace_keeps_its_name(people: People) -> None:
    people.team("ours", alice="owner")
    path = f"{NAMESPACES}/{people.namespace('shop', 'ours')}"
    assert people["alice"].put(path, json={"namespace": {"name": "store"}}).status_code == 422
    assert people["alice"].put(path, json={"namespace": {"name": "shop"}}).status_code == 200


def test_descriptions_have_an_end_and_no_nul(people: People) -> None:
    people.team("ours", alice="owner")
    path = f"{NAMESPACES}/{people.namespace('shop', 'ours')}"
    for description in ("x" * 10_001, "a\x00b"):
        body = {"namespace": {"description": description}}
        assert people["alice"].put(path, json=body).status_code == 422
