"""auth's settings, read once from the environment (prefix PORTUS_)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portus_auth.clients.smtp import SECURITIES, MailSettings
from portus_auth.domain.accounts import faults_of_email
from portus_auth.domain.rules import PushPolicy, Rules
from portus_auth.realm import RealmSettings
from portus_auth.usecases.installation import RegistrySettings
from portus_shared.config import Reader, Secret, ServiceSettings, read_service

SCHEMA: Final = "auth"
"""The PostgreSQL schema of auth's tables, and the service's name."""

_DAY_S: Final = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionSettings:
    """How much of the realm's decisions is kept; one granted request in `granted_every`, 0 none."""

    days: int
    rows: int
    granted_every: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What auth needs to run.

    `services` are the secrets of the other services by name. `setup_code_file` is where the
    set-up code is written, beside the log, while there is no admin. Without `hash_key` the key of
    the keyed hashes lies in the database. `trusted_proxies` in front of auth may say, in
    X-Forwarded-For, which address a request came from. `facts_snapshot_file` is where facts are
    kept for a start while the database is away. With `sign_up` people make accounts themselves;
    without `mail` an admin helps who has forgotten a password. `failures_per_address` is how
    many sign-ins may fail within a minute from one address, `robots_per_namespace` how many robots
    a namespace may have, and how many may be global.
    """

    service: ServiceSettings
    ca_key_file: Path
    registry: RegistrySettings
    realm: RealmSettings
    decisions: DecisionSettings
    rules: Rules
    services: Mapping[str, Secret]
    hash_key: Secret
    open_bootstrap: bool
    setup_code_file: Path | None
    facts_max_staleness_s: int
    facts_snapshot_file: Path | None
    trusted_proxies: int
    failures_per_address: int
    robots_per_namespace: int
    sign_up: bool
    mail: MailSettings | None


def read(environ: Mapping[str, str]) -> Settings:
    """Read all settings; raises `InvalidSettings` naming every fault."""
    reader = Reader(environ)
    services = {
        "sync": reader.secret("SYNC_SECRET"),
        "catalog": reader.secret("CATALOG_SECRET"),
        "ui": reader.secret("UI_SECRET"),
    }
    settings = Settings(
        service=read_service(reader),
        ca_key_file=reader.path("CA_KEY_FILE"),
        registry=RegistrySettings(
            name=reader.text("REGISTRY_NAME", "default"),
            url=reader.url("REGISTRY_URL"),
            external_host=reader.text("REGISTRY_EXTERNAL_HOST"),
        ),
        realm=_read_realm(reader, services["sync"]),
        decisions=DecisionSettings(
            days=reader.integer("DECISION_DAYS", 30, minimum=1, maximum=3650),
            rows=reader.integer("DECISION_ROWS", 100_000, minimum=100, maximum=10_000_000),
            granted_every=reader.integer("DECISION_GRANTED_EVERY", 100, maximum=1_000_000),
        ),
        rules=_read_rules(reader),
        services=services,
        hash_key=reader.secret("HASH_KEY", ""),
        open_bootstrap=reader.boolean("OPEN_BOOTSTRAP", default=False),
        setup_code_file=_file(environ.get("PORTUS_SETUP_CODE_FILE", "")),
        facts_max_staleness_s=reader.integer("FACTS_MAX_STALENESS_S", 3600, maximum=_DAY_S),
        facts_snapshot_file=_file(environ.get("PORTUS_FACTS_SNAPSHOT_FILE", "")),
        trusted_proxies=reader.integer("AUTH_TRUSTED_PROXIES", 0, maximum=8),
        failures_per_address=reader.integer("FAILURES_PER_ADDRESS", 100, maximum=1_000_000),
        robots_per_namespace=reader.integer("ROBOTS_PER_NAMESPACE", 100, maximum=10_000),
        sign_up=reader.boolean("SIGNUP_ENABLED", default=False),
        mail=_read_mail(reader),
    )
    reader.finish()
    return settings


def _file(path: str) -> Path | None:
    return Path(path.strip()) if path.strip() else None


def _read_realm(reader: Reader, sync_secret: Secret) -> RealmSettings:
    return RealmSettings(
        issuer=reader.text("TOKEN_ISSUER", "portus-auth"),
        sync_secret=sync_secret,
        pull_token_s=reader.integer("PULL_TOKEN_S", 300, minimum=60, maximum=_DAY_S),
        push_token_s=reader.integer("PUSH_TOKEN_S", 3600, minimum=60, maximum=_DAY_S),
        refresh_token_days=reader.integer("REFRESH_TOKEN_DAYS", 90, minimum=0, maximum=3650),
    )


def _read_rules(reader: Reader) -> Rules:
    """Read the switches by the original's names."""
    policy = reader.choice(
        "USER_PERMISSION_PUSH_IMAGES_POLICY", list(PushPolicy), PushPolicy.ALLOW_TEAMS
    )
    return Rules(
        push_images=PushPolicy(policy),
        delete_images=reader.boolean("DELETE_ENABLED", default=True),
        contributors_delete=reader.boolean("DELETE_CONTRIBUTORS", default=False),
        create_team=reader.boolean("USER_PERMISSION_CREATE_TEAM_ENABLED", default=True),
        manage_team=reader.boolean("USER_PERMISSION_MANAGE_TEAM_ENABLED", default=True),
        create_namespace=reader.boolean("USER_PERMISSION_CREATE_NAMESPACE_ENABLED", default=True),
        manage_namespace=reader.boolean("USER_PERMISSION_MANAGE_NAMESPACE_ENABLED", default=True),
        change_visibility=reader.boolean("USER_PERMISSION_CHANGE_VISIBILITY_ENABLED", default=True),
    )


def _read_mail(reader: Reader) -> MailSettings | None:
    """Read where mail goes; what is set while mail is off is not looked at."""
    if not reader.boolean("EMAIL_SMTP_ENABLED", default=False):
        return None
    security = reader.choice("EMAIL_SMTP_SECURITY", SECURITIES, SECURITIES[0])
    user_name = reader.text("EMAIL_SMTP_USER_NAME", "")
    if user_name and security == "none":
        reader.reject("EMAIL_SMTP_USER_NAME", "would be sent in the clear: use starttls or tls")
    sender, reply_to = reader.text("EMAIL_FROM"), reader.text("EMAIL_REPLY_TO", "")
    for name, address in (("EMAIL_FROM", sender), ("EMAIL_REPLY_TO", reply_to)):
        if address and faults_of_email(address):
            reader.reject(name, "must be an e-mail address")
    ca_file = reader.text("EMAIL_SMTP_CA_PATH", "")
    return MailSettings(
        address=reader.text("EMAIL_SMTP_ADDRESS"),
        port=reader.integer("EMAIL_SMTP_PORT", 587, minimum=1, maximum=65_535),
        security=next(each for each in SECURITIES if each == security),
        domain=reader.text("EMAIL_SMTP_DOMAIN", sender.rpartition("@")[2] or "localhost"),
        ca_file=Path(ca_file) if ca_file else None,
        user_name=user_name,
        password=reader.secret("EMAIL_SMTP_PASSWORD", ""),
        sender=sender,
        sender_name=reader.text("EMAIL_NAME", "Portus"),
        reply_to=reply_to,
    )
