"""The original's security holes, by number, as far as sync could have them again."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from services.sync.tests.sync_samples import envelope, event

from portus_shared.contracts.event import Event

HOOK = "/v2/webhooks/events"


def test_a3_nobody_but_the_registry_reports_what_happened_there(
    client: FlaskClient, published: Callable[..., list[Event]]
) -> None:
    """Forged notifications changed the catalogue under anybody's name."""
    forged = envelope(*(event(action) for action in ("push", "pull", "delete")))
    for shown in ({}, {"Authorization": "Bearer guess"}, {"Cookie": "session=x"}):
        assert client.post(HOOK, json=forged, headers=shown).status_code == 401
    assert published() == []
    assert client.post(HOOK, json=forged, query_string={"secret": "guess"}).status_code == 401
