"""What can be said of k8s/ without a cluster."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml
from tests.deploy.kubectl import (
    BASES,
    K8S,
    OVERLAYS,
    Manifest,
    manifests,
    named,
    of_kind,
    overlay,
    render,
)
from tests.deploy.policy import WORKLOADS, findings, pod_of

from portus_shared.serving import GRACE_S
from portus_shared.web.app import create_app

COMPONENTS: Final = sorted(each.name for each in (K8S / "components").iterdir())
# Kinds that operators bring, and no schema of Kubernetes itself describes.
OPERATORS: Final = {
    "Cluster",
    "ExternalSecret",
    "HTTPRoute",
    "PodMonitor",
    "PrometheusRule",
    "RabbitmqCluster",
}
EVERYTHING: Final = [K8S / base for base in BASES] + [K8S / "overlays" / name for name in OVERLAYS]
SECRETS: Final = {f"portus-{name}" for name in (*BASES[:5], "postgres", "rabbitmq")} | {
    "portus-tls",
    "rabbitmq-default-user",
    "postgres-app",
}


@pytest.fixture(params=COMPONENTS)
def with_component(request: pytest.FixtureRequest, tmp_path: Path) -> list[Manifest]:
    """Everything, and one component on top."""
    return manifests(composition(tmp_path, request.param))


def composition(directory: Path, component: str) -> Path:
    """Write a kustomization of every base and one component."""
    composed = {
        "resources": [os.path.relpath(K8S / base, directory.resolve()) for base in BASES],
        "components": [os.path.relpath(K8S / "components" / component, directory.resolve())],
    }
    (directory / "kustomization.yaml").write_text(yaml.safe_dump(composed))
    return directory


def name_of(directory: Path) -> str:
    return str(directory.relative_to(K8S))


@pytest.mark.parametrize("directory", EVERYTHING, ids=name_of)
@pytest.mark.parametrize("version", ["1.30", "1.37"])
def test_a1_a2_everything_renders_and_suits_the_oldest_and_newest_kubernetes(
    directory: Path, version: str
) -> None:
    for each in manifests(directory):
        kubernetes_validate.validate(each, version, strict=True)


def test_a1_a3_each_component_renders_and_keeps_the_policy(with_component: list[Manifest]) -> None:
    for each in with_component:
        if each["kind"] not in OPERATORS:
            kubernetes_validate.validate(each, "1.37", strict=True)
    assert findings(with_component) == []


@pytest.mark.parametrize("directory", EVERYTHING, ids=name_of)
def test_a3_every_pod_keeps_the_policy(directory: Path) -> None:
    assert findings(manifests(directory)) == []


def test_a3_the_policy_finds_what_is_wrong() -> None:
    workload = of_kind(overlay("dev"), "Deployment")[0]
    pod_of(workload)["containers"][0]["securityContext"]["readOnlyRootFilesystem"] = False
    pod_of(workload)["securityContext"]["runAsUser"] = 0
    assert len(findings([workload])) == 2


@pytest.mark.parametrize("name", OVERLAYS)
def test_a6_what_is_referred_to_exists_or_is_documented(name: str) -> None:
    objects = overlay(name)
    maps = {each["metadata"]["name"] for each in of_kind(objects, "ConfigMap")}
    for workload in of_kind(objects, *WORKLOADS):
        for kind, wanted in _references(pod_of(workload)):
            there = maps if kind == "ConfigMap" else SECRETS
            assert wanted in there, f"{named(workload)} wants {kind} {wanted}"
    readme = (K8S / "README.md").read_text()
    assert all(secret in readme for secret in SECRETS)


@pytest.mark.parametrize("name", OVERLAYS)
def test_a8_each_service_reaches_the_pods_of_one_workload(name: str) -> None:
    objects = overlay(name)
    for service in of_kind(objects, "Service"):
        wanted = service["spec"]["selector"].items()
        hit = [
            workload
            for workload in of_kind(objects, *WORKLOADS)
            if wanted <= workload["spec"]["template"]["metadata"]["labels"].items()
        ]
        assert len(hit) == 1, f"{named(service)} reaches {[named(each) for each in hit]}"
        ports = {port["name"] for port in pod_of(hit[0])["containers"][0]["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports


@pytest.mark.parametrize("name", OVERLAYS)
def test_routes_lead_to_services(name: str) -> None:
    objects = overlay(name)
    services = {each["metadata"]["name"] for each in of_kind(objects, "Service")}
    for ingress in of_kind(objects, "Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                assert path["backend"]["service"]["name"] in services


def test_budgets_and_autoscalers_are_about_something() -> None:
    objects = overlay("production")
    deployments = {each["metadata"]["name"]: each for each in of_kind(objects, "Deployment")}
    for scaler in of_kind(objects, "HorizontalPodAutoscaler"):
        assert "replicas" not in deployments[scaler["spec"]["scaleTargetRef"]["name"]]["spec"]
    for budget in of_kind(objects, "PodDisruptionBudget"):
        labels = deployments[budget["metadata"]["name"]]["spec"]["template"]["metadata"]["labels"]
        assert budget["spec"]["selector"]["matchLabels"].items() <= labels.items()
        assert budget["spec"]["maxUnavailable"] == 1


def test_a9_who_may_send_is_who_may_be_heard() -> None:
    policies = of_kind(overlay("production"), "NetworkPolicy")
    out, into = set(_pairs(policies, "egress", "to")), set(_pairs(policies, "ingress", "from"))
    assert {(here, there, port) for here, there, port in out} == {
        (there, here, port) for here, there, port in into
    }


def test_a11_auth_alone_has_nothing_of_the_others() -> None:
    names = {each["metadata"]["name"].split("-")[0] for each in overlay("auth-only")}
    assert names == {"auth", "portus"}


@pytest.mark.parametrize("name", OVERLAYS)
def test_a7_probes_ask_for_what_is_answered(name: str) -> None:
    paths = {rule.rule for rule in create_app("any", ready=dict).url_map.iter_rules()}
    for workload in of_kind(overlay(name), "Deployment"):
        labels = workload["metadata"]["labels"]
        if labels["app.kubernetes.io/component"] not in ("web", "worker"):
            continue
        container = pod_of(workload)["containers"][0]
        probes = [container[probe]["httpGet"] for probe in container if "Probe" in probe]
        asked = {probe["path"] for probe in probes}
        assert asked <= paths
        assert {probe["port"] for probe in probes} <= {port["name"] for port in container["ports"]}
        if labels["app.kubernetes.io/component"] == "worker":
            assert asked == {"/live"}


@pytest.mark.parametrize("name", OVERLAYS)
def test_a10_pods_have_time_to_end(name: str) -> None:
    """What the pause and gunicorn's grace take, and ten seconds for everything else."""
    workloads = of_kind(overlay(name), "Deployment", "StatefulSet")
    assert [each for each in findings(workloads) if "is killed before" in each] == []
    web = next(each for each in workloads if each["metadata"]["name"] == "auth")
    pod_of(web)["terminationGracePeriodSeconds"] = GRACE_S + 5
    assert any("is killed before" in each for each in findings([web]))


@pytest.mark.parametrize("name", OVERLAYS)
def test_a12_the_same_is_rendered_every_time(name: str) -> None:
    directory = K8S / "overlays" / name
    assert render.__wrapped__(directory) == render(directory)


def test_the_facts_of_auth_outlive_its_pods_where_a_volume_is_mixed_in(tmp_path: Path) -> None:
    def volume_of(objects: list[Manifest]) -> Manifest:
        auth = next(each for each in objects if named(each) == "Deployment/auth")
        return next(each for each in pod_of(auth)["volumes"] if each["name"] == "state")

    assert "emptyDir" in volume_of(overlay("dev"))
    mixed = manifests(composition(tmp_path, "facts-volume"))
    claim = volume_of(mixed)
    assert claim == {"name": "state", "persistentVolumeClaim": {"claimName": "auth-facts"}}
    assert "PersistentVolumeClaim/auth-facts" in {named(each) for each in mixed}


def test_the_registry_gets_no_private_key() -> None:
    registry = next(
        each
        for each in of_kind(overlay("dev"), "Deployment")
        if each["metadata"]["name"] == "registry"
    )
    assert [wanted for kind, wanted in _references(pod_of(registry)) if kind == "Secret"] == [
        "portus-registry"
    ]


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_public_address_is_the_same_everywhere(name: str) -> None:
    objects = overlay(name)
    urls = {each["data"].get("PORTUS_PUBLIC_URL") for each in of_kind(objects, "ConfigMap")}
    hosts = {rule["host"] for each in of_kind(objects, "Ingress") for rule in each["spec"]["rules"]}
    assert {url.partition("//")[2] for url in urls if url} == hosts


def _references(pod: Manifest) -> Iterator[tuple[str, str]]:
    for volume in pod.get("volumes", []):
        if "secret" in volume:
            yield "Secret", volume["secret"]["secretName"]
        if "configMap" in volume:
            yield "ConfigMap", volume["configMap"]["name"]
    for container in (*pod.get("initContainers", []), *pod["containers"]):
        for source in container.get("envFrom", []):
            yield "ConfigMap", source["configMapRef"]["name"]


def _pairs(policies: list[Manifest], direction: str, peers: str) -> Iterator[tuple[str, str, int]]:
    """Yield (the policy's pods, the other side's pods, port) within the namespace."""
    label = "app.kubernetes.io/name"
    for policy in policies:
        here = policy["spec"]["podSelector"]["matchLabels"].get(label)
        for rule in policy["spec"].get(direction, []):
            for peer in rule.get(peers, []):
                if here and "podSelector" in peer:
                    there = peer["podSelector"]["matchLabels"][label]
                    yield here, there, rule["ports"][0]["port"]
