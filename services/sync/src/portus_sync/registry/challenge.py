"""The `WWW-Authenticate` header (RFC 9110, 11.6.1), in which quoted values may hold commas."""

import re
from collections.abc import Mapping
from typing import Final

_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_SCHEME: Final = re.compile(rf"\s*,?\s*({_WORD})(?=\s+{_WORD}\s*=|\s*$|\s*,)")
_PARAMETER: Final = re.compile(rf'\s*,?\s*({_WORD})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|({_WORD}))')
_ESCAPE: Final = re.compile(r"\\(.)")


def bearer(header: str) -> Mapping[str, str] | None:
    """Return the parameters of the Bearer challenge, names in lower case; None without one."""
    return challenges(header).get("bearer")


def challenges(header: str) -> dict[str, dict[str, str]]:
    """Return every challenge's parameters by scheme in lower case; the first of a scheme counts."""
    found: dict[str, dict[str, str]] = {}
    position = 0
    while scheme := _SCHEME.match(header, position):
        parameters, position = _parameters(header, scheme.end())
        found.setdefault(scheme[1].lower(), parameters)
    return found


def _parameters(header: str, position: int) -> tuple[dict[str, str], int]:
    parameters: dict[str, str] = {}
    while match := _PARAMETER.match(header, position):
        name, quoted, bare = match.groups()
        value = bare if quoted is None else _ESCAPE.sub(r"\1", quoted)
        parameters.setdefault(name.lower(), value)
        position = match.end()
    return parameters, position
