"""How long refresh tokens live, and what they cost while they do."""

from datetime import timedelta
from typing import Any

from services.auth.tests.realm.world import World
from sqlalchemy import event, select

from portus_auth.storage.facts import Facts
from portus_auth.storage.tables import RefreshToken
from portus_auth.usecases.refresh_tokens import MAX_LOGINS
from portus_shared.clock import now
from portus_shared.testing.waiting import wait_until

PUSH = "repository:priv/app:pull,push"


def _set_used(world: World, ago: timedelta) -> None:
    world.update(RefreshToken, RefreshToken.id > 0, used_at=now() - ago)
    world.facts.changed()


def test_it_ends_when_nobody_has_used_it_for_long(world: World) -> None:
    token = world.client.log_in("carl")
    _set_used(world, timedelta(days=89))
    assert world.client.use(token).status == 200
    world.logins.close()
    _set_used(world, timedelta(days=91))
    assert world.client.use(token).status == 401


def test_a_login_that_has_ended_is_no_guess(world: World) -> None:
    """Many clients of one address may hold one: it must not make others of that address wait."""
    tokens = [world.client.log_in("carl") for _ in range(12)]
    for number in range(1, 13):
        long_ago = now() - timedelta(days=91)
        world.update(RefreshToken, RefreshToken.id == number, used_at=long_ago)
    world.facts.changed()
    assert [world.client.use(token).status for token in tokens] == [401] * 12
    assert world.client.use("prt_made-up").status == 401


def test_use_is_noted_once_an_hour_and_lengthens_its_life(world: World) -> None:
    token = world.client.log_in("carl")
    _set_used(world, timedelta(hours=2))

    def used_lately() -> bool:
        with world.database.read() as session:
            (used_at,) = session.scalars(select(RefreshToken.used_at)).all()
        return used_at > now() - timedelta(minutes=1)

    assert [world.client.use(token).status for _ in range(5)] == [200] * 5
    wait_until(used_lately, 5, what="the use is noted")
    world.facts.changed()
    world.facts.current()
    with world.database.read() as session:
        revision = session.scalars(select(RefreshToken.revision)).one()
    assert [world.client.use(token).status for _ in range(5)] == [200] * 5
    world.logins.close()
    with world.database.read() as session:
        assert session.scalars(select(RefreshToken.revision)).one() == revision


def test_using_it_asks_nothing_of_the_database(world: World) -> None:
    token = world.client.log_in("carl")
    assert world.client.use(token).status == 200
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(world.database.engine, "before_cursor_execute", note)
    assert [world.client.use(token, PUSH).status for _ in range(20)] == [200] * 20
    event.remove(world.database.engine, "before_cursor_execute", note)
    assert seen == []


def test_other_process_knows_it_at_once(world: World) -> None:
    other = World(world.database, world.ca, world.secrets.passwords)
    assert other.ask_as("carl").status == 200
    token = world.client.log_in("carl")
    assert other.client.use(token).status == 200
    other.logins.close()


def test_facts_read_afresh_hold_the_same_logins(world: World) -> None:
    world.facts.current()
    world.client.log_in("carl")
    application_token = world.give_token(world.set_user("olga"))
    world.facts.changed()
    world.client.log_in("olga", application_token)
    world.update(RefreshToken, RefreshToken.id == 2, used_at=now() - timedelta(hours=3))
    world.update(RefreshToken, RefreshToken.id == 1, deleted=True)
    world.facts.changed()
    assert len(world.facts.current().refresh_tokens) == 1
    assert world.facts.current() == Facts(world.database).current()


def test_the_login_unused_for_longest_makes_room(world: World) -> None:
    first, second = world.client.log_in("carl"), world.client.log_in("carl")
    world.update(RefreshToken, RefreshToken.id == 2, used_at=now() - timedelta(days=1))
    for _ in range(MAX_LOGINS - 1):
        world.client.log_in("carl")
    assert world.client.use(first).status == 200
    assert world.client.use(second).status == 401
