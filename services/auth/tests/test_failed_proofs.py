"""Failed sign-ins in the log of decisions: told to whose account it is, whoever else is noisy."""

from __future__ import annotations

from typing import Any

import pytest
from services.auth.tests.people import PASSWORD, Caller, People, basic, service
from sqlalchemy import func, select

from portus_auth.app import Auth, build
from portus_auth.config import DecisionSettings, read
from portus_auth.decision_log import MAX_WAITING_FAILED, DecisionLog
from portus_auth.domain.decisions import Asker, Decision
from portus_auth.storage.tables import DecisionRow
from portus_auth.usecases.failures import LIMIT
from portus_auth.worker import DecisionTidying
from portus_shared.testing.waiting import wait_until

LOG, TEAMS = "/api/v1/decisions", "/api/v1/teams"
WRONG = "The user name or password is wrong"


def logged(caller: Caller, count: int = 1) -> list[dict[str, Any]]:
    """Return what is in somebody's log once that much is."""

    def read() -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = caller.get(LOG).json["items"]
        return items

    wait_until(lambda: len(read()) >= count, 10, what="failures are written")
    return read()


@pytest.mark.parametrize(
    "shown",
    [
        basic("bob", "wrong"),
        basic("BOB@example.org", "wrong"),
        basic("bob", "ptk_wrong"),
        {"Portus-Auth": "bob:ptk_wrong"},
    ],
)
def test_a_wrong_credential_at_the_rest_api_is_told_to_whose_it_should_be(
    auth: Auth, people: People, shown: dict[str, str]
) -> None:
    assert people["bob"].id
    client = {**shown, "User-Agent": "curl/8.0"}
    for credentials in (client, basic("nobody-here", "wrong")):
        answer = Caller(auth, credentials).get(TEAMS, environ_base={"REMOTE_ADDR": "192.0.2.66"})
        assert answer.status_code == 401
    (entry,) = logged(people["bob"])
    assert (entry["outcome"], entry["user"], entry["because"]) == ("failed", "bob", [WRONG])
    assert (entry["address"], entry["client"]) == ("192.0.2.66", "curl/8.0")
    assert (entry["repository"], entry["asked"]) == (None, [])
    assert len(people.root.get(LOG).json["items"]) == 1
    assert people["eve"].get(LOG).json["items"] == []


def test_a_wrong_password_at_a_page_or_a_service_is_told_with_the_place(
    auth: Auth, people: People
) -> None:
    assert people["bob"].id
    ui = service(auth)
    where = {"address": "192.0.2.66"}
    given = {"login": "bob", "password": "wrong", "user_agent": "Firefox"}
    assert ui.post("/internal/v1/sign-ins", json=given | where).status_code == 401
    header = basic("bob", "wrong too")["Authorization"]
    principal = {"authorization": header} | where
    assert ui.post("/internal/v1/principal", json=principal).status_code == 401
    found = {(each["client"], each["address"]) for each in logged(people["bob"], count=2)}
    assert found == {("Firefox", "192.0.2.66"), ("ui", "192.0.2.66")}


def test_who_guesses_tokens_at_the_rest_api_has_to_wait_and_right_ones_do_not(
    auth: Auth, people: People
) -> None:
    for number in range(LIMIT):
        wrong = Caller(auth, {"Portus-Auth": f"bob:ptk_{number}"})
        assert wrong.get(TEAMS).status_code == 401
    assert Caller(auth, {"Portus-Auth": "bob:ptk_more"}).get(TEAMS).status_code == 429
    assert people["bob"].get(TEAMS).status_code == 200
    assert Caller(auth, basic("bob", PASSWORD)).get(TEAMS).status_code == 200


def test_one_address_fails_with_all_accounts_together_as_often_as_the_setting_says(
    environ: dict[str, str], auth: Auth, people: People
) -> None:
    given = {**environ, "PORTUS_FAILURES_PER_ADDRESS": "5"}
    assert people["bob"].id
    careful = build(read(given), database=auth.database)

    def shown(username: str, secret: str, address: str = "192.0.2.66") -> int:
        origin = {"REMOTE_ADDR": address}
        caller = Caller(careful, basic(username, secret))
        return int(caller.get(TEAMS, environ_base=origin).status_code)

    assert [shown(f"name{number}", "Summer2026") for number in range(6)] == [401] * 5 + [429]
    assert shown("bob", PASSWORD) == 429
    assert shown("bob", people["bob"].token) == 200
    assert shown("bob", PASSWORD, "192.0.2.7") == 200
    for part in (careful.failed_sign_ins, careful.decision_log, careful.token_uses):
        part.close()


def failure(user_id: int, client: str) -> Decision:
    return Decision(asker=asker(user_id, client), failure=WRONG)


def asker(user_id: int, client: str) -> Asker:
    return Asker(
        registry_id=1,
        registry="registry.test:5000",
        user_id=user_id,
        username="",
        address="192.0.2.9",
        client=client,
    )


def test_failures_leave_the_queue_to_decisions(auth: Auth, people: People) -> None:
    log = DecisionLog(auth.database, granted_every=0, every_s=60)
    victims = [people["bob"].id, people["eve"].id]
    for number in range(MAX_WAITING_FAILED + 20):
        log.note(failure(victims[number % 2], f"agent {number}"))
    log.note(Decision(asker=asker(people["bob"].id, "docker"), repository="x/y", asked=("pull",)))
    log.close()
    found = people.root.get(f"{LOG}?limit=100").json["items"]
    assert [each["outcome"] for each in found].count("failed") == MAX_WAITING_FAILED
    assert [each["repository"] for each in found].count("x/y") == 1


def test_failures_push_no_decision_out_of_the_log(auth: Auth, people: People) -> None:
    """Neither somebody's own, which are older, nor those of others."""
    log = DecisionLog(auth.database, granted_every=0, every_s=0)
    ids = [people[name].id for name in ("bob", "eve", "alice")]
    for number in range(5):
        for user_id in ids:
            asked = asker(user_id, "docker")
            log.note(Decision(asker=asked, repository=f"x/r{number}", asked=("pull",)))
    log.close()
    for batch in range(6):
        noise = DecisionLog(auth.database, granted_every=0, every_s=0)
        for number in range(MAX_WAITING_FAILED):
            noise.note(failure(ids[number % 3], f"agent {batch}.{number}"))
        noise.close()
    settings = DecisionSettings(days=30, rows=100, granted_every=0)
    DecisionTidying(auth.database, settings).tidy()
    counts = select(DecisionRow.outcome, func.count()).group_by(DecisionRow.outcome)
    with auth.database.read() as session:
        found = {row[0]: row[1] for row in session.execute(counts)}
    assert found == {"denied": 15, "failed": 10}
