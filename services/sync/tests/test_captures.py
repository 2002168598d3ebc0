"""Real notifications of Distribution 2.8.2 and 3.1.1, caused by real clients, replayed."""

import json
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portus_shared.contracts.sync import ManifestDeleted, ManifestPushed
from portus_shared.db import Database
from portus_sync.domain.notifications import (
    DeleteSeen,
    Ignored,
    Outcome,
    PullSeen,
    PushSeen,
    read_envelope,
)
from portus_sync.storage.tables import Notification, Quarantined

HERE = Path(__file__).parent
EXPECTED = json.loads((HERE / "expected_facts.json").read_text())
CAPTURES = sorted((HERE / "captures").glob("*.json"))


def posts(capture: Path) -> list[bytes]:
    return [json.dumps(post["body"]).encode() for post in json.loads(capture.read_text())["posts"]]


def in_words(outcome: Outcome) -> str:
    assert isinstance(outcome, PushSeen | PullSeen | DeleteSeen | Ignored), outcome
    actor = outcome.origin.actor or "anonymous"
    if isinstance(outcome, Ignored):
        return f"{actor} ignored {outcome.reason}"
    tag = f":{outcome.tag}" if outcome.tag else ""
    digest = f"@{outcome.digest[7:15]}" if outcome.digest else ""
    name = f"{outcome.repository}{tag}{digest}"
    if isinstance(outcome, PushSeen):
        return f"{actor} push {name} {outcome.media_type.removeprefix('application/vnd.')}"
    if isinstance(outcome, PullSeen):
        return f"{actor} {'get' if outcome.is_download else 'head'} {name}"
    return f"{actor} delete {name}"


def counted(words: list[str]) -> list[str]:
    runs = [(line, len(list(run))) for line, run in groupby(words)]
    return [f"{count} x {line}" if count > 1 else line for line, count in runs]


def test_every_capture_has_an_expectation() -> None:
    assert {capture.stem for capture in CAPTURES} == set(EXPECTED)


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda capture: capture.stem)
def test_capture_reads_as_expected(capture: Path) -> None:
    outcomes = [
        outcome for body in posts(capture) for outcome in read_envelope(body, own_actor="_sync")
    ]
    assert counted([in_words(outcome) for outcome in outcomes]) == EXPECTED[capture.stem]
    assert all(
        outcome.origin.occurred_at and outcome.origin.instance_id
        for outcome in outcomes
        if not hasattr(outcome, "raw")
    )


def test_all_captures_replayed_are_stored_once_and_published_once(
    notify: Callable[..., int], published: Callable[..., list[object]], database: Database
) -> None:
    bodies = [body for capture in CAPTURES for body in posts(capture)]
    for body in bodies + bodies:
        assert notify(body) == 202
    words = [line for lines in EXPECTED.values() for line in lines]
    with database.read() as session:
        stored = session.scalar(select(func.count()).select_from(Notification))
        assert session.scalar(select(func.count()).select_from(Quarantined)) == 0
    ids = {json.loads(body)["events"][0]["id"] for body in bodies}
    assert stored == len(ids)
    assert len(published(ManifestPushed)) == sum(" push " in line for line in words)
    assert len(published(ManifestDeleted)) == sum(" delete " in line for line in words)
