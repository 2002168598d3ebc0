"""The registry, shown, changed and tried out by admins."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from services.auth.tests import trail
from services.auth.tests.people import Caller, People

from portus_auth.app import Auth, build
from portus_auth.clients.registry import fault_of
from portus_auth.config import read
from portus_auth.domain.registries import faults_of_host, moved
from portus_shared.contracts.auth import RegistryChanged
from portus_shared.testing.registry import Registry
from portus_shared.testing.waiting import free_port

PATH = "/api/v1/registries"
PLACE = {"name": "second", "hostname": "other.test:5000", "use_ssl": "true"}


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def web_server() -> Iterator[str]:
    """A server that is no registry, and sends everybody elsewhere."""
    asked: list[str] = []

    def elsewhere(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        asked.append(environ["PATH_INFO"])
        start_response("302 Found", [("Location", f"http://{environ['HTTP_HOST']}/followed")])
        return []

    server = make_server("127.0.0.1", 0, elsewhere, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    assert asked == ["/v2/"]


def test_the_registry_is_shown_in_the_words_of_the_original(people: People) -> None:
    (shown,) = people.root.get(PATH).json
    assert shown | {"created_at": "", "updated_at": ""} == {
        "id": 1,
        "name": "default",
        "hostname": "registry.test:5000",
        "external_hostname": "registry.test:5000",
        "use_ssl": False,
        "url": "http://registry.test:5000",
        "created_at": "",
        "updated_at": "",
    }


@pytest.mark.parametrize("as_form", [True, False])
def test_a_second_registry_is_refused(people: People, as_form: bool) -> None:
    form = {f"registry[{name}]": value for name, value in PLACE.items()}
    body: dict[str, Any] = {"data": form} if as_form else {"json": {"registry": PLACE}}
    answer = people.root.post(PATH, **body)
    assert answer.status_code == 422
    assert answer.json["message"] == {"uniqueness": ["You can only create one registry"]}


def test_a_registry_that_moved_is_told_to_sync_and_recorded(auth: Auth, people: People) -> None:
    change = {"hostname": "new.test", "use_ssl": True, "external_hostname": "images.test"}
    answer = people.root.put(f"{PATH}/1", json={"registry": change})
    assert answer.status_code == 200, answer.text
    assert answer.json["url"] == "https://new.test"
    told = trail.told(auth, RegistryChanged)[-1]
    assert (told.registry, told.url, told.external_host) == (
        "default",
        "https://new.test",
        "images.test",
    )
    assert trail.last(auth, "registry.change").after == {
        "url": "https://new.test",
        "external_host": "images.test",
    }
    anonymous = Caller(auth)
    assert anonymous.get("/v2/token?service=images.test").status_code == 200
    assert anonymous.get("/v2/token?service=registry.test:5000").status_code == 400


def test_what_cannot_be_is_refused_by_field(people: People) -> None:
    change = {"name": "else", "hostname": "http://x", "external_hostname": "a b"}
    answer = people.root.put(f"{PATH}/1", json=change)
    assert answer.status_code == 422
    assert set(answer.json["message"]) == {"name", "hostname", "external_hostname"}
    assert people.root.put(f"{PATH}/7", json={"use_ssl": True}).status_code == 404


def test_an_admins_change_stays_until_the_settings_say_something_new(
    auth: Auth, people: People, environ: dict[str, str]
) -> None:
    people.root.put(f"{PATH}/1", json={"hostname": "new.test"})
    build(read(environ), database=auth.database)
    assert people.root.get(PATH).json[0]["url"] == "http://new.test"
    build(read({**environ, "PORTUS_REGISTRY_URL": "https://set.test"}), database=auth.database)
    assert people.root.get(PATH).json[0]["url"] == "https://set.test"


def test_validation_asks_a_real_registry(people: People, registry: Callable[..., Registry]) -> None:
    host = registry().host
    answer = people.root.get(f"{PATH}/validate?name=second&hostname={host}&use_ssl=false")
    assert answer.json == {"valid": True, "messages": {}}
    taken = people.root.get(f"{PATH}/validate?name=default&hostname={host}&use_ssl=true").json
    assert taken["messages"]["name"] == ["has already been taken"]
    assert "TLS" in taken["messages"]["hostname"][0]


def test_validation_tells_about_the_fields_that_are_asked_for(people: People) -> None:
    path = f"{PATH}/validate?name=&hostname=%5B&use_ssl=false&external_hostname=x/y"
    whole = people.root.get(path).json["messages"]
    assert set(whole) == {"name", "hostname", "external_hostname"}
    only = people.root.get(f"{path}&only[]=name").json
    assert only == {"valid": False, "messages": {"name": ["can't be blank"]}}


def test_a_server_that_is_no_registry_is_found_out_without_following_it(web_server: str) -> None:
    assert fault_of(f"http://{web_server}") == "is no registry: it answered 302 to /v2/"


def test_nobody_at_an_address_is_said_so() -> None:
    assert fault_of(f"http://127.0.0.1:{free_port()}") == "cannot be reached"


@pytest.mark.parametrize("host", ["a", "registry.test:5000", "10.0.0.1", "[::1]:5000", "A-b.c"])
def test_hosts_with_and_without_a_port_will_do(host: str) -> None:
    assert faults_of_host(host) == []


@pytest.mark.parametrize(
    "host",
    ["", "a/b", "u@h", "h:", "h:0", "h:99999", "-h", "h?x", "h\n", "[x]", "h" * 256, "http://h"],
)
def test_what_is_no_host_is_refused(host: str) -> None:
    assert faults_of_host(host) != []


def test_a_path_of_the_settings_survives_a_move() -> None:
    assert moved("http://a:1/below", "b", tls=True) == "https://b/below"
