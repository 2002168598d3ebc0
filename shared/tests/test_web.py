from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask, jsonify, request
from flask.testing import FlaskClient
from marshmallow import Schema, fields
from sqlalchemy.exc import OperationalError

from portus_shared import errors
from portus_shared.web import body, paging
from portus_shared.web.app import create_app

FAULTS: dict[str, Exception] = {
    "not-found": errors.NotFound(),
    "conflict": errors.Conflict("Cannot remove the only owner of the team"),
    "denied": errors.Denied(),
    "unauthenticated": errors.Unauthenticated(),
    "malformed": errors.Malformed("page must be a number", field="page"),
    "rejected": errors.Rejected(fields={"name": ["has already been taken"]}),
    "too-many": errors.TooMany(retry_after_s=7),
    "unavailable": errors.Unavailable(missing="auth"),
    "database": OperationalError("SELECT", {}, Exception("connection refused")),
    "bug": ZeroDivisionError(),
}


class NameSchema(Schema):
    name = fields.String(required=True)
    size = fields.Integer()


@pytest.fixture
def app() -> Flask:
    made = create_app("test", ready=lambda: {"database": None, "bus": "away"})

    @made.get("/fault/<name>")
    def fault(name: str) -> Any:
        raise FAULTS[name]

    @made.post("/name")
    def name() -> Any:
        return jsonify(body.load(NameSchema(), request, within="thing"))

    @made.get("/list")
    def listing() -> Any:
        page = paging.page_of(request)
        return jsonify([]), 200, paging.page_headers(request, page, 31)

    @made.get("/list/<int:number>")
    def listing_of(number: int) -> Any:
        page = paging.page_of(request)
        return jsonify([]), 200, paging.page_headers(request, page, number)

    @made.get("/keyset")
    def keyset() -> Any:
        return jsonify(paging.keyset_of(request, width=2).after)

    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("not-found", 404),
        ("conflict", 409),
        ("denied", 403),
        ("unauthenticated", 401),
        ("malformed", 400),
        ("rejected", 422),
        ("too-many", 429),
        ("unavailable", 503),
        ("database", 503),
        ("bug", 500),
    ],
)
def test_every_fault_has_one_shape(client: FlaskClient, name: str, status: int) -> None:
    answer = client.get(f"/fault/{name}", headers={"X-Request-ID": "abc"})
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    problem = json.loads(answer.data)
    assert problem["status"] == status
    assert problem["request_id"] == "abc"
    assert problem["message"]
    assert answer.headers["X-Request-ID"] == "abc"


def test_rejected_fields_stand_in_the_message_as_in_the_original(client: FlaskClient) -> None:
    problem = json.loads(client.get("/fault/rejected").data)
    assert problem["message"] == {"name": ["has already been taken"]}


def test_a_bug_says_nothing_of_itself(client: FlaskClient) -> None:
    assert b"division" not in client.get("/fault/bug").data


def test_who_is_slowed_down_is_told_for_how_long(client: FlaskClient) -> None:
    assert client.get("/fault/too-many").headers["Retry-After"] == "7"


def test_flasks_own_errors_have_the_same_shape(client: FlaskClient) -> None:
    nowhere = client.get("/nowhere").get_json()
    assert (nowhere["status"], nowhere["message"]) == (404, "Not found")
    refused = client.delete("/list")
    assert refused.status_code == 405
    assert "GET" in refused.headers["Allow"]
    assert json.loads(client.post("/name", data=b"x" * 2_000_000).data)["status"] == 413


def test_an_odd_request_id_is_replaced(client: FlaskClient) -> None:
    given = "a b<script>"
    assert client.get("/list", headers={"X-Request-ID": given}).headers["X-Request-ID"] != given


def test_ready_names_what_is_missing_and_live_asks_nothing(client: FlaskClient) -> None:
    assert client.get("/live").status_code == 200
    ready = client.get("/ready")
    assert ready.status_code == 503
    assert ready.get_json()["parts"] == {"database": "ok", "bus": "away"}


def test_metrics_are_prometheus_text(client: FlaskClient) -> None:
    client.get("/list")
    assert b"portus_http_request_seconds" in client.get("/metrics").data


def test_invented_methods_are_counted_as_one(client: FlaskClient) -> None:
    for method in ("FOO", "BAR", "GETX"):
        assert client.open("/list", method=method).status_code == 405
    metrics = client.get("/metrics").text
    assert 'method="other"' in metrics
    assert not any(f'method="{method}"' in metrics for method in ("FOO", "BAR", "GETX"))


@pytest.mark.parametrize(
    "options",
    [
        {"json": {"name": "a"}},
        {"json": {"thing": {"name": "a"}}},
        {"data": {"name": "a"}},
        {"data": {"thing[name]": "a"}},
        {"data": b'{"name": "a"}', "content_type": "text/plain"},
    ],
)
def test_json_and_form_bodies_are_both_read(client: FlaskClient, options: dict[str, Any]) -> None:
    assert client.post("/name", **options).get_json() == {"name": "a"}


@pytest.mark.parametrize("data", [b"{", b"[1]", b"nul", b"\xff", b"[" * 100_000])
def test_an_unreadable_body_is_400(client: FlaskClient, data: bytes) -> None:
    assert client.post("/name", data=data, content_type="application/json").status_code == 400


def test_a_missing_or_wrong_field_is_422_with_its_name(client: FlaskClient) -> None:
    assert "name" in client.post("/name").get_json()["message"]
    answer = client.post("/name", json={"name": {"x": 1}, "size": "big"})
    assert answer.status_code == 422
    assert set(answer.get_json()["message"]) == {"name", "size"}


def test_pages_carry_the_originals_headers(client: FlaskClient) -> None:
    headers = client.get("/list?page=2&per_page=10&sort_attr=name").headers
    assert headers["X-Total"] == "31"
    assert headers["X-Total-Pages"] == "4"
    assert headers["X-Next-Page"] == "3"
    assert headers["X-Prev-Page"] == "1"
    assert '</list?sort_attr=name&page=3&per_page=10>; rel="next"' in headers["Link"]


def test_links_are_ascii_whatever_the_path_was_written_in(client: FlaskClient) -> None:
    """Digits of any script are a number to the router; a server sends no header that has them."""
    link = client.get("/list/\u0661").headers["Link"]
    assert '</list/%D9%A1?page=1&per_page=15>; rel="first"' in link


@pytest.mark.parametrize("query", ["page=0", "page=x", "per_page=9999", "page=-1", "page=1e3"])
def test_a_page_that_is_no_number_is_400(client: FlaskClient, query: str) -> None:
    assert client.get(f"/list?{query}").status_code == 400


@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "W10", "WzEse31d", "%00", "é"])
def test_a_cursor_that_is_not_ours_is_400(client: FlaskClient, cursor: str) -> None:
    assert client.get("/keyset", query_string={"after": cursor}).status_code == 400


def test_a_cursor_comes_back_as_it_was(client: FlaskClient) -> None:
    cursor = paging.encode_cursor(["2026-01-01", 7])
    assert client.get(f"/keyset?after={cursor}").get_json() == ["2026-01-01", 7]
