import socket
from pathlib import Path

from portus_standalone.distributed.ports import HOST, keep_ports, read_ports


def test_ports_are_chosen_once_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    said: list[str] = []
    first = keep_ports(file, ["auth", "sync"], taken=(), say=said.append)
    assert len(set(first.values())) == 2
    assert (
        keep_ports(file, ["auth", "sync", "ui"], taken=(), say=said.append).items() > first.items()
    )
    assert read_ports(file).keys() == {"auth", "sync", "ui"}
    assert said == []
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_kept_port_that_another_program_took_is_replaced_and_said(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    said: list[str] = []
    before = keep_ports(file, ["auth", "sync"], taken=(), say=said.append)
    with socket.create_server((HOST, before["auth"])):
        after = keep_ports(file, ["auth", "sync"], taken=(), say=said.append)
    assert after["auth"] != before["auth"]
    assert after["sync"] == before["sync"]
    assert said == [f"Port {before['auth']} of auth is taken; it moves to {after['auth']}."]


def test_a_port_that_a_person_chose_for_something_else_is_left_to_it(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    before = keep_ports(file, ["auth"], taken=(), say=lambda _: None)
    after = keep_ports(file, ["auth"], taken=before.values(), say=lambda _: None)
    assert after["auth"] != before["auth"]
