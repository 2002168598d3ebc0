"""The composition root of auth's HTTP side: the token realm before the REST application."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from portus_auth import memory, realm, setup_code
from portus_auth.config import SCHEMA, Settings
from portus_auth.decision_log import DecisionLog
from portus_auth.failed_sign_ins import FailedSignIns
from portus_auth.memory import Memory
from portus_auth.preparation import MIGRATIONS
from portus_auth.readiness import Readiness
from portus_auth.realm import Logins
from portus_auth.routes import (
    access,
    decisions,
    docker_logins,
    doorstep,
    internal,
    keys,
    namespaces,
    own_account,
    registries,
    robots,
    sessions,
    teams,
    tokens,
    users,
)
from portus_auth.routes.deps import Deps, Door
from portus_auth.storage.facts import Facts
from portus_auth.token_uses import TokenUses
from portus_auth.usecases.credentials import Secrets
from portus_auth.usecases.failures import Failures
from portus_auth.usecases.pace import Pace
from portus_auth.usecases.passwords import Passwords
from portus_shared.bell import bell_for
from portus_shared.db import Database
from portus_shared.keys import CertificateAuthority, Signer, Verifier
from portus_shared.web.app import create_app
from portus_shared.web.openapi import serve_document

__all__ = ["MIGRATIONS", "Auth", "build", "open_database"]

SIGN_UPS_AN_HOUR: Final = 20
LETTERS_AN_HOUR: Final = 20
TOKEN_PATH: Final = "/v2/token"  # noqa: S105 - an address


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """auth as a WSGI callable, with the parts that tests and other roots look at."""

    database: Database
    memory: Memory
    signer: Signer
    secrets: Secrets
    rest: Flask
    realm: WSGIApplication
    logins: Logins
    failed_sign_ins: FailedSignIns
    decision_log: DecisionLog
    token_uses: TokenUses
    trusted_proxies: int

    @property
    def facts(self) -> Facts:
        """What decisions rest on."""
        return self.memory.facts

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, from the address that trusted proxies say it came from."""
        application = ProxyFix(self._answer, x_for=self.trusted_proxies, x_proto=0, x_host=0)
        return application(environ, start_response)

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Choose: the realm never enters Flask, whose cost it could not afford."""
        if environ.get("PATH_INFO") == TOKEN_PATH:
            return self.realm(environ, start_response)
        return self.rest(environ, start_response)

    def close(self) -> None:
        """Give up threads and connections."""
        self.memory.close()
        self.secrets.passwords.close()
        self.logins.close()
        self.failed_sign_ins.close()
        self.decision_log.close()
        self.token_uses.close()
        self.database.close()


def open_database(settings: Settings) -> Database:
    """Open auth's database; its bell wakes the relay of the worker process."""
    service = settings.service
    return Database(service.database_url, schema=SCHEMA, bell=bell_for(SCHEMA, service.bell_dir))


def build(settings: Settings, *, database: Database | None = None) -> Auth:
    """Make the application and see to the first start; several processes may do so at once.

    While the database is away auth serves from what is kept on disk, or says that it cannot.
    """
    store = database or open_database(settings)
    ca = CertificateAuthority.load_or_create(settings.service.ca_cert_file, settings.ca_key_file)
    signer, known = Signer(ca), memory.begin(settings, store, ca)
    logins, decision_log = _logins(settings, store, known), _decision_log(settings, store)
    failed_sign_ins, token_uses = FailedSignIns(store), TokenUses(store)
    failures = Failures(record=failed_sign_ins.record, of_address=settings.failures_per_address)
    deps = _deps(
        settings,
        store,
        known,
        ca,
        signer,
        failures=failures,
        token_uses=token_uses,
        decision_log=decision_log,
    )
    return Auth(
        database=store,
        memory=known,
        signer=signer,
        secrets=deps.secrets,
        rest=_rest(deps, Readiness(store, known)),
        realm=_realm(deps, settings, logins, decision_log),
        trusted_proxies=settings.trusted_proxies,
        logins=logins,
        failed_sign_ins=failed_sign_ins,
        decision_log=decision_log,
        token_uses=token_uses,
    )


def _deps(
    settings: Settings,
    database: Database,
    known: Memory,
    ca: CertificateAuthority,
    signer: Signer,
    *,
    failures: Failures,
    token_uses: TokenUses,
    decision_log: DecisionLog,
) -> Deps:
    return Deps(
        database=database,
        facts=known.facts,
        secrets=Secrets(passwords=Passwords(), hashes=known.hashes),
        failures=failures,
        note_token_use=token_uses.note,
        note_decision=decision_log.note,
        signer=signer,
        verifier=Verifier(ca.bundle),
        ca_pem=ca.bundle,
        refresh_token_life=timedelta(days=settings.realm.refresh_token_days),
        tokens_last=timedelta(seconds=settings.realm.tokens_last_s),
        issuer=settings.realm.issuer,
        door=_door(settings),
        services=settings.services,
        robots_per_namespace=settings.robots_per_namespace,
        after_bootstrap=lambda: setup_code.withdraw(settings),
    )


def _door(settings: Settings) -> Door:
    return Door(
        open_bootstrap=settings.open_bootstrap,
        sign_up=settings.sign_up,
        mail=settings.mail is not None,
        sign_ups=Pace(SIGN_UPS_AN_HOUR),
        letters=Pace(LETTERS_AN_HOUR),
    )


def _logins(settings: Settings, database: Database, known: Memory) -> Logins:
    lifetime = timedelta(days=settings.realm.refresh_token_days)
    return Logins(database, known.facts, known.hashes, lifetime)


def _decision_log(settings: Settings, database: Database) -> DecisionLog:
    return DecisionLog(database, granted_every=settings.decisions.granted_every)


def _realm(
    deps: Deps, settings: Settings, logins: Logins, decision_log: DecisionLog
) -> WSGIApplication:
    return realm.build(
        deps.facts,
        deps.signer,
        deps.secrets,
        settings.realm,
        logins=logins,
        failures=deps.failures,
        decisions=decision_log,
        note_token_use=deps.note_token_use,
    )


def _rest(deps: Deps, readiness: Readiness) -> Flask:
    app = create_app(SCHEMA, ready=readiness)
    accounts = (users, own_account, tokens, sessions, docker_logins, robots)
    places, inner = (teams, namespaces, registries), (internal, doorstep)
    for topic in (*accounts, *places, access, decisions, keys, *inner):
        app.register_blueprint(topic.blueprint(deps))
    serve_document(app, title="Portus auth", version=version("portus-auth"))
    return app
