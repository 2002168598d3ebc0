"""The rows of auth and sync that `lists.py` lists."""

from collections.abc import Iterator

from benchmarks.lists_rows import MANIFEST, Values, digest_of, fill, finish, moment

from portus_shared.db import Database

USERS = 10_000
NAMESPACES = 10_000
MEMBERSHIPS = 100_000
TOKENS = 100_000
DECISIONS = 100_000
DELETIONS = 100_000
DRIFT = 100_000


def auth(database: Database, url: str) -> None:
    """Fill auth: root is the admin, u1 is in ten teams."""
    registry = "id name url external_host settings_seen revision created_at updated_at"
    known = (1, "default", "http://r.test:5000", "r.test:5000", "", 1, moment(0), moment(0))
    fill(database, url, "registries", registry, [known])
    user = "id username username_key admin enabled bot robot revision created_at updated_at"
    fill(database, url, "users", user, _users())
    team = "id name description hidden revision created_at updated_at"
    fill(database, url, "teams", team, _teams())
    member = "team_id user_id role revision created_at updated_at"
    fill(database, url, "team_members", member, _members())
    space = "id registry_id name team_id description visibility is_global revision created_at"
    fill(database, url, "namespaces", f"{space} updated_at", _namespaces())
    token = "user_id application token_hash prefix revision created_at updated_at"
    fill(database, url, "application_tokens", token, _tokens())
    decision = (
        "fingerprint hour first_at last_at count outcome registry_host user_id username address "
        "client repository asked granted because needed visible"
    )
    fill(database, url, "decisions", decision, _decisions())
    finish(database, url, ("users", "teams", "team_members", "namespaces", "decisions"))


def _users() -> Iterator[Values]:
    yield (1, "root", "root", True, True, False, False, 1, moment(0), moment(0))
    for n in range(1, USERS):
        yield (n + 1, f"u{n}", f"u{n}", False, True, False, False, n, moment(n), moment(n))


def _teams() -> Iterator[Values]:
    for n in range(1, NAMESPACES + 1):
        yield (n, f"t{n}", "", False, n, moment(n), moment(n))


def _members() -> Iterator[Values]:
    pairs = {(n % NAMESPACES + 1, n * 7919 % USERS + 1) for n in range(MEMBERSHIPS)}
    pairs |= {(team, 2) for team in range(1, 11)}
    for team, user in sorted(pairs):
        yield (team, user, "owner" if user == 2 else "viewer", 1, moment(0), moment(0))


def _namespaces() -> Iterator[Values]:
    for n in range(1, NAMESPACES + 1):
        kind = "public" if n % 10 == 0 else "private"
        yield (n, 1, f"ns{n}", n, "", kind, False, n, moment(n), moment(n))


def _tokens() -> Iterator[Values]:
    """Ten each."""
    for n in range(TOKENS):
        user, name = n % USERS + 1, f"app{n}"
        yield (user, name, digest_of(n)[7:], "ptk_", n, moment(n), moment(n))


def _decisions() -> Iterator[Values]:
    """One of a hundred was denied, the first thousand failed."""
    for n in range(DECISIONS):
        outcome = "failed" if n < 1_000 else "denied" if n % 100 == 0 else "granted"
        user, at = n % USERS + 1, moment(n)
        yield (
            *(digest_of(n)[7:], n, at, at, 1, outcome, "r.test:5000", user, f"u{user}", "::1"),
            *("docker", f"ns{n % 1000}/app", "[]", "[]", "[]", "[]", True),
        )


def sync(database: Database, url: str) -> None:
    """Fill sync: few deletions failed, and long ago; each scan found much."""
    deletion = (
        "number id registry repository digest requested_by requested_at asked_at state attempts "
        "next_try_at finished_at"
    )
    fill(database, url, "deletion", deletion, _deletions())
    differs = "scan_id scan_cause registry repository tag kind known_digest found_digest found_at"
    fill(database, url, "drift", differs, _drift())
    received = "registry event_id outcome actor instance_id received_at repository reason"
    fill(database, url, "notification", received, _received())
    finish(database, url, ("deletion", "drift", "notification"))


def _deletions() -> Iterator[Values]:
    for n in range(1, DELETIONS + 1):
        state, at = "failed" if n < 100 else "done", moment(n)
        who = f"u{n % 1000}"
        yield (
            *(n, f"request {n}", "default", f"team{n % 100}/app", digest_of(n), who, at, at),
            *(state, 1, at, at),
        )


def _drift() -> Iterator[Values]:
    for n in range(DRIFT):
        kind = "moved" if n < 100 else "missing"
        scan, repository, tag = f"scan {n // 10_000}", f"team{n % 100}/app{n % 1000}", f"v{n}"
        digest = digest_of(n)
        yield (scan, "timer", "default", repository, tag, kind, digest, digest, moment(n))


def _received() -> Iterator[Values]:
    for n in range(100_000):
        yield ("default", f"event {n}", "push", "alice", "one", moment(n), "team/app", MANIFEST)
