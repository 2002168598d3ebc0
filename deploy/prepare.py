"""Make the secrets and configuration files of every container, each once.

    prepare.py                   write them into the volumes of docker-compose.yml
    prepare.py kubernetes        print them as Secrets, for `kubectl apply -f -`
    prepare.py registry-config   print what a registry that runs elsewhere needs
    prepare.py authority STEP    replace the authority: begin, switch, finish (docs/operations.md)

Runs in auth's image. What was made is kept in PORTUS_MADE (/made), which nobody else sees; each
container gets copies of what it needs and no more. In volumes the copies are readable by all,
because the users of the images differ: the volume is what keeps others out.
"""

import json
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from portus_shared.authority import CertificateAuthority

MADE = Path(os.environ.get("PORTUS_MADE", "/made"))
VOLUMES = Path("/volumes")
SERVICES = ("auth", "sync", "catalog", "ui")

Files = dict[str, str]


def main() -> None:
    """Write the files of every container, or print what an existing registry needs."""
    public_url = os.environ["PORTUS_PUBLIC_URL"].rstrip("/")
    registry_host = os.environ.get("PORTUS_REGISTRY_HOST") or urlsplit(public_url).netloc
    match sys.argv[1:]:
        case ["registry-config"]:
            print(instructions(public_url, registry_host))
        case ["kubernetes"]:
            everything = contents(public_url, registry_host)
            print(json.dumps(as_secrets(everything), indent=2))
        case ["authority", "begin" | "switch" | "finish" as step]:
            replace_authority(step)
            write_volumes(contents(public_url, registry_host))
        case []:
            write_volumes(contents(public_url, registry_host))
        case _:
            sys.exit(__doc__)


def contents(public_url: str, registry_host: str) -> dict[str, Files]:
    """Return the files of each container by the container's name."""
    authority = certificate()
    files = {name: service_files(name, authority) for name in SERVICES}
    files["auth"] |= {
        "ca-key.pem": (MADE / "ca-key.pem").read_text(),
        "hash-key": made("hash-key"),
        "registry-host": registry_host,
    }
    files["auth"] |= {f"{name}-secret": made(f"{name}-secret") for name in SERVICES[1:]}
    files["sync"]["webhook-secret"] = made("webhook-secret")
    # Browsers return cookies marked Secure over https only.
    files["ui"]["insecure-cookies"] = "false" if public_url.startswith("https:") else "true"
    config = registry_config(public_url, registry_host)
    files["registry"] = {"ca.pem": authority, "config.yml": json.dumps(config, indent=2)}
    files["postgres"] = {name: made(f"{name}-database") for name in (*SERVICES, "postgres")}
    files["rabbitmq"] = {
        "rabbitmq.conf": f"default_user = portus\ndefault_pass = {made('bus')}\n"
        "default_vhost = portus\nlog.console = true\n",
    }
    return files


def write_volumes(everything: dict[str, Files]) -> None:
    """Give every container its files, where there are volumes."""
    for container, files in everything.items():
        for name, text in files.items():
            if (VOLUMES / container).is_dir():
                replace(VOLUMES / container / name, text)


def as_secrets(everything: dict[str, Files]) -> dict[str, Any]:
    """Return the files as one Kubernetes Secret for each container."""
    items = [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": f"portus-{container}"},
            "stringData": files,
        }
        for container, files in everything.items()
    ]
    return {"apiVersion": "v1", "kind": "List", "items": items}


def service_files(name: str, authority: str) -> Files:
    """Return what each of the four services needs; addresses that are set replace our own."""
    database = f"postgresql://{name}:{made(f'{name}-database')}@postgres/{name}"
    bus = f"amqp://portus:{made('bus')}@rabbitmq:5672/portus"
    files = {
        "ca.pem": authority,
        "database-url": os.environ.get("PORTUS_DATABASE_URL") or database,
        "bus-url": os.environ.get("PORTUS_BUS_URL") or bus,
    }
    if name != "auth":
        files["service-secret"] = made(f"{name}-secret")
    return files


def registry_config(public_url: str, registry_host: str) -> dict[str, Any]:
    """Return the registry's configuration for Distribution 2.x and 3.x; JSON is YAML too."""
    return {
        "version": 0.1,
        # At "info" it would write the secret for notifications into its log.
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": "/var/lib/registry"},
            "cache": {"blobdescriptor": "inmemory"},
            "delete": {"enabled": True},
        },
        "http": {
            "addr": ":5000",
            "host": public_url,
            "secret": made("registry-http"),
            "headers": {"X-Content-Type-Options": ["nosniff"]},
        },
        **attachment(public_url, registry_host, "http://sync:8080", "/run/portus/ca.pem"),
    }


def attachment(public_url: str, service: str, notify_url: str, ca_file: str) -> dict[str, Any]:
    """Return the sections that tie a registry to Portus."""
    endpoint = {
        "name": "portus",
        "url": f"{notify_url}/v2/webhooks/events",
        "headers": {"Authorization": [f"Bearer {made('webhook-secret')}"]},
        "timeout": "5s",
        "threshold": 5,
        "backoff": "1s",
        "ignoredmediatypes": ["application/octet-stream"],
    }
    token = {
        "realm": f"{public_url}/v2/token",
        "service": service,
        "issuer": "portus-auth",
        "rootcertbundle": ca_file,
        "signingalgorithms": ["ES256"],
    }
    return {
        "auth": {"token": token},
        "notifications": {"events": {"includereferences": True}, "endpoints": [endpoint]},
    }


def instructions(public_url: str, registry_host: str) -> str:
    """Return what to add to a registry that runs elsewhere, and the certificate it must trust."""
    sections = attachment(public_url, registry_host, public_url, "/etc/portus/ca.pem")
    pasteable = "\n".join(as_yaml(sections))
    return (
        "# Add these two sections to the registry's configuration (Distribution 2.x or 3.x) and\n"
        "# restart it. Without sync, leave notifications out.\n"
        f"{pasteable}\n"
        "\n"
        "# Save this as /etc/portus/ca.pem, where the registry runs:\n"
        f"{certificate()}"
    )


def as_yaml(section: dict[str, Any], indent: str = "") -> Iterator[str]:
    """Write nested sections as lines of YAML; auth's image has no library for it."""
    for name, value in section.items():
        if isinstance(value, dict):
            yield f"{indent}{name}:"
            yield from as_yaml(value, f"{indent}  ")
        elif isinstance(value, list) and isinstance(value[0], dict):
            yield f"{indent}{name}:"
            for each in value:
                first, *others = as_yaml(each, f"{indent}    ")
                yield from (f"{indent}  - {first.strip()}", *others)
        else:
            yield f"{indent}{name}: {json.dumps(value)}"  # JSON is YAML too


def certificate() -> str:
    """Return what tokens are checked with; authority and key are made the first time."""
    authority = CertificateAuthority.load_or_create(MADE / "ca.pem", MADE / "ca-key.pem")
    return authority.bundle.decode()


def replace_authority(step: str) -> None:
    """Make another authority and trust both, or sign by the other one, or trust only that."""
    next_key, next_certificate = MADE / "next-ca-key.pem", MADE / "next-ca.pem"
    if step == "begin":
        following = CertificateAuthority.load_or_create(next_certificate, next_key)
        if following.pem.decode() not in certificate():
            replace(MADE / "ca.pem", certificate() + following.pem.decode())
    elif not next_key.exists():
        sys.exit("There is no next authority; begin first.")
    elif step == "switch":
        replace(MADE / "ca-key.pem", next_key.read_text(), mode=0o600)
    elif (MADE / "ca-key.pem").read_text() != next_key.read_text():
        sys.exit("Tokens are still signed by the former authority; switch first.")
    else:
        replace(MADE / "ca.pem", next_certificate.read_text())
        next_certificate.unlink()
        next_key.unlink()


def made(name: str) -> str:
    """Return the secret of that name; it is made the first time."""
    file = MADE / name
    if not file.exists():
        replace(file, secrets.token_urlsafe(32), mode=0o600)
    return file.read_text()


def replace(file: Path, text: str, *, mode: int = 0o444) -> None:
    """Write `file` at once or not at all: a container may be reading it."""
    draft = file.with_name(f".{file.name}.new")
    draft.unlink(missing_ok=True)
    draft.touch()
    draft.write_text(text)
    draft.chmod(mode)
    draft.rename(file)


if __name__ == "__main__":
    main()
