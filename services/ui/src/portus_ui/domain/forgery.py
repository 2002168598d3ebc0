"""Whether an unsafe request was made by a page of another origin.

Fetch metadata decides where the browser sends it, then ``Origin``; only where both are absent
(old clients) a form token must prove that the form came from here. OWASP, "CSRF Prevention".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What a request says about where it comes from; `proved` when its form token is genuine."""

    method: str
    fetch_site: str | None
    origin: str | None
    proved: bool


def is_forged(request: Provenance, own_origin: str) -> bool:
    """Tell whether to refuse the request."""
    if request.method in SAFE_METHODS:
        return False
    if request.fetch_site is not None:
        return request.fetch_site not in {"same-origin", "none"}
    if request.origin is not None:
        return request.origin != own_origin
    return not request.proved
