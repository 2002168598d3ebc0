"""A running realm over a real database with the people and namespaces of the matrix."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, Final, TypeVar
from wsgiref.types import WSGIApplication

from services.auth.tests.realm.client import RealmClient, password_of
from sqlalchemy import select
from sqlalchemy.orm import Session

from portus_auth import realm
from portus_auth.decision_log import DecisionLog
from portus_auth.domain.accounts import fold
from portus_auth.domain.policy import Action, ActorFacts, allowed_actions
from portus_auth.domain.roles import Role, Visibility
from portus_auth.domain.secrets import KeyedHash, new_application_token, shown_prefix
from portus_auth.storage.facts import Facts
from portus_auth.storage.tables import (
    ApplicationToken,
    Namespace,
    Registry,
    Revised,
    Team,
    TeamMember,
    User,
)
from portus_auth.token_uses import TokenUses
from portus_auth.usecases.credentials import Secrets
from portus_auth.usecases.failures import Failures
from portus_auth.usecases.passwords import Passwords
from portus_shared.clock import next_revision
from portus_shared.config import Secret
from portus_shared.db import Database
from portus_shared.keys import CertificateAuthority, Signer, Verifier
from portus_shared.names import namespace_of
from portus_shared.scopes import parse

SERVICE: Final = "registry.test:5000"
ISSUER: Final = "portus-auth"
LIFETIME: Final = timedelta(days=90)
SYNC_SECRET: Final = "the secret of sync"
MEMBERS: Final = {"vic": Role.VIEWER, "carl": Role.CONTRIBUTOR, "olga": Role.OWNER}
NAMESPACES: Final = {
    "priv": Visibility.PRIVATE,
    "prot": Visibility.PROTECTED,
    "pub": Visibility.PUBLIC,
    "_": Visibility.PUBLIC,
}
R = TypeVar("R", bound=Revised)


@dataclass
class Clock:
    """Seconds that pass when the test says so."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


class World:
    """The database, the realm over it, and shortcuts to change the one and ask the other."""

    def __init__(self, database: Database, ca: CertificateAuthority, passwords: Passwords) -> None:
        self.database = database
        self.clock = Clock()
        self.secrets = Secrets(passwords=passwords, hashes=KeyedHash(b"key"))
        self.facts = Facts(database, clock=self.clock)
        self.settings = realm.RealmSettings(issuer=ISSUER, sync_secret=Secret(SYNC_SECRET))
        self.logins = realm.Logins(database, self.facts, self.secrets.hashes, LIFETIME)
        self.decisions = DecisionLog(database, granted_every=0, every_s=0.0)
        self.uses = TokenUses(database)
        self.ca = ca
        self.application = self._realm(passwords, self.logins)
        self.client = self._client_of(self.application)
        self.ask = self.client.ask
        self.ask_as = self.client.ask_as

    def realm_with(self, passwords: Passwords, logins: realm.Logins | None = None) -> RealmClient:
        """Return a client of another realm over the same facts."""
        return self._client_of(self._realm(passwords, logins or self.logins))

    def _realm(self, passwords: Passwords, logins: realm.Logins) -> WSGIApplication:
        secrets = Secrets(passwords=passwords, hashes=self.secrets.hashes)
        return realm.build(
            self.facts,
            Signer(self.ca),
            secrets,
            self.settings,
            logins=logins,
            failures=Failures(),
            decisions=self.decisions,
            note_token_use=self.uses.note,
        )

    def _client_of(self, application: WSGIApplication) -> RealmClient:
        return RealmClient(application, Verifier(self.ca.pem), SERVICE, ISSUER)

    def allowed(self, person: str, repository: str) -> frozenset[Action]:
        """Return what the policy allows one of the people, or "anonymous"."""
        snapshot = self.facts.current()
        account = None if person == "anonymous" else snapshot.account(person)
        actor = snapshot.actor(account) if account else ActorFacts(kind="anonymous")
        (registry,) = snapshot.registries.values()
        namespace = snapshot.namespace(registry, namespace_of(repository))
        return allowed_actions(actor, namespace, snapshot.rules)

    def close(self) -> None:
        """Write what waits to be written."""
        self.logins.close()
        self.decisions.close()
        self.uses.close()
        self.database.close()

    def pass_time(self, seconds: float = 0.6) -> None:
        self.clock.now += seconds

    def change(self, act: Callable[[Session, int], R]) -> R:
        """Commit one change, as another process would."""
        with self.database.write() as session:
            row = act(session, next_revision(session))
            session.flush()
            session.expunge_all()
        return row

    def add(self, row: R) -> R:
        def act(session: Session, revision: int) -> R:
            row.touch(revision)
            session.add(row)
            return row

        return self.change(act)

    def update(self, kind: type[R], where: Any, **values: Any) -> R:
        """Set columns of one row, or delete it with `deleted=True`."""

        def act(session: Session, revision: int) -> R:
            row = session.scalars(select(kind).where(where)).one()
            row.touch(revision)
            if values.pop("deleted", False):
                row.remove(revision)
            for name, value in values.items():
                setattr(row, name, value)
            return row

        return self.change(act)

    def set_user(self, name: str, **values: Any) -> User:
        return self.update(User, User.username == name, **values)

    def set_visibility(self, name: str, visibility: str) -> Namespace:
        return self.update(Namespace, Namespace.name == name, visibility=Visibility(visibility))

    def add_user(self, name: str, **other: Any) -> User:
        values = {
            "username": name,
            "username_key": fold(name),
            "email": f"{name}@Example.com",
            "email_key": f"{fold(name)}@example.com",
            "password_hash": hash_of(self.secrets.passwords, password_of(name)),
            "admin": name == "ada",
            "enabled": True,
            "bot": False,
        }
        return self.add(User(**values | other))

    def add_namespace(self, name: str, visibility: Visibility, **other: Any) -> Namespace:
        team = self.add(Team(name=f"team of {name}", description="", hidden=False))
        values = {"registry_id": 1, "name": name, "team_id": team.id, "description": ""}
        values |= {"visibility": visibility, "is_global": name == "_"}
        return self.add(Namespace(**values | other))

    def join(self, namespace: Namespace, user: User, role: Role) -> TeamMember:
        return self.add(TeamMember(team_id=namespace.team_id, user_id=user.id, role=role))

    def give_token(self, user: User, *scopes: str, **values: Any) -> str:
        """Give somebody an application token, which without scopes has all their rights."""
        token = new_application_token()
        hashed = self.secrets.hashes.of(token)
        row = ApplicationToken(user_id=user.id, application=hashed, token_hash=hashed, **values)
        row.scopes = tuple(parse(scope) for scope in scopes) or None
        row.prefix = shown_prefix(token)
        self.add(row)
        return token

    def populate(self) -> None:
        """Add eve the stranger, vic the viewer, carl the contributor, olga the owner, ada."""
        self.add(Registry(name="default", url="http://registry:5000", external_host=SERVICE))
        people = {name: self.add_user(name) for name in ("eve", "vic", "carl", "olga", "ada")}
        for name, visibility in NAMESPACES.items():
            namespace = self.add_namespace(name, visibility)
            for member, role in MEMBERS.items():
                self.join(namespace, people[member], role)
        self.add_namespace("olga", Visibility.PRIVATE, owner_id=people["olga"].id)


@cache
def hash_of(passwords: Passwords, password: str) -> str:
    """Hash once what many tests sign in with."""
    return passwords.hash(password)
