"""What others are told: whole states, in the transaction that made them, by revision."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from services.auth.tests.people import People
from sqlalchemy import select, update

from portus_auth.app import Auth, build
from portus_auth.config import Settings, read
from portus_auth.domain.policy import ActorFacts, NamespaceFacts, allowed_actions
from portus_auth.domain.roles import Role, Visibility
from portus_auth.domain.rules import Rules
from portus_auth.storage.tables import Republication
from portus_auth.worker import loops
from portus_shared.bus import BusUnavailable, InProcessBus, Message, message_of
from portus_shared.contracts import codec
from portus_shared.contracts.auth import (
    NamespaceChanged,
    RegistryChanged,
    StateRepublished,
    TeamChanged,
    UserChanged,
)
from portus_shared.contracts.catalog import ReplicaStarted
from portus_shared.outbox import Relay, outbox
from portus_shared.testing.waiting import wait_until
from portus_shared.worker import Supervisor


class Told:
    """Everything auth has told, as a receiver on the bus hears it."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def hear(self, messages: Sequence[Message]) -> None:
        self.events += [codec.decode(message.key, message.body) for message in messages]

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def last(self, kind: type[Any], **known: Any) -> Any:
        return [
            event
            for event in self.of(kind)
            if all(getattr(event, name) == value for name, value in known.items())
        ][-1]


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def bus(told: Told) -> Iterator[InProcessBus]:
    bus, stop = InProcessBus(), threading.Event()
    kinds = (UserChanged, TeamChanged, NamespaceChanged, RegistryChanged, StateRepublished)
    bus.declare("receiver", [kind.key for kind in kinds])
    thread = threading.Thread(target=bus.consume, args=("receiver", told.hear, stop))
    thread.start()
    yield bus
    stop.set()
    thread.join()


@pytest.fixture
def relay(auth: Auth, bus: InProcessBus) -> Relay:
    return Relay(auth.database, bus)


def test_the_first_start_tells_the_registry_and_the_global_namespace(
    relay: Relay, told: Told
) -> None:
    relay.drain()
    registry = told.last(RegistryChanged)
    assert registry.registry == "default"
    assert registry.url == "http://registry.test:5000"
    assert registry.external_host == "registry.test:5000"
    namespace = told.last(NamespaceChanged)
    assert namespace.namespace == "_"
    assert namespace.visibility == "public"


def test_a_start_without_changes_tells_nothing(
    auth: Auth, settings: Settings, relay: Relay, told: Told
) -> None:
    relay.drain()
    before = len(told.events)
    build(settings, database=auth.database)
    relay.drain()
    assert len(told.events) == before


def test_a_new_person_is_told_with_their_team_and_namespace(
    people: People, relay: Relay, told: Told
) -> None:
    alice = people["alice"]
    relay.drain()
    user = told.last(UserChanged, username="alice")
    assert (user.kind, user.enabled, user.admin, user.user_id) == ("user", True, False, alice.id)
    namespace = told.last(NamespaceChanged, namespace="alice")
    team = told.last(TeamChanged, team_id=namespace.team_id)
    assert team.hidden is True
    assert [(member.username, member.role) for member in team.members] == [("alice", "owner")]
    assert user.revision == team.revision == namespace.revision


def test_each_change_of_a_team_is_told_whole_under_a_higher_revision(
    people: People, relay: Relay, told: Told
) -> None:
    team = people.team("ours", alice="owner", bob="viewer")
    (bob,) = (
        each["id"]
        for each in people.root.get(f"/api/v1/teams/{team}/members").json
        if each["username"] == "bob"
    )
    path = f"/api/v1/teams/{team}/members/{bob}"
    people["alice"].put(path, json={"role": "contributor"})
    people["alice"].delete(path)
    relay.drain()
    states = [event for event in told.of(TeamChanged) if event.team_id == team]
    members = [{each.username: each.role for each in state.members} for state in states]
    assert members == [
        {"alice": "owner"},
        {"alice": "owner", "bob": "viewer"},
        {"alice": "owner", "bob": "contributor"},
        {"alice": "owner"},
    ]
    revisions = [state.revision for state in states]
    assert revisions == sorted(set(revisions))


def test_a_refused_change_tells_nothing(people: People, relay: Relay, told: Told) -> None:
    people.team("ours", alice="owner")
    relay.drain()
    before = len(told.events)
    assert people["alice"].post("/api/v1/teams", json={"name": "ours"}).status_code == 422
    assert people.root.put("/api/v1/users/1", json={"user": {"admin": False}}).status_code == 409
    relay.drain()
    assert len(told.events) == before


def test_a_renamed_team_is_told_with_its_namespaces(
    people: People, relay: Relay, told: Told
) -> None:
    team = people.team("ours", alice="owner")
    people.namespace("shop", "ours")
    people["alice"].put(f"/api/v1/teams/{team}", json={"team": {"name": "everyones"}})
    relay.drain()
    assert told.last(TeamChanged, team_id=team).name == "everyones"
    assert told.last(NamespaceChanged, namespace="shop").team_name == "everyones"


@pytest.mark.parametrize("visibility", list(Visibility))
def test_the_grants_told_are_what_the_policy_decides(
    people: People, relay: Relay, told: Told, visibility: Visibility
) -> None:
    team = people.team("ours", alice="owner")
    people.namespace("shop", "ours", visibility)
    relay.drain()
    event = told.last(NamespaceChanged, namespace="shop")
    granted = {(grant.subject_kind, grant.subject): grant.actions for grant in event.grants}
    facts = NamespaceFacts(visibility=visibility, team_id=team)
    subjects = {
        ("anonymous", ""): ActorFacts(kind="anonymous"),
        ("user", "*"): ActorFacts(kind="user", name="stranger"),
        ("admin", ""): ActorFacts(kind="user", name="root", admin=True),
    }
    for role in Role:
        subjects["team_role", f"{team}:{role}"] = ActorFacts(kind="user", roles={team: role})
    for subject, actor in subjects.items():
        assert set(granted.get(subject, ())) == allowed_actions(actor, facts, Rules()), subject


def test_a_replica_that_starts_is_told_everything_at_one_new_revision(
    auth: Auth, settings: Settings, people: People, bus: InProcessBus, told: Told
) -> None:
    people.team("ours", alice="owner", bob="viewer")
    people.namespace("shop", "ours")
    running = Supervisor(loops(settings, database=auth.database, bus=bus))
    running.start()
    wait_until(lambda: _outbox_is_empty(auth), what="earlier events are delivered")
    told.events.clear()
    _ask(bus, "replica-1")
    wait_until(lambda: told.of(StateRepublished), what="the state is republished")
    (closing,) = told.of(StateRepublished)
    assert told.events[-1] is closing
    states = told.events[:-1]
    assert {state.revision for state in states} == {closing.generation}
    assert {each.username for each in told.of(UserChanged)} == {"root", "alice", "bob"}
    names = {each.namespace for each in told.of(NamespaceChanged)}
    assert names == {"_", "root", "alice", "bob", "shop"}
    assert len(told.of(TeamChanged)) == len({each.team_id for each in told.of(TeamChanged)}) == 5
    assert len(told.of(RegistryChanged)) == 1
    assert running.stop()


def test_a_replica_that_repeats_itself_is_answered_once_and_again_when_it_still_waits(
    auth: Auth, settings: Settings, people: People, bus: InProcessBus, told: Told
) -> None:
    del people
    running = Supervisor(loops(settings, database=auth.database, bus=bus))
    running.start()
    for replica in ("replica-1", "replica-1", "replica-2"):
        _ask(bus, replica)
    wait_until(lambda: len(told.of(StateRepublished)) == 2, what="both replicas are answered")
    with auth.database.write() as session:
        long_ago = datetime(2000, 1, 1, tzinfo=UTC)
        session.execute(update(Republication).values(answered_at=long_ago))
    _ask(bus, "replica-1")
    wait_until(lambda: len(told.of(StateRepublished)) == 3, what="it is answered again")
    assert running.stop()


def test_a_changed_address_of_the_registry_is_told_at_the_next_start(
    auth: Auth, environ: dict[str, str], relay: Relay, told: Told
) -> None:
    relay.drain()
    moved = read(environ | {"PORTUS_REGISTRY_URL": "http://elsewhere.test:5000"})
    build(moved, database=auth.database)
    relay.drain()
    first, second = told.of(RegistryChanged)
    assert second.url == "http://elsewhere.test:5000"
    assert second.revision > first.revision


def _ask(bus: InProcessBus, replica_id: str) -> None:
    message = message_of(ReplicaStarted(replica_id=replica_id), source="catalog")
    wait_until(lambda: _published(bus, message), what="auth consumes")


def _published(bus: InProcessBus, message: Message) -> bool:
    try:
        bus.publish([message])
    except BusUnavailable:
        return False
    return True


def _outbox_is_empty(auth: Auth) -> bool:
    with auth.database.read() as session:
        return session.execute(select(outbox.c.id)).first() is None
