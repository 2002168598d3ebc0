"""The switches of an installation, as docker, the REST API and the other services meet them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from services.auth.tests import trail
from services.auth.tests.people import Caller, People

from portus_auth.app import Auth, build
from portus_auth.config import read
from portus_shared.config import InvalidSettings
from portus_shared.contracts.auth import NamespaceChanged
from portus_shared.contracts.event import Event

Restart = Callable[..., Auth]
_POLICY = "USER_PERMISSION_PUSH_IMAGES_POLICY"


@pytest.fixture
def restart(auth: Auth, environ: dict[str, str]) -> Restart:
    """Start auth anew over the same database, with other settings."""

    def again(**changed: str) -> Auth:
        named = {f"PORTUS_{name}": value for name, value in changed.items()}
        return build(read({**environ, **named}), database=auth.database)

    return again


@pytest.fixture
def crew(people: People) -> int:
    people.team("crew", olga="owner", carl="contributor")
    return people.namespace("shop", "crew")


def _may(auth: Auth, people: People, who: str, repository: str) -> set[str]:
    scope = f"repository:{repository}:pull,push,delete"
    name, _, token = people[who].headers["Portus-Auth"].partition(":")
    secret = base64.b64encode(f"{name}:{token}".encode()).decode()
    caller = Caller(auth, {"Authorization": f"Basic {secret}"})
    answer = caller.get(f"/v2/token?service=registry.test:5000&scope={scope}")
    payload = answer.json["token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return {action for access in claims["access"] for action in access["actions"]}


def _as(auth: Auth, people: People, who: str) -> Caller:
    return Caller(auth, people[who].headers)


def test_a_push_policy_that_is_none_is_refused_at_start(environ: dict[str, str]) -> None:
    with pytest.raises(InvalidSettings, match=f"{_POLICY} must be one of allow-teams"):
        read({**environ, f"PORTUS_{_POLICY}": "everybody"})


def test_the_push_policy_holds_for_docker_and_is_explained(
    people: People, restart: Restart, crew: int
) -> None:
    auth = restart(**{_POLICY: "allow-personal"})
    assert _may(auth, people, "carl", "shop/app") == {"pull"}
    assert _may(auth, people, "olga", "shop/app") == {"pull", "delete"}
    assert _may(auth, people, "olga", "olga/app") == {"pull", "push", "delete"}
    query = "user=olga&repository=shop/app&action=push"
    verdict = _as(auth, people, "olga").get(f"/api/v1/access?{query}").json
    assert verdict["allowed"] is False
    assert verdict["needed"] == [
        f"pushing is restricted here: PORTUS_{_POLICY} is allow-personal",
        "be an admin",
    ]


def test_who_may_not_push_may_still_describe_what_is_theirs(
    people: People, restart: Restart, crew: int
) -> None:
    auth = restart(**{_POLICY: "admin-only"})
    change = {"namespace": {"description": "still ours"}}
    answer = _as(auth, people, "olga").put(f"/api/v1/namespaces/{crew}", json=change)
    assert answer.status_code == 200, answer.text
    assert answer.json["actions"] == ["delete", "pull"]


def test_contributors_delete_where_they_are_let(
    people: People, restart: Restart, crew: int
) -> None:
    auth = restart(DELETE_CONTRIBUTORS="true")
    assert "delete" in _may(auth, people, "carl", "shop/app")
    carl = _as(auth, people, "carl")
    assert carl.get("/api/v1/teams").status_code == 200
    assert carl.delete(f"/api/v1/namespaces/{crew}").status_code == 204


def test_nobody_deletes_where_deletion_is_off(people: People, restart: Restart, crew: int) -> None:
    auth = restart(DELETE_ENABLED="false")
    root = _as(auth, people, "root")
    assert _may(auth, people, "root", "shop/app") == {"pull", "push"}
    answers = [
        root.delete(f"/api/v1/namespaces/{crew}"),
        root.delete(f"/api/v1/users/{people['carl'].id}"),
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert "PORTUS_DELETE_ENABLED is false" in answers[0].json["message"]
    assert root.delete(f"/api/v1/users/{people['carl'].id}?new_team=crew").status_code == 204


@pytest.mark.parametrize(
    ("switch", "method", "path", "body"),
    [
        ("CREATE_TEAM", "POST", "/api/v1/teams", {"name": "new"}),
        ("MANAGE_TEAM", "PUT", "/api/v1/teams/{team}", {"team": {"description": "x"}}),
        ("CREATE_NAMESPACE", "POST", "/api/v1/namespaces", {"name": "new", "team": "crew"}),
        ("MANAGE_NAMESPACE", "PUT", "/api/v1/namespaces/{ns}", {"description": "x"}),
        ("CHANGE_VISIBILITY", "PUT", "/api/v1/namespaces/{ns}", {"visibility": "public"}),
    ],
)
def test_what_is_left_to_admins_is_refused_to_owners_with_the_setting(
    people: People,
    restart: Restart,
    crew: int,
    switch: str,
    method: str,
    path: str,
    body: Any,
) -> None:
    setting = f"USER_PERMISSION_{switch}_ENABLED"
    auth = restart(**{setting: "false"})
    team = people.root.get("/api/v1/teams?name=crew").json[0]["id"]
    where = path.format(team=team, ns=crew)
    refused = _as(auth, people, "olga").call(method, where, json=body)
    assert refused.status_code == 403
    assert f"PORTUS_{setting} is false" in refused.json["message"]
    assert _as(auth, people, "root").call(method, where, json=body).status_code in {200, 201}


def test_visibility_is_a_switch_of_its_own(people: People, restart: Restart, crew: int) -> None:
    auth = restart(USER_PERMISSION_MANAGE_NAMESPACE_ENABLED="false")
    olga, path = _as(auth, people, "olga"), f"/api/v1/namespaces/{crew}"
    assert olga.put(path, json={"visibility": "public"}).status_code == 200
    assert olga.put(path, json={"visibility": "private", "description": "x"}).status_code == 403


def test_a_changed_switch_is_told_with_every_namespace_and_recorded(
    auth: Auth, people: People, restart: Restart, crew: int
) -> None:
    before = people.root.get("/api/v1/namespaces?all=true").json
    many = len(trail.told(auth, NamespaceChanged))
    restart(DELETE_ENABLED="false")
    events = trail.told(auth, NamespaceChanged)[many:]
    assert {event.namespace for event in events} >= {each["name"] for each in before}
    assert not any("delete" in grant.actions for event in events for grant in event.grants)
    assert trail.last(auth, "rules.change").after["delete_images"] is False
    restart(DELETE_ENABLED="true")
    entry = trail.last(auth, "rules.change")
    assert (entry.before, entry.after) == ({"delete_images": False}, {"delete_images": True})


def test_a_start_with_the_same_switches_tells_nothing(
    auth: Auth, people: People, restart: Restart, crew: int
) -> None:
    before = trail.told(auth, Event)
    restart(DELETE_ENABLED="true")
    assert trail.told(auth, Event) == before


def test_another_process_obeys_the_switch_of_the_last_start(
    auth: Auth, people: People, restart: Restart, crew: int
) -> None:
    assert "push" in _may(auth, people, "carl", "shop/app")
    restart(**{_POLICY: "admin-only"})
    auth.facts.changed()
    assert "push" not in _may(auth, people, "carl", "shop/app")
