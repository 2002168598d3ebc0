"""Whatever comes in, the realm answers in the registry's JSON and never with its own failure."""

import base64
import json
from urllib.parse import quote

from hypothesis import given, settings, strategies as st
from services.auth.tests.realm.client import Reply, password_of
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


SCOPES = st.tuples(
    st.sampled_from(["priv/app", "prot/app", "pub/app", "app", "olga/x", "nobody/x"]),
    st.sets(st.sampled_from(["pull", "push", "delete", "*", "show"]), min_size=1),
)


@settings(max_examples=100)
@given(person=st.sampled_from(PEOPLE), scopes=st.lists(SCOPES, max_size=4))
def test_never_more_is_granted_than_asked(
    shared_world: World, person: str, scopes: list[tuple[str, set[str]]]
) -> None:
    asked: dict[str, set[str]] = {}
    for name, actions in scopes:
        asked.setdefault(name, set()).update(actions)
    texts = [f"repository:{name}:{','.join(sorted(actions))}" for name, actions in scopes]
    reply = shared_world.ask(*texts, basic=(person, password_of(person)))
    for name, actions in reply.access.items():
        assert actions <= {"pull", "push", "delete"}
        assert actions <= asked[name] or "*" in asked[name]
    assert reply.claims["aud"] == SERVICE


def test_very_many_scopes_are_bounded(shared_world: World) -> None:
    many = " ".join(f"repository:pub/{number}:pull" for number in range(1500))
    reply = shared_world.ask(many)
    assert reply.status == 200
    assert len(reply.claims["access"]) == 1000
