"""What a manifest is, by the types that tools give what they push."""

import pytest
from services.catalog.tests.catalogue import Catalogue
from services.catalog.tests.events import INDEX, MANIFEST, described, namespace, pushed, team

from portus_catalog.domain.kinds import kind_of
from portus_shared.contracts import sync

SIGNED = "sha256-" + "a" * 64
COSIGN = "application/vnd.dev.cosign.simplesigning.v1+json"
DSSE = "application/vnd.dsse.envelope.v1+json"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
EMPTY = "application/vnd.oci.empty.v1+json"
TAR = "application/vnd.oci.image.layer.v1.tar+gzip"
CACHE = "application/vnd.buildkit.cacheconfig.v0"


@pytest.mark.parametrize(
    ("artifact_type", "layers", "kind"),
    [
        (None, [TAR], "image"),
        (None, [], "image"),
        ("application/vnd.cncf.helm.config.v1+json", [], "helm-chart"),
        ("application/vnd.wasm.config.v0+json", ["application/wasm"], "wasm"),
        ("application/spdx+json", [], "sbom-spdx"),
        ("application/vnd.cyclonedx+json", [], "sbom-cyclonedx"),
        ("application/vnd.cncf.notary.signature", [], "signature-notation"),
        ("application/vnd.in-toto+json", [], "attestation"),
        ("application/vnd.docker.attestation.manifest.v1+json", [], "attestation"),
        (CACHE, [TAR], "build-cache"),
        ("application/vnd.sylabs.sif.config.v1+json", [], "apptainer"),
        ("application/vnd.acme.rocket", ["text/spdx"], "artifact"),
        (EMPTY, ["text/plain"], "files"),
        ("application/vnd.unknown.artifact.v1", ["text/plain"], "files"),
        (EMPTY, ["text/spdx+json"], "sbom-spdx"),
        (None, [COSIGN], "signature-cosign"),
        (None, [DSSE], "attestation"),
        (None, ["application/vnd.ollama.image.model"], "model"),
    ],
)
def test_types_say_what_it_is(artifact_type: str | None, layers: list[str], kind: str) -> None:
    assert kind_of(MANIFEST, artifact_type, layers) == kind


@pytest.mark.parametrize(
    ("predicate", "kind"),
    [
        ("https://sigstore.dev/cosign/sign/v1", "signature-cosign"),
        ("https://spdx.dev/Document/v2.3", "sbom-spdx"),
        ("https://cyclonedx.org/bom", "sbom-cyclonedx"),
        ("https://slsa.dev/provenance/v1", "provenance"),
        ("https://example.org/mine", "attestation"),
    ],
)
def test_an_attestation_is_what_it_attests(predicate: str, kind: str) -> None:
    said = {"dev.sigstore.bundle.predicateType": predicate}
    assert kind_of(MANIFEST, BUNDLE, [BUNDLE], said) == kind


@pytest.mark.parametrize(
    ("layers", "tag", "kind"),
    [
        ([MANIFEST], None, "index"),
        ([], None, "index"),
        ([MANIFEST], SIGNED, "referrers"),
        ([TAR, CACHE], None, "build-cache"),
    ],
)
def test_an_index_is_more_than_one_image_or_none(
    layers: list[str], tag: str | None, kind: str
) -> None:
    assert kind_of(INDEX, None, layers, tag=tag) == kind


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [("sig", "signature-cosign"), ("att", "attestation"), ("sbom", "sbom"), ("odd", "artifact")],
)
def test_a_tag_says_what_types_do_not(suffix: str, kind: str) -> None:
    assert kind_of(MANIFEST, None, ["text/plain"], tag=f"{SIGNED}.{suffix}") == kind


def test_lists_say_what_each_thing_is_once_it_was_read(catalogue: Catalogue) -> None:
    chart = {"artifact_type": "application/vnd.cncf.helm.config.v1+json", "config": None}
    child = sync.Child(digest="sha256:" + "b" * 64, media_type=MANIFEST)
    catalogue.hears(
        *(team(), namespace(), pushed("web/app:1", "one", 1), pushed("web/app:2", "chart", 2)),
        *(pushed("web/app:3", "both", 3, media_type=INDEX), pushed("web/app:4", "unread", 4)),
        *(described("web/app", "one"), described("web/app", "chart", **chart)),
        described("web/app", "both", media_type=INDEX, config=None, layers=(), children=(child,)),
    )
    kinds = [item["kind"] for item in catalogue.images("web/app")["items"]]
    assert kinds == [None, "index", "helm-chart", "image"]
