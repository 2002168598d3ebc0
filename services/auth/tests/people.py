"""Callers of the REST API, by name."""

from __future__ import annotations

import base64
from typing import Any, Final

from werkzeug.test import Client

from portus_auth.app import Auth

ADMIN: Final = {"username": "root", "email": "root@example.org", "password": "a long password"}
PASSWORD: Final = "another long password"


class Caller:
    """Somebody who calls auth, with the same headers each time."""

    def __init__(self, auth: Auth, headers: dict[str, str] | None = None) -> None:
        self.headers = headers or {}
        self._client = Client(auth, use_cookies=False)

    def get(self, path: str, **options: Any) -> Any:
        return self.call("GET", path, **options)

    def post(self, path: str, **options: Any) -> Any:
        return self.call("POST", path, **options)

    def put(self, path: str, **options: Any) -> Any:
        return self.call("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Any:
        return self.call("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Any:
        return self.call("DELETE", path, **options)

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Send one request; the answer is werkzeug's, whose `json` may be anything."""
        headers = {**self.headers, **options.pop("headers", {})}
        return self._client.open(path, method=method, headers=headers, **options)


class Person(Caller):
    """Somebody with an account, who shows an application token."""

    def __init__(self, auth: Auth, user_id: int, username: str, token: str) -> None:
        super().__init__(auth, {"Portus-Auth": f"{username}:{token}"})
        self.id = user_id
        self.username = username
        self.token = token


class Machine(Person):
    """A robot, which shows its first token; `path` is where it is managed."""

    def __init__(self, auth: Auth, made: dict[str, Any]) -> None:
        super().__init__(auth, made["id"], made["name"], made["plain_token"])
        self.path = f"/api/v1/robots/{self.id}"


class People:
    """The admin, and those who are created on demand, each with a token."""

    def __init__(self, auth: Auth, admin_token: str) -> None:
        self._auth = auth
        self.root = Person(auth, 1, ADMIN["username"], admin_token)
        self._known = {self.root.username: self.root}

    def __getitem__(self, username: str) -> Person:
        if username not in self._known:
            self._known[username] = self._create(username)
        return self._known[username]

    def team(self, name: str, **roles: str) -> int:
        """Make a team whose members have these roles; the admin is not in it."""
        owner = next(who for who, role in roles.items() if role == "owner")
        team_id: int = created(self[owner].post("/api/v1/teams", json={"name": name}))["id"]
        for who, role in roles.items():
            if who != owner:
                body = {"user": self[who].username, "role": role}
                created(self.root.post(f"/api/v1/teams/{team_id}/members", json=body))
        return team_id

    def machine(self, namespace: str | None, *permissions: str, name: str = "ci") -> Machine:
        """Make a robot of a namespace, which may do everything there unless something else."""
        given = list(permissions) or [f"{namespace}/*:*"]
        body = {"name": name, "namespace": namespace, "permissions": given}
        return Machine(self._auth, created(self.root.post("/api/v1/robots", json=body)))

    def namespace(self, name: str, team: str, visibility: str = "private") -> int:
        """Make a namespace of a team."""
        body = {"name": name, "team": team}
        namespace_id: int = created(self.root.post("/api/v1/namespaces", json=body))["id"]
        change = {"namespace": {"visibility": visibility}}
        answer = self.root.put(f"/api/v1/namespaces/{namespace_id}", json=change)
        assert answer.status_code == 200, answer.text
        return namespace_id

    def sign_in(self, person: Person, password: str = PASSWORD) -> str:
        """Sign somebody in with a browser; return the handle."""
        body = {"login": person.username, "password": password, "address": "192.0.2.7"}
        answer = created(service(self._auth).post("/internal/v1/sign-ins", json=body))
        return str(answer["handle"])

    def is_signed_in(self, handle: str) -> bool:
        """Tell whether a browser may go on."""
        answer = service(self._auth).post("/internal/v1/principal", json={"sign_in": handle})
        return bool(answer.status_code == 200)

    def robot(self, username: str) -> Person:
        """Return a bot, which has application tokens and no password."""
        if username not in self._known:
            self._known[username] = self._create(username, bot=True)
        return self._known[username]

    def _create(self, username: str, *, bot: bool = False) -> Person:
        user: dict[str, Any] = {"username": username, "email": f"{username}@example.org"}
        user |= {"bot": True} if bot else {"password": PASSWORD}
        user_id = created(self.root.post("/api/v1/users", json={"user": user}))["id"]
        path = f"/api/v1/users/{user_id}/application_tokens"
        token = created(self.root.post(path, json={"application": "test"}))["plain_token"]
        return Person(self._auth, user_id, username, token)


def service(auth: Auth) -> Caller:
    """Return ui, as one of the services."""
    return Caller(auth, {"Authorization": "Bearer the secret of ui", "Portus-Service": "ui"})


def created(answer: Any) -> dict[str, Any]:
    """Return what was created."""
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json
    return body


def basic(username: str, secret: str) -> dict[str, str]:
    """Return the header that shows a name and a secret."""
    text = base64.b64encode(f"{username}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {text}"}
