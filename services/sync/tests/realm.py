"""A token realm that signs for two accounts, so that a real registry can be asked as in earnest."""

import base64
import json
import time
from collections.abc import Iterable
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

from portus_shared.keys import Signer

ISSUER = "portus-auth"
SERVICE = "registry.test:5000"
PUSHER = "pusher:push-secret"
ACCOUNTS = {"_sync:sync-secret", PUSHER}


class Realm:
    """Answer `GET /v2/token` with all that is asked for; `asked` counts by scope."""

    def __init__(self, signer: Signer) -> None:
        self.asked: list[str] = []
        self._signer = signer

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        account = _account(environ.get("HTTP_AUTHORIZATION", ""))
        if account not in ACCOUNTS:
            start("401 Unauthorized", [("Content-Type", "application/json")])
            return [b"{}"]
        query = parse_qs(environ["QUERY_STRING"])
        scopes = " ".join(query.get("scope", [])).split()
        self.asked += scopes
        token = self._signer.sign(_claims(account.partition(":")[0], query, scopes))
        start("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"token": token, "expires_in": 300}).encode()]


def _account(header: str) -> str:
    return base64.b64decode(header.removeprefix("Basic ")).decode() if header else ""


def _claims(name: str, query: dict[str, list[str]], scopes: list[str]) -> dict[str, object]:
    access = []
    for scope in scopes:
        kind, _, rest = scope.partition(":")
        resource, _, actions = rest.rpartition(":")
        access.append({"type": kind, "name": resource, "actions": actions.split(",")})
    moment = int(time.time())
    return {
        "iss": ISSUER,
        "sub": name,
        "aud": query["service"][0],
        "exp": moment + 300,
        "nbf": moment - 60,
        "access": access,
    }
