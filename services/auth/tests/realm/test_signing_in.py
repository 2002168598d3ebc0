"""Who gets in: passwords and application tokens, as they change."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from services.auth.tests.realm.client import Reply, password_of
from services.auth.tests.realm.world import SYNC_SECRET, Clock, World, hash_of

from portus_auth.realm.passwords import REMEMBERED_S, VerifiedPasswords
from portus_auth.storage.facts import Account
from portus_auth.storage.tables import ApplicationToken
from portus_auth.usecases.passwords import Passwords


def _sign_in(world: World, name: str, secret: str) -> Reply:
    return world.ask(basic=(name, secret))


@pytest.mark.parametrize("login", ["olga", "OLGA", "olga@example.com", "Olga@Example.COM"])
def test_person_signs_in_by_name_or_address(world: World, login: str) -> None:
    reply = world.ask(basic=(login, password_of("olga")), account=login)
    assert reply.claims["sub"] == "olga"


@pytest.mark.parametrize("login", ["olga", "Olga@Example.COM"])
@pytest.mark.parametrize("account", ["OLGA", "olga@example.com"])
def test_a_token_is_shown_under_each_name_of_its_owner(
    world: World, login: str, account: str
) -> None:
    token = world.give_token(world.set_user("olga"))
    world.facts.changed()
    reply = world.ask(basic=(login, token), account=account, offline_token="true")
    assert reply.claims["sub"] == "olga"
    form = {"grant_type": "refresh_token", "refresh_token": reply.json["refresh_token"]}
    assert world.client.post(**form, account=account).status == 200


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("olga", "wrong"),
        ("olga", ""),
        ("olga", password_of("vic")),
        ("nobody", password_of("olga")),
        ("", ""),
        ("_sync", ""),
        ("_sync", "wrong"),
        ("_ui", SYNC_SECRET),
        ("olga", SYNC_SECRET),
        ("olga", "ptk_" + "a" * 43),
        ("_auth", ""),
    ],
)
def test_wrong_credentials_are_401(shared_world: World, name: str, secret: str) -> None:
    reply = _sign_in(shared_world, name, secret)
    assert reply.status == 401
    assert [error["code"] for error in reply.json["errors"]] == ["UNAUTHORIZED"]
    assert (reply.header("WWW-Authenticate") or "").startswith("Basic ")


def test_wrong_credentials_do_not_become_anonymous_ones(shared_world: World) -> None:
    reply = shared_world.ask("repository:pub/app:pull", basic=("olga", "wrong"))
    assert reply.status == 401


def test_application_token_works_until_it_is_revoked(world: World) -> None:
    token = world.give_token(world.set_user("carl"))
    world.facts.changed()
    assert _sign_in(world, "carl", token).claims["sub"] == "carl"
    assert _sign_in(world, "olga", token).status == 401
    hashed = world.secrets.hashes.of(token)
    world.update(ApplicationToken, ApplicationToken.token_hash == hashed, deleted=True)
    world.facts.changed()
    assert _sign_in(world, "carl", token).status == 401


def test_changed_password_counts_at_once_and_the_old_one_no_longer(world: World) -> None:
    assert world.ask_as("olga").status == 200
    world.set_user("olga", password_hash=hash_of(world.secrets.passwords, "another password"))
    world.facts.changed()
    assert world.ask_as("olga").status == 401
    assert _sign_in(world, "olga", "another password").status == 200


@pytest.mark.parametrize("change", [{"enabled": False}, {"deleted": True}])
def test_lost_account_is_out_although_its_password_was_just_verified(
    world: World, change: dict[str, bool]
) -> None:
    assert world.ask_as("olga").status == 200
    world.set_user("olga", **change)
    world.facts.changed()
    assert world.ask_as("olga").status == 401


def test_bot_has_application_tokens_only(world: World) -> None:
    bot = world.add_user("robbie", bot=True)
    token = world.give_token(bot)
    world.facts.changed()
    assert world.ask_as("robbie").status == 401
    assert _sign_in(world, "robbie", token).claims["sub"] == "robbie"


def test_sync_without_a_secret_cannot_sign_in(world: World) -> None:
    assert _sign_in(world, "_sync", SYNC_SECRET).status == 200
    assert _sign_in(world, "_SYNC", SYNC_SECRET).status == 401


class Slow:
    """Count expensive checks, and hold them until told to go on."""

    def __init__(self) -> None:
        self.checks = 0
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, password_hash: str | None, password: str) -> bool:
        self.checks += 1
        assert self.go_on.wait(10)
        return password_hash == f"hash of {password}"


def _account(password: str) -> Account:
    return Account(
        id=1,
        username="olga",
        keys=("olga",),
        password_hash=f"hash of {password}",
        admin=False,
        enabled=True,
        bot=False,
    )


def test_right_password_is_checked_once_in_ten_minutes() -> None:
    slow, clock = Slow(), Clock()
    passwords = VerifiedPasswords(slow, clock)
    assert all(passwords.matches(_account("a"), "a") for _ in range(5))
    assert slow.checks == 1
    clock.now += REMEMBERED_S + 1
    assert passwords.matches(_account("a"), "a")
    assert slow.checks == 2


def test_unknown_name_costs_what_a_wrong_password_costs() -> None:
    slow = Slow()
    assert not VerifiedPasswords(slow).matches(None, "a")
    assert slow.checks == 1


def test_wrong_password_is_checked_every_time() -> None:
    slow = Slow()
    passwords = VerifiedPasswords(slow)
    assert not any(passwords.matches(_account("a"), "b") for _ in range(3))
    assert slow.checks == 3


def test_remembered_password_is_worthless_after_a_change() -> None:
    slow = Slow()
    passwords = VerifiedPasswords(slow)
    assert passwords.matches(_account("a"), "a")
    assert not passwords.matches(_account("b"), "a")


def test_requests_of_one_push_wait_for_one_check() -> None:
    slow = Slow()
    slow.go_on.clear()
    passwords = VerifiedPasswords(slow)
    started = threading.Barrier(9)

    def ask() -> bool:
        started.wait(10)
        return passwords.matches(_account("a"), "a")

    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(ask) for _ in range(8)]
        started.wait(10)
        slow.go_on.set()
        assert all(answer.result(10) for answer in answers)
    assert slow.checks == 1


def test_full_queue_is_429_in_the_registrys_json(shared_world: World) -> None:
    narrow = Passwords(queue=1)
    client = shared_world.realm_with(narrow)
    started = threading.Barrier(8)

    def ask(number: int) -> Reply:
        started.wait(10)
        return client.ask(basic=("olga", f"wrong {number}"))

    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(ask, range(8)))
    narrow.close()
    refused = [reply for reply in replies if reply.status == 429]
    assert refused
    assert all(reply.status in {401, 429} for reply in replies)
    assert refused[0].json["errors"][0]["code"] == "TOOMANYREQUESTS"
    assert int(refused[0].header("Retry-After") or 0) >= 1
