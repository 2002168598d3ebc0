"""The events of auth and sync, in the words that tests speak in."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from portus_shared.contracts import auth, sync

REGISTRY = "default"
HOST = "registry.test:5080"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
EPOCH = datetime(2026, 11, 1, 12, tzinfo=UTC)
TEAM_ID = 7
MEMBERS = {"olga": "owner", "carl": "contributor", "vera": "viewer"}
ROLE_ACTIONS = {
    "owner": ("pull", "push", "delete"),
    "contributor": ("pull", "push"),
    "viewer": ("pull",),
}


def digest_of(text: str) -> str:
    """Return a digest that is the same for the same word."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def team(*, revision: int = 10, members: dict[str, str] | None = None) -> auth.TeamChanged:
    roles = MEMBERS if members is None else members
    return auth.TeamChanged(
        team_id=TEAM_ID,
        name="web team",
        hidden=False,
        revision=revision,
        members=tuple(auth.Member(username=name, role=role) for name, role in roles.items()),
    )


def namespace(
    name: str = "web",
    visibility: str = "private",
    *,
    namespace_id: int = 3,
    revision: int = 10,
    extra: Sequence[auth.Grant] = (),
) -> auth.NamespaceChanged:
    """Return a namespace with the grants that auth's rules lead to."""
    grants = [grant("admin", "", "pull", "push", "delete"), *extra]
    grants += [grant("team_role", f"{TEAM_ID}:{role}", *may) for role, may in ROLE_ACTIONS.items()]
    if visibility == "public":
        grants.append(grant("anonymous", "", "pull"))
    if visibility in {"public", "protected"}:
        grants.append(grant("user", "*", "pull"))
    return auth.NamespaceChanged(
        registry=REGISTRY,
        namespace_id=namespace_id,
        namespace=name,
        team_id=TEAM_ID,
        visibility=visibility,
        description="",
        revision=revision,
        grants=tuple(grants),
    )


def grant(kind: str, subject: str, *actions: str, prefix: str = "") -> auth.Grant:
    return auth.Grant(path_prefix=prefix, subject_kind=kind, subject=subject, actions=actions)


def registry(*, revision: int = 10) -> auth.RegistryChanged:
    return auth.RegistryChanged(
        registry=REGISTRY,
        url="http://registry:5000",
        external_host=HOST,
        ca=None,
        enabled=True,
        revision=revision,
    )


def pushed(
    reference: str, content: str, at: int, *, by: str | None = "carl", media_type: str = MANIFEST
) -> sync.ManifestPushed:
    """Return a push of ``repository:tag`` (or ``repository`` alone) at a second."""
    repository, _, tag = reference.partition(":")
    return sync.ManifestPushed(
        registry=REGISTRY,
        repository=repository,
        digest=digest_of(content),
        media_type=media_type,
        actor=by,
        occurred_at=moment(at),
        observed_at=stamp(at),
        tag=tag or None,
    )


def deleted(
    repository: str, at: int, *, content: str | None = None, tag: str | None = None
) -> sync.ManifestDeleted:
    return sync.ManifestDeleted(
        registry=REGISTRY,
        repository=repository,
        actor="olga",
        occurred_at=moment(at),
        observed_at=stamp(at),
        digest=digest_of(content) if content else None,
        tag=tag,
    )


def described(repository: str, content: str, **facts: Any) -> sync.ManifestDescribed:
    """Return a description; by default of a linux/amd64 image of 1,000 bytes in two layers."""
    given: dict[str, Any] = {
        "media_type": MANIFEST,
        "size_bytes": 1000,
        "config": sync.ImageConfig(
            digest=digest_of(f"config of {content}"), os="linux", architecture="amd64"
        ),
        "layers": tuple(
            sync.Layer(digest=digest_of(f"{content} {n}"), media_type="tar", size_bytes=n)
            for n in range(2)
        ),
        "raw": '{"schemaVersion": 2}',
    }
    return sync.ManifestDescribed(
        registry=REGISTRY,
        repository=repository,
        digest=digest_of(content),
        observed_at=stamp(0),
        **{**given, **facts},
    )


def observed(
    repository: str,
    tags: dict[str, str],
    at: int,
    *,
    scan: str = "scan-1",
    part: int = 1,
    parts: int = 1,
) -> sync.RepositoryObserved:
    return sync.RepositoryObserved(
        scan_id=scan,
        registry=REGISTRY,
        repository=repository,
        observed_at=stamp(at),
        part=part,
        parts=parts,
        tags=tuple(
            sync.ObservedTag(tag=tag, digest=digest_of(content), media_type=MANIFEST)
            for tag, content in tags.items()
        ),
    )


def stamp(at: int) -> int:
    """Return the stamp of a second of the story."""
    return int(moment(at).timestamp() * 1_000_000)


def moment(at: int) -> datetime:
    """Return the time of a second of the story."""
    return EPOCH + timedelta(seconds=at)
