"""What a manifest is, by the media types that tools give what they push.

A manifest says it in its artifact type, which sync takes from the config where there is none, or
only in its layers, as cosign's signatures do; the predicate of an attestation says what it attests.
Types that are not known here are `ARTIFACT`: the artifact type itself is then all there is to show.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from portus_catalog.domain.folding import attached_to

IMAGE: Final = "image"
INDEX: Final = "index"
ARTIFACT: Final = "artifact"
FILES: Final = "files"
REFERRERS: Final = "referrers"
ATTESTATION: Final = "attestation"
CACHE: Final = "build-cache"

_INDEXES: Final = frozenset(
    {
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    }
)
# Types that say nothing: then the layers may.
_BLANK: Final = frozenset(
    {
        None,
        "",
        "application/vnd.docker.container.image.v1+json",
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.oci.empty.v1+json",
        "application/vnd.unknown.artifact.v1",
        "application/vnd.unknown.config.v1+json",
    }
)
_NO_IMAGE: Final = frozenset(t for t in _BLANK if t and ("empty" in t or "unknown" in t))
# How a media type begins, without "application/vnd." or "application/" before it.
_BEGINNINGS: Final = (
    ("cncf.helm.", "helm-chart"),
    ("spdx", "sbom-spdx"),
    ("text/spdx", "sbom-spdx"),
    ("cyclonedx", "sbom-cyclonedx"),
    ("syft", "sbom-syft"),
    ("dev.cosign.artifact.sbom", "sbom"),
    ("example.sbom", "sbom"),
    ("dev.cosign.simplesigning.", "signature-cosign"),
    ("dev.cosign.artifact.sig", "signature-cosign"),
    ("dev.sigstore.bundle", "signature-cosign"),
    ("cncf.notary.signature", "signature-notation"),
    ("in-toto", ATTESTATION),
    ("dsse.envelope", ATTESTATION),
    ("dev.cosign.artifact.att", ATTESTATION),
    ("docker.attestation.", ATTESTATION),
    ("slsa.provenance", "provenance"),
    ("sarif", "scan-report"),
    ("security.vulnerability.report", "scan-report"),
    ("wasm", "wasm"),
    ("module.wasm", "wasm"),
    ("fermyon.spin.", "wasm"),
    ("buildkit.cacheconfig.", CACHE),
    ("cncf.openpolicyagent.", "policy"),
    ("cncf.kyverno.", "policy"),
    ("cncf.flux.", "flux"),
    ("cncf.argoproj.", "argo"),
    ("cnab.", "cnab"),
    ("docker.compose.", "compose"),
    ("docker.plugin.", "docker-plugin"),
    ("sylabs.sif.", "apptainer"),
    ("opentofu.", "opentofu"),
    ("docker.ai.", "model"),
    ("cncf.model.", "model"),
    ("ollama.image.model", "model"),
)
_PREFIX: Final = re.compile(r"^application/(vnd\.)?")
_PREDICATES: Final = (
    ("https://spdx.dev/Document", "sbom-spdx"),
    ("https://cyclonedx.org/", "sbom-cyclonedx"),
    ("https://slsa.dev/provenance", "provenance"),
    ("https://sigstore.dev/cosign/sign", "signature-cosign"),
    ("https://cosign.sigstore.dev/attestation/vuln", "scan-report"),
)
_PREDICATE_OF: Final = ("dev.sigstore.bundle.predicateType", "in-toto.io/predicate-type")


def kind_of(
    media_type: str,
    artifact_type: str | None,
    layers: Iterable[str] = (),
    annotations: Mapping[str, str] | None = None,
    tag: str | None = None,
) -> str:
    """Return what a described manifest is; `layers` are the media types it holds or lists.

    `tag` is one that folds it into another manifest.
    """
    said = _predicate_kind(annotations or {}) or _kind_by_type(artifact_type)
    if said is not None:
        return said
    if artifact_type not in _BLANK:
        return ARTIFACT
    held = next(filter(None, map(_kind_by_type, layers)), None)
    if media_type in _INDEXES:
        return REFERRERS if tag is not None else CACHE if held == CACHE else INDEX
    if held is not None:
        return held
    return FILES if artifact_type in _NO_IMAGE and tag is None else _by_tag(tag)


def _by_tag(tag: str | None) -> str:
    """Tell what cosign's tags say of a manifest whose types say nothing."""
    if tag is None or attached_to(tag) is None:
        return IMAGE
    suffixes = {"sig": "signature-cosign", "att": ATTESTATION, "sbom": "sbom"}
    return suffixes.get(tag.rpartition(".")[2], ARTIFACT)


def _kind_by_type(media_type: str | None) -> str | None:
    bare = _PREFIX.sub("", media_type or "")
    return next((kind for beginning, kind in _BEGINNINGS if bare.startswith(beginning)), None)


def _predicate_kind(annotations: Mapping[str, str]) -> str | None:
    """Return what an attestation is about, where its manifest says it."""
    predicate = next((annotations[name] for name in _PREDICATE_OF if name in annotations), None)
    if predicate is None:
        return None
    known = (kind for beginning, kind in _PREDICATES if predicate.startswith(beginning))
    return next(known, ATTESTATION)
