"""One's own password, address and sign-ins, and what admins do about those of others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from services.auth.tests.people import ADMIN, PASSWORD, Caller, People, basic
from services.auth.tests.test_program import portus_auth
from services.auth.tests.trail import last
from sqlalchemy import update

from portus_auth.app import Auth
from portus_auth.domain.actors import SYSTEM
from portus_auth.storage.tables import SignIn
from portus_auth.usecases.audit import AUTH_ITSELF, audited
from portus_auth.usecases.own_account import issue_reset
from portus_shared.clock import now

NEW = "an entirely new password"
RESETS = "/api/v1/users/password_resets"


def _may_sign_in(auth: Auth, login: str, password: str) -> bool:
    return bool(Caller(auth, basic(login, password)).get("/api/v1/teams").status_code == 200)


def test_a_password_is_changed_with_the_present_one(auth: Auth, people: People) -> None:
    alice = people["alice"]
    path, handle = f"/api/v1/users/{alice.id}/password", people.sign_in(alice)
    wrong = alice.put(path, json={"password": NEW, "current_password": "not it"})
    assert wrong.status_code == 422
    assert wrong.json["message"] == {"current_password": ["is not right"]}
    assert people.is_signed_in(handle)
    right = alice.put(path, json={"password": NEW, "current_password": PASSWORD})
    assert right.status_code == 204
    assert not people.is_signed_in(handle)
    assert _may_sign_in(auth, "alice", NEW)
    assert not _may_sign_in(auth, "alice", PASSWORD)
    assert alice.get("/api/v1/teams").status_code == 200
    assert last(auth, "user.change").actor == "alice"


@pytest.mark.parametrize(
    "password", ["short", "x" * 129, "Password123", "aaaaaaaaaa", "23456789", "poiuytre", ""]
)
def test_poor_passwords_are_refused(people: People, password: str) -> None:
    path = f"/api/v1/users/{people['alice'].id}/password"
    body = {"password": password, "current_password": PASSWORD}
    answer = people["alice"].put(path, json=body)
    assert answer.status_code == 422
    assert list(answer.json["message"]) == ["password"]


def test_guessing_the_present_password_is_slowed_down(people: People) -> None:
    path = f"/api/v1/users/{people['alice'].id}/password"
    answers = [
        people["alice"].put(path, json={"password": NEW, "current_password": f"guess {number}"})
        for number in range(11)
    ]
    assert [each.status_code for each in answers] == [422] * 10 + [429]


def test_an_admin_needs_their_own_password_for_their_own_account(people: People) -> None:
    path = f"/api/v1/users/{people.root.id}/password"
    assert people.root.put(path, json={"password": NEW}).status_code == 422
    body = {"password": NEW, "current_password": ADMIN["password"]}
    assert people.root.put(path, json=body).status_code == 204


def test_an_address_is_changed_with_the_password(auth: Auth, people: People) -> None:
    people["bob"]
    path = f"/api/v1/users/{people['alice'].id}/email"
    body = {"email": "new@example.org", "current_password": PASSWORD}
    answer = people["alice"].put(path, json=body)
    assert answer.json["email"] == "new@example.org"
    assert _may_sign_in(auth, "new@example.org", PASSWORD)
    taken = people["alice"].put(path, json=body | {"email": "BOB@example.org"})
    assert taken.json["message"] == {"email": ["has already been taken"]}


def test_people_disable_themselves_with_the_password_and_are_out_at_once(
    auth: Auth, people: People
) -> None:
    alice = people["alice"]
    handle, path = people.sign_in(alice), f"/api/v1/users/{alice.id}/enabled"
    off = {"enabled": False}
    for shown in (off, off | {"current_password": "wrong"}):
        refused = alice.put(path, json=shown)
        assert refused.json["message"] == {"current_password": ["is not right"]}
    assert people["bob"].put(path, json=off).status_code == 403
    assert alice.put(path, json={}).status_code == 422
    gone = alice.put(path, json=off | {"current_password": PASSWORD})
    assert (gone.status_code, gone.json["enabled"]) == (200, False)
    assert alice.put(path, json={"enabled": True}).status_code == 401
    assert not people.is_signed_in(handle)
    assert not _may_sign_in(auth, "alice", PASSWORD)
    record = last(auth, "user.change")
    assert (record.actor, record.after) == ("alice", {"enabled": False})
    assert people.root.put(path, json={"enabled": True}).json["enabled"] is True
    assert _may_sign_in(auth, "alice", PASSWORD)


def test_the_last_admin_stays(people: People) -> None:
    path = f"/api/v1/users/{people.root.id}/enabled"
    body = {"enabled": False, "current_password": ADMIN["password"]}
    assert people.root.put(path, json=body).status_code == 409
    people.root.put(f"/api/v1/users/{people['bob'].id}", json={"user": {"admin": True}})
    assert people.root.put(path, json=body).status_code == 200


def test_an_admin_disables_a_bot_too(people: People) -> None:
    bot = people.robot("robby")
    off = people.root.put(f"/api/v1/users/{bot.id}/enabled", json={"enabled": False})
    assert (off.status_code, bot.get("/api/v1/teams").status_code) == (200, 401)


def test_an_admin_lets_somebody_set_their_password_once(
    auth: Auth, people: People, nobody: Caller
) -> None:
    alice = people["alice"]
    handle = people.sign_in(alice)
    issued = people.root.post(f"/api/v1/users/{alice.id}/password_resets")
    assert issued.status_code == 201
    assert people.is_signed_in(handle)
    body = {"token": issued.json["token"], "password": "short"}
    assert nobody.post(RESETS, json=body).status_code == 422
    body["password"] = NEW
    assert nobody.post(RESETS, json=body).status_code == 204
    assert not people.is_signed_in(handle)
    assert _may_sign_in(auth, "alice", NEW)
    again = nobody.post(RESETS, json=body | {"password": "yet another password"})
    assert again.json["message"] == {"token": ["is wrong, used, or too old"]}
    assert _may_sign_in(auth, "alice", NEW)
    record = last(auth, "user.issue_reset")
    assert (record.actor, record.subject) == ("root", "user alice")


def test_a_reset_token_is_only_good_as_it_was_given(
    auth: Auth, people: People, nobody: Caller
) -> None:
    path = f"/api/v1/users/{people['alice'].id}/password_resets"
    token = people.root.post(path).json["token"]
    prefix, expires, mark = token.split("-")
    others = f"prp_{people['bob'].id}-{expires}-{mark}"
    longer = f"{prefix}-{int(expires) + 1}-{mark}"
    with auth.database.write() as session, audited(session, AUTH_ITSELF):
        over = timedelta(0)
        late = issue_reset(session, SYSTEM, auth.secrets.hashes, people["alice"].id, over).token
    for wrong in (others, longer, late, token[:-1], "", "prp_1-2-x"):
        answer = nobody.post(RESETS, json={"token": wrong, "password": NEW})
        assert answer.status_code == 422, wrong


def test_who_is_disabled_cannot_use_a_reset_token(people: People, nobody: Caller) -> None:
    path = f"/api/v1/users/{people['alice'].id}"
    token = people.root.post(f"{path}/password_resets").json["token"]
    people.root.put(path, json={"user": {"enabled": False}})
    assert nobody.post(RESETS, json={"token": token, "password": NEW}).status_code == 422


def test_a_bot_is_given_no_password(people: People) -> None:
    user = {"username": "ci", "email": "ci@example.org", "bot": True}
    path = f"/api/v1/users/{people.root.post('/api/v1/users', json={'user': user}).json['id']}"
    assert people.root.post(f"{path}/password_resets").status_code == 409
    assert people.root.put(f"{path}/password", json={"password": NEW}).status_code == 409


def test_an_operator_sets_a_password(auth: Auth, people: People, environ: dict[str, str]) -> None:
    handle = people.sign_in(people["alice"])
    done = portus_auth(environ, "reset-password", "alice", "--password", NEW)
    assert done.returncode == 0, done.stderr
    assert _may_sign_in(auth, "alice", NEW)
    assert not people.is_signed_in(handle)
    assert last(auth, "user.change").actor == "_auth"
    for name, password in (("ghost", NEW), ("alice", "password1")):
        failed = portus_auth(environ, "reset-password", name, "--password", password)
        assert failed.returncode == 1
        assert "Traceback" not in failed.stderr


def test_sign_ins_are_listed_and_ended_one_by_one_and_all_together(
    auth: Auth, people: People
) -> None:
    alice = people["alice"]
    handles = [people.sign_in(alice) for _ in range(3)]
    found = alice.get("/api/v1/sessions").json
    assert {each["address"] for each in found} == {"192.0.2.7"}
    assert {each["username"] for each in found} == {"alice"}
    assert not any("handle" in name for each in found for name in each)
    assert alice.delete(f"/api/v1/sessions/{found[0]['id']}").status_code == 204
    assert [people.is_signed_in(handle) for handle in handles] == [True, True, False]
    assert last(auth, "sign_in.revoke").subject == "user alice"
    assert people.root.delete("/api/v1/sessions?user=alice").status_code == 204
    assert not any(people.is_signed_in(handle) for handle in handles)
    assert alice.get("/api/v1/sessions").json == []


def test_sign_ins_that_are_over_are_not_listed(auth: Auth, people: People) -> None:
    people.sign_in(people["alice"])
    with auth.database.write() as session:
        session.execute(update(SignIn).values(expires_at=now() - timedelta(seconds=1)))
    assert people["alice"].get("/api/v1/sessions").json == []


def test_nobody_sees_or_ends_somebody_else_s_sign_ins(people: People) -> None:
    handle = people.sign_in(people["alice"])
    (found,) = people["alice"].get("/api/v1/sessions").json
    eve = people["eve"]
    assert eve.get("/api/v1/sessions").json == []
    assert eve.get("/api/v1/sessions?user=alice").status_code == 404
    assert eve.delete("/api/v1/sessions?user=alice").status_code == 404
    assert eve.delete(f"/api/v1/sessions/{found['id']}").status_code == 404
    assert people.is_signed_in(handle)


def test_a_user_may_see_their_own_account_only(people: People) -> None:
    alice = people["alice"]
    assert alice.get(f"/api/v1/users/{alice.id}").json["username"] == "alice"
    assert alice.get(f"/api/v1/users/{people.root.id}").status_code == 403
