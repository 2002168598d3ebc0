"""Real clients of a registry and of the pages, and what they may come through: nginx."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from portus_shared.testing.images import Layout
from portus_shared.testing.missing import find_program

_TIMEOUT_S: Final = 60


class SkopeoFailed(AssertionError):
    """skopeo ended with an error; the message is what it printed."""


@dataclass(frozen=True, slots=True)
class Skopeo:
    """skopeo against registries that speak plain HTTP; references are `host:port/name:tag`.

    `credentials` are `user:password`; without them skopeo asks as nobody.
    """

    program: Path
    home: Path

    def push(
        self, layout: Layout, reference: str, credentials: str | None = None, *options: str
    ) -> None:
        """Copy an image, all platforms of an index included, to a registry."""
        who = ["--dest-creds", credentials] if credentials else ["--dest-no-creds"]
        target = f"docker://{reference}"
        copy = ["copy", "--all", "--dest-tls-verify=false", *who, *options]
        self.run(*copy, layout.source, target)

    def pull(self, reference: str, target: Path, credentials: str | None = None) -> None:
        """Copy an image from a registry into the directory `target`."""
        who = ["--src-creds", credentials] if credentials else ["--src-no-creds"]
        copy = ["copy", "--all", "--src-tls-verify=false", *who]
        self.run(*copy, f"docker://{reference}", f"dir:{target}")

    def inspect(self, reference: str, credentials: str | None = None) -> str:
        """Return the raw manifest of an image."""
        who = ["--creds", credentials] if credentials else ["--no-creds"]
        return self.run("inspect", "--raw", "--tls-verify=false", *who, f"docker://{reference}")

    def delete(self, reference: str, credentials: str | None = None) -> None:
        """Delete an image by the manifest its tag points at."""
        who = ["--creds", credentials] if credentials else ["--no-creds"]
        self.run("delete", "--tls-verify=false", *who, f"docker://{reference}")

    def run(self, *arguments: str) -> str:
        """Run skopeo and return what it printed; raises `SkopeoFailed` with its complaint."""
        done = subprocess.run(
            [str(self.program), "--insecure-policy", *arguments],
            env={**os.environ, "HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.home)},
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        if done.returncode != 0:
            raise SkopeoFailed(done.stderr.strip())
        return done.stdout


def find_skopeo() -> Path:
    """Return the skopeo program; raises `NotInstalled`."""
    return find_program(["skopeo"], component="skopeo", install="skopeo")


def find_nginx() -> Path:
    """Return the nginx program; raises `NotInstalled`."""
    return find_program(["nginx"], component="nginx", install="nginx-light")


def find_chromium() -> Path:
    """Return a Chromium (or Chrome) program; raises `NotInstalled`."""
    names = ["chromium", "chromium-browser", "google-chrome"]
    return find_program(names, component="Chromium", install="chromium")


@contextmanager
def open_browser(program: Path) -> Iterator[Browser]:
    """Start a headless Chromium and end it again.

    Its own sandbox needs a user namespace, which root and most containers do not have.
    """
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield browser
        finally:
            browser.close()
