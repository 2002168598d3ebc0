import subprocess
from pathlib import Path

import pytest
import yaml

from portus_shared.keys import CertificateAuthority
from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import free_port, wait_until
from portus_standalone.addresses import Address
from portus_standalone.options import Options
from portus_standalone.probes import answers
from portus_standalone.registry_config import (
    Attachment,
    attachment_sections,
    instructions,
    private_registry,
    to_yaml,
)
from portus_standalone.state import State

ATTACHMENT = Attachment(
    public_url="http://127.0.0.1:8080",
    notify_url="http://127.0.0.1:8080",
    service="127.0.0.1:5080",
    ca_cert=Path("/data/keys/ca.pem"),
    webhook_secret="hook",
)
GOLDEN = """\
version: 0.1
log:
  level: info
  accesslog:
    disabled: true
storage:
  filesystem:
    rootdirectory: /data/registry/images
  cache:
    blobdescriptor: inmemory
  delete:
    enabled: true
http:
  addr: 127.0.0.1:5080
  secret: shared
  headers:
    X-Content-Type-Options:
    - nosniff
auth:
  token:
    realm: http://127.0.0.1:8080/v2/token
    service: 127.0.0.1:5080
    issuer: portus-auth
    rootcertbundle: /data/keys/ca.pem
    signingalgorithms:
    - ES256
notifications:
  events:
    includereferences: true
  endpoints:
  - name: portus
    url: http://127.0.0.1:8080/v2/webhooks/events
    headers:
      Authorization:
      - Bearer hook
    timeout: 5s
    threshold: 5
    backoff: 1s
    ignoredmediatypes:
    - application/octet-stream
"""


def test_the_private_registry_is_configured_like_this() -> None:
    config = private_registry(
        ATTACHMENT,
        listen=Address(host="127.0.0.1", port=5080),
        images=Path("/data/registry/images"),
        http_secret="shared",
    )
    assert to_yaml(config) == GOLDEN


def test_the_two_generations_differ_only_in_what_the_older_does_not_know() -> None:
    older, newer = (attachment_sections(ATTACHMENT, major) for major in (2, 3))
    assert newer["auth"]["token"].pop("signingalgorithms") == ["ES256"]
    assert older == newer


@pytest.mark.parametrize(
    ("major", "place"), [(2, "/etc/docker/registry/"), (3, "/etc/distribution/")]
)
def test_instructions_are_yaml_that_says_where_it_goes(major: int, place: str) -> None:
    text = instructions(ATTACHMENT, major)
    assert place in text
    assert yaml.safe_load(text) == attachment_sections(ATTACHMENT, major)


def test_a_real_registry_runs_with_it_and_asks_for_a_token(
    registry_binary: Path, tmp_path: Path
) -> None:
    ca_cert = tmp_path / "ca.pem"
    CertificateAuthority.load_or_create(ca_cert, tmp_path / "ca.key")
    listen = Address(host="127.0.0.1", port=free_port())
    config = private_registry(
        Attachment(
            public_url="http://127.0.0.1:1",
            notify_url="http://127.0.0.1:1",
            service=str(listen),
            ca_cert=ca_cert,
            webhook_secret="hook",
        ),
        listen=listen,
        images=tmp_path / "images",
        http_secret="shared",
    )
    file = tmp_path / "config.yml"
    file.write_text(to_yaml(config))
    challenge = f'Bearer realm="http://127.0.0.1:1/v2/token",service="{listen}"'
    with Process([registry_binary, "serve", file], log=tmp_path / "log"):
        wait_until(
            answers(
                f"http://{listen}/v2/",
                lambda answer: answer.headers.get("WWW-Authenticate") == challenge,
            )
        )


def test_the_command_prints_it_for_this_data_directory(portus: list[str], tmp_path: Path) -> None:
    options = ["--version", "2", "--registry", "https://registry.example.com"]
    command = [*portus, "registry-config", "--data", str(tmp_path), *options]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    token = yaml.safe_load(done.stdout)["auth"]["token"]
    assert token["service"] == "registry.example.com"
    assert Path(token["rootcertbundle"]).read_text().startswith("-----BEGIN CERTIFICATE")


def test_the_command_goes_by_the_last_run_where_nothing_else_is_said(
    portus: list[str], tmp_path: Path
) -> None:
    last = Options(
        data=Path("elsewhere"),
        listen=Address.parse("127.0.0.1:9001"),
        registry_listen=Address.parse("127.0.0.1:9002"),
    )
    State(tmp_path).options.write_text(last.to_json())
    command = [*portus, "registry-config", "--data", str(tmp_path), "--listen", "127.0.0.1:9003"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    token = yaml.safe_load(done.stdout)["auth"]["token"]
    assert token["realm"] == "http://127.0.0.1:9003/v2/token"
    assert token["service"] == "127.0.0.1:9002"
    assert Path(token["rootcertbundle"]).is_relative_to(tmp_path)
