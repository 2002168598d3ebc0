"""The tokens of a robot: a second one, its name and end, and its own end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from portus_shared import errors
from portus_shared.clock import now
from portus_ui.domain.viewer import Viewer
from portus_ui.views.account_rows import token_row
from portus_ui.views.deps import Deps
from portus_ui.views.robot_rows import robot_row
from portus_ui.views.robots import ROBOT, robot_page
from portus_ui.views.token_forms import end_in, lives_of, typed_change

Faults = Mapping[str, Sequence[str]]
_ADDRESS: Final = f"{ROBOT}/tokens/<int(max=2147483647):token_id>"


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/robots/<id>/tokens`` and what is below it."""
    routes = Blueprint("robot_tokens", __name__)

    @routes.post(f"{ROBOT}/tokens")
    def create_token(robot_id: int) -> Response:
        viewer, form = deps.visitors.signed_in(), request.form
        token = {
            "application": form.get("application", "").strip(),
            "expires_at": end_in(form.get("days", "")),
        }
        try:
            made = deps.auth.robots.create_token(viewer, robot_id, token)
        except (errors.Rejected, errors.Conflict) as error:
            faults = _faults(error)
            return robot_page(deps, viewer, robot_id, status=_status(error), token_faults=faults)
        return robot_page(deps, viewer, robot_id, status=201, secret=made["plain_token"])

    @routes.post(f"{_ADDRESS}/delete")
    def delete_token(robot_id: int, token_id: int) -> AnyResponse:
        deps.auth.robots.delete_token(deps.visitors.signed_in(), robot_id, token_id)
        return redirect(f"/robots/{robot_id}", 303)

    _add_change(routes, deps)
    return routes


def _add_change(routes: Blueprint, deps: Deps) -> None:
    @routes.get(_ADDRESS)
    def token(robot_id: int, token_id: int) -> Response:
        return _token_page(deps, deps.visitors.signed_in(), robot_id, token_id)

    @routes.post(_ADDRESS)
    def change_token(robot_id: int, token_id: int) -> AnyResponse:
        viewer = deps.visitors.signed_in()
        former = _token(deps, viewer, robot_id, token_id)
        try:
            change = typed_change(request.form, former)
            deps.auth.robots.change_token(viewer, robot_id, token_id, change)
        except (errors.Rejected, errors.Conflict) as error:
            status, faults = _status(error), _faults(error)
            return _token_page(deps, viewer, robot_id, token_id, status=status, faults=faults)
        return redirect(f"/robots/{robot_id}?saved=1", 303)


def _token(deps: Deps, viewer: Viewer, robot_id: int, token_id: int) -> Mapping[str, Any]:
    found = deps.auth.robots.tokens(viewer, robot_id)
    token = next((each for each in found if each["id"] == token_id), None)
    if token is None:
        raise errors.NotFound
    return token


def _token_page(
    deps: Deps,
    viewer: Viewer,
    robot_id: int,
    token_id: int,
    *,
    status: int = 200,
    faults: Faults | None = None,
) -> Response:
    token = _token(deps, viewer, robot_id, token_id)
    robot, row = robot_row(deps.auth.robots.show(viewer, robot_id), now()), token_row(token, now())
    return deps.renderer.page(
        "robot-token.html",
        status=status,
        here=robot.home.here,
        robot=robot,
        token=row,
        faults=faults or {},
        form=request.form,
        lives=lives_of(row),
    )


def _faults(error: errors.PortusError) -> Faults:
    fields = error.fields if isinstance(error, errors.Rejected) else {}
    return fields or {"application": [error.message]}


def _status(error: errors.PortusError) -> int:
    return 409 if isinstance(error, errors.Conflict) else 422
