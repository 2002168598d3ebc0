"""Housekeeping drops what is over, and nothing that anybody still needs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from services.auth.tests.people import People
from sqlalchemy import func, select, update

from portus_auth.app import Auth
from portus_auth.housekeeping import Housekeeping
from portus_auth.storage.tables import ApplicationToken, RefreshToken, Republication, SignIn
from portus_auth.usecases.refresh_tokens import NewLogin, begin_login
from portus_shared.clock import next_revision, now

LIFE = timedelta(days=90)
LONG_AGO = timedelta(days=100)


@pytest.fixture
def housekeeping(auth: Auth) -> Housekeeping:
    return Housekeeping(auth.database, LIFE, batch=2)


def _count(auth: Auth, table: Any) -> int:
    with auth.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def _set(auth: Auth, table: Any, **values: Any) -> None:
    with auth.database.write() as session:
        session.execute(update(table).values(**values))


def _log_in_with_docker(auth: Auth, people: People) -> None:
    alice = people["alice"]
    new = NewLogin(
        user_id=alice.id,
        registry_id=1,
        password_hash=None,
        application_token_hash=auth.secrets.hashes.of(alice.token),
        client="docker",
        address="192.0.2.7",
    )
    with auth.database.write() as session:
        begin_login(session, auth.secrets.hashes, new, LIFE)


def test_what_is_in_use_stays(auth: Auth, people: People, housekeeping: Housekeeping) -> None:
    handle = people.sign_in(people["alice"])
    _log_in_with_docker(auth, people)
    assert housekeeping.tidy() == 0
    assert people.is_signed_in(handle)
    assert _count(auth, RefreshToken) == 1
    assert people["alice"].get("/api/v1/teams").status_code == 200


def test_sign_ins_go_when_they_are_over_in_as_many_batches_as_it_takes(
    auth: Auth, people: People, housekeeping: Housekeeping
) -> None:
    for _ in range(5):
        people.sign_in(people["alice"])
    _set(auth, SignIn, expires_at=now())
    counted = {"table": "sign_ins"}
    before = REGISTRY.get_sample_value("portus_auth_rows_dropped_total", counted) or 0
    assert housekeeping.tidy() == 5
    assert _count(auth, SignIn) == 0
    assert REGISTRY.get_sample_value("portus_auth_rows_dropped_total", counted) == before + 5


def test_a_docker_login_goes_a_while_after_its_end(
    auth: Auth, people: People, housekeeping: Housekeeping
) -> None:
    _log_in_with_docker(auth, people)
    _set(auth, RefreshToken, used_at=now() - LIFE - timedelta(days=1))
    assert housekeeping.tidy() == 0
    _set(auth, RefreshToken, used_at=now() - LONG_AGO)
    assert housekeeping.tidy() == 1


def test_a_deleted_token_goes_with_what_hung_on_it_once_everybody_knows(
    auth: Auth, people: People, housekeeping: Housekeeping
) -> None:
    _log_in_with_docker(auth, people)
    alice = people["alice"]
    (token,) = alice.get(f"/api/v1/users/{alice.id}/application_tokens").json
    assert alice.delete(f"/api/v1/users/application_tokens/{token['id']}").status_code == 204
    assert housekeeping.tidy() == 0
    with auth.database.write() as session:
        old = now() - LONG_AGO
        mine = update(ApplicationToken).where(ApplicationToken.id == token["id"])
        session.execute(mine.values(deleted_at=old))
    assert housekeeping.tidy() == 0, "a docker login still refers to it"
    _set(auth, RefreshToken, deleted_at=old, revision=0)
    assert housekeeping.tidy() == 2


def test_answers_to_replicas_of_long_ago_go(auth: Auth, housekeeping: Housekeeping) -> None:
    with auth.database.write() as session:
        revision = next_revision(session)
        for name, age in (("old", LONG_AGO), ("new", timedelta())):
            answered = now() - age
            session.add(Republication(replica_id=name, generation=revision, answered_at=answered))
    assert housekeeping.tidy() == 1
