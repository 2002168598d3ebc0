"""Keys for everybody: tokens are checked with what auth shows, and nothing secret is shown."""

import jwt
from services.auth.tests.people import Caller

from portus_auth.app import Auth
from portus_auth.config import Settings
from portus_shared.keys import Verifier


def test_token_is_checked_with_a_key_of_the_set(auth: Auth, nobody: Caller) -> None:
    token = nobody.get("/v2/token").json["token"]
    (key,) = jwt.PyJWKSet.from_dict(nobody.get("/.well-known/jwks.json").json).keys
    audience = "registry.test:5000"
    assert jwt.decode(token, key, algorithms=["ES256"], audience=audience)["aud"] == audience


def test_key_says_what_it_is_and_keeps_its_private_half(nobody: Caller) -> None:
    answer = nobody.get("/.well-known/jwks.json")
    assert answer.mimetype == "application/json"
    (key,) = answer.json["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "alg", "use", "kid", "x5c"}
    assert len(key["x"]) == len(key["y"]) == len(key["kid"]) == 43


def test_certificate_is_the_one_that_registries_are_given(
    nobody: Caller, settings: Settings
) -> None:
    answer = nobody.get("/.well-known/portus-ca.pem")
    assert answer.data == settings.service.ca_cert_file.read_bytes()
    assert b"PRIVATE" not in answer.data
    token = nobody.get("/v2/token").json["token"]
    assert Verifier(answer.data).verify(token, audience="registry.test:5000")["sub"] == ""


def test_token_requests_are_counted(nobody: Caller) -> None:
    nobody.get("/v2/token")
    nobody.post("/v2/token")
    metrics = nobody.get("/metrics").text
    for labels in ('method="GET",status="200"', 'method="POST",status="400"'):
        assert f"portus_realm_request_seconds_count{{{labels}}}" in metrics
    assert "portus_passwords_waiting 0.0" in metrics
