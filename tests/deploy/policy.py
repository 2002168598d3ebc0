"""What every pod must keep to, as findings: the restricted standard, probes, limits, endings."""

from collections.abc import Iterator
from typing import Final

from tests.deploy.kubectl import Manifest, named, of_kind

from portus_shared.serving import GRACE_S

WORKLOADS: Final = ("Deployment", "StatefulSet", "Job")
_PROBES: Final = {"startupProbe", "livenessProbe", "readinessProbe"}


def pod_of(workload: Manifest) -> Manifest:
    spec: Manifest = workload["spec"]["template"]["spec"]
    return spec


def findings(objects: list[Manifest]) -> list[str]:
    """Return every rule that some workload breaks."""
    return [
        f"{named(workload)}: {finding}"
        for workload in of_kind(objects, *WORKLOADS)
        for finding in (*_of_pod(pod_of(workload)), *_of_workload(workload))
    ]


def _of_pod(pod: Manifest) -> Iterator[str]:
    context = pod.get("securityContext", {})
    if not (context.get("runAsNonRoot") and context.get("runAsUser", 0) > 0):
        yield "may run as root"
    if context.get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield "has no seccomp profile"
    if pod.get("automountServiceAccountToken", True):
        yield "gets a token of the cluster"
    if pod.get("enableServiceLinks", True):
        yield "gets variables named like settings"
    for container in (*pod.get("initContainers", []), *pod["containers"]):
        yield from (f"{container['name']} {fault}" for fault in _of_container(container))
    yield from _of_node(pod)


def _of_node(pod: Manifest) -> Iterator[str]:
    if any(pod.get(name) for name in ("hostNetwork", "hostPID", "hostIPC")):
        yield "shares the node's namespaces"
    for volume in pod.get("volumes", []):
        if "hostPath" in volume or volume.get("emptyDir", {"sizeLimit": "1"}) == {}:
            yield f"volume {volume['name']} is the node's, or without limit"


def _of_container(container: Manifest) -> Iterator[str]:
    wanted = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    if container.get("securityContext") != wanted:
        yield "has rights that it does not need"
    resources = container.get("resources", {})
    if set(resources.get("requests", {})) != {"cpu", "memory", "ephemeral-storage"}:
        yield "does not say what it needs"
    if set(resources.get("limits", {})) != {"memory", "ephemeral-storage"}:
        yield "has other limits than memory and storage"
    if ":" not in container["image"] or container["image"].endswith(":latest"):
        yield "has no pinned image"
    if any("value" in each and "SECRET" in each["name"] for each in container.get("env", [])):
        yield "has a secret in its manifest"


def _of_workload(workload: Manifest) -> Iterator[str]:
    if workload["kind"] == "Job":
        return
    pod = pod_of(workload)
    has_service = workload["metadata"]["labels"]["app.kubernetes.io/component"] != "worker"
    for container in pod["containers"]:
        missing = _PROBES - ({"readinessProbe"} if not has_service else set()) - set(container)
        if missing:
            yield f"{container['name']} lacks {', '.join(sorted(missing))}"
    if pod["terminationGracePeriodSeconds"] < _pause_s(pod) + GRACE_S + 10:
        yield "is killed before it has answered what it was asked"
    if workload["kind"] == "Deployment" and has_service and not _is_recreated(workload):
        rolling = workload["spec"]["strategy"]["rollingUpdate"]
        if rolling["maxUnavailable"] != 0:
            yield "is away during an update"
        if not _pause_s(pod):
            yield "ends before requests stop coming"


def _is_recreated(workload: Manifest) -> bool:
    return bool(workload["spec"].get("strategy", {}).get("type") == "Recreate")


def _pause_s(pod: Manifest) -> int:
    hook = pod["containers"][0].get("lifecycle", {}).get("preStop", {})
    return int(hook.get("exec", {}).get("command", ["sleep", "0"])[1])
