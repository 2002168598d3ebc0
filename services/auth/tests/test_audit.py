"""The audit trail: every change, sign-in and failure, by whom, from where, without secrets."""

from __future__ import annotations

from services.auth.tests.people import ADMIN, PASSWORD, Caller, People, basic, service
from services.auth.tests.trail import last, raw, records, words

from portus_auth.app import Auth, build
from portus_auth.config import read
from portus_auth.failed_sign_ins import PER_MINUTE, FailedSignIns
from portus_shared.testing.waiting import wait_until

SIGN_INS = "/internal/v1/sign-ins"


def test_the_first_start_and_the_first_admin_are_recorded(auth: Auth, people: People) -> None:
    del people
    assert words(auth) == [
        ("_auth", "registry.create", "registry default"),
        ("_auth", "namespace.create", "namespace _"),
        ("anonymous", "user.create", "user root"),
        ("anonymous", "namespace.create", "namespace root"),
        ("anonymous", "application_token.create", "user root"),
    ]


def test_each_change_is_recorded_with_what_was_and_what_is(auth: Auth, people: People) -> None:
    people.team("ours", alice="owner")
    namespace = people.namespace("shop", "ours")
    path = f"/api/v1/namespaces/{namespace}"
    change = {"namespace": {"visibility": "public", "description": "wares"}}
    where = {"REMOTE_ADDR": "192.0.2.9"}
    answer = people["alice"].put(path, json=change, environ_overrides=where)
    assert answer.status_code == 200
    record = last(auth, "namespace.change_visibility")
    assert (record.actor, record.subject) == ("alice", "namespace shop")
    assert record.before == {"visibility": "private", "description": ""}
    assert record.after == {"visibility": "public", "description": "wares"}
    assert record.address == "192.0.2.9"


def test_memberships_are_recorded_by_name(auth: Auth, people: People) -> None:
    team = people.team("ours", alice="owner", bob="viewer")
    members = people.root.get(f"/api/v1/teams/{team}/members").json
    (bob,) = (each["id"] for each in members if each["username"] == "bob")
    path = f"/api/v1/teams/{team}/members"
    people["alice"].put(f"{path}/{bob}", json={"role": "contributor"})
    people["alice"].delete(f"{path}/{bob}")
    people["alice"].post(path, json={"user": "bob", "role": "viewer"})
    viewer = {"user": "bob", "role": "viewer"}
    changed = last(auth, "team.change_member_role")
    assert (changed.before, changed.after) == ({"role": "viewer"}, {"role": "contributor"})
    gone = last(auth, "team.remove_member")
    assert (gone.before, gone.after) == (viewer | {"role": "contributor"}, None)
    assert [each.after for each in records(auth, "team.add_member")][-2:] == [viewer, viewer]
    assert {each.subject for each in records(auth, "team.add_member")} == {"team ours"}


def test_a_changed_namespace_s_team_is_recorded_by_its_name(auth: Auth, people: People) -> None:
    people.team("ours", alice="owner")
    people.team("theirs", alice="owner")
    path = f"/api/v1/namespaces/{people.namespace('shop', 'ours')}"
    assert people["alice"].put(path, json={"namespace": {"team": "theirs"}}).status_code == 200
    record = last(auth, "namespace.change_team")
    assert (record.before, record.after) == ({"team": "ours"}, {"team": "theirs"})


def test_no_secret_is_recorded(auth: Auth, people: People) -> None:
    alice, changed = people["alice"], "an entirely new password"
    path = f"/api/v1/users/{alice.id}"
    assert people.root.put(path, json={"user": {"password": changed}}).status_code == 200
    assert last(auth, "user.change").after == {"password": "changed"}
    body = {"login": "alice", "password": changed, "address": "192.0.2.7"}
    handle = service(auth).post(SIGN_INS, json=body).json["handle"]
    written = raw(auth)
    for secret in (PASSWORD, changed, ADMIN["password"], alice.token, handle, "argon2"):
        assert secret not in written


def test_a_refused_or_empty_change_records_nothing(auth: Auth, people: People) -> None:
    people.team("ours", alice="owner")
    before = words(auth)
    assert people.root.put("/api/v1/users/1", json={"user": {"admin": False}}).status_code == 409
    assert people["alice"].post("/api/v1/teams", json={"name": "ours"}).status_code == 422
    assert people.root.put("/api/v1/users/1", json={"user": {}}).status_code == 200
    assert words(auth) == before


def test_sign_ins_are_recorded_with_the_browser_s_address(auth: Auth, people: People) -> None:
    del people
    body = {"login": "root", "password": ADMIN["password"], "address": "192.0.2.7"}
    handle = service(auth).post(SIGN_INS, json=body).json["handle"]
    record = last(auth, "sign_in.create")
    assert (record.actor, record.subject, record.address) == ("root", "user root", "192.0.2.7")
    assert service(auth).delete(SIGN_INS, json={"handle": handle}).status_code == 204
    assert last(auth, "sign_in.revoke").actor == "root"


def test_failed_sign_ins_are_recorded_from_everywhere(auth: Auth, people: People) -> None:
    del people
    body = {"login": "ROOT@example.org", "password": "wrong", "address": "192.0.2.7"}
    assert service(auth).post(SIGN_INS, json=body).status_code == 401
    assert Caller(auth, basic("root", "wrong too")).get("/api/v1/teams").status_code == 401
    docker = Caller(auth, basic("root", "wrong again"))
    assert docker.get("/v2/token?service=registry.test:5000").status_code == 401
    wait_until(lambda: len(records(auth, "sign_in.fail")) == 3, what="three failures")
    failures = records(auth, "sign_in.fail")
    assert {(each.actor, each.subject) for each in failures} == {("anonymous", "user root")}
    assert failures[0].address == "192.0.2.7"


def test_a_name_that_nobody_has_is_not_recorded(auth: Auth, people: People) -> None:
    """People type passwords where names belong."""
    del people
    body = {"login": "my secret password", "password": "x"}
    assert service(auth).post(SIGN_INS, json=body).status_code == 401
    wait_until(lambda: records(auth, "sign_in.fail"), what="the failure")
    assert last(auth, "sign_in.fail").subject == "nobody known"
    assert "my secret password" not in raw(auth)


def test_guessing_makes_people_wait_and_not_the_trail_grow(auth: Auth, people: People) -> None:
    del people
    body = {"login": "root", "address": "192.0.2.7"}
    guesses = [body | {"password": f"guess {number}"} for number in range(12)]
    tries = [service(auth).post(SIGN_INS, json=guess) for guess in guesses]
    assert [each.status_code for each in tries] == [401] * 10 + [429] * 2
    assert int(tries[-1].headers["Retry-After"]) <= 60
    elsewhere = body | {"password": ADMIN["password"], "address": "192.0.2.8"}
    assert service(auth).post(SIGN_INS, json=elsewhere).status_code == 201
    wait_until(lambda: len(records(auth, "sign_in.fail")) == 10, what="ten failures")


def test_failures_beyond_a_bound_are_dropped_until_a_minute_has_passed(auth: Auth) -> None:
    clock = [0.0]
    failed = FailedSignIns(auth.database, lambda: clock[0])
    for _ in range(PER_MINUTE + 50):
        failed.record("root", "192.0.2.7")
    clock[0] = 60.0
    failed.record("root", "192.0.2.8")
    failed.close()
    found = records(auth, "sign_in.fail")
    assert len(found) == PER_MINUTE + 1
    assert found[-1].address == "192.0.2.8"


def test_only_trusted_proxies_say_where_a_request_came_from(
    auth: Auth, people: People, environ: dict[str, str]
) -> None:
    del people
    said = {"X-Forwarded-For": "192.0.2.1, 192.0.2.2", **basic("root", "wrong")}
    peer = {"REMOTE_ADDR": "10.0.0.1"}
    behind = build(read(environ | {"PORTUS_AUTH_TRUSTED_PROXIES": "1"}), database=auth.database)
    for path in ("/api/v1/teams", "/v2/token?service=registry.test:5000"):
        for application in (auth, behind):
            answer = Caller(application, said).get(path, environ_overrides=peer)
            assert answer.status_code == 401
    behind.failed_sign_ins.close()
    auth.failed_sign_ins.close()
    addresses = {each.address for each in records(auth, "sign_in.fail")}
    assert addresses == {"10.0.0.1", "192.0.2.2"}


def test_a_docker_login_is_recorded(auth: Auth, people: People) -> None:
    docker = Caller(auth, basic("alice", people["alice"].token))
    answer = docker.get("/v2/token?service=registry.test:5000&offline_token=true&client_id=docker")
    assert "refresh_token" in answer.json
    record = last(auth, "docker_login.create")
    assert (record.actor, record.subject) == ("alice", "user alice")
    assert record.after["client"] == "docker"
    assert answer.json["refresh_token"] not in raw(auth)
