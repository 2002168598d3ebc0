"""How to get a thing out of the registry: each client's command, for what each client can pull.

``{base}`` is the repository with its host, ``{ref}`` that with the tag or the digest, ``{name}``
the last part of its name. Helm takes versions, in whose tags a plus is an underscore, and digests
since 3.18.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from portus_ui.views.kinds import ARTIFACT, IMAGE, INDEX

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A program and its command; `tagged` is the command where a tag is given, if it differs."""

    label: str
    command: str
    tagged: str = ""


# What has no file names within, as most that ORAS did not push, can only be copied as a whole.
_LAYOUT: Final = {
    "layout": Client(label="ORAS, as a layout", command="oras copy {ref} --to-oci-layout {name}")
}
_ORAS: Final = {"oras": Client(label="ORAS", command="oras pull {ref}"), **_LAYOUT}
_IMAGES: Final = {
    "docker": Client(label="Docker", command="docker pull {ref}"),
    "podman": Client(label="Podman", command="podman pull {ref}"),
    "nerdctl": Client(label="nerdctl", command="nerdctl pull {ref}"),
    "kubernetes": Client(label="Kubernetes", command="image: {ref}"),
    "crane": Client(label="crane", command="crane pull {ref} image.tar"),
}
_CLIENTS: Final[Mapping[str, Mapping[str, Client]]] = {
    "": _IMAGES,
    IMAGE: _IMAGES,
    INDEX: _IMAGES,
    "helm-chart": {
        "helm": Client(
            label="Helm",
            command="helm pull oci://{ref}",
            tagged="helm pull oci://{base} --version {version}",
        ),
        "helm-install": Client(
            label="Helm install",
            command="helm install {name} oci://{ref}",
            tagged="helm install {name} oci://{base} --version {version}",
        ),
        **_LAYOUT,
    },
    "wasm": {"wkg": Client(label="wkg", command="wkg oci pull {ref}"), **_ORAS},
    "build-cache": {
        "buildx": Client(
            label="Docker buildx",
            command="docker buildx build --cache-from type=registry,ref={ref} .",
        )
    },
    "compose": {
        "compose": Client(label="Docker Compose", command="docker compose -f oci://{ref} up")
    },
    "docker-plugin": {
        "plugin": Client(label="Docker", command="docker plugin install {ref}"),
    },
    "apptainer": {
        "apptainer": Client(label="Apptainer", command="apptainer pull oras://{ref}"),
        **_ORAS,
    },
    "flux": {
        "flux": Client(label="Flux", command="flux pull artifact oci://{ref} --output ."),
        **_ORAS,
    },
}
# Commands of tools that are asked about the image something is attached to, not for the thing.
_ABOUT: Final = {
    "signature-cosign": "cosign download signature {to}",
    "signature-notation": "notation inspect {to}",
}
_BY_SUFFIX: Final = {
    ".att": "cosign download attestation {to}",
    ".sbom": "cosign download sbom {to}",
}
_BUNDLE: Final = "application/vnd.dev.sigstore.bundle"
_BUILT_IN: Final = "docker buildx imagetools inspect {to} --format '{{{{json .}}}}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Where something is: a repository with its host, and a tag or else a digest, if any."""

    base: str
    tag: str
    digest: str

    @property
    def text(self) -> str:
        """Return the reference as clients take it."""
        if self.tag:
            return f"{self.base}:{self.tag}"
        return f"{self.base}@{self.digest}" if self.digest else self.base


def clients_of(kind: str) -> Mapping[str, Client]:
    """Return the clients that can pull such a thing, the usual one first."""
    return _CLIENTS.get(kind, _ORAS)


def chosen_of(kind: str, wanted: str) -> str:
    """Return the client that was chosen, or the usual one where it cannot pull such a thing."""
    clients = clients_of(kind)
    return wanted if wanted in clients else next(iter(clients))


def command_of(kind: str, client: str, reference: Reference) -> str:
    """Return the command with which a client pulls a thing of that kind."""
    known = clients_of(kind)[chosen_of(kind, client)]
    command = known.tagged if known.tagged and reference.tag else known.command
    return command.format(
        base=reference.base,
        name=reference.base.rpartition("/")[2],
        version=reference.tag.replace("_", "+"),
        ref=reference.text,
    )


def command_about(item: Json, to: str, reference: Reference) -> str:
    """Return the command that gets what is attached to the image `to`."""
    kind, tag = item.get("kind") or "", item.get("tag") or ""
    command = _ABOUT.get(kind) or _BY_SUFFIX.get(f".{tag.rpartition('.')[2]}") or ""
    if not command and (item.get("artifact_type") or "").startswith(_BUNDLE):
        command = _BY_SUFFIX[".att"]
    if not command and item["through"] == "index":
        command = _BUILT_IN
    return command.format(to=to) if command else command_of(ARTIFACT, "", reference)
