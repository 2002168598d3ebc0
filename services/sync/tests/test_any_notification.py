"""Whatever is sent to the notification endpoint, it is accepted, and no good event is lost."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st
from services.sync.tests.sync_samples import envelope, event
from sqlalchemy import select

from portus_shared.contracts.sync import ManifestPushed
from portus_shared.db import Database
from portus_sync.app import build
from portus_sync.config import Settings
from portus_sync.storage.tables import Notification

Notify = Callable[..., int]


def test_same_event_sent_many_times_at_once_is_published_once(
    settings: Settings, database: Database, published: Callable[..., list[object]]
) -> None:
    app = build(settings, database=database)
    headers = {"Authorization": "Bearer notify-secret"}
    bodies = [envelope(event(id=str(number % 5))) for number in range(40)]

    def post(body: object) -> int:
        answer = app.test_client().post("/v2/webhooks/events", json=body, headers=headers)
        return answer.status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(post, bodies)) == {202}
    assert len(published(ManifestPushed)) == 5


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
EVENT_FIELDS = ["id", "timestamp", "action", "target", "request", "actor", "source"]
TARGET_FIELDS = ["mediaType", "size", "digest", "repository", "url", "tag", "references"]
odd_events = st.one_of(
    json_values,
    st.dictionaries(st.sampled_from(EVENT_FIELDS), json_values),
    st.builds(
        lambda changes, target: event(target=target) | changes,
        st.dictionaries(st.sampled_from(EVENT_FIELDS), json_values, max_size=2),
        st.dictionaries(st.sampled_from(TARGET_FIELDS), json_values, max_size=2),
    ),
)


@hypothesis_settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(before=st.lists(odd_events, max_size=3), after=st.lists(odd_events, max_size=3))
def test_no_json_makes_the_endpoint_fail_or_lose_a_good_event(
    before: list[object], after: list[object], notify: Notify, database: Database
) -> None:
    good = event()
    assert notify(envelope(*before, good, *after)) == 202
    with database.read() as session:
        stored = select(Notification.outcome).where(Notification.event_id == good["id"])
        assert session.scalars(stored).one() == "push"


@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_body_makes_the_endpoint_fail(body: bytes, notify: Notify) -> None:
    assert notify(body) == 202
