"""The WSGI callable: four steps, one answer, one line in the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import Histogram

from portus_auth.domain.scopes import Scopes, written
from portus_auth.realm.answers import Answer, granted, refused, wrong_method
from portus_auth.realm.authenticate import Authenticator, Proven
from portus_auth.realm.authorize import authorize, registry_of
from portus_auth.realm.logins import Logins
from portus_auth.realm.parse import TokenRequest, parse
from portus_auth.realm.remember import DecisionLog, Memory
from portus_auth.realm.sign import RealmSettings, sign
from portus_auth.storage.facts import Facts, RegistryFacts
from portus_auth.usecases.credentials import Secrets
from portus_auth.usecases.failures import Failures
from portus_auth.usecases.refresh_tokens import NewLogin
from portus_shared import logs
from portus_shared.errors import PortusError, TooMany, Unauthenticated
from portus_shared.keys import Signer
from portus_shared.web.app import request_id_of

_log = logging.getLogger("portus_auth.realm")
_LOGGED_SCOPES: Final = 20
_METHODS: Final = frozenset({"GET", "HEAD", "POST"})
_seconds = Histogram(
    "portus_realm_request_seconds", "Time to answer a token request", ["method", "status"]
)


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
        self,
        facts: Facts,
        signer: Signer,
        settings: RealmSettings,
        *,
        authenticator: Authenticator,
        logins: Logins,
        decisions: DecisionLog,
    ) -> None:
        self._facts = facts
        self._signer = signer
        self._settings = settings
        self._authenticator = authenticator
        self._logins = logins
        self._decisions = decisions

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        started, method = time.perf_counter(), environ["REQUEST_METHOD"]
        record = _Record()
        request_id = request_id_of(environ)
        with logs.context(request_id=request_id, service="auth"):
            answer = self._answer(environ, record)
            seconds = time.perf_counter() - started
            _log.info("token request", extra=_fields(environ, record, answer, seconds))
        known = method if method in _METHODS else "other"
        _seconds.labels(known, answer.status.value).observe(seconds)
        status = f"{answer.status.value} {answer.status.phrase}"
        start_response(status, [*answer.headers, ("X-Request-ID", request_id)])
        return [] if method == "HEAD" else [answer.body]

    def _answer(self, environ: WSGIEnvironment, record: _Record) -> Answer:
        if environ["REQUEST_METHOD"] not in _METHODS:
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
        memory = Memory(
            log=self._decisions,
            request=request,
            agent=environ.get("HTTP_USER_AGENT", ""),
            registry=registry,
            snapshot=snapshot,
        )
        proven = self._identified(memory)
        record.user = proven.actor.name
        record.granted = authorize(proven, request.scopes, registry, snapshot)
        memory.decided(proven, record.granted)
        body = sign(
            proven.actor,
            record.granted,
            registry,
            self._signer,
            self._settings,
            until_s=proven.until_s,
        )
        if environ["REQUEST_METHOD"] == "POST":
            body["scope"] = written(record.granted)
        if request.wants_refresh_token and environ["REQUEST_METHOD"] != "HEAD":
            body |= self._refresh_token(request, proven, registry)
        return body

    def _identified(self, memory: Memory) -> Proven:
        try:
            return self._authenticator.identify(memory.request, memory.registry, memory.snapshot)
        except (Unauthenticated, TooMany) as error:
            memory.failed(error.message)
            raise

    def _refresh_token(
        self, request: TokenRequest, proven: Proven, registry: RegistryFacts
    ) -> dict[str, str]:
        """Return the member for a refresh token, nothing for who has none or is to have none."""
        account = proven.account
        if account is None or not (proven.password_hash or proven.application_token_hash):
            return {}
        secret = self._logins.begin(
            NewLogin(
                user_id=account.id,
                registry_id=registry.id,
                password_hash=proven.password_hash,
                application_token_hash=proven.application_token_hash,
                client=request.client,
                address=request.address,
            ),
            account.username,
        )
        return {"refresh_token": secret} if secret else {}


def build(
    facts: Facts,
    signer: Signer,
    secrets: Secrets,
    settings: RealmSettings,
    *,
    logins: Logins,
    failures: Failures,
    decisions: DecisionLog,
    note_token_use: Callable[[int, str], None],
) -> WSGIApplication:
    """Make the realm; the composition root puts it at ``/v2/token``, before the application."""
    authenticator = Authenticator(secrets, settings.sync_secret, logins, failures, note_token_use)
    return Realm(
        facts, signer, settings, authenticator=authenticator, logins=logins, decisions=decisions
    )


def _fields(
    environ: WSGIEnvironment, record: _Record, answer: Answer, seconds: float
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
        "duration_ms": round(seconds * 1000, 2),
    }


def _words(scopes: Scopes) -> list[str]:
    words = [
        f"{name}:{','.join(sorted(actions))}"
        for name, actions in list(scopes.repositories.items())[:_LOGGED_SCOPES]
    ]
    return [*words, "catalog:*"] if scopes.catalog else words
