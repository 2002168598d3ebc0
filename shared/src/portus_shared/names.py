"""The grammar of names on the registry's wire (OCI distribution spec, "Pulling manifests").

``repository`` is the full name, ``team/app``; the part before the first ``/`` is the namespace.
A repository without ``/`` lies in the global namespace, written ``_``, which no name can collide
with because a component never starts with a separator.
"""

from __future__ import annotations

import re
from typing import Final

GLOBAL: Final = "_"
REPOSITORY_MAX: Final = 255

_COMPONENT: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_namespace: Final = re.compile(_COMPONENT)
_repository: Final = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_tag: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_digest: Final = re.compile(r"sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}")


def is_namespace_name(text: str) -> bool:
    """Tell whether `text` is one path component as Docker writes it."""
    return len(text) <= REPOSITORY_MAX and _namespace.fullmatch(text) is not None


def is_repository_name(text: str) -> bool:
    """Tell whether `text` is a full repository name of at most 255 characters."""
    return len(text) <= REPOSITORY_MAX and _repository.fullmatch(text) is not None


def is_tag(text: str) -> bool:
    """Tell whether `text` may name a tag."""
    return _tag.fullmatch(text) is not None


def is_digest(text: str) -> bool:
    """Tell whether `text` is a sha256 or sha512 content digest."""
    return _digest.fullmatch(text) is not None


def namespace_of(repository: str) -> str:
    """Return the namespace that a full repository name lies in, ``_`` for the global one."""
    namespace, slash, _ = repository.partition("/")
    return namespace if slash else GLOBAL


def path_in_namespace(repository: str) -> str:
    """Return the repository's name below its namespace."""
    namespace, slash, path = repository.partition("/")
    return path if slash else namespace
