"""What registries, storage back ends and proxies answer that a local 2.8 does not."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from portus_shared.config import Secret
from portus_shared.http import Client
from portus_shared.testing.servers import serve
from portus_sync.registry.client import RegistryClient
from portus_sync.registry.errors import RegistryError, TooLarge
from portus_sync.registry.tokens import TokenSource
from portus_sync.registry.transport import Transport

Reply = tuple[str, dict[str, str], bytes]
BODY = b"config"
DIGEST = "sha256:" + sha256(BODY).hexdigest()
API = {"Docker-Distribution-Api-Version": "registry/2.0"}


def digest_of(body: bytes) -> str:
    return "sha256:" + sha256(body).hexdigest()


@contextmanager
def speaking(answer: Callable[[WSGIEnvironment], Reply]) -> Iterator[RegistryClient]:
    def application(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        status, headers, body = answer(environ)
        start(status, [*headers.items(), ("Content-Length", str(len(body)))])
        return [body]

    with serve(application) as url:
        tokens = TokenSource(Client(url), Secret("sync-secret"))
        yield RegistryClient(Transport(url, None, tokens))


def listing(name: str, entries: list[str] | None, link: str = "") -> Reply:
    headers = {"Link": f'<{link}>; rel="next"'} if link else {}
    return "200 OK", headers, json.dumps({name: entries}).encode()


def test_smaller_pages_are_asked_for_when_large_ones_are_refused() -> None:
    asked = []

    def answer(environ: WSGIEnvironment) -> Reply:
        query = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
        asked.append(query)
        if int(query["n"]) > 100:
            return "400 Bad Request", {}, b'{"errors":[{"code":"PAGINATION_NUMBER_INVALID"}]}'
        if "last" in query:
            return listing("repositories", ["c/d"])
        return listing("repositories", ["a", "b"], "/v2/_catalog?last=b&n=100")

    with speaking(answer) as client:
        assert list(client.repositories()) == ["a", "b", "c/d"]
    assert asked == [{"n": "1000"}, {"n": "100"}, {"n": "100", "last": "b"}]


def test_link_is_never_followed_to_another_host() -> None:
    def answer(environ: WSGIEnvironment) -> Reply:
        if "last" in environ["QUERY_STRING"]:
            return listing("repositories", ["b"])
        return listing("repositories", ["a"], "http://192.0.2.1/v2/_catalog?last=a&n=1000")

    with speaking(answer) as client:
        assert list(client.repositories()) == ["a", "b"]


def test_page_that_points_to_itself_is_an_error() -> None:
    itself = listing("repositories", ["a"], "/v2/_catalog?n=1000")
    with speaking(lambda _: itself) as client, pytest.raises(RegistryError):
        list(client.repositories())


@pytest.mark.parametrize("entries", [None, []])
def test_emptied_repository_has_no_tags(entries: list[str] | None) -> None:
    with speaking(lambda _: listing("tags", entries)) as client:
        assert client.tags("a") == []


@pytest.mark.parametrize("status", ["500 Oops", "403 Forbidden", "302 Found", "204 No Content"])
def test_failed_page_is_an_error_and_not_an_empty_list(status: str) -> None:
    with speaking(lambda _: (status, {}, b"")) as client:
        with pytest.raises(RegistryError):
            client.tags("a")
        with pytest.raises(RegistryError):
            list(client.repositories())
        with pytest.raises(RegistryError):
            client.head("a", "v1")


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"tags": 7}', b"<html>"])
def test_unreadable_list_is_an_error(body: bytes) -> None:
    with speaking(lambda _: ("200 OK", {}, body)) as client, pytest.raises(RegistryError):
        client.tags("a")


def test_404_of_a_proxy_says_nothing_about_a_tag() -> None:
    with speaking(lambda _: ("404 Not Found", {}, b"<html>")) as client:
        with pytest.raises(RegistryError):
            client.head("a", "v1")
        with pytest.raises(RegistryError):
            client.tags("a")
        with pytest.raises(RegistryError):
            client.manifest("a", DIGEST)


def test_404_of_the_registry_means_that_there_is_no_tag() -> None:
    with speaking(lambda _: ("404 Not Found", API, b"")) as client:
        assert client.head("a", "v1") is None


def test_busy_registry_is_asked_again() -> None:
    replies = ["503 Busy", "200 OK"]

    def answer(_: WSGIEnvironment) -> Reply:
        return replies.pop(0), {}, b'{"tags": ["v1"]}'

    with speaking(answer) as client:
        assert client.tags("a") == ["v1"]


def test_token_is_not_sent_on_to_where_a_blob_lies() -> None:
    seen = []

    def answer(environ: WSGIEnvironment) -> Reply:
        path, authorization = environ["PATH_INFO"], environ.get("HTTP_AUTHORIZATION", "")
        if path == "/v2/token":
            assert authorization.startswith("Basic ")
            return "200 OK", {}, b'{"token": "secret-token"}'
        seen.append((path, authorization))
        if path == "/storage":
            return "200 OK", {}, BODY
        if not authorization:
            challenge = 'Bearer realm="http://192.0.2.1/token",service="s",scope="a:b:pull,push"'
            return "401 Unauthorized", {"WWW-Authenticate": challenge}, b""
        return "307 Temporary Redirect", {"Location": "/storage"}, b""

    with speaking(answer) as client:
        assert client.blob("a", DIGEST, limit_bytes=100) == BODY
    assert seen[1:] == [(f"/v2/a/blobs/{DIGEST}", "Bearer secret-token"), ("/storage", "")]


def test_large_blob_is_not_read_to_its_end() -> None:
    with speaking(lambda _: ("200 OK", {}, b"x" * 200_000)) as client, pytest.raises(TooLarge):
        client.blob("a", DIGEST, limit_bytes=1_000)


def test_body_with_another_digest_is_an_error() -> None:
    with speaking(lambda _: ("200 OK", {}, b"forged")) as client:
        with pytest.raises(RegistryError):
            client.blob("a", DIGEST, limit_bytes=1_000)
        with pytest.raises(RegistryError):
            client.manifest("a", DIGEST)


def test_all_four_manifest_types_are_accepted() -> None:
    accepted = []

    def answer(environ: WSGIEnvironment) -> Reply:
        accepted.append(environ["HTTP_ACCEPT"])
        return "200 OK", {"Docker-Content-Digest": DIGEST, "Content-Type": "x/y; charset=u"}, b""

    with speaking(answer) as client:
        head = client.head("a", "v1")
    assert head is not None
    assert head.media_type == "x/y"
    assert accepted[0].count("application/vnd.") == 4


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        ("404 Not Found", "MANIFEST_UNKNOWN", True),
        ("404 Not Found", "NAME_UNKNOWN", True),
        ("404 Not Found", "", None),
        ("400 Bad Request", "DIGEST_INVALID", False),
        ("405 Method Not Allowed", "UNSUPPORTED", False),
        ("429 Too Many Requests", "TOOMANYREQUESTS", None),
    ],
)
def test_what_a_registry_can_delete_is_what_it_says_of_a_tag_that_cannot_be_there(
    status: str, code: str, expected: bool | None
) -> None:
    asked: list[str] = []

    def answer(environ: WSGIEnvironment) -> Reply:
        asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        body = json.dumps({"errors": [{"code": code}]}) if code else "a proxy's"
        return status, API, body.encode()

    with speaking(answer) as client:
        assert client.deletes_tags() is expected
    assert asked[0].startswith("DELETE /v2/portus-probe/manifests/never-")
