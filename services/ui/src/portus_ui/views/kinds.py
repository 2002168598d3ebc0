"""What images and artifacts are called, and what tells that something is attached to one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Json = Mapping[str, Any]
IMAGE: Final = "image"
INDEX: Final = "index"
ARTIFACT: Final = "artifact"
REFERRERS: Final = "referrers"

WORDS: Final = {
    IMAGE: "Image",
    INDEX: "Multi-platform image",
    "files": "Files",
    "helm-chart": "Helm chart",
    "sbom": "SBOM",
    "sbom-spdx": "SBOM (SPDX)",
    "sbom-cyclonedx": "SBOM (CycloneDX)",
    "sbom-syft": "SBOM (Syft)",
    "signature-cosign": "Signature (cosign)",
    "signature-notation": "Signature (notation)",
    "attestation": "Attestation",
    "provenance": "Provenance",
    "scan-report": "Scan report",
    "wasm": "WASM module",
    "build-cache": "Build cache",
    "policy": "Policy bundle",
    "flux": "Flux artifact",
    "argo": "Argo CD artifact",
    "cnab": "CNAB bundle",
    "compose": "Compose application",
    "docker-plugin": "Docker plugin",
    "apptainer": "Apptainer image",
    "opentofu": "OpenTofu module",
    "model": "AI model",
    REFERRERS: "List of what is attached",
}
_UNKNOWN: Final = "Artifact"
_TYPE_SHOWN: Final = 120
# What a badge stands for, by how the kind begins. Found is not verified.
_BADGES: Final = {
    "signature": ("Signature", "A signature is attached. It has not been verified here."),
    "sbom": ("SBOM", "A list of what the image is made of is attached."),
    "provenance": ("Provenance", "How the image was built is attached."),
    "attestation": ("Attestation", "An attestation is attached. It has not been verified here."),
    "scan-report": ("Scan report", "What a scanner found is attached."),
}
_OTHER: Final = ("Attached", "Something is attached to the image.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a thing is: in words, and the media type behind them."""

    name: str
    words: str
    type: str

    @property
    def detail(self) -> str:
        """Return the media type, unless that is what it is called."""
        return "" if self.type == self.words else self.type

    @property
    def noun(self) -> str:
        """Return what to call it within a sentence."""
        return "image" if self.runs else WORDS.get(self.name, "artifact")

    @property
    def runs(self) -> bool:
        """Tell whether docker and its like can pull it."""
        return self.name in {"", IMAGE, INDEX}


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """One sort of thing attached to an image, and how many of it."""

    words: str
    title: str
    is_signature: bool


def kind_of(item: Json) -> Kind:
    """Return what an image or artifact is; its words are empty while nobody has read it."""
    name, said = item.get("kind") or "", item.get("artifact_type") or ""
    if name == INDEX and len(item.get("platforms") or ()) == 1:
        words = WORDS[IMAGE]
    else:
        words = WORDS.get(name, said[:_TYPE_SHOWN] or (_UNKNOWN if name else ""))
    media_type = said or str(item.get("media_type") or "")
    return Kind(name=name, words=words, type=media_type[:_TYPE_SHOWN])


def badges_of(attachments: Sequence[Json]) -> tuple[Badge, ...]:
    """Return what is attached, sort by sort; a list of the others is none of them."""
    kinds = [attachment.get("kind") or "" for attachment in attachments]
    looks = Counter(_look_of(kind) for kind in kinds if kind != REFERRERS)
    return tuple(
        Badge(
            words=f"{words} ({number})" if number > 1 else words,
            title=title,
            is_signature=(words, title) == _BADGES["signature"],
        )
        for (words, title), number in looks.items()
    )


def _look_of(kind: str) -> tuple[str, str]:
    return next((look for name, look in _BADGES.items() if kind.startswith(name)), _OTHER)
