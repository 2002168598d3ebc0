"""CPU per token request of the realm's callable, small and large, without an HTTP server.

`python benchmarks/realm.py` prints microseconds of processor (median of three runs) and ratios:
budget is large at most 1.2 times small: a decision must not depend on how much there is to know.
The signature alone is measured beside it, as the part that no code of ours can save.
"""

import base64
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from wsgiref.types import WSGIApplication

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portus_auth import realm
from portus_auth.decision_log import DecisionLog
from portus_auth.domain.roles import Role, Visibility
from portus_auth.domain.secrets import KeyedHash, new_application_token
from portus_auth.storage.facts import Facts
from portus_auth.storage.tables import (
    ApplicationToken,
    Namespace,
    Registry,
    Team,
    TeamMember,
    User,
)
from portus_auth.token_uses import TokenUses
from portus_auth.usecases.credentials import Secrets
from portus_auth.usecases.failures import Failures
from portus_auth.usecases.passwords import Passwords
from portus_shared import logs
from portus_shared.clock import next_revision, now
from portus_shared.config import Secret
from portus_shared.db import Database
from portus_shared.keys import CertificateAuthority, Signer
from portus_shared.migrations import migrate

SERVICE = "registry.test"
PASSWORD = "correct horse battery staple"
ROUNDS = 3
REQUESTS = 3000
SCOPES = [f"repository:ns{number}/app:pull,push" for number in range(3)]


@dataclass(frozen=True)
class Size:
    """How much there is in the database; grants are memberships."""

    namespaces: int
    users: int
    grants: int


SMALL, LARGE = Size(10, 10, 20), Size(10_000, 10_000, 100_000)


class Bench:
    """A realm over a database of one size."""

    def __init__(self, folder: Path, size: Size) -> None:
        self.passwords = Passwords()
        self.hashes = KeyedHash(b"key")
        self.token = new_application_token()
        self.database = Database(f"sqlite:///{folder / 'auth.sqlite'}", schema="auth")
        migrate(self.database, "portus_auth.migrations")
        with self.database.write() as session:
            self._fill(session, size, next_revision(session))
        ca = CertificateAuthority.load_or_create(folder / "ca.pem", folder / "ca.key")
        self.signer = Signer(ca)
        self.facts = Facts(self.database)
        started = time.process_time()
        self.facts.current()
        self.load_s = time.process_time() - started
        settings = realm.RealmSettings(issuer="portus-auth", sync_secret=Secret(""))
        secrets = Secrets(passwords=self.passwords, hashes=self.hashes)
        self.logins = realm.Logins(self.database, self.facts, self.hashes, timedelta(days=90))
        self.decisions = DecisionLog(self.database, granted_every=100)
        self.uses = TokenUses(self.database)
        self.application = realm.build(
            self.facts,
            self.signer,
            secrets,
            settings,
            logins=self.logins,
            failures=Failures(),
            decisions=self.decisions,
            note_token_use=self.uses.note,
        )

    def close(self) -> None:
        """Give everything back."""
        self.passwords.close()
        self.logins.close()
        self.decisions.close()
        self.uses.close()
        self.database.close()

    def _fill(self, session: Session, size: Size, revision: int) -> None:
        stamp = {"revision": revision, "created_at": now(), "updated_at": now()}
        many = range(1, size.namespaces + 1)
        hashed = self.passwords.hash(PASSWORD)
        rows: dict[type, list[dict[str, Any]]] = {
            Registry: [{"name": "default", "url": "http://r", "external_host": SERVICE}],
            User: [
                {"id": n, "username": f"u{n}", "username_key": f"u{n}", "password_hash": hashed}
                for n in range(1, size.users + 1)
            ],
            Team: [{"id": n, "name": f"t{n}"} for n in many],
            Namespace: [
                {
                    "registry_id": 1,
                    "name": f"ns{n - 1}",
                    "team_id": n,
                    "visibility": Visibility.PRIVATE,
                }
                for n in many
            ],
            TeamMember: _members(size),
            ApplicationToken: [
                {
                    "user_id": 1,
                    "application": "ci",
                    "token_hash": self.hashes.of(self.token),
                    "prefix": "ptk_",
                }
            ],
        }
        for table, values in rows.items():
            session.execute(insert(table), [row | stamp for row in values])


def _members(size: Size) -> list[dict[str, Any]]:
    """Make u1 a contributor of the first three teams, and everybody else something somewhere."""
    chance = random.Random(1)
    pairs = {(team, 1) for team in (1, 2, 3)}
    while len(pairs) < size.grants:
        pairs.add((chance.randint(1, size.namespaces), chance.randint(1, size.users)))
    return [{"team_id": t, "user_id": u, "role": Role.CONTRIBUTOR} for t, u in sorted(pairs)]


def _request(secret: str | None) -> dict[str, Any]:
    query = urlencode([("service", SERVICE), *(("scope", scope) for scope in SCOPES)])
    environ: dict[str, Any] = {"REQUEST_METHOD": "GET", "QUERY_STRING": query}
    if secret:
        basic = base64.b64encode(f"u1:{secret}".encode()).decode()
        environ["HTTP_AUTHORIZATION"] = f"Basic {basic}"
    return environ


def _cpu_us(work: Callable[[], object]) -> float:
    work()
    runs = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(REQUESTS):
            work()
        runs.append((time.process_time() - started) / REQUESTS * 1e6)
    return statistics.median(runs)


def _ask(application: WSGIApplication, secret: str | None) -> Callable[[], object]:
    environ = _request(secret)

    def start(status: str, *_: Any) -> Callable[[bytes], object]:
        assert status == "200 OK", status
        return len

    return lambda: application(dict(environ), start)


def _measure(size: Size) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), size)
        figures = {
            "anonymous": _cpu_us(_ask(bench.application, None)),
            "application token": _cpu_us(_ask(bench.application, bench.token)),
            "cached password": _cpu_us(_ask(bench.application, PASSWORD)),
            "signature alone": _cpu_us(lambda: bench.signer.sign({"sub": "u1"})),
            "loading all facts (ms)": bench.load_s * 1000,
        }
        bench.close()
    return figures


def main() -> None:
    """Print the table; the log lines are written, as in production, but to nowhere."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        logs.configure("info", stream=nowhere)
        small, large = _measure(SMALL), _measure(LARGE)
    print(f"{'CPU µs per request, 3 scopes':<30}{'small':>8}{'large':>8}{'ratio':>8}  budget")
    for name, figure in small.items():
        budget = "≤ 1.2" if name in {"application token", "cached password", "anonymous"} else ""
        ratio = large[name] / figure
        print(f"{name:<30}{figure:>8.0f}{large[name]:>8.0f}{ratio:>8.2f}  {budget}")
    print(f"small: {SMALL}; large: {LARGE}")


if __name__ == "__main__":
    main()
