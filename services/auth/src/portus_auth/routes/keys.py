"""What tokens are checked with, for everybody: the authority's certificate and the leaf keys."""

from __future__ import annotations

from flask import Blueprint, Response

from portus_auth.routes.answers import answer
from portus_auth.routes.deps import Deps


def blueprint(deps: Deps) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("keys", __name__, url_prefix="/.well-known")

    @routes.get("/jwks.json")
    def jwks() -> Response:
        return answer({"keys": deps.signer.public_keys()})

    @routes.get("/portus-ca.pem")
    def authority() -> Response:
        return Response(deps.ca_pem, content_type="application/x-pem-file")

    return routes
