"""auth in a real cluster, where KUBECONFIG names one: its pods come, change and go under load.

The cluster must have auth's image (`kind load docker-image`), or PORTUS_TEST_IMAGE says where it
is to be had, without the tag.
"""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
from deploy import prepare
from tests.deploy.cluster import ADMIN, Cluster, composition
from tests.deploy.kubectl import manifests
from tests.deploy.policy import findings
from tests.deploy.programs import HOST

from portus_shared.keys import Verifier
from portus_shared.testing.waiting import wait_until


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """auth and its database, ready; everything is gone afterwards."""
    if not os.environ.get("KUBECONFIG"):
        pytest.skip("not run: install a Kubernetes cluster, and name it in KUBECONFIG")
    directory: Path = tmp_path_factory.mktemp("cluster")
    made = tmp_path_factory.mktemp("made")
    cluster = Cluster(f"portus-test-{secrets.token_hex(4)}", directory)
    with pytest.MonkeyPatch.context() as patched, cluster.proxied():
        patched.setattr(prepare, "MADE", made)
        cluster.kubectl("create", "namespace", cluster.namespace)
        try:
            cluster.apply()
            yield cluster
        finally:
            cluster.kubectl("delete", "namespace", cluster.namespace, "--wait=false")


def test_what_is_applied_there_keeps_the_policy(tmp_path: Path) -> None:
    """Said without a cluster."""
    objects = manifests(composition(tmp_path, "portus-test", PORTUS_PULL_TOKEN_S="120"))
    for each in objects:
        kubernetes_validate.validate(each, "1.30", strict=True)
    assert findings(objects) == []
    assert {each["metadata"]["namespace"] for each in objects} == {"portus-test"}


def test_d1_auth_becomes_ready_alone(cluster: Cluster) -> None:
    made = ("portus-auth", "create-admin", ADMIN[0], "ada@example.org", "--password", ADMIN[1])
    cluster.kubectl("exec", "deploy/auth", "--", *made)
    assert cluster.get("/ready").status_code == 200
    assert cluster.get("/v2/token", params={"service": HOST}, auth=ADMIN).status_code == 200


def test_d2_no_request_fails_while_pods_are_replaced(cluster: Cluster) -> None:
    before = set(cluster.pods())
    with cluster.under_load() as statuses:
        cluster.restart()
    assert set(statuses) == {200}
    wait_until(lambda: not before & set(cluster.pods()), 120, what="the former pods are gone")


def test_d3_the_authority_is_replaced_without_a_failure(cluster: Cluster) -> None:
    before = cluster.token().json()["token"]
    with cluster.under_load() as statuses:
        for step in ("begin", "switch"):
            prepare.replace_authority(step)
            cluster.apply()
            cluster.restart()
        both = Verifier(cluster.get("/.well-known/portus-ca.pem").content)
        for token in (before, cluster.token().json()["token"]):
            assert both.verify(token, audience=HOST)["aud"] == HOST
        prepare.replace_authority("finish")
        cluster.apply()
        cluster.restart()
    assert set(statuses) == {200}
    assert cluster.get("/.well-known/portus-ca.pem").text.count("BEGIN CERTIFICATE") == 1


def test_d4_a_changed_setting_rolls_the_pods(cluster: Cluster) -> None:
    before = set(cluster.pods())
    with cluster.under_load() as statuses:
        cluster.apply(PORTUS_PULL_TOKEN_S="120")
    assert set(statuses) == {200}
    assert cluster.token().json()["expires_in"] == 120
    wait_until(lambda: not before & set(cluster.pods()), 120, what="the former pods are gone")


def test_d5_a_pod_that_is_deleted_answers_what_it_was_asked(cluster: Cluster) -> None:
    gone = cluster.pods()[0]
    with cluster.under_load() as statuses:
        cluster.kubectl("delete", "pod", gone, "--wait=true")
        cluster.rolled_out()
    assert set(statuses) == {200}
