"""Which tags and manifests are attachments of an image rather than images.

cosign and the OCI referrers fallback store signatures, attestations and bills of material under
tags made of the digest they belong to (``sha256-<hex>.sig``; cosign's SIGNATURE_SPEC, OCI
distribution spec "Referrers Tag Schema"); buildkit stores attestations inside an index as
manifests of the platform ``unknown/unknown``.
"""

from __future__ import annotations

import re
from typing import Final

_ATTACHED: Final = re.compile(r"(sha256|sha512)-([a-f0-9]{64,128})(\.[a-z]+)?")
UNKNOWN: Final = "unknown"


def attached_to(tag: str) -> str | None:
    """Return the digest that a tag's manifest is attached to, None for an ordinary tag."""
    match = _ATTACHED.fullmatch(tag)
    return f"{match[1]}:{match[2]}" if match else None


def is_platform(os: str | None, architecture: str | None) -> bool:
    """Tell whether an index entry is something that runs, not an attestation beside it."""
    return UNKNOWN not in {os, architecture}
