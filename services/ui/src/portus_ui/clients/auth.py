"""auth: sign-ins, tokens, namespaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portus_shared.config import Secret
from portus_shared.http import Client
from portus_ui.clients.account import Account
from portus_ui.clients.decisions import Decisions
from portus_ui.clients.robots import Robots
from portus_ui.clients.service import Service
from portus_ui.clients.teams import Teams
from portus_ui.clients.users import Users
from portus_ui.domain.viewer import SignIn, Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a person typed at the door, and from where."""

    login: str
    password: str
    address: str
    user_agent: str
    remembered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAdmin:
    """The first account, allowed by the one-time set-up code."""

    code: str
    username: str
    email: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account that somebody makes at a browser with this address."""

    username: str
    email: str
    password: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A viewer and how long its token is good for, in seconds."""

    viewer: Viewer
    expires_in_s: int


class Auth:
    """Ask auth, as the service ui or with a viewer's token."""

    def __init__(self, client: Client, secret: Secret) -> None:
        self.service = Service("auth", client)
        self.teams = Teams(self.service)
        self.account = Account(self.service)
        self.decisions = Decisions(self.service)
        self.users = Users(self.service)
        self.robots = Robots(self.service)
        self._headers = {
            "Authorization": f"Bearer {secret.reveal()}",
            "Portus-Service": "ui",
        }

    def about(self) -> Mapping[str, Any]:
        """Return whether set-up is needed, and the registries' external hosts."""
        answer: Mapping[str, Any] = self._internal("GET", "about")
        return answer

    def principal(self, credential: Mapping[str, Any]) -> Granted:
        """Trade a credential for a viewer; raises `Unauthenticated` when it is not good."""
        answer = self._internal("POST", "principal", json=credential)
        principal = answer["principal"]
        known = principal["kind"] != "anonymous"
        viewer = Viewer(
            name=principal["name"] if known else None,
            admin=bool(principal["admin"]),
            token=answer["token"],
            user_id=principal.get("user_id"),
        )
        return Granted(viewer=viewer, expires_in_s=int(answer["expires_in"]))

    def sign_in(self, credentials: Credentials) -> SignIn:
        """Open a sign-in; raises `Unauthenticated` for a wrong name or password."""
        answer = self._internal(
            "POST",
            "sign-ins",
            json={
                "login": credentials.login,
                "password": credentials.password,
                "address": credentials.address,
                "user_agent": credentials.user_agent,
                "remember": credentials.remembered,
            },
        )
        return SignIn(
            handle=answer["handle"],
            username=answer["user"]["username"],
            expires_at=datetime.fromisoformat(answer["expires_at"]),
        )

    def sign_out(self, handle: str) -> None:
        """Revoke a sign-in."""
        self.service.call(
            "DELETE", "/internal/v1/sign-ins", headers=self._headers, json={"handle": handle}
        )

    def set_up(self, first: FirstAdmin) -> None:
        """Create the first admin; raises `Rejected` or `Denied` with the reason."""
        user = {"username": first.username, "email": first.email, "password": first.password}
        body = {"user": user, "setup_code": first.code}
        self.service.call("POST", "/api/v1/users/bootstrap", json=body)

    def sign_up(self, new: NewAccount) -> None:
        """Make an account for somebody; raises `Rejected`, `TooMany`, or `NotFound` where off."""
        body = {"username": new.username, "email": new.email, "password": new.password}
        self._internal("POST", "sign-ups", json={**body, "address": new.address})

    def ask_for_letter(self, login: str, address: str) -> None:
        """Have a letter sent to who forgot a password, if anybody is meant; raises `TooMany`."""
        body = {"login": login, "address": address}
        path = "/internal/v1/password-letters"
        self.service.call("POST", path, headers=self._headers, json=body)

    def namespaces(self, viewer: Viewer, **params: Any) -> tuple[list[dict[str, Any]], int]:
        """Return the namespaces the viewer may see, with the total behind the page."""
        response = self.service.call("GET", "/api/v1/namespaces", token=viewer.token, params=params)
        found: list[dict[str, Any]] = response.json()
        return found, int(response.headers.get("X-Total", len(found)))

    def _internal(self, method: str, path: str, **options: Any) -> Any:
        return self.service.call(
            method, f"/internal/v1/{path}", headers=self._headers, **options
        ).json()
