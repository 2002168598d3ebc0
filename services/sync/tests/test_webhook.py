import base64
import gzip
import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from services.sync.tests.sync_samples import DIGEST, MANIFEST, envelope, event
from sqlalchemy import func, select, text

from portus_shared.contracts.sync import ManifestDeleted, ManifestPushed
from portus_shared.db import Database
from portus_sync.storage.tables import DescribeJob, Notification, Pull, Quarantined, Scan

Notify = Callable[..., int]
Published = Callable[..., list[ManifestPushed]]


def count(database: Database, table: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def reasons(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Quarantined.reason).order_by(Quarantined.id)))


def test_push_is_published_at_once(notify: Notify, published: Published) -> None:
    assert notify(envelope(event())) == 202
    [push] = published(ManifestPushed)
    assert (push.registry, push.repository, push.tag) == ("default", "team/app", "v1")
    assert (push.digest, push.media_type, push.actor) == (DIGEST, MANIFEST, "alice")
    assert push.occurred_at.isoformat() == "2026-11-23T18:05:02.382402+00:00"
    assert push.observed_at > 0


def test_push_asks_for_its_manifest_to_be_described(notify: Notify, database: Database) -> None:
    notify(envelope(event()))
    notify(envelope(event(target={"tag": "v2"})))
    assert count(database, DescribeJob) == 1


def test_later_events_have_later_stamps(notify: Notify, published: Published) -> None:
    notify(envelope(*[event() for _ in range(20)]))
    stamps = [push.observed_at for push in published(ManifestPushed)]
    assert stamps == sorted(set(stamps))


def test_repeated_event_counts_once(
    notify: Notify, published: Published, database: Database
) -> None:
    body = envelope(event())
    assert [notify(body) for _ in range(4)] == [202] * 4
    assert count(database, Notification) == 1
    assert len(published(ManifestPushed)) == 1


def test_event_without_id_is_recognised_by_its_content(
    notify: Notify, published: Published
) -> None:
    body = event()
    del body["id"]
    notify(envelope(body))
    notify(envelope(body))
    assert len(published(ManifestPushed)) == 1


def test_backlog_of_400_events_is_taken_in(
    notify: Notify, published: Published, database: Database
) -> None:
    notify(envelope(*[event(target={"tag": f"t{n}"}) for n in range(400)]))
    assert len(published(ManifestPushed)) == 400
    assert count(database, DescribeJob) == 1


def test_delete_is_published(notify: Notify, published: Callable[..., list[object]]) -> None:
    by_tag = event("delete", target={"mediaType": "", "digest": "", "size": 0})
    assert notify(envelope(by_tag)) == 202
    [deletion] = published(ManifestDeleted)
    assert isinstance(deletion, ManifestDeleted)
    assert (deletion.tag, deletion.digest, deletion.actor) == ("v1", None, "alice")


def test_manifest_that_was_deleted_is_described_anew_when_pushed_again(
    notify: Notify, database: Database
) -> None:
    notify(envelope(event()))
    with database.write() as session:
        session.scalars(select(DescribeJob)).one().state = "done"
    notify(envelope(event("delete", target={"tag": ""})))
    notify(envelope(event()))
    with database.read() as session:
        assert session.scalars(select(DescribeJob.state)).one() == "pending"


def test_of_pushes_and_deletions_that_come_together_the_last_counts(
    notify: Notify, published: Callable[..., list[object]], database: Database
) -> None:
    push, deletion = event(), event("delete", target={"tag": ""})
    notify(envelope(push, deletion, event(), push, event("delete", target={"tag": ""})))
    assert count(database, DescribeJob) == 0
    kinds = [type(told) for told in published()]
    assert kinds == [ManifestPushed, ManifestDeleted, ManifestPushed, ManifestDeleted]
    notify(envelope(event(), event("delete", target={"tag": ""}), event()))
    with database.read() as session:
        assert session.scalars(select(DescribeJob.state)).one() == "pending"


@pytest.mark.parametrize("state", ["gone", "failed"])
def test_manifest_that_could_not_be_read_is_tried_again_when_pushed_again(
    state: str, notify: Notify, database: Database
) -> None:
    notify(envelope(event()))
    with database.write() as session:
        session.scalars(select(DescribeJob)).one().state = state
    notify(envelope(event()))
    with database.read() as session:
        assert session.scalars(select(DescribeJob.state)).one() == "pending"


def test_download_is_remembered_and_head_is_not(notify: Notify, database: Database) -> None:
    notify(envelope(event("pull", request={"method": "GET"})))
    notify(envelope(event("pull", request={"method": "HEAD"})))
    assert count(database, Pull) == 1
    assert count(database, Notification) == 2


def test_own_pull_is_dropped(notify: Notify, database: Database) -> None:
    own = event("pull", request={"method": "GET"}, actor={"name": "_sync"})
    assert notify(envelope(own)) == 202
    assert count(database, Pull) == count(database, Notification) == 0


def test_first_sight_of_a_registry_process_asks_for_a_scan(
    notify: Notify, database: Database
) -> None:
    notify(envelope(event()))
    notify(envelope(event()))
    assert count(database, Scan) == 1
    with database.write() as session:
        session.scalars(select(Scan)).one().state = "done"
    notify(envelope(event(source={"instanceID": "another"})))
    assert count(database, Scan) == 2


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer wrong",
        "Bearer notify-secre",
        "Basic " + base64.b64encode(b"portus:wrong").decode(),
        "Basic !!!",
        "Digest notify-secret",
        "notify-secret",
        "Bearer n\u00f6tify",
    ],
)
def test_wrong_secret_is_401_and_stores_nothing(
    header: str, notify: Notify, database: Database
) -> None:
    assert notify(envelope(event()), Authorization=header) == 401
    assert count(database, Notification) == 0


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "basic"])
def test_secret_is_accepted_as_bearer_or_as_basic_password(scheme: str, notify: Notify) -> None:
    encoded = base64.b64encode(b"registry:notify-secret").decode()
    given = encoded if scheme == "basic" else "notify-secret"
    assert notify(envelope(event()), Authorization=f"{scheme} {given}") == 202


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_both_content_types_are_read(version: str, notify: Notify, published: Published) -> None:
    media_type = f"application/vnd.docker.distribution.events.{version}+json"
    assert notify(envelope(event()), **{"Content-Type": media_type}) == 202
    assert len(published(ManifestPushed)) == 1


def test_compressed_body_is_read(notify: Notify, published: Published) -> None:
    body = gzip.compress(json.dumps(envelope(event())).encode())
    assert notify(body, **{"Content-Encoding": "gzip"}) == 202
    assert len(published(ManifestPushed)) == 1


def test_good_events_survive_garbage_beside_them(
    notify: Notify, published: Published, database: Database
) -> None:
    bad = event(target={"repository": "NOT/valid", "digest": 7})
    assert notify(envelope(event(), None, bad, event(target={"tag": "v2"}))) == 202
    assert [push.tag for push in published(ManifestPushed)] == ["v1", "v2"]
    assert sorted(reasons(database)) == ["event is not an object", "no valid repository"]


@pytest.mark.parametrize("odd", ["a\x00b", "a\ud800b", "x" * 10_000, 5, None, [], {"a": 1}])
def test_odd_actor_does_not_lose_the_push(
    odd: object, notify: Notify, published: Published
) -> None:
    given = event(actor={"name": odd}, source={"instanceID": odd}, request=odd, timestamp=odd)
    given["id"] = "\x00" + given["id"]
    assert notify(envelope(given)) == 202
    [push] = published(ManifestPushed)
    assert "\x00" not in (push.actor or "")


def test_number_of_5000_digits_does_not_lose_the_push(notify: Notify, published: Published) -> None:
    body = json.dumps(envelope(event())).replace("472", "9" * 5000)
    assert notify(body.encode()) == 202
    assert len(published(ManifestPushed)) == 1


def test_nothing_is_accepted_that_cannot_be_stored(client: FlaskClient, database: Database) -> None:
    with database.write() as session:
        session.execute(text("DROP TABLE notification"))
    given = {"Authorization": "Bearer notify-secret"}
    answer = client.post("/v2/webhooks/events", json=envelope(event()), headers=given)
    assert answer.status_code >= 500
