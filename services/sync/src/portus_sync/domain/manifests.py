"""A manifest described: image, index, artifact or something unknown.

Describing never raises: what a body does not say, or says oddly, is absent. An image's size is its
config plus its layers as stored (compressed); an index has no size of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portus_shared.names import is_digest
from portus_sync.domain.foreign import child, children, read_object, text, text_map, whole

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
ACCEPTED = (DOCKER_MANIFEST, DOCKER_LIST, OCI_MANIFEST, OCI_INDEX)
"""Always ask for all four: a registry converts, or refuses, what a client does not accept."""

IMAGE_CONFIGS = frozenset(
    {
        "application/vnd.docker.container.image.v1+json",
        "application/vnd.oci.image.config.v1+json",
    }
)
MAX_MANIFEST_BYTES = 4 * 1024 * 1024
UNKNOWN_MEDIA_TYPE = "application/octet-stream"
_TAR_LAYER = "application/vnd.oci.image.layer.v1.tar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer, or one file of an artifact."""

    digest: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One manifest that an index lists; what the index does not say is None."""

    digest: str
    media_type: str
    size_bytes: int | None
    os: str | None
    architecture: str | None
    variant: str | None
    os_version: str | None
    artifact_type: str | None
    annotations: Mapping[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a manifest says; `config_digest` is set only where its config is an image's."""

    media_type: str
    artifact_type: str | None
    size_bytes: int | None
    config_digest: str | None
    layers: tuple[Layer, ...]
    children: tuple[Child, ...]
    annotations: Mapping[str, str] | None
    subject: str | None
    raw: str | None


def describe(body: bytes, media_type: str) -> Description:
    """Describe the manifest `body`; `media_type` is what the registry said, "" when it did not."""
    manifest = read_object(body)
    config = child(manifest, "config")
    layers, size_bytes = _layers(manifest, config)
    return Description(
        media_type=media_type or text(manifest, "mediaType") or UNKNOWN_MEDIA_TYPE,
        artifact_type=_artifact_type(manifest, config),
        size_bytes=size_bytes,
        config_digest=_config_digest(config),
        layers=layers,
        children=_children(manifest),
        annotations=text_map(manifest, "annotations"),
        subject=_digest(child(manifest, "subject")),
        raw=_raw(body),
    )


def _layers(
    manifest: Mapping[str, Any], config: Mapping[str, Any]
) -> tuple[tuple[Layer, ...], int | None]:
    """Return the layers and the image's size; None when any part does not tell its own."""
    listed = children(manifest, "layers") or children(manifest, "blobs")
    layers = tuple(layer for entry in listed if (layer := _layer(entry)) is not None)
    sizes = [whole(part, "size") for part in ([config] if config else []) + listed]
    known = [size for size in sizes if size is not None]
    is_whole = bool(sizes) and len(known) == len(sizes) and sum(known) < 2**63
    return layers, sum(known) if is_whole else None


def _layer(entry: Mapping[str, Any]) -> Layer | None:
    digest, size_bytes = _digest(entry), whole(entry, "size")
    if digest is None or size_bytes is None:
        return None
    media_type = text(entry, "mediaType") or _TAR_LAYER
    return Layer(digest=digest, media_type=media_type, size_bytes=size_bytes)


def _children(manifest: Mapping[str, Any]) -> tuple[Child, ...]:
    found = (_child(entry) for entry in children(manifest, "manifests"))
    return tuple(entry for entry in found if entry is not None)


def _child(entry: Mapping[str, Any]) -> Child | None:
    digest = _digest(entry)
    if digest is None:
        return None
    platform = child(entry, "platform")
    return Child(
        digest=digest,
        media_type=text(entry, "mediaType") or UNKNOWN_MEDIA_TYPE,
        size_bytes=whole(entry, "size"),
        os=text(platform, "os"),
        architecture=text(platform, "architecture"),
        variant=text(platform, "variant"),
        os_version=text(platform, "os.version"),
        artifact_type=text(entry, "artifactType"),
        annotations=text_map(entry, "annotations"),
    )


def _artifact_type(manifest: Mapping[str, Any], config: Mapping[str, Any]) -> str | None:
    """Return the type said, else that of a config that is no image's (OCI image spec, manifest)."""
    config_type = text(config, "mediaType")
    return text(manifest, "artifactType") or (None if config_type in IMAGE_CONFIGS else config_type)


def _config_digest(config: Mapping[str, Any]) -> str | None:
    return _digest(config) if text(config, "mediaType") in IMAGE_CONFIGS else None


def _digest(descriptor: Mapping[str, Any]) -> str | None:
    digest = text(descriptor, "digest")
    return digest if digest is not None and is_digest(digest) else None


def _raw(body: bytes) -> str | None:
    """Return the text as it is, byte for byte; None when it is too long or not storable."""
    if len(body) > MAX_MANIFEST_BYTES or b"\x00" in body:
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
