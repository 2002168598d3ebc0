"""What sync asks a registry (OCI distribution API, Docker Distribution 2.x and 3.x)."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from requests.utils import parse_header_links

from portus_shared.names import is_digest, is_repository_name, is_tag
from portus_sync.domain.digests import matches
from portus_sync.domain.manifests import ACCEPTED, MAX_MANIFEST_BYTES
from portus_sync.registry.errors import RegistryError, Undeletable
from portus_sync.registry.transport import Answer, Transport

_CATALOG_SCOPE: Final = "registry:catalog:*"
_CATALOG_PATH: Final = "/v2/_catalog"
_PAGE_SIZE: Final = 1_000
_SMALL_PAGE_SIZE: Final = 100
_MAX_PAGE_BYTES: Final = 64 * 1024 * 1024
_ACCEPT: Final = {"Accept": ", ".join(ACCEPTED)}
_API_VERSION: Final = "Docker-Distribution-Api-Version"
"""Every answer of a registry has this header; a 404 without it is some proxy's."""

_MISSING_CODES: Final = frozenset({"MANIFEST_UNKNOWN", "NAME_UNKNOWN"})
_DISABLED: Final = (
    "The registry does not delete: set storage.delete.enabled to true in its configuration (or "
    "REGISTRY_STORAGE_DELETE_ENABLED=true) and restart it, then retry. A read-only registry and a "
    "pull-through cache never delete"
)
_NOWHERE: Final = "portus-probe"
_CANNOT: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.METHOD_NOT_ALLOWED})
_TAGS_STAY: Final = (
    "The registry cannot delete a tag alone, which takes Distribution 3: delete the image, with "
    "all its tags"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a tag or digest stands for."""

    digest: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A manifest as stored, its digest checked."""

    body: bytes
    media_type: str


class RegistryClient:
    """Ask one registry. Every method raises `RegistryError` when there is no usable answer.

    None, where it is returned, means that the registry itself answered that there is no such thing.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def repositories(self) -> Iterator[str]:
        """Give the names of all repositories, page by page, in the registry's order."""
        for page in self._pages(_CATALOG_PATH, _CATALOG_SCOPE):
            if page.status != HTTPStatus.OK:
                raise _unusable(page)
            yield from (name for name in _strings(page, "repositories") if is_repository_name(name))

    def tags(self, repository: str) -> list[str]:
        """Return a repository's tags, sorted; one the registry does not know has none."""
        found: set[str] = set()
        for page in self._pages(f"/v2/{repository}/tags/list", _pull(repository)):
            if _is_missing(page):
                return []
            if page.status != HTTPStatus.OK:
                raise _unusable(page)
            found.update(tag for tag in _strings(page, "tags") if is_tag(tag))
        return sorted(found)

    def head(self, repository: str, reference: str) -> Head | None:
        """Return what a tag (or digest) stands for now."""
        path = f"/v2/{repository}/manifests/{reference}"
        answer = self._get(path, repository, method="HEAD", limit_bytes=0)
        if answer.status == HTTPStatus.NOT_FOUND and _API_VERSION in answer.headers:
            return None
        digest = answer.headers.get("Docker-Content-Digest", "")
        if answer.status != HTTPStatus.OK or not is_digest(digest):
            raise _unusable(answer)
        return Head(digest=digest, media_type=_media_type(answer))

    def manifest(self, repository: str, digest: str) -> Manifest | None:
        """Return the manifest with this digest, which is checked."""
        path = f"/v2/{repository}/manifests/{digest}"
        answer = self._get(path, repository, limit_bytes=MAX_MANIFEST_BYTES)
        if _is_missing(answer):
            return None
        if answer.status != HTTPStatus.OK:
            raise _unusable(answer)
        if not matches(answer.body, digest):
            raise RegistryError("a manifest does not have the digest it was asked for by")
        return Manifest(body=answer.body, media_type=_media_type(answer))

    def blob(self, repository: str, digest: str, *, limit_bytes: int) -> bytes | None:
        """Return a small blob, its digest checked; raises `TooLarge` for a longer one."""
        path = f"/v2/{repository}/blobs/{digest}"
        answer = self._get(path, repository, limit_bytes=limit_bytes)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        if answer.status != HTTPStatus.OK:
            raise _unusable(answer)
        if not matches(answer.body, digest):
            raise RegistryError("a blob does not have the digest it was asked for by")
        return answer.body

    def delete(self, repository: str, reference: str) -> bool:
        """Delete a manifest by digest, or one tag; tell whether it was there.

        Raises `Undeletable` when the registry never will.
        """
        path = f"/v2/{repository}/manifests/{reference}"
        scope = f"repository:{repository}:delete"
        answer = self._transport.send("DELETE", path, scope=scope, limit_bytes=0)
        if answer.status == HTTPStatus.ACCEPTED:
            return True
        if _is_missing(answer):
            return False
        if answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
            raise Undeletable(_DISABLED)
        if answer.status == HTTPStatus.BAD_REQUEST and not is_digest(reference):
            raise Undeletable(_TAGS_STAY)
        raise _unusable(answer)

    def deletes_tags(self) -> bool | None:
        """Tell whether the registry deletes a tag alone; None when it does not say.

        It is asked to delete one that cannot be there: who can says that it is not there.
        """
        path = f"/v2/{_NOWHERE}/manifests/never-{uuid.uuid4().hex}"
        scope = f"repository:{_NOWHERE}:delete"
        answer = self._transport.send("DELETE", path, scope=scope, limit_bytes=0)
        if _is_missing(answer):
            return True
        return False if answer.status in _CANNOT else None

    def _get(self, path: str, repository: str, *, limit_bytes: int, method: str = "GET") -> Answer:
        return self._transport.send(
            method, path, scope=_pull(repository), limit_bytes=limit_bytes, headers=_ACCEPT
        )

    def _pages(self, path: str, scope: str) -> Iterator[Answer]:
        """Follow `Link` to the end; a registry that refuses large pages is asked for small ones."""
        query: dict[str, str] | None = {"n": str(_PAGE_SIZE)}
        while query is not None:
            page = self._page(path, scope, query)
            if page.status == HTTPStatus.BAD_REQUEST and query.get("n") != str(_SMALL_PAGE_SIZE):
                query = {**query, "n": str(_SMALL_PAGE_SIZE)}
                continue
            yield page
            following = _next(page)
            if following == query:
                raise RegistryError("the registry's next page is the same page")
            query = following

    def _page(self, path: str, scope: str, query: dict[str, str]) -> Answer:
        target = f"{path}?{urlencode(query)}"
        return self._transport.send("GET", target, scope=scope, limit_bytes=_MAX_PAGE_BYTES)


def _pull(repository: str) -> str:
    return f"repository:{repository}:pull"


def _next(page: Answer) -> dict[str, str] | None:
    """Return the next page's query: only that is taken from the link, never its address."""
    for link in parse_header_links(page.headers.get("Link", "")):
        if link.get("rel") == "next":
            return dict(parse_qsl(urlsplit(link["url"]).query))
    return None


def _strings(page: Answer, name: str) -> list[str]:
    """Return a list of names, which may be null."""
    try:
        listed = json.loads(page.body)[name]
    except (ValueError, KeyError, TypeError) as error:
        raise RegistryError(f"a list of {name} cannot be read") from error
    if listed is not None and not isinstance(listed, list):
        raise RegistryError(f"a list of {name} cannot be read")
    return [entry for entry in listed or [] if isinstance(entry, str)]


def _media_type(answer: Answer) -> str:
    return answer.headers.get("Content-Type", "").partition(";")[0].strip()


def _is_missing(answer: Answer) -> bool:
    """Tell a registry's own "no such thing" from a proxy's 404, which says nothing."""
    if answer.status != HTTPStatus.NOT_FOUND:
        return False
    try:
        errors: Any = json.loads(answer.body)["errors"]
        return any(error["code"] in _MISSING_CODES for error in errors)
    except (ValueError, KeyError, TypeError):
        return False


def _unusable(answer: Answer) -> RegistryError:
    return RegistryError(f"the registry answered {answer.status}")
