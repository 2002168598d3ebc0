"""Small, real container images on disk, as OCI layouts that skopeo can push.

An image is a layout directory with one tag, `image`. Every image is different: its layer holds
the text it was built with.
"""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
_OCI_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
_OCI_LAYER: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
_TAG: Final = "org.opencontainers.image.ref.name"
_CREATED: Final = "2026-01-02T03:04:05Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What a platform-specific image runs on."""

    os: str = "linux"
    architecture: str = "amd64"
    variant: str | None = None

    def document(self) -> dict[str, str]:
        """Return the platform as manifests write it."""
        named = {"architecture": self.architecture, "os": self.os, "variant": self.variant}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One image (or index) on disk; `digest` is what a registry will call it."""

    directory: Path
    digest: str
    media_type: str
    size_bytes: int
    children: tuple[str, ...] = field(default=())

    @property
    def source(self) -> str:
        """The reference that skopeo reads it by."""
        return f"oci:{self.directory}:image"


def build_image(
    directory: Path,
    *,
    text: str = "hello",
    platform: Platform | None = None,
    labels: Mapping[str, str] | None = None,
    layers: int = 1,
) -> Layout:
    """Write a one-platform OCI image; its size is that of its config and layers."""
    directory.mkdir(parents=True, exist_ok=True)
    image = _write_image(directory, text, platform or Platform(), labels or {}, layers)
    _finish(directory, image)
    return _layout(directory, image, _content_size(directory, image))


def build_index(directory: Path, platforms: Iterable[Platform], *, text: str = "hello") -> Layout:
    """Write an OCI index with one image for each platform; its size is the sum of theirs."""
    directory.mkdir(parents=True, exist_ok=True)
    images = [_write_platform_image(directory, text, platform) for platform in platforms]
    body = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": images}
    index = _descriptor(directory, OCI_INDEX, _json(body))
    _finish(directory, index)
    size_bytes = sum(_content_size(directory, image) for image in images)
    children = tuple(image["digest"] for image in images)
    return _layout(directory, index, size_bytes, children)


def _write_platform_image(directory: Path, text: str, platform: Platform) -> dict[str, Any]:
    own_text = f"{text} {platform.document()}"
    image = _write_image(directory, own_text, platform, {}, 1)
    return {**image, "platform": platform.document()}


def _write_image(
    directory: Path, text: str, platform: Platform, labels: Mapping[str, str], layers: int
) -> dict[str, Any]:
    tars = [tar_of(f"{text} {number}") for number in range(layers)]
    config = {
        **platform.document(),
        "created": _CREATED,
        "config": {"Cmd": ["/hello"], "Labels": dict(labels)},
        "rootfs": {"type": "layers", "diff_ids": [_digest(each) for each in tars]},
        "history": [{"created": _CREATED, "created_by": f"COPY {text}"} for _ in tars],
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": _descriptor(directory, _OCI_CONFIG, _json(config)),
        "layers": [
            _descriptor(directory, _OCI_LAYER, gzip.compress(each, mtime=0)) for each in tars
        ],
    }
    return _descriptor(directory, OCI_MANIFEST, _json(manifest))


def _descriptor(directory: Path, media_type: str, body: bytes) -> dict[str, Any]:
    """Store `body` as a blob and return what refers to it."""
    digest = _digest(body)
    blob = _blob(directory, digest)
    blob.parent.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(body)
    return {"mediaType": media_type, "digest": digest, "size": len(body)}


def _finish(directory: Path, top: Mapping[str, Any]) -> None:
    tagged = {**top, "annotations": {_TAG: "image"}}
    (directory / "oci-layout").write_bytes(_json({"imageLayoutVersion": "1.0.0"}))
    (directory / "index.json").write_bytes(_json({"schemaVersion": 2, "manifests": [tagged]}))


def _layout(
    directory: Path, top: Mapping[str, Any], size_bytes: int, children: tuple[str, ...] = ()
) -> Layout:
    return Layout(
        directory=directory,
        digest=top["digest"],
        media_type=top["mediaType"],
        size_bytes=size_bytes,
        children=children,
    )


def _content_size(directory: Path, image: Mapping[str, Any]) -> int:
    manifest = json.loads(_blob(directory, image["digest"]).read_bytes())
    layers = sum(int(layer["size"]) for layer in manifest["layers"])
    return layers + int(manifest["config"]["size"])


def tar_of(text: str) -> bytes:
    """Return a tar archive of one file that holds `text`: a layer, or what docker imports."""
    content = text.encode()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo("hello")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _blob(directory: Path, digest: str) -> Path:
    return directory / "blobs" / digest.replace(":", "/")


def _digest(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
