"""What images and artifacts are called, and how each is pulled."""

from __future__ import annotations

import pytest
from services.ui.tests.company import artifact, image

from portus_ui.views.kinds import kind_of
from portus_ui.views.pulling import Reference, clients_of, command_about, command_of

TAGGED = Reference(base="h/a", tag="1", digest="sha256:x")
BY_DIGEST = Reference(base="h/a", tag="", digest="sha256:x")


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (image("a", platforms=1), "Image"),
        (image("a", platforms=2), "Multi-platform image"),
        ({**image("a", platforms=1), "kind": "index"}, "Image"),
        (artifact("helm-chart", "application/vnd.cncf.helm.config.v1+json"), "Helm chart"),
        (artifact("wasm", "application/vnd.wasm.config.v0+json"), "WASM module"),
        (artifact("artifact", "application/vnd.acme.rocket"), "application/vnd.acme.rocket"),
        (artifact("of a later release", "application/x"), "application/x"),
        ({**image("a", platforms=0), "kind": "artifact"}, "Artifact"),
        ({**image("a", platforms=0), "kind": None}, ""),
    ],
)
def test_a_thing_is_called_by_a_name_people_know(item: dict[str, object], words: str) -> None:
    assert kind_of(item).words == words


@pytest.mark.parametrize(
    ("kind", "client", "reference", "command"),
    [
        ("image", "", TAGGED, "docker pull h/a:1"),
        ("index", "podman", BY_DIGEST, "podman pull h/a@sha256:x"),
        ("helm-chart", "docker", TAGGED, "helm pull oci://h/a --version 1"),
        ("helm-chart", "", BY_DIGEST, "helm pull oci://h/a@sha256:x"),
        ("helm-chart", "helm-install", TAGGED, "helm install a oci://h/a --version 1"),
        ("helm-chart", "layout", TAGGED, "oras copy h/a:1 --to-oci-layout a"),
        ("wasm", "", TAGGED, "wkg oci pull h/a:1"),
        ("artifact", "docker", TAGGED, "oras pull h/a:1"),
        ("sbom-spdx", "", TAGGED, "oras pull h/a:1"),
        ("apptainer", "", TAGGED, "apptainer pull oras://h/a:1"),
        ("image", "", Reference(base="h/a", tag="", digest=""), "docker pull h/a"),
    ],
)
def test_each_thing_is_pulled_by_what_can_pull_it(
    kind: str, client: str, reference: Reference, command: str
) -> None:
    assert command_of(kind, client, reference) == command


def test_a_version_of_a_chart_has_its_plus_back() -> None:
    reference = Reference(base="h/a", tag="1.0_build.5", digest="")
    assert command_of("helm-chart", "", reference) == "helm pull oci://h/a --version 1.0+build.5"


@pytest.mark.parametrize(
    ("facts", "command"),
    [
        ({"kind": "signature-cosign"}, "cosign download signature h/a@to"),
        ({"kind": "signature-notation"}, "notation inspect h/a@to"),
        ({"kind": "attestation", "tag": "sha256-x.att"}, "cosign download attestation h/a@to"),
        ({"kind": "sbom-spdx", "tag": "sha256-x.sbom"}, "cosign download sbom h/a@to"),
        (
            {
                "kind": "provenance",
                "artifact_type": "application/vnd.dev.sigstore.bundle.v0.3+json",
            },
            "cosign download attestation h/a@to",
        ),
        (
            {"kind": "provenance", "through": "index"},
            "docker buildx imagetools inspect h/a@to --format '{{json .}}'",
        ),
        ({"kind": "sbom-spdx"}, "oras pull h/a@sha256:x"),
    ],
)
def test_what_is_attached_is_got_by_the_tool_that_made_it(
    facts: dict[str, str], command: str
) -> None:
    item = {"through": "subject", "artifact_type": None, "tag": None, **facts}
    assert command_about(item, "h/a@to", BY_DIGEST) == command


def test_docker_is_offered_for_nothing_that_docker_cannot_pull() -> None:
    for kind in ("helm-chart", "wasm", "signature-cosign", "artifact", "of a later release"):
        commands = [client.command for client in clients_of(kind).values()]
        assert not any("docker pull" in command for command in commands)
