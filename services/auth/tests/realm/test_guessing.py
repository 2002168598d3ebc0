"""Guessing passwords is slow, and nobody who knows theirs is hindered by those who guess."""

import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import pytest
from services.auth.tests.realm.client import Reply, password_of
from services.auth.tests.realm.world import SYNC_SECRET, Clock, World

from portus_auth.usecases.failures import LIMIT, SAME_TRY_S, WINDOW_S, Failures
from portus_shared.errors import TooMany

PULL = "repository:priv/app:pull"


def _guess(world: World, name: str = "carl", times: int = LIMIT) -> list[int]:
    return [world.ask(basic=(name, f"guess {number}")).status for number in range(times)]


def _is_patient(reply: Reply) -> bool:
    (error,) = reply.json["errors"]
    assert error["code"] == "TOOMANYREQUESTS"
    return reply.status == 429 and 0 < int(reply.header("Retry-After") or 0) <= WINDOW_S


def test_eleventh_guess_within_a_minute_has_to_wait(world: World) -> None:
    assert _guess(world) == [401] * LIMIT
    assert _is_patient(world.ask(basic=("carl", "another guess")))
    assert _is_patient(world.ask(basic=("Carl@example.com", "another guess")))
    assert _is_patient(world.ask(basic=("carl", password_of("carl"))))


def test_name_that_does_not_exist_is_answered_alike(world: World) -> None:
    assert _guess(world, "nobody") == [401] * LIMIT
    assert _is_patient(world.ask(basic=("NOBODY", "another guess")))


def test_wrong_password_costs_what_a_name_that_nobody_has_costs(world: World) -> None:
    """Processor time, not the clock: it tells the hash that was left out, whatever else runs."""
    world.add_user("robby", bot=True, password_hash=None)
    world.set_user("eve", enabled=False)
    world.facts.changed()
    costs = {name: _cost_s(world, name) for name in ("carl", "nobody", "robby", "eve")}
    assert max(costs.values()) < 2 * min(costs.values()), costs


def _cost_s(world: World, name: str) -> float:
    """Return what half of the guesses cost at most."""
    costs = []
    for number in range(7):
        started = time.process_time()
        assert world.ask(basic=(name, f"guess {number}")).status == 401
        costs.append(time.process_time() - started)
    return median(costs)


def test_others_and_other_addresses_do_not_wait(world: World) -> None:
    _guess(world)
    assert world.ask_as("olga").status == 200
    world.client.come_from("198.51.100.1")
    assert world.ask_as("carl").status == 200


def test_tokens_and_passwords_known_to_be_right_do_not_wait(world: World) -> None:
    reply = world.ask(basic=("carl", password_of("carl")), offline_token="true")
    token = world.give_token(world.set_user("carl"))
    world.facts.changed()
    _guess(world)
    assert world.ask(basic=("carl", "guess")).status == 429
    assert world.ask_as("carl").status == 200
    assert world.ask(basic=("carl", token)).status == 200
    form = {"grant_type": "refresh_token", "refresh_token": reply.json["refresh_token"]}
    assert world.client.post(**form).status == 200


def test_containerds_two_tries_are_one_failure(world: World) -> None:
    for number in range(LIMIT - 1):
        guess = f"guess {number}"
        form = {"grant_type": "password", "username": "carl", "password": guess}
        assert world.client.post(PULL, **form).status == 401
        assert world.ask(PULL, basic=("carl", guess)).status == 401
    assert world.ask(basic=("carl", "the tenth")).status == 401
    assert world.ask(basic=("carl", "the eleventh")).status == 429


def test_requests_of_one_push_pass_together(world: World) -> None:
    with ThreadPoolExecutor(40) as pool:
        replies = list(pool.map(lambda _: world.ask_as("carl", PULL), range(60)))
        wrong = list(pool.map(lambda _: world.ask(basic=("olga", "old one")), range(60)))
    assert {reply.status for reply in replies} == {200}
    assert {reply.status for reply in wrong} <= {401, 429}
    assert world.ask_as("olga").status == 200


def test_wrong_tokens_are_slowed_down_by_address_and_right_ones_are_not(world: World) -> None:
    token = world.give_token(world.set_user("carl"))
    world.facts.changed()
    for number in range(LIMIT):
        form = {"grant_type": "refresh_token", "refresh_token": f"prt_{number}"}
        assert world.client.post(**form).status == 401
    assert _is_patient(world.client.post(grant_type="refresh_token", refresh_token="prt_x"))
    assert _is_patient(world.ask(basic=("olga", "ptk_x")))
    assert world.ask(basic=("carl", token)).status == 200
    assert world.ask_as("olga").status == 200


def test_sync_is_never_kept_waiting(world: World) -> None:
    assert _guess(world, "_sync") == [401] * LIMIT
    assert world.ask(basic=("_sync", "guess")).status == 429
    assert world.ask(basic=("_sync", SYNC_SECRET)).status == 200


def _must_wait(failures: Failures, who: str = "carl", address: str = "a") -> int:
    try:
        failures.demand_patience(who, address)
    except TooMany as error:
        return error.retry_after_s
    return 0


def test_patience_ends_a_minute_after_the_first_of_the_ten() -> None:
    clock = Clock()
    failures = Failures(clock)
    for number in range(LIMIT):
        failures.note("carl", "a", str(number))
        clock.now += 3
    assert _must_wait(failures) == WINDOW_S - 3 * LIMIT
    clock.now += WINDOW_S - 3 * LIMIT
    assert _must_wait(failures) == 0
    failures.note("carl", "a", "again")
    assert _must_wait(failures) == 3


@pytest.mark.parametrize(("pause_s", "waits"), [(SAME_TRY_S / 2, False), (SAME_TRY_S, True)])
def test_same_wrong_secret_counts_once_in_two_seconds(pause_s: float, waits: bool) -> None:
    clock = Clock()
    failures = Failures(clock)
    for _ in range(LIMIT):
        failures.note("carl", "a", "the same")
        clock.now += pause_s
    assert bool(_must_wait(failures)) is waits


def test_who_tries_one_password_with_many_names_has_to_wait_with_all_of_them() -> None:
    clock = Clock()
    failures = Failures(clock, of_address=50)
    for number in range(50):
        assert _must_wait(failures, f"name {number}") == 0
        failures.note(f"name {number}", "a", "Summer2026")
    assert _must_wait(failures, "another") == WINDOW_S
    assert _must_wait(failures, "another", "b") == 0
    clock.now += WINDOW_S
    assert _must_wait(failures, "another") == 0
    failures.note("another", "a", "x")
    assert len(failures._known) == 2


def test_all_addresses_of_one_ipv6_network_are_one() -> None:
    failures = Failures(Clock())
    for number in range(LIMIT):
        failures.note("carl", f"2001:db8::{number}", str(number))
    assert _must_wait(failures, address="2001:db8::ffff") > 0
    assert _must_wait(failures, address="2001:db8:0:1::1") == 0


def test_memory_is_bounded() -> None:
    failures = Failures(Clock())
    for number in range(LIMIT):
        failures.note("first", "a", str(number))
    for number in range(10_000):
        failures.note(f"name {number}", "a", "x")
    assert len(failures._known) == 10_000
    assert _must_wait(failures, "first") == 0
