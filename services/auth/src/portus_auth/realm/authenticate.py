"""Step two: who asks.

A user name or e-mail address with a password or an application token, the sync service with its
secret, or nobody. A password is worth an expensive hash once in ten minutes, then a keyed hash.
"""

from __future__ import annotations

import hmac

from portus_auth.domain.accounts import fold
from portus_auth.domain.policy import SYNC, ActorFacts
from portus_auth.domain.secrets import is_application_token
from portus_auth.realm.parse import Basic, TokenRequest
from portus_auth.realm.passwords import VerifiedPasswords
from portus_auth.storage.facts import Account, Snapshot
from portus_auth.usecases.credentials import Secrets
from portus_shared.config import Secret
from portus_shared.errors import Unauthenticated

ANONYMOUS = ActorFacts(kind="anonymous")
_WRONG = "The user name or password is wrong"


class Authenticator:
    """Find out who asks; `sync_secret` is what the sync service shows."""

    def __init__(self, secrets: Secrets, sync_secret: Secret) -> None:
        self._hashes = secrets.hashes
        self._passwords = VerifiedPasswords(secrets.passwords.matches)
        self._sync_secret = sync_secret.reveal().encode()

    def actor(self, request: TokenRequest, snapshot: Snapshot) -> ActorFacts:
        """Return who asks; raise `Unauthenticated` for wrong credentials.

        The token will say the authenticated name, so an ``account`` that names somebody else is
        refused rather than ignored: the client is confused, or means to confuse.
        """
        if request.basic is None:
            _refuse_other_names(request, ())
            return ANONYMOUS
        if request.basic.name == SYNC:
            return self._sync(request, request.basic)
        account = snapshot.account(request.basic.name)
        if not self._is_proven(account, request.basic.password, snapshot) or account is None:
            raise Unauthenticated(_WRONG)
        if not account.enabled:
            raise Unauthenticated("This account is disabled")
        _refuse_other_names(request, account.keys)
        return snapshot.actor(account)

    def _sync(self, request: TokenRequest, basic: Basic) -> ActorFacts:
        right = hmac.compare_digest(basic.password.encode(), self._sync_secret)
        if not right or not self._sync_secret:
            raise Unauthenticated(_WRONG)
        _refuse_other_names(request, (SYNC,))
        return ActorFacts(kind="service", name=SYNC)

    def _is_proven(self, account: Account | None, secret: str, snapshot: Snapshot) -> bool:
        if is_application_token(secret):
            owner = snapshot.token_owners.get(self._hashes.of(secret))
            return account is not None and owner == account.id
        return self._passwords.matches(account, secret)


def _refuse_other_names(request: TokenRequest, own: tuple[str, ...]) -> None:
    if any(name and fold(name) not in own for name in request.accounts):
        raise Unauthenticated("The account asked for is not the one signed in")
