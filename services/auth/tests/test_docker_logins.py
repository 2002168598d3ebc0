"""Docker logins over the REST API: seen and ended by their owner and by admins."""

from typing import Any

import pytest
from services.auth.tests.people import PASSWORD, Caller, People, basic

from portus_auth.app import Auth

TOKEN = "/v2/token?service=registry.test:5000&client_id=docker&offline_token=true"


def _log_in(auth: Auth, username: str, secret: str) -> str:
    answer = Caller(auth, basic(username, secret)).get(TOKEN)
    assert answer.status_code == 200, answer.text
    token: str = answer.json["refresh_token"]
    return token


def _opens(auth: Auth, token: str) -> bool:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return bool(Caller(auth).post("/v2/token", data=form).status_code == 200)


def _logins(people: People, username: str) -> list[dict[str, Any]]:
    person = people[username]
    found: list[dict[str, Any]] = person.get(f"/api/v1/users/{person.id}/docker_logins").json
    return found


def test_owner_sees_where_they_are_logged_in_and_never_the_secret(
    auth: Auth, people: People
) -> None:
    eve = people["eve"]
    by_password = _log_in(auth, eve.username, PASSWORD)
    by_token = _log_in(auth, "eve", eve.token)
    newer, older = _logins(people, "eve")
    assert (newer["application"], older["application"]) == ("test", None)
    assert newer["client"] == "docker"
    assert newer["registry"] == "registry.test:5000"
    assert newer["created_at"] <= newer["last_used_at"] < newer["expires_at"]
    assert "address" in newer
    assert not any(token in str([newer, older]) for token in (by_password, by_token))


def test_owner_ends_one_at_once(auth: Auth, people: People) -> None:
    assert _logins(people, "eve") == []
    kept, ended = _log_in(auth, "eve", PASSWORD), _log_in(auth, "eve", PASSWORD)
    path = f"/api/v1/users/{people['eve'].id}/docker_logins"
    latest = _logins(people, "eve")[0]["id"]
    assert people["eve"].delete(f"{path}/{latest}").status_code == 204
    assert (_opens(auth, kept), _opens(auth, ended)) == (True, False)
    assert people["eve"].delete(f"{path}/{latest}").status_code == 404
    assert len(_logins(people, "eve")) == 1


def test_login_is_found_under_its_owner_only(auth: Auth, people: People) -> None:
    token = _log_in(auth, "eve", people["eve"].token)
    (login,) = _logins(people, "eve")
    bob = people["bob"]
    assert bob.delete(f"/api/v1/users/{bob.id}/docker_logins/{login['id']}").status_code == 404
    assert people.root.get("/api/v1/users/999/docker_logins").status_code == 404
    assert _opens(auth, token)


def test_changed_password_ends_those_got_with_it(auth: Auth, people: People) -> None:
    by_token = _log_in(auth, "eve", people["eve"].token)
    by_password = _log_in(auth, "eve", PASSWORD)
    change = {"user": {"password": "yet another password"}}
    assert people.root.put(f"/api/v1/users/{people['eve'].id}", json=change).status_code == 200
    assert (_opens(auth, by_password), _opens(auth, by_token)) == (False, True)
    assert [login["application"] for login in _logins(people, "eve")] == ["test"]


def test_deleted_application_token_ends_those_got_with_it(auth: Auth, people: People) -> None:
    eve = people["eve"]
    path = f"/api/v1/users/{eve.id}/application_tokens"
    made = eve.post(path, json={"application": "laptop"}).json
    token = _log_in(auth, "eve", made["plain_token"])
    assert _opens(auth, token)
    eve.delete(f"/api/v1/users/application_tokens/{made['id']}")
    assert not _opens(auth, token)
    assert _logins(people, "eve") == []


@pytest.mark.parametrize("by_password", [True, False])
def test_disabled_account_loses_them_for_good(
    auth: Auth, people: People, by_password: bool
) -> None:
    eve = people["eve"]
    token = _log_in(auth, "eve", PASSWORD if by_password else eve.token)
    path = f"/api/v1/users/{eve.id}"
    people.root.put(path, json={"user": {"enabled": False}})
    assert not _opens(auth, token)
    people.root.put(path, json={"user": {"enabled": True}})
    assert not _opens(auth, token)
    assert _logins(people, "eve") == []
