"""Teams and who is in them, over HTTP."""

from __future__ import annotations

import pytest
from services.auth.tests.people import People, created

TEAMS = "/api/v1/teams"


def members_of(people: People, team: int) -> dict[str, int]:
    found = people.root.get(f"{TEAMS}/{team}/members?all=true").json
    return {member["username"]: member["id"] for member in found}


def test_whoever_creates_a_team_owns_it(people: People) -> None:
    team = created(people["alice"].post(TEAMS, json={"name": "Web Shop", "description": "x"}))
    assert team["role"] == "owner"
    assert team["hidden"] is False
    (member,) = people["alice"].get(f"{TEAMS}/{team['id']}/members").json
    assert (member["username"], member["role"]) == ("alice", "owner")


def test_an_admin_may_name_another_owner(people: People) -> None:
    body = {"name": "ours", "owner_id": people["alice"].id}
    team = created(people.root.post(TEAMS, json=body))
    assert list(members_of(people, team["id"])) == ["alice"]
    nobody = people.root.post(TEAMS, json={"name": "more", "owner_id": 4711})
    assert nobody.status_code == 422


def test_team_names_are_unique_and_keep_their_case(people: People) -> None:
    people.team("Ours", alice="owner")
    assert people["bob"].post(TEAMS, json={"name": "Ours"}).status_code == 422
    assert people["bob"].post(TEAMS, json={"name": "ours"}).status_code == 201
    for name in ("", "  ", "x" * 256, "a\nb"):
        assert people["bob"].post(TEAMS, json={"name": name}).status_code == 422


def test_personal_and_global_teams_are_nobodys_to_see(people: People) -> None:
    alice = people["alice"]
    namespaces = people.root.get("/api/v1/namespaces?all=true").json
    hidden = [each["team"]["id"] for each in namespaces if each["team"]["hidden"]]
    assert len(hidden) == 3
    for team in hidden:
        for caller in (alice, people.root):
            assert caller.get(f"{TEAMS}/{team}").status_code == 404
            body = {"user": "alice", "role": "owner"}
            assert caller.post(f"{TEAMS}/{team}/members", json=body).status_code == 404
    assert people.root.get(f"{TEAMS}?all=true").json == []
    refused = people.root.post("/api/v1/namespaces", json={"name": "x", "team": "alice"})
    assert refused.status_code == 404


def test_a_member_can_be_added_changed_and_removed_and_comes_back_as_the_same(
    people: People,
) -> None:
    team = people.team("ours", alice="owner")
    path = f"{TEAMS}/{team}/members"
    people["bob"]
    member = created(people["alice"].post(path, json={"user": "bob", "role": "viewer"}))
    assert member["user_id"] == people["bob"].id
    assert people["alice"].post(path, json={"user": "bob", "role": "viewer"}).status_code == 422
    changed = people["alice"].put(f"{path}/{member['id']}", json={"role": "contributor"})
    assert changed.json["role"] == "contributor"
    assert people["alice"].delete(f"{path}/{member['id']}").status_code == 204
    assert people["bob"].get(f"{TEAMS}/{team}").status_code == 404
    again = created(people["alice"].post(path, json={"user": "bob", "role": "owner"}))
    assert (again["id"], again["role"]) == (member["id"], "owner")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"user": "ghost", "role": "viewer"}, 404),
        ({"user": "alice", "role": "king"}, 422),
        ({"user": "alice"}, 422),
        ({"role": "viewer"}, 422),
        ({"user": "a\x00b", "role": "viewer"}, 422),
    ],
)
def test_odd_members_are_refused(people: People, body: dict[str, str], status: int) -> None:
    team = people.team("ours", alice="owner")
    assert people["alice"].post(f"{TEAMS}/{team}/members", json=body).status_code == status


def test_the_last_owner_stays(people: People) -> None:
    team = people.team("ours", alice="owner", bob="viewer")
    alice = members_of(people, team)["alice"]
    path = f"{TEAMS}/{team}/members/{alice}"
    for caller in (people["alice"], people.root):
        demoted = caller.put(path, json={"role": "viewer"})
        assert demoted.status_code == 409
        assert demoted.json["message"] == "Cannot remove the only owner of the team"
        assert demoted.json["type"] == "urn:portus:problem:last-owner"
        assert caller.delete(path).status_code == 409


def test_a_disabled_owner_does_not_count_as_one_who_stays(people: People) -> None:
    team = people.team("ours", alice="owner", bob="owner")
    people.root.put(f"/api/v1/users/{people['bob'].id}", json={"user": {"enabled": False}})
    alice = members_of(people, team)["alice"]
    assert people["alice"].delete(f"{TEAMS}/{team}/members/{alice}").status_code == 409
    people.root.put(f"/api/v1/users/{people['bob'].id}", json={"user": {"enabled": True}})
    assert people["alice"].delete(f"{TEAMS}/{team}/members/{alice}").status_code == 204
    assert people["alice"].get(f"{TEAMS}/{team}").status_code == 404


def test_a_member_of_another_team_is_not_found_in_this_one(people: People) -> None:
    ours = people.team("ours", alice="owner")
    theirs = people.team("theirs", bob="owner", carl="viewer")
    carl = members_of(people, theirs)["carl"]
    assert people["alice"].delete(f"{TEAMS}/{ours}/members/{carl}").status_code == 404
    assert "carl" in members_of(people, theirs)


def test_ids_too_large_for_a_database_are_not_found(people: People) -> None:
    for number in ("2147483648", "9" * 30, "0"):
        assert people.root.get(f"{TEAMS}/{number}").status_code == 404
        assert people.root.get(f"/api/v1/users/{number}").status_code == 404
