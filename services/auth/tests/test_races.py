"""Two at once: rules that count something hold on both databases, whoever commits first."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from services.auth.tests.people import ADMIN, Caller, People

from portus_auth.app import Auth


def at_once(*calls: Callable[[], Any]) -> list[int]:
    """Make the calls together and return their statuses, in order of size."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> int:
        start.wait()
        status: int = call().status_code
        return status

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(run, calls))


def test_only_one_of_two_becomes_the_first_admin(auth: Auth, setup_code: str) -> None:
    def bootstrap(name: str) -> Callable[[], Any]:
        user = {**ADMIN, "username": name, "email": f"{name}@example.org"}
        body = {"user": user, "setup_code": setup_code}
        return lambda: Caller(auth).post("/api/v1/users/bootstrap", json=body)

    assert at_once(bootstrap("one"), bootstrap("two")) == [201, 400]


def test_two_admins_cannot_demote_each_other(people: People) -> None:
    alice = people["alice"]
    people.root.put(f"/api/v1/users/{alice.id}", json={"user": {"admin": True}})
    no_admin = {"user": {"admin": False}}
    statuses = at_once(
        lambda: people.root.put(f"/api/v1/users/{alice.id}", json=no_admin),
        lambda: alice.put("/api/v1/users/1", json=no_admin),
    )
    assert statuses in ([200, 403], [200, 409])
    enabled = [people.root.get("/api/v1/users").status_code, alice.get("/api/v1/users").status_code]
    assert sorted(enabled) == [200, 403]


def test_two_owners_cannot_leave_together(people: People) -> None:
    team = people.team("ours", alice="owner", bob="owner")
    path = f"/api/v1/teams/{team}/members"
    ids = {each["username"]: each["id"] for each in people.root.get(path).json}
    statuses = at_once(
        *((lambda who=who: people[who].delete(f"{path}/{ids[who]}")) for who in ("alice", "bob"))
    )
    assert statuses == [204, 409]


def test_a_name_is_given_once(people: People) -> None:
    people.team("ours", alice="owner")
    body = {"name": "shop", "team": "ours"}
    calls = [lambda: people["alice"].post("/api/v1/namespaces", json=body)] * 4
    assert at_once(*calls) == [201, 422, 422, 422]


def test_users_created_together_get_namespaces_of_their_own(people: People) -> None:
    def create(name: str) -> Callable[[], Any]:
        user = {"username": name, "email": f"{name}@example.org", "password": "long enough"}
        return lambda: people.root.post("/api/v1/users", json={"user": user})

    # All of these are the namespace `x_y` to Docker.
    assert at_once(*(create(name) for name in ("x!y", "x$y", "x%y"))) == [201, 201, 201]
    found = {each["name"] for each in people.root.get("/api/v1/namespaces?all=true").json}
    assert {"x_y", "x_y0", "x_y1"} <= found
