"""auth and catalog in one process, and a small house of people and namespaces to arrange anew.

What auth publishes reaches the catalogue through auth's own relay and the catalogue's consumer.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jwt
from services.auth.tests.people import ADMIN, Caller, People, Person, basic, created, service
from services.catalog.tests.catalogue import Catalogue
from services.catalog.tests.events import pushed
from sqlalchemy import select

import portus_auth.app
import portus_auth.config
import portus_catalog.app
from portus_catalog.consumers import consumer
from portus_shared.bus import InProcessBus
from portus_shared.bus.parked import parked
from portus_shared.db import Database
from portus_shared.http import Client, WsgiAdapter
from portus_shared.migrations import migrate
from portus_shared.outbox import Relay

SERVICE: Final = "registry.test:5000"
REPOSITORIES: Final = ("shop/app", "shop/a/b", "depot/x", "ada/app", "bea/app", "app", "nowhere/x")
PERSONS: Final = ("ada", "bea", "robby")
TEAMS: Final = ("north", "south")
Actions = Mapping[str, frozenset[str]]
"""Actions by repository; repositories without any are left out."""


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """Who is what in the house; a role of None is no membership."""

    visibilities: Mapping[str, str]
    depot_team: str
    roles: Mapping[tuple[str, str], str | None]
    enabled: Mapping[str, bool]
    admin: Mapping[str, bool]


class House:
    """The two services; everything is changed and asked through their HTTP."""

    def __init__(self, folder: Path) -> None:
        settings = portus_auth.config.read(_environ(folder))
        database = portus_auth.app.open_database(settings)
        migrate(database, portus_auth.app.MIGRATIONS)
        self.auth = portus_auth.app.build(settings, database=database)
        self._catalog_database = Database(f"sqlite:///{folder}/catalog.sqlite", schema="catalog")
        migrate(self._catalog_database, portus_catalog.app.MIGRATIONS)
        auth = Client("http://auth", transport=WsgiAdapter(self.auth))
        self.catalogue = Catalogue(self._catalog_database, folder, auth)
        self._bus, self._stop = InProcessBus(), threading.Event()
        heard = consumer(self._catalog_database)
        self._bus.declare(heard.queue, heard.keys)
        consuming = (heard.queue, heard.deliver, self._stop)
        self._thread = threading.Thread(target=self._bus.consume, args=consuming)
        self._thread.start()
        self.people = self._settle(folder)
        self.others: dict[str, Person] = {}

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self.auth.close()
        self._catalog_database.close()

    def arrange(self, wanted: Arrangement) -> None:
        """Make the house so, and let the catalogue hear of it."""
        root = self.people.root
        for person in PERSONS:
            change = {"enabled": wanted.enabled[person], "admin": wanted.admin[person]}
            path = f"/api/v1/users/{self.people[person].id}"
            _done(root.put(path, json={"user": change}))
        for name, visibility in wanted.visibilities.items():
            self._change_namespace(name, {"visibility": visibility})
        self._change_namespace("depot", {"team": wanted.depot_team})
        for (team, person), role in wanted.roles.items():
            self._set_role(team, person, role)
        self._tell()

    def permit(self, permissions: list[str]) -> str:
        """Make a global robot that has these permissions; return its name."""
        for known in self.people.root.get("/api/v1/robots").json:
            _done(self.people.root.delete(f"/api/v1/robots/{known['id']}"))
        robot = self.people.machine(None, *permissions)
        self.others[robot.username] = robot
        self._tell()
        return robot.username

    def limit(self, owner: str, scopes: list[str]) -> str:
        """Give somebody a token with these scopes; return what to ask with it as."""
        path = f"/api/v1/users/{self.people[owner].id}/application_tokens"
        for known in self.people.root.get(path).json:
            if known["application"] == "limited":
                token = f"/api/v1/users/application_tokens/{known['id']}"
                _done(self.people.root.delete(token))
        body = {"application": "limited", "scopes": scopes}
        token = created(self.people.root.post(path, json=body))["plain_token"]
        who = f"{owner} with scopes"
        self.others[who] = Person(self.auth, self.people[owner].id, owner, token)
        return who

    def granted(self, who: str) -> Actions:
        """Return what the realm gives somebody who asks for everything."""
        scopes = "&".join(f"scope=repository:{name}:pull,push,delete" for name in REPOSITORIES)
        answer = Caller(self.auth, self._shown(who)).get(f"/v2/token?service={SERVICE}&{scopes}")
        if answer.status_code == 401:
            return {}
        claims = jwt.decode(answer.json["token"], options={"verify_signature": False})
        return {each["name"]: frozenset(each["actions"]) for each in claims["access"]}

    def explained(self, who: str) -> Actions:
        """Return what the explanation says that somebody may."""
        found = {
            name: frozenset(
                action for action in ("pull", "push", "delete") if self._may(who, name, action)
            )
            for name in REPOSITORIES
        }
        return {name: actions for name, actions in found.items() if actions}

    def listed(self, who: str) -> Actions:
        """Return what the catalogue lists for somebody, with what it says they may do there."""
        credential = (
            {"portus_auth": self._shown(who)["Portus-Auth"]} if who else {"anonymous": True}
        )
        answer = service(self.auth).post("/internal/v1/principal", json=credential)
        if answer.status_code == 401:
            return {}
        headers = {"Authorization": f"Bearer {answer.json['token']}"}
        client = self.catalogue.app.test_client()
        response = client.get("/api/v1/repositories?all=true", headers=headers)
        assert response.status_code == 200
        items: list[dict[str, Any]] = response.json or []
        return {each["full_name"]: frozenset(each["actions"]) for each in items}

    def _settle(self, folder: Path) -> People:
        code = (folder / "setup-code").read_text().strip()
        body = {"user": ADMIN, "setup_code": code}
        nobody = Caller(self.auth)
        people = People(
            self.auth, created(nobody.post("/api/v1/users/bootstrap", json=body))["plain_token"]
        )
        people.robot("robby")
        self._team_ids = {name: people.team(name, keeper="owner") for name in TEAMS}
        people.namespace("shop", "north")
        people.namespace("depot", "south")
        assert people["ada"].id != people["bea"].id
        for number, name in enumerate(REPOSITORIES):
            self.catalogue.hears(pushed(f"{name}:1", name, number))
        return people

    def _change_namespace(self, name: str, change: dict[str, str]) -> None:
        root = self.people.root
        (found,) = root.get(f"/api/v1/namespaces?name={name}").json
        _done(root.put(f"/api/v1/namespaces/{found['id']}", json={"namespace": change}))

    def _set_role(self, team: str, person: str, role: str | None) -> None:
        root, path = self.people.root, f"/api/v1/teams/{self._team_ids[team]}/members"
        members = {each["username"]: each for each in root.get(f"{path}?all=true").json}
        known = members.get(person)
        if known and role:
            _done(root.put(f"{path}/{known['id']}", json={"role": role}))
        elif known:
            _done(root.delete(f"{path}/{known['id']}"))
        elif role:
            _done(root.post(path, json={"user": person, "role": role}))

    def _tell(self) -> None:
        Relay(self.auth.database, self._bus).drain()
        with self._catalog_database.read() as session:
            assert session.execute(select(parked.c.key, parked.c.reason)).all() == []

    def _may(self, who: str, repository: str, action: str) -> bool:
        question = f"user={who}&repository={repository}&action={action}"
        answer = self.people.root.get(f"/api/v1/access?{question}")
        assert answer.status_code == 200, answer.text
        return bool(answer.json["allowed"])

    def _shown(self, who: str) -> dict[str, str]:
        if not who:
            return {}
        person = self.others.get(who) or self.people[who]
        shown = f"{person.username}:{person.token}"
        return {"Portus-Auth": shown, **basic(person.username, person.token)}


def _done(answer: Any) -> None:
    assert answer.status_code in {200, 201, 204}, answer.text


def _environ(folder: Path) -> dict[str, str]:
    return {
        "PORTUS_DATABASE_URL": f"sqlite:///{folder}/auth.sqlite",
        "PORTUS_BUS_URL": "inprocess:",
        "PORTUS_PUBLIC_URL": "http://portus.test",
        "PORTUS_CA_CERT_FILE": str(folder / "ca.pem"),
        "PORTUS_CA_KEY_FILE": str(folder / "ca.key"),
        "PORTUS_REGISTRY_URL": "http://registry.test:5000",
        "PORTUS_REGISTRY_EXTERNAL_HOST": SERVICE,
        "PORTUS_SYNC_SECRET": "the secret of sync",
        "PORTUS_CATALOG_SECRET": "the secret of catalog",
        "PORTUS_UI_SECRET": "the secret of ui",
        "PORTUS_SETUP_CODE_FILE": str(folder / "setup-code"),
    }
