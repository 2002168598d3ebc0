"""Which addresses a visitor may be sent back to."""

from __future__ import annotations

from urllib.parse import urlsplit

_MAX = 2000


def local_path(text: str | None, default: str = "/") -> str:
    r"""Return `text` if it is a path on this origin, else `default`.

    Browsers read ``//host`` and ``/\host`` as another host and drop control characters, so only
    printable text that begins with exactly one slash counts as local.
    """
    if not text or len(text) > _MAX or not text.isprintable() or "\\" in text:
        return default
    if not text.startswith("/") or text.startswith("//"):
        return default
    try:
        parts = urlsplit(text)
    except ValueError:
        return default
    return default if parts.scheme or parts.netloc else text
