"""Tokens between services and for registries: who signs them, who checks them.

A token is a JWT signed with ES256 whose ``x5c`` header carries a leaf certificate; who has the
authority's certificate can check it. Distribution 2.x and 3.x accept this one form alike, ``kid``
schemes differ between them. Each process that signs makes a leaf of its own and replaces it long
before it expires, so keys rotate without coordination and no private leaf ever leaves a process.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from prometheus_client import Gauge

from portus_shared.authority import CertificateAuthority, UnusableKey, is_authority
from portus_shared.errors import Unauthenticated, Unavailable

__all__ = [
    "CertificateAuthority",
    "FileVerifier",
    "InvalidToken",
    "Signer",
    "UnusableKey",
    "Verifier",
]

LEAF_LIFETIME: Final = timedelta(days=7)
LEEWAY_S: Final = 10
_ALGORITHM: Final = "ES256"
_MAX_TOKEN: Final = 64 * 1024
_MAX_LEAVES: Final = 256
_expires = Gauge("portus_authority_expires_timestamp_seconds", "When the authority's time is over")


class Signer:
    """Sign tokens with a leaf of this process, renewed when half of its life is over.

    The other half is what its tokens have left to live in: `leaf_lifetime` must be more than
    twice the longest token's.
    """

    def __init__(self, ca: CertificateAuthority, leaf_lifetime: timedelta = LEAF_LIFETIME) -> None:
        self._ca = ca
        _expires.set(ca.certificate.not_valid_after_utc.timestamp())
        self._lifetime = leaf_lifetime
        self._lock = threading.Lock()
        self._leaf = self._new_leaf()
        self._former: _Leaf | None = None

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return the token for `claims`, which must be JSON; nothing is added to them."""
        leaf = self._current_leaf()
        return jwt.encode(dict(claims), leaf.key, algorithm=_ALGORITHM, headers=leaf.header)

    def public_keys(self) -> list[dict[str, Any]]:
        """Return the keys that tokens of this process may carry now, as JWKs (RFC 7517).

        The leaf before the present one is among them: its tokens are still about.
        """
        current, former = self._current_leaf(), self._former
        return [leaf.jwk() for leaf in (current, former) if leaf is not None]

    def _current_leaf(self) -> _Leaf:
        if time.time() < self._leaf.renew_at:
            return self._leaf
        with self._lock:
            if time.time() >= self._leaf.renew_at:
                self._former, self._leaf = self._leaf, self._new_leaf()
            return self._leaf

    def _new_leaf(self) -> _Leaf:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._ca.issue(key.public_key(), self._lifetime)
        left_s = certificate.not_valid_after_utc.timestamp() - time.time()
        return _Leaf(key, certificate, time.time() + left_s / 2)


class InvalidToken(Unauthenticated):
    """Say that a token is not one of ours, not for us, or not valid now."""

    code = "invalid-token"
    default_message = "The token is not valid"


class Verifier:
    """Check tokens against the authorities of `ca_pem` (one certificate or several)."""

    def __init__(self, ca_pem: bytes) -> None:
        self._authorities = x509.load_pem_x509_certificates(ca_pem)
        self._trusted: dict[str, _Trusted] = {}

    def verify(self, token: str, *, audience: str, issuer: str | None = None) -> dict[str, Any]:
        """Return the claims of a token for `audience`; raise `InvalidToken` for any other.

        Checks chain, validity, ES256, ``aud`` as one string, ``exp`` and ``nbf`` (10 s leeway),
        and ``iss`` when `issuer` is given.
        """
        leaf = self._trusted_leaf(token)
        if not leaf.not_before <= time.time() <= leaf.not_after:
            raise InvalidToken("The token's certificate is not valid now")
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                leaf.key,
                algorithms=[_ALGORITHM],
                audience=audience,
                issuer=issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "aud"], "strict_aud": True, "verify_iat": False},
            )
        except jwt.InvalidTokenError as error:
            message = f"The token is not valid: {error}"
            raise InvalidToken(message) from error
        _check_times_are_whole(claims)
        return claims

    def _trusted_leaf(self, token: str) -> _Trusted:
        """Return the leaf that the header carries; only those that passed the check are kept."""
        header = token.partition(".")[0] if len(token) <= _MAX_TOKEN else ""
        known = self._trusted.get(header)
        if known is None:
            try:
                known = self._check_header(jwt.get_unverified_header(token))
            except (jwt.InvalidTokenError, RecursionError) as error:
                raise InvalidToken from error
            if len(self._trusted) >= _MAX_LEAVES:
                self._trusted.clear()
            self._trusted[header] = known
        return known

    def _check_header(self, header: Mapping[str, Any]) -> _Trusted:
        chain = header.get("x5c")
        if header.get("alg") != _ALGORITHM or not isinstance(chain, list) or len(chain) != 1:
            raise InvalidToken("The token is not signed with ES256 under one certificate")
        try:
            leaf = x509.load_der_x509_certificate(base64.b64decode(chain[0], validate=True))
            return self._vouched_for(leaf)
        except (ValueError, TypeError, x509.InvalidVersion) as error:
            raise InvalidToken("The token's certificate cannot be read") from error

    def _vouched_for(self, leaf: x509.Certificate) -> _Trusted:
        key = leaf.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
            raise InvalidToken("The token's certificate is not for a P-256 key")
        for authority in self._authorities:
            try:
                leaf.verify_directly_issued_by(authority)
            except (ValueError, TypeError, InvalidSignature):
                continue
            if is_authority(authority) and not is_authority(leaf):
                return _Trusted(
                    key=key,
                    not_before=_latest(leaf.not_valid_before_utc, authority.not_valid_before_utc),
                    not_after=_earliest(leaf.not_valid_after_utc, authority.not_valid_after_utc),
                )
        raise InvalidToken("The token's certificate is not one of ours")


class FileVerifier:
    """Check tokens against the authority of a file, read at the first use.

    auth may start after the others and write its certificate then.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._verifier: Verifier | None = None

    def verify(self, token: str, *, audience: str) -> dict[str, Any]:
        """Return the claims as `Verifier.verify`; raise `Unavailable` while there is no file."""
        if self._verifier is None:
            try:
                self._verifier = Verifier(self._file.read_bytes())
            except (OSError, ValueError) as error:
                message = "the certificate of auth's authority cannot be read"
                raise Unavailable(message, missing="ca-certificate") from error
        return self._verifier.verify(token, audience=audience)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trusted:
    """Keep a leaf that an authority vouches for; the moments are seconds since the epoch."""

    key: ec.EllipticCurvePublicKey
    not_before: float
    not_after: float


class _Leaf:
    """Keep a key beside the token header that names it, encoded once."""

    __slots__ = ("header", "key", "renew_at")

    def __init__(
        self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate, renew_at: float
    ) -> None:
        self.key = key
        self.renew_at = renew_at
        der = certificate.public_bytes(serialization.Encoding.DER)
        # Standard base64, not base64url: registries reject the latter (RFC 7515, 4.1.6).
        self.header = {"x5c": [base64.b64encode(der).decode()]}

    def jwk(self) -> dict[str, Any]:
        """Return the public key; its `kid` is the RFC 7638 thumbprint, which tokens do not name."""
        point = self.key.public_key().public_numbers()
        required = {
            "crv": "P-256",
            "kty": "EC",
            "x": _base64url(point.x.to_bytes(32, "big")),
            "y": _base64url(point.y.to_bytes(32, "big")),
        }
        canonical = json.dumps(required, separators=(",", ":"), sort_keys=True)
        kid = _base64url(hashlib.sha256(canonical.encode()).digest())
        return {**required, "alg": _ALGORITHM, "use": "sig", "kid": kid, **self.header}


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _check_times_are_whole(claims: Mapping[str, Any]) -> None:
    if any(type(claims.get(name, 0)) is not int for name in ("exp", "nbf")):
        raise InvalidToken


def _latest(*moments: datetime) -> float:
    return max(moments).timestamp()


def _earliest(*moments: datetime) -> float:
    return min(moments).timestamp()
