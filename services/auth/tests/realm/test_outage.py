"""A realm whose database goes away: it goes on deciding from memory, for an hour."""

from datetime import timedelta

import pytest
from services.auth.tests.realm.client import password_of
from services.auth.tests.realm.outage import FileAway, ServerAway
from services.auth.tests.realm.world import World

from portus_auth.storage.tables import RefreshToken
from portus_shared.clock import now
from portus_shared.errors import Unavailable

PULL_PRIVATE = "repository:priv/app:pull"


def test_decisions_go_on_without_the_database(
    world: World, outage: FileAway | ServerAway, caplog: pytest.LogCaptureFixture
) -> None:
    assert _may_pull(world, "vic")
    outage.begin()
    world.pass_time(3000)
    assert _may_pull(world, "vic")
    assert not _may_pull(world, "eve")
    assert world.facts.age_s() == pytest.approx(3000, abs=2)
    assert world.facts.missing() is None
    assert "deciding from memory" in caplog.text
    outage.end()
    world.pass_time(3)
    assert _may_pull(world, "vic")
    assert world.facts.age_s() == 0


def test_decisions_end_when_memory_is_too_old(world: World, outage: FileAway | ServerAway) -> None:
    assert _may_pull(world, "vic")
    outage.begin()
    world.pass_time(3601)
    reply = world.ask_as("vic", PULL_PRIVATE)
    assert reply.status == 503
    assert len(reply.json["errors"]) == 1
    assert "database" in (world.facts.missing() or "")
    outage.end()
    world.pass_time(3)
    assert _may_pull(world, "vic")
    assert world.facts.missing() is None


def test_nothing_is_decided_before_the_database_first_answered(
    world: World, outage: FileAway | ServerAway
) -> None:
    outage.begin()
    assert world.facts.age_s() is None
    with pytest.raises(Unavailable, match="since the start"):
        world.facts.current()
    assert world.ask("repository:pub/app:pull").status == 503
    outage.end()
    world.pass_time(3)
    assert _may_pull(world, "vic")


def test_database_that_is_away_is_not_asked_by_every_request(
    world: World, outage: FileAway | ServerAway, caplog: pytest.LogCaptureFixture
) -> None:
    assert _may_pull(world, "vic")
    outage.begin()
    world.pass_time()
    for _ in range(10):
        world.facts.changed()
        assert _may_pull(world, "vic")
    assert caplog.text.count("deciding from memory") == 1
    outage.end()


def test_login_without_the_database_leaves_the_client_its_password(
    world: World, outage: FileAway | ServerAway, caplog: pytest.LogCaptureFixture
) -> None:
    assert _may_pull(world, "vic")
    outage.begin()
    reply = world.ask(basic=("vic", password_of("vic")), offline_token="true")
    assert reply.status == 200
    assert "refresh_token" not in reply.json
    assert "no refresh token is given" in caplog.text
    outage.end()


def test_refresh_token_works_without_the_database(
    world: World, outage: FileAway | ServerAway
) -> None:
    token = world.ask(basic=("vic", password_of("vic")), offline_token="true").json["refresh_token"]
    assert world.client.post(grant_type="refresh_token", refresh_token=token).status == 200
    world.update(RefreshToken, RefreshToken.id == 1, used_at=now() - timedelta(hours=2))
    world.facts.changed()
    world.facts.current()
    outage.begin()
    world.pass_time(1000)
    assert world.client.post(grant_type="refresh_token", refresh_token=token).status == 200
    assert world.client.post(grant_type="refresh_token", refresh_token="prt_x").status == 401
    world.logins.close()
    outage.end()


def _may_pull(world: World, name: str) -> bool:
    return bool(world.ask_as(name, PULL_PRIVATE).access)
