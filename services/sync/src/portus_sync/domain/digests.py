"""Check a body against the digest it was asked for by.

Signed schema 1 manifests are the exception of the format: their digest is that of the payload
without the signatures, which the body itself says how to restore.
"""

import base64
import hashlib
import hmac

from portus_sync.domain.foreign import children, read_object, text, whole


def matches(body: bytes, digest: str) -> bool:
    """Tell whether `digest` (sha256 or sha512) is that of `body`."""
    return _is_digest_of(body, digest) or _is_digest_of(unsigned_payload(body), digest)


def unsigned_payload(body: bytes) -> bytes:
    """Return what a signed schema 1 manifest signs; any other body as it is."""
    for signature in children(read_object(body), "signatures"):
        protected = read_object(_decoded(text(signature, "protected")))
        length, tail = whole(protected, "formatLength"), text(protected, "formatTail")
        if length is not None and tail is not None:
            return body[:length] + _decoded(tail)
    return body


def _is_digest_of(body: bytes, digest: str) -> bool:
    algorithm, _, expected = digest.partition(":")
    if algorithm not in {"sha256", "sha512"}:
        return False
    return hmac.compare_digest(hashlib.new(algorithm, body).hexdigest(), expected)


def _decoded(value: str | None) -> bytes:
    padded = (value or "") + "=" * (-len(value or "") % 4)
    try:
        return base64.urlsafe_b64decode(padded)
    except ValueError:
        return b""
