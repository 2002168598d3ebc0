"""Step two: who asks.

A user name or e-mail address with a password or an application token, a refresh token, the sync
service with its secret, or nobody. What costs next to nothing to check is checked first: only
who would have a password guessed is made to wait, and a right password is worth an expensive
hash once in ten minutes, then a keyed hash.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from portus_auth.domain.accounts import fold
from portus_auth.domain.limits import Limits
from portus_auth.domain.policy import SYNC, ActorFacts
from portus_auth.domain.secrets import is_application_token, mark_of_password
from portus_auth.realm.logins import Logins
from portus_auth.realm.parse import Password, RefreshToken, TokenRequest
from portus_auth.realm.passwords import VerifiedPasswords
from portus_auth.storage.facts import Account, RefreshFacts, RegistryFacts, Snapshot, TokenFacts
from portus_auth.usecases.credentials import WRONG, Secrets
from portus_auth.usecases.failures import NOBODY, Failures
from portus_shared.config import Secret
from portus_shared.errors import Unauthenticated

_ENDED = "This login has ended, sign in again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """Who asks, and by what they proved it: this stored password, or the token with this hash.

    Both are None for the anonymous, for sync, and for who came with a refresh token. `token` is
    the application token behind it, also behind a refresh token that was got with one.
    """

    actor: ActorFacts
    account: Account | None = None
    password_hash: str | None = None
    application_token_hash: str | None = None
    token: TokenFacts | None = None

    @property
    def limits(self) -> Limits:
        """Return what the credential is limited to, None for nothing."""
        return self.token.scopes if self.token else None

    @property
    def until_s(self) -> float | None:
        """Return when the credential ends, in seconds since the epoch."""
        return self.token.expires_at_s if self.token else None


class Authenticator:
    """Find out who asks; `sync_secret` is what the sync service shows.

    `note_use` is called with the id of each application token that is used, and the address.
    """

    def __init__(
        self,
        secrets: Secrets,
        sync_secret: Secret,
        logins: Logins,
        failures: Failures,
        note_use: Callable[[int, str], None],
    ) -> None:
        self._hashes = secrets.hashes
        self._passwords = VerifiedPasswords(secrets.passwords.matches)
        self._sync_secret = sync_secret.reveal().encode()
        self._logins = logins
        self._failures = failures
        self._note_use = note_use

    def identify(
        self, request: TokenRequest, registry: RegistryFacts, snapshot: Snapshot
    ) -> Proven:
        """Return who asks; raise `Unauthenticated` for wrong credentials, `TooMany` for guessing.

        The token will say the authenticated name, so an ``account`` that names somebody else is
        refused rather than ignored: the client is confused, or means to confuse.
        """
        proven = self._prove(request, registry, snapshot)
        if proven.account and not proven.account.enabled:
            raise Unauthenticated("This account is disabled")
        own = proven.account.keys if proven.account else (proven.actor.name,)
        if any(name and fold(name) not in own for name in request.accounts):
            raise Unauthenticated("The account asked for is not the one signed in")
        if proven.token:
            self._note_use(proven.token.id, request.address)
        return proven

    def _prove(self, request: TokenRequest, registry: RegistryFacts, snapshot: Snapshot) -> Proven:
        given, address = request.credential, request.address
        if given is None:
            return Proven(actor=ActorFacts(kind="anonymous"))
        if isinstance(given, RefreshToken):
            return self._by_refresh_token(given.secret, address, registry, snapshot)
        if given.name == SYNC:
            return self._sync(given.secret, address)
        return self._by_password(given, address, snapshot)

    def _sync(self, secret: str, address: str) -> Proven:
        right = hmac.compare_digest(secret.encode(), self._sync_secret)
        if not right or not self._sync_secret:
            self._fail(SYNC, address, secret, WRONG)
        return Proven(actor=ActorFacts(kind="service", name=SYNC))

    def _by_password(self, given: Password, address: str, snapshot: Snapshot) -> Proven:
        account = snapshot.account(given.name)
        if is_application_token(given.secret):
            return self._by_application_token(account, given.secret, address, snapshot)
        if account is None or not self._passwords.remembers(account, given.secret):
            who = account.username if account else fold(given.name)
            self._failures.demand_patience(who, address)
            if not self._passwords.matches(account, given.secret) or account is None:
                self._fail(who, address, given.secret, WRONG)
        actor = snapshot.actor(account)
        return Proven(actor=actor, account=account, password_hash=account.password_hash)

    def _by_application_token(
        self, account: Account | None, secret: str, address: str, snapshot: Snapshot
    ) -> Proven:
        hashed = self._hashes.of(secret)
        token = snapshot.tokens.get(hashed)
        if account is None or token is None or token.user_id != account.id:
            self._fail(NOBODY, address, secret, WRONG)
        if not token.is_in_time(time.time()):
            raise Unauthenticated("This application token has expired, create a new one")
        actor = snapshot.actor(account)
        return Proven(actor=actor, account=account, application_token_hash=hashed, token=token)

    def _by_refresh_token(
        self, secret: str, address: str, registry: RegistryFacts, snapshot: Snapshot
    ) -> Proven:
        hashed = self._hashes.of(secret)
        login = snapshot.refresh_tokens.get(hashed)
        if login is None:
            # Perhaps another process gave it out a moment ago.
            self._failures.demand_patience(NOBODY, address)
            snapshot = self._logins.look_again()
            login = snapshot.refresh_tokens.get(hashed)
        if login is None:
            self._fail(NOBODY, address, secret, _ENDED)
        account = snapshot.accounts.get(login.user_id)
        if account is None or not self._lives(login, account, snapshot):
            # It was given out here: no guess, and many clients of one address may show it.
            raise Unauthenticated(_ENDED)
        if login.registry_id != registry.id:
            raise Unauthenticated("This login is for another registry")
        self._logins.note_use(login)
        token = snapshot.tokens.get(login.application_token_hash or "")
        return Proven(actor=snapshot.actor(account), account=account, token=token)

    def _lives(self, login: RefreshFacts, account: Account, snapshot: Snapshot) -> bool:
        if not self._logins.is_in_time(login):
            return False
        if login.application_token_hash is not None:
            token = snapshot.tokens.get(login.application_token_hash)
            mine = token is not None and token.user_id == account.id
            return token is not None and mine and token.is_in_time(time.time())
        mark = mark_of_password(self._hashes, account.password_hash or "")
        return hmac.compare_digest(mark, login.password_mark)

    def _fail(self, who: str, address: str, secret: str, message: str) -> NoReturn:
        self._failures.demand_patience(who, address)
        self._failures.note(who, address, secret)
        raise Unauthenticated(message)
