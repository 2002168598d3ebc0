import json
import stat
from pathlib import Path

import pytest

from portus_standalone.refusal import Refusal
from portus_standalone.state import STATE_VERSION, State


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_only_the_owner_can_read_the_data(tmp_path: Path) -> None:
    state = State(tmp_path / "deep" / "var")
    with state.opened():
        state.secrets()
    assert mode(state.directory) == 0o700
    assert mode(state.directory / "secrets.json") == 0o600


def test_a_directory_that_others_could_read_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with State(tmp_path).opened():
        assert mode(tmp_path) == 0o700


def test_secrets_are_made_once(tmp_path: Path) -> None:
    first = State(tmp_path).secrets()
    second = State(tmp_path).secrets()
    assert first == second
    assert len({first.sync, first.catalog, first.ui, first.webhook, first.registry_http}) == 5
    assert first.sync not in repr(first)


def test_a_secret_that_a_newer_version_needs_is_added_to_the_others(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text('{"sync": "kept"}')
    assert State(tmp_path).secrets().sync == "kept"
    assert State(tmp_path).secrets().webhook


def test_a_second_instance_is_refused(tmp_path: Path) -> None:
    with (
        State(tmp_path).opened(),
        pytest.raises(Refusal, match=r"already uses .*--data"),
        State(tmp_path).opened(),
    ):
        pass


def test_the_lock_is_free_again_after_a_run(tmp_path: Path) -> None:
    for _ in range(2):
        with State(tmp_path).opened():
            pass
    assert json.loads((tmp_path / "state_version").read_text()) == STATE_VERSION


@pytest.mark.parametrize("version", [str(STATE_VERSION + 1), "2.0", ""])
def test_what_a_newer_version_wrote_is_refused_and_left_alone(tmp_path: Path, version: str) -> None:
    (tmp_path / "state_version").write_text(version)
    with pytest.raises(Refusal, match="newer Portus"), State(tmp_path).opened():
        pass
    assert (tmp_path / "state_version").read_text() == version


def test_a_file_in_the_way_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(Refusal, match="--data DIR"), State(tmp_path / "var").opened():
        pass
