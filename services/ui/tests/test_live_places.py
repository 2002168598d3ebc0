"""Places for pages that are updated live: who gets one, and what happens when there is none."""

from __future__ import annotations

import pytest
from services.ui.tests.company import Company
from services.ui.tests.site_under_test import built, settings_for, visitor_of
from werkzeug.test import TestResponse

from portus_ui.domain.topics import Hint, Topic
from portus_ui.live.hub import PER_VISITOR, QUEUE, Hub, NoRoom

FEED = frozenset({Topic(kind="feed")})
HINT = Hint(repository="a/b", namespace="a", change="pushed")


def test_beyond_the_limit_there_is_no_room() -> None:
    hub = Hub(limit=2)
    streams = [hub.open(FEED, visitor="", username=None) for _ in range(2)]
    with pytest.raises(NoRoom):
        hub.open(FEED, visitor="", username=None)
    hub.leave(streams[0])
    hub.open(FEED, visitor="", username=None)
    hub.close()
    with pytest.raises(NoRoom):
        hub.open(FEED, visitor="", username=None)


def test_without_room_a_page_is_told_when_to_try_again(company: Company, sqlite_url: str) -> None:
    ui = built(company, settings_for(sqlite_url, UI_LIVE_STREAMS="1"))
    kept = visitor_of(ui).visit("/updates?topics=feed")
    answer = visitor_of(ui).visit("/updates?topics=feed")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    kept.close()
    ui.close()
    ui.database.close()


def test_one_browser_keeps_its_newest_streams() -> None:
    hub = Hub(limit=100)
    streams = [hub.open(FEED, visitor="b", username="x") for _ in range(PER_VISITOR + 1)]
    assert [stream.is_ended for stream in streams] == [True] + [False] * PER_VISITOR


def test_who_has_no_account_leaves_places_for_others() -> None:
    hub = Hub(limit=80)
    for site in ("192.0.2.66", "192.0.2.67"):
        for _ in range(10):
            hub.open(FEED, visitor="", username=None, site=site)
        with pytest.raises(NoRoom):
            hub.open(FEED, visitor="", username=None, site=site)
    for number in range(40):
        hub.open(FEED, visitor="", username=None, site=f"198.51.100.{number}")
    with pytest.raises(NoRoom):
        hub.open(FEED, visitor="", username=None, site="192.0.2.7")
    hub.open(FEED, visitor="b", username="x", site="192.0.2.66")


def test_nobody_takes_every_place_from_one_address(company: Company, sqlite_url: str) -> None:
    """Two hosts of one IPv6 network are one address, behind a proxy that says which it is."""
    settings = settings_for(sqlite_url, UI_LIVE_STREAMS="12", UI_TRUSTED_PROXIES="1")
    ui = built(company, settings)

    def opened(address: str) -> TestResponse:
        return visitor_of(ui).visit("/updates?topics=feed", **{"X-Forwarded-For": address})

    kept = [opened(f"2001:db8::{number + 1}") for number in range(PER_VISITOR)]
    assert [answer.status_code for answer in kept] == [200] * PER_VISITOR
    assert opened("2001:db8::ffff").status_code == 503
    kept.append(opened("192.0.2.7"))
    assert kept[-1].status_code == 200
    for answer in kept:
        answer.close()
    ui.close()
    ui.database.close()


def test_a_full_queue_becomes_one_look_at_everything() -> None:
    hub = Hub(limit=1)
    stream = hub.open(FEED, visitor="", username=None)
    for _ in range(QUEUE + 1):
        hub.publish(HINT)
    hints, lost = stream.take(0)
    assert (len(hints), lost) == (1, True)
    assert stream.take(0) == ([], False)
