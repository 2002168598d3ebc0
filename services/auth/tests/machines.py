"""What machines get of the token realm."""

from __future__ import annotations

from typing import Any, Final

from services.auth.tests.people import Caller, Person

from portus_auth.app import Auth

HOST: Final = "registry.test:5000"
ASKED: Final = "scope=repository:shop/app:pull,push,delete&scope=repository:shop/app/x:pull,push"


def access(auth: Auth, caller: Person, query: str = ASKED, secret: str = "") -> Any:
    """Return what the realm grants by repository, None where it refuses the caller."""
    form = {"grant_type": "password", "username": caller.username, "service": HOST}
    form |= {"password": secret or caller.token}
    scopes = " ".join(part.removeprefix("scope=") for part in query.split("&"))
    answer = Caller(auth).post("/v2/token", data=form | {"scope": scopes})
    if answer.status_code == 401:
        return None
    assert answer.status_code == 200, answer.text
    words = [word.split(":") for word in answer.json["scope"].split()]
    return {name: set(actions.split(",")) for _, name, actions in words}
