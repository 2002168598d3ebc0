"""`/api/v1/access`: may somebody do something, who may, and what may somebody do, each with why."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, request

from portus_auth.domain.actors import Actor
from portus_auth.domain.policy import Action
from portus_auth.routes.answers import entity, wanted_of, word_of
from portus_auth.routes.deps import Deps
from portus_auth.schemas.access import AccessSchema
from portus_auth.storage.namespaces import SORTABLE
from portus_auth.usecases import explain
from portus_shared.errors import Malformed
from portus_shared.names import is_repository_name
from portus_shared.web.openapi import Operation, described
from portus_shared.web.paging import page_headers, page_of

_NOTHING: Final[dict[str, Any]] = dict.fromkeys(("allowed", "because", "needed", "who", "reach"))


def blueprint(deps: Deps) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("access", __name__, url_prefix="/api/v1")

    @routes.get("/access")
    @described(
        Operation(
            summary="Explain who may do what",
            gives=AccessSchema(),
            paged=True,
            query={
                "user": "who, empty for the anonymous; alone: what they reach",
                "repository": "with action alone: who may",
                "action": "pull, push or delete",
            },
        )
    )
    def show_access() -> Response:
        actor = deps.limited_caller(request)
        user, repository = word_of(request, "user"), word_of(request, "repository")
        if repository is None:
            return _reach(deps, actor, user)
        if not is_repository_name(repository):
            raise Malformed("That is no name of a repository", field="repository")
        action = _action()
        with deps.read() as session:
            if user is None:
                who = explain.who_may(session, actor, repository, action)
                return entity(AccessSchema(), {**_NOTHING, "who": who})
            verdict = explain.explain_access(session, actor, user, repository, action)
        known = {
            "allowed": verdict.allowed,
            "because": verdict.because,
            "needed": verdict.needed,
        }
        return entity(AccessSchema(), {**_NOTHING, **known})

    return routes


def _reach(deps: Deps, actor: Actor, user: str | None) -> Response:
    if not user:
        raise Malformed("Give user, repository and action, or some of them", field="user")
    wanted = wanted_of(request, SORTABLE)
    with deps.read() as session:
        found = explain.reach(session, actor, user, wanted)
    response = entity(AccessSchema(), {**_NOTHING, "reach": found.items})
    response.headers.update(page_headers(request, page_of(request), found.total))
    return response


def _action() -> Action:
    try:
        return Action(word_of(request, "action") or "")
    except ValueError as error:
        raise Malformed("action must be pull, push or delete", field="action") from error
