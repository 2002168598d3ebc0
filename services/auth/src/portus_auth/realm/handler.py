"""The WSGI callable: four steps, one answer, one line in the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from portus_auth.domain.scopes import Scopes
from portus_auth.realm.answers import Answer, granted, refused, wrong_method
from portus_auth.realm.authenticate import Authenticator
from portus_auth.realm.authorize import authorize, registry_of
from portus_auth.realm.parse import parse
from portus_auth.realm.sign import RealmSettings, sign
from portus_auth.storage.facts import Facts
from portus_auth.usecases.credentials import Secrets
from portus_shared import logs
from portus_shared.errors import PortusError
from portus_shared.keys import Signer
from portus_shared.web.app import request_id_of

_log = logging.getLogger("portus_auth.realm")
_LOGGED_SCOPES: Final = 20


@dataclass(slots=True)
class _Record:
    """What the log line says, filled in as the steps go; never credentials, never typed names."""

    registry: str = ""
    user: str | None = None
    asked: Scopes = field(default_factory=Scopes)
    granted: Scopes = field(default_factory=Scopes)
    refused: str | None = None


class Realm:
    """Answer token requests from the facts in memory."""

    def __init__(
        self, facts: Facts, signer: Signer, authenticator: Authenticator, settings: RealmSettings
    ) -> None:
        self._facts = facts
        self._signer = signer
        self._authenticator = authenticator
        self._settings = settings

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        started = time.perf_counter()
        record = _Record()
        request_id = request_id_of(environ)
        with logs.context(request_id=request_id, service="auth"):
            answer = self._answer(environ, record)
            _log.info("token request", extra=_fields(environ, record, answer, started))
        status = f"{answer.status.value} {answer.status.phrase}"
        start_response(status, [*answer.headers, ("X-Request-ID", request_id)])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]

    def _answer(self, environ: WSGIEnvironment, record: _Record) -> Answer:
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return wrong_method()
        try:
            return granted(self._token(environ, record))
        except PortusError as error:
            record.refused = error.message
            return refused(error)
        except Exception:  # noqa: BLE001 - clients print all that is not registry JSON raw
            _log.exception("a token request failed")
            return refused(PortusError("Something went wrong here; the log has the reason"))

    def _token(self, environ: WSGIEnvironment, record: _Record) -> dict[str, Any]:
        snapshot = self._facts.current()
        request = parse(environ)
        record.asked = request.scopes
        registry = registry_of(request.service, snapshot)
        record.registry = registry.external_host
        actor = self._authenticator.actor(request, snapshot)
        record.user = actor.name
        record.granted = authorize(actor, request.scopes, registry, snapshot)
        return sign(actor, record.granted, registry, self._signer, self._settings)


def build(
    facts: Facts, signer: Signer, secrets: Secrets, settings: RealmSettings
) -> WSGIApplication:
    """Make the realm; the composition root puts it at ``/v2/token``, before the application."""
    authenticator = Authenticator(secrets, settings.sync_secret)
    return Realm(facts, signer, authenticator, settings)


def _fields(
    environ: WSGIEnvironment, record: _Record, answer: Answer, started: float
) -> dict[str, Any]:
    return {
        "status": answer.status.value,
        "user": record.user,
        "registry": record.registry,
        "asked": _words(record.asked),
        "granted": _words(record.granted),
        "refused": record.refused,
        "address": environ.get("REMOTE_ADDR"),
        "client": environ.get("HTTP_USER_AGENT", "")[:200],
        "duration_ms": round((time.perf_counter() - started) * 1000, 2),
    }


def _words(scopes: Scopes) -> list[str]:
    words = [
        f"{name}:{','.join(sorted(actions))}"
        for name, actions in list(scopes.repositories.items())[:_LOGGED_SCOPES]
    ]
    return [*words, "catalog:*"] if scopes.catalog else words
