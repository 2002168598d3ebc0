"""The log of decisions: why somebody was denied, told to them and to admins, and bounded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from services.auth.tests.people import PASSWORD, Caller, People, basic
from sqlalchemy import func, select, update

from portus_auth.app import Auth, build
from portus_auth.config import DecisionSettings, Settings, read
from portus_auth.decision_log import MAX_WAITING_OF_ONE, DecisionLog
from portus_auth.domain.decisions import Asker, Decision
from portus_auth.storage.tables import DecisionRow
from portus_auth.worker import DecisionTidying
from portus_shared.clock import now
from portus_shared.db import Database
from portus_shared.testing.waiting import wait_until

LOG = "/api/v1/decisions"
PUSH = "/v2/token?service=registry.test:5000&scope=repository:shop/app:pull,push"


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    """Settings under which every granted request is logged too."""
    return {**environ, "PORTUS_DECISION_GRANTED_EVERY": "1"}


@pytest.fixture
def shop(people: People) -> int:
    people.team("ours", alice="owner", bob="viewer")
    return people.namespace("shop", "ours")


def _ask(auth: Auth, username: str, secret: str, path: str = PUSH) -> int:
    headers = {**basic(username, secret), "User-Agent": "docker/27.1"} if username else {}
    answer = Caller(auth, headers).get(path, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    return int(answer.status_code)


def _logged(caller: Caller, query: str = "", *, count: int = 1) -> list[dict[str, Any]]:
    """Return what is in the log once that much is."""

    def read() -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = caller.get(f"{LOG}?{query}").json["items"]
        return items

    wait_until(lambda: len(read()) >= count, 10, what="decisions are written")
    return read()


def test_a_denied_push_says_what_would_be_needed(auth: Auth, people: People, shop: int) -> None:
    assert _ask(auth, "bob", people["bob"].token) == 200
    (entry,) = _logged(people["bob"])
    assert entry["outcome"] == "partial"
    assert (entry["user"], entry["repository"]) == ("bob", "shop/app")
    assert (entry["asked"], entry["granted"]) == (["pull", "push"], ["pull"])
    assert entry["because"] == ["bob is viewer in the team ours"]
    explained = people["bob"].get("/api/v1/access?user=bob&repository=shop/app&action=push").json
    assert entry["needed"] == explained["needed"]
    assert "be contributor in the team ours" in entry["needed"]
    assert (entry["client"], entry["address"]) == ("docker/27.1", "192.0.2.7")
    assert entry["registry"] == "registry.test:5000"


def test_who_cannot_see_a_namespace_is_not_told_its_team(
    auth: Auth, people: People, shop: int
) -> None:
    _ask(auth, "eve", people["eve"].token)
    (entry,) = _logged(people["eve"])
    unseen = "You see no namespace 'shop': create it in a team, or ask to be let in"
    assert (entry["outcome"], entry["needed"]) == ("denied", [unseen])
    (for_admins,) = _logged(people.root, "user=eve")
    assert "be owner in the team ours" in for_admins["needed"]
    assert "be viewer in the team ours" not in for_admins["needed"]
    nowhere = PUSH.replace("shop/app", "nowhere/app")
    _ask(auth, "eve", people["eve"].token, nowhere)
    about = _logged(people["eve"], "repository=nowhere/app")[0]
    assert about["needed"] == [unseen.replace("shop", "nowhere")]


def test_a_wrong_password_is_told_to_the_owner_of_the_account_and_to_admins(
    auth: Auth, people: People, shop: int
) -> None:
    assert people["bob"].username
    assert _ask(auth, "Bob", "wrong") == 401
    assert _ask(auth, "nobody-here", "wrong") == 401
    (entry,) = _logged(people["bob"])
    assert (entry["outcome"], entry["user"]) == ("failed", "bob")
    assert entry["because"] == ["The user name or password is wrong"]
    assert entry["repository"] == "shop/app"
    assert len(_logged(people.root, "outcome=failed")) == 1
    assert people["eve"].get(LOG).json["items"] == []


def test_a_disabled_account_and_a_foreign_account_name_are_told(auth: Auth, people: People) -> None:
    bob = people["bob"]
    _ask(auth, "bob", PASSWORD, f"{PUSH}&account=root")
    people.root.put(f"/api/v1/users/{bob.id}", json={"user": {"enabled": False}})
    _ask(auth, "bob", PASSWORD)
    entries = _logged(people.root, "user=bob", count=2)
    assert [entry["because"] for entry in entries] == [
        ["This account is disabled"],
        ["The account asked for is not the one signed in"],
    ]


def test_a_loop_that_is_denied_over_and_over_is_one_entry(
    auth: Auth, people: People, shop: int
) -> None:
    for _ in range(30):
        _ask(auth, "eve", people["eve"].token)
    wait_until(
        lambda: sum(each["count"] for each in _logged(people["eve"])) == 30,
        10,
        what="all are counted",
    )
    assert len(_logged(people["eve"])) <= 2


def test_granted_requests_and_the_anonymous_are_for_admins_to_filter(
    auth: Auth, people: People, shop: int
) -> None:
    _ask(auth, "alice", people["alice"].token)
    _ask(auth, "", "")
    _ask(auth, "root", people.root.token, "/v2/token?scope=registry:catalog:*")
    _ask(auth, "eve", people["eve"].token, "/v2/token?scope=registry:catalog:*")
    _logged(people.root, count=4)
    (granted, catalogue) = sorted(
        _logged(people.root, "outcome=granted"), key=lambda each: str(each["user"])
    )
    assert granted["because"] == ["alice is owner in the team ours"]
    assert (catalogue["repository"], catalogue["asked"]) == (None, ["catalog"])
    (nobody,) = _logged(people.root, "user=")
    assert (nobody["user"], nobody["outcome"]) == (None, "denied")
    (refused,) = _logged(people.root, "user=eve")
    assert (refused["asked"], refused["needed"]) == (["catalog"], ["be an admin"])
    assert {each["user"] for each in _logged(people.root, "repository=shop/app")} == {
        "alice",
        None,
    }


def test_one_sees_ones_own_only(auth: Auth, people: People, shop: int) -> None:
    _ask(auth, "eve", people["eve"].token)
    _logged(people.root)
    assert people["bob"].get(LOG).json == {"items": [], "next": None}
    assert people["bob"].get(f"{LOG}?user=eve").status_code == 404
    assert people["bob"].get(f"{LOG}?user=").status_code == 404
    assert len(people["eve"].get(f"{LOG}?user=EVE").json["items"]) == 1
    assert Caller(auth).get(LOG).status_code == 401


def test_pages_follow_each_other_latest_first(auth: Auth, people: People) -> None:
    for number in range(7):
        _ask(auth, "eve", people["eve"].token, PUSH.replace("shop/app", f"x/r{number}"))
    _logged(people["eve"], count=7)
    seen: list[str] = []
    following: str | None = ""
    while following is not None:
        body = people["eve"].get(f"{LOG}?limit=3&after={following}").json
        seen += [item["repository"] for item in body["items"]]
        following = body["next"]
    assert seen == [f"x/r{number}" for number in reversed(range(7))]


def test_what_makes_no_sense_is_refused(people: People) -> None:
    for query in ("outcome=x", "after=x", "after=WyJhIiwxXQ", "after=W251bGwsMV0", "user=%00"):
        assert people.root.get(f"{LOG}?{query}").status_code == 400, query


def test_what_waits_is_written_when_the_process_ends(
    auth: Auth, people: People, settings: Settings
) -> None:
    people.team("ours", alice="owner")
    people.namespace("shop", "ours")
    assert people["eve"].id
    other = build(settings)
    for number in range(20):
        _ask(other, "eve", people["eve"].token, PUSH.replace("shop/app", f"shop/r{number}"))
    other.close()
    assert len(people["eve"].get(f"{LOG}?limit=100").json["items"]) == 20


def test_one_asker_cannot_fill_the_queue(auth: Auth, people: People) -> None:
    log = DecisionLog(auth.database, granted_every=0, every_s=60)
    for number in range(MAX_WAITING_OF_ONE + 20):
        log.note(_decision(people["eve"].id, f"x/r{number}"))
    log.note(_decision(people["bob"].id, "x/y"))
    log.close()
    assert len(people["eve"].get(f"{LOG}?limit=100").json["items"]) == MAX_WAITING_OF_ONE
    assert len(people["bob"].get(LOG).json["items"]) == 1


def test_a_database_that_is_away_holds_nobody_up(auth: Auth, people: People) -> None:
    away = Database("sqlite:////nowhere/at/all.sqlite", schema="auth")
    log = DecisionLog(away, granted_every=0, every_s=0)
    log.note(_decision(people["eve"].id, "x/y"))
    log.close()
    assert people["eve"].get(LOG).json["items"] == []


def test_the_log_keeps_within_its_bounds(auth: Auth, people: People) -> None:
    log = DecisionLog(auth.database, granted_every=0, every_s=0)
    for number in range(60):
        log.note(_decision(people["eve"].id, f"x/r{number}"))
        log.note(_decision(people["bob"].id if number < 5 else None, f"x/r{number}"))
    log.close()
    tidying = DecisionTidying(auth.database, DecisionSettings(days=30, rows=200, granted_every=0))
    tidying.tidy()
    with auth.database.read() as session:
        counts = select(DecisionRow.user_id, func.count()).group_by(DecisionRow.user_id)
        found = {row[0]: row[1] for row in session.execute(counts)}
        newest = session.scalar(select(func.max(DecisionRow.repository)))
    assert found == {people["eve"].id: 20, people["bob"].id: 5, None: 20}
    assert newest == "x/r59"
    with auth.database.write() as session:
        old = DecisionRow.user_id == people["eve"].id
        session.execute(update(DecisionRow).where(old).values(last_at=now() - timedelta(days=31)))
    tidying.tidy()
    assert people["eve"].get(LOG).json["items"] == []
    assert len(people["bob"].get(LOG).json["items"]) == 5


def test_bounds_are_settings(environ: dict[str, str]) -> None:
    given = {**environ, "PORTUS_DECISION_DAYS": "7", "PORTUS_DECISION_ROWS": "500"}
    assert read(given).decisions == DecisionSettings(days=7, rows=500, granted_every=1)


def _decision(user_id: int | None, repository: str) -> Decision:
    asker = Asker(
        registry_id=1,
        registry="registry.test:5000",
        user_id=user_id,
        username="",
        address="192.0.2.9",
        client="x\x00y",
    )
    return Decision(asker=asker, repository=repository, asked=("pull",))
