"""Facts on disk: what a start without the database can rest on, and what it must not."""

import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest
from services.auth.tests.realm.outage import FileAway, ServerAway
from services.auth.tests.realm.world import World

from portus_auth.domain.secrets import KeyedHash
from portus_auth.facts_keeper import FactsKeeper
from portus_auth.storage.facts import Facts
from portus_auth.storage.snapshot import Snapshot
from portus_auth.storage.snapshot_file import PURPOSE, Kept, SnapshotFile, UnusableSnapshot
from portus_shared.keys import CertificateAuthority

HASH_KEY = b"the key of hashes"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "facts"


@pytest.fixture
def file(path: Path, world: World) -> SnapshotFile:
    return SnapshotFile(path, world.ca.derived_key(PURPOSE))


def kept_of(world: World) -> Kept:
    snapshot = world.facts.current()
    return Kept(confirmed_at_s=time.time(), hash_key=HASH_KEY, snapshot=snapshot)


def test_everything_comes_back_as_it_was(world: World, file: SnapshotFile) -> None:
    world.client.log_in("vic")
    world.give_token(world.set_user("eve", enabled=False))
    world.facts.changed()
    kept = kept_of(world)
    file.save(kept)
    assert file.load(60) == kept
    assert kept.snapshot.refresh_tokens
    assert kept.snapshot.roles


def test_file_is_its_owners_and_says_nothing(world: World, file: SnapshotFile, path: Path) -> None:
    kept = kept_of(world)
    file.save(kept)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    content = path.read_bytes()
    stored = [str(account.password_hash) for account in kept.snapshot.accounts.values()]
    for word in (HASH_KEY.decode(), "olga", *stored):
        assert word.encode() not in content
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_whatever_was_changed_in_it_is_noticed(
    world: World, file: SnapshotFile, path: Path
) -> None:
    file.save(kept_of(world))
    content = path.read_bytes()
    for place in (0, 5, 20, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(UnusableSnapshot):
            file.load(60)
    for shorter in (content[:-1], content[:40], b""):
        path.write_bytes(shorter)
        with pytest.raises(UnusableSnapshot):
            file.load(60)


def test_file_of_another_authority_or_none_is_of_no_use(
    world: World, file: SnapshotFile, path: Path, tmp_path: Path
) -> None:
    with pytest.raises(UnusableSnapshot, match="cannot be read"):
        file.load(60)
    file.save(kept_of(world))
    other = CertificateAuthority.load_or_create(tmp_path / "other.pem", tmp_path / "other.key")
    with pytest.raises(UnusableSnapshot, match="another authority"):
        SnapshotFile(path, other.derived_key(PURPOSE)).load(60)


def test_facts_are_trusted_for_as_long_as_the_settings_say(
    world: World, file: SnapshotFile
) -> None:
    kept = kept_of(world)
    file.save(replace(kept, confirmed_at_s=time.time() - 61))
    with pytest.raises(UnusableSnapshot, match="61 s old, and 60 s are allowed"):
        file.load(60)
    file.save(replace(kept, confirmed_at_s=time.time() + 3600))
    with pytest.raises(UnusableSnapshot, match="future"):
        file.load(60)
    file.save(replace(kept, confirmed_at_s=time.time() - 59))
    assert file.load(60).snapshot == kept.snapshot


def test_failed_write_leaves_the_former_facts(world: World, file: SnapshotFile, path: Path) -> None:
    kept = kept_of(world)
    file.save(kept)
    with pytest.raises(TypeError):
        file.save(replace(kept, snapshot=object()))  # type: ignore[arg-type]
    assert file.load(60) == kept
    assert len(list(path.parent.iterdir())) == 1


def test_next_process_decides_from_the_file(
    world: World, file: SnapshotFile, outage: FileAway | ServerAway
) -> None:
    world.set_user("carl", enabled=False)
    file.save(kept_of(world))
    outage.begin()
    later = Facts(world.database, clock=world.clock)
    later.recall(file.load(60).snapshot, age_s=40.0)
    assert later.missing() is None
    assert later.age_s() == pytest.approx(40, abs=1)
    carl = later.current().account("carl")
    assert carl
    assert not carl.enabled
    world.pass_time(3561)
    assert "database" in (later.missing() or "")
    outage.end()
    world.pass_time(3)
    assert later.missing() is None
    assert later.age_s() == 0


def test_what_was_recalled_is_read_afresh_when_the_database_answers(world: World) -> None:
    truth = world.facts.current()
    accounts = {**truth.accounts, 999: replace(truth.accounts[1], id=999)}
    invented = replace(truth, revision=5, accounts=accounts)
    later = Facts(world.database, clock=world.clock)
    later.recall(invented, age_s=1.0)
    assert later.current() == truth


def keeper_of(world: World, file: SnapshotFile, key: bytes = HASH_KEY) -> FactsKeeper:
    return FactsKeeper(world.facts, file, KeyedHash(key), keeps_key=True)


def test_facts_are_kept_after_every_change_and_now_and_then(
    world: World, file: SnapshotFile
) -> None:
    keeper = keeper_of(world, file)
    assert keeper.keep()
    assert not keeper.keep()
    world.set_user("eve", enabled=False)
    world.pass_time()
    assert keeper.keep()
    eve = file.load(60).snapshot.account("eve")
    assert eve
    assert not eve.enabled
    often = FactsKeeper(world.facts, file, KeyedHash(b"k"), keeps_key=False, renew_every_s=0)
    assert often.keep()
    assert often.keep()
    assert file.load(60).hash_key == b""


def test_only_what_the_database_says_is_kept(
    world: World, file: SnapshotFile, outage: FileAway | ServerAway
) -> None:
    keeper = keeper_of(world, file)
    assert not keeper_of(world, file, key=b"").keep()
    outage.begin()
    world.pass_time()
    world.facts.recall(Snapshot(), age_s=0)
    assert not keeper.keep()
    outage.end()
    world.pass_time(3)
    assert keeper.keep()
    assert file.load(60).snapshot == world.facts.current()
