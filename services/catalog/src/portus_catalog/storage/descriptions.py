"""What manifests hold, for a page of digests at a time: platforms, sizes, image ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portus_catalog.domain.folding import is_platform
from portus_catalog.domain.kinds import kind_of
from portus_catalog.storage.contents import ChildRow, ManifestRow

_DEFAULT_PLATFORM: Final = ("linux", "amd64")


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """One thing that runs: its own manifest, and what that is known to hold."""

    os: str | None
    architecture: str | None
    variant: str | None
    digest: str
    size_bytes: int | None
    layers: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What one manifest holds, as far as it has been read.

    `kind` is what it is (`domain.kinds`). `size_bytes` is what a pull of one platform transfers: of
    an index that of linux/amd64, or of its first platform when it has none. `image_id` is the
    config's digest without its algorithm.
    """

    media_type: str
    artifact_type: str | None = None
    kind: str | None = None
    described: bool = False
    size_bytes: int | None = None
    image_id: str | None = None
    platforms: Sequence[Platform] = field(default_factory=tuple)


def described(session: Session, registry: str, digests: Iterable[str]) -> Mapping[str, Description]:
    """Return the descriptions of these digests, with three queries for any number of them."""
    manifests = _manifests(session, registry, digests)
    children: dict[int, list[ChildRow]] = {}
    ids = [manifest.id for manifest in manifests.values()]
    listed = select(ChildRow).where(ChildRow.manifest_id.in_(ids)).order_by(ChildRow.position)
    for child in session.scalars(listed):
        children.setdefault(child.manifest_id, []).append(child)
    inner = _manifests(
        session, registry, {child.digest for entries in children.values() for child in entries}
    )
    return {
        digest: _description(manifest, children.get(manifest.id, []), inner)
        for digest, manifest in manifests.items()
    }


def kind_of_row(
    manifest: ManifestRow, *, tag: str | None = None, listed: Iterable[str] = ()
) -> str | None:
    """Return what a manifest is, None while it has not been read.

    `tag` is one that folds it into another, `listed` are the types that an index names.
    """
    if not manifest.described:
        return None
    held = [str(layer.get("media_type") or "") for layer in manifest.layers or ()]
    return kind_of(
        manifest.media_type,
        manifest.artifact_type,
        [*held, *listed],
        manifest.annotations,
        tag,
    )


def _description(
    manifest: ManifestRow, children: Sequence[ChildRow], inner: Mapping[str, ManifestRow]
) -> Description:
    config = manifest.config or {}
    platforms = [
        _platform_of(child, inner.get(child.digest))
        for child in children
        if is_platform(child.os, child.architecture)
    ]
    size = manifest.size_bytes
    if platforms:
        size = _default(platforms).size_bytes
    elif config.get("os"):
        platforms = [_own_platform(manifest)]
    return Description(
        media_type=manifest.media_type,
        artifact_type=manifest.artifact_type,
        kind=kind_of_row(manifest, listed=[child.media_type for child in children]),
        described=manifest.described,
        size_bytes=size,
        image_id=str(config["digest"]).partition(":")[2] if config.get("digest") else None,
        platforms=platforms,
    )


def _platform_of(child: ChildRow, manifest: ManifestRow | None) -> Platform:
    described = manifest if manifest is not None and manifest.described else None
    return Platform(
        os=child.os,
        architecture=child.architecture,
        variant=child.variant,
        digest=child.digest,
        size_bytes=described.size_bytes if described else None,
        layers=len(described.layers or []) if described else None,
    )


def _own_platform(manifest: ManifestRow) -> Platform:
    config = manifest.config or {}
    return Platform(
        os=config.get("os"),
        architecture=config.get("architecture"),
        variant=config.get("variant"),
        digest=manifest.digest,
        size_bytes=manifest.size_bytes,
        layers=len(manifest.layers or []),
    )


def _default(platforms: Sequence[Platform]) -> Platform:
    for platform in platforms:
        if (platform.os, platform.architecture) == _DEFAULT_PLATFORM:
            return platform
    return platforms[0]


def _manifests(
    session: Session, registry: str, digests: Iterable[str]
) -> Mapping[str, ManifestRow]:
    wanted = select(ManifestRow).where(
        ManifestRow.registry_name == registry, ManifestRow.digest.in_(sorted(set(digests)))
    )
    return {manifest.digest: manifest for manifest in session.scalars(wanted)}
