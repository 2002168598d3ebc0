"""What each client says when it is refused: asserted by the tests, shown in the documentation."""

from collections.abc import Mapping
from typing import Final

WRONG_PASSWORD: Final[Mapping[str, str]] = {
    "docker": "unauthorized: The user name or password is wrong",
    "podman": 'logging into "{host}": invalid username/password',
    "buildah": 'logging into "{host}": invalid username/password',
    "skopeo": "invalid username/password",
    "ctr": "failed to authorize: failed to fetch oauth token: unexpected status: 401 Unauthorized",
}

_CONTAINERS_DENIED: Final = "denied: requested access to the resource is denied"

PULL_DENIED: Final[Mapping[str, str]] = {
    "docker": (
        "pull access denied for {repository}, repository does not exist or may require "
        "'docker login': denied: requested access to the resource is denied"
    ),
    "podman": _CONTAINERS_DENIED,
    "buildah": _CONTAINERS_DENIED,
    "skopeo": _CONTAINERS_DENIED,
    "ctr": (
        "pull access denied, repository does not exist or may require authorization: "
        "server message: insufficient_scope: authorization failed"
    ),
}

PUSH_DENIED: Final[Mapping[str, str]] = {
    "docker": _CONTAINERS_DENIED,
    "podman": _CONTAINERS_DENIED,
    "buildah": _CONTAINERS_DENIED,
    "skopeo": _CONTAINERS_DENIED,
    "ctr": "server message: insufficient_scope: authorization failed",
}

DELETE_DENIED: Final[Mapping[str, str]] = {
    "skopeo": '"code":"UNAUTHORIZED","message":"authentication required"',
}

EXIT_CODE: Final[Mapping[str, int]] = {
    "docker": 1,
    "podman": 125,
    "buildah": 125,
    "skopeo": 1,
    "ctr": 1,
}
"""How each client ends when it is refused."""
