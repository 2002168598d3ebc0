"""Whatever comes in, the realm answers in the registry's JSON and never with its own failure."""

import base64
import json
from urllib.parse import quote

from hypothesis import given, settings, strategies as st
from services.auth.tests.realm.client import Reply
from services.auth.tests.realm.world import SERVICE, World

CODES = {"UNAUTHORIZED", "DENIED", "UNSUPPORTED", "TOOMANYREQUESTS"}
PEOPLE = ("eve", "vic", "carl", "olga", "ada")
ODD = st.text(max_size=40) | st.sampled_from(
    ["repository:priv/app:*,pull", "registry:catalog:*", "a" * 300, "\x00", "%", "&&==", "ada"]
)
BYTES = st.binary(max_size=60)
NAMES = st.sampled_from(["scope", "service", "account", "client_id", "offline_token", "x", ""])
QUERIES = st.lists(st.tuples(NAMES, ODD), max_size=8).map(
    lambda pairs: "&".join(f"{name}={quote(value, errors='replace')}" for name, value in pairs)
) | BYTES.map(lambda raw: raw.decode("latin-1"))
HEADERS = (
    st.none()
    | BYTES.map(lambda raw: f"Basic {base64.b64encode(raw).decode()}")
    | BYTES.map(lambda raw: raw.decode("latin-1"))
)


def _check(reply: Reply) -> None:
    assert reply.status < 500
    body = json.loads(reply.body)
    if reply.status == 200:
        assert set(body) - {"scope"} == {"token", "access_token", "expires_in"}
    else:
        (error,) = body["errors"]
        assert error["code"] in CODES
        assert error["message"]
    assert reply.header("Content-Type") == "application/json"
    assert reply.header("Set-Cookie") is None


@settings(max_examples=300)
@given(query=QUERIES, authorization=HEADERS)
def test_no_input_is_answered_with_5xx(
    shared_world: World, query: str, authorization: str | None
) -> None:
    _check(shared_world.client.request(query, authorization=authorization))


FIELDS = st.sampled_from(
    ["grant_type", "scope", "service", "username", "password", "refresh_token", "client_id"]
)
VALUES = ODD | st.sampled_from(["password", "refresh_token", SERVICE, "olga", "_sync", "prt_x"])
FORMS = (
    st.lists(st.tuples(FIELDS, VALUES), max_size=8)
    .map(
        lambda pairs: "&".join(f"{name}={quote(value, errors='replace')}" for name, value in pairs)
    )
    .map(str.encode)
)


@settings(max_examples=300)
@given(body=FORMS | st.binary(max_size=200), authorization=HEADERS)
def test_no_form_is_answered_with_5xx(
    shared_world: World, body: bytes, authorization: str | None
) -> None:
    _check(shared_world.client.request("", method="POST", body=body, authorization=authorization))


@settings(max_examples=100)
@given(scopes=st.lists(ODD, max_size=5))
def test_with_a_known_service_any_scope_is_answered_200(
    shared_world: World, scopes: list[str]
) -> None:
    reply = shared_world.ask(*scopes)
    assert reply.status == 200
    assert reply.access == {}


RAW = BYTES.map(lambda raw: raw.decode("latin-1"))
ENVIRONS = st.fixed_dictionaries(
    {},
    optional={
        "HTTP_USER_AGENT": RAW,
        "HTTP_X_REQUEST_ID": RAW,
        "HTTP_COOKIE": RAW,
        "HTTP_PORTUS_AUTH": RAW,
        "HTTP_HOST": RAW,
        "HTTP_X_FORWARDED_FOR": RAW,
        "CONTENT_TYPE": RAW,
        "REMOTE_ADDR": RAW,
    },
)


@settings(max_examples=150)
@given(environ=ENVIRONS, method=st.sampled_from(["GET", "HEAD", "POST"]))
def test_no_header_is_answered_with_5xx(
    shared_world: World, environ: dict[str, str], method: str
) -> None:
    query = f"service={SERVICE}&scope=repository:priv/app:pull"
    reply = shared_world.client.request(query, method=method, body=query.encode(), more=environ)
    assert reply.status == (400 if method == "POST" else 200)


SCOPES = st.tuples(
    st.sampled_from(["priv/app", "prot/app", "pub/app", "app", "olga/x", "nobody/x"]),
    st.sets(st.sampled_from(["pull", "push", "delete", "*", "show"]), min_size=1),
)


NOISE = st.sampled_from(
    ["registry:catalog:*", "registry:catalog:x,*", "repository::pull", "repository:priv/app:", "x"]
)


@settings(max_examples=150)
@given(
    person=st.sampled_from(["anonymous", *PEOPLE]),
    scopes=st.lists(SCOPES, max_size=4),
    noise=st.lists(NOISE, max_size=2),
)
def test_never_more_is_granted_than_asked_and_allowed(
    shared_world: World, person: str, scopes: list[tuple[str, set[str]]], noise: list[str]
) -> None:
    asked: dict[str, set[str]] = {}
    for name, actions in scopes:
        everything = {"pull", "push", "delete"} if "*" in actions else set()
        asked.setdefault(name, set()).update(everything | actions)
    texts = [f"repository:{name}:{','.join(sorted(actions))}" for name, actions in scopes]
    reply = shared_world.ask_as(person, *texts, *noise)
    assert reply.status == 200
    allowed = {name: shared_world.allowed(person, name) for name in asked}
    granted = {name: found for name, found in reply.access.items() if name in asked}
    expected = {name: asked[name] & allowed[name] for name in asked}
    assert granted == {name: actions for name, actions in expected.items() if actions}
    others = {name: found for name, found in reply.access.items() if name not in asked}
    assert set(others) <= {"catalog"}
    assert person == "ada" or not others
    assert reply.claims["aud"] == SERVICE


def test_very_many_scopes_are_bounded(shared_world: World) -> None:
    many = " ".join(f"repository:pub/{number}:pull" for number in range(1500))
    reply = shared_world.ask(many)
    assert reply.status == 200
    assert len(reply.claims["access"]) == 1000
