"""One's own application token: another name, another end, narrower limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from portus_shared import errors
from portus_shared.clock import now
from portus_ui.domain.permissions import scopes_of
from portus_ui.domain.viewer import Viewer
from portus_ui.views.account_rows import token_row
from portus_ui.views.deps import Deps
from portus_ui.views.token_forms import (
    MAY,
    Form,
    lives_of,
    offer,
    typed_change,
    typed_permissions,
    wheres,
)

Faults = Mapping[str, Sequence[str]]
_ADDRESS: Final = "/account/tokens/<int(max=2147483647):token_id>"
_OVER: Final = "This token has expired. Make a new one; it can have the same name."


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/account/tokens/<id>``."""
    routes = Blueprint("token_changes", __name__)

    @routes.get(_ADDRESS)
    def token(token_id: int) -> Response:
        viewer = deps.visitors.signed_in()
        return _page(deps, _own(deps, viewer, token_id))

    @routes.post(_ADDRESS)
    def change_token(token_id: int) -> AnyResponse:
        viewer = deps.visitors.signed_in()
        former = _own(deps, viewer, token_id)
        try:
            deps.auth.account.change_token(viewer, token_id, _typed(request.form, former))
        except errors.Rejected as error:
            faults = error.fields or {"application": [error.message]}
            return _page(deps, former, status=422, faults=faults)
        return redirect("/account/tokens?saved=1", 303)

    return routes


def _own(deps: Deps, viewer: Viewer, token_id: int) -> Mapping[str, Any]:
    """Return one of the viewer's tokens; raises `NotFound`, and `Conflict` for one that is over."""
    mine = deps.auth.account.tokens(viewer)
    token = next((each for each in mine if each["id"] == token_id), None)
    if token is None:
        raise errors.NotFound
    if token.get("expired"):
        raise errors.Conflict(_OVER)
    return token


def _typed(form: Form, former: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is to be different; without limits, choosing none changes nothing."""
    change, chosen = typed_change(form, former), typed_permissions(form)
    limits = former.get("scopes")
    if limits is not None or any(each.may for each in chosen):
        wanted = scopes_of(chosen, None, "scopes")
        if set(wanted) != set(limits or ()):
            change["scopes"] = wanted
    return change


def _page(
    deps: Deps, token: Mapping[str, Any], *, status: int = 200, faults: Faults | None = None
) -> Response:
    row = token_row(token, now())
    return deps.renderer.page(
        "account-token.html",
        status=status,
        here="Account",
        token=row,
        is_limited=token.get("scopes") is not None,
        faults=faults or {},
        form=request.form,
        offer=offer(request.form, token.get("scopes") or [], None),
        may=MAY,
        wheres=wheres(None),
        lives=lives_of(row),
    )
