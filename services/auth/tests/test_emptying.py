"""Deleting namespaces with their images: the name is held until nothing is left under it."""

from __future__ import annotations

from typing import Any

import pytest
from services.auth.tests.emptying import emptied, rested
from services.auth.tests.people import Caller, People, created
from services.auth.tests.trail import told

from portus_auth.app import Auth
from portus_auth.usecases.republish import republish
from portus_shared.contracts.auth import NamespaceChanged, NamespaceDeleted

NAMESPACES, TEAMS, USERS = "/api/v1/namespaces", "/api/v1/teams", "/api/v1/users"


@pytest.fixture
def shop(people: People) -> int:
    """The namespace of a team of alice's, to be deleted; bob has a team too."""
    people.team("ours", alice="owner")
    people.team("theirs", bob="owner")
    return people.namespace("shop", "ours")


def left(caller: Caller) -> dict[str, Any]:
    found = caller.get(f"{NAMESPACES}?held=true&all=true").json
    return {each["name"]: each["leftovers"] for each in found}


def test_the_images_go_with_the_namespace_and_the_name_is_held_until_they_are_gone(
    auth: Auth, people: People, shop: int
) -> None:
    assert people["alice"].delete(f"{NAMESPACES}/{shop}").status_code == 204
    (deletion,) = told(auth, NamespaceDeleted)
    assert (deletion.keep_images, deletion.deleted_by) == (False, "alice")
    assert left(people.root) == {"shop": "deleting"}
    again = {"name": "shop", "team": "theirs"}
    assert people["bob"].post(NAMESPACES, json=again).status_code == 422
    refused = people.root.post(NAMESPACES, json=again | {"adopt": True})
    assert refused.status_code == 409
    assert "being deleted" in refused.json["message"]

    emptied(auth, deletion)
    rested(auth)
    assert left(people.root) == {"shop": "gone"}
    assert people["bob"].get(f"{NAMESPACES}/validate?name=shop").json["valid"] is True
    taken = created(people["bob"].post(NAMESPACES, json=again))
    assert (taken["id"] != shop, taken["leftovers"]) == (True, None)
    assert left(people.root) == {}
    assert people.root.get(f"{NAMESPACES}/{shop}").status_code == 404
    assert told(auth, NamespaceChanged)[-1].revision > deletion.revision


def test_a_name_that_is_free_again_may_be_adopted_too(
    auth: Auth, people: People, shop: int
) -> None:
    people["alice"].delete(f"{NAMESPACES}/{shop}")
    emptied(auth, told(auth, NamespaceDeleted)[0])
    rested(auth)
    body = {"name": "shop", "team": "theirs", "adopt": True}
    assert created(people.root.post(NAMESPACES, json=body))["id"] == shop
    people.root.delete(f"{NAMESPACES}/{shop}")
    assert left(people.root) == {"shop": "deleting"}


def test_an_admin_has_kept_images_deleted_later(auth: Auth, people: People, shop: int) -> None:
    people["alice"].delete(f"{NAMESPACES}/{shop}?keep_images=true")
    assert people["alice"].delete(f"{NAMESPACES}/{shop}").status_code == 404
    assert people.root.delete(f"{NAMESPACES}/{shop}?keep_images=true").status_code == 204
    assert left(people.root) == {"shop": "kept"}
    assert people.root.delete(f"{NAMESPACES}/{shop}").status_code == 204
    assert left(people.root) == {"shop": "deleting"}
    kept, deleted = told(auth, NamespaceDeleted)
    assert (kept.keep_images, deleted.keep_images) == (True, False)
    assert deleted.revision > kept.revision


def test_an_answer_to_an_older_deletion_frees_nothing(
    auth: Auth, people: People, shop: int
) -> None:
    people["alice"].delete(f"{NAMESPACES}/{shop}?keep_images=true")
    people.root.delete(f"{NAMESPACES}/{shop}")
    emptied(auth, told(auth, NamespaceDeleted)[0])
    assert left(people.root) == {"shop": "deleting"}


def test_whoever_starts_empty_is_told_what_is_still_to_be_emptied(
    auth: Auth, people: People, shop: int
) -> None:
    people.namespace("kept", "ours")
    people["alice"].delete(f"{NAMESPACES}/{shop}")
    people["alice"].delete(f"{NAMESPACES}/{shop + 1}?keep_images=true")
    with auth.database.write() as session:
        generation = republish(session)
    again = [each for each in told(auth, NamespaceDeleted) if each.revision == generation]
    assert [(each.namespace, each.keep_images) for each in again] == [("shop", False)]


@pytest.mark.parametrize("keep", ["", "?keep_images=true"])
def test_teams_and_accounts_go_with_the_images_or_without(
    auth: Auth, people: People, shop: int, keep: str
) -> None:
    (team,) = people.root.get(f"{TEAMS}?all=true").json[:1]
    people["alice"].delete(f"{TEAMS}/{team['id']}{keep}")
    people.root.delete(f"{USERS}/{people['alice'].id}{keep}")
    state = "kept" if keep else "deleting"
    assert left(people.root) == {"shop": state, "alice": state}
    assert {each.keep_images for each in told(auth, NamespaceDeleted)} == {bool(keep)}
