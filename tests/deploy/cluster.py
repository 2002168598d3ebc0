"""auth and a database in a namespace of its own, in the cluster that KUBECONFIG names."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import requests
import yaml
from deploy import prepare
from tests.deploy.kubectl import K8S, find_kubectl
from tests.deploy.programs import HOST, URL

from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import free_port, wait_until

ADMIN: Final = ("ada", "correct horse battery")
_LONGEST_S: Final = 300


def image() -> str:
    """Return where the cluster gets auth's image: PORTUS_TEST_IMAGE, else the node's own."""
    return os.environ.get("PORTUS_TEST_IMAGE", "portus-auth")


def composition(directory: Path, namespace: str, **literals: str) -> Path:
    """Write what is applied: auth with its database, and settings on top."""
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": namespace,
        "resources": [os.path.relpath(K8S / "auth", directory.resolve())],
        "components": [os.path.relpath(K8S / "components" / "postgres-dev", directory.resolve())],
        "images": [{"name": "portus-auth", "newName": image()}],
        "configMapGenerator": [
            {
                "name": "auth",
                "behavior": "merge",
                "literals": [
                    f"PORTUS_PUBLIC_URL={URL}",
                    f"PORTUS_REGISTRY_EXTERNAL_HOST={HOST}",
                    *(f"{name}={value}" for name, value in literals.items()),
                ],
            }
        ],
    }
    (directory / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    return directory


class Cluster:
    """One namespace, reached through the cluster's own proxy to Services."""

    def __init__(self, namespace: str, directory: Path) -> None:
        self.namespace = namespace
        self._directory = directory
        self._port = free_port()

    def kubectl(self, *arguments: str, told: str = "") -> str:
        """Return what kubectl wrote; raises `AssertionError` with what went wrong."""
        done = subprocess.run(
            [find_kubectl(), "--namespace", self.namespace, *arguments],
            input=told,
            capture_output=True,
            text=True,
            check=False,
            timeout=_LONGEST_S + 30,
        )
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def apply(self, **literals: str) -> None:
        """Apply secrets and manifests, and wait until all pods are of that state."""
        secrets = json.dumps(prepare.as_secrets(prepare.contents(URL, HOST)))
        self.kubectl("apply", "--filename=-", told=secrets)
        directory = composition(self._directory, self.namespace, **literals)
        self.kubectl("apply", "--kustomize", str(directory))
        self.rolled_out()

    def restart(self) -> None:
        """Replace auth's pods one by one."""
        self.kubectl("rollout", "restart", "deployment/auth")
        self.rolled_out()

    def rolled_out(self) -> None:
        self.kubectl("rollout", "status", "deployment/auth", f"--timeout={_LONGEST_S}s")

    def pods(self) -> list[str]:
        chosen = "app.kubernetes.io/name=auth,app.kubernetes.io/component=web"
        found = json.loads(self.kubectl("get", "pods", f"--selector={chosen}", "--output=json"))
        return [each["metadata"]["name"] for each in found["items"]]

    def get(self, path: str, **options: Any) -> requests.Response:
        """Ask auth's Service: whichever pod is ready answers."""
        service = f"/api/v1/namespaces/{self.namespace}/services/auth:http/proxy"
        url = f"http://127.0.0.1:{self._port}{service}{path}"
        return requests.get(url, timeout=30, **options)

    def token(self) -> requests.Response:
        return self.get("/v2/token", params={"service": HOST, "scope": "repository:ada/app:pull"})

    @contextmanager
    def proxied(self) -> Iterator[None]:
        """Run the proxy."""
        command: list[str | Path] = [find_kubectl(), "proxy", f"--port={self._port}"]
        with Process(command, log=self._directory / "proxy.log"):
            wait_until(lambda: self._answers("/version"), 30, what="kubectl proxy answers")
            yield

    @contextmanager
    def under_load(self) -> Iterator[list[int]]:
        """Ask for tokens all the time; yields the statuses."""
        statuses: list[int] = []
        over = threading.Event()

        def ask() -> None:
            while not over.is_set():
                statuses.append(self.token().status_code)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            yield statuses
        finally:
            over.set()
            for thread in threads:
                thread.join()

    def _answers(self, path: str) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self._port}{path}", timeout=5).ok
        except requests.ConnectionError:
            return False
