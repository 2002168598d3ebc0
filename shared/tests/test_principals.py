"""Who sent a request, as auth says it to another service."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, request

from portus_shared import errors
from portus_shared.config import Secret
from portus_shared.http import Client, WsgiAdapter
from portus_shared.testing.waiting import free_port
from portus_shared.web.app import create_app
from portus_shared.web.principals import Exchange, PrincipalResolver


class Claims:
    """Verify tokens that are their own name."""

    def verify(self, token: str, *, audience: str) -> dict[str, Any]:
        if token == "bad":
            raise errors.Unauthenticated
        return {"sub": token, "kind": "user", "admin": token == "root", "aud": audience}


def auth_service(calls: list[Any]) -> Flask:
    app = create_app("auth", ready=dict)

    @app.post("/internal/v1/principal")
    def principal() -> Any:
        calls.append((request.get_json(), request.headers["Authorization"]))
        given = request.get_json().get("portus_auth", "alice:x")
        if given == "alice:wrong":
            raise errors.Unauthenticated
        if given == "alice:guess":
            raise errors.TooMany(retry_after_s=42)
        return {"token": given.partition(":")[0], "expires_in": 60}

    return app


def resolver_for(app: Flask) -> PrincipalResolver:
    auth = Client("http://auth", transport=WsgiAdapter(app.wsgi_app))
    return PrincipalResolver(Claims(), Exchange(auth, "catalog", Secret("s3cret")))


def ask(resolver: PrincipalResolver, address: str = "", **headers: str) -> str:
    app = Flask("caller")
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    with app.test_request_context(headers=sent, environ_base={"REMOTE_ADDR": address}):
        return resolver.required(request).name


def test_credentials_are_exchanged_at_auth_once_and_remembered() -> None:
    calls: list[Any] = []
    resolver = resolver_for(auth_service(calls))
    assert ask(resolver, Portus_Auth="alice:token") == "alice"
    assert ask(resolver, Portus_Auth="alice:token") == "alice"
    assert calls == [({"portus_auth": "alice:token"}, "Bearer s3cret")]
    assert ask(resolver, Authorization="Basic YWxpY2U6eA==") == "alice"


def test_auth_is_told_where_a_credential_was_shown_and_knows_it_from_everywhere() -> None:
    calls: list[Any] = []
    resolver = resolver_for(auth_service(calls))
    for address in ("192.0.2.7", "192.0.2.8"):
        assert ask(resolver, address, Portus_Auth="alice:token") == "alice"
    assert calls == [({"portus_auth": "alice:token", "address": "192.0.2.7"}, "Bearer s3cret")]


def test_wrong_or_absent_credentials_are_401() -> None:
    resolver = resolver_for(auth_service([]))
    with pytest.raises(errors.Unauthenticated):
        ask(resolver, Portus_Auth="alice:wrong")
    with pytest.raises(errors.Unauthenticated):
        ask(resolver)
    with pytest.raises(errors.Unauthenticated):
        ask(resolver, Authorization="Bearer bad")


def test_who_guesses_is_told_to_wait_as_auth_says() -> None:
    with pytest.raises(errors.TooMany) as told:
        ask(resolver_for(auth_service([])), Portus_Auth="alice:guess")
    assert told.value.retry_after_s == 42


def test_a_verified_token_needs_no_exchange() -> None:
    calls: list[Any] = []
    assert ask(resolver_for(auth_service(calls)), Authorization="Bearer root") == "root"
    assert calls == []


def test_auth_being_away_is_said_as_such() -> None:
    away = Client(f"http://127.0.0.1:{free_port()}")
    resolver = PrincipalResolver(Claims(), Exchange(away, "catalog", Secret("s")))
    with pytest.raises(errors.Unavailable):
        ask(resolver, Portus_Auth="alice:token")
