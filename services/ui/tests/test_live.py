from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
from services.ui.tests.company import Company, image
from services.ui.tests.site_under_test import Visitor, built, settings_for, visitor_of

from portus_shared.bus import InProcessBus, message_of
from portus_shared.contracts.auth import TeamChanged, UserChanged, UserDeleted
from portus_shared.contracts.catalog import RepositoryChanged
from portus_shared.contracts.event import Event
from portus_shared.errors import Malformed
from portus_shared.testing.waiting import wait_until
from portus_ui.app import Ui
from portus_ui.domain.topics import Topic, parse_topics


class Stage:
    """ui with a bus that tests publish on, and streams that are read in threads."""

    def __init__(self, ui: Ui, bus: InProcessBus) -> None:
        self.ui, self.bus = ui, bus
        self.texts: list[list[str]] = []

    def publish(self, event: Event) -> None:
        self.bus.publish([message_of(event, source="test")])

    def listen(self, visitor: Visitor, topics: str, **headers: str) -> list[str]:
        """Read a stream until it ends, into the list returned."""
        before = self.ui.hub.size
        answer = visitor.visit(f"/updates?topics={topics}", **headers)
        assert answer.status_code == 200
        heard: list[str] = []
        chunks: Iterator[str] = answer.iter_encoded()  # type: ignore[assignment]

        def read() -> None:
            heard.extend(bytes(chunk).decode() for chunk in chunks)  # type: ignore[arg-type]

        threading.Thread(target=read, daemon=True).start()
        wait_until(lambda: self.ui.hub.size > before and heard, what="the stream is open")
        return heard


@pytest.fixture
def stage(company: Company, sqlite_url: str) -> Iterator[Stage]:
    bus, stop = InProcessBus(), threading.Event()
    ui = built(company, settings_for(sqlite_url), bus)
    (loop,) = ui.loops
    listener = threading.Thread(target=loop.run, args=(stop,), daemon=True)
    listener.start()
    wait_until(lambda: bus._listeners, what="ui listens")
    yield Stage(ui, bus)
    stop.set()
    ui.close()
    wait_until(lambda: ui.hub.size == 0, what="every stream has ended")
    ui.database.close()


def changed(repository: str, change: str = "pushed") -> RepositoryChanged:
    return RepositoryChanged(
        registry="default",
        repository=repository,
        namespace=repository.partition("/")[0],
        change=change,
        tag="1.0",
        actor="ci",
    )


def about(heard: list[str], name: str) -> list[str]:
    return [text for text in heard if name in text]


def test_a_push_is_told_to_the_pages_that_show_it(stage: Stage) -> None:
    ines = visitor_of(stage.ui, "ines.moreau")
    page = stage.listen(ines, "repository:payments/api")
    space = stage.listen(ines, "namespace:payments")
    feed = stage.listen(ines, "feed")
    other = stage.listen(ines, "repository:payments/reconciler")
    stage.publish(changed("payments/api"))
    for heard, kind in ((page, "repository"), (space, "namespace"), (feed, "feed")):
        (event,) = wait_until(lambda heard=heard: about(heard, "payments/api"))  # type: ignore[misc]
        assert f"event: {kind}\n" in event
        assert "1.0" not in event, "names of repositories, never data"
    assert not about(other, "payments")


def test_nobody_hears_of_what_they_may_not_see(stage: Stage) -> None:
    heard = [
        stage.listen(visitor_of(stage.ui, name), "feed,repository:data-science/notebook-gpu")
        for name in (None, "stranger", "ines.moreau")
    ]
    root = stage.listen(visitor_of(stage.ui, "root"), "feed")
    stage.publish(changed("data-science/notebook-gpu"))
    stage.publish(changed("base/python"))
    wait_until(lambda: about(root, "notebook-gpu"))
    for texts in heard:
        wait_until(lambda texts=texts: about(texts, "base/python"))  # type: ignore[misc]
        assert not about(texts, "notebook-gpu")


def test_a_first_push_makes_a_repository_visible_at_once(stage: Stage, company: Company) -> None:
    heard = stage.listen(visitor_of(stage.ui, "ines.moreau"), "namespace:ines.moreau")
    company.push("ines.moreau/hello", image("first"), ["1.0"], "ines.moreau")
    stage.publish(changed("ines.moreau/hello"))
    wait_until(lambda: about(heard, "ines.moreau/hello"))


def test_a_deleted_repository_is_told_by_its_namespace(stage: Stage, company: Company) -> None:
    ines = stage.listen(visitor_of(stage.ui, "ines.moreau"), "repository:payments/api")
    stranger = stage.listen(visitor_of(stage.ui, "stranger"), "feed")
    company.repositories = [r for r in company.repositories if r["full_name"] != "payments/api"]
    stage.publish(changed("payments/api", "deleted"))
    stage.publish(changed("base/python"))
    wait_until(lambda: about(ines, "payments/api"))
    wait_until(lambda: about(stranger, "base/python"))
    assert not about(stranger, "payments")


def test_a_page_that_reconnects_looks_at_everything_again(stage: Stage) -> None:
    ines = visitor_of(stage.ui, "ines.moreau")
    fresh = stage.listen(ines, "feed")
    back = stage.listen(ines, "feed", **{"Last-Event-ID": "123"})
    wait_until(lambda: about(back, "event: feed"))
    assert not about(fresh, "event: feed")


def test_what_changed_before_the_stream_was_open_is_told(stage: Stage) -> None:
    ines = visitor_of(stage.ui, "ines.moreau")
    page = ines.visit("/r/payments/api").text
    (address,) = re.findall(r'hx-sse:connect="/updates\?topics=([^"]+)"', page)
    before = stage.ui.hub.position()
    stage.publish(changed("base/python"))
    stage.publish(changed("payments/api"))
    wait_until(lambda: stage.ui.hub.position() != before)
    heard = stage.listen(ines, address.replace("&amp;", "&"))
    wait_until(lambda: about(heard, "payments/api"))
    assert not about(heard, "base/python")


@pytest.mark.parametrize("since", ["other.1", "x", "{here}9"])
def test_a_page_of_another_process_looks_at_everything(stage: Stage, since: str) -> None:
    position = since.replace("{here}", stage.ui.hub.position())
    heard = stage.listen(visitor_of(stage.ui), f"namespace:base&since={position}")
    wait_until(lambda: about(heard, "event: namespace"))


def test_streams_end_when_one_signs_out(stage: Stage) -> None:
    ines, root = visitor_of(stage.ui, "ines.moreau"), visitor_of(stage.ui, "root")
    stage.listen(ines, "feed")
    stage.listen(root, "feed")
    ines.send("/sign-out")
    wait_until(lambda: stage.ui.hub.size == 1, 1.0, what="only root's stream is left")


@pytest.mark.parametrize(
    "event",
    [
        UserDeleted(username="ines.moreau", kind="user", revision=2),
        UserChanged(username="ines.moreau", kind="user", enabled=False, admin=False, revision=2),
    ],
    ids=["deleted", "disabled"],
)
def test_a_user_who_is_gone_is_signed_out_everywhere(stage: Stage, event: Event) -> None:
    ines = visitor_of(stage.ui, "ines.moreau")
    stage.listen(ines, "feed")
    stage.publish(event)
    wait_until(lambda: stage.ui.hub.size == 0, 1.0)
    assert ines.visit("/").location.startswith("/sign-in?next=%2F&ended=1")


def test_changed_members_make_every_page_ask_again(stage: Stage, company: Company) -> None:
    ines = visitor_of(stage.ui, "ines.moreau")
    stage.listen(ines, "repository:payments/api")
    company.users["ines.moreau"]["roles"].pop("payments")
    stage.publish(TeamChanged(team_id=5, name="payments", hidden=False, revision=9, members=()))
    wait_until(lambda: stage.ui.hub.size == 0, 1.0)
    heard = stage.listen(ines, "repository:payments/api,feed")
    stage.publish(changed("payments/api"))
    stage.publish(changed("base/python"))
    wait_until(lambda: about(heard, "base/python"))
    assert not about(heard, "payments/api")


def test_topics_that_cannot_be_read_are_refused(ui: Ui) -> None:
    for topics in ("", "feed:x", "repository:", "repository:../x", "namespace:A", "users", "x:y"):
        assert visitor_of(ui).visit(f"/updates?topics={topics}").status_code == 400
    with pytest.raises(Malformed):
        parse_topics(",".join(["feed"] * 9))
    assert parse_topics("namespace:_,feed") == {
        Topic(kind="namespace", name="_"),
        Topic(kind="feed"),
    }


def test_the_stream_is_not_buffered(ui: Ui) -> None:
    answer = visitor_of(ui).visit("/updates?topics=feed")
    assert answer.content_type == "text/event-stream; charset=utf-8"
    assert answer.headers["X-Accel-Buffering"] == "no"
    assert answer.headers["Cache-Control"] == "no-store"
    answer.close()
    assert ui.hub.size == 0
