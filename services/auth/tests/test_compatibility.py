"""What clients of the original rely on: lists by any column, forms, names, numbers of pages."""

from __future__ import annotations

from typing import Any, Final

import pytest
from services.auth.tests.people import PASSWORD, People

LISTS: Final = ("/api/v1/users", "/api/v1/teams", "/api/v1/namespaces", "/api/v1/teams/{}/members")
# Shown for convenience of ours, or never filled: not to be sorted by.
_NOT_SORTED: Final = {"locked_at", "personal", "actions", "leftovers", "name_rests_until"}


@pytest.fixture
def crew(people: People) -> int:
    team = people.team("crew", olga="owner", carl="contributor", vic="viewer")
    people.namespace("shop", "crew")
    return team


def test_lists_are_sorted_by_every_column_that_they_show(people: People, crew: int) -> None:
    for path in LISTS:
        _sort_by_everything(people, path.format(crew))


def _sort_by_everything(people: People, path: str) -> None:
    columns = set(people.root.get(path).json[0]) - _NOT_SORTED
    for column in columns:
        for order in ("asc", "desc"):
            found = people.root.get(f"{path}?all=true&sort_attr={column}&sort_order={order}")
            assert found.status_code == 200, f"{column}: {found.text}"
    named = people.root.get(f"{path}?sort_attr=created_at&sort_order=desc").json
    times = [each["created_at"] for each in named]
    assert times == sorted(times, reverse=True)


def test_pages_are_numbered_as_clients_read_them(people: People, crew: int) -> None:
    path = f"/api/v1/teams/{crew}/members"
    page = people.root.get(f"{path}?page=2&per_page=2&sort_attr=username")
    assert [each["username"] for each in page.json] == ["vic"]
    shown = {name: page.headers[f"X-{name}"] for name in ("Page", "Prev-Page", "Total-Pages")}
    assert shown == {"Page": "2", "Prev-Page": "1", "Total-Pages": "2"}
    assert (page.headers["X-Total"], page.headers["X-Next-Page"]) == ("3", "")
    assert 'rel="first"' in page.headers["Link"]
    assert people.root.get(f"{path}?page=9").json == []
    assert len(people.root.get(f"{path}?all=true").json) == 3


def test_the_global_namespace_has_the_name_that_the_original_shows(people: People) -> None:
    (found,) = people.root.get("/api/v1/namespaces?name=_").json
    assert (found["name"], found["clean_name"]) == ("_", "registry.test:5000")
    assert found["global"] is True
    personal = people["olga"].get("/api/v1/namespaces?name=olga").json[0]
    assert personal["clean_name"] == "olga"


FORMS: Final[list[tuple[str, str, dict[str, str], dict[str, Any]]]] = [
    ("POST", "/api/v1/users", {"user[username]": "neil", "user[email]": "n@example.org",
     "user[password]": PASSWORD}, {"username": "neil", "admin": False, "bot": False}),
    ("POST", "/api/v1/teams", {"name": "new", "description": "x"}, {"name": "new"}),
    ("POST", "/api/v1/teams/{team}/members", {"user": "root", "role": "viewer"},
     {"role": "viewer"}),
    ("POST", "/api/v1/namespaces", {"name": "fresh", "team": "crew"},
     {"name": "fresh", "visibility": "private", "global": False}),
    ("PUT", "/api/v1/teams/{team}", {"team[name]": "other"}, {"name": "other"}),
]  # fmt: skip


def test_forms_are_read_like_json(people: People, crew: int) -> None:
    for method, path, form, shown in FORMS:
        answer = people.root.call(method, path.format(team=crew), data=form)
        assert answer.status_code in {200, 201}, answer.text
        assert answer.json | shown == answer.json


def test_errors_carry_the_message_that_clients_show(people: People, crew: int) -> None:
    dave, anonymous = people["dave"], {"Portus-Auth": "dave:wrong"}
    answers = [
        dave.get("/api/v1/teams", headers=anonymous),
        dave.get("/api/v1/users"),
        dave.get(f"/api/v1/teams/{crew}"),
        people.root.post("/api/v1/namespaces", json={"name": "new", "team": "none"}),
        people.root.post("/api/v1/teams", json={"name": "crew"}),
    ]
    assert [(answer.status_code, answer.json["message"]) for answer in answers] == [
        (401, "Authentication fails"),
        (403, "Authorization fails"),
        (404, "Not found"),
        (404, "unknown team 'none'"),
        (422, {"name": ["has already been taken"]}),
    ]


def test_dockers_names_are_namespaces_names_and_no_others(people: People, crew: int) -> None:
    for name in ("a__b", "a--b", "a---b.c_d", "0"):
        answer = people.root.post("/api/v1/namespaces", json={"name": name, "team": "crew"})
        assert answer.status_code == 201, name
    for name in ("a\n", "a___b", "a..b", "A", "-a", "a/b", "a\\b", "_", ""):
        answer = people.root.post("/api/v1/namespaces", json={"name": name, "team": "crew"})
        assert (answer.status_code, "name" in answer.json["message"]) == (422, True), name


def test_hidden_teams_take_no_namespace_and_have_none_to_show(people: People, crew: int) -> None:
    namespace = people.root.get("/api/v1/namespaces?name=shop").json[0]["id"]
    hidden = people.root.get("/api/v1/namespaces?name=olga").json[0]["team"]
    change = {"namespace": {"team": hidden["name"]}}
    assert people.root.put(f"/api/v1/namespaces/{namespace}", json=change).status_code == 404
    assert people.root.get(f"/api/v1/teams/{hidden['id']}/namespaces").status_code == 404
    assert hidden["name"] not in {each["name"] for each in people.root.get("/api/v1/teams").json}


def test_a_namespace_moves_only_to_a_team_of_whom_moves_it(people: People, crew: int) -> None:
    people.team("foreign", dave="owner")
    namespace = people.root.get("/api/v1/namespaces?name=shop").json[0]["id"]
    change = {"namespace": {"team": "foreign"}}
    assert people["olga"].put(f"/api/v1/namespaces/{namespace}", json=change).status_code == 404
    assert people["dave"].put(f"/api/v1/namespaces/{namespace}", json=change).status_code == 404
    assert people.root.put(f"/api/v1/namespaces/{namespace}", json=change).status_code == 200
