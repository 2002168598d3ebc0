"""Tokens between services and for registries: who signs them, who checks them.

A token is a JWT signed with ES256 whose ``x5c`` header carries a leaf certificate; who has the
authority's certificate can check it. Distribution 2.x and 3.x accept this one form alike, ``kid``
schemes differ between them. Each process that signs makes a leaf of its own and replaces it long
before it expires, so keys rotate without coordination and no private leaf ever leaves a process.
"""

from __future__ import annotations

import base64
import binascii
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from portus_shared.authority import CertificateAuthority, UnusableKey, is_authority
from portus_shared.errors import Unauthenticated

__all__ = ["CertificateAuthority", "InvalidToken", "Signer", "UnusableKey", "Verifier"]

LEAF_LIFETIME: Final = timedelta(days=7)
LEEWAY_S: Final = 10
_ES256: Final = ec.ECDSA(hashes.SHA256())
_HALF: Final = 32  # bytes of each of the two numbers of a P-256 signature
_MAX_TOKEN: Final = 64 * 1024
_MAX_LEAVES: Final = 256


class Signer:
    """Sign tokens with a leaf of this process, renewed when half of its life is over.

    The other half is what its tokens have left to live in: `leaf_lifetime` must be more than
    twice the longest token's.
    """

    def __init__(self, ca: CertificateAuthority, leaf_lifetime: timedelta = LEAF_LIFETIME) -> None:
        self._ca = ca
        self._lifetime = leaf_lifetime
        self._lock = threading.Lock()
        self._leaf = self._new_leaf()

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return the token for `claims`, which must be JSON; nothing is added to them."""
        leaf = self._current_leaf()
        payload = json.dumps(claims, separators=(",", ":")).encode()
        signed = leaf.header + b"." + _b64url(payload)
        r, s = decode_dss_signature(leaf.key.sign(signed, _ES256))
        signature = r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")
        return (signed + b"." + _b64url(signature)).decode()

    def _current_leaf(self) -> _Leaf:
        if time.time() < self._leaf.renew_at:
            return self._leaf
        with self._lock:
            if time.time() >= self._leaf.renew_at:
                self._leaf = self._new_leaf()
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
        parts = token.split(".") if len(token) <= _MAX_TOKEN else []
        if len(parts) != 3:  # noqa: PLR2004 - header, claims, signature
            raise InvalidToken
        header, payload, signature = parts
        leaf = self._trusted_leaf(header)
        if not leaf.not_before <= time.time() <= leaf.not_after:
            raise InvalidToken("The token's certificate is not valid now")
        _check_signature(leaf.key, f"{header}.{payload}".encode(), _decode(signature))
        claims = _json_object(payload)
        _check_claims(claims, audience, issuer)
        return claims

    def _trusted_leaf(self, header: str) -> _Trusted:
        """Return the leaf that `header` carries; only those that passed the check are kept."""
        known = self._trusted.get(header)
        if known is None:
            known = self._check_header(_json_object(header))
            if len(self._trusted) >= _MAX_LEAVES:
                self._trusted.clear()
            self._trusted[header] = known
        return known

    def _check_header(self, header: Mapping[str, Any]) -> _Trusted:
        chain = header.get("x5c")
        if header.get("alg") != "ES256" or not isinstance(chain, list) or len(chain) != 1:
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
        header = {"alg": "ES256", "typ": "JWT", "x5c": [base64.b64encode(der).decode()]}
        self.header = _b64url(json.dumps(header, separators=(",", ":")).encode())


def _check_signature(key: ec.EllipticCurvePublicKey, signed: bytes, signature: bytes) -> None:
    if len(signature) != 2 * _HALF:
        raise InvalidToken
    r, s = (int.from_bytes(half, "big") for half in (signature[:_HALF], signature[_HALF:]))
    try:
        key.verify(encode_dss_signature(r, s), signed, _ES256)
    except InvalidSignature as error:
        raise InvalidToken from error


def _check_claims(claims: Mapping[str, Any], audience: str, issuer: str | None) -> None:
    now = time.time()
    if claims.get("aud") != audience:
        raise InvalidToken("The token is for another audience")
    if issuer is not None and claims.get("iss") != issuer:
        raise InvalidToken("The token is from another issuer")
    expires, begins = claims.get("exp"), claims.get("nbf", 0)
    if type(expires) is not int or type(begins) is not int:
        raise InvalidToken
    if now > expires + LEEWAY_S:
        raise InvalidToken("The token has expired")
    if now < begins - LEEWAY_S:
        raise InvalidToken("The token is not valid yet")


def _json_object(segment: str) -> dict[str, Any]:
    try:
        value = json.loads(_decode(segment))
    except (ValueError, RecursionError) as error:
        raise InvalidToken from error
    if not isinstance(value, dict):
        raise InvalidToken
    return value


def _decode(segment: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except (ValueError, binascii.Error) as error:
        raise InvalidToken from error


def _latest(*moments: datetime) -> float:
    return max(moments).timestamp()


def _earliest(*moments: datetime) -> float:
    return min(moments).timestamp()


def _b64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
