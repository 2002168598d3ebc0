"""The facts in memory: as fresh as they must be, and cheap."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from services.auth.tests.realm.world import World
from sqlalchemy import event, text

from portus_auth.domain.roles import Role, Visibility
from portus_auth.storage.facts import Facts
from portus_auth.storage.tables import Namespace, TeamMember
from portus_shared.clock import hybrid_clock
from portus_shared.db import Database

PULL_PRIVATE = "repository:priv/app:pull"


@contextmanager
def _queries(database: Database) -> Iterator[list[str]]:
    """Collect the statements that token requests may wait for: all but those of the log."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not threading.current_thread().name.startswith("decisions"):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def _may_pull(world: World, name: str, repository: str = "priv/app") -> bool:
    return bool(world.ask_as(name, f"repository:{repository}:pull").access)


def test_nothing_is_asked_of_the_database_while_it_was_just_asked(world: World) -> None:
    world.ask_as("vic", PULL_PRIVATE)
    with _queries(world.database) as queries:
        for _ in range(20):
            assert _may_pull(world, "vic")
    assert queries == []


def test_nor_for_what_is_denied_or_partly_denied(world: World) -> None:
    world.ask_as("vic", PULL_PRIVATE)
    with _queries(world.database) as queries:
        for _ in range(20):
            assert not _may_pull(world, "anonymous")
            assert not world.ask_as("anonymous", "repository:nobody/x:push").access
            assert world.ask_as("vic", "repository:priv/app:pull,push").access
    assert queries == []


def test_one_small_query_each_half_second_when_nothing_changed(world: World) -> None:
    world.ask_as("vic", PULL_PRIVATE)
    with _queries(world.database) as queries:
        world.pass_time(0.6)
        for _ in range(20):
            assert _may_pull(world, "vic")
    assert len([query for query in queries if "SELECT" in query]) == 1
    assert "hybrid_clock" in "".join(queries)


def test_only_newer_rows_are_read_after_a_change(world: World) -> None:
    world.ask_as("vic", PULL_PRIVATE)
    world.set_visibility("priv", "public")
    with _queries(world.database) as queries:
        world.pass_time()
        assert _may_pull(world, "eve")
    assert all("revision >" in query for query in queries if "FROM namespaces" in query)


def test_change_by_another_process_counts_after_half_a_second(world: World) -> None:
    assert not _may_pull(world, "eve")
    world.set_visibility("priv", "protected")
    world.pass_time(0.4)
    assert not _may_pull(world, "eve")
    world.pass_time(0.2)
    assert _may_pull(world, "eve")


def test_change_by_this_process_counts_at_once(world: World) -> None:
    assert not _may_pull(world, "eve")
    world.set_visibility("priv", "protected")
    world.facts.changed()
    assert _may_pull(world, "eve")


def test_every_kind_of_change_arrives(world: World) -> None:
    facts = world.facts.current
    eve = world.add_user("late")
    namespace = world.add_namespace("new", Visibility.PRIVATE)
    world.pass_time()
    assert not _may_pull(world, "late", "new/app")
    member = world.join(namespace, eve, Role.VIEWER)
    world.pass_time()
    assert _may_pull(world, "late", "new/app")
    world.update(TeamMember, TeamMember.id == member.id, deleted=True)
    world.pass_time()
    assert not _may_pull(world, "late", "new/app")
    world.update(TeamMember, TeamMember.id == member.id, deleted_at=None, role=Role.OWNER)
    world.pass_time()
    assert _may_pull(world, "late", "new/app")
    world.update(Namespace, Namespace.id == namespace.id, deleted=True)
    world.pass_time()
    assert not _may_pull(world, "late", "new/app")
    world.set_user("late", email="new@x.org", email_key="new@x.org")
    world.pass_time()
    assert facts().account("New@X.org") == facts().account("late")
    assert facts().account("late@example.com") is None
    world.set_user("late", deleted=True)
    world.pass_time()
    assert facts().account("late") is None
    assert facts().account("new@x.org") is None


def test_refreshed_facts_equal_those_read_afresh(world: World) -> None:
    world.facts.current()
    world.set_user("carl", admin=True)
    world.give_token(world.set_user("eve", email="e@x", email_key="e@x"))
    world.set_visibility("priv", "public")
    world.join(world.add_namespace("new", Visibility.PROTECTED), world.add_user("m"), Role.VIEWER)
    world.set_user("m", deleted=True)
    world.facts.changed()
    assert world.facts.current() == Facts(world.database).current()


def test_restored_older_database_is_read_afresh(world: World) -> None:
    world.set_visibility("priv", "public")
    assert _may_pull(world, "eve")
    with world.database.write() as session:
        session.execute(hybrid_clock.update().values(stamp=5))
        session.execute(
            text("UPDATE namespaces SET visibility = 'private', revision = 4 WHERE name = 'priv'")
        )
    world.pass_time()
    assert not _may_pull(world, "eve")


def test_threads_never_see_less_than_what_they_changed(world: World) -> None:
    """Many threads change and ask at once; each sees its own change in its next decision."""
    world.facts.current()
    writing = threading.Lock()

    def work(number: int) -> bool:
        with writing:
            world.add_namespace(f"own-{number}", Visibility.PUBLIC)
        world.facts.changed()
        snapshot = world.facts.current()
        (registry,) = snapshot.registries.values()
        return snapshot.namespace(registry, f"own-{number}") is not None

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(40)))
