"""Every event has somebody who publishes it and somebody who consumes it."""

from typing import Final

from tests.architecture.sources import SERVICES, sources_of
from tests.architecture.topology import consumers, events_made_in, publishers
from tests.contracts.events_page import PAGE, rendered

from portus_shared.contracts.event import event_types

# All contracts exist from the first day, because later only optional fields may be added. These
# still wait for the feature that needs them; whoever builds it removes the line.
NOT_PUBLISHED: Final = {
    "catalog.audit.recorded.v1": "no audit trail yet",
    "sync.audit.recorded.v1": "no audit trail yet",
    "catalog.restore.requested.v1": "images cannot be restored yet",
    "sync.restore.finished.v1": "images cannot be restored yet",
}
NOT_CONSUMED: Final = {
    "catalog.restore.requested.v1": "images cannot be restored yet",
    "sync.restore.finished.v1": "images cannot be restored yet",
}


def test_every_event_is_published_by_the_service_it_is_named_after() -> None:
    wrong = {
        key: services
        for key, services in publishers().items()
        if services != (set() if key in NOT_PUBLISHED else {key.partition(".")[0]})
    }
    assert wrong == {}


def test_every_event_has_a_consumer() -> None:
    unheard = {key for key, services in consumers().items() if not services}
    assert unheard == set(NOT_CONSUMED)


def test_no_exception_is_about_an_event_that_does_not_exist() -> None:
    assert (NOT_PUBLISHED.keys() | NOT_CONSUMED.keys()) <= event_types().keys()


def test_one_module_of_a_service_turns_rows_into_events() -> None:
    elsewhere = {
        source.name: made
        for service in SERVICES
        for source in sources_of(service)
        if not source.name.endswith("/usecases/publish.py")
        if (made := events_made_in(source))
    }
    assert elsewhere == {}


def test_the_page_about_events_is_up_to_date() -> None:
    page = PAGE.read_text()
    assert page == rendered(page), "run: .venv/bin/python -m tests.contracts.update"
