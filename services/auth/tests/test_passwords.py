"""Passwords: checked one at a time behind a short queue, and never while holding a transaction."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from threading import Barrier

import pytest
from services.auth.tests.people import PASSWORD, Caller, People, basic

from portus_auth.app import Auth
from portus_auth.usecases.credentials import claimed_by, prove
from portus_auth.usecases.passwords import Passwords
from portus_auth.usecases.sign_ins import Browser, create_sign_in
from portus_shared.errors import TooMany, Unauthenticated

BROWSER = Browser(address="192.0.2.1", user_agent="Browser", remember=False)


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(queue=2)


def test_a_hash_matches_its_password_only(passwords: Passwords) -> None:
    text = passwords.hash("one long password")
    assert text.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches(text, "one long password")
    assert not passwords.matches(text, "another password")
    assert not passwords.matches(None, "the password of nobody")
    assert not passwords.matches("no hash at all", "no hash at all")


def test_a_storm_is_told_to_come_back_and_the_queue_recovers(passwords: Passwords) -> None:
    text, callers = passwords.hash("one long password"), 12
    start = Barrier(callers)

    def check(_: int) -> bool | None:
        start.wait()
        try:
            return passwords.matches(text, "one long password")
        except TooMany:
            return None

    with ThreadPoolExecutor(callers) as pool:
        answers = list(pool.map(check, range(callers)))
    assert True in answers
    assert None in answers
    assert False not in answers
    assert passwords.matches(text, "one long password")


def test_a_password_changed_while_it_was_checked_opens_no_sign_in(
    auth: Auth, people: People
) -> None:
    alice = people["alice"]
    with auth.database.read() as session:
        claim = claimed_by(session, "alice")
    assert prove(auth.secrets.passwords, claim, PASSWORD).user_id == alice.id
    change = {"user": {"password": "a brand new password"}}
    assert people.root.put(f"/api/v1/users/{alice.id}", json=change).status_code == 200
    with pytest.raises(Unauthenticated), auth.database.write() as session:
        create_sign_in(session, auth.secrets.hashes, claim, BROWSER)


def test_signing_in_takes_a_hash_whether_or_not_the_account_exists(
    auth: Auth, people: People, nobody: Caller
) -> None:
    assert people["bob"].id

    def cost_s(name: str) -> float:
        costs = []
        for number in range(5):
            started = time.process_time()
            answer = nobody.get("/api/v1/teams", headers=basic(name, f"guess {number}"))
            costs.append(time.process_time() - started)
            assert answer.status_code == 401
        return median(costs)

    known, unknown = cost_s("bob"), cost_s("nobody-here")
    assert max(known, unknown) < 2 * min(known, unknown), (known, unknown)
