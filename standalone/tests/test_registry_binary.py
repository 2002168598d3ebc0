"""Getting the registry: the archive from a local server, the package from the real archive."""

import hashlib
import io
import os
import platform
import shutil
import sys
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from portus_shared.testing.processes import Process
from portus_shared.testing.servers import serve
from portus_shared.testing.waiting import wait_until
from portus_standalone import registry_binary as binary
from portus_standalone.debian_package import unpack_debian_package
from portus_standalone.not_obtained import NotObtained
from portus_standalone.refusal import Refusal
from portus_standalone.release_archive import RELEASE, archive_name, unpack_release

PROGRAM = b"#!/bin/sh\necho registry github.com/distribution/distribution/v3 v3.1.1\n"
NOBODY_UID = "65534"


def archive(name: str = "registry", content: bytes = PROGRAM) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as entries:
        for path in ("LICENSE", "../escaped", name):
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            entries.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


@contextmanager
def release_server(files: dict[str, bytes]) -> Iterator[str]:
    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        body = files.get(environ["PATH_INFO"].lstrip("/"))
        start_response("200 OK" if body is not None else "404 Not Found", [])
        return [body or b""]

    with serve(application) as url:
        yield url


def published(content: bytes, checksum: str | None = None) -> dict[str, bytes]:
    name = archive_name()
    right = hashlib.sha256(content).hexdigest()
    return {name: content, f"{name}.sha256": f"{checksum or right}  {name}\n".encode()}


def test_the_archive_is_named_after_this_machine() -> None:
    assert archive_name().startswith(f"registry_{RELEASE}_linux_")


@pytest.mark.parametrize(("system", "machine"), [("linux", "mips"), ("darwin", "arm64")])
def test_a_machine_without_a_release_is_told_so(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    with pytest.raises(NotObtained, match=f"no release for {system} on {machine}"):
        archive_name()


def test_an_archive_that_matches_its_checksum_is_unpacked(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with release_server(published(archive())) as url:
        program = unpack_release(scratch, url)
    assert program.read_bytes() == PROGRAM
    assert not (tmp_path / "escaped").exists()


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (published(archive(), checksum="0" * 64), "does not match its published checksum"),
        (published(b"no archive"), "cannot be unpacked"),
        (published(archive(name="other")), "cannot be unpacked"),
        ({archive_name(): archive()}, "cannot be reached"),
        ({**published(archive()), f"{archive_name()}.sha256": b""}, "checksum file is empty"),
    ],
    ids=["checksum", "garbage", "content", "missing", "empty"],
)
def test_any_other_archive_is_refused(tmp_path: Path, files: dict[str, bytes], reason: str) -> None:
    with release_server(files) as url, pytest.raises(NotObtained, match=reason):
        unpack_release(tmp_path, url)
    assert not (tmp_path / "registry").exists()


@pytest.fixture
def few_programs(tmp_path: Path) -> Path:
    """A directory for PATH that holds nearly nothing."""
    programs = tmp_path / "path"
    programs.mkdir()
    (programs / "echo").symlink_to("/bin/echo")
    return programs


@pytest.fixture
def bare_path(monkeypatch: pytest.MonkeyPatch, few_programs: Path) -> Path:
    """A PATH with a shell and nothing else."""
    monkeypatch.setenv("PATH", str(few_programs))
    return few_programs


def test_elsewhere_than_on_debian_the_archive_is_taken(bare_path: Path, tmp_path: Path) -> None:
    said: list[str] = []
    target = tmp_path / "bin" / "registry"
    with release_server(published(archive())) as url:
        assert binary.obtain(target, said.append, archive_base=url) == target
    assert os.access(target, os.X_OK)
    assert [file.name for file in target.parent.iterdir()] == ["registry"]
    assert any("this is not Debian" in line for line in said)


def test_where_nothing_works_there_is_no_registry(bare_path: Path, tmp_path: Path) -> None:
    with release_server({}) as url:
        assert binary.obtain(tmp_path / "bin" / "registry", print, archive_base=url) is None
    assert list((tmp_path / "bin").iterdir()) == []


def test_a_program_that_is_no_registry_is_not_kept(bare_path: Path, tmp_path: Path) -> None:
    wrong = archive(content=b"#!/bin/sh\necho something else\n")
    with release_server(published(wrong)) as url:
        assert binary.obtain(tmp_path / "bin" / "registry", print, archive_base=url) is None
    assert list((tmp_path / "bin").iterdir()) == []


@pytest.mark.parametrize("name", ["registry", "docker-registry"])
def test_a_registry_on_path_is_taken(bare_path: Path, tmp_path: Path, name: str) -> None:
    installed = bare_path / name
    installed.write_bytes(PROGRAM)
    installed.chmod(0o755)
    assert binary.find_registry(None, tmp_path / "bin", print) == installed


def test_what_an_earlier_run_fetched_is_taken(bare_path: Path, tmp_path: Path) -> None:
    kept = tmp_path / "bin" / "registry"
    kept.parent.mkdir()
    kept.write_bytes(PROGRAM)
    kept.chmod(0o755)
    assert binary.find_registry(None, kept.parent, print) == kept


def test_a_named_file_is_not_replaced_by_another(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="is not a Docker registry"):
        binary.find_registry(tmp_path / "missing", tmp_path, print)


@pytest.fixture
def needs_apt() -> None:
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        pytest.skip("not run: only where apt-get and dpkg-deb are")


@pytest.mark.usefixtures("needs_apt")
def test_debian_s_package_is_unpacked_and_runs(tmp_path: Path) -> None:
    program = unpack_debian_package(tmp_path)
    assert binary.is_registry(program)
    assert shutil.which("docker-registry") != str(program)


@pytest.mark.usefixtures("needs_apt")
@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
def test_no_root_is_needed_and_no_lists_either(
    tmp_path: Path, open_to_nobody: Callable[[Path], Path]
) -> None:
    """The package comes by lists of our own where the machine's cannot be used."""
    scratch = open_to_nobody(tmp_path)
    without_lists = tmp_path / "apt.conf"
    without_lists.write_text('Dir::State::lists "/nonexistent";')
    code = (
        "from pathlib import Path;"
        "from portus_standalone.debian_package import unpack_debian_package as unpack;"
        f"print(unpack(Path({str(scratch)!r})))"
    )
    environ = {**os.environ, "APT_CONFIG": str(without_lists)}
    process = Process(
        [sys.executable, "-c", code], log=tmp_path / "log", user=NOBODY_UID, env=environ
    )
    wait_until(lambda: not process.is_running, 120)
    assert binary.is_registry(Path(process.output().strip())), process.output()


@pytest.fixture
def open_to_nobody() -> Callable[[Path], Path]:
    def opened(directory: Path) -> Path:
        for parent in (directory, *list(directory.parents)[:-2]):
            parent.chmod(parent.stat().st_mode | 0o711)
        scratch = directory / "scratch"
        scratch.mkdir()
        os.chown(scratch, int(NOBODY_UID), int(NOBODY_UID))
        return scratch

    return opened


def test_two_at_the_same_time_do_not_disturb_each_other(few_programs: Path, tmp_path: Path) -> None:
    """As processes: a thread that forks would hold open the file that another is writing."""
    target = tmp_path / "bin" / "registry"
    code = (
        "import sys;"
        "from pathlib import Path;"
        "from portus_standalone.registry_binary import obtain;"
        "print('GOT', obtain(Path(sys.argv[1]), lambda _: None, archive_base=sys.argv[2]))"
    )
    with release_server(published(archive())) as url:
        processes = [
            Process(
                [sys.executable, "-c", code, str(target), url],
                log=tmp_path / f"log{number}",
                env={**os.environ, "PATH": str(few_programs)},
            )
            for number in range(4)
        ]
        wait_until(lambda: not any(process.is_running for process in processes), 60)
    for process in processes:
        assert f"GOT {target}" in process.output()
    assert target.read_bytes() == PROGRAM
